import type { Fact } from '../facts.ts';
import type { Series } from '../series.ts';
import { type Dated, epochMs, type Instant, instantAt, likelyTime, type Moment, type Window } from '../time.ts';
import { reachesOf, sideOf } from './alarm-reach.ts';
import { coarserOf } from './coarser.ts';
import { hiddenPeriods, type Use } from './dating.ts';
import { footOf, fromFoot } from './foot.ts';
import { grownBack, grownFor } from './growth.ts';
import { expectedAt, learnNormal, learnShape, type Normal } from './normal.ts';
import { ofCounted, resetsOf } from './resets.ts';
import { type Episode, scan } from './scan.ts';
import { isAbsenceBad, silentFrom, stoppedBy, zeroFill } from './silence.ts';
import { indexAt, isCount, isSum, LATE_MS, layOut, startOf, type Track } from './track.ts';

/** The rule of an alarm. */
export type AlarmFact = Extract<Fact, { readonly kind: 'alarm' }>;

/** What is asked of a series: when did it leave its normal, such that this was fired? */
export interface OnsetQuestion {
  readonly series: Series;
  /** The same metric over the weeks before, at any period: it gives the shape of a day or week. */
  readonly weeks?: Series;
  /** The alarm that watches it: which way a departure goes, and how many points it tolerates. */
  readonly alarm?: AlarmFact;
  /** When the alarm fired; for a series that no alarm watches, when the incident began to be known. */
  readonly fired: Moment;
  /** A departure may also begin after `fired`: a page of something else came first. */
  readonly mayFollow?: boolean;
  /** Nothing later than this is known. */
  readonly until: Instant;
  /** How far before `fired` the series is read; normal and its noise are learned there. */
  readonly recentMs: number;
  /** From when on the series was asked for, and what of that could not be read: elsewhere an absent point is an absent point. */
  readonly read?: { readonly from: Instant; readonly blind: readonly Window[] };
}

/** A series that left its normal: since when, to which side, and all that recovery and size are read from. */
export interface Departure extends Dated {
  readonly found: true;
  readonly series: Series;
  readonly alarm?: AlarmFact;
  /** The value of the first departing point; absent where the departure is that points stopped. */
  readonly value?: number;
  readonly side: 1 | -1;
  readonly track: Track;
  readonly normal: Normal;
  /** Where in the track the departure begins. */
  readonly index: number;
  /** The last abnormal point of what led to the firing: it was not over before. */
  readonly end: number;
  /** Absent points are bad ones: the departure is that they stopped. */
  readonly isSilence?: boolean;
  /** Absent points behind the departure are bad ones, as its alarm takes them: the series had been steady. */
  readonly isAbsenceBad?: boolean;
}

/** Why a series says nothing of an onset. */
export type RefusalReason =
  | 'apart'
  | 'stopped'
  | 'too_short'
  | 'all_zero'
  | 'constant'
  | 'reset'
  | 'unsettled'
  | 'no_departure'
  | 'began_before_data';

/** No onset, and why: a guess would be printed as a fact. */
export interface Refusal {
  readonly found: false;
  readonly reason: RefusalReason;
  readonly detail: string;
}

/** Fewer points than this say nothing about what is normal. */
const LEAST_POINTS = 12;
/** Without an alarm, a departure that led to a page is looked for this far before it. */
const LEAD_MS = 3_600_000;
/** A series with more than this share of its earlier points outside its own normal has none. */
const MOST_OUTSIDE = 0.2;
/** A departure gives way to a further one at once where no more than so many points lie between. */
const GAVE_WAY_POINTS = 2;

/**
 * The departure that led to the firing: the last one of the scan that was still on shortly before it.
 *
 * Method, for a reader: "We look for departures as where nothing had fired (`findDepartures`), in the points up to the alarm,
 * and take the last one that was still on in the minutes that the alarm looks at. There the alarm vouches for it: one abnormal
 * point is enough. The impact began inside the period of its first point." Walking back from a signal to the start of its run
 * is how a control chart dates a change (Page 1954, Biometrika 41, "Continuous inspection schemes"). What leads to the firing teaches no noise, or a slow rise would call itself normal.
 *
 * `time.at` is the start of the first departing period and `plusMs` its length. `minusMs` reaches back as far as the departure
 * can have begun unseen: in a hole, in the noise of the period before, at the foot of a rise, as a small step (`dating.ts`). A slow rise
 * begins where its line leaves the level before it (`foot.ts`), or earlier where it bends (`growth.ts`). Where the alarm takes absent points for breaching and they stop, the
 * first absent period is the onset (`silence.ts`). A rise that normal itself follows is looked for in five minutes, too, and its end is no onset (`coarser.ts`).
 */
