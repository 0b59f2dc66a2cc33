import { type Dated, type Instant, instantAt, type Moment } from '../time.ts';
import { hiddenPeriods, type Use } from './dating.ts';
import { grownFor } from './growth.ts';
import { median } from './normal.ts';
import { type Departure, excessAt, isDeparting } from './onset.ts';
import { indexAt, startOf } from './track.ts';

/** When everything that had departed was normal again and stayed so. */
export interface Recovery extends Dated {
  readonly found: true;
  readonly likely: Moment;
}

/** `running`: it may still come, or the data end before it could be seen; `relapsing`: the data suffice, and it did not come. */
export interface NoRecovery {
  readonly found: false;
  readonly why: 'running' | 'relapsing';
  /** Since when everything that had departed has been normal, though not for long enough; absent where something is out still. */
  readonly calm?: Moment;
}

/** A stretch may lack this share of its points and still be seen; of a series that lacks more anyway, so many standard errors more than it does. */
const MOST_ABSENT = 0.25;
const ABSENT_ERRORS = 2;
/** The middle of so many periods of the calm, behind its first, is its level; of fewer than the least none is told. */
const CALM_PERIODS = 15;
const LEAST_CALM = 8;
/** A bad point is stray behind so many within half of the reach, as close an episode of a scan, if it lies out less than twice the reach. */
const CALM_BEFORE = 2;
const CALM_SHARE = 0.5;
const BY_FAR = 2;

/**
 * The start of the first stretch of `stableMs` (at least one whole period) in which every point of every departed series is
 * normal, seen from the same normal as the onset. It may have come inside the last bad period, so `minusMs` reaches back to
 * that period's start, and past a stray one that may be chance; `plusMs` is 1, since the truth may be the very stamp, and more where the first calm periods could hide
 * a rest of the departure.
 */
export function findRecovery(departures: readonly [Departure, ...Departure[]], stableMs: number): Recovery | NoRecovery {
  // What departed last decides from when on a calm stretch can be the end: before, only a part of the impact was over. Nor was it over
  // while what led to the firing was still on, however small its first step had been.
  const latest = Math.max(...departures.map(({ track, end }) => startOf(track, end)));
  const starts = [...new Set(departures.flatMap(({ track, index }) => startsAfter(track, index)))].toSorted((a, b) => a - b);
  for (const startMs of starts) {
    if (startMs > latest && departures.every((departure) => isCalmFrom(departure, startMs, stableMs))) {
      const [time, likely] = [recoveredAt(departures, startMs, 'figures'), recoveredAt(departures, startMs, 'order')];
      return { found: true, time, likely };
    }
  }
  const why = departures.some((departure) => isCalmAtEnd(departure)) ? 'running' : 'relapsing';
  if (!departures.every((departure) => isCalmAtEnd(departure))) return { found: false, why };
  const calmMs = Math.max(...departures.map((departure) => startOf(departure.track, lastBad(departure) + 1)));
  return { found: false, why, calm: recoveredAt(departures, calmMs, 'figures') };
}

/** What is absent behind the last point may only not have arrived yet. */
function lastBad(departure: Departure): number {
  const last = lastPresent(departure);
  return departure.track.values.findLastIndex(
    (_value, index) => index >= departure.index && index <= last && isDeparting(departure, index),
  );
}

function startsAfter(track: Departure['track'], index: number): readonly number[] {
  return Array.from({ length: Math.max(0, track.values.length - index - 1) }, (_, step) => startOf(track, index + 1 + step));
}

function isCalmFrom(departure: Departure, startMs: number, stableMs: number): boolean {
  const { track } = departure;
  const first = indexAt(track, startMs);
  const length = Math.max(1, Math.ceil(stableMs / track.periodMs));
  if (first < 0 || first + length > lastPresent(departure) + 1 || Number.isNaN(track.values[first])) return false;
  let absent = 0;
  for (let index = first; index < first + length; index += 1) {
    if (isDeparting(departure, index)) return false;
    if (Number.isNaN(track.values[index])) absent += 1;
  }
  return absent <= mostAbsent(departure, length);
}

