import type { Series } from '../series.ts';
import { type Course, courseOf, FEW, LEFT_OUT, type Noises, noiseAlong, restsOf } from './course.ts';
import type { Noise } from './noise.ts';
import { isRebound, isReturn, recurs } from './recurrence.ts';
import { middleOf, newRolling, push, type Rolling } from './rolling.ts';
import type { Track } from './track.ts';

/** How a track is walked. */
export interface ScanOptions {
  /** The usual shape of the day or week, or none. */
  readonly shape: readonly number[];
  /** Which way a departure goes: 1 above, -1 below, 0 either. */
  readonly side: -1 | 0 | 1;
  /** Nothing from this index on is known. */
  readonly until: number;
  /** Normal is the middle of so many normal points; half an hour or twelve of them, if nothing is said. */
  readonly memory?: number;
  /** So many points in a row back within half of the reach close an episode; two, if nothing is said. */
  readonly calmPoints?: number;
  /** What fired, where something did. */
  readonly firing?: Firing;
  /** How far from a level a point must lie whatever the noise says; absent: no further. */
  readonly leastReach?: (level: number) => number;
  /** And from which distance on it is abnormal whatever the noise says; absent: from none. */
  readonly mostReach?: number;
}

/** What a firing adds: from an index on an episode may have led to it, and one abnormal point is enough where an alarm vouches for it. */
export interface Firing {
  readonly leadFrom: number;
  readonly vouches: boolean;
}

/** A stretch in which a series is out of its normal, and what it was held against. */
export interface Episode {
  /** Its first point: out by seven tenths of the reach at least. */
  readonly index: number;
  readonly side: 1 | -1;
  readonly level: number;
  /** Of how many points the level is the middle. */
  readonly known: number;
  readonly noise: Noise;
  /** 1 is just beyond the noise, 2 twice as far. */
  strength: number;
  /** The index of its last abnormal point. */
  end: number;
  /** It never came back: its level became the new normal. */
  hasSettled: boolean;
}

/** Fewer normal points than this say nothing; under `FEW` of them a departure must be so many times as strong. */
const FEWEST = 3;
const FEW_TIMES = 10;
/** A departure opens with a pair of points that is this much of an abnormal one; it is one if a pair of it is wholly abnormal. */
const OPENS = 0.7;
/** Of a pair both points lie at least this far out: what one point alone says is left to the next. */
const LEAST_OF_PAIR = 0.5;
/** A pair that leaves a level just reached lies this much of the reach beyond the half hour before, too. */
const LEAVES = 0.25;
/** Points of departures as strong as the course says, and of levels that stayed, teach no noise; nor do short ones, if they are this strong. */
const LEFT_OUT_SHORT = 8;
const SHORT_POINTS = 9;
const RESTLESS = 3;
/** Back within this share of the reach is calm. */
const CALM_SHARE = 0.5;
/** A level that has lasted so many points is the new normal; of a series that steps, one that has lain still for so many. */
const SETTLED_POINTS = 60;
const STILL_POINTS = 5;

/**
 * Every stretch of a track that may be a departure, in order: what is asked of one is for the caller to say. Where nothing has
 * fired, the way back from an earlier one, and what happens every few hours anyway, are left out (`recurrence.ts`).
 */
export function scan(track: Track, series: Series, options: ScanOptions): readonly Episode[] {
  const course = courseOf(track, series, options);
  // Learned again without the departures themselves: they must not widen the noise that they are held against.
  const noises = noiseAlong(course, restsBut(course, options.firing));
  const first = walk(course, noises);
  const taught = isRestless(first.episodes, course) ? walk({ ...course, leftOut: LEFT_OUT }, noises) : first;
  const { episodes } = walk(course, noiseAlong(course, taught.rests));
  if (!course.isOpen) return episodes;
  const own = episodes.filter((episode, at) => !isRebound(episode, episodes[at - 1]) && !isReturn(episode, episodes.slice(0, at)));
  return own.filter((episode) => !recurs(episode, own, course.day));
}

/** Whether departures that last and are no stronger than noise can be come several times a day: then they are how the series is. */
function isRestless(episodes: readonly Episode[], { isOpen, day }: Course): boolean {
  const weak = episodes.filter(({ index, end, strength, hasSettled }) => !hasSettled && strength < LEFT_OUT && end - index >= SHORT_POINTS);
  return isOpen && weak.some(({ index }, at) => (weak[at + RESTLESS - 1]?.index ?? Number.POSITIVE_INFINITY) - index <= day);
}

/** The first rests; without what leads to a firing, which would call itself normal where it rises slowly. */
function restsBut(course: Course, firing: Firing | undefined): Float64Array {
  const rests = restsOf(course);
  if (!firing) return rests;
  const { episodes } = walk(course, noiseAlong(course, rests, false));
  const leading = episodes.findLast(({ end }) => end >= firing.leadFrom);
  return leading ? rests.fill(Number.NaN, leading.index) : rests;
}

/** Departures and half of ones, and how far every point that belongs to no departure lies from its level. */
interface Walk {
  readonly episodes: readonly Episode[];
  readonly rests: Float64Array;
}

interface Open {
  readonly episode: Episode;
  /** Where among the present points it began. */
  readonly since: number;
  calm: number;
}