export function findOnset(asked: OnsetQuestion): Departure | Refusal {
  const question = ofCounted(asked);
  const { series, alarm, fired, recentMs, until } = question;
  const firedMs = epochMs(fired.at) + fired.plusMs;
  const track = layOut(series, firedMs - recentMs, epochMs(until), zeroFill(question));
  const firedAt = Math.min(indexAt(track, firedMs - 1), track.values.length - 1);
  const answered = (alarm?.missing === 'breaching' ? findSilence(question, track, firedAt) : undefined) ?? brokenBy(track, series);
  if (answered) return answered;
  const seen = seenIn(question, track, firedAt);
  const coarser = seen.found || seen.reason === 'no_departure' ? coarserOf(series, track, firedAt) : undefined;
  if (!coarser) return seen;
  // What only longer periods show is faint, and where these begin is chance: it may have begun in the one before.
  const other = seenIn({ ...question, series: coarser.series }, coarser.track, indexAt(coarser.track, startOf(track, firedAt)));
  if (!other.found) return seen;
  const isLater = seen.found && epochMs(seen.time.at) > firedMs && epochMs(other.time.at) <= firedMs;
  return seen.found && !isLater
    ? reachingBack(seen, other)
    : reachedBack(other, (boundsOf) => boundsOf(other).minusMs + other.track.periodMs);
}

/** The departure of one track: by all that came before the firing, then by the shape of the day before it, of which it must be no part. */
function seenIn(question: OnsetQuestion, track: Track, firedAt: number): Departure | Refusal {
  const { series, weeks, fired } = question;
  const shapeUntil = (ms: number) => (weeks ? learnShape(weeks, series.periodMs, ms) : []);
  const seen = seenBy(question, track, shapeUntil(epochMs(fired.at) + fired.plusMs), firedAt);
  if (!seen.found) return seen;
  const shape = shapeUntil(epochMs(seen.time.at));
  const again = seen.normal.shape.some((offset, at) => offset !== shape[at]) ? seenBy(question, track, shape, firedAt) : seen;
  return again.found ? again : seen;
}

function seenBy(question: OnsetQuestion, track: Track, shape: readonly number[], firedAt: number): Departure | Refusal {
  const { series, alarm, fired, mayFollow } = question;
  const leadMs = alarm ? alarm.outOf * alarm.periodMs + LATE_MS : LEAD_MS;
  const earliest = Math.max(0, indexAt(track, epochMs(fired.at) - leadMs));
  const walked = (last: number) => walkTo(question, track, shape, { earliest, last });
  const before = walked(firedAt);
  const leads = ({ end, strength }: Episode) => end >= earliest && (alarm !== undefined || strength >= 1);
  const found = before.findLast(leads);
  const episode = found ? beganAs(found, before) : mayFollow ? walked(track.values.length - 1).find(leads) : undefined;
  const points = pointsBefore(track, episode?.index ?? earliest);
  if (episode && points === 0) return refuse('began_before_data', 'the series begins inside the departure');
  if (points < LEAST_POINTS) return refuse('too_short', `${points} points before the departure are too few to say what is normal`);
  if (!episode) return nothingLeads(question, track, shape, earliest);
  const last = Math.max(firedAt, episode.end);
  const departure = { ...departureOf(series, track, shape, episode, { last, use: 'figures' }), ...(alarm && { alarm }) };
  return isAbsenceBad(question, departure) ? { ...departure, isAbsenceBad: true } : departure;
}

/** A departure that stayed so long that it became the new normal, and gave way at once to a further one, is where that one began. */
function beganAs(last: Episode, episodes: readonly Episode[]): Episode {
  const before = episodes[episodes.indexOf(last) - 1];
  if (!before?.hasSettled || before.side !== last.side || last.index - before.end > GAVE_WAY_POINTS) return last;
  return { ...beganAs(before, episodes), end: last.end };
}

