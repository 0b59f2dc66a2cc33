import Type, { type Static } from 'typebox';
import { epochMs, type Instant, type Json, reader } from '../../src/contract/index.ts';
import type { MetricQuery } from './questions.ts';
import { type Chunk, planChunks, type Stretch } from './retention.ts';
import { type AnySeries, type MathSeries, type MetricSeries, readWanted, seriesKey, type WantedSeries } from './series-key.ts';

/** Queries of one call. */
const MAX_QUERIES = 500;
/** Points of one page: more in one call would only come on further pages, and sooner meet the limit of points a second. */
const PAGE_POINTS = 100_800;

/** One call with all its pages: several metrics, or the queries of one math expression, over one stretch. */
export interface Batch {
  /** Names the batch among those of one request. */
  readonly id: string;
  readonly stretch: Stretch;
  readonly from: Instant;
  readonly queries: readonly MetricQuery[];
  /** By query id, for those that return data. */
  readonly series: ReadonlyMap<string, AnySeries>;
  /** What the vendor bills: metrics, not calls. */
  readonly metrics: number;
}

export interface Plan {
  readonly batches: readonly Batch[];
  readonly losses: readonly { readonly window: Chunk; readonly detail: string }[];
  readonly unreadable: readonly string[];
}

/** What a request for series comes to: the calls, and what retention has taken. The same request gives the same plan. */
export function planBatches(keys: readonly string[], window: Chunk, now: Instant): Plan {
  const wanted = keys.map((key) => ({ key, wanted: readWanted(key) }));
  const byPeriod = Map.groupBy(
    wanted.flatMap(({ wanted: found }) => (found ? [found] : [])),
    ({ periodSeconds }) => periodSeconds,
  );
  const plans = [...byPeriod].map(([periodSeconds, group]) => {
    const { stretches, losses } = planChunks(window, periodSeconds, now);
    const needed = group.filter(({ isIfKept }) => !isIfKept);
    const askedAt = (stretch: Stretch) => (stretch.periodSeconds === periodSeconds ? group : needed);
    return { batches: stretches.flatMap((stretch) => batchesOf(stretch, askedAt(stretch))), losses: needed.length > 0 ? losses : [] };
  });
  return {
    batches: plans.flatMap(({ batches }) => batches),
    losses: plans.flatMap(({ losses }) => losses),
    unreadable: wanted.filter(({ wanted: found }) => !found).map(({ key }) => key),
  };
}

/** The keys in parts that share no call: the metrics of one period, and each expression. */
export function partKeys(keys: readonly string[]): readonly (readonly string[])[] {
  const parts = Map.groupBy(keys, (key) => {
    const wanted = readWanted(key);
    return wanted?.series.kind === 'math' ? key : `${wanted?.periodSeconds}`;
  });
  return [...parts.values()];
}

type Common = Pick<Batch, 'stretch' | 'from'>;

function batchesOf(stretch: Stretch, wanted: readonly WantedSeries[]): readonly Batch[] {
  const from = stretch.chunks[0]?.from;
  if (from === undefined) return [];
  const distinct = [...new Map(wanted.map(({ series }) => [seriesKey(series), series])).values()];
  const plain = distinct.flatMap((series) => (series.kind === 'metric' ? [series] : []));
  const math = distinct.flatMap((series) => (series.kind === 'math' ? [series] : []));
  const points = Math.ceil((epochMs(stretch.until) - epochMs(from)) / (stretch.periodSeconds * 1_000));
  const size = Math.max(1, Math.min(MAX_QUERIES, Math.floor(PAGE_POINTS / points)));
  const common = { stretch, from };
  const parts = Array.from({ length: Math.ceil(plain.length / size) }, (_, index) => plain.slice(index * size, (index + 1) * size));
  return [...parts.map((part, index) => metricBatch(common, part, index)), ...math.map((series) => mathBatch(common, series))];
}

function metricBatch(common: Common, part: readonly MetricSeries[], index: number): Batch {
  const { stretch, from } = common;
  const queries = part.map((series, place) => metricQuery(series, `q${place}`, stretch.periodSeconds));
  const series = new Map(part.map((one, place) => [`q${place}`, one]));
  return { ...common, id: `${stretch.periodSeconds}/${from}/${index}`, queries, series, metrics: queries.length };
}

/** An expression names its operands by their ids, which are unique in one alarm only: it goes alone. */
function mathBatch(common: Common, series: MathSeries): Batch {
  const { stretch, from } = common;
  const queries = series.queries.map((query) => atPeriod(query, series.result, stretch.periodSeconds));
  const metrics = queries.filter(({ MetricStat }) => MetricStat).length;
  return {
    ...common,
    id: `${stretch.periodSeconds}/${from}/${seriesKey(series)}`,
    queries,
    series: new Map([[series.result, series]]),
    metrics,
  };
}

function metricQuery({ namespace, metric, dimensions, statistic }: MetricSeries, Id: string, periodSeconds: number): MetricQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id,
    MetricStat: { Metric: { Namespace: namespace, MetricName: metric, Dimensions }, Period: periodSeconds, Stat: statistic },
    ReturnData: true,
  };
}

function atPeriod({ MetricStat, Period, ...query }: MetricQuery, result: string, periodSeconds: number): MetricQuery {
  return {
    ...query,
    ...(MetricStat && { MetricStat: { ...MetricStat, Period: periodSeconds } }),
    ...(Period !== undefined && { Period: periodSeconds }),
    ReturnData: query.Id === result,
  };
}

const Result = Type.Object({
  Id: Type.String(),
  Label: Type.Optional(Type.String()),
  Timestamps: Type.Optional(Type.Array(Type.String())),
  Values: Type.Optional(Type.Array(Type.Number())),
  StatusCode: Type.Optional(Type.String()),
  Messages: Type.Optional(Type.Array(Type.Object({ Code: Type.Optional(Type.String()), Value: Type.Optional(Type.String()) }))),
});
const result = reader(Result);

/** One query's answer, its pages joined. */
export interface Joined {
  readonly status: string;
  readonly label?: string;
  readonly messages: readonly string[];
  /** By time text, as sent. */
  readonly points: ReadonlyMap<string, number>;
}

/** Joins the pages of a call by query id: a later page goes on where an earlier one said PartialData, and its status is the last word. */
export function joinPages(pages: readonly (readonly Json[])[]): ReadonlyMap<string, Joined> {
  const joined = new Map<string, Joined & { readonly points: Map<string, number> }>();
  for (const part of pages.flat().map((item) => result.read(item))) {
    if (part) joined.set(part.Id, joinPart(joined.get(part.Id), part));
  }
  return joined;
}

function joinPart(before: Joined | undefined, part: Static<typeof Result>) {
  const points = new Map(before?.points);
  const { Timestamps = [], Values = [], Messages = [], Label = before?.label } = part;
  Timestamps.forEach((time, index) => {
    const value = Values[index];
    if (value !== undefined) points.set(time, value);
  });
  const messages = Messages.map(({ Code = '', Value = '' }) => `${Code}: ${Value}`);
  return {
    status: part.StatusCode ?? 'Complete',
    ...(Label !== undefined && { label: Label }),
    messages: [...new Set([...(before?.messages ?? []), ...messages])],
    points,
  };
}
