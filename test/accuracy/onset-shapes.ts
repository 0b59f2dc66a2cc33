import { type Departure, findOnset } from '../../src/core/analysis/onset.ts';
import { findRecovery } from '../../src/core/analysis/recovery.ts';
import { epochMs, instantAt, type Moment } from '../../src/core/time.ts';
import { randomOf } from '../support/random.ts';
import { alarmOf } from '../support/sample-case.ts';
import { quantile } from './intervals.ts';
import { shareFigure } from './onset-score.ts';
import { KINDS, type Way, type World, worldOf } from './onset-worlds.ts';
import type { Figure, Part } from './part.ts';
import { seriesFrom } from './series-from.ts';

/**
 * Whether the bounds of an onset hold the true start however the departure rose: at once, along a line, with the square of its time,
 * and by itself (as what feeds itself grows, of whose first third a hundredth shows); and those of a recovery the true end, however it fell:
 * at once, along a line, as a queue drains (fast while it is long: with the square of the time that is left), and fading (by the same share in every minute,
 * for ever). Reported beside. The bounds of what bends (`growth.ts`, and in `dating.ts` those that may bend) were tuned on seed 101 of these worlds, which were
 * made for them; no others were.
 *
 * The truth of an end is the moment from which the mean of the departure is less than a standard deviation of the noise of one period:
 * what is less is not different from normal, and nobody's impact. So `foot.ts` has it of a start, and what fades has no other end. Of a step it is the step.
 */
export const onsetShapes: Part = {
  name: 'onset-shapes',
  run: async (seed) => [
    ...figuresOf(RISES, seed, (way, answers) => [`rise ${way}`, answers.map(startOf)]),
    ...figuresOf(FALLS, seed, (way, answers) => [`fall ${way}`, answers.map(endOf)]),
  ],
};

const WORLDS = 30;
const PERIODS_MS = [10_000, 60_000, 300_000];
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const STABLE_MS = 15 * MINUTE_MS;

const RISES: Readonly<Record<string, Way>> = {
  'at once': { rise: Math.sign },
  'along a line': { rise: (share) => share },
  'with the square of its time': { rise: (share) => share ** 2 },
  'by itself': { rise: (share) => Math.expm1(4 * share) / Math.expm1(4) },
};

const FALLS: Readonly<Record<string, Way>> = {
  'at once': { rise: Math.sign, fall: () => 0 },
  'along a line': { rise: Math.sign, fall: (share) => Math.max(0, 1 - share) },
  'as a queue drains': { rise: Math.sign, fall: (share) => Math.max(0, 1 - share) ** 2 },
  'by fading': { rise: Math.sign, fall: (share) => Math.exp(-4 * share) },
};

interface Answer {
  readonly world: World;
  readonly onset: Departure;
}

function answerOf(world: World): readonly Answer[] {
  const { kind, periodMs, startsMs, values, weeks, untilMs, threshold, needed, firedMs } = world;
  const named = { source: 'made', name: 'metric', statistic: kind.statistic };
  const { comparison } = kind;
  const onset = findOnset({
    series: seriesFrom({ ...named, periodMs, startsMs, values }),
    weeks: seriesFrom({ ...named, periodMs: 300_000, ...weeks }),
    alarm: alarmOf({ comparison, threshold, periodMs, breaching: needed, outOf: needed, missing: 'missing' }),
    fired: { at: instantAt(Math.round(firedMs)), minusMs: 0, plusMs: 1 },
    until: instantAt(Math.round(untilMs)),
    recentMs: DAY_MS,
  });
  return onset.found ? [{ world, onset }] : [];
}

/** What was told of an edge, and what is true of it. */
interface Told {
  readonly time: Moment;
  readonly truthMs: number;
  readonly periodMs: number;
}

function startOf({ world: { startMs, periodMs }, onset: { time } }: Answer): Told {
  return { time, truthMs: startMs, periodMs };
}

function endOf({ world: { overMs, periodMs }, onset }: Answer): Told | undefined {
  const recovery = findRecovery([onset], STABLE_MS);
  return recovery.found ? { time: recovery.time, truthMs: overMs, periodMs } : undefined;
}

type Edges = (way: string, answers: readonly Answer[]) => readonly [string, readonly (Told | undefined)[]];

function figuresOf(ways: Readonly<Record<string, Way>>, seed: number, edgesOf: Edges): readonly Figure[] {
  return Object.entries(ways).flatMap(([name, way]) =>
    PERIODS_MS.flatMap((periodMs) => {
      const random = randomOf(seed);
      const worlds = Array.from({ length: WORLDS }, () => KINDS.map((kind) => worldOf(kind, way, periodMs, random))).flat();
      const [doing, edges] = edgesOf(
        name,
        worlds.flatMap((world) => (world ? answerOf(world) : [])),
      );
      return edgeFigures(`made series of ${periodMs / 1000} s that ${doing}`, edges);
    }),
  );
}

function edgeFigures(data: string, edges: readonly (Told | undefined)[]): readonly Figure[] {
  const found = edges.filter((edge) => edge !== undefined);
  const base = { task: 'interval', data };
  const held = found.filter(
    ({ time: { at, minusMs, plusMs }, truthMs }) => truthMs >= epochMs(at) - minusMs - 1 && truthMs <= epochMs(at) + plusMs + 1,
  );
  const middleOf = (ofOne: (edge: Told) => number) => quantile(found.map(ofOne), 0.5);
  const width = middleOf(({ time, periodMs }) => (time.minusMs + time.plusMs) / periodMs);
  const error = middleOf(({ time, truthMs }) => Math.abs(epochMs(time.at) - truthMs) / MINUTE_MS);
  return [
    shareFigure({ ...base, figure: 'holds the truth' }, held.length, found.length),
    { ...base, figure: 'median width in periods', value: width.toFixed(1), n: found.length },
    { ...base, figure: 'median error', value: `${error.toFixed(2)} min`, n: found.length },
  ];
}