/** The departure with each of its bounds as far back as is said of that kind. */
export function reachedBack(departure: Departure, minusMs: (boundsOf: (dated: Dated) => Moment) => number): Departure {
  const reached = (boundsOf: (dated: Dated) => Moment): Moment => ({ ...boundsOf(departure), minusMs: minusMs(boundsOf) });
  return { ...departure, time: reached(({ time }) => time), ...(departure.likely && { likely: reached(likelyTime) }) };
}

/**
 * What longer periods show to have begun before the first plain point is how a slow rise began: the bounds reach back to there,
 * where the points just before were raised already. Else it was another departure, which was over.
 */
function reachingBack(seen: Departure, other: Departure): Departure {
  const { time, side, track, normal, end } = other;
  const fromMs = epochMs(seen.time.at);
  const isBefore = epochMs(time.at) + time.plusMs <= fromMs;
  if (!isBefore || side !== seen.side || startOf(track, end + 1) <= fromMs) return seen;
  const scale = isSum(other.series) ? seen.track.periodMs / track.periodMs : 1;
  const before = seen.track.values.subarray(Math.max(0, seen.index - LEAST_POINTS), seen.index).filter((value) => !Number.isNaN(value));
  const mean = before.reduce((sum, value) => sum + value, 0) / before.length;
  const expected = scale * expectedAt(normal, startOf(track, other.index), track.periodMs);
  if (!((mean - expected) * side > (scale * normal.reach) / 2)) return seen;
  return reachedBack(seen, (boundsOf) => Math.max(boundsOf(seen).minusMs, fromMs - epochMs(time.at) + boundsOf(other).minusMs));
}

/** Walks the series as `findDepartures` does, with what a firing adds: from its lead on a single point counts. */
function walkTo({ series, alarm }: OnsetQuestion, track: Track, shape: readonly number[], { earliest, last }: Lead): readonly Episode[] {
  const firing = { leadFrom: earliest, vouches: alarm !== undefined };
  const asked = reachesOf(series, alarm, track.values.slice(0, earliest));
  return scan(track, series, { shape, side: sideOf(alarm), until: last + 1, firing, ...asked });
}

/** From where on a departure may have led to the firing, and the last point that is asked. */
interface Lead {
  readonly earliest: number;
  readonly last: number;
}

function pointsBefore({ values }: Track, index: number): number {
  return values.subarray(0, index).filter((value) => !Number.isNaN(value)).length;
}

/** Points that stop are the departure where the alarm takes them for breaching and the last of them was as normal as ever. */
function findSilence({ series, weeks, alarm, read }: OnsetQuestion, track: Track, firedAt: number): Departure | undefined {
  const index = silentFrom(track, firedAt, read?.blind ?? []);
  if (index === undefined) return undefined;
  const shape = weeks ? learnShape(weeks, series.periodMs, startOf(track, index)) : [];
  const normal = learnNormal(track, { to: index, shape, isCounted: isCount(series), side: sideOf(alarm), isFirst: false });
  const sight = { track, normal, side: sideOf(alarm) };
  if (isDeparting(sight, index - 1)) return undefined;
  // They may have stopped inside the last period that still had one.
  const time = { at: instantAt(startOf(track, index)), minusMs: track.periodMs, plusMs: track.periodMs };
  const side = alarm?.comparison === 'above' ? 1 : -1;
  return { found: true, series, ...(alarm && { alarm }), time, side, track, normal, index, end: index, isSilence: true };
}

function refuse(reason: RefusalReason, detail: string): Refusal {
  return { found: false, reason, detail };
}

/** Why nothing can be read from a series, if so: it is constant, or all zero, or has too few points, or counts on and starts over. */
export function brokenBy(track: Track, series: Series): Refusal | undefined {
  const present = track.values.filter((value) => !Number.isNaN(value));
  if (series.values.every((value) => value === 0)) return refuse('all_zero', 'every point of the series is zero');
  if (present.length < LEAST_POINTS) return refuse('too_short', `the series has only ${present.length} points around the incident`);
  if (present.every((value) => value === present[0])) return refuse('constant', `every point of the series is ${present[0]}`);
  const resets = resetsOf(present);
  if (resets > 0)
    return refuse('reset', `the series counts up and starts over ${resets === 1 ? 'once' : `${resets} times`}: ask for its rate`);
  return undefined;
}

