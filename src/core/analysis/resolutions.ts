import type { Series } from '../series.ts';

/** Of one metric read at several resolutions: the finest that holds a moment, and the one that reaches furthest back. */
export interface Resolution {
  readonly one: Series | undefined;
  /** It teaches the shape of a day or week. */
  readonly weeks: Series | undefined;
}

/** Of the periods that a series was read at, the finest with points near a time (milliseconds), and the one that goes furthest back. */
export function chooseResolution(all: readonly Series[], key: string, atMs: number): Resolution {
  const resolutions = all.filter((series) => series.key === key).toSorted((a, b) => a.periodMs - b.periodMs);
  return {
    one: resolutions.find((series) => hasPointNear(series, atMs)) ?? resolutions[0],
    weeks: resolutions.toSorted((a, b) => firstOf(a) - firstOf(b) || b.periodMs - a.periodMs)[0],
  };
}

/** The series holds the moment where it has a point within an hour before it, or within its own period where that is longer. */
function hasPointNear({ startsMs, periodMs }: Series, ms: number): boolean {
  return startsMs.some((startMs) => startMs <= ms && startMs > ms - Math.max(3_600_000, periodMs));
}

function firstOf({ startsMs }: Series): number {
  return startsMs.reduce((least, startMs) => Math.min(least, startMs), Number.POSITIVE_INFINITY);
}
