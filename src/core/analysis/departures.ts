import type { Series } from '../series.ts';
import { epochMs, type Instant, instantAt } from '../time.ts';
import { noiseOf, quantileOf } from './noise.ts';
import { floorOf, learnShape, shapeAt } from './normal.ts';
import { type AlarmFact, brokenBy, type Departure, excessAt, hiddenMsOf, leastReach, type Refusal, type Sight, sideOf } from './onset.ts';
import { middleOf, newRolling, push, type Rolling } from './rolling.ts';
import { isCount, layOut, startOf, type Track } from './track.ts';

/** What is asked of a series that nothing has fired on: when did it leave its normal? */
export interface ScanQuestion {
  readonly series: Series;
  /** The same metric over the weeks before, at any period: it gives the shape of a day. */
  readonly weeks?: Series;
  /** The alarm that watches it, where there is one: which way a departure goes. */
  readonly alarm?: Pick<AlarmFact, 'comparison' | 'threshold' | 'periodMs'>;
  readonly from: Instant;
  readonly until: Instant;
}

/** A departure that no alarm vouches for. */
export interface SeenDeparture extends Departure {
  /** 1 is just beyond the noise, 2 twice as far. */
  readonly strength: number;
  /** The index of its last abnormal point. */
  readonly end: number;
  /** It never came back: its level became the new normal. */
  readonly hasSettled: boolean;
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
/** A point before the departure that is this much of a reach out may be its beginning: the interval takes in its whole period. */
const SUSPECT_SHARE = 0.25;
/** So many points in a row back within half of the reach close it. */
const CALM_POINTS = 2;
/** A level that has lasted so many points is the new normal. */
const SETTLED_POINTS = 60;

/**
 * Every departure of a series from its normal, in order, with no window or firing given.
 *
 * Method, for a reader: "Normal is the median of the points just before, half an hour or twelve of them, without those that
 * were departing. A point is abnormal when it lies further from that than the metric's own noise over the day around reaches:
 * 3.5 robust standard deviations, and well beyond the furthest fiftieth of its points. It takes two neighboring points, on one
 * side, whose harmonic mean is abnormal, so that one stray point is no departure. The departure begins inside the period of
 * its first point." A running median with a robust scale is Hampel's filter (Davies & Gather 1993, J. Am. Stat. Assoc. 88(423),
 * "The identification of multiple outliers"); a level that is frozen while the points are out, and taken as new when they stay,
 * is how a control chart is kept. Two points in a row stand for the runs rules of the Western Electric handbook (1956).
 */
export function findDepartures(question: ScanQuestion, least = 1): readonly SeenDeparture[] | Refusal {
  const { series, alarm, weeks, from, until } = question;
  const track = layOut(series, epochMs(from), epochMs(until));
  const broken = brokenBy(track, series);
  if (broken) return broken;
  const shape = weeks ? learnShape(weeks, series.periodMs, epochMs(until)) : [];
  const flat = track.values.map((value, index) => value - shapeAt(shape, startOf(track, index) + track.periodMs / 2));
  const side = sideOf(alarm);
  const course: Course = {
    flat,
    present: [...flat.keys()].filter((index) => !Number.isNaN(flat[index])),
    sides: side === 0 ? [1, -1] : [side],
    localPoints: Math.max(LOCAL_POINTS, Math.ceil(LOCAL_MS / track.periodMs)),
    around: Math.min(AROUND_MOST, Math.max(AROUND_LEAST, Math.ceil(AROUND_MS / track.periodMs))),
    isCounted: isCount(series),
  };
  // Learned again without the departures themselves: they must not widen the noise that they are held against.
  const first = walk(course, noiseAlong(course, restsOf(course)));
  return walk(course, noiseAlong(course, first.rests))
    .episodes.filter(({ strength }) => strength >= least)
    .map((episode) => toDeparture(question, track, shape, episode));
}

interface Block {
  readonly spread: number;
  readonly reach: number;
  readonly points: number;
}

/** The points of a series without the shape of its day, and how they are looked at. */
interface Course {
  readonly flat: Float64Array;
  readonly present: readonly number[];
  readonly sides: readonly (1 | -1)[];
  readonly localPoints: number;
  readonly around: number;
  readonly isCounted: boolean;
}

/** The noise of each stretch of the course, for each side. */
interface Noises {
  readonly size: number;
  readonly bySide: readonly { readonly side: 1 | -1; readonly blocks: readonly Block[] }[];
}

interface Episode {
  readonly index: number;
  readonly side: 1 | -1;
  readonly level: number;
  readonly block: Block;
  strength: number;
  end: number;
  hasSettled: boolean;
}

function noiseAlong({ flat, sides, around, isCounted }: Course, rests: Float64Array): Noises {
  const size = Math.ceil(around / 3);
  const stretches = Array.from({ length: Math.ceil(flat.length / size) }, (_, at) => {
    const from = Math.max(0, at * size - around);
    const until = (at + 1) * size + around;
    const values = flat.slice(from, until).filter((value) => !Number.isNaN(value));
    const deviations = rests.slice(from, until).filter((rest) => !Number.isNaN(rest));
    return { deviations, floor: floorOf(quantileOf(values.sort(), 0.5), isCounted) };
  });
  const blocksOf = (side: 1 | -1) =>
    stretches.map(({ deviations, floor }) => ({ ...noiseOf(deviations, side, floor), points: deviations.length }));
  return { size, bySide: sides.map((side) => ({ side, blocks: blocksOf(side) })) };
}

/** How far each point lies from the running median before or after it, whichever is nearer: so a step leaves no noise behind. */
function restsOf({ flat, localPoints }: Course): Float64Array {
  const before = restsFrom(flat, localPoints);
  const after = restsFrom(flat.toReversed(), localPoints).reverse();
  return before.map((rest, index) => {
    const other = after[index] ?? Number.NaN;
    return Number.isNaN(rest) || Math.abs(other) < Math.abs(rest) ? other : rest;
  });
}

function restsFrom(flat: Float64Array, localPoints: number): Float64Array {
  const local = newRolling(localPoints);
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

/** Walks the points once: out of a departure they teach the level, in one they are held against the level before it. */
function walk(course: Course, noises: Noises): Walk {
  const { flat, present, localPoints } = course;
  const episodes: Episode[] = [];
  const rests = new Float64Array(flat.length).fill(Number.NaN);
  let local = newRolling(localPoints);
  let open: Open | undefined;
  for (const [at, index] of present.entries()) {
    const value = flat[index] ?? 0;
    const pair = [index, present[at + 1] ?? -1] as const;
    if (open) {
      rests[index] = value - open.episode.level;
      goOn(course, pair, open);
      const isSettled = at - open.since >= SETTLED_POINTS;
      open.episode.hasSettled = isSettled;
      if (isSettled) local = refilled(course, present.slice(at + 1 - localPoints, at + 1));
      if (!isSettled && open.calm < CALM_POINTS) continue;
      if (isLeftOut(open.episode)) rests.fill(Number.NaN, open.episode.index, index + 1);
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
  if (open && isLeftOut(open.episode)) rests.fill(Number.NaN, open.episode.index);
  return { episodes, rests };
}

function isLeftOut({ strength, hasSettled }: Episode): boolean {
  return strength >= (hasSettled ? 1 : LEFT_OUT);
}

interface Open {
  readonly episode: Episode;
  calm: number;
  readonly since: number;
}

function refilled({ flat, localPoints }: Course, indexes: readonly number[]): Rolling {
  const local = newRolling(localPoints);
  for (const index of indexes) push(local, flat[index] ?? 0);
  return local;
}

function opening(course: Course, { size, bySide }: Noises, pair: readonly [number, number], local: Rolling): Episode | undefined {
  const known = local.queue.length;
  const level = middleOf(local);
  const found = bySide.map(({ side, blocks }) => {
    const block = blocks[Math.floor(pair[0] / size)] ?? { spread: 0, reach: Number.POSITIVE_INFINITY, points: 0 };
    return {
      index: pair[0],
      side,
      level,
      block,
      strength: strengthOf(course, pair, { level, side, block }),
      end: pair[0],
      hasSettled: false,
    };
  });
  const [best] = found.toSorted((a, b) => b.strength - a.strength);
  return best && known >= FEWEST && best.strength >= (known < FEW ? FEW_TIMES : OPENS) ? best : undefined;
}

function goOn(course: Course, pair: readonly [number, number], open: Open): void {
  const { episode } = open;
  episode.strength = Math.max(episode.strength, strengthOf(course, pair, episode));
  const excess = (((course.flat[pair[0]] ?? 0) - episode.level) * episode.side) / episode.block.reach;
  if (excess >= 1) episode.end = pair[0];
  open.calm = excess < 0.5 ? open.calm + 1 : 0;
}

/** The harmonic mean of how far two neighboring points lie beyond normal, in reaches: near the lesser, and 0 where one is not. */
function strengthOf({ flat }: Course, [index, next]: readonly [number, number], held: Pick<Episode, 'level' | 'side' | 'block'>): number {
  const { level, side, block } = held;
  const here = (((flat[index] ?? level) - level) * side) / block.reach;
  const there = (((flat[next] ?? level) - level) * side) / block.reach;
  return Math.min(here, there) > LEAST_OF_PAIR ? (2 * here * there) / (here + there) : 0;
}

function toDeparture({ series, alarm }: ScanQuestion, track: Track, shape: readonly number[], episode: Episode): SeenDeparture {
  const { side, level, block, strength, end, hasSettled } = episode;
  const reach = Math.max(block.reach, leastReach({ level }, series, alarm));
  const normal = { level, spread: block.spread, reach, shape, points: block.points };
  const sight = { track, normal, side };
  const index = plainFrom(sight, episode.index);
  const before = presentBefore(track, index);
  const isSuspect = excessAt(sight, before) > SUSPECT_SHARE * reach;
  const hiddenMs = isSuspect ? track.periodMs : hiddenMsOf(sight, before, index, 0);
  const minusMs = (index - before - 1) * track.periodMs + hiddenMs;
  const time = { at: instantAt(startOf(track, index)), minusMs, plusMs: track.periodMs };
  return { found: true, series, time, value: track.values[index] ?? 0, side, track, normal, index, strength, end, hasSettled };
}

/** A first point that is out less than the reach may be chance: where the next is out by all of it, the departure is dated there. */
function plainFrom(sight: Sight, index: number): number {
  const { track, normal } = sight;
  let next = index + 1;
  while (next < track.values.length && Number.isNaN(track.values[next])) next += 1;
  return excessAt(sight, index) < normal.reach && excessAt(sight, next) >= normal.reach ? next : index;
}

function presentBefore({ values }: Track, index: number): number {
  let before = index - 1;
  while (before >= 0 && Number.isNaN(values[before])) before -= 1;
  return before;
}
