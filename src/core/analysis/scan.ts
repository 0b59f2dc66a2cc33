import type { Series } from '../series.ts';
import { type Noise, noisesOf, selectedOf } from './noise.ts';
import { floorOf, shapeAt } from './normal.ts';
import { middleOf, newRolling, push, type Rolling } from './rolling.ts';
import { isCount, startOf, type Track } from './track.ts';

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

/** Normal is the middle of the last so many normal points, or of so long, whichever is more. */
const LOCAL_POINTS = 12;
const LOCAL_MS = 1_800_000;
/** Fewer normal points than this say nothing; under `FEW` of them a departure must be so many times as strong. */
const FEWEST = 3;
const FEW = 6;
const FEW_TIMES = 10;
/** Noise is learned from half a day on either side of a point, from so many points at least and so many at most. */
const AROUND_MS = 43_200_000;
const AROUND_LEAST = 144;
const AROUND_MOST = 720;
/** A departure opens with a pair of points that is this much of an abnormal one; it is one if a pair of it is wholly abnormal. */
const OPENS = 0.7;
/** Of a pair both points lie at least this far out: what one point alone says is left to the next. */
const LEAST_OF_PAIR = 0.5;
/** Points of departures this strong, and of levels that stayed, teach no noise. */
const LEFT_OUT = 2;
/** So many points in a row back within half of the reach close it. */
const CALM_POINTS = 2;
const CALM_SHARE = 0.5;
/** An episode goes on behind a hole of so many points, or of so long, whichever is more. */
const HOLE_POINTS = 3;
const HOLE_MS = 900_000;
/** A level that has lasted so many points is the new normal. */
const SETTLED_POINTS = 60;

/** Every stretch of a track that may be a departure, in order: what is asked of one is for the caller to say. */
export function scan(track: Track, series: Series, options: ScanOptions): readonly Episode[] {
  const course = courseOf(track, series, options);
  // Learned again without the departures themselves: they must not widen the noise that they are held against.
  const first = walk(course, noiseAlong(course, restsBut(course, options.firing)));
  return walk(course, noiseAlong(course, first.rests)).episodes;
}

/** The points of a series without the shape of its day, and how they are looked at. */
interface Course {
  readonly flat: Float64Array;
  readonly present: readonly number[];
  readonly sides: readonly (1 | -1)[];
  readonly memory: number;
  readonly around: number;
  readonly holes: number;
  readonly calmPoints: number;
  readonly vouchedFrom: number;
  readonly leastReach: (level: number) => number;
  readonly isCounted: boolean;
}

function courseOf(track: Track, series: Series, options: ScanOptions): Course {
  const { periodMs } = track;
  const { shape, side, until, firing, calmPoints = CALM_POINTS, leastReach = () => 0 } = options;
  const values = track.values.subarray(0, until);
  const flat = shape.length === 0 ? values : values.map((value, index) => value - shapeAt(shape, startOf(track, index) + periodMs / 2));
  return {
    flat,
    present: [...flat.keys()].filter((index) => !Number.isNaN(flat[index])),
    sides: side === 0 ? [1, -1] : [side],
    memory: options.memory ?? Math.max(LOCAL_POINTS, Math.ceil(LOCAL_MS / periodMs)),
    around: Math.min(AROUND_MOST, Math.max(AROUND_LEAST, Math.ceil(AROUND_MS / periodMs))),
    holes: Math.max(HOLE_POINTS, Math.ceil(HOLE_MS / periodMs)),
    calmPoints,
    vouchedFrom: firing?.vouches ? firing.leadFrom : Number.POSITIVE_INFINITY,
    leastReach,
    isCounted: isCount(series),
  };
}

/** The noise of each stretch of the course, for each side. */
interface Noises {
  readonly size: number;
  readonly bySide: readonly { readonly side: 1 | -1; readonly blocks: readonly Noise[] }[];
}

function noiseAlong({ flat, sides, around, isCounted }: Course, rests: Float64Array, hasTail = true): Noises {
  const size = Math.ceil(around / 3);
  const stretches = Array.from({ length: Math.ceil(flat.length / size) }, (_, at) => {
    const from = Math.max(0, at * size - around);
    const until = (at + 1) * size + around;
    const level = selectedOf(presentOf(flat.subarray(at * size, (at + 1) * size)), 0.5);
    return noisesOf(presentOf(rests.subarray(from, until)), sides, floorOf(level, isCounted), hasTail);
  });
  const bySide = sides.map((side, place) => ({ side, blocks: stretches.flatMap((noises) => noises[place] ?? []) }));
  return { size, bySide };
}

