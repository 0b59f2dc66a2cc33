/** So many points of a run are looked at, the first, which holds only a part of the departure, left out. */
const LEAST_POINTS = 4;
const MOST_POINTS = 12;
/** A run rises where it grows by this share of its middle point: else it is a step, with noise on top. */
const LEAST_GROWTH = 0.5;
/** A line is drawn back over at most so many times the points that it was fitted to. */
const MOST_BACK = 2;

/**
 * How many periods before the first departing point a slow rise began, so that it stayed within the noise until there; 0 for a
 * step. A line through the points of the run, with the median of all slopes between two of them (Theil 1950; Sen 1968, J. Am.
 * Stat. Assoc. 63(324)), is drawn back to where it leaves normal, as a two-phase regression would place the joint (Hinkley
 * 1969, Biometrika 56(3)), and one period further, since noise tilts it. `excessAt` says how far a point lies beyond normal, `least` from where on it
 * belongs to the run, and `last` is the last point that may be known.
 */
export function risenBefore(excessAt: (index: number) => number, least: number, first: number, last: number): number {
  const points: { readonly at: number; readonly excess: number }[] = [];
  for (let index = first + 1; index <= last && points.length < MOST_POINTS; index += 1) {
    const excess = excessAt(index);
    if (!(excess > least)) break;
    points.push({ at: index - first, excess });
  }
  if (points.length < LEAST_POINTS) return 0;
  const slope = middleOf(points.flatMap((a, at) => points.slice(at + 1).map((b) => (b.excess - a.excess) / (b.at - a.at))));
  const growth = slope * (points.length - 1);
  if (!(growth > LEAST_GROWTH * middleOf(points.map(({ excess }) => excess)))) return 0;
  const crossing = middleOf(points.map(({ at, excess }) => at - excess / slope));
  // A point stands for the middle of its period, so the line leaves normal half a period after the start of its own.
  const back = Math.ceil(-(crossing + 0.5)) + 1;
  return Math.min(MOST_BACK * points.length, Math.max(0, back));
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
}
