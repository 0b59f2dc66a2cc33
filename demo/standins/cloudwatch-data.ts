import type { CloudWatchWorld, WorldMetric } from '../world.ts';
import { evaluate } from './cloudwatch-math.ts';
import { isStatistic, type Points, pointsOf } from './cloudwatch-metrics.ts';
import { Refusal, readToken, writeToken } from './cloudwatch-wire.ts';

const MAX_QUERIES = 500;
const MAX_DATAPOINTS = 100_800;
const MAX_STATISTICS_POINTS = 1_440;
const LISTED = 500;
const DAY_MS = 86_400_000;

interface Dimension {
  readonly Name: string;
  readonly Value?: string;
}
interface Metric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[];
}
interface Query {
  readonly Id: string;
  readonly MetricStat?: { readonly Metric: Metric; readonly Period: number; readonly Stat: string };
  readonly Expression?: string;
  readonly Label?: string;
  readonly ReturnData?: boolean;
}

export interface MetricDataInput {
  readonly MetricDataQueries: readonly Query[];
  readonly StartTime: number;
  readonly EndTime: number;
  readonly ScanBy?: string;
  readonly MaxDatapoints?: number;
  readonly NextToken?: string;
}

/** GetMetricData: whole series are computed, then handed out in pages of at most MaxDatapoints points over all queries. */
export function metricData(world: CloudWatchWorld, input: MetricDataInput, nowMs: number): unknown {
  const queries = checkQueries(input);
  const results = queries.map(({ Id, Label }) => ({ Id, Label, points: [] as (readonly [number, number])[] }));
  const series = new Map<string, Points>();
  for (const query of queries.filter(({ MetricStat }) => MetricStat)) series.set(query.Id, read(world, query, input, nowMs));
  for (const query of queries.filter(({ Expression }) => Expression !== undefined)) series.set(query.Id, compute(query, series));
  for (const result of results) {
    const points = [...(series.get(result.Id) ?? [])];
    result.points = input.ScanBy === 'TimestampAscending' ? points : points.toReversed();
  }
  const returned = results.filter(({ Id }) => queries.find((query) => query.Id === Id)?.ReturnData !== false);
  return pageOf(returned, input, queries);
}

type Result = { readonly Id: string; readonly Label: string | undefined; readonly points: readonly (readonly [number, number])[] };

function pageOf(results: readonly Result[], input: MetricDataInput, queries: readonly Query[]): unknown {
  const limit = Math.min(input.MaxDatapoints ?? MAX_DATAPOINTS, MAX_DATAPOINTS);
  const from = readToken(input.NextToken, input);
  const total = results.reduce((sum, { points }) => sum + points.length, 0);
  const until = from + limit;
  let end = 0;
  const page = results.flatMap(({ Id, Label, points }) => {
    const begin = end;
    end += points.length;
    if (from > 0 && end <= from) return [];
    const part = points.slice(Math.max(0, from - begin), Math.max(0, until - begin));
    return {
      Id,
      Label: Label ?? labelOf(queries.find((query) => query.Id === Id)),
      Timestamps: part.map(([ms]) => ms / 1_000),
      Values: part.map(([, value]) => value),
      StatusCode: end <= until ? 'Complete' : 'PartialData',
      Messages: [],
    };
  });
  return { MetricDataResults: page, Messages: [], ...(until < total && { NextToken: writeToken(until, input) }) };
}

function labelOf(query: Query | undefined): string {
  return query?.MetricStat?.Metric.MetricName ?? query?.Id ?? '';
}

function read(world: CloudWatchWorld, { MetricStat }: Query, { StartTime, EndTime }: MetricDataInput, nowMs: number): Points {
  const metric = MetricStat && findMetric(world, MetricStat.Metric);
  if (!MetricStat || !metric) return new Map();
  const fromMs = floorStart(StartTime * 1_000, nowMs);
  return pointsOf(world, metric, { statistic: MetricStat.Stat, periodMs: MetricStat.Period * 1_000, fromMs, toMs: EndTime * 1_000, nowMs });
}

/** Start times are rounded down to a whole minute, to five minutes or to an hour, the more the older they are. */
function floorStart(startMs: number, nowMs: number): number {
  const ageMs = nowMs - startMs;
  const step = ageMs < 15 * DAY_MS ? 60_000 : ageMs < 63 * DAY_MS ? 300_000 : 3_600_000;
  return startMs - (startMs % step);
}

function compute({ Expression = '' }: Query, series: ReadonlyMap<string, Points>): Points {
  try {
    return evaluate(Expression, series);
  } catch (error) {
    throw new Refusal('ValidationError', `Error in expression: ${error instanceof Error ? error.message : ''}`);
  }
}

