import Type, { type Static, type TSchema } from 'typebox';
import type { FactSeed } from '../../src/contract/index.ts';
import { siblingOf } from './arn.ts';
import { type AnySeries, seriesKey } from './series-key.ts';

const maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]));
const Dimension = Type.Object({ Name: Type.String(), Value: Type.String() });
const Query = Type.Object({
  Id: Type.String(),
  MetricStat: Type.Optional(
    Type.Object({
      Metric: Type.Object({ Namespace: Type.String(), MetricName: Type.String(), Dimensions: Type.Optional(Type.Array(Dimension)) }),
      Period: Type.Number(),
      Stat: Type.String(),
      Unit: Type.Optional(Type.String()),
    }),
  ),
  Expression: Type.Optional(Type.String()),
  Label: Type.Optional(Type.String()),
  ReturnData: Type.Optional(Type.Boolean()),
  Period: Type.Optional(Type.Number()),
  AccountId: Type.Optional(Type.String()),
});

/** What makes an alarm fire: the part of a metric, composite or log alarm that we read, every member as CloudWatch spells it. */
export const AlarmRule = Type.Object({
  MetricName: maybe(Type.String()),
  Namespace: maybe(Type.String()),
  Dimensions: maybe(Type.Array(Dimension)),
  Statistic: maybe(Type.String()),
  ExtendedStatistic: maybe(Type.String()),
  Period: maybe(Type.Number()),
  EvaluationPeriods: maybe(Type.Number()),
  DatapointsToAlarm: maybe(Type.Number()),
  Threshold: maybe(Type.Number()),
  ComparisonOperator: maybe(Type.String()),
  TreatMissingData: maybe(Type.String()),
  Metrics: maybe(Type.Array(Query)),
  ThresholdMetricId: maybe(Type.String()),
  QueryResultsToEvaluate: maybe(Type.Number()),
  QueryResultsToAlarm: maybe(Type.Number()),
  AlarmRule: maybe(Type.String()),
  EvaluationCriteria: maybe(Type.Object({ PromQLCriteria: maybe(Type.Object({ Query: maybe(Type.String()) })) })),
});
export type AlarmRule = Static<typeof AlarmRule>;
type AlarmQuery = Static<typeof Query>;

type AlarmFact = Extract<FactSeed, { readonly kind: 'alarm' }>;

/** The rule as a fact. A composite or PromQL alarm compares nothing that we could draw: `rule`, and a period of 0. */
export function ruleFact(source: string, arn: string, rule: AlarmRule): AlarmFact {
  const series = seriesOf(rule);
  const operandKeys = series?.kind === 'math' ? countsIn(rule).map((count) => `${source}/${seriesKey(count)}`) : [];
  const outOf = rule.EvaluationPeriods ?? rule.QueryResultsToEvaluate ?? 1;
  return {
    kind: 'alarm',
    key: `alarm:${arn}`,
    comparison: comparisonOf(rule.ComparisonOperator),
    ...(typeof rule.Threshold === 'number' && { threshold: rule.Threshold }),
    periodMs: periodOf(rule) * 1_000,
    breaching: rule.DatapointsToAlarm ?? rule.QueryResultsToAlarm ?? outOf,
    outOf,
    missing: missingOf(rule.TreatMissingData),
    seriesKeys: series ? [`${source}/${seriesKey(series)}`] : [],
    ...(operandKeys.length > 0 && { operandKeys }),
    ...(!series && { noSeries: reasonOf(rule) }),
    ...(rule.AlarmRule && { watches: watchedBy(arn, rule.AlarmRule) }),
  };
}

/** Why nothing can be drawn for it. */
function reasonOf({ AlarmRule: text, QueryResultsToEvaluate, EvaluationCriteria }: AlarmRule): string {
  if (text) return 'combines other alarms and has no metric of its own';
  if (typeof QueryResultsToEvaluate === 'number') return 'watches the results of a log query, which are not kept as a metric';
  if (EvaluationCriteria?.PromQLCriteria) return 'watches a PromQL query, whose values cannot be asked for as a metric';
  return 'names no metric in its record';
}

