import type { Calls, Gap, Json, PullItem, PullRequest, Stream } from '../../../src/contract/index.ts';
import type { CloudWatch } from '../client.ts';
import { nextToken } from '../pages.ts';
import { readChunk, toChunks } from '../series-chunk.ts';
import type { AnySeries } from '../series-key.ts';
import { type Batch, type Joined, joinPages, partKeys, planBatches } from '../series-query.ts';

/** "$0.01 per 1,000 metrics requested using GetMetricData" (third-party figure, see the README). */
const USD_PER_METRIC = 0.01 / 1_000;

/** Values of the metrics that keys name, each at the finest period that is still kept. */
export const series: Stream<CloudWatch, unknown> = {
  spec: {
    id: 'series',
    emits: [],
    need: 'needed',
    windowField: 'keys',
    mutability: 'mutable',
    // "Values converge for up to 10 minutes", and later for some namespaces.
    settleSeconds: 900,
  },
  estimate: ({ keys, window, now }) => {
    const { batches } = planBatches(keys, window, now);
    return { requests: batches.length, usd: batches.reduce((sum, { metrics }) => sum + metrics, 0) * USD_PER_METRIC };
  },
  pull,
  parts: ({ scope, keys }) => partKeys(keys).map((own) => ({ scope, keys: own })),
  normalize: ({ source, body }) => readChunk(source, body),
};

async function* pull(
  client: CloudWatch,
  { keys, window, now, resumeAfter, calls, signal }: PullRequest<unknown>,
): AsyncGenerator<PullItem> {
  const { batches, losses, unreadable } = planBatches(keys, window, now);
  if (resumeAfter === undefined) {
    for (const loss of losses) yield { kind: 'gap', gap: { window: loss.window, reason: 'retention', detail: loss.detail } };
    for (const key of unreadable) yield { kind: 'gap', gap: { window, reason: 'unreadable', detail: `not the key of a series: ${key}` } };
  }
  for (const batch of batches.slice(batches.findIndex(({ id }) => id === resumeAfter) + 1)) {
    const first = await readBatch(client, batch, calls, signal);
    const failed = batch.queries.filter(({ Id }) => first?.get(Id)?.status === 'InternalError');
    // The vendor's own advice for a series that failed inside an answer: ask for it again, once.
    const again = failed.length > 0 ? await readBatch(client, retryOf(batch, failed), calls, signal) : undefined;
    const answers = again ? new Map([...(first ?? []), ...again]) : first;
    if (!answers) return yield { kind: 'gap', gap: { window, reason: 'budget', detail: `series not read from ${batch.from} on` } };
    yield* tellBatch(batch, answers);
    yield { kind: 'checkpoint', cursor: batch.id };
  }
}

/** The answers of a batch by query id, all its pages joined; nothing where the budget ends before its last page. */
async function readBatch(
  client: CloudWatch,
  { queries, from, stretch }: Pick<Batch, 'queries' | 'from' | 'stretch'>,
  calls: Calls,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Joined> | undefined> {
  const pages: (readonly Json[])[] = [];
  const tokens = new Set<string>();
  let token: string | undefined;
  do {
    if (!calls.take()) return undefined;
    const page = await client.metricData({ queries, from, to: stretch.until, token }, signal);
    pages.push(page.items);
    token = nextToken(page, tokens, 'GetMetricData');
  } while (token !== undefined);
  return joinPages(pages);
}

/** An expression needs its operands again; plain metrics need nothing of each other. */
function retryOf(batch: Batch, failed: Batch['queries']): Batch {
  return batch.queries.some(({ Expression }) => Expression !== undefined) ? batch : { ...batch, queries: failed };
}

function* tellBatch(batch: Batch, answers: ReadonlyMap<string, Joined>): Generator<PullItem> {
  const { until } = batch.stretch;
  for (const [id, asked] of batch.series) {
    const answer = answers.get(id);
    const problem = problemOf(answer?.status);
    // Half an answer is not kept: it would stand in for the whole chunk that an earlier pull may have stored.
    if (!answer || problem) {
      const detail = `${nameOf(asked)}: ${problem?.detail ?? 'CloudWatch gave no answer'}${answer?.messages.map((message) => `; ${message}`).join('') ?? ''}`;
      yield { kind: 'gap', gap: { window: { from: batch.from, to: until }, reason: problem?.reason ?? 'unavailable', detail } };
      continue;
    }
    if (answer.points.size === 0) yield { kind: 'hint', hint: `${nameOf(asked)} has no values from ${batch.from} to ${until}.` };
    for (const record of toChunks(asked, batch.stretch, answer)) yield { kind: 'record', record };
  }
}

const PROBLEMS: Readonly<Record<string, Pick<Gap, 'reason' | 'detail'>>> = {
  Forbidden: { reason: 'forbidden', detail: 'AWS does not permit these values: the account that owns the metric must share it' },
  InternalError: { reason: 'unavailable', detail: 'CloudWatch failed while reading the values' },
  PartialData: { reason: 'result_limit', detail: 'CloudWatch stopped in the middle of the values' },
};

function problemOf(status: string | undefined): Pick<Gap, 'reason' | 'detail'> | undefined {
  return status === undefined ? undefined : PROBLEMS[status];
}

function nameOf(asked: AnySeries): string {
  return asked.kind === 'metric' ? `${asked.namespace} ${asked.metric}` : `the expression ${asked.result}`;
}
