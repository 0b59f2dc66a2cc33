import Type from 'typebox';
import { digest, epochMs, type Json, type Normalized, parseInstant, type RawRecord, reader } from '../../src/contract/index.ts';
import type { Chunk, Stretch } from './retention.ts';
import { type AnySeries, seriesKey } from './series-key.ts';
import type { Joined } from './series-query.ts';

const Common = {
  periodSeconds: Type.Number(),
  label: Type.Optional(Type.String()),
  timestamps: Type.Array(Type.String()),
  values: Type.Array(Type.Number()),
};
const Queries = Type.Array(Type.Object({ Id: Type.String() }));
const metricChunk = reader(
  Type.Object({
    ...Common,
    namespace: Type.String(),
    metric: Type.String(),
    dimensions: Type.Record(Type.String(), Type.String()),
    statistic: Type.String(),
    unit: Type.Optional(Type.String()),
  }),
);
const mathChunk = reader(Type.Object({ ...Common, queries: Queries, result: Type.String() }));

/** The chunks of one series as records: what was asked, and the values as sent. Sorted once, so that a million points stay cheap. */
export function* toChunks(asked: AnySeries, { periodSeconds, chunks }: Stretch, answer: Joined): Generator<RawRecord> {
  const points = [...answer.points].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  let next = 0;
  for (const chunk of chunks) {
    while (next < points.length && (points[next]?.[0] ?? '') < chunk.from) next += 1;
    const first = next;
    while (next < points.length && (points[next]?.[0] ?? '') < chunk.to) next += 1;
    yield toChunk(asked, periodSeconds, chunk, { ...answer, inside: points.slice(first, next) });
  }
}

type Inside = Pick<Joined, 'label' | 'messages'> & { readonly inside: readonly (readonly [string, number])[] };

function toChunk(asked: AnySeries, periodSeconds: number, { from, to }: Chunk, { inside, label, messages }: Inside): RawRecord {
  const { kind, ...what } = asked;
  const name = kind === 'metric' ? seriesKey(asked) : `math:${digest(seriesKey(asked))}#${asked.result}`;
  return {
    nativeId: `${name}@${periodSeconds}/${from}`,
    request: 'GetMetricData',
    body: {
      ...(JSON.parse(JSON.stringify(what)) as { readonly [key: string]: Json }),
      periodSeconds,
      from,
      to,
      ...(label !== undefined && { label }),
      ...(messages.length > 0 && { messages }),
      timestamps: inside.map(([time]) => time),
      values: inside.map(([, value]) => value),
    },
  };
}

/** What a chunk says: a series, unless it is empty. */
export function readChunk(source: string, body: Json): Normalized {
  const metric = metricChunk.read(body);
  const math = metric ? undefined : mathChunk.read(body);
  const chunk = metric ?? math;
  if (!chunk) return { events: [], issues: [metricChunk.problem(body)] };
  const starts = chunk.timestamps.map((time) => parseInstant(time));
  const bad = starts.findIndex((start, index) => start === undefined || chunk.values[index] === undefined);
  if (bad >= 0 || starts.length !== chunk.values.length) {
    return { events: [], issues: [{ pointer: `/timestamps/${Math.max(0, bad)}`, problem: 'times and values do not pair' }] };
  }
  // Asked and empty: it says that there was nothing, which is no series.
  if (starts.length === 0) return { events: [], issues: [] };
  const numbers = {
    periodMs: chunk.periodSeconds * 1_000,
    startsMs: Float64Array.from(starts, (start) => (start ? epochMs(start) : Number.NaN)),
    values: Float64Array.from(chunk.values),
  };
  if (math) {
    const key = `${source}/${seriesKey({ kind: 'math', queries: math.queries, result: math.result })}`;
    return {
      events: [],
      series: [{ key, metric: math.label ?? math.result, dimensions: {}, statistic: 'Expression', ...numbers }],
      issues: [],
    };
  }
  if (!metric) return { events: [], issues: [] };
  const { namespace, dimensions, statistic, unit } = metric;
  const key = `${source}/${seriesKey({ kind: 'metric', namespace, metric: metric.metric, dimensions, statistic })}`;
  const seed = { key, metric: metric.metric, dimensions, statistic, ...(unit !== undefined && { unit }), ...numbers };
  return { events: [], series: [seed], issues: [] };
}
