import type { Happening } from './happenings.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Zones lie whole and half hours apart, and no two further than a day and two hours; clocks of one place at most an hour. */
const STEP_MS = 30 * MINUTE_MS;
const FURTHEST_MS = 14 * HOUR_MS;
/** So many times must fit at once: two would fit some shift by chance. */
const LEAST_FITTING = 3;

/** By how much times must be moved to fall on those that they tell of, and which of them do then. */
export interface Shift {
  readonly ms: number;
  readonly fitting: readonly Happening[];
}

/**
 * The one shift by whole or half hours, or by days, under which more than half of the times, and at least three, fall on known ones,
 * where as they stand fewer than half of those do. Nothing where they fit as they stand, or where no shift is much better.
 */
export function findShift(happenings: readonly Happening[], knownMs: readonly number[]): Shift | undefined {
  const timed = happenings.filter(({ isRough, stepMs }) => !isRough && stepMs <= MINUTE_MS);
  if (timed.length < LEAST_FITTING) return undefined;
  const known = new Set(knownMs.map((ms) => Math.floor(ms / MINUTE_MS)));
  const fitting = (ms: number) => timed.filter(({ atMs }) => isNear(known, atMs + ms));
  const asTheyStand = fitting(0).length;
  const best = shifts()
    .map((ms) => ({ ms, fitting: fitting(ms) }))
    // Of equals the smallest shift is the likeliest slip.
    .toSorted((a, b) => b.fitting.length - a.fitting.length || Math.abs(a.ms) - Math.abs(b.ms))[0];
  if (!best || best.fitting.length < Math.max(LEAST_FITTING, timed.length / 2)) return undefined;
  return asTheyStand * 2 < best.fitting.length ? best : undefined;
}

function isNear(known: ReadonlySet<number>, ms: number): boolean {
  const minute = Math.floor(ms / MINUTE_MS);
  return known.has(minute) || known.has(minute - 1) || known.has(minute + 1);
}

function shifts(): readonly number[] {
  const steps = Array.from({ length: (2 * FURTHEST_MS) / STEP_MS + 1 }, (_, index) => index * STEP_MS - FURTHEST_MS);
  return [...steps, ...[-2, -1, 1, 2].map((days) => days * DAY_MS)].filter((ms) => ms !== 0);
}

/** Whether the shift is of days, so that the clock stands right. */
export function isDayShift(ms: number): boolean {
  return ms % DAY_MS === 0;
}
