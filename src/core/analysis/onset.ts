import type { Fact } from '../facts.ts';
import type { Series } from '../series.ts';
import { epochMs, type Instant, instantAt, type Moment, type Window } from '../time.ts';
import { expectedAt, learnNormal, learnShape, type Normal } from './normal.ts';
import { risenBefore } from './rise.ts';
import { silentFrom } from './silence.ts';
import { indexAt, isCount, isSum, layOut, startOf, type Track } from './track.ts';

export type AlarmFact = Extract<Fact, { readonly kind: 'alarm' }>;

/** What is asked of a series: when did it leave its normal, such that this was fired? */
export interface OnsetQuestion {
  readonly series: Series;
  /** The same metric over the weeks before, at any period: it gives the shape of a day. */
  readonly weeks?: Series;
  /** The alarm that watches it: which way a departure goes, and how many points it tolerates. */
  readonly alarm?: AlarmFact;
  /** When the alarm fired; for a series that no alarm watches, when the incident began to be known. */
  readonly fired: Moment;
  /** A departure may also begin after `fired`: a page of something else came first. */
  readonly mayFollow?: boolean;
  /** Nothing later than this is known. */
  readonly until: Instant;
  /** How far before `fired` the recent normal is learned from. */
  readonly recentMs: number;
  /** From when on the series was asked for, and what of that could not be read: elsewhere an absent point is an absent point. */
  readonly read?: { readonly from: Instant; readonly blind: readonly Window[] };
}

/** A series that left its normal: since when, to which side, and all that recovery and size are read from. */
export interface Departure {
  readonly found: true;
  readonly series: Series;
  readonly alarm?: AlarmFact;
  readonly time: Moment;
  /** The value of the first departing point; absent where the departure is that points stopped. */
  readonly value?: number;
  readonly side: 1 | -1;
  readonly track: Track;
  readonly normal: Normal;
  /** Where in the track the departure begins. */
  readonly index: number;
  /** Absent points are bad ones: the departure is that they stopped. */
  readonly isSilence?: boolean;
}

export type RefusalReason = 'too_short' | 'all_zero' | 'constant' | 'unsettled' | 'no_departure' | 'began_before_data';

