import type { Series } from '../series.ts';
import type { AlarmFact } from './onset.ts';
import { isSum } from './track.ts';

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

/** How many normal points may interrupt a run: as many as the alarm's "M of N" lets pass, and of shorter periods those of which one of its own does not tell. */
export function toleratedBy(alarm: AlarmFact, series: Series): number {
  const hiddenMs = Math.max(0, alarm.periodMs - series.periodMs);
  return Math.floor(((alarm.outOf - alarm.breaching) * alarm.periodMs + hiddenMs) / series.periodMs);
}
