import type { Series } from '../series.ts';
import type { Window } from '../time.ts';
import { epochMs } from '../time.ts';

/** A series laid on an even grid: `values[i]` covers [firstMs + i × periodMs, one period more), NaN where there is no point. */
export interface Track {
  readonly firstMs: number;
  readonly periodMs: number;
  readonly values: Float64Array;
}

/** Where absent points of a count are zeros: from here on, outside these windows that were not read, and until there. */
export interface ZeroFill {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly blind: readonly Window[];
}

/** CloudWatch's values of the last minutes still change (prometheus/cloudwatch_exporter#396: up to ten). */
export const LATE_MS = 600_000;

/** Statistics that add up: a period twice as long holds twice as much. */
const SUMS: ReadonlySet<string> = new Set(['Sum', 'SampleCount']);

/** Whether the values of a longer period are the sum of the shorter ones it covers. */
export function isSum({ statistic }: Pick<Series, 'statistic'>): boolean {
  return SUMS.has(statistic);
}

/** Whether the series counts things, so that an excess over normal is a number of things: requests, errors, messages. */
export function isCount({ statistic, unit }: Pick<Series, 'statistic' | 'unit'>): boolean {
  return statistic === 'Sum' && (unit === undefined || unit === 'Count' || unit === 'None');
}

/** The points whose period lies in [fromMs, untilMs), on a grid. Points that are not finite count as absent. */
export function layOut(series: Series, fromMs: number, untilMs: number, fill?: ZeroFill): Track {
  const { periodMs, startsMs, values } = series;
  const phase = (startsMs[0] ?? 0) % periodMs;
  const firstMs = Math.ceil((fromMs - phase) / periodMs) * periodMs + phase;
  const length = Math.max(0, Math.floor((untilMs - firstMs) / periodMs));
  const grid = new Float64Array(length).fill(Number.NaN);
  startsMs.forEach((startMs, at) => {
    const index = Math.round((startMs - firstMs) / periodMs);
    const value = values[at];
    if (index >= 0 && index < length && value !== undefined && Number.isFinite(value)) grid[index] = value;
  });
  if (fill) fillZeros(grid, firstMs, periodMs, fill);
  return { firstMs, periodMs, values: grid };
}

function fillZeros(grid: Float64Array, firstMs: number, periodMs: number, { fromMs, untilMs, blind }: ZeroFill): void {
  grid.forEach((value, index) => {
    const startMs = firstMs + index * periodMs;
    const endMs = startMs + periodMs;
    const isRead = startMs >= fromMs && endMs <= untilMs && !blind.some(({ from, to }) => epochMs(from) < endMs && epochMs(to) > startMs);
    if (Number.isNaN(value) && isRead) grid[index] = 0;
  });
}

/** When the period with this index begins, in milliseconds since 1970. */
export function startOf({ firstMs, periodMs }: Track, index: number): number {
  return firstMs + index * periodMs;
}

/** Index of the period that holds an instant; may lie outside the grid. */
export function indexAt({ firstMs, periodMs }: Track, ms: number): number {
  return Math.floor((ms - firstMs) / periodMs);
}
