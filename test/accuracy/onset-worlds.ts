const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
const FROM_MS = Date.parse('2024-03-11T00:00:00Z');

/** How far a rise has come by how much of its time is over, and how much of it is left by how much of its way back is over. */
export interface Way {
  readonly rise: (share: number) => number;
  /** Absent: at once, and nobody asks when. */
  readonly fall?: (share: number) => number;
}

/** Metrics of four kinds at any period, with a course of the day, an outage, and an alarm on it: what the shapes of edges are tried on. */

export type Random = () => number;
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Events where so many are expected: by Knuth's product for few, by the normal curve for many. */
function eventsOf(expected: number, random: Random): number {
  if (expected > 30) return Math.max(0, Math.round(expected + Math.sqrt(expected) * normal(random)));
  const limit = Math.exp(-expected);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

/** What a metric is like by the course of the day and the period. */
interface Nature {
  /** Its next value, at a share of the departure. */
  readonly nextOf: (day: number, share: number, periodMs: number) => number;
  /** How many standard deviations of its noise the whole departure is; of rare things one event is a standard deviation. */
  readonly heightOf: (day: number, periodMs: number) => number;
}

export interface Kind {
  readonly statistic: 'Sum' | 'Average';
  readonly comparison: 'above' | 'below';
  readonly draw: (random: Random) => Nature;
}

export const KINDS: readonly Kind[] = [
  {
    statistic: 'Sum',
    comparison: 'above',
    draw: (random) => {
      const perMinute = [0.3, 2, 20, 200][Math.floor(random() * 4)] ?? 2;
      const height = 4 + random() * 30;
      const expectedIn = (day: number, periodMs: number) => (perMinute * day * periodMs) / MINUTE_MS;
      const addedTo = (expected: number) => height * Math.max(1.2, Math.sqrt(expected));
      return {
        nextOf: (day, share, periodMs) => {
          const expected = expectedIn(day, periodMs);
          return eventsOf(expected + share * addedTo(expected), random);
        },
        heightOf: (day, periodMs) => {
          const expected = expectedIn(day, periodMs);
          return addedTo(expected) / Math.sqrt(Math.max(1, expected));
        },
      };
    },
  },
  {
    statistic: 'Average',
    comparison: 'above',
    draw: (random) => {
      const [spread, keeps, height] = [0.05 + random() * 0.25, random() * 0.8, 4 + random() * 30];
      let last = 0;
      return {
        nextOf: (day, share) => {
          last = keeps * last + Math.sqrt(1 - keeps ** 2) * normal(random);
          return 0.2 * day * Math.exp(spread * last) * (1 + share * height * spread);
        },
        heightOf: () => height,
      };
    },
  },
  {
    statistic: 'Average',
    comparison: 'above',
    draw: (random) => {
      const [spread, height] = [0.05 + random() * 0.25, 4 + random() * 30];
      return {
        nextOf: (day, share) => {
          const stray = random() < 0.01 ? random() * 6 * spread : 0;
          return 100 * day * (1 + spread * normal(random) + stray + share * height * spread);
        },
        heightOf: () => height,
      };
    },
  },
  {
    statistic: 'Average',
    comparison: 'below',
    draw: (random) => {
      const height = 0.02 + random() * 0.15;
      const askedIn = (periodMs: number) => (500 * periodMs) / MINUTE_MS;
      return {
        nextOf: (_day, share, periodMs) => {
          const asked = askedIn(periodMs);
          return 100 - (100 * eventsOf(asked * (0.001 + share * height), random)) / asked;
        },
        heightOf: (_day, periodMs) => (askedIn(periodMs) * height) / Math.sqrt(Math.max(1, 0.001 * askedIn(periodMs))),
      };
    },
  },
];

export interface World {
  readonly kind: Kind;
  readonly periodMs: number;
  readonly startsMs: readonly number[];
  readonly values: readonly number[];
  readonly weeks: { readonly startsMs: readonly number[]; readonly values: readonly number[] };
  readonly startMs: number;
  /** Since when the mean of the departure is less than a standard deviation of the noise of one period. */
  readonly overMs: number;
  readonly untilMs: number;
  readonly threshold: number;
  readonly needed: number;
  readonly firedMs: number;
}

/** A world whose departure an alarm saw; nothing where no threshold lies between normal and the top, or none was reached in time. */
export function worldOf(kind: Kind, { rise, fall }: Way, periodMs: number, random: Random): World | undefined {
  const { nextOf, heightOf } = kind.draw(random);
  const swing = random() * 0.5;
  const dayAt = (ms: number) => 1 + swing * Math.sin((2 * Math.PI * (ms % DAY_MS)) / DAY_MS);
  const startMs = FROM_MS + 25 * HOUR_MS + random() * 2 * HOUR_MS;
  const riseMs = (5 + random() * 15) * MINUTE_MS;
  const endMs = startMs + riseMs + (20 + random() * 40) * MINUTE_MS;
  const fallMs = fall ? (5 + random() * 15) * MINUTE_MS : 1;
  const leftAt = (ms: number) => (ms <= endMs ? 1 : (fall?.((ms - endMs) / fallMs) ?? 0));
  const wayAt = (ms: number) => (ms < startMs ? 0 : rise(Math.min(1, (ms - startMs) / riseMs)) * leftAt(ms));
  const overMs = firstFrom(endMs, (ms) => leftAt(ms + 1) * heightOf(dayAt(ms), periodMs) <= 1);
  const values = valuesOf(nextOf, dayAt, { wayAt, periodMs, hours: fall ? 33 : 30 });
  const alarmed = alarmOn(kind, values, { startMs, endMs, periodMs }, random);
  return alarmed && { kind, periodMs, ...values, startMs, overMs, untilMs: endMs + (fall ? 3 : 1) * HOUR_MS, ...alarmed };
}

function firstFrom(fromMs: number, is: (ms: number) => boolean): number {
  let ms = fromMs;
  while (!is(ms)) ms += 1000;
  return ms;
}

interface Grid {
  readonly wayAt: (ms: number) => number;
  readonly periodMs: number;
  readonly hours: number;
}

function valuesOf(
  nextOf: Nature['nextOf'],
  dayAt: (ms: number) => number,
  { wayAt, periodMs, hours }: Grid,
): Pick<World, 'weeks' | 'startsMs' | 'values'> {
  const meanIn = (ms: number) =>
    Array.from({ length: 10 }, (_, part) => wayAt(ms + ((part + 0.5) * periodMs) / 10)).reduce((a, b) => a + b) / 10;
  const grid = (fromMs: number, toMs: number, stepMs: number) =>
    Array.from({ length: (toMs - fromMs) / stepMs }, (_, at) => fromMs + at * stepMs);
  const weekly = grid(FROM_MS - 14 * DAY_MS, FROM_MS, 300_000);
  const weeks = { startsMs: weekly, values: weekly.map((ms) => nextOf(dayAt(ms), 0, 300_000)) };
  const startsMs = grid(FROM_MS, FROM_MS + hours * HOUR_MS, periodMs);
  return { weeks, startsMs, values: startsMs.map((ms) => nextOf(dayAt(ms), meanIn(ms), periodMs)) };
}

/** An alarm of one to five points whose threshold lies anywhere between the highest normal value and the top, and when it fired. */
function alarmOn(
  { comparison }: Kind,
  { startsMs, values }: Pick<World, 'startsMs' | 'values'>,
  { startMs, endMs, periodMs }: { readonly startMs: number; readonly endMs: number; readonly periodMs: number },
  random: Random,
): Pick<World, 'threshold' | 'needed' | 'firedMs'> | undefined {
  const side = comparison === 'above' ? 1 : -1;
  const first = startsMs.findLastIndex((ms) => ms <= startMs);
  const [usual, top] = [values.slice(0, first), values].map((own) =>
    own.reduce((most, value) => Math.max(most, side * value), Number.NEGATIVE_INFINITY),
  );
  if (usual === undefined || top === undefined || top - usual < 0.15 * Math.abs(comparison === 'above' ? usual : 2)) return undefined;
  const threshold = side * (usual + (top - usual) * (0.1 + 0.6 * random()));
  const needed = 1 + Math.floor(random() * 5);
  const isOver = (at: number) => side * (values[at] ?? 0) > side * threshold;
  const last = startsMs.findIndex(
    (_, at) => at >= first && Array.from({ length: needed }, (_none, back) => at - back).every((one) => one >= first && isOver(one)),
  );
  const firedMs = (startsMs[last] ?? Number.POSITIVE_INFINITY) + periodMs + 20_000 + random() * 80_000;
  return last < 0 || firedMs > endMs ? undefined : { threshold, needed, firedMs };
}
