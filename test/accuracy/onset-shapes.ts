import { findOnset } from '../../src/core/analysis/onset.ts';
import { epochMs, instantAt } from '../../src/core/time.ts';
import { randomOf } from '../support/random.ts';
import { alarmOf } from '../support/sample-case.ts';
import { quantile } from './intervals.ts';
import { shareFigure } from './onset-score.ts';
import type { Figure, Part } from './part.ts';
import { seriesFrom } from './series-from.ts';

/**
 * Whether the bounds of an onset hold the true start however the departure rose: at once, along a line, with the square of its time,
 * and by itself (as what feeds itself grows, of whose first third a hundredth shows). Metrics of four kinds (counts, a latency that
 * wanders, a gauge with stray points, a share of successes) at three periods, with a course of the day, and alarms of one to five points
 * whose threshold lies anywhere between the highest normal value and the top. Reported beside; no bound was tuned on these worlds but
 * those of `growth.ts`, for which they were made.
 */
export const onsetShapes: Part = {
  name: 'onset-shapes',
  run: async (seed) =>
    Object.keys(WAYS).flatMap((way) =>
      PERIODS_MS.flatMap((periodMs) => {
        const random = randomOf(seed);
        const worlds = Array.from({ length: WORLDS }, () => KINDS.map((kind) => worldOf(kind, way, periodMs, random))).flat();
        return figuresOf(
          way,
          periodMs,
          worlds.flatMap((world) => (world ? [answerOf(world)] : [])),
        );
      }),
    ),
};

const WORLDS = 30;
const PERIODS_MS = [10_000, 60_000, 300_000];
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * HOUR_MS;
const FROM_MS = Date.parse('2024-03-11T00:00:00Z');

/** How far a rise has come, by how much of its time is over. */
const WAYS: Readonly<Record<string, (share: number) => number>> = {
  'at once': (share) => Math.sign(share),
  'along a line': (share) => share,
  'with the square of its time': (share) => share ** 2,
  'by itself': (share) => Math.expm1(4 * share) / Math.expm1(4),
};

