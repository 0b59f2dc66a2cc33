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
/** Of so many of its points the median absolute deviation makes use (Rousseeuw & Croux 1993, J. Am. Stat. Assoc. 88(424)). */
const EFFICIENCY = 0.37;
/** One standard deviation above the middle of a normal distribution lies this share of it. */
const ONE_SIGMA = 0.8413;
/** The tail of the noise is read at this share of the points, or at so many points from the top where that is more of them. */
const TAIL = 0.02;
const TAIL_POINTS = 9;
/** How much further than that tail an abnormal point lies: in an exponential tail one of 18,000 points does (0.02 to the 2.5th). */
const TAIL_TIMES = 2.5;
/** And where nothing has fired: one of 47,000. */
const TAIL_TIMES_OPEN = 2.75;

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

/** What deviations are asked for. */
export interface NoiseQuestion {
  readonly sides: readonly (1 | -1)[];
  /** The least spread that is believed. */
  readonly floor: number;
  /** Without it only the middle speaks, as where the points may hold a long departure; it speaks, if nothing is said. */
  readonly hasTail?: boolean;
  /** Nothing has fired: few points widen the limit more, and the tail reaches further. */
  readonly isOpen?: boolean;
}

/**
 * The noise toward each side of deviations from normal: as wide as both their middle and that side of them say, since latencies
 * lean to one side; and abnormal is what lies three spreads away and clearly beyond the tail that the series has anyway. The
 * tail is read below the nine furthest points, so that a departure of up to nine does not hide itself. Puts what it is given
 * into another order.
 */
export function noisesOf(deviations: Float64Array, { sides, floor, hasTail = true, isOpen = false }: NoiseQuestion): readonly Noise[] {
  const sizes = deviations.map(Math.abs);
  const middle = SIGMAS.reduce((sigma, [share, sigmas]) => (sigma > 0 ? sigma : selectedOf(sizes, share) / sigmas), 0);
  const points = deviations.length;
  // Of no points nothing is known: then nothing is abnormal.
  if (points === 0) return sides.map(() => ({ spread: floor, reach: Number.POSITIVE_INFINITY, points }));
  // The first term of the expansion of Student's quantile about the normal one, with the degrees of freedom that the points are worth.
  const limit = LIMIT * (1 + (LIMIT ** 2 + 1) / (4 * Math.max(1, (isOpen ? EFFICIENCY : 1) * points)));
  return sides.map((side) => {
    const toward = (share: number) => side * selectedOf(deviations, side === 1 ? share : 1 - share);
    const spread = Math.max(floor, middle, toward(ONE_SIGMA));
    const tail = hasTail ? toward(1 - Math.max(TAIL, TAIL_POINTS / points)) : 0;
    return { spread, reach: Math.max(limit * spread, (isOpen ? TAIL_TIMES_OPEN : TAIL_TIMES) * tail), points };
  });
}

/** As `quantileOf`, of what is not sorted: Hoare's "Find" (1961, Comm. ACM 4(7), algorithm 65), in linear time. Changes the order. */
export function selectedOf(values: Float64Array, share: number): number {
  const rank = Math.max(0, share * (values.length - 1));
  const low = Math.floor(rank);
  find(values, low);
  const below = values[low] ?? 0;
  if (rank === low) return below;
  let above = Number.POSITIVE_INFINITY;
  for (let at = low + 1; at < values.length; at += 1) above = Math.min(above, values[at] ?? above);
  return above === Number.POSITIVE_INFINITY ? below : below + (above - below) * (rank - low);
}

/** Puts the value of a rank in its place, what is less before and what is more behind it. */
function find(values: Float64Array, rank: number): void {
  let first = 0;
  let last = values.length - 1;
  while (first < last) {
    const pivot = values[(first + last) >> 1] ?? 0;
    let up = first;
    let down = last;
    while (up <= down) {
      while ((values[up] ?? pivot) < pivot) up += 1;
      while ((values[down] ?? pivot) > pivot) down -= 1;
      if (up > down) break;
      const moved = values[up] ?? 0;
      values[up] = values[down] ?? 0;
      values[down] = moved;
      up += 1;
      down -= 1;
    }
    if (down < rank) first = up;
    if (rank < up) last = down;
  }
}
