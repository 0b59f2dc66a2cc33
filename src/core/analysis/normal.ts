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
 * What a series does when nothing is wrong: `level` for each period, plus `shape` by the hour of the day or week (UTC), and how
 * far
 * from that a point may lie, `reach`, before it counts as a departure. `spread` is a standard deviation, robustly estimated.
 */
export interface Normal {
  readonly level: number;
  readonly spread: number;
  readonly reach: number;
  /** Offset of each hour from the level: 24 of a day, or 168 of a week from Thursday, as 1970 began; empty where there is no shape. */
  readonly shape: readonly number[];
  /** How many points the level was learned from. */
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
/** Two weeks of baseline, but for the hours that a pull cuts at either end. */
const LEAST_WEEKS_HOURS = 13 * 24;
/** A shape is used where it explains at least this share of the weeks' own spread: else it would add noise. */
const LEAST_EXPLAINED = 0.1;

/** What the series is expected to be in the period that starts at `startMs`. */
export function expectedAt({ level, shape }: Pick<Normal, 'level' | 'shape'>, startMs: number, periodMs: number): number {
  return level + shapeAt(shape, startMs + periodMs / 2);
}

/** The offset from the level at an instant. Between the middles of two hours it is a straight line, so that a morning has no steps. */
export function shapeAt(shape: readonly number[], ms: number): number {
  if (shape.length === 0) return 0;
  const { length } = shape;
  const hours = (((ms / HOUR_MS - 0.5) % length) + length) % length;
  const before = shape[Math.floor(hours)] ?? 0;
  const after = shape[(Math.floor(hours) + 1) % length] ?? 0;
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
 * The shape of a day from weeks of the same metric before `untilMs`, scaled to `periodMs`: the median of each hour against the
 * median of all; and where two weeks are there and weekends differ from weekdays, the shape of a week, in which Saturday and
 * Sunday have hours of their own. Empty where the weeks are too short for one or the hours explain too little of the spread.
 */
export function learnShape(weeks: Series, periodMs: number, untilMs: number): readonly number[] {
  const points = [...weeks.startsMs].flatMap((startMs, at) => {
    const value = weeks.values[at];
    if (startMs + weeks.periodMs > untilMs || value === undefined || !Number.isFinite(value)) return [];
    return [{ hour: Math.floor((startMs + weeks.periodMs / 2) / HOUR_MS), value }];
  });
  const level = median(points.map(({ value }) => value));
  const flat = points.map(({ value }) => Math.abs(value - level));
  const daily = fitted(points, level, ({ hour }) => hour % HOURS, HOURS);
  const weekly = isWeeks(points) ? fitted(points, level, ({ hour }) => cellOf(hour), 2 * HOURS) : undefined;
  // Weekends are less than half of the points, so that only a mean tells how much they explain.
  const isWeekly = weekly && daily && meanOf(weekly.rests) <= (1 - LEAST_EXPLAINED) * meanOf(daily.rests);
  const best = isWeekly ? weekly : daily;
  if (!best) return [];
  if (!isWeekly && middleSpread(best.rests) > (1 - LEAST_EXPLAINED) * middleSpread(flat)) return [];
  const scale = isSum(weeks) ? periodMs / weeks.periodMs : 1;
  const offsets = isWeekly ? Array.from({ length: 7 * HOURS }, (_, hour) => best.offsets[cellOf(hour)] ?? 0) : best.offsets;
  return offsets.map((offset) => offset * scale);
}

interface ShapePoint {
  /** Hours since 1970. */
  readonly hour: number;
  readonly value: number;
}

/** The median of each cell against the level, and what it leaves; nothing where a cell has too few points. */
function fitted(points: readonly ShapePoint[], level: number, placeOf: (point: ShapePoint) => number, length: number) {
  const cells: number[][] = Array.from({ length }, () => []);
  for (const point of points) cells[placeOf(point)]?.push(point.value);
  if (cells.some((values) => values.length < LEAST_PER_HOUR)) return undefined;
  const offsets = cells.map((values) => median(values) - level);
  return { offsets, rests: points.map((point) => Math.abs(point.value - level - (offsets[placeOf(point)] ?? 0))) };
}

/** The hour of a weekday, or that of a weekend's day behind them. 1970 began on a Thursday. */
function cellOf(hour: number): number {
  const day = Math.floor(hour / HOURS) % 7;
  return (hour % HOURS) + (day === 2 || day === 3 ? HOURS : 0);
}

function isWeeks(points: readonly ShapePoint[]): boolean {
  return (points.at(-1)?.hour ?? 0) - (points[0]?.hour ?? 0) >= LEAST_WEEKS_HOURS;
}

function middleSpread(sizes: readonly number[]): number {
  return spreadOf(Float64Array.from(sizes).sort());
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

/** The middle value; 0 of none. */
export function median(values: readonly number[]): number {
  return quantileOf(Float64Array.from(values).sort(), 0.5);
}
