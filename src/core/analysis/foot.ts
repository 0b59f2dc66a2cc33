import { instantAt } from '../time.ts';
import { areaOf, type Edge, type Use } from './dating.ts';
import { quantileOf } from './noise.ts';
import type { Departure } from './onset.ts';
import { startOf } from './track.ts';

/** The edge of a departure, and how far back the series goes: the first step that may be known. */
export interface LongEdge extends Edge {
  readonly first: number;
}

/** Where a slow rise began, in periods from its plain one: the likeliest start, the bounds of the likely ones, and what was normal before. */
export interface Foot {
  readonly start: number;
  readonly earliest: number;
  readonly latest: number;
  /** How far toward the departure the level before the rise lay from the one it was held against, which may have followed the rise. */
  readonly base: number;
}

/** So many blocks before the plain period are looked at, and so many from it on; a block is one period, or three, or nine. */
const BEFORE = 90;
const INSIDE = 45;
const BLOCK_PERIODS = [1, 3, 9] as const;
/** So many blocks before the rise must say what was normal. */
const LEAST_BASE = 12;
const LEAST_BLOCKS = 20;
/** How long a rise may take, in blocks: with the last its end is not seen. */
const RISES = [1, 2, 3, 4.5, 6.5, 9, 13, 18, 26, 36, 50, 70, 100, 150];
const START_STEP = 0.5;
/** A rise must fit so much better than a step at the plain period does, as twice the log-likelihood. */
const PLAINER = 10;
/** A start this near to the plain period, in blocks, is that of a step; from this far on it is the foot of a rise. */
const NEAR = 1.5;
const LEAST_BACK = 3;
/**
 * Starts that fall short of the likeliest by so much, as twice the log-likelihood, are likely, too: 99 in 100 true ones, and 999 in
 * 1,000 where lengths are counted from them (the chi-squared quantiles of one degree of freedom; Wilks 1938).
 */
const DOUBT = { figures: 10.83, order: 6.63, scan: 6.63 } as const satisfies Record<Use, number>;
/** So much better two levels must fit, as twice the log-likelihood, to be taken before a rise that an incident asks for. */
const STAIR_LEAD = 6.63;
/** Starts, lengths and shape of a rise are a grid and a line: so many blocks beside the bounds may hold it, too. */
const BESIDE = 1;
/** The middle of the last points before must have come this share of the way up to the first ones of the departure. */
const LEADS = 0.35;
/** What neighbors share of their noise, at most. */
const MOST_CORRELATED = 0.8;
/** Before a rise is looked for, the last so many points must lie above as many further back, by two standard errors. */
const LAST_POINTS = 8;
const FURTHER = [20, 60, 180, 360];
const LEAST_FIRST = 30;

/**
 * The foot of a slow rise: where the line that leads to a departure leaves the level before it. Nothing where a step, or two, fit as well.
 *
 * A metric that climbs for half an hour is told only when it is half way up, and the level that it is held against climbs with it. So
 * level, start, length and height of a rise are fitted to all points around its plain period at once: the two-phase line of Hinkley
 * (1969, Biometrika 56(3), "Inference about the intersection in two-phase regression"), with a plateau behind it. The bounds are
 * the starts whose profile likelihood is near the best one's (Lerman 1980, Appl. Stat. 29(1), "Fitting segmented regression models
 * by grid search"). The noise is what the fit leaves, widened as neighbors share it (Bartlett 1935, J. R. Stat. Soc. 98(3)). Long
 * rises of short periods are fitted to means of three or nine periods: there more points, not finer ones, tell where they began.
 */
export function footOf(edge: LongEdge): Foot | undefined {
  if (!isRaisedBefore(edge)) return undefined;
  for (const periods of BLOCK_PERIODS) {
    const foot = footIn(blocksOf(edge, periods), edge);
    if (foot === 'further') continue;
    if (!foot || !leadsUp(edge, foot.base)) return undefined;
    return { start: foot.start * periods, earliest: foot.earliest * periods, latest: foot.latest * periods, base: foot.base };
  }
  return undefined;
}

