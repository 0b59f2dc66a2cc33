import type { Series } from '../series.ts';
import { isSum } from './track.ts';

/** A running total starts over where it falls to less than this share of what it was. */
const LEFT_SHARE = 0.1;
/** It grows from at least this share of its points to the next, and starts over at most once in so many. */
const GROWS_SHARE = 0.5;
const POINTS_A_RESET = 12;
/** What only numbers of things are measured in: seconds, bytes and percentages that grow and fall are gauges as often. */
const COUNTED: ReadonlySet<string | undefined> = new Set([undefined, 'Count', 'None']);
/** How Prometheus and OpenTelemetry's exporters to it name what is counted since a process started. */
const TOTAL = /_(?:total|count|sum)$/;

/**
 * How often a series that only grows started over, as a counter does when its process restarts; 0 for a series that is none: a total
 * never falls but to start over. Its own level is no normal, and its restart no impact.
 */
export function resetsOf(values: Float64Array): number {
  const { grown, restarts } = growthOf(values);
  return restarts !== undefined && grown && restarts * POINTS_A_RESET <= values.length ? restarts : 0;
}

/** Whether values grow as a total does, and how often they start over; `restarts` is absent where they fall part of the way. */
function growthOf(values: Float64Array, leftShare = LEFT_SHARE): { readonly grown: boolean; readonly restarts?: number } {
  let grown = 0;
  let restarts = 0;
  for (let at = 1; at < values.length; at += 1) {
    const before = values[at - 1] ?? 0;
    const value = values[at] ?? 0;
    if (value > before) grown += 1;
    if (value >= before) continue;
    if (before <= 0 || value < 0 || value >= leftShare * before) return { grown: false };
    restarts += 1;
  }
  return { grown: grown >= GROWS_SHARE * (values.length - 1), restarts };
}

/**
 * A running total as what was counted in each period, and any other series as it is. A total is told by what it does, growing and
 * starting over from near zero, of a number of things; or by growing only and the name that exporters give to totals. A gauge that
 * does the same in seconds, bytes or percent is left, and refused: it may be memory that a restart freed.
 *
 * As Prometheus' `increase` does, a fall is a restart and what was counted by the point after it is counted from zero, so that a
 * restart may hide a few and never invents any. Behind a hole the increase is spread evenly over it and told of the last period.
 */
export function countedBy(series: Series): Series {
  const { values, startsMs, periodMs } = series;
  if (!isTotal(series)) return series;
  const increases = values.map((value, at) => {
    const before = values[at - 1];
    if (before === undefined) return Number.NaN;
    const periods = Math.max(1, Math.round(((startsMs[at] ?? 0) - (startsMs[at - 1] ?? 0)) / periodMs));
    return (value < before ? value : value - before) / periods;
  });
  return { ...series, metric: `${series.metric} (increase)`, statistic: 'Sum', values: increases };
}

/** By its name any fall is a restart: of a young process it may leave more than near nothing. */
function isTotal(series: Series): boolean {
  if (isSum(series) || !COUNTED.has(series.unit)) return false;
  const finite = series.values.filter(Number.isFinite);
  return TOTAL.test(series.metric) ? growthOf(finite, 1).grown : resetsOf(finite) > 0;
}

/** What is asked of a series, for as much of it as a running total changes. */
interface Asked {
  readonly series: Series;
  readonly weeks?: Series;
  readonly alarm?: { readonly threshold?: number };
}

/** The question of what a running total counts. An alarm's threshold is one of the total, and says nothing of that. */
export function ofCounted<T extends Asked>(asked: T): T {
  const series = countedBy(asked.series);
  if (series === asked.series) return asked;
  const { weeks: _weeks, alarm, ...others } = asked;
  const weeks = asked.weeks && countedBy(asked.weeks);
  const { threshold: _threshold, ...rule } = alarm ?? {};
  return { ...others, series, ...(weeks && weeks !== asked.weeks && { weeks }), ...(alarm && { alarm: rule }) } as T;
}
