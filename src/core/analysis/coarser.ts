import type { Series } from '../series.ts';
import { isSum, startOf, type Track } from './track.ts';

/** Periods shorter than this are looked at in periods of this length, too. */
const COARSE_MS = 300_000;
/** A longer period needs this share of its points. */
const LEAST_PRESENT = 0.5;

/** A series and its track in longer periods. */
export interface Coarser {
  readonly series: Series;
  readonly track: Track;
}

/**
 * The track in periods of five minutes, of which one ends where the period `last` does, so that what comes later changes nothing
 * before; nothing where its own periods are as long. A mean of n points has a √n-th of their noise, so that a small step
 * and a slow rise are seen that are in the noise of each point (as where a cumulated sum is charted, Page 1954).
 */
export function coarserOf(series: Series, track: Track, last: number): Coarser | undefined {
  const { periodMs } = track;
  const size = Math.floor(COARSE_MS / periodMs);
  if (size < 2 || size * periodMs !== COARSE_MS) return undefined;
  const first = (last + 1) % size;
  const length = Math.floor((track.values.length - first) / size);
  const values = Float64Array.from({ length }, (_, at) => {
    const from = first + at * size;
    const present = track.values.subarray(from, from + size).filter((value) => !Number.isNaN(value));
    if (present.length < LEAST_PRESENT * size) return Number.NaN;
    const mean = present.reduce((sum, value) => sum + value, 0) / present.length;
    return isSum(series) ? mean * size : mean;
  });
  const firstMs = startOf(track, first);
  const startsMs = Float64Array.from({ length }, (_, at) => firstMs + at * COARSE_MS);
  const isPoint = (_: number, at: number) => !Number.isNaN(values[at]);
  return {
    series: { ...series, periodMs: COARSE_MS, startsMs: startsMs.filter(isPoint), values: values.filter(isPoint) },
    track: { firstMs, periodMs: COARSE_MS, values },
  };
}