/** The departure as one that began at its foot, where it has one, against the level before that. */
export function fromFoot(plain: Departure, foot: Foot | undefined, lagMs: number): Departure {
  if (!foot) return plain;
  const { start, earliest, latest, base } = foot;
  const { track, normal, side } = plain;
  const index = Math.floor(plain.index + start);
  const msFrom = (step: number) => Math.round((plain.index + step - index) * track.periodMs);
  const minusMs = Math.max(0, -msFrom(earliest)) + lagMs;
  const time = { at: instantAt(startOf(track, index)), minusMs, plusMs: Math.max(track.periodMs, msFrom(latest)) };
  const { likely: _likely, ...departure } = plain;
  return { ...departure, time, index, normal: { ...normal, level: normal.level + base * side } };
}

function isRaisedBefore({ excessAt, spread, first }: LongEdge): boolean {
  if (first > -LEAST_FIRST) return false;
  const meanBack = (from: number, count: number) => meanOf(Array.from({ length: count }, (_, at) => excessAt(-from - at)));
  const near = meanBack(1, LAST_POINTS);
  return FURTHER.some((from) => (near - meanBack(from, FURTHER[0] ?? 1)) * Math.sqrt(LAST_POINTS) > 2 * spread);
}

/** Whether the points just before lie on the way up: a spike, or another departure before a step, does not lead to it. */
function leadsUp({ excessAt }: Edge, base: number): boolean {
  const before = middleOf([-1, -2, -3, -4].map(excessAt));
  const inside = middleOf([0, 1, 2].map(excessAt));
  return before - base > LEADS * (inside - base);
}

function meanOf(values: readonly number[]): number {
  const present = values.filter((value) => !Number.isNaN(value));
  return present.reduce((sum, value) => sum + value, 0) / present.length;
}

function middleOf(values: readonly number[]): number {
  return quantileOf(Float64Array.from(values.filter((value) => !Number.isNaN(value))).sort(), 0.5);
}

/** The mean of so many neighboring periods; `at` counts blocks from the plain period on. */
interface Block {
  readonly at: number;
  readonly mean: number;
  readonly count: number;
}

function blocksOf({ excessAt, last, first }: LongEdge, periods: number): readonly Block[] {
  const from = Math.max(-BEFORE, Math.ceil(first / periods));
  const until = Math.min(INSIDE, Math.floor((last + 1) / periods));
  return Array.from({ length: Math.max(0, until - from) }, (_, place) => {
    const at = from + place;
    const present = Array.from({ length: periods }, (_, step) => excessAt(at * periods + step)).filter((excess) => !Number.isNaN(excess));
    return { at, mean: meanOf(present), count: present.length };
  }).filter(({ count }) => count > 0);
}

/** The foot in blocks; `further`, where it may lie before them. */
function footIn(blocks: readonly Block[], { spread, use }: Edge): Foot | 'further' | undefined {
  const from = (blocks[0]?.at ?? 0) + LEAST_BASE;
  const length = Math.floor((1 - from) / START_STEP) + 1;
  if (length < LEAST_BASE || blocks.length < LEAST_BLOCKS) return undefined;
  const fits = Array.from({ length }, (_, at) => bestOf(RISES.map((rise) => fitOf(blocks, from + at * START_STEP, rise))));
  const best = bestOf(fits);
  const variance = varianceOf(blocks, best, spread);
  // Of one period alone no line can be told.
  const near = fits.filter(({ start, rest }) => start >= -NEAR && !Number.isNaN(rest));
  const steps = Math.min(stepRest(blocks), ...near.map(({ rest }) => rest));
  if (steps - best.rest < PLAINER * variance) return undefined;
  const likely = fits.filter(({ rest }) => rest <= best.rest + DOUBT[use] * variance);
  const earliest = (likely[0] ?? best).start - BESIDE;
  if (earliest <= from) return from - LEAST_BASE === -BEFORE ? 'further' : undefined;
  // Where an incident asks for it a slow rise is no less likely than two steps of which one is no departure.
  if (best.start > -LEAST_BACK || best.rest > stairRest(blocks) + (use === 'scan' ? 0 : STAIR_LEAD * variance)) return undefined;
  const latest = Math.max(...likely.map((fit) => shownFrom(fit, spread)));
  return { start: best.start, earliest, latest: latest + BESIDE, base: best.base };
}