function presentOf(values: Float64Array): Float64Array {
  const present = new Float64Array(values.length);
  let count = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      present[count] = value;
      count += 1;
    }
  }
  return present.subarray(0, count);
}

/** The first rests; without what leads to a firing, which would call itself normal where it rises slowly. */
function restsBut(course: Course, firing: Firing | undefined): Float64Array {
  const rests = restsOf(course);
  if (!firing) return rests;
  const { episodes } = walk(course, noiseAlong(course, rests, false));
  const leading = episodes.findLast(({ end }) => end >= firing.leadFrom);
  return leading ? rests.fill(Number.NaN, leading.index) : rests;
}

/** How far each point lies from the running median before or after it, whichever is nearer: so a step leaves no noise behind. */
function restsOf({ flat, memory }: Course): Float64Array {
  const before = restsFrom(flat, memory);
  const after = restsFrom(flat.toReversed(), memory).reverse();
  return before.map((rest, index) => {
    const other = after[index] ?? Number.NaN;
    return Number.isNaN(rest) || Math.abs(other) < Math.abs(rest) ? other : rest;
  });
}

function restsFrom(flat: Float64Array, memory: number): Float64Array {
  const local = newRolling(memory);
  return flat.map((value) => {
    if (Number.isNaN(value)) return Number.NaN;
    const rest = local.queue.length < FEW ? Number.NaN : value - middleOf(local);
    push(local, value);
    return rest;
  });
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
    const episode = opening(course, noises, pair, local);
    if (local.queue.length >= FEW) rests[index] = value - middleOf(local);
    if (episode) {
      episodes.push(episode);
      open = { episode, calm: 0, since: at };
    } else push(local, value);
  }
  if (open) teach(rests, course, open.episode, flat.length - 1);
  return { episodes, rests };
}

function isOver({ episode, calm }: Open, { calmPoints }: Course): boolean {
  return episode.hasSettled || calm >= calmPoints;
}

/** What an episode says of the noise: nothing where it is plain, else how far its points lie from the level before it. */
function teach(rests: Float64Array, { flat }: Course, { index, level, strength, hasSettled }: Episode, last: number): void {
  const isLeftOut = strength >= (hasSettled ? 1 : LEFT_OUT);
  for (let at = index; at <= last; at += 1) rests[at] = isLeftOut ? Number.NaN : (flat[at] ?? Number.NaN) - level;
}

function refilled({ flat, memory }: Course, indexes: readonly number[]): Rolling {
  const local = newRolling(memory);
  for (const index of indexes) push(local, flat[index] ?? 0);
  return local;
}

function opening(course: Course, { size, bySide }: Noises, pair: readonly [number, number], local: Rolling): Episode | undefined {
  const [index] = pair;
  const known = local.queue.length;
  if (known < FEWEST) return undefined;
  const level = middleOf(local);
  let best: Episode | undefined;
  for (const { side, blocks } of bySide) {
    const block = blocks[Math.floor(index / size)];
    if (!block) continue;
    const least = course.leastReach(level);
    const noise = least > block.reach ? { ...block, reach: least } : block;
    const strength = strengthOf(course, pair, { level, side, noise });
    if (strength > (best?.strength ?? 0)) best = { index, side, level, known, noise, strength, end: index, hasSettled: false };
  }
  return best && best.strength >= (known < FEW ? FEW_TIMES : OPENS) ? best : undefined;
}

function goOn(course: Course, pair: readonly [number, number], open: Open, at: number): void {
  const { episode } = open;
  episode.strength = Math.max(episode.strength, strengthOf(course, pair, episode));
  const excess = (((course.flat[pair[0]] ?? 0) - episode.level) * episode.side) / episode.noise.reach;
  if (excess >= 1) episode.end = pair[0];
  open.calm = excess < CALM_SHARE ? open.calm + 1 : 0;
  episode.hasSettled = at - open.since >= SETTLED_POINTS;
}

/**
 * The harmonic mean of how far two neighboring points lie beyond normal, in reaches: near the lesser, and 0 where one is not.
 * Where something vouches for the first, it is enough that this one is abnormal.
 */
function strengthOf(course: Course, [index, next]: readonly [number, number], held: Pick<Episode, 'level' | 'side' | 'noise'>): number {
  const { level, side, noise } = held;
  const here = (((course.flat[index] ?? level) - level) * side) / noise.reach;
  const there = (((course.flat[next] ?? level) - level) * side) / noise.reach;
  const both = Math.min(here, there) > LEAST_OF_PAIR ? (2 * here * there) / (here + there) : 0;
  return index >= course.vouchedFrom && here > 1 ? Math.max(here, both) : both;
}