/** Why no departure leads to the firing: the series has no normal to leave, or did not leave it, or was not there. */
function nothingLeads({ series, alarm, fired }: OnsetQuestion, track: Track, shape: readonly number[], to: number): Refusal {
  const normal = learnNormal(track, { to, shape, isCounted: isCount(series), side: sideOf(alarm), isFirst: false });
  const sight = { track, normal, side: 0 } as const;
  const outside = Array.from({ length: Math.max(0, to) }, (_, index) => index).filter((index) => isDeparting(sight, index)).length;
  if (outside > MOST_OUTSIDE * normal.points) return refuse('unsettled', 'the points before have no stable normal');
  return stoppedBy(track, fired) ?? refuse('no_departure', 'no point near the firing lies outside what is normal for this series');
}

/** A track, what is normal for it, and which way a departure goes. */
export interface Sight {
  readonly track: Track;
  readonly normal: Normal;
  readonly side: -1 | 0 | 1;
  readonly isSilence?: boolean;
  readonly isAbsenceBad?: boolean;
}

/** How far a point lies beyond normal, toward the side that counts as a departure; NaN where there is no point. */
export function excessAt({ track, normal, side }: Sight, index: number): number {
  const away = (track.values[index] ?? Number.NaN) - expectedAt(normal, startOf(track, index), track.periodMs);
  return side === 0 ? Math.abs(away) : away * side;
}

/** Whether the point lies outside normal; an absent one does only where the departure is a silence, or its alarm says so. */
export function isDeparting(sight: Sight, index: number): boolean {
  if ((sight.isSilence || sight.isAbsenceBad) && Number.isNaN(sight.track.values[index])) return true;
  return excessAt(sight, index) > sight.normal.reach;
}

/** How an episode is dated. */
export interface Dating {
  /** The last point that may be known. */
  readonly last: number;
  /** What its bounds are for. */
  readonly use: Use;
  /** So long after its cause a departure may begin to show; none, if nothing is said. */
  readonly lagMs?: number;
}

/** What an episode of a walk says, once dated. */
export function departureOf(
  series: Series,
  track: Track,
  shape: readonly number[],
  { side, level, known, noise, index: opened, end }: Episode,
  { last, use, lagMs = 0 }: Dating,
): Departure {
  const sight = { track, normal: { ...noise, level, shape, points: known }, side };
  const index = plainFrom(sight, opened);
  // What came back already says nothing of how it began.
  const inside = Math.min(last, Math.max(index, end)) - index;
  const excess = (step: number) => excessAt(sight, index + step);
  const edge = { excessAt: excess, spread: noise.spread, first: -index, last: inside, use, periodMs: track.periodMs };
  const minusMs = (one: Use) => Math.round(hiddenPeriods({ ...edge, use: one }) * track.periodMs) + lagMs;
  const plusMs = (one: Use) => (one === 'figures' ? plainBy(sight, index, end) : 1) * track.periodMs;
  const boundsOf = (one: Use): Moment => ({ at: instantAt(startOf(track, index)), minusMs: minusMs(one), plusMs: plusMs(one) });
  const bounds = { time: boundsOf(use), ...(use === 'figures' && { likely: boundsOf('order') }) };
  const plain = { found: true, series, ...sight, ...bounds, value: track.values[index] ?? 0, index, end: Math.max(index, end) } as const;
  const dated = fromFoot(plain, footOf(edge), lagMs);
  return use === 'figures' ? grownBack(dated, startOf(track, index) - grownFor(edge, dated !== plain) * track.periodMs) : dated;
}

/** A first point that is out less than the reach may be chance: where the next is out by all of it, the departure is dated there. */
function plainFrom(sight: Sight, index: number): number {
  const { track, normal } = sight;
  let next = index + 1;
  while (next < track.values.length && Number.isNaN(track.values[next])) next += 1;
  return excessAt(sight, index) < normal.reach && excessAt(sight, next) >= normal.reach ? next : index;
}

/** Of how many periods the first that lies wholly out is the last: what lies out less than the reach may be chance, however many do. */
function plainBy(sight: Sight, index: number, end: number): number {
  let at = index;
  while (at < end && !isDeparting(sight, at)) at += 1;
  return at - index + 1;
}