/** Where a rise is a standard deviation above its base: what is less is not different from normal, and nobody's impact. */
function shownFrom({ start, rise, height }: Fit, spread: number): number {
  return start + rise * Math.min(1, spread / height);
}

/** A rise that begins at `start` and takes `rise` blocks, from `base` up by `height`, and the weighted squares that it leaves. */
interface Fit {
  readonly start: number;
  readonly rise: number;
  readonly base: number;
  readonly height: number;
  readonly rest: number;
}

function bestOf(fits: readonly Fit[]): Fit {
  return fits.reduce((best, fit) => (fit.rest < best.rest ? fit : best));
}

/** The share of its height that a rise has on the mean of a block. */
function shareOf(at: number, start: number, rise: number): number {
  return areaOf(at + 1 - start, rise) - areaOf(at - start, rise);
}

function fitOf(blocks: readonly Block[], start: number, rise: number): Fit {
  const sums = sumsOf(blocks, (at) => shareOf(at, start, rise));
  const height = Math.max(0, sums.both / sums.squares);
  return { start, rise, base: sums.mean - height * sums.middle, height, rest: sums.rest - height * sums.both };
}

/** The means of values and of what they are held against, and the centered products of both, weighted by the points of a block. */
function sumsOf(blocks: readonly Block[], againstOf: (at: number) => number) {
  let [count, against, value, squares, both, rest] = [0, 0, 0, 0, 0, 0];
  for (const block of blocks) {
    const x = againstOf(block.at);
    count += block.count;
    against += block.count * x;
    value += block.count * block.mean;
    squares += block.count * x * x;
    both += block.count * x * block.mean;
    rest += block.count * block.mean ** 2;
  }
  return {
    mean: value / count,
    middle: against / count,
    squares: squares - against ** 2 / count,
    both: both - (against * value) / count,
    rest: rest - value ** 2 / count,
  };
}

function levelRest(blocks: readonly Block[]): number {
  return blocks.length === 0 ? 0 : sumsOf(blocks, () => 0).rest;
}

function lineRest(blocks: readonly Block[]): number {
  if (blocks.length < 2) return 0;
  const { rest, both, squares } = sumsOf(blocks, (at) => at);
  return rest - both ** 2 / squares;
}

const isOutside = ({ at }: Block) => at < 0;
const isInside = ({ at }: Block) => at >= 0;

/** What one level before the plain period leaves, and a line from there on; the block before may be a part of the step. */
function stepRest(blocks: readonly Block[]): number {
  const before = blocks.filter(isOutside);
  return levelRest(before.slice(0, -1)) + lineRest(blocks.filter(isInside));
}

/** What two levels before leave: another step came before this one. */
function stairRest(blocks: readonly Block[]): number {
  const before = blocks.filter(isOutside);
  const splits = before.map((_, at) => levelRest(before.slice(0, at)) + levelRest(before.slice(at)));
  return Math.min(...splits) + lineRest(blocks.filter(isInside));
}

/** The variance of one point about the fit, as wide as neighbors that stray together make it. */
function varianceOf(blocks: readonly Block[], { start, rise, base, height, rest }: Fit, spread: number): number {
  const rests = blocks.map(({ at, mean, count }) => Math.sqrt(count) * (mean - base - height * shareOf(at, start, rise)));
  const product = rests.reduce((sum, one, at) => sum + one * (rests[at - 1] ?? 0), 0);
  const shared = Math.min(MOST_CORRELATED, Math.max(0, product / Math.max(Number.EPSILON, rest)));
  return Math.max(spread ** 2, rest / Math.max(1, blocks.length - 4)) * ((1 + shared) / (1 - shared));
}
