import type { Series } from '../series.ts';
import { type Noise, noisesOf, selectedOf } from './noise.ts';
import { floorOf, shapeAt } from './normal.ts';
import { middleOf, newRolling, push } from './rolling.ts';
import type { ScanOptions } from './scan.ts';
import { isCount, startOf, type Track } from './track.ts';

/** Normal is the middle of the last so many normal points, or of so long, whichever is more. */
const LOCAL_POINTS = 12;
const LOCAL_MS = 1_800_000;
/** A middle of fewer points than this says nothing of how far a point strays from it. */
export const FEW = 6;
/** Noise is learned from half a day on either side of a point, from so many points at least and so many at most. */
const AROUND_MS = 43_200_000;
const AROUND_LEAST = 144;
const AROUND_MOST = 720;
/** So many points in a row back within half of the reach close an episode. */
const CALM_POINTS = 2;
/** An episode goes on behind a hole of so many points, or of so long, whichever is more. */
const HOLE_POINTS = 3;
const HOLE_MS = 900_000;
/** Of a series that steps from level to level the middle of so many points is its normal. */
const STEPPING_POINTS = 3;
/** Points within this share of a middle are foretold by it. */
const FORETOLD = 0.001;
/** The short middle must foretell half of the points, and miss at most half as many as the long one. */
const MOST_MISSED = 0.5;
const FEWER_MISSED = 0.5;

/** Departures this strong teach no noise. */
export const LEFT_OUT = 2;
/**
 * Where nothing has fired no departure that lasts does, or an outage of thirty points, more than the tail of the noise leaves out, would
 * hide itself and every other. Where the shape of a day is taken off, what that leaves in its steep hours does.
 */
const LEFT_OUT_OPEN = 1;
const LEFT_OUT_SHAPED = 1.5;

/** The points of a series without the shape of its day, and how they are looked at. */
export interface Course {
  readonly flat: Float64Array;
  readonly present: readonly number[];
  readonly sides: readonly (1 | -1)[];
  readonly memory: number;
  readonly around: number;
  /** As many points as half a day has, though noise may be learned from fewer: what is a habit shows in time, not in points. */
  readonly day: number;
  readonly holes: number;
  readonly calmPoints: number;
  readonly vouchedFrom: number;
  readonly leastReach: (level: number) => number;
  readonly mostReach: number;
  readonly isCounted: boolean;
  /** Nothing has fired: all departures are looked for, and none is known to be one. */
  readonly isOpen: boolean;
  /** How strong departures are that teach no noise. */
  readonly leftOut: number;
  /** The series lies still at one level for a while and then at another, as memory does. */
  readonly isStepping: boolean;
}

/** The course of a track up to the point that is asked for: what was normal at each of its points, and how far that reached. */
export function courseOf(track: Track, series: Series, options: ScanOptions): Course {
  const { periodMs } = track;
  const { shape, side, until, firing, calmPoints = CALM_POINTS, leastReach = () => 0, mostReach = Number.POSITIVE_INFINITY } = options;
  const values = track.values.subarray(0, until);
  const flat = shape.length === 0 ? values : values.map((value, index) => value - shapeAt(shape, startOf(track, index) + periodMs / 2));
  const usual = options.memory ?? Math.max(LOCAL_POINTS, Math.ceil(LOCAL_MS / periodMs));
  const around = Math.max(AROUND_LEAST, Math.ceil(AROUND_MS / periodMs));
  const isStepping = !firing && side === 0 && doesStep(presentOf(flat), usual);
  return {
    flat,
    present: [...flat.keys()].filter((index) => !Number.isNaN(flat[index])),
    sides: side === 0 ? [1, -1] : [side],
    memory: isStepping ? STEPPING_POINTS : usual,
    around: Math.min(AROUND_MOST, around),
    day: around,
    holes: Math.max(HOLE_POINTS, Math.ceil(HOLE_MS / periodMs)),
    calmPoints,
    vouchedFrom: firing?.vouches ? firing.leadFrom : Number.POSITIVE_INFINITY,
    leastReach,
    mostReach,
    isCounted: isCount(series),
    isOpen: firing === undefined,
    leftOut: firing ? LEFT_OUT : shape.length > 0 ? LEFT_OUT_SHAPED : LEFT_OUT_OPEN,
    isStepping,
  };
}

/**
 * Whether a series repeats its last values rather than straying about a level: the middle of the last three points then foretells
 * the next one where that of the last half hour is still behind. Of what strays neither foretells anything, and of what comes back
 * after a burst the long one foretells more.
 */
function doesStep(values: Float64Array, usual: number): boolean {
  const missed = missedBy(values, STEPPING_POINTS);
  return missed <= MOST_MISSED && missed <= FEWER_MISSED * missedBy(values, usual);
}

/** The share of points that the middle of the last so many does not foretell. */
function missedBy(values: Float64Array, memory: number): number {
  const local = newRolling(memory);
  let missed = 0;
  for (const value of values) {
    if (local.queue.length >= STEPPING_POINTS && Math.abs(value - middleOf(local)) > FORETOLD * Math.abs(value)) missed += 1;
    push(local, value);
  }
  return missed / Math.max(1, values.length);
}

/** The noise of each stretch of the course, for each side. */
export interface Noises {
  readonly size: number;
  readonly bySide: readonly { readonly side: 1 | -1; readonly blocks: readonly Noise[] }[];
}

/** The noise along the course from the rests around each stretch. */
export function noiseAlong({ flat, sides, around, isCounted, isOpen }: Course, rests: Float64Array, hasTail = true): Noises {
  const size = Math.ceil(around / 3);
  const stretches = Array.from({ length: Math.ceil(flat.length / size) }, (_, at) => {
    const from = Math.max(0, at * size - around);
    const until = (at + 1) * size + around;
    const level = selectedOf(presentOf(flat.subarray(at * size, (at + 1) * size)), 0.5);
    const question = { sides, floor: floorOf(level, isCounted), hasTail, isOpen };
    return noisesOf(presentOf(rests.subarray(from, until)), question);
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

/**
 * How far each point lies from the running median before or after it, whichever is nearer: so a step leaves no noise behind. Of few
 * points however short the period: one of half an hour follows no outage of five minutes, which of 10 s periods are thirty points,
 * more than the tail of the noise leaves out, so that it would hide itself.
 */
export function restsOf({ flat, memory }: Course): Float64Array {
  const short = Math.min(memory, LOCAL_POINTS);
  const before = restsFrom(flat, short);
  const after = restsFrom(flat.toReversed(), short).reverse();
  return before.map((rest, index) => {
    const other = after[index] ?? Number.NaN;
    return Number.isNaN(rest) || Math.abs(other) < Math.abs(rest) ? other : rest;
  });
}

function restsFrom(flat: Float64Array, memory: number): Float64Array {
  const local = newRolling(memory);
  return flat.map((value) => {
    if (Number.isNaN(value)) return Number.NaN;
    const rest = local.queue.length < Math.min(FEW, memory) ? Number.NaN : value - middleOf(local);
    push(local, value);
    return rest;
  });
}
