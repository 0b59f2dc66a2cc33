/**
 * The standard deviation of normal noise by the size that this share of deviations stays under. The first row is the usual
 * median absolute deviation (times 1.4826); where more than half of the points are equal it is 0, and the next that is not
 * takes over. The mean deviation, which Iglewicz & Hoaglin take then, is moved by a single old outage.
 */
const SIGMAS = [
  [0.5, 0.6745],
  [0.75, 1.1503],
  [0.9, 1.6449],
  [0.95, 1.96],
  [0.99, 2.5758],
] as const;
/** "Modified Z-scores over 3.5 be labelled as potential outliers": Iglewicz & Hoaglin (1993). */
export const OUTLIER = 3.5;
/** Shewhart's limit of a control chart (1931), for two points together; of few points it is widened as Student's distribution is. */
const LIMIT = 3;
/** One standard deviation above the middle of a normal distribution lies this share of it. */
const ONE_SIGMA = 0.8413;
/** The tail of the noise is read at this share of the points, or at so many points from the top where that is more of them. */
const TAIL = 0.02;
const TAIL_POINTS = 9;
/** How much further than that tail an abnormal point lies: in an exponential tail one of 18,000 points does (0.02 to the 2.5th). */
const TAIL_TIMES = 2.5;

/** Linear between the two nearest ranks of what is sorted; 0 of none. */
export function quantileOf(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] ?? 0;
  const high = sorted[Math.ceil(rank)] ?? low;
  return low + (high - low) * (rank - Math.floor(rank));
}

/** The standard deviation of noise, robustly, from the sorted sizes of deviations; 0 where nothing deviates. */
export function spreadOf(sizes: Float64Array): number {
  return SIGMAS.map(([share, sigmas]) => quantileOf(sizes, share) / sigmas).find((sigma) => sigma > 0) ?? 0;
}

/** How noise spreads to one side, how far from normal a point there must lie to be abnormal, and from how many points that is known. */
export interface Noise {
  readonly spread: number;
  readonly reach: number;
  readonly points: number;
}

/**
 * The noise toward each side of deviations from normal: as wide as both their middle and that side of them say, since latencies
 * lean to one side; and abnormal is what lies three spreads away and clearly beyond the tail that the series has anyway. The
 * tail is read below the nine furthest points, so that a departure of up to nine does not hide itself. Sorts what it is given.
 * Without `hasTail` only the middle speaks, as where the points may hold a long departure.
 */
export function noisesOf(deviations: Float64Array, sides: readonly (1 | -1)[], floor: number, hasTail = true): readonly Noise[] {
  const upward = deviations.sort();
  const middle = spreadOf(sizesOf(upward));
  const points = upward.length;
  // The first term of the expansion of Student's quantile about the normal one, with as many degrees of freedom as points.
  const limit = LIMIT * (1 + (LIMIT ** 2 + 1) / (4 * Math.max(1, points)));
  return sides.map((side) => {
    const toward = (share: number) => (side === 1 ? quantileOf(upward, share) : 0 - quantileOf(upward, 1 - share));
    const spread = Math.max(floor, middle, toward(ONE_SIGMA));
    const tail = !hasTail ? 0 : toward(1 - Math.max(TAIL, TAIL_POINTS / points));
    return { spread, reach: Math.max(limit * spread, TAIL_TIMES * tail), points };
  });
}

/** The sizes of sorted numbers, sorted, by merging those below zero, from the last on, with those above. */
function sizesOf(sorted: Float64Array): Float64Array {
  const sizes = new Float64Array(sorted.length);
  let above = sorted.findIndex((value) => value >= 0);
  if (above < 0) above = sorted.length;
  let below = above - 1;
  for (let at = 0; at < sizes.length; at += 1) {
    const up = sorted[above] ?? Number.POSITIVE_INFINITY;
    const down = 0 - (sorted[below] ?? Number.NEGATIVE_INFINITY);
    sizes[at] = Math.min(up, down);
    if (up <= down) above += 1;
    else below -= 1;
  }
  return sizes;
}