/** Walks the points once: out of a departure they teach the level, in one they are held against the level before it. */
function walk(course: Course, noises: Noises): Walk {
  const { flat, present, memory } = course;
  const episodes: Episode[] = [];
  const rests = new Float64Array(flat.length).fill(Number.NaN);
  let local = newRolling(memory);
  let open: Open | undefined;
  let calm = 0;
  for (let at = 0; at < present.length; at += 1) {
    const index = present[at] ?? 0;
    const value = flat[index] ?? 0;
    const pair = [index, present[at + 1] ?? -1] as const;
    if (open) {
      const isLost = index - (present[at - 1] ?? index) > course.holes + 1;
      if (!isLost) goOn(course, pair, open, at);
      if (!isLost && !isOver(open, course)) continue;
      if (open.episode.hasSettled) local = refilled(course, present.slice(Math.max(0, at + 1 - memory), at + 1));
      else at -= isLost ? 1 : open.calm;
      teach(rests, course, open.episode, index);
      open = undefined;
      continue;
    }
    const episode = opening(course, noises, pair, { local, calm });
    if (local.queue.length >= Math.min(FEW, memory)) rests[index] = value - middleOf(local);
    if (episode) {
      episodes.push(episode);
      open = { episode, calm: 0, since: at };
      calm = 0;
    } else {
      push(local, value);
      calm += 1;
    }
  }
  if (open) teach(rests, course, open.episode, flat.length - 1);
  return { episodes, rests };
}

function isOver({ episode, calm }: Open, { calmPoints }: Course): boolean {
  return episode.hasSettled || calm >= calmPoints;
}

/**
 * What an episode says of the noise: nothing where it is a departure, else how far its points lie from the level before it. A short
 * one may be stronger and still teach, since the tail of the noise is read below as many points: it cannot hide itself.
 */
function teach(
  rests: Float64Array,
  { flat, isOpen, leftOut }: Course,
  { index, level, strength, hasSettled }: Episode,
  last: number,
): void {
  const isShort = isOpen && last - index < SHORT_POINTS;
  const isLeftOut = strength >= (hasSettled ? 1 : isShort ? LEFT_OUT_SHORT : leftOut);
  for (let at = index; at <= last; at += 1) rests[at] = isLeftOut ? Number.NaN : (flat[at] ?? Number.NaN) - level;
}

function refilled({ flat, memory }: Course, indexes: readonly number[]): Rolling {
  const local = newRolling(memory);
  for (const index of indexes) push(local, flat[index] ?? 0);
  return local;
}

function opening(course: Course, { size, bySide }: Noises, pair: readonly [number, number], before: Before): Episode | undefined {
  const [index] = pair;
  const { local } = before;
  const known = local.queue.length;
  if (known < FEWEST) return undefined;
  const level = middleOf(local);
  let best: Episode | undefined;
  for (const { side, blocks } of bySide) {
    const block = blocks[Math.floor(index / size)];
    if (!block) continue;
    const reach = Math.min(Math.max(course.leastReach(level), block.reach), course.mostReach);
    const noise = reach === block.reach ? block : { ...block, reach };
    const strength = Math.max(strengthOf(course, pair, { level, side, noise }), leavingOf(course, pair, { level, side, noise }, before));
    if (strength > (best?.strength ?? 0)) best = { index, side, level, known, noise, strength, end: index, hasSettled: false };
  }
  const isKnown = known >= FEW || course.isStepping;
  return best && best.strength >= (isKnown ? OPENS : FEW_TIMES) ? best : undefined;
}

/** The points before: the normal ones, and how many of them are the very last. */
interface Before {
  readonly local: Rolling;
  readonly calm: number;
}

/**
 * How strong a pair is against the last two points. Where only one side is bad, a move to the good side is no departure but a new
 * level, and as two points make a departure, two make that level: the half hour before is still behind. A pair that only goes back
 * to where the half hour was leaves nothing.
 */
function leavingOf(course: Course, pair: readonly [number, number], held: Held, { local, calm }: Before): number {
  const { level, side, noise } = held;
  if (!course.isOpen || course.sides.length > 1 || calm < 2) return 0;
  const [a = level, b = level] = local.queue.slice(-2);
  const nearer = side === 1 ? Math.max(a, b) : Math.min(a, b);
  const isBack = pair.some((index) => ((course.flat[index] ?? level) - level) * side < LEAVES * noise.reach);
  return isBack || (level - nearer) * side <= 0 ? 0 : strengthOf(course, pair, { ...held, level: nearer });
}

function goOn(course: Course, pair: readonly [number, number], open: Open, at: number): void {
  const { episode } = open;
  episode.strength = Math.max(episode.strength, strengthOf(course, pair, episode));
  const excess = (((course.flat[pair[0]] ?? 0) - episode.level) * episode.side) / episode.noise.reach;
  if (excess >= 1) episode.end = pair[0];
  open.calm = excess < CALM_SHARE ? open.calm + 1 : 0;
  const lasted = at - open.since;
  episode.hasSettled = lasted >= SETTLED_POINTS || (course.isStepping && lasted >= STILL_POINTS && isStill(course, at, episode));
}

/** Whether the last points of a series that steps differ by less than what would be abnormal. */
function isStill({ flat, present, memory }: Course, at: number, { noise }: Episode): boolean {
  const last = present.slice(Math.max(0, at + 1 - memory), at + 1).map((index) => flat[index] ?? 0);
  return Math.max(...last) - Math.min(...last) <= noise.reach;
}

/** What points are held against. */
type Held = Pick<Episode, 'level' | 'side' | 'noise'>;

/**
 * The harmonic mean of how far two neighboring points lie beyond normal, in reaches: near the lesser, and 0 where one is not.
 * Where something vouches for the first, it is enough that this one is abnormal.
 */
function strengthOf(course: Course, [index, next]: readonly [number, number], held: Held): number {
  const { level, side, noise } = held;
  const here = (((course.flat[index] ?? level) - level) * side) / noise.reach;
  const there = (((course.flat[next] ?? level) - level) * side) / noise.reach;
  const both = Math.min(here, there) > LEAST_OF_PAIR ? (2 * here * there) / (here + there) : 0;
  return index >= course.vouchedFrom && here > 1 ? Math.max(here, both) : both;
}
