import { epochMs, instantAt, type Moment, type Window } from '../time.ts';
import type { Departure, OnsetQuestion, Refusal } from './onset.ts';
import { indexAt, isCount, LATE_MS, startOf, type Track, type ZeroFill } from './track.ts';

/** A series that falls silent had been steady: of so many periods before, at most a few had no point. */
const STEADY_POINTS = 12;
const MOST_ABSENT = 2;
/** A count that lacked at least this share of its points is one that reports only what it counts. */
const SPARSE_SHARE = 0.1;

/**
 * The first period without a point, where the points of a steady series stop before `firedAt` and are still absent there: for
 * an alarm that takes absent points as breaching that is the departure. Nothing where the silence was not read at all.
 */
export function silentFrom(track: Track, firedAt: number, blind: readonly Window[]): number | undefined {
  const { values, periodMs } = track;
  let last = Math.min(firedAt, values.length - 1);
  if (!Number.isNaN(values[last])) return undefined;
  while (last >= 0 && Number.isNaN(values[last])) last -= 1;
  if (!isSteady(track, last + 1)) return undefined;
  const fromMs = startOf(track, last + 1);
  const isUnread = blind.some(({ from, to }) => epochMs(from) < fromMs + periodMs && epochMs(to) > fromMs);
  return isUnread ? undefined : last + 1;
}

/** Whether nearly every period before an index had its point. */
function isSteady({ values }: Track, index: number): boolean {
  const before = values.subarray(Math.max(0, index - STEADY_POINTS), index);
  return before.filter((value) => !Number.isNaN(value)).length >= STEADY_POINTS - MOST_ABSENT;
}

/** Whether what is absent behind a departure belongs to it: the alarm says so, every period had its point before, and all of it was read. */
export function isAbsenceBad({ alarm, read }: OnsetQuestion, { track, index, time }: Departure): boolean {
  const isUnread = read?.blind.some(({ to }) => to > time.at) ?? false;
  return alarm?.missing === 'breaching' && isSteady(track, index) && !isUnread;
}

/** The refusal of a steady series that had no point as something fired; the last one alone may only not have arrived yet. */
export function stoppedBy(track: Track, fired: Moment): Refusal | undefined {
  const firedAt = Math.min(indexAt(track, epochMs(fired.at) + fired.plusMs - 1), track.values.length - 1);
  const silent = silentFrom(track, firedAt, []);
  if (silent === undefined || silent >= firedAt) return undefined;
  const since = instantAt(startOf(track, silent)).slice(11, 16);
  const back = track.values.findIndex((value, at) => at > firedAt && !Number.isNaN(value));
  const until = back < 0 ? 'UTC on' : `to ${instantAt(startOf(track, back)).slice(11, 16)} UTC`;
  return { found: false, reason: 'stopped', detail: `it has no values from ${since} ${until}` };
}

/**
 * A count whose alarm calls absent points harmless, and which often had none before the alarm, reports nothing when it has
 * nothing to count: ELB's 5xx counts do. One that always had its points and stops has not become zero: it is not seen.
 */
export function zeroFill({ series, alarm, until, read, fired, recentMs }: OnsetQuestion): ZeroFill | undefined {
  if (!isCount(series) || alarm?.missing !== 'notBreaching') return undefined;
  const firedMs = epochMs(fired.at);
  const fromMs = Math.max(read ? epochMs(read.from) : (series.startsMs[0] ?? 0), firedMs - recentMs);
  const present = series.startsMs.filter((startMs) => startMs >= fromMs && startMs < firedMs).length;
  if (present > (1 - SPARSE_SHARE) * ((firedMs - fromMs) / series.periodMs)) return undefined;
  return { fromMs, untilMs: epochMs(until) - LATE_MS, blind: read?.blind ?? [] };
}