/** No onset, and why: a guess would be printed as a fact. */
export interface Refusal {
  readonly found: false;
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** Fewer points than this say nothing about what is normal. */
const LEAST_POINTS = 12;
/** CloudWatch's values of the last minutes still change (prometheus/cloudwatch_exporter#396: up to ten). */
const LATE_MS = 600_000;
/** Without an alarm, a departure that led to a page is looked for this far before it. */
const LEAD_MS = 3_600_000;
/** A point that is this much nearer to normal than to the alarm's threshold is no departure that the alarm was made for. */
const SHARE_OF_THRESHOLD = 0.05;
/** A part of a period that could have departed unseen is stated from this share on. */
const STATED_SHARE = 0.1;
/** A series with more than this share of its earlier points outside its own normal has none. */
const MOST_OUTSIDE = 0.2;
/** A run goes on behind a hole of so many points, or of so long, whichever is more. */
const HOLE_POINTS = 3;
const HOLE_MS = 900_000;
/** A count that lacked at least this share of its points is one that reports only what it counts. */
const SPARSE_SHARE = 0.1;
/** The start of a run settles in two or three rounds; a slow rise creeps, and is stopped here. */
const MOST_ROUNDS = 5;

/**
 * The first point of the run of abnormal points that led to the firing.
 *
 * Method, for a reader: "Normal is the median of the day before, moved by the usual shape of the day where two weeks of the
 * metric show one; normal noise is the median absolute deviation from it. A point further away than 3.5 such deviations is
 * abnormal. From the moment of the alarm we walk back to the first of the abnormal points that led to it: the impact began
 * inside that point's period." Median and MAD because half of the points may be wrong before they move (Leys et al. 2013,
 * J. Exp. Soc. Psychol. 49(4), "Do not use standard deviation around the mean"); 3.5 from Iglewicz & Hoaglin, "How to Detect
 * and Handle Outliers" (ASQC, 1993). Walking back from a signal to the start of its run is how a control chart dates a change
 * (Page 1954, Biometrika 41, takes the last moment at which the accumulated excess was nothing).
 *
 * `time.at` is the start of the first departing period and `plusMs` its length. `minusMs` is 0, unless the period before has
 * no point or could hide a tenth or more of the departure in its noise: then it reaches back as far as that could be. Where the
 * run rises slowly it reaches back to where its line leaves normal (`rise.ts`). Where the alarm takes absent points for
 * breaching and they stop, the first absent period is the onset (`silence.ts`). Departures with no firing at all are found by
 * `findDepartures`.
 */
export function findOnset(question: OnsetQuestion): Departure | Refusal {
  const { series, alarm, fired, recentMs, until } = question;
  const firedMs = epochMs(fired.at) + fired.plusMs;
  const track = layOut(series, firedMs - recentMs, epochMs(until), zeroFill(question));
  const firedAt = Math.min(indexAt(track, firedMs - 1), track.values.length - 1);
  const silent = alarm?.missing === 'breaching' ? findSilence(question, track, firedAt) : undefined;
  if (silent) return silent;
  const broken = brokenBy(track, series);
  if (broken) return broken;
  const shape = question.weeks ? learnShape(question.weeks, series.periodMs, firedMs) : [];
  let end = firedAt;
  for (let round = 0; ; round += 1) {
    const learned = learnNormal(track, { to: end, shape, isCounted: isCount(series), side: sideOf(alarm), isFirst: round === 0 });
    if (learned.points < LEAST_POINTS) {
      return refuse('too_short', `${learned.points} points before the departure are too few to say what is normal`);
    }
    const normal = { ...learned, reach: Math.max(learned.reach, leastReach(learned, series, alarm)) };
    if (isUnsettled(track, normal, end)) return refuse('unsettled', 'the points before have no stable normal');
    const run = findRun({ track, normal, side: sideOf(alarm) }, question, firedAt);
    if (!run) return refuse('no_departure', 'no point near the firing lies outside what is normal for this series');
    // Learned again without the departure itself, until that changes nothing: a slow rise must not call itself normal.
    if (round > 0 && (run.index >= end || round === MOST_ROUNDS)) return toDeparture(question, track, normal, run, firedAt);
    end = Math.min(end, run.index);
  }
}

/** Points that stop are the departure where the alarm takes them for breaching and the last of them was as normal as ever. */
function findSilence({ series, alarm, read }: OnsetQuestion, track: Track, firedAt: number): Departure | undefined {
  const index = silentFrom(track, firedAt, read?.blind ?? []);
  if (index === undefined) return undefined;
  const normal = learnNormal(track, { to: index, shape: [], isCounted: isCount(series), side: sideOf(alarm), isFirst: false });
  const sight = { track, normal, side: sideOf(alarm) };
  if (isDeparting(sight, index - 1)) return undefined;
  // They may have stopped inside the last period that still had one.
  const time = { at: instantAt(startOf(track, index)), minusMs: track.periodMs, plusMs: track.periodMs };
  const side = alarm?.comparison === 'above' ? 1 : -1;
  return { found: true, series, ...(alarm && { alarm }), time, side, track, normal, index, isSilence: true };
}

function refuse(reason: RefusalReason, detail: string): Refusal {
  return { found: false, reason, detail };
}

/**
 * A count whose alarm calls absent points harmless, and which often had none before the alarm, reports nothing when it has
 * nothing to count: ELB's 5xx counts do. One that always had its points and stops has not become zero: it is not seen.
 */
function zeroFill({ series, alarm, until, read, fired, recentMs }: OnsetQuestion) {
  if (!isCount(series) || alarm?.missing !== 'notBreaching') return undefined;
  const firedMs = epochMs(fired.at);
  const fromMs = Math.max(read ? epochMs(read.from) : (series.startsMs[0] ?? 0), firedMs - recentMs);
  const present = series.startsMs.filter((startMs) => startMs >= fromMs && startMs < firedMs).length;
  if (present > (1 - SPARSE_SHARE) * ((firedMs - fromMs) / series.periodMs)) return undefined;
  return { fromMs, untilMs: epochMs(until) - LATE_MS, blind: read?.blind ?? [] };
}

/** Why nothing can be read from a series, if so: it is constant, or all zero, or has too few points. */
export function brokenBy(track: Track, series: Series): Refusal | undefined {
  const present = track.values.filter((value) => !Number.isNaN(value));
  if (series.values.every((value) => value === 0)) return refuse('all_zero', 'every point of the series is zero');
  if (present.length < LEAST_POINTS) return refuse('too_short', `the series has only ${present.length} points around the incident`);
  if (present.every((value) => value === present[0])) return refuse('constant', `every point of the series is ${present[0]}`);
  return undefined;
}

/** Which way a departure goes that the alarm looks for: 0 is either. */
export function sideOf(alarm: Pick<AlarmFact, 'comparison'> | undefined): -1 | 0 | 1 {
  return alarm?.comparison === 'above' ? 1 : alarm?.comparison === 'below' ? -1 : 0;
}

/** How far from normal a point must lie, given the alarm's threshold, to be of the kind that the alarm was made for. */
export function leastReach(
  { level }: Pick<Normal, 'level'>,
  series: Series,
  alarm: Pick<AlarmFact, 'threshold' | 'periodMs'> | undefined,
): number {
  if (alarm?.threshold === undefined) return 0;
  const scale = isSum(series) ? series.periodMs / alarm.periodMs : 1;
  return SHARE_OF_THRESHOLD * Math.abs(alarm.threshold * scale - level);
}

function isUnsettled(track: Track, normal: Normal, end: number): boolean {
  let outside = 0;
  for (let index = 0; index < end; index += 1) {
    if (Math.abs((track.values[index] ?? Number.NaN) - expectedAt(normal, startOf(track, index), track.periodMs)) > normal.reach)
      outside += 1;
  }
  return outside > MOST_OUTSIDE * normal.points;
}

/** A track, what is normal for it, and which way a departure goes. */
export interface Sight {
  readonly track: Track;
  readonly normal: Normal;
  readonly side: -1 | 0 | 1;
  readonly isSilence?: boolean;
}

/** How far a point lies beyond normal, toward the side that counts as a departure; NaN where there is no point. */
export function excessAt({ track, normal, side }: Sight, index: number): number {
  const away = (track.values[index] ?? Number.NaN) - expectedAt(normal, startOf(track, index), track.periodMs);
  return side === 0 ? Math.abs(away) : away * side;
}

/** Whether the point lies outside normal; an absent one does only where the departure is a silence. */
export function isDeparting(sight: Sight, index: number): boolean {
  if (sight.isSilence && Number.isNaN(sight.track.values[index])) return true;
  return excessAt(sight, index) > sight.normal.reach;
}

interface Run {
  /** The first departing point. */
  readonly index: number;
  readonly side: 1 | -1;
  /** The last point before it that was there; -1 where there is none. */
  readonly before: number;
}

function findRun(sight: Sight, question: OnsetQuestion, firedAt: number): Run | undefined {
  const { alarm, fired, series } = question;
  const leadMs = alarm ? alarm.outOf * alarm.periodMs + LATE_MS : LEAD_MS;
  const earliest = Math.max(0, indexAt(sight.track, epochMs(fired.at) - leadMs));
  for (let index = firedAt; index >= earliest; index -= 1) {
    if (isCore(sight, index, alarm)) return walkBack(sight, index, toleratedBy(alarm, series));
  }
  for (let index = firedAt + 1; question.mayFollow && index < sight.track.values.length; index += 1) {
    if (isCore(sight, index, alarm)) return walkBack(sight, index, toleratedBy(alarm, series));
  }
  return undefined;
}

/** The alarm itself vouches for a single point; without one it takes two in a row, or one twice as far out. */
function isCore(sight: Sight, index: number, alarm: AlarmFact | undefined): boolean {
  if (!isDeparting(sight, index)) return false;
  const isFar = excessAt(sight, index) > 2 * sight.normal.reach;
  return alarm !== undefined || isFar || isDeparting(sight, index - 1) || isDeparting(sight, index + 1);
}

/** How many normal points may interrupt a run: as many as the alarm's "M of N" lets pass. */
function toleratedBy(alarm: AlarmFact | undefined, series: Series): number {
  return alarm ? Math.floor(((alarm.outOf - alarm.breaching) * alarm.periodMs) / series.periodMs) : 0;
}

function walkBack(sight: Sight, core: number, tolerated: number): Run {
  const { track, normal } = sight;
  const value = track.values[core] ?? 0;
  const side = value >= expectedAt(normal, startOf(track, core), track.periodMs) ? 1 : -1;
  const sided = { track, normal, side } as const;
  const holes = Math.max(HOLE_POINTS, Math.ceil(HOLE_MS / track.periodMs));
  let first = core;
  for (let index = core - 1, calm = 0, hole = 0; index >= 0; index -= 1) {
    const isAbsent = Number.isNaN(track.values[index]);
    hole = isAbsent ? hole + 1 : 0;
    if (isDeparting(sided, index)) {
      first = index;
      calm = 0;
    } else if (!isAbsent) calm += 1;
    if (calm > tolerated || hole > holes) break;
  }
  let before = first - 1;
  while (before >= 0 && Number.isNaN(track.values[before])) before -= 1;
  return { index: first, side, before };
}

function toDeparture(question: OnsetQuestion, track: Track, normal: Normal, run: Run, firedAt: number): Departure | Refusal {
  const { index, side, before } = run;
  if (before < 0) return refuse('began_before_data', 'the series begins inside the departure');
  const { series, alarm } = question;
  const sight = { track, normal, side } as const;
  const unseenMs = (index - before - 1) * track.periodMs + hiddenMsOf(sight, before, index);
  const minusMs = Math.max(unseenMs, risenBefore((at) => excessAt(sight, at), normal.reach, index, firedAt) * track.periodMs);
  const time = { at: instantAt(startOf(track, index)), minusMs, plusMs: track.periodMs };
  return { found: true, series, ...(alarm && { alarm }), time, value: track.values[index] ?? 0, side, track, normal, index };
}

/** How much of a normal period may have departed unseen, judged by the departing period beside it; 0 below the least that is stated. */
export function hiddenMsOf(sight: Sight, calm: number, departing: number, least = STATED_SHARE): number {
  const share = (Math.max(0, excessAt(sight, calm)) + sight.normal.reach) / excessAt(sight, departing);
  return Number.isNaN(share) || share < least ? 0 : Math.ceil(Math.min(1, share) * sight.track.periodMs);
}
