import type { Citations } from '../citation.ts';
import { epochMs, type Moment } from '../time.ts';
import type { Departed } from './derived-events.ts';
import { type Departure, excessAt } from './onset.ts';
import { indexAt, isCount } from './track.ts';

/** How much more than normal was counted during the impact, with bounds; in the unit of the metric: requests, messages. */
export interface ImpactSize {
  readonly metric: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly cites: Citations;
}

/** Bounds at this many standard deviations of the normal noise: about one in two thousand falls outside. */
const DEVIATIONS = 3.5;
/** Standard error of a median against that of a mean. */
const MEDIAN_ERROR = 1.2533;

/**
 * The excess over normal from onset to recovery, of the first departed series that counts things upward. The value is the sum
 * of what lies above the expected; the bounds hold the noise of as many normal points (their deviations add as squares), the
 * error of the level, and what the two periods beside the impact may hide. A point that is missing adds nothing to the minimum,
 * the mean of its neighbors to the value and twice that to the maximum. Nothing without a recovery: the end is not known.
 */
export function impactSizeOf(departed: readonly Departed[], recovered: Moment | undefined): ImpactSize | undefined {
  const counted = departed.find(({ series, onset }) => isCount(series) && onset.side === 1);
  if (!counted || !recovered) return undefined;
  const { onset, series } = counted;
  const { track, normal } = onset;
  const end = indexAt(track, epochMs(recovered.at) - 1) + 1;
  const excesses = Array.from({ length: Math.max(0, end - onset.index) }, (_, step) => excessAt(onset, onset.index + step));
  const seen = excesses.reduce((sum, excess) => sum + (Number.isNaN(excess) ? 0 : excess), 0);
  const missing = missingOf(excesses);
  const points = excesses.length;
  const noise = DEVIATIONS * normal.spread * Math.sqrt(points);
  const level = (DEVIATIONS * points * MEDIAN_ERROR * normal.spread) / Math.sqrt(normal.points);
  const value = Math.max(0, seen + missing);
  const [first, ...rest] = series.evidence.map((evidence) => ({ evidence }));
  if (!first) return undefined;
  return {
    metric: series.metric,
    value: Math.round(value),
    min: Math.max(0, Math.floor(seen - noise - level)),
    max: Math.ceil(seen + 2 * missing + noise + level + besidesOf(onset, end)),
    cites: [first, ...rest],
  };
}

/** What the holes may hold: for each the mean of the points beside it. */
function missingOf(excesses: readonly number[]): number {
  return excesses.reduce((sum, excess, index) => {
    if (!Number.isNaN(excess)) return sum;
    const before = excesses.slice(0, index).findLast((one) => !Number.isNaN(one)) ?? 0;
    const after = excesses.slice(index + 1).find((one) => !Number.isNaN(one)) ?? before;
    return sum + (before + after) / 2;
  }, 0);
}

/** Each normal period beside the impact may hold as much as it lies under the limit of normal, and no more. */
function besidesOf(departure: Departure, end: number): number {
  return [departure.index - 1, end].reduce((sum, index) => {
    const excess = excessAt(departure, index);
    return sum + (Number.isNaN(excess) ? departure.normal.reach : Math.max(0, excess) + departure.normal.spread);
  }, 0);
}
