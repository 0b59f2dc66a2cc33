import type { Series } from '../series.ts';
import { quantileOf } from './noise.ts';
import type { AlarmFact } from './onset.ts';
import { isCount, isSum } from './track.ts';

/** A point that is this much nearer to normal than to the alarm's threshold is no departure that the alarm was made for. */
const SHARE_OF_THRESHOLD = 0.05;

/** Which way a departure goes that the alarm looks for: 0 is either. */
export function sideOf(alarm: Pick<AlarmFact, 'comparison'> | undefined): -1 | 0 | 1 {
  return alarm?.comparison === 'above' ? 1 : alarm?.comparison === 'below' ? -1 : 0;
}

/** How far from normal a point must lie, given the alarm's threshold, to be of the kind that the alarm was made for. */
export function leastReachOf(level: number, series: Series, alarm: Pick<AlarmFact, 'threshold' | 'periodMs'> | undefined): number {
  if (alarm?.threshold === undefined) return 0;
  const scale = isSum(series) ? series.periodMs / alarm.periodMs : 1;
  return SHARE_OF_THRESHOLD * Math.abs(alarm.threshold * scale - level);
}

/** Of a count that lies still no more values than this are others: two or three minutes of a day may have had an error. */
const MOST_OTHERS = 0.002;
/** Half of the least by which two counts differ. */
const HALF_COUNT = 0.5;

/**
 * How far from normal a count lies at most that is abnormal by its alarm: where it has lain still, it has no noise, and what counts have by
 * chance would reach further. An error a minute where there was none all day is what an alarm above 0 was made for.
 */
function mostReachOf(series: Series, alarm: AlarmFact, before: Float64Array): number {
  const side = sideOf(alarm);
  if (alarm.threshold === undefined || side === 0 || !isCount(series)) return Number.POSITIVE_INFINITY;
  const known = before.filter((value) => !Number.isNaN(value)).sort();
  if (known.length === 0) return Number.POSITIVE_INFINITY;
  const level = quantileOf(known, 0.5);
  if (known.filter((value) => value !== level).length > MOST_OTHERS * known.length) return Number.POSITIVE_INFINITY;
  const distance = (alarm.threshold * (series.periodMs / alarm.periodMs) - level) * side;
  return distance < 0 ? Number.POSITIVE_INFINITY : Math.max(HALF_COUNT, distance - HALF_COUNT);
}

/** How many normal points may interrupt a run: as many as the alarm's "M of N" lets pass, and of shorter periods those of which one of its own does not tell. */
function toleratedBy(alarm: AlarmFact, series: Series): number {
  const hiddenMs = Math.max(0, alarm.periodMs - series.periodMs);
  return Math.floor(((alarm.outOf - alarm.breaching) * alarm.periodMs + hiddenMs) / series.periodMs);
}

/** What an alarm asks of a scan that ends in its firing: how far from normal is out, and how many normal points close a departure. */
export function reachesOf(series: Series, alarm: AlarmFact | undefined, before: Float64Array) {
  const leastReach = (level: number) => leastReachOf(level, series, alarm);
  if (!alarm) return { leastReach };
  return { leastReach, mostReach: mostReachOf(series, alarm, before), calmPoints: toleratedBy(alarm, series) + 1 };
}
