import type { Episode } from './scan.ts';

/** What swings to the other side within so many points of a stronger departure is its rebound. */
const REBOUND_POINTS = 3;
/** A level is back where it was when so much of the way is left, or overshot, at most. */
const NEAR = 0.25;
/** So many others in the day around, on the same side, make a departure a habit of the series. */
const HABIT = 4;
/** A departure stands out from a habit when it goes this many times as far. */
const STANDS_OUT = 1.5;

/** Whether a departure is only how the stronger one just before it swings back: a queue that empties, memory after a restart. */
export function isRebound({ side, index, strength }: Episode, before: Episode | undefined): boolean {
  return before !== undefined && before.side !== side && index - before.end <= REBOUND_POINTS && before.strength > strength;
}

/** Whether a departure only goes from the last level that came to stay back to the one before it: a long outage that ends. */
export function isReturn(one: Episode, earlier: readonly Episode[]): boolean {
  const stayed = earlier.findLast(({ hasSettled }) => hasSettled);
  if (!stayed || stayed.side === one.side) return false;
  const away = Math.abs(one.level + one.side * heightOf(one) - stayed.level);
  return away <= Math.max(stayed.noise.reach, NEAR * Math.abs(one.level - stayed.level));
}

/**
 * Whether a departure is one of many: four others of the day around went as far, or nearly, to the same side. What a metric does
 * every few hours is how it behaves, however strange each time looks; an incident is told from it by going half as far again.
 */
export function recurs(one: Episode, all: readonly Episode[], around: number): boolean {
  const others = all.filter((other) => other !== one && other.side === one.side && Math.abs(other.index - one.index) <= around);
  const habit = others.map(heightOf).toSorted((a, b) => b - a)[HABIT - 1];
  return habit !== undefined && heightOf(one) < STANDS_OUT * habit;
}

/** How far a departure goes from its level, in the unit of the series. */
function heightOf({ strength, noise }: Episode): number {
  return strength * noise.reach;
}
