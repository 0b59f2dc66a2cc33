import { epochMs, type Window } from '../time.ts';
import { startOf, type Track } from './track.ts';

/** A series that falls silent had been steady: of so many periods before, at most a few had no point. */
const STEADY_POINTS = 12;
const MOST_ABSENT = 2;

/**
 * The first period without a point, where the points of a steady series stop before `firedAt` and are still absent there: for
 * an alarm that takes absent points as breaching that is the departure. Nothing where the silence was not read at all.
 */
export function silentFrom(track: Track, firedAt: number, blind: readonly Window[]): number | undefined {
  const { values, periodMs } = track;
  let last = Math.min(firedAt, values.length - 1);
  if (!Number.isNaN(values[last])) return undefined;
  while (last >= 0 && Number.isNaN(values[last])) last -= 1;
  const steady = values.subarray(Math.max(0, last + 1 - STEADY_POINTS), last + 1);
  if (steady.filter((value) => !Number.isNaN(value)).length < STEADY_POINTS - MOST_ABSENT) return undefined;
  const fromMs = startOf(track, last + 1);
  const isUnread = blind.some(({ from, to }) => epochMs(from) < fromMs + periodMs && epochMs(to) > fromMs);
  return isUnread ? undefined : last + 1;
}