function checkQueries({ MetricDataQueries: queries = [], StartTime, EndTime }: MetricDataInput): readonly Query[] {
  if (typeof StartTime !== 'number' || typeof EndTime !== 'number')
    throw new Refusal('MissingParameter', 'StartTime and EndTime are required');
  if (StartTime >= EndTime) throw new Refusal('ValidationError', 'The parameter StartTime must be less than the parameter EndTime.');
  if (queries.length === 0 || queries.length > MAX_QUERIES)
    throw new Refusal('ValidationError', `1 to ${MAX_QUERIES} MetricDataQueries are allowed`);
  for (const { Id, MetricStat } of queries) {
    if (!/^[a-z][a-zA-Z0-9_]*$/.test(Id)) throw new Refusal('ValidationError', `The value ${Id} for parameter Id is not valid`);
    if (MetricStat) checkPeriod(MetricStat.Period, MetricStat.Stat);
  }
  if (new Set(queries.map(({ Id }) => Id)).size < queries.length)
    throw new Refusal('ValidationError', 'The Ids in MetricDataQueries are not unique');
  return queries;
}

function checkPeriod(period: number, statistic: string): void {
  if (![1, 5, 10, 20, 30].includes(period) && (period <= 0 || period % 60 !== 0)) {
    throw new Refusal('ValidationError', `Period ${period} is not 1, 5, 10, 20, 30 or a multiple of 60`);
  }
  if (!isStatistic(statistic)) throw new Refusal('ValidationError', `The value ${statistic} for parameter Stat is not supported`);
}

function findMetric(world: CloudWatchWorld, { Namespace, MetricName, Dimensions = [] }: Metric): WorldMetric | undefined {
  return world.metrics.find(
    ({ namespace, name, dimensions }) =>
      namespace === Namespace &&
      name === MetricName &&
      Object.keys(dimensions).length === Dimensions.length &&
      Dimensions.every(({ Name, Value }) => dimensions[Name] === Value),
  );
}

export interface ListMetricsInput {
  readonly Namespace?: string;
  readonly MetricName?: string;
  readonly Dimensions?: readonly Dimension[];
  readonly NextToken?: string;
}

/** ListMetrics: a metric with no value in two weeks is not listed; the world's metrics have one each minute up to its now. */
export function listMetrics(world: CloudWatchWorld, input: ListMetricsInput): unknown {
  const from = readToken(input.NextToken, input);
  const found = world.metrics.filter(
    ({ namespace, name, dimensions }) =>
      (input.Namespace ?? namespace) === namespace &&
      (input.MetricName ?? name) === name &&
      (input.Dimensions ?? []).every(({ Name, Value }) => Name in dimensions && (Value ?? dimensions[Name]) === dimensions[Name]),
  );
  const Metrics = found.slice(from, from + LISTED).map(({ namespace, name, dimensions }) => ({
    Namespace: namespace,
    MetricName: name,
    Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
  }));
  return { Metrics, ...(from + LISTED < found.length && { NextToken: writeToken(from + LISTED, input) }) };
}

export interface StatisticsInput extends Metric {
  readonly StartTime: number;
  readonly EndTime: number;
  readonly Period: number;
  readonly Statistics?: readonly string[];
}

/** GetMetricStatistics: the older call. At most 1,440 points, and in no order that a client may rely on: newest first here. */
export function metricStatistics(world: CloudWatchWorld, input: StatisticsInput, nowMs: number): unknown {
  const { StartTime, EndTime, Period, Statistics = [] } = input;
  for (const statistic of Statistics) checkPeriod(Period, statistic);
  if ((EndTime - StartTime) / Period > MAX_STATISTICS_POINTS) {
    throw new Refusal('InvalidParameterCombination', `You have requested more than ${MAX_STATISTICS_POINTS} datapoints`);
  }
  const metric = findMetric(world, input);
  const datapoints = new Map<number, Record<string, unknown>>();
  for (const statistic of metric ? Statistics : []) {
    const asking = { statistic, periodMs: Period * 1_000, fromMs: floorStart(StartTime * 1_000, nowMs), toMs: EndTime * 1_000, nowMs };
    for (const [ms, value] of metric ? pointsOf(world, metric, asking) : []) {
      datapoints.set(ms, { ...datapoints.get(ms), Timestamp: ms / 1_000, [statistic]: value, Unit: metric?.unit });
    }
  }
  return { Label: input.MetricName, Datapoints: [...datapoints.values()].reverse() };
}
