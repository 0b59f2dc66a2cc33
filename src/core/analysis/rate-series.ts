import type { Series } from '../series.ts';
import { isCount, startOf, type Track } from './track.ts';

/** The count beside a rate, and how many of its things one unit of the rate is in each period. */
export interface Weighed {
  readonly count: Series;
  /** What the excess share is of, in words: `failed requests`. */
  readonly unit: string;
  /** NaN where the count has no point. */
  readonly weightAt: (track: Track, index: number) => number;
}

/** A share of all that goes wrong when it rises, and of all that goes well when it falls. */
const BAD = /error|fault|fail|5xx|4xx|reject|timeout/i;
const GOOD = /availab|success/i;
/** Counts of all that was asked: the whole of which a rate is a share. */
const WHOLE = [
  [/^(?:.*[^a-z])?(?:request|invocation|call|hit)s?(?:count)?$/i, 'failed requests'],
  [/^(?:.*[^a-z])?messages?(?:count)?$/i, 'failed messages'],
] as const;

/**
 * The count that a rate is a share of, where both are read: of the same source, namespace, dimensions and period, and the only
 * one; or of what an alarm's expression is computed from. A rate is an average of a percentage, or of a share between 0 and 1, whose name says that it is bad and that rose, or
 * good and that fell. A latency is no share of anything, and has none.
 */
export function weighedBy(rate: Series, side: 1 | -1, all: readonly Series[], operandKeys: readonly string[] = []): Weighed | undefined {
  const operands = all.filter(({ key, periodMs }) => operandKeys.includes(key) && periodMs === rate.periodMs);
  const isComputed = operands.length > 0;
  const isNamed = (side === 1 ? BAD : GOOD).test(rate.metric) || (side === 1 && operands.some(isBad));
  if (!isNamed || !(isComputed || rate.statistic === 'Average')) return undefined;
  const beside = isComputed ? operands : all.filter((count) => isBeside(count, rate));
  const found = beside.flatMap((count) => {
    const unit = WHOLE.find(([words]) => words.test(nameOf(count)))?.[1];
    return unit && isCount(count) ? [{ count, unit }] : [];
  });
  const [only, another] = found;
  if (!only || another) return undefined;
  const whole = isComputed ? scaleBy(rate, only.count, operands.filter(isBad)) : scaleOf(rate);
  if (whole === undefined) return undefined;
  const values = new Map(Array.from(only.count.startsMs, (startMs, at) => [startMs, only.count.values[at] ?? Number.NaN]));
  return { ...only, weightAt: (track, index) => (values.get(startOf(track, index)) ?? Number.NaN) / whole };
}

/**
 * What the rate calls everything: 100 of a percentage, 1 of a share. Small values with no unit could be either, and nothing is
 * said of them: a hundredfold error is worse than a question.
 */
function scaleOf({ unit, metric, values }: Series): number | undefined {
  if (unit === 'Percent' || /percent|pct/i.test(metric)) return 100;
  if (unit !== undefined && unit !== 'None') return undefined;
  const most = values.reduce((highest, value) => (value > highest ? value : highest), 0);
  if (most > 1) return most <= 100 ? 100 : undefined;
  return GOOD.test(metric) && most > 0.5 ? 1 : undefined;
}

function isBad(series: Series): boolean {
  return isCount(series) && BAD.test(series.metric);
}

/** Two readings of one ratio differ by no more than this share of it: values that come late change a sum. */
const RATIO_SHARE = 0.02;

/** What an expression calls everything, by its operands where it was highest; nothing where they do not give its value. */
function scaleBy(rate: Series, count: Series, bad: readonly Series[]): number | undefined {
  if (bad.length === 0) return scaleOf(rate);
  const at = rate.values.reduce((most, value, index) => (value > (rate.values[most] ?? 0) ? index : most), 0);
  const valueAt = ({ startsMs, values }: Series) => values[startsMs.indexOf(rate.startsMs[at] ?? Number.NaN)] ?? Number.NaN;
  const share = bad.reduce((sum, series) => sum + valueAt(series), 0) / valueAt(count);
  const value = rate.values[at] ?? Number.NaN;
  return [1, 100].find((whole) => Math.abs(value / whole - share) <= RATIO_SHARE * share);
}

function isBeside(count: Series, rate: Series): boolean {
  const place = ({ source, dimensions, periodMs, key }: Series) =>
    JSON.stringify([source, periodMs, namespaceOf(key), Object.entries(dimensions).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
  return place(count) === place(rate);
}

/** `aws-prod/metric:AWS/ApplicationELB` of a key. */
function namespaceOf(key: string): string {
  return (key.split(/[?#]/)[0] ?? key).split('/').slice(0, -1).join('/');
}

function nameOf({ metric }: Series): string {
  return metric.split(/[\s/]/).at(-1) ?? metric;
}

/** The weight of a period beside the impact; where its count is not known, the heaviest of the impact. */
export function beside(weightAt: (index: number) => number, index: number, present: readonly number[]): number {
  const weight = weightAt(index);
  return Number.isNaN(weight) ? present.reduce((most, one) => Math.max(most, one), 0) : weight;
}
