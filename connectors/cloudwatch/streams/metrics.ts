import Type from 'typebox';
import { type EvidenceRecord, type Normalized, type PullItem, type PullRequest, reader, type Stream } from '../../../src/contract/index.ts';
import type { CloudWatch } from '../client.ts';
import { nextToken } from '../pages.ts';
import { type MetricSeries, seriesKey } from '../series-key.ts';

const Listed = Type.Object({
  Namespace: Type.String({ minLength: 1 }),
  MetricName: Type.String({ minLength: 1 }),
  Dimensions: Type.Optional(Type.Array(Type.Object({ Name: Type.String(), Value: Type.String() }))),
});
const listed = reader(Listed);

/** Pages that are looked through for names that begin alike, of five hundred metrics each. */
const MAX_PAGES = 20;
const LISTED = 500;

/** The metrics that keys name as `metric:NAMESPACE NAME`, or as `metric:NAMESPACE BEGINNING*`, each with every set of dimensions that had values of late. */
export const metrics: Stream<CloudWatch, unknown> = {
  spec: {
    id: 'metrics',
    emits: [],
    need: 'extra',
    windowField: 'none',
    mutability: 'mutable',
    // "It can take up to 15 minutes for a new metric to appear."
    settleSeconds: 900,
  },
  estimate: ({ keys }) => ({ requests: keys.length }),
  pull,
  parts: ({ scope, keys }) => keys.map((key) => ({ scope, keys: [key] })),
  normalize,
};

async function* pull(client: CloudWatch, request: PullRequest<unknown>): AsyncGenerator<PullItem> {
  const { keys, window, resumeAfter } = request;
  for (const key of keys.slice(resumeAfter === undefined ? 0 : keys.indexOf(resumeAfter) + 1)) {
    const [, namespace, name] = /^metric:(\S+) (.+)$/.exec(key) ?? [];
    if (namespace === undefined || name === undefined) {
      yield { kind: 'gap', gap: { window, reason: 'unreadable', detail: `not the name of a metric, NAMESPACE NAME: ${key}` } };
      continue;
    }
    let found = false;
    for (const question of questionsOf(namespace, name)) {
      for await (const item of listAll(client, question, request)) {
        found ||= item.kind === 'record';
        yield item;
        if (item.kind === 'gap' && item.gap.reason === 'budget') return;
      }
      if (found) break;
    }
    const none = `CloudWatch lists no metric ${namespace} ${name} in ${client.region}; it lists those with values in the last two weeks.`;
    if (!found) yield { kind: 'hint', hint: none };
    yield { kind: 'checkpoint', cursor: key };
  }
}

/** What is asked, and which of the answer is meant: CloudWatch finds metrics by whole names alone. */
interface Listing {
  readonly namespace?: string;
  readonly name?: string;
  /** How `NAMESPACE/NAME` begins, where not all of the answer is wanted. */
  readonly start?: string;
  readonly told: string;
}

/**
 * What the words may mean, the likeliest first; the next is asked where there was nothing. A name may hold slashes, and whoever wrote
 * it with slashes alone did not say which of them ends the namespace. With `*` at its end it is all names of the namespace that begin so;
 * else all namespaces.
 */
function questionsOf(namespace: string, name: string): readonly Listing[] {
  const told = `${namespace} ${name}`;
  const parts = namespace.split('/');
  if (!name.endsWith('*')) {
    return parts.map((_, at) => ({
      namespace: parts.slice(0, parts.length - at).join('/'),
      name: [...parts.slice(parts.length - at), name].join('/'),
      told,
    }));
  }
  const start = `${namespace}/${name.slice(0, -1)}`;
  return [
    { namespace, start, told },
    { start, told },
  ];
}

async function* listAll(
  client: CloudWatch,
  { start, told, ...question }: Listing,
  { window, calls, signal }: PullRequest<unknown>,
): AsyncGenerator<PullItem> {
  const tokens = new Set<string>();
  let token: string | undefined;
  for (let page = 0; page === 0 || token !== undefined; page += 1) {
    if (start !== undefined && page === MAX_PAGES) {
      const detail = `${told}: looked for in the first ${MAX_PAGES * LISTED} metrics of ${question.namespace ?? 'the account'}, which has more`;
      return yield { kind: 'gap', gap: { window, reason: 'result_limit', detail } };
    }
    if (!calls.take()) return yield { kind: 'gap', gap: { window, reason: 'budget', detail: `metrics not listed from ${told} on` } };
    const answer = await client.listMetrics({ ...question, token }, signal);
    for (const body of answer.items) {
      const read = listed.read(body);
      if (start !== undefined && read && !`${read.Namespace}/${read.MetricName}`.startsWith(start)) continue;
      yield {
        kind: 'record',
        record: { nativeId: read ? seriesKey(toSeries(read)) : JSON.stringify(body), body, request: `ListMetrics ${told}` },
      };
    }
    token = nextToken(answer, tokens, 'ListMetrics');
  }
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const read = listed.read(body);
  if (!read) return { events: [], issues: [listed.problem(body)] };
  return { events: [], facts: [{ kind: 'metric', key: `${source}/${seriesKey(toSeries(read))}` }], issues: [] };
}

function toSeries({ Namespace, MetricName, Dimensions = [] }: Type.Static<typeof Listed>): MetricSeries {
  const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
  return { kind: 'metric', namespace: Namespace, metric: MetricName, dimensions, statistic: statisticOf(MetricName) };
}

/** No alarm says how the metric is looked at: what its name calls a number of things is summed, anything else averaged. */
function statisticOf(name: string): 'Sum' | 'Average' {
  return /(?:count|errors?|faults?|requests?|throttles|invocations|failures?|sent|received|deleted|published|rejected)$/i.test(name)
    ? 'Sum'
    : 'Average';
}
