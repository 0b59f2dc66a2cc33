import type { Series } from '../series.ts';
import { epochMs, type Instant, instantAt } from '../time.ts';
import { noiseOf, quantileOf } from './noise.ts';
import { floorOf, learnShape, shapeAt } from './normal.ts';
import { type AlarmFact, brokenBy, type Departure, hiddenMsOf, leastReach, type Refusal, sideOf } from './onset.ts';
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

/** A departure that no alarm vouches for: `strength` 1 is just beyond the noise, and `end` is the index of its last abnormal point. */
export interface SeenDeparture extends Departure {
  readonly strength: number;
  readonly end: number;
}

/** Normal is the middle of the last so many normal points, or of so long, whichever is more. */
const LOCAL_POINTS = 12;
const LOCAL_MS = 1_800_000;
/** Fewer normal points than this say nothing yet. */
const FEWEST = 6;
/** Noise is learned from half a day on either side of a point, from so many points at least and so many at most. */
const AROUND_MS = 43_200_000;
const AROUND_LEAST = 144;
const AROUND_MOST = 720;
/** A departure opens with a pair of points that is this much of an abnormal one; it is one if a pair of it is wholly abnormal. */
const OPENS = 0.7;
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
  const sides = side === 0 ? ([1, -1] as const) : [side];
  const noises = sides.map((one) => ({ side: one, blocks: noiseBlocks(flat, one, track.periodMs, isCount(series)) }));
  const scan: Scan = { flat, noises, localPoints: Math.max(LOCAL_POINTS, Math.ceil(LOCAL_MS / track.periodMs)) };
  return episodesOf(scan)
    .filter(({ strength }) => strength >= least)
    .map((episode) => toDeparture(question, track, shape, episode));
}

interface Block {
  readonly spread: number;
  readonly reach: number;
  readonly points: number;
}

interface Blocks {
  readonly size: number;
  readonly list: readonly Block[];
}

interface Scan {
  readonly flat: Float64Array;
  readonly noises: readonly { readonly side: 1 | -1; readonly blocks: Blocks }[];
  readonly localPoints: number;
}

interface Episode {
  readonly index: number;
  readonly side: 1 | -1;
  readonly level: number;
  readonly block: Block;
  strength: number;
  end: number;
}

/** The noise around each stretch of the series, learned from how far points lie from the running median before them. */
function noiseBlocks(flat: Float64Array, side: 1 | -1, periodMs: number, isCounted: boolean): Blocks {
  const rests = restsOf(flat, Math.max(LOCAL_POINTS, Math.ceil(LOCAL_MS / periodMs)));
  const around = Math.min(AROUND_MOST, Math.max(AROUND_LEAST, Math.ceil(AROUND_MS / periodMs)));
  const size = Math.ceil(around / 3);
  const list = Array.from({ length: Math.ceil(flat.length / size) }, (_, at) => {
    const from = Math.max(0, at * size - around);
    const until = (at + 1) * size + around;
    const deviations = rests.slice(from, until).filter((rest) => !Number.isNaN(rest));
    const values = flat.slice(from, until).filter((value) => !Number.isNaN(value));
    const floor = floorOf(quantileOf(values.sort(), 0.5), isCounted);
    return { ...noiseOf(deviations, side, floor), points: deviations.length };
  });
  return { size, list };
}

/** How far each point lies from the running median before it. */
function restsOf(flat: Float64Array, localPoints: number): Float64Array {
  const local = newRolling(localPoints);
  return flat.map((value) => {
    if (Number.isNaN(value)) return Number.NaN;
    const rest = local.queue.length < FEWEST ? Number.NaN : value - middleOf(local);
    push(local, value);
    return rest;
  });
}

/** Walks the points once: out of a departure they teach the level, in one they are held against the level before it. */
function episodesOf(scan: Scan): readonly Episode[] {
  const found: Episode[] = [];
  const present = [...scan.flat.keys()].filter((index) => !Number.isNaN(scan.flat[index]));
  let local = newRolling(scan.localPoints);
  let open: { readonly episode: Episode; calm: number; readonly since: number } | undefined;
  for (const [at, index] of present.entries()) {
    const pair = [index, present[at + 1] ?? -1] as const;
    if (!open) {
      const episode = local.queue.length < FEWEST ? undefined : opening(scan, pair, middleOf(local));
      if (!episode) {
        push(local, scan.flat[index] ?? 0);
        continue;
      }
      found.push(episode);
      open = { episode, calm: 0, since: at };
      continue;
    }
    goOn(scan, pair, open);
    if (at - open.since >= SETTLED_POINTS) local = refilled(scan, present.slice(at + 1 - scan.localPoints, at + 1));
    if (at - open.since >= SETTLED_POINTS || open.calm >= CALM_POINTS) open = undefined;
  }
  return found;
}

function refilled({ flat, localPoints }: Scan, indexes: readonly number[]): Rolling {
  const local = newRolling(localPoints);
  for (const index of indexes) push(local, flat[index] ?? 0);
  return local;
}

function opening(scan: Scan, pair: readonly [number, number], level: number): Episode | undefined {
  const found = scan.noises.map(({ side, blocks }) => {
    const block = blocks.list[Math.floor(pair[0] / blocks.size)] ?? { spread: 0, reach: Number.POSITIVE_INFINITY, points: 0 };
    return { index: pair[0], side, level, block, strength: strengthOf(scan, pair, { level, side, block }), end: pair[0] };
  });
  const [best] = found.toSorted((a, b) => b.strength - a.strength);
  return best && best.strength >= OPENS ? best : undefined;
}

function goOn(scan: Scan, pair: readonly [number, number], open: { readonly episode: Episode; calm: number }): void {
  const { episode } = open;
  episode.strength = Math.max(episode.strength, strengthOf(scan, pair, episode));
  const excess = (((scan.flat[pair[0]] ?? 0) - episode.level) * episode.side) / episode.block.reach;
  if (excess >= 1) episode.end = pair[0];
  open.calm = excess < 0.5 ? open.calm + 1 : 0;
}

/** The harmonic mean of how far two neighboring points lie beyond normal, in reaches: near the lesser, and 0 where one is not. */
function strengthOf(
  { flat }: Scan,
  [index, next]: readonly [number, number],
  { level, side, block }: Omit<Episode, 'index' | 'strength' | 'end'>,
): number {
  const here = (((flat[index] ?? level) - level) * side) / block.reach;
  const there = (((flat[next] ?? level) - level) * side) / block.reach;
  return here > 0 && there > 0 ? (2 * here * there) / (here + there) : 0;
}

function toDeparture({ series, alarm }: ScanQuestion, track: Track, shape: readonly number[], episode: Episode): SeenDeparture {
  const { index, side, level, block, strength, end } = episode;
  const reach = Math.max(block.reach, leastReach({ level }, series, alarm));
  const normal = { level, spread: block.spread, reach, shape, points: block.points };
  let before = index - 1;
  while (before >= 0 && Number.isNaN(track.values[before])) before -= 1;
  const minusMs = (index - before - 1) * track.periodMs + hiddenMsOf({ track, normal, side }, before, index);
  const time = { at: instantAt(startOf(track, index)), minusMs, plusMs: track.periodMs };
  return { found: true, series, time, value: track.values[index] ?? 0, side, track, normal, index, strength, end };
}