/** A call with the name of an alarm, NOT, or a bracket: all else of a composite rule joins these. */
const RULE_PARTS = /\b(?<state>[A-Z_]+)\(\s*(?:"(?<double>[^"]+)"|'(?<single>[^']+)'|(?<bare>[^()"'\s]+))\s*\)|\bNOT\b|[()]/g;

/** The alarms that a composite rule says ALARM() of, by name or by ARN; what a NOT stands before, or around, silences it and is not watched. */
function watchedBy(arn: string, rule: string): readonly string[] {
  const names: string[] = [];
  const around = [false];
  let isNot = false;
  for (const { 0: part, groups } of rule.matchAll(RULE_PARTS)) {
    if (part === 'NOT') {
      isNot = !isNot;
      continue;
    }
    const isNegated = isNot !== around.at(-1);
    const name = groups?.['double'] ?? groups?.['single'] ?? groups?.['bare'];
    if (part === '(') around.push(isNegated);
    else if (part === ')' && around.length > 1) around.pop();
    else if (groups?.['state'] === 'ALARM' && name !== undefined && !isNegated) names.push(name);
    isNot = false;
  }
  return [...new Set(names.map((name) => `alarm:${name.startsWith('arn:') ? name : siblingOf(arn, name)}`))];
}

/** The series that the alarm compares: its metric, its one query, or what its math returns. */
function seriesOf(rule: AlarmRule): AnySeries | undefined {
  const { Namespace, MetricName } = rule;
  const statistic = rule.Statistic ?? rule.ExtendedStatistic;
  if (Namespace && MetricName && statistic) {
    return { kind: 'metric', namespace: Namespace, metric: MetricName, dimensions: toRecord(rule.Dimensions ?? []), statistic };
  }
  // An anomaly alarm compares a metric with a band: the band itself is not the series.
  const queries = (rule.Metrics ?? []).filter(({ Id }) => Id !== rule.ThresholdMetricId);
  const result = queries.find(({ ReturnData }) => ReturnData !== false);
  if (!result) return undefined;
  const { MetricStat, AccountId } = result;
  if (!MetricStat || AccountId !== undefined) return { kind: 'math', queries: neededBy(result, queries), result: result.Id };
  return metricSeries(MetricStat);
}

function metricSeries({ Metric, Stat }: NonNullable<AlarmQuery['MetricStat']>): AnySeries {
  return {
    kind: 'metric',
    namespace: Metric.Namespace,
    metric: Metric.MetricName,
    dimensions: toRecord(Metric.Dimensions ?? []),
    statistic: Stat,
  };
}

/** The sums among what an expression is computed from; another account's cannot be asked for by name. */
function countsIn({ Metrics }: AlarmRule): readonly AnySeries[] {
  return (Metrics ?? []).flatMap(({ MetricStat, AccountId }) =>
    MetricStat?.Stat === 'Sum' && (AccountId === undefined || AccountId === null) ? [metricSeries(MetricStat)] : [],
  );
}

/** A query of one metric needs no other; an expression may name any of them. */
function neededBy(result: AlarmQuery, queries: readonly AlarmQuery[]): readonly AlarmQuery[] {
  return result.Expression === undefined ? [result] : queries;
}

function toRecord(dimensions: readonly Static<typeof Dimension>[]): Readonly<Record<string, string>> {
  return Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]));
}

function periodOf({ Period, Metrics }: AlarmRule): number {
  return Period ?? Math.max(0, ...(Metrics ?? []).map((query) => query.MetricStat?.Period ?? query.Period ?? 0));
}

function comparisonOf(operator: string | null | undefined): AlarmFact['comparison'] {
  if (!operator) return 'rule';
  if (/^(?:LessThanLowerOrGreaterThanUpper|LessThanLowerThreshold|GreaterThanUpperThreshold)/.test(operator)) return 'outside';
  return operator.startsWith('Less') ? 'below' : 'above';
}

const MISSING: Readonly<Record<string, AlarmFact['missing']>> = { breaching: 'breaching', notBreaching: 'notBreaching', ignore: 'ignore' };

function missingOf(treatment: string | null | undefined): AlarmFact['missing'] {
  return MISSING[treatment ?? ''] ?? 'missing';
}
