import { epochMs, type Instant, instantAt, type Moment } from '../time.ts';
import { median } from './normal.ts';
import { type Departure, excessAt, isDeparting } from './onset.ts';
import { indexAt, startOf } from './track.ts';

/**
 * What a series did after an action ended: `fell` to half of its excess or less in time and stayed there, `stayed` above, or
 * `unknown`: it was normal already, its periods are too long to tell before from after, or its data end.
 */
export type Effect = 'fell' | 'stayed' | 'unknown';

interface Patience {
  /** How soon after the action the excess must have halved. */
  readonly withinMs: number;
  /** How long it must be seen low where no recovery ends the watch. */
  readonly stableMs: number;
  /** When what the action took away was put back: from then on nothing is its effect, and it need not be seen to last. */
  readonly until?: Instant;
}

/** So many low periods before it was put back are more than a dip. */
const LEAST_LOW = 2;

/**
 * The effect on all departed series together: the action ended the impact only where each of them fell. The excess before is
 * the median of the whole periods that ended within `withinMs` before the action did, so that one last spike sets no bar.
 */
export function effectOf(action: Moment, departures: readonly Departure[], recovery: Moment | undefined, patience: Patience): Effect {
  return effectBetween(action, action, departures, recovery, patience);
}

/**
 * The same for an action that takes time: a fleet goes back machine by machine, so the impact may fall before the action has ended. The excess
 * before is that before it began.
 */
export function effectBetween(
  began: Moment,
  ended: Moment,
  departures: readonly Departure[],
  recovery: Moment | undefined,
  patience: Patience,
): Effect {
  const effects = effectsBetween(began, ended, departures, recovery, patience);
  const told = effects.filter((effect) => effect !== 'unknown');
  if (told.includes('stayed')) return 'stayed';
  return told.length > 0 ? 'fell' : 'unknown';
}

/** The same for each series by itself, in their order. */
export function effectsBetween(
  began: Moment,
  ended: Moment,
  departures: readonly Departure[],
  recovery: Moment | undefined,
  patience: Patience,
): readonly Effect[] {
  return departures.map((departure) => effectOn(departure, { began, ended }, recovery, patience));
}

/** So many values in a row within normal are no dip of the noise. */
const LEAST_CALM = 3;

/** Whether a series that stood out when an action began was within its normal soon after it ended, whatever it did then. */
export function ceasedAfter(began: Moment, ended: Moment, departure: Departure, withinMs: number): boolean {
  const { track, index } = departure;
  const first = indexAt(track, epochMs(began.at));
  if (first - 1 < index || !isDeparting(departure, first - 1)) return false;
  const latest = indexAt(track, epochMs(ended.at) + withinMs);
  const isCalm = (at: number) => !Number.isNaN(track.values[at] ?? Number.NaN) && !isDeparting(departure, at);
  return range(first, latest + 1).some((at) => range(at, at + LEAST_CALM).every(isCalm));
}

interface Action {
  readonly began: Moment;
  readonly ended: Moment;
}

function effectOn(departure: Departure, { began, ended }: Action, recovery: Moment | undefined, patience: Patience): Effect {
  const { track, index } = departure;
  const { withinMs, stableMs } = patience;
  const put = patience.until === undefined ? Number.POSITIVE_INFINITY : indexAt(track, epochMs(patience.until)) - 1;
  const [beginMs, endMs] = [epochMs(began.at), epochMs(ended.at)];
  // What was normal again owes nothing to what began later, though it may have left its normal once more by then.
  if (recovery && beginMs - began.minusMs > epochMs(recovery.at) + recovery.plusMs) return 'unknown';
  const lastBefore = indexAt(track, beginMs) - 1;
  const firstBefore = Math.max(index, indexAt(track, beginMs - withinMs));
  if (lastBefore < firstBefore || !isDeparting(departure, lastBefore)) return 'unknown';
  const half =
    median(
      range(firstBefore, lastBefore + 1)
        .map((at) => excessAt(departure, at))
        .filter((excess) => !Number.isNaN(excess)),
    ) / 2;
  const firstAfter = Math.ceil((beginMs - track.firstMs) / track.periodMs);
  const latest = indexAt(track, endMs + withinMs);
  const last = track.values.findLastIndex((value) => !Number.isNaN(value));
  const until = Math.min(put, recovery ? Math.min(last, indexAt(track, epochMs(recovery.at))) : last);
  const fallen = range(firstAfter, Math.min(latest, last, put) + 1).find((at) => staysUnder(departure, half, at, until));
  if (fallen === undefined) return Math.min(last, put) >= latest ? 'stayed' : 'unknown';
  if (put < last) return until - fallen + 1 >= LEAST_LOW ? 'fell' : 'unknown';
  const isHeld = recovery !== undefined || startOf(track, last + 1) - startOf(track, fallen) >= stableMs;
  return isHeld ? 'fell' : 'unknown';
}

function staysUnder(departure: Departure, limit: number, from: number, until: number): boolean {
  if (Number.isNaN(departure.track.values[from])) return false;
  return range(from, until + 1).every((at) => !(excessAt(departure, at) > limit));
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, step) => from + step);
}

/**
 * The first period from which on every point until recovery is on the mild side of `severe`: the worst is over. It may have
 * been over inside the last severe period, so `minusMs` is one period; `plusMs` is what of the first mild one may still have been severe, and
 * reaches over periods with no value to the end of the next that has one. Without a recovery it must be seen mild for `stableMs`.
 */
export function mildFrom(departure: Departure, severe: number, recovery: Moment | undefined, stableMs: number): Moment | undefined {
  const { track, side, index } = departure;
  const last = track.values.findLastIndex((value) => !Number.isNaN(value));
  const until = recovery ? Math.min(last, indexAt(track, epochMs(recovery.at))) : last;
  const isSevere = (at: number) => ((track.values[at] ?? Number.NaN) - severe) * side >= 0;
  const lastSevere = range(index, until + 1).findLast(isSevere);
  if (lastSevere === undefined || lastSevere >= last) return undefined;
  const startMs = startOf(track, lastSevere + 1);
  if (!recovery && startOf(track, last + 1) - startMs < stableMs) return undefined;
  const mild = range(lastSevere + 1, last + 1).find((at) => !Number.isNaN(track.values[at])) ?? lastSevere + 1;
  const isHidden = mild > lastSevere + 1;
  const plusMs = isHidden ? startOf(track, mild + 1) - startMs : Math.ceil(restShare(departure, lastSevere) * track.periodMs);
  return { at: instantAt(startMs), minusMs: track.periodMs, plusMs: Math.max(1, plusMs) };
}

/** Within so many spreads of the metric's noise around the calm after it a value is calm itself. */
const REST_SPREADS = 3;
/** The middle of so many values tells the calm. */
const CALM_VALUES = 15;

/**
 * Which share of the first mild period may still have been severe: all of it where its value lies beyond the calm after it, since a level that
 * sinks does so in its own time; else as much as its noise can hide of a level that fell at once.
 */
function restShare(departure: Departure, lastSevere: number): number {
  const mild = lastSevere + 1;
  const after = range(mild + 1, mild + 1 + CALM_VALUES).map((at) => excessAt(departure, at));
  const calm = after.filter((excess) => !Number.isNaN(excess));
  if (calm.length === 0) return 1;
  const level = median(calm);
  const noise = REST_SPREADS * departure.normal.spread;
  const rest = excessAt(departure, mild) - level;
  const fall = excessAt(departure, lastSevere) - level;
  return rest > noise || fall <= 0 ? 1 : Math.min(1, (Math.max(0, rest) + noise) / fall);
}
