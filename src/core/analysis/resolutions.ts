import type { Series } from '../series.ts';

/** Of one metric read at several resolutions: the finest that holds a moment, and the one that reaches furthest back. */
export interface Resolution {
  readonly one: Series | undefined;
  /** It teaches the shape of a day or week. */
  readonly weeks: Series | undefined;
  /** The alarm's own period, where `one` is finer: what a finer one says is held against it. */
  readonly own?: Series;
}

/**
 * Of the periods that a series was read at, the finest with points near a time (milliseconds), and the one that goes furthest back. Finer than the
 * alarm's own period only what is stored so fine: a metric that is sent every five minutes has a point in every fifth, and the rest is no silence.
 */
export function chooseResolution(all: readonly Series[], key: string, atMs: number, alarmMs?: number): Resolution {
  const resolutions = all.filter((series) => series.key === key).toSorted((a, b) => a.periodMs - b.periodMs);
  const own = resolutions.find(({ periodMs }) => periodMs === alarmMs);
  const near = resolutions.filter((series) => hasPointNear(series, atMs));
  const one = near.find((series) => !own || series.periodMs >= own.periodMs || isStored(series, own, atMs)) ?? near[0] ?? resolutions[0];
  return {
    one,
    weeks: resolutions.toSorted((a, b) => firstOf(a) - firstOf(b) || b.periodMs - a.periodMs)[0],
    ...(own && one && one.periodMs < own.periodMs && { own }),
  };
}

/** So long before the moment a finer series must reach back, or as far as the alarm's own: normal is learned there. */
const LEARNED_MS = 21_600_000;
/** Of the points that the longer periods stand for, so many are there. */
const LEAST_STORED = 0.5;

/** Whether a finer series holds what the longer periods are made of: over the hours before, or, as of errors that are few else, shortly before the moment. */
function isStored(finer: Series, own: Series, atMs: number): boolean {
  if (firstOf(finer) > Math.max(firstOf(own), atMs - LEARNED_MS) + own.periodMs) return false;
  const isDense = (fromMs: number) => {
    const points = own.periodMs / finer.periodMs;
    const longer = own.startsMs.filter((ms) => ms >= fromMs && ms + own.periodMs <= atMs);
    const [first] = longer;
    if (first === undefined) return false;
    return finer.startsMs.filter((ms) => ms >= first && ms < atMs).length >= LEAST_STORED * points * longer.length;
  };
  return isDense(atMs - LEARNED_MS) || isDense(atMs - 2 * own.periodMs);
}

/** The series holds the moment where it has a point within an hour before it, or within its own period where that is longer. */
function hasPointNear({ startsMs, periodMs }: Series, ms: number): boolean {
  return startsMs.some((startMs) => startMs <= ms && startMs > ms - Math.max(3_600_000, periodMs));
}

function firstOf({ startsMs }: Series): number {
  return startsMs.reduce((least, startMs) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
}