/** How many of so many points may be absent: what the series lacked before it departed, and what chance adds (binomial). */
function mostAbsent({ track, index, isSilence, isAbsenceBad }: Departure, length: number): number {
  const before = track.values.subarray(
    track.values.findIndex((value) => !Number.isNaN(value)),
    index,
  );
  const usual = isSilence || isAbsenceBad ? 0 : before.filter(Number.isNaN).length / Math.max(1, before.length);
  return Math.max(MOST_ABSENT * length, usual * length + ABSENT_ERRORS * Math.sqrt(usual * (1 - usual) * length));
}

function lastPresent({ track }: Departure): number {
  return track.values.findLastIndex((value) => !Number.isNaN(value));
}

function isCalmAtEnd(departure: Departure): boolean {
  const last = lastPresent(departure);
  // Points that stopped and are not back yet: the last one is of before.
  if (last < departure.index) return false;
  return !isDeparting(departure, last);
}

/** The departed series that was bad the longest sets both bounds. */
function recoveredAt(departures: readonly [Departure, ...Departure[]], startMs: number, use: Use): Moment {
  const bounds = departures.map((departure) => {
    const { track } = departure;
    const calm = indexAt(track, startMs);
    let bad = calm - 1;
    while (bad > departure.end && !isDeparting(departure, bad)) bad -= 1;
    const last = use === 'figures' ? beforeStray(departure, bad) : bad;
    // Of what was absent no rest can be left: it is back, or it is not.
    const mayRest = bad === calm - 1 && !Number.isNaN(track.values[bad]);
    return { fromMs: startOf(track, last), hiddenMs: mayRest ? restOf(departure, calm, use) : 0 };
  });
  const fromMs = Math.max(...bounds.map((bound) => bound.fromMs));
  const hiddenMs = Math.max(...bounds.map((bound) => bound.hiddenMs));
  return { at: instantAt(startMs), minusMs: startMs - fromMs, plusMs: Math.max(1, hiddenMs) };
}

/**
 * The last bad period before those that may be chance: one point alone is no departure where nothing fired (`findDepartures`), and none
 * of what was over, unless it lies out by far.
 */
function beforeStray(departure: Departure, bad: number): number {
  const { end } = departure;
  let last = bad;
  while (last - CALM_BEFORE > end && isStray(departure, last)) {
    last -= CALM_BEFORE;
    while (last > end && !isDeparting(departure, last)) last -= 1;
  }
  return last;
}

function isStray(departure: Departure, at: number): boolean {
  const { reach } = departure.normal;
  const before = Array.from({ length: CALM_BEFORE }, (_, back) => excessAt(departure, at - 1 - back));
  return excessAt(departure, at) < BY_FAR * reach && before.every((excess) => excess < CALM_SHARE * reach);
}

/**
 * How far into the calm stretch the departure may have lasted, by the rules that say how early an onset may have been, in a mirror: held
 * against the calm itself where that lies lower than the normal before, which may have followed a small step of the departure.
 */
function restOf(departure: Departure, calm: number, use: Use): number {
  const { track, normal, index } = departure;
  const bad = calm - 1;
  const sizes = Array.from({ length: CALM_PERIODS }, (_, at) => excessAt(departure, calm + 1 + at)).filter((size) => !Number.isNaN(size));
  const level = sizes.length < LEAST_CALM ? 0 : Math.min(0, median(sizes));
  const excess = (step: number) => excessAt(departure, bad - step) - level;
  const edge = { excessAt: excess, spread: normal.spread, last: bad - index, use, isEnd: true, periodMs: track.periodMs };
  const hidden = hiddenPeriods(edge);
  const grown = use === 'figures' ? grownFor({ ...edge, first: -calmFor(departure, calm) }, false) : 0;
  return Math.round(Math.max(hidden, grown) * track.periodMs);
}

/** For how many periods nothing departs: what does so later is another departure, and says nothing of how this one ended. */
function calmFor(departure: Departure, calm: number): number {
  const last = lastPresent(departure);
  let at = calm;
  while (at <= last && !isDeparting(departure, at)) at += 1;
  return at - calm;
}

/** Until when a series has points: nothing can be said of what came later. */
export function seenUntil(departure: Departure): Instant {
  return instantAt(startOf(departure.track, lastPresent(departure)) + departure.track.periodMs);
}