type Random = () => number;
const normal = (random: Random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Events where so many are expected: by Knuth's product for few, by the normal curve for many. */
function eventsOf(expected: number, random: Random): number {
  if (expected > 30) return Math.max(0, Math.round(expected + Math.sqrt(expected) * normal(random)));
  const limit = Math.exp(-expected);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count += 1;
  return count;
}

interface Kind {
  readonly statistic: 'Sum' | 'Average';
  readonly comparison: 'above' | 'below';
  /** Draws what the metric is like, and gives its value by the course of the day, the share of the departure and the period. */
  readonly draw: (random: Random) => (day: number, share: number, periodMs: number) => number;
}

const KINDS: readonly Kind[] = [
  {
    statistic: 'Sum',
    comparison: 'above',
    draw: (random) => {
      const perMinute = [0.3, 2, 20, 200][Math.floor(random() * 4)] ?? 2;
      const height = 4 + random() * 30;
      return (day, share, periodMs) => {
        const expected = (perMinute * day * periodMs) / MINUTE_MS;
        return eventsOf(expected + share * height * Math.max(1.2, Math.sqrt(expected)), random);
      };
    },
  },
  {
    statistic: 'Average',
    comparison: 'above',
    draw: (random) => {
      const [spread, keeps, height] = [0.05 + random() * 0.25, random() * 0.8, 4 + random() * 30];
      let last = 0;
      return (day, share) => {
        last = keeps * last + Math.sqrt(1 - keeps ** 2) * normal(random);
        return 0.2 * day * Math.exp(spread * last) * (1 + share * height * spread);
      };
    },
  },
  {
    statistic: 'Average',
    comparison: 'above',
    draw: (random) => {
      const [spread, height] = [0.05 + random() * 0.25, 4 + random() * 30];
      return (day, share) => {
        const stray = random() < 0.01 ? random() * 6 * spread : 0;
        return 100 * day * (1 + spread * normal(random) + stray + share * height * spread);
      };
    },
  },
  {
    statistic: 'Average',
    comparison: 'below',
    draw: (random) => {
      const height = 0.02 + random() * 0.15;
      return (_day, share, periodMs) => {
        const asked = (500 * periodMs) / MINUTE_MS;
        return 100 - (100 * eventsOf(asked * (0.001 + share * height), random)) / asked;
      };
    },
  },
];

interface World {
  readonly kind: Kind;
  readonly periodMs: number;
  readonly startsMs: readonly number[];
  readonly values: readonly number[];
  readonly weeks: { readonly startsMs: readonly number[]; readonly values: readonly number[] };
  readonly startMs: number;
  readonly untilMs: number;
  readonly threshold: number;
  readonly needed: number;
  readonly firedMs: number;
}

/** A world whose departure an alarm saw; nothing where no threshold lies between normal and the top, or none was reached in time. */
function worldOf(kind: Kind, way: string, periodMs: number, random: Random): World | undefined {
  const nextOf = kind.draw(random);
  const swing = random() * 0.5;
  const dayAt = (ms: number) => 1 + swing * Math.sin((2 * Math.PI * (ms % DAY_MS)) / DAY_MS);
  const startMs = FROM_MS + 25 * HOUR_MS + random() * 2 * HOUR_MS;
  const riseMs = (5 + random() * 15) * MINUTE_MS;
  const endMs = startMs + riseMs + (20 + random() * 40) * MINUTE_MS;
  const wayAt = (ms: number) => (ms < startMs || ms > endMs ? 0 : (WAYS[way]?.(Math.min(1, (ms - startMs) / riseMs)) ?? 0));
  const meanIn = (ms: number) =>
    Array.from({ length: 10 }, (_, part) => wayAt(ms + ((part + 0.5) * periodMs) / 10)).reduce((a, b) => a + b) / 10;
  const grid = (fromMs: number, toMs: number, stepMs: number) =>
    Array.from({ length: (toMs - fromMs) / stepMs }, (_, at) => fromMs + at * stepMs);
  const weekly = grid(FROM_MS - 14 * DAY_MS, FROM_MS, 300_000);
  const weeks = { startsMs: weekly, values: weekly.map((ms) => nextOf(dayAt(ms), 0, 300_000)) };
  const startsMs = grid(FROM_MS, FROM_MS + 30 * HOUR_MS, periodMs);
  const values = startsMs.map((ms) => nextOf(dayAt(ms), meanIn(ms), periodMs));
  const side = kind.comparison === 'above' ? 1 : -1;
  const first = startsMs.findLastIndex((ms) => ms <= startMs);
  const [usual, top] = [values.slice(0, first), values].map((own) =>
    own.reduce((most, value) => Math.max(most, side * value), Number.NEGATIVE_INFINITY),
  );
  if (usual === undefined || top === undefined || top - usual < 0.15 * Math.abs(kind.comparison === 'above' ? usual : 2)) return undefined;
  const threshold = side * (usual + (top - usual) * (0.1 + 0.6 * random()));
  const needed = 1 + Math.floor(random() * 5);
  const isOver = (at: number) => side * (values[at] ?? 0) > side * threshold;
  const last = startsMs.findIndex(
    (_, at) => at >= first && Array.from({ length: needed }, (_none, back) => at - back).every((one) => one >= first && isOver(one)),
  );
  const firedMs = (startsMs[last] ?? Number.POSITIVE_INFINITY) + periodMs + 20_000 + random() * 80_000;
  if (last < 0 || firedMs > endMs) return undefined;
  return { kind, periodMs, startsMs, values, weeks, startMs, untilMs: endMs + HOUR_MS, threshold, needed, firedMs };
}

interface Answer {
  readonly isHeld: boolean;
  readonly width: number;
}

function answerOf({ kind, periodMs, startsMs, values, weeks, startMs, untilMs, threshold, needed, firedMs }: World): Answer | undefined {
  const named = { source: 'made', name: 'metric', statistic: kind.statistic };
  const { comparison } = kind;
  const answer = findOnset({
    series: seriesFrom({ ...named, periodMs, startsMs, values }),
    weeks: seriesFrom({ ...named, periodMs: 300_000, ...weeks }),
    alarm: alarmOf({ comparison, threshold, periodMs, breaching: needed, outOf: needed, missing: 'missing' }),
    fired: { at: instantAt(Math.round(firedMs)), minusMs: 0, plusMs: 1 },
    until: instantAt(Math.round(untilMs)),
    recentMs: DAY_MS,
  });
  if (!answer.found) return undefined;
  const { at, minusMs, plusMs } = answer.time;
  return {
    isHeld: startMs >= epochMs(at) - minusMs - 1 && startMs <= epochMs(at) + plusMs + 1,
    width: (minusMs + plusMs) / periodMs,
  };
}

function figuresOf(way: string, periodMs: number, answers: readonly (Answer | undefined)[]): readonly Figure[] {
  const found = answers.filter((answer) => answer !== undefined);
  const base = { task: 'interval', data: `made series of ${periodMs / 1000} s that rise ${way}` };
  const width = quantile(
    found.map((answer) => answer.width),
    0.5,
  );
  return [
    shareFigure({ ...base, figure: 'holds the truth' }, found.filter(({ isHeld }) => isHeld).length, found.length),
    { ...base, figure: 'median width in periods', value: width.toFixed(1), n: found.length },
  ];
}
