import { findDepartures, type SeenDeparture } from '../../src/core/analysis/departures.ts';
import { type AlarmFact, findOnset } from '../../src/core/analysis/onset.ts';
import { epochMs, instantAt } from '../../src/core/time.ts';
import { randomOf } from '../support/random.ts';
import { alarmOf } from '../support/sample-case.ts';
import { minutesFigure, type Scored, shareFigure } from './onset-score.ts';
import type { Figure, Part } from './part.ts';
import {
  alarmSide,
  type Column,
  PETSHOP,
  PETSHOP_PERIOD_MS,
  type PetshopIssue,
  petshopSeries,
  readIssues,
  readNormal,
} from './petshop-data.ts';

const TASK = 'onset, 5 min';
const SEEDS = 20;
const NEAR_MS = 600_000;
/** Rows of quiet that come before the five of an issue. */
const LEAST_ROWS = 24;
const MOST_ROWS = 96;

/** One issue behind rows of quiet: the numbers of its target series, one for each five minutes. */
interface Trial {
  readonly issue: PetshopIssue;
  readonly column: Column;
  readonly startsMs: readonly number[];
}

/**
 * Each issue's rows behind a random 24 to 96 rows of the same series' quiet days, 20 times. The series is the target that the
 * data name, which an operator's alarm would watch, and all that the product is told of that alarm is which way it looks:
 * latency up, availability down. The product scans all rows; it gets no firing, no window and no place to look at. Issues of
 * scenarios whose quiet days are not there (`temporal_traffic`) are put behind the quiet days of the others and told beside: no
 * rule was chosen by them, but for how long before its first sign a fault may have begun.
 */
export const onsetPetshop: Part = {
  name: 'onset-petshop',
  needs: PETSHOP,
  run: async (seed) => {
    const trials = trialsOf(seed, (issue, scenario) => issue.scenario === scenario);
    const answers = trials.map((trial) => startsOf(trial));
    const normal = readNormal();
    const strange = trialsOf(seed, ({ scenario }) => !normal.has(scenario));
    return [
      ...figuresOf(trials, answers, 'departures', seed, true),
      ...strangeFigures(strange),
      ...firedFigures(trials),
      ...besideOf(trials, seed),
    ];
  },
};

function trialsOf(seed: number, isPair: (issue: PetshopIssue, scenario: string) => boolean): readonly Trial[] {
  const normal = [...readNormal()];
  return readIssues().flatMap((issue) =>
    normal.flatMap(([scenario, table]) => {
      const isTarget = (column: Column) => nameOf(column) === nameOf(issue.target);
      const quiet = table.columns.find(isTarget);
      const own = issue.table.columns.find(isTarget);
      return quiet && own && isPair(issue, scenario) ? roundsOf(issue, own, quiet, seed) : [];
    }),
  );
}

function roundsOf(issue: PetshopIssue, own: Column, quiet: Column, seed: number): readonly Trial[] {
  return Array.from({ length: SEEDS }, (_, round) => {
    const random = randomOf(seed + 7919 * round + issue.truthMs / 1000);
    const rows = LEAST_ROWS + Math.floor(random() * (MOST_ROWS - LEAST_ROWS + 1));
    const from = Math.floor(random() * (quiet.values.length - rows + 1));
    const values = [...quiet.values.slice(from, from + rows), ...own.values];
    const firstMs = (issue.table.startsMs[0] ?? 0) - rows * PETSHOP_PERIOD_MS;
    return { issue, column: { ...own, values }, startsMs: values.map((_value, at) => firstMs + at * PETSHOP_PERIOD_MS) };
  });
}

/** Of the faults that no rule was chosen by: found, and held. */
function strangeFigures(trials: readonly Trial[]): readonly Figure[] {
  const scored = trials.map((trial) => scoreOf(trial.issue, startsOf(trial)));
  const hits = scored.filter(({ errorMs }) => errorMs !== undefined);
  const base = { task: TASK, data: `${PETSHOP}, issues behind other scenarios' quiet days` };
  return [
    shareFigure({ ...base, figure: 'an onset within 10 min' }, hits.length, scored.length),
    shareFigure({ ...base, task: 'interval', figure: 'holds the truth' }, hits.filter(({ isHeld }) => isHeld).length, hits.length),
  ];
}

const nameOf = ({ service, metric, statistic }: Pick<Column, 'service' | 'metric' | 'statistic'>) => `${service} ${metric} ${statistic}`;

function startsOf({ column, startsMs }: Trial): readonly SeenDeparture[] {
  const from = instantAt(startsMs[0] ?? 0);
  const until = instantAt((startsMs.at(-1) ?? 0) + PETSHOP_PERIOD_MS);
  const answer = findDepartures({ series: petshopSeries(column, startsMs), alarm: alarmSide(column), from, until });
  return 'found' in answer ? [] : answer;
}

/** The same trials where an alarm of two points in two fires ten minutes after the fault: what `findOnset` dates for a draft. */
function firedFigures(trials: readonly Trial[]): readonly Figure[] {
  const scored = trials.map((trial) => scoreOf(trial.issue, firedAnswers(trial)));
  const hits = scored.filter(({ errorMs }) => errorMs !== undefined);
  const base = { task: TASK, data: `${PETSHOP}, an alarm fires after 10 min` };
  return [
    shareFigure({ ...base, figure: 'an onset within 10 min' }, hits.length, scored.length),
    shareFigure({ ...base, task: 'interval', figure: 'holds the truth' }, hits.filter(({ isHeld }) => isHeld).length, hits.length),
  ];
}

