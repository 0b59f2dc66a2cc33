import type { Series } from '../../src/core/series.ts';
import { NEZHA_PERIOD_MS, type NezhaFault } from './nezha-data.ts';

/** Minutes before and after a moment that are compared. */
const BEFORE = 10;
const AFTER = 3;
const FEWEST_BEFORE = 3;
/** A change under this share of the series' middle is none that a chart would show, however flat the series is. */
const LEAST_SHARE = 0.01;
/** What a fault may still do to its surroundings, before and after it was injected: not counted as fault-free. */
const FREE_BEFORE_MS = 240_000;
const FREE_AFTER_MS = 1_200_000;
/** A fault may show from the minute that holds it to so many minutes later. */
const SHOWS_MS = 180_000;

/**
 * Whether a fault exceeds the noise of its pod: in at least one series of the pod, the median of three minutes that begin up to
 * three minutes after the injection differs from the median of the ten minutes before them by more than it did at any moment
 * of that day that no fault of the day is near, and by at least a hundredth of the series' middle.
 */
export function isBeyondNoise(fault: NezhaFault, series: readonly Series[], faults: readonly NezhaFault[]): boolean {
  return exceeds(fault, series, faults, () => true);
}

/**
 * The same of those changes alone that lead away from what was normal ten minutes earlier. Faults come every eight minutes, many to the
 * pod of the one before, and the end of that one exceeds the noise as well: it is no sign of the fault that was injected then.
 */
export function leavesNormal(fault: NezhaFault, series: readonly Series[], faults: readonly NezhaFault[]): boolean {
  return exceeds(fault, series, faults, ({ earlier, before, after }) => Math.abs(after - earlier) > Math.abs(before - earlier));
}

function exceeds(
  { truthMs }: NezhaFault,
  series: readonly Series[],
  faults: readonly NezhaFault[],
  counts: (change: Change) => boolean,
): boolean {
  return series.some((one) => {
    const changes = changesOf(one);
    const free = changes.filter(
      ({ startMs }) => !faults.some((fault) => startMs > fault.truthMs - FREE_BEFORE_MS && startMs < fault.truthMs + FREE_AFTER_MS),
    );
    const most = free.reduce((largest, { change }) => Math.max(largest, change), LEAST_SHARE * Math.abs(middleOf([...one.values])));
    return changes.some((change) => {
      const isNear = change.startMs > truthMs - NEZHA_PERIOD_MS && change.startMs < truthMs + SHOWS_MS;
      return isNear && change.change > most && counts(change);
    });
  });
}

interface Change {
  readonly startMs: number;
  /** Middles of the minutes before and after, and of as many before those. */
  readonly earlier: number;
  readonly before: number;
  readonly after: number;
  readonly change: number;
}

/** How much the median changes at each point of a series, one way or the other. */
function changesOf({ startsMs, values }: Series): readonly Change[] {
  return [...startsMs].flatMap((startMs, at) => {
    const before = values.slice(Math.max(0, at - BEFORE), at);
    const after = values.slice(at, at + AFTER);
    if (before.length < FEWEST_BEFORE || after.length < AFTER) return [];
    const earlier = values.slice(Math.max(0, at - 2 * BEFORE), Math.max(FEWEST_BEFORE, at - BEFORE));
    const [from, to] = [middleOf([...before]), middleOf([...after])];
    return [{ startMs, earlier: middleOf([...earlier]), before: from, after: to, change: Math.abs(to - from) }];
  });
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
}
