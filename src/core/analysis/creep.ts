import { quantileOf } from './noise.ts';

/** A creeping start is looked for so many periods back, and so many before it say what was normal until then. */
const MOST_PERIODS = 40;
const BEFORE_PERIODS = 30;
const LEAST_BEFORE = 8;
/**
 * A raised stretch is one where its log-likelihood ratio against none is this much, and larger than at this share of other places in
 * the same series. `surely`: nowhere else was any as raised. `maybe`: it is as rare as one in thirty, which is a reason for a wider bound
 * and for no date.
 */
const RAISED = { surely: { least: 6, rarer: 1 }, maybe: { least: 4, rarer: 0.97 } } as const;

/** How sure it must be that a stretch was raised. */
export type Raised = keyof typeof RAISED;

/** Lengths within so much of the likeliest are as good as it: about 99 in 100 true ones are (Siegmund 1988, Int. Stat. Rev. 56(1)). */
const AS_LIKELY = 3;
/** The same is looked for from every fifth of so many periods further off: twenty other places or more must say how rare it is. */
const ELSEWHERE = 600;
const EVERY = 5;
const LEAST_ELSEWHERE = 20;

/**
 * For how many periods beside a departure its points were raised already, though within the noise: a canary that takes a hundredth
 * of the traffic, the foot of a slow rise. 0 where the data do not show it.
 *
 * The change of the mean that is likeliest by its ratio (Hinkley 1970, Biometrika 57(1), "Inference about the change-point in a
 * sequence of random variables"), and the longest stretch that is nearly as likely. Real metrics wander more than that ratio
 * believes, and one of forty lengths is always the likeliest, so that it must also be rare in the same series. `sizeAt(n)` is how far the n-th period away
 * from the departure, from 1 on, lies from normal, in standard deviations; NaN where there is no point.
 */
export function raisedFor(sizeAt: (away: number) => number, sure: Raised): number {
  const { least, rarer } = RAISED[sure];
  const sums = sumsOf(sizeAt);
  const ratios = ratiosFrom(sums, 0);
  const most = Math.max(...ratios);
  if (most <= least) return 0;
  const length = ratios.findLastIndex((ratio) => ratio >= most - AS_LIKELY) + 1;
  const others = Array.from({ length: (ELSEWHERE - length) / EVERY }, (_, at) => Math.max(...ratiosFrom(sums, length + at * EVERY)));
  const known = Float64Array.from(others.filter((ratio) => ratio > 0)).sort();
  if (known.length < LEAST_ELSEWHERE || quantileOf(known, rarer) >= most) return 0;
  // The first raised period may hold only a part of the rise, and the one before it a part that does not show.
  return length + 1;
}

/** Running sums of the sizes and of how many there are, so that the mean of any stretch is one subtraction. */
interface Sums {
  readonly sum: Float64Array;
  readonly count: Float64Array;
}

function sumsOf(sizeAt: (away: number) => number): Sums {
  const length = ELSEWHERE + MOST_PERIODS + BEFORE_PERIODS;
  const sum = new Float64Array(length + 1);
  const count = new Float64Array(length + 1);
  for (let at = 0; at < length; at += 1) {
    const size = sizeAt(at + 1);
    const isKnown = !Number.isNaN(size);
    sum[at + 1] = (sum[at] ?? 0) + (isKnown ? size : 0);
    count[at + 1] = (count[at] ?? 0) + Number(isKnown);
  }
  return { sum, count };
}

/** For each length of a stretch that begins behind `from`: how much likelier it is raised above what lies further off than not. */
function ratiosFrom(sums: Sums, from: number): readonly number[] {
  return Array.from({ length: MOST_PERIODS }, (_, at) => {
    const until = from + at + 1;
    const near = meanOf(sums, from, until);
    const far = meanOf(sums, until, until + BEFORE_PERIODS);
    if (near.count === 0 || far.count < LEAST_BEFORE) return 0;
    const rise = Math.max(0, near.mean - far.mean);
    return rise ** 2 / (2 * (1 / near.count + 1 / far.count));
  });
}

function meanOf({ sum, count }: Sums, from: number, until: number): { readonly count: number; readonly mean: number } {
  const known = (count[until] ?? 0) - (count[from] ?? 0);
  return { count: known, mean: ((sum[until] ?? 0) - (sum[from] ?? 0)) / Math.max(1, known) };
}
