import { type Raised, raisedFor } from './creep.ts';

/** A departure as its edge is looked at: step 0 is its plain period next to the normal ones, 1 the next inside, -1 the first outside. */
export interface Edge {
  /** How far a period lies beyond normal, toward the departure; NaN where there is no point. */
  readonly excessAt: (step: number) => number;
  /** A standard deviation of the normal noise. */
  readonly spread: number;
  /** The last step inside that may be known. */
  readonly last: number;
  /** What its bounds are for. */
  readonly use: Use;
  /** It is the end of a departure: a rollout begins with a small part of the traffic, and is taken back from all of it at once. */
  readonly isEnd?: boolean;
  /** How long a period is. */
  readonly periodMs: number;
}

/**
 * `doubt` is twice the log-likelihood by which a start may fall short of the best and still be stated: 4 is the "two-unit support" of
 * Edwards ("Likelihood", 1972), about 95 in 100; 9 is three standard errors and 1 is one. `inside` is how many periods of the departure are held against a rise:
 * where nobody vouches for it only the pair that made it one, since what follows may be another. `outside` periods are held against it,
 * too, from the furthest on that are not there or are raised within the noise. `raised` is how sure it must be that a stretch before
 * was raised within the noise. `mayBend`: a rise that begins slowly is thought of as well.
 */
const BOUNDS = {
  figures: { doubt: 9, inside: 4, outside: 16, raised: 'maybe', mayBend: true },
  order: { doubt: 4, inside: 4, outside: 8, raised: 'surely', mayBend: false },
  scan: { doubt: 1, inside: 2, outside: 8, raised: 'surely', mayBend: false },
} as const satisfies Record<string, Bounds>;

interface Bounds {
  readonly doubt: number;
  readonly inside: number;
  readonly outside: number;
  readonly raised: Raised;
  readonly mayBend: boolean;
}

/**
 * What bounds are for. `figures`: an incident's lengths are counted from it, and the truth must lie within. `order`: it is held against
 * another time, to say which came first, where every width hides an answer. `scan`: it is one of many departures that a scan found.
 */
export type Use = keyof typeof BOUNDS;

/** Less of a period than this is not stated: clocks and the cut of a stamp to the second are as far off. */
const LEAST_SHARE = 0.02;
/** A period inside may stray from the line by this share of itself. */
const STRAY = 0.1;
/** How long a rise may take, in periods: 0 is a step. */
const RISES = [0, 0.1, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 14, 20, 40];
/** How a rise may bend, as a power of its time, and how long such a one may take: what grows by itself is near the fourth. */
const POWERS = [2, 4];
const BENT_RISES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.25, 2.5, 3, 3.5, 4, 5, 6, 8, 10, 14, 20];
/**
 * What grows takes minutes. Shorter periods show that it did, and one that looks like a step is one; much longer ones hold all of it.
 * In between any step may be the end of a bend.
 */
const HIDES_GROWTH_MS = { least: 120_000, most: 1_200_000 } as const;
/**
 * Twice the log-likelihood by which a bent rise may fall short of the best and still be stated: one standard error. Beside a step that
 * fits, too, half of that and only where the periods hide growth: a step is the plainer answer. Of an end nothing: what is less than the
 * noise is over, so that the last part of a bend counts for less.
 */
const BENT_DOUBT = { besideStep: 0.5, alone: 1, ofEnd: 0 } as const;
/** A step fits, too, where it falls short by so much: a rise has two numbers more to fit with (chi-squared, 95 in 100; Wilks 1938). */
const STEP_FITS = 6;
/** Candidates for the start, in periods outside the plain one: twentieths inside, fortieths just outside, tenths further off. */
const INNER = Array.from({ length: 20 }, (_, at) => at / 20 - 1);
const NEAR = [0, 0.01, 0.02, 0.03, ...Array.from({ length: 38 }, (_, at) => 0.05 + at / 40)];
const FAR_STEP = 0.1;

/**
 * How many periods outside its first plain one a departure may have begun (or, mirrored, how long it may have lasted): 0 where it
 * cannot have been there.
 *
 * Four ways to hide are looked at, and the furthest counts. A step or a straight rise of any length, whose means over the
 * periods fit the points nearly as well as the best one does: the confidence set of the joint of a two-phase line (Hinkley 1969,
 * Biometrika 56(3)). Where lengths are counted from it, a rise that bends. A step onto the plain period alone, as in a rollout by steps. A stretch that is raised within the noise.
 */
export function hiddenPeriods(edge: Edge): number {
  const { excessAt, spread, use, isEnd } = edge;
  const bounds = BOUNDS[use];
  const unseen = unseenPeriods(edge);
  const calm = Math.max(0, excessAt(-unseen - 1));
  const stair = Math.min(1, (calm + Math.sqrt(bounds.doubt) * spread) / excessAt(0));
  const raised = raisedFor(sizesWithin(edge), isEnd ? 'surely' : bounds.raised);
  const most = Math.max(
    unseen + (Number.isNaN(stair) ? 0 : stair),
    joinedBack(edge, { first: -Math.max(unseen, raised) - bounds.outside, ...bounds }),
    raised,
  );
  return most - unseen < LEAST_SHARE ? unseen : most;
}

