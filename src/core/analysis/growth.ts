import { epochMs, likelyTime } from '../time.ts';
import type { LongEdge } from './foot.ts';
import type { Departure } from './onset.ts';

/** A rise is slow where its first so much is seen to take at least so many periods, and an end where its last so much does. */
const SHARE = 0.6;
const LEAST_PERIODS = { start: 2, end: 4 } as const;
/** So many means of neighboring periods are fitted inside, however long the rise takes, and so many times as far outside. */
const BLOCKS = 12;
const OUTSIDE = 48;
/** Where that does not suffice the means are of three times as many periods, up to so many. */
const COARSER = 3;
const MOST_PERIODS = 27;
/** So many blocks before the rise must say what was normal. */
const LEAST_BASE = 8;
/** How growth may bend: 1 is a straight line, and what grows by itself is near 4. */
const POWERS = [1, 1.5, 2, 3, 4];
const START_STEP = 0.5;
/** Of an end also a fade, by the same share in every so many blocks: it has no start, and falls within the noise. */
const FADES = [1, 1.5, 2, 3, 4, 6, 8, 12, 16];
/** Less of a period than this is not told: no value is as exact. */
const LEAST_GROWN = 0.5;
/** Twice the log-likelihood by which a start may fall short of the likeliest and still be stated: the two-unit support of `dating.ts`. */
const DOUBT = 4;
/** A mean inside may stray from its curve by this share of itself. */
const STRAY = 0.1;
/** What neighbors share of their noise, at most. */
const MOST_CORRELATED = 0.8;

/**
 * For how many periods before its plain one a departure may have grown already: 0 where it rose at once. What grows by itself is within
 * the noise for most of its time, and a straight line through the part that shows begins too late. `isSlow`: its foot (`foot.ts`) says that it was
 * slow, though what is left of the rise from its plain period on is short.
 *
 * Curves of several powers are fitted to the first part of the rise and to what lies before it (a two-phase regression, as Hinkley 1969,
 * with a bent second phase; Seber & Wild 1989, "Nonlinear Regression", ch. 9); the furthest start counts whose best curve fits nearly as
 * well as the best of all, by a noise that is as wide as neighbors that stray together make it.
 */
export function grownFor(edge: LongEdge, isSlow: boolean): number {
  const until = slowUntil(edge, isSlow);
  if (until === undefined) return 0;
  for (let periods = Math.ceil((until + 1) / BLOCKS); periods <= MOST_PERIODS; periods *= COARSER) {
    const grown = grownIn(edge, periods, Math.ceil((until + 1) / periods));
    if (grown !== 'further') return grown > LEAST_GROWN ? grown : 0;
  }
  return 0;
}

/** The same by means of so many periods; `further`, where it may have begun before all of them. */
function grownIn(edge: LongEdge, periods: number, inside: number): number | 'further' {
  const blocks = blocksOf(edge, periods, inside);
  const most = -(blocks[0]?.at ?? 0) - LEAST_BASE;
  if (most <= 0) return 0;
  const starts = Array.from({ length: Math.ceil(most / START_STEP) }, (_, at) => at * START_STEP);
  const bent = starts.flatMap((start) => POWERS.map((power) => fitOf(blocks, bendOf(start, power))));
  const fits = edge.isEnd ? [...FADES.map((length) => fitOf(blocks, fadeOf(length))), ...bent] : bent;
  const best = fits.reduce((a, b) => (b.misfit < a.misfit ? b : a));
  const doubt = DOUBT * overdispersionOf(best, blocks.length);
  // What came back in between, or stepped and lay still, has not grown: no curve says more of it than a step.
  if (stepMisfit(blocks) < best.misfit + doubt) return 0;
  const likely = fits.filter(({ misfit }) => misfit <= best.misfit + doubt);
  if (likely.at(-1)?.start === starts.at(-1)) return blocks[0]?.at === -OUTSIDE ? 'further' : 0;
  return Math.max(...likely.map((fit) => (edge.isEnd ? fit.shownTo(edge.spread / fit.height) : fit.start))) * periods;
}

/** The departure with a bound as early as `fromMs`; where its start is held against other times, what is likely of it stays. */
export function grownBack(departure: Departure, fromMs: number): Departure {
  const { time } = departure;
  const minusMs = Math.round(epochMs(time.at) - fromMs);
  return minusMs <= time.minusMs ? departure : { ...departure, time: { ...time, minusMs }, likely: likelyTime(departure) };
}