function firedAnswers({ issue, column, startsMs }: Trial): readonly Answer[] {
  const { comparison } = alarmSide(column);
  const { threshold: _, ...alarm }: AlarmFact = alarmOf({ periodMs: PETSHOP_PERIOD_MS, missing: 'missing', comparison });
  const fired = { at: instantAt(issue.truthMs + NEAR_MS), minusMs: 0, plusMs: 1000 };
  const until = instantAt((startsMs.at(-1) ?? 0) + PETSHOP_PERIOD_MS);
  const answer = findOnset({ series: petshopSeries(column, startsMs), alarm, fired, until, recentMs: 86_400_000 });
  return answer.found ? [answer] : [];
}

/** An answer is a departure, or for a simple rule only a time with the period that it names. */
type Answer = Pick<SeenDeparture, 'time'>;

function figuresOf(
  trials: readonly Trial[],
  answers: readonly (readonly Answer[])[],
  rule: string,
  seed: number,
  isOurs: boolean,
): readonly Figure[] {
  const scored = trials.map(({ issue }, at) => scoreOf(issue, answers[at] ?? []));
  const hits = scored.filter(({ errorMs }) => errorMs !== undefined);
  const onsets = answers.reduce((sum, one) => sum + one.length, 0) / trials.length;
  const base = { task: TASK, data: `${PETSHOP}, ${rule}` };
  const within = { ...base, figure: 'an onset within 10 min' };
  if (!isOurs) {
    return [
      shareFigure(within, hits.length, scored.length),
      { ...base, figure: 'onsets for each fault', value: onsets.toFixed(2), n: trials.length },
    ];
  }
  const issues = [...Map.groupBy(scored, ({ group }) => group).values()];
  const sometimes = issues.filter((group) => group.filter(({ errorMs }) => errorMs !== undefined).length * 2 >= group.length).length;
  return [
    shareFigure({ ...within, reach: '0.80' }, hits.length, scored.length, (value) => value >= 0.8),
    shareFigure({ ...base, figure: 'faults found in at least half of their seeds' }, sometimes, issues.length),
    minutesFigure(
      { ...base, figure: 'median error of those', reach: '5 min' },
      hits,
      ({ errorMs }) => Math.abs(errorMs ?? 0),
      0.5,
      seed,
      5,
    ),
    { ...base, figure: 'onsets for each fault', value: onsets.toFixed(2), n: trials.length, reach: '1.2', held: onsets <= 1.2 },
    shareFigure(
      { ...base, task: 'interval', figure: 'holds the truth', reach: '0.90 to 0.99' },
      hits.filter(({ isHeld }) => isHeld).length,
      hits.length,
      (value) => value >= 0.9 && value <= 0.99,
    ),
    minutesFigure(
      { ...base, task: 'interval', figure: 'median width', reach: '2 periods, 10 min' },
      hits,
      ({ widthMs }) => widthMs,
      0.5,
      seed,
      10,
    ),
  ];
}

function scoreOf({ scenario, name, truthMs }: PetshopIssue, answers: readonly Answer[]): Scored {
  const near = answers
    .map(({ time }) => ({ time, errorMs: epochMs(time.at) - truthMs }))
    .filter(({ errorMs }) => Math.abs(errorMs) <= NEAR_MS)
    .toSorted((a, b) => Math.abs(a.errorMs) - Math.abs(b.errorMs))[0];
  const group = `${scenario}/${name}`;
  if (!near) return { group };
  const { at, minusMs, plusMs } = near.time;
  const isHeld = truthMs >= epochMs(at) - minusMs && truthMs < epochMs(at) + plusMs;
  return { group, errorMs: near.errorMs, isHeld, widthMs: minusMs + plusMs };
}

/** What needs no method: always the same row, counted from the first; and the first point beyond k median absolute deviations. */
function besideOf(trials: readonly Trial[], seed: number): readonly Figure[] {
  const rows = Array.from({ length: MOST_ROWS + 5 }, (_, row) => row);
  const constants = rows.map((row) => trials.map(({ startsMs }) => [answerAt(startsMs[Math.min(row, startsMs.length - 1)] ?? 0)]));
  const best = constants.map((answers, row) => ({ answers, row, hits: hitsOf(trials, answers) })).toSorted((a, b) => b.hits - a.hits)[0];
  const simple = [3, 5, 8].flatMap((k) =>
    figuresOf(
      trials,
      trials.map((trial) => beyondMads(trial, k)),
      `first beyond ${k} MAD of the rows before`,
      seed,
      false,
    ),
  );
  return [...(best ? figuresOf(trials, best.answers, `always row ${best.row} (the best such answer)`, seed, false) : []), ...simple];
}

function hitsOf(trials: readonly Trial[], answers: readonly (readonly Answer[])[]): number {
  return trials.filter(({ issue }, at) => scoreOf(issue, answers[at] ?? []).errorMs !== undefined).length;
}

function answerAt(startMs: number): Answer {
  return { time: { at: instantAt(startMs), minusMs: 0, plusMs: PETSHOP_PERIOD_MS } };
}

/** Each run of points beyond k median absolute deviations from the median of all rows before is one onset. */
function beyondMads({ column, startsMs }: Trial, k: number): readonly Answer[] {
  const side = alarmSide(column).comparison === 'above' ? 1 : -1;
  let isOut = false;
  return column.values.flatMap((value, at) => {
    const before = column.values.slice(0, at).filter((one) => !Number.isNaN(one));
    if (before.length < 12) return [];
    const middle = middleOf(before);
    const wasOut = isOut;
    isOut = (value - middle) * side > k * middleOf(before.map((one) => Math.abs(one - middle)));
    return isOut && !wasOut ? [answerAt(startsMs[at] ?? 0)] : [];
  });
}

function middleOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[Math.floor((sorted.length - 1) / 2)] ?? 0) + (sorted[Math.ceil((sorted.length - 1) / 2)] ?? 0)) / 2;
}
