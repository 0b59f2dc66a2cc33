import type { Series } from '../series.ts';
import { OUTLIER, quantileOf, spreadOf } from './noise.ts';
import { isSum, startOf, type Track } from './track.ts';

/** What to learn from: the points with an index under `to`, and how. */
export interface Lesson {
  readonly to: number;
  readonly shape: readonly number[];
  /** The series counts things. */
  readonly isCounted: boolean;
  /** Which way a departure would go: 1 above, -1 below, 0 either; only that tail widens the reach. */
  readonly side: -1 | 0 | 1;
  /** Whether the points may hold the departure itself: then their tail says nothing of what is normal. */
  readonly isFirst: boolean;
}

/**
 * What a series does when nothing is wrong: `level` for each period, plus `shape` by the hour of the day (UTC), and how far
 * from that a point may lie, `reach`, before it counts as a departure. `spread` is a standard deviation, robustly estimated.
 */
export interface Normal {
  readonly level: number;
  readonly spread: number;
  readonly reach: number;
  /** Offset of each hour of the day from the level, 24 numbers; empty where the day has no shape. */
  readonly shape: readonly number[];
  /** How many points it was learned from. */
  readonly points: number;
}

/** Heavy tails widen the reach to what this share of the earlier points kept, at most to twice the plain reach. */
const KEPT = 0.995;
const WIDEST = 2;
/** A gauge that never moved may still move by this share of itself: the last digit of a percentage is no incident. */
const LEAST_SHARE = 0.001;

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** A shape needs this many points of each hour. */
const LEAST_PER_HOUR = 3;
/** A shape is used where it explains at least this share of the weeks' own spread: else it would add noise. */
const LEAST_EXPLAINED = 0.1;

/** What the series is expected to be in the period that starts at `startMs`. */
export function expectedAt({ level, shape }: Pick<Normal, 'level' | 'shape'>, startMs: number, periodMs: number): number {
  return level + shapeAt(shape, startMs + periodMs / 2);
}

/** The offset from the level at an instant. Between the middles of two hours it is a straight line, so that a morning has no steps. */
export function shapeAt(shape: readonly number[], ms: number): number {
  if (shape.length === 0) return 0;
  const hours = (((ms / HOUR_MS - 0.5) % HOURS) + HOURS) % HOURS;
  const before = shape[Math.floor(hours)] ?? 0;
  const after = shape[(Math.floor(hours) + 1) % HOURS] ?? 0;
  return before + (after - before) * (hours % 1);
}

/** Learns the normal of a track from its earlier points. */
export function learnNormal(track: Track, { to, shape, isCounted, side, isFirst }: Lesson): Normal {
  const rests: number[] = [];
  track.values.subarray(0, Math.max(0, to)).forEach((value, index) => {
    if (!Number.isNaN(value)) rests.push(value - shapeAt(shape, startOf(track, index) + track.periodMs / 2));
  });
  const level = median(rests);
  const deviations = rests.map((rest) => rest - level);
  const sizes = Float64Array.from(deviations, Math.abs).sort();
  const spread = Math.max(floorOf(level, isCounted), spreadOf(sizes));
  const sided = side === 0 ? sizes : Float64Array.from(deviations, (deviation) => deviation * side).sort();
  const tail = isFirst ? 0 : quantileOf(sided, KEPT);
  const reach = Math.min(WIDEST * OUTLIER * spread, Math.max(OUTLIER * spread, tail));
  return { level, spread, reach, shape, points: rests.length };
}

/** The least spread that is believed: a count of rare things strays by at least its square root (Poisson), however quiet it was. */
export function floorOf(level: number, isCounted: boolean): number {
  return isCounted ? Math.sqrt(Math.max(1, Math.abs(level))) : Math.max(Number.EPSILON, LEAST_SHARE * Math.abs(level));
}

/**
 * The shape of a day from weeks of the same metric before `untilMs`, scaled to `periodMs`: the median of each hour against
 * the median of all. Empty where the weeks are too short for one or the hours explain too little of the spread.
 */
export function learnShape(weeks: Series, periodMs: number, untilMs: number): readonly number[] {
  const hours: number[][] = Array.from({ length: HOURS }, () => []);
  const all: number[] = [];
  weeks.startsMs.forEach((startMs, at) => {
    const value = weeks.values[at];
    if (startMs + weeks.periodMs > untilMs || value === undefined || !Number.isFinite(value)) return;
    all.push(value);
    hours[Math.floor((startMs + weeks.periodMs / 2) / HOUR_MS) % HOURS]?.push(value);
  });
  if (hours.some((values) => values.length < LEAST_PER_HOUR)) return [];
  const level = median(all);
  const shape = hours.map((values) => median(values) - level);
  const flat = spreadOf(Float64Array.from(all, (value) => Math.abs(value - level)).sort());
  const rests = hours.flatMap((values, hour) => values.map((value) => Math.abs(value - level - (shape[hour] ?? 0))));
  const shaped = spreadOf(Float64Array.from(rests).sort());
  if (shaped > (1 - LEAST_EXPLAINED) * flat) return [];
  const scale = isSum(weeks) ? periodMs / weeks.periodMs : 1;
  return shape.map((offset) => offset * scale);
}

/** The middle value; 0 of none. */
export function median(values: readonly number[]): number {
  return quantileOf(Float64Array.from(values).sort(), 0.5);
}