/** By which period the rise has come its first part of the way up; nothing where that took no time and nothing else says that it was slow. */
function slowUntil({ excessAt, last, isEnd }: LongEdge, isSlow: boolean): number | undefined {
  const known = Array.from({ length: last + 1 }, (_, step) => meanOf([step, step + 1].filter((at) => at <= last).map(excessAt)));
  const top = Math.max(...known.filter((value) => !Number.isNaN(value)));
  const until = known.findIndex((value) => value >= SHARE * top);
  return until < LEAST_PERIODS[isEnd ? 'end' : 'start'] && !isSlow ? undefined : until;
}

interface Block {
  readonly at: number;
  readonly mean: number;
  readonly weight: number;
}

function blocksOf({ excessAt, spread, first }: LongEdge, periods: number, inside: number): readonly Block[] {
  const from = Math.max(-OUTSIDE, Math.ceil(first / periods));
  return Array.from({ length: Math.max(0, inside - from) }, (_, place): Block => {
    const at = from + place;
    const present = Array.from({ length: periods }, (_, step) => excessAt(at * periods + step)).filter((excess) => !Number.isNaN(excess));
    const mean = meanOf(present);
    const stray = at < 0 ? 0 : STRAY * mean;
    return { at, mean, weight: 1 / (spread ** 2 / present.length + stray ** 2) };
  }).filter(({ mean }) => !Number.isNaN(mean));
}

function meanOf(values: readonly number[]): number {
  const present = values.filter((value) => !Number.isNaN(value));
  return present.reduce((sum, value) => sum + value, 0) / present.length;
}

/** A curve by how far it has come on the mean of a block, as a share of how far it is at the end of the plain one. */
interface Curve {
  /** How many blocks outside it begins; 0 of one that has no start. */
  readonly start: number;
  readonly shareAt: (at: number) => number;
  /** How many blocks outside it is such a share: an end is where what is left is within the noise, which is not different from normal, as in `foot.ts`. */
  readonly shownTo: (share: number) => number;
}

function bendOf(start: number, power: number): Curve {
  const areaTo = (until: number) => Math.max(0, until + start) ** (power + 1) / ((power + 1) * (1 + start) ** power);
  return {
    start,
    shareAt: (at) => areaTo(at + 1) - areaTo(at),
    shownTo: (share) => start - (1 + start) * Math.min(1, share) ** (1 / power),
  };
}

function fadeOf(length: number): Curve {
  return {
    start: 0,
    shareAt: (at) => length * (Math.exp(at / length) - Math.exp((at - 1) / length)),
    shownTo: (share) => -length * Math.log(Math.min(1, share)) - 1,
  };
}

/** The weighted squares that are left by a curve of the best height, and each block's own rest, in standard deviations. */
interface Fit extends Curve {
  readonly height: number;
  readonly misfit: number;
  readonly rests: readonly number[];
}

function fitOf(blocks: readonly Block[], curve: Curve): Fit {
  const { shareAt } = curve;
  let [weights, shares, means] = [0, 0, 0];
  for (const { at, mean, weight } of blocks) {
    weights += weight;
    shares += weight * shareAt(at);
    means += weight * mean;
  }
  const [middle, level] = [shares / weights, means / weights];
  let [squares, both] = [0, 0];
  for (const { at, mean, weight } of blocks) {
    const share = shareAt(at) - middle;
    squares += weight * share * share;
    both += weight * share * (mean - level);
  }
  const height = Math.max(0, both / squares);
  const rests = blocks.map(({ at, mean, weight }) => Math.sqrt(weight) * (mean - level - height * (shareAt(at) - middle)));
  return { ...curve, height, misfit: rests.reduce((sum, rest) => sum + rest * rest, 0), rests };
}

/** The weighted squares that one level before and one from the plain period on leave. */
function stepMisfit(blocks: readonly Block[]): number {
  return [blocks.filter(({ at }) => at < 0), blocks.filter(({ at }) => at >= 0)].reduce((sum, own) => sum + levelMisfit(own), 0);
}

function levelMisfit(blocks: readonly Block[]): number {
  let [weights, means, squares] = [0, 0, 0];
  for (const { mean, weight } of blocks) {
    weights += weight;
    means += weight * mean;
    squares += weight * mean ** 2;
  }
  return weights === 0 ? 0 : squares - means ** 2 / weights;
}

/** By how much the rests are wider than the noise that was thought, and by how much more neighbors that stray together make of it. */
function overdispersionOf({ misfit, rests }: Fit, count: number): number {
  const product = rests.reduce((sum, rest, at) => sum + rest * (rests[at - 1] ?? 0), 0);
  const shared = Math.min(MOST_CORRELATED, Math.max(0, product / Math.max(Number.EPSILON, misfit)));
  return (Math.max(1, misfit / Math.max(1, count - 4)) * (1 + shared)) / (1 - shared);
}
