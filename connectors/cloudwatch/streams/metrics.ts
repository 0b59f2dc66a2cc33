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

/** The metrics that keys name as `metric:NAMESPACE NAME`, each with every set of dimensions that had values of late. */
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

async function* pull(client: CloudWatch, { keys, window, resumeAfter, calls, signal }: PullRequest<unknown>): AsyncGenerator<PullItem> {
  for (const key of keys.slice(resumeAfter === undefined ? 0 : keys.indexOf(resumeAfter) + 1)) {
    const [, namespace, name] = /^metric:(\S+) (.+)$/.exec(key) ?? [];
    if (namespace === undefined || name === undefined) {
      yield { kind: 'gap', gap: { window, reason: 'unreadable', detail: `not the name of a metric, NAMESPACE NAME: ${key}` } };
      continue;
    }
    const tokens = new Set<string>();
    let token: string | undefined;
    let found = 0;
    do {
      if (!calls.take()) {
        return yield { kind: 'gap', gap: { window, reason: 'budget', detail: `metrics not listed from ${namespace} ${name} on` } };
      }
      const page = await client.listMetrics({ namespace, name, token }, signal);
      found += page.items.length;
      for (const body of page.items) {
        const read = listed.read(body);
        const nativeId = read ? seriesKey(toSeries(read)) : JSON.stringify(body);
        yield { kind: 'record', record: { nativeId, body, request: `ListMetrics ${namespace} ${name}` } };
      }
      token = nextToken(page, tokens, 'ListMetrics');
    } while (token !== undefined);
    const none = `CloudWatch lists no metric ${namespace} ${name} in ${client.region}; it lists those with values in the last two weeks.`;
    if (found === 0) yield { kind: 'hint', hint: none };
    yield { kind: 'checkpoint', cursor: key };
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