/** What lies so many standard deviations out, and not next to the departure, is not raised within the noise: another was over there. */
const OUT = 5;

/** How far each period outside lies from normal, in standard deviations, without those of other departures. */
function sizesWithin({ excessAt, spread }: Edge): (away: number) => number {
  let apart = 1;
  while (apart < LONGEST_HOLE && Math.abs(excessAt(-apart)) > OUT * spread) apart += 1;
  return (away) => {
    const size = excessAt(-away) / spread;
    return away > apart && Math.abs(size) > OUT ? Number.NaN : size;
  };
}

/** A hole as long as this is no hole but the end of the series. */
const LONGEST_HOLE = 1_000;

function unseenPeriods({ excessAt }: Edge): number {
  const hole = Array.from({ length: LONGEST_HOLE }, (_, at) => at).find((at) => !Number.isNaN(excessAt(-at - 1)));
  return hole ?? 0;
}

interface Point {
  readonly step: number;
  readonly excess: number;
  readonly weight: number;
}

/** Which periods are held against a rise, from the first outside on, and how sure the answer must be. */
type Fitted = Bounds & { readonly first: number };

/** The furthest start from which some rise fits the points. */
function joinedBack(edge: Edge, { first, doubt, inside, mayBend }: Fitted): number {
  const { excessAt, spread, last } = edge;
  const points = Array.from({ length: Math.min(last + 1, inside) - first }, (_, at): Point => {
    const excess = excessAt(first + at);
    const stray = first + at < 0 ? 0 : STRAY * excess;
    return { step: first + at, excess, weight: 1 / (spread ** 2 + stray ** 2) };
  }).filter(({ excess }) => !Number.isNaN(excess));
  const far = Array.from({ length: (-first - 1) / FAR_STEP }, (_, at) => 1 + at * FAR_STEP);
  const starts = [...INNER, ...NEAR, ...far];
  const misfits = starts.map((start) => leastOf(RISES.map((rise) => misfitOf(points, start, rise))));
  const best = leastOf(misfits);
  const straight = furthestOf(starts, misfits, best + doubt);
  return mayBend ? Math.max(straight, bentBack(points, starts, best, edge)) : straight;
}

/** The furthest start from which some rise that bends fits the points; `straight` is what the best of the others leaves. */
function bentBack(points: readonly Point[], starts: readonly number[], straight: number, { isEnd, periodMs }: Edge): number {
  const misfits = starts.map((start) => leastOf(POWERS.flatMap((power) => BENT_RISES.map((rise) => misfitOf(points, start, rise, power)))));
  const best = Math.min(straight, leastOf(misfits));
  const isStep = leastOf(starts.map((start) => misfitOf(points, start, 0))) <= best + STEP_FITS;
  if (isStep && (periodMs < HIDES_GROWTH_MS.least || periodMs > HIDES_GROWTH_MS.most)) return 0;
  const doubt = isEnd ? 'ofEnd' : isStep ? 'besideStep' : 'alone';
  return furthestOf(starts, misfits, best + BENT_DOUBT[doubt]);
}

function furthestOf(starts: readonly number[], misfits: readonly number[], most: number): number {
  return Math.max(0, starts[misfits.findLastIndex((misfit) => misfit <= most)] ?? 0);
}

function leastOf(values: readonly number[]): number {
  return values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
}

/** The weighted squares that are left by the best height of a rise that begins `start` periods outside and takes `rise` periods. */
function misfitOf(points: readonly Point[], start: number, rise: number, power = 1): number {
  let [shares, both, sizes] = [0, 0, 0];
  // Neighbors share an edge, and there are hundreds of starts and rises to each point.
  let [edge, area] = [Number.NaN, 0];
  for (const { step, excess, weight } of points) {
    const before = step === edge ? area : areaOf(step + start, rise, power);
    edge = step + 1;
    area = areaOf(edge + start, rise, power);
    const share = area - before;
    shares += weight * share * share;
    both += weight * share * excess;
    sizes += weight * excess * excess;
  }
  return both > 0 ? sizes - both ** 2 / shares : sizes;
}

/** Under a rise from 0 to 1 that takes `rise`, along a line or with a power of its time, from its start until `until`. */
export function areaOf(until: number, rise: number, power = 1): number {
  if (until <= 0) return 0;
  if (until >= rise) return until - (rise * power) / (power + 1);
  const share = until / rise;
  const bent = power === 1 ? share : power === 2 ? share * share : share ** power;
  return (until * bent) / (power + 1);
}
