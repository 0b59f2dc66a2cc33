import { analyze } from '../../src/core/analysis/analyze.ts';
import type { AlarmFact } from '../../src/core/analysis/onset.ts';
import type { Case } from '../../src/core/case.ts';
import type { Series } from '../../src/core/series.ts';
import { epochMs, instantAt } from '../../src/core/time.ts';
import { caseOf, coverageLineOf, eventOf, incidentFactOf, moment } from '../support/events.ts';
import { randomOf } from '../support/random.ts';
import { ALARM, alarmOf } from '../support/sample-case.ts';
import { quantile } from './intervals.ts';
import { NEZHA, type NezhaDay, type NezhaFault, readDays } from './nezha-data.ts';
import { shareFigure } from './onset-score.ts';
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

/**
 * How often a draft says that the impact came back, of data that hold one fault. An incident has its day before, its fault, and up to
 * a day after it was closed, as `policy.windows` has them; once an alarm on one series fired for it, of which only the side is told,
 * and once a person opened it and the service's series are scanned. A case whose start is not near the fault, or that has no
 * recovery, can tell no return of that fault and is left out.
 *
 * PetShop: an issue's five rows are put among the quiet days of its scenario, at 20 places each. All places of a scenario have the
 * same two quiet days, so that the interval, which takes cases for independent, is too narrow. Nezha: the last fault of each pod of a day,
 * and all that the pod did until midnight. A return near a listed fault of another pod may be that one's, and is told beside.
 * No seed moves these, and the rules of `returns.ts` were chosen by them. The other side of it: an issue whose rows come a second time, two
 * hours after the first, with nothing that fires for them.
 */
export const falseReturns: Part = {
  name: 'false-returns',
  needs: PETSHOP,
  run: async (seed) => {
    const petshop = petshopTrials(seed);
    const nezha = readDays().flatMap((day) => nezhaTrials(day));
    return [...figuresOf(PETSHOP, petshop), ...figuresOf(NEZHA, nezha), ...againFigures(petshopTrials(seed, AGAIN_ROWS))];
  },
};

const ROUNDS = 20;
/** Where an issue comes twice: quiet rows between the two. */
const AGAIN_ROWS = 24;
/** Of fewer cases than this not one may tell a return if five in a hundred do not: nothing is held against the reach. */
const FEW = 20;
/** Quiet rows of PetShop that come before and after an issue at least. */
const LEAST_ROWS = 36;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** A record is closed so long after the last sign of its fault. */
const CLOSED_MS = 30 * MINUTE_MS;
/** How long a fault of Nezha shows at most, as `onset-nezha.ts` has it. */
const FAULT_MS = 10 * MINUTE_MS;

/** A fault among data that hold no other, and how it became known. */
interface Trial {
  readonly way: 'an alarm fired' | 'a person opened it';
  readonly truthMs: number;
  /** A start this near to the truth is of the fault, and when it was known. */
  readonly nearMs: number;
  readonly goneMs: number;
  readonly service: string;
  readonly series: readonly Series[];
  readonly comparison: 'above' | 'below' | 'outside';
  readonly endMs: number;
  /** When something else was wrong elsewhere. */
  readonly elsewhereMs: readonly number[];
}

function petshopTrials(seed: number, again?: number): readonly Trial[] {
  const normal = readNormal();
  return readIssues().flatMap((issue) => {
    const quiet = normal.get(issue.scenario);
    const random = randomOf(seed + issue.truthMs / 1000);
    if (!quiet) return [];
    const room = quiet.startsMs.length - 2 * LEAST_ROWS;
    return Array.from({ length: ROUNDS }, () => LEAST_ROWS + Math.floor(random() * (room + 1))).flatMap((place) =>
      petshopTrialsAt(issue, quiet.columns, place, again),
    );
  });
}

function petshopTrialsAt(
  { target, truthMs, table }: PetshopIssue,
  quiet: readonly Column[],
  place: number,
  again: number | undefined,
): readonly Trial[] {
  const firstMs = (table.startsMs[0] ?? 0) - place * PETSHOP_PERIOD_MS;
  const columns = table.columns.flatMap((own) => {
    const around = quiet.find(({ service, metric, statistic }) => [service, metric, statistic].join() === nameOf(own));
    if (own.service !== target.service || !around) return [];
    const [before, after] = [around.values.slice(0, place), around.values.slice(place)];
    const more = again === undefined ? [] : [...after.slice(0, again), ...own.values];
    return [{ ...own, values: [...before, ...own.values, ...more, ...after.slice(again)] }];
  });
  const seriesOf = (column: Column) =>
    petshopSeries(
      column,
      column.values.map((_, at) => firstMs + at * PETSHOP_PERIOD_MS),
    );
  const watched = columns.find((column) => nameOf(column) === nameOf({ ...target, values: [] }));
  if (!watched) return [];
  const common = {
    truthMs,
    nearMs: 10 * MINUTE_MS,
    goneMs: (table.startsMs.at(-1) ?? 0) + PETSHOP_PERIOD_MS,
    service: target.service,
    comparison: alarmSide(watched).comparison,
    endMs: firstMs + watched.values.length * PETSHOP_PERIOD_MS,
    elsewhereMs: [],
  };
  return [
    { ...common, way: 'an alarm fired', series: [seriesOf(watched)] },
    { ...common, way: 'a person opened it', series: columns.map(seriesOf) },
  ];
}

const nameOf = ({ service, metric, statistic }: Column) => [service, metric, statistic].join();

function nezhaTrials({ faults, pods }: NezhaDay): readonly Trial[] {
  return [...pods].flatMap(([pod, all]) => {
    const last = faults
      .filter((fault) => fault.pod === pod)
      .toSorted((a, b) => a.truthMs - b.truthMs)
      .at(-1);
    const series = all.filter(({ startsMs }) => startsMs.length > 0);
    return last ? nezhaTrialsOf(last, series, faults) : [];
  });
}

function nezhaTrialsOf({ pod, truthMs }: NezhaFault, series: readonly Series[], faults: readonly NezhaFault[]): readonly Trial[] {
  const common = {
    truthMs,
    nearMs: 3 * MINUTE_MS,
    goneMs: truthMs + FAULT_MS,
    service: pod,
    comparison: 'outside',
    endMs: Math.max(...series.map(({ startsMs, periodMs }) => (startsMs.at(-1) ?? 0) + periodMs)),
    elsewhereMs: faults.filter((fault) => fault.truthMs > truthMs).map((fault) => fault.truthMs),
  } as const;
  return [
    ...series.filter(isOwnMeasure).map((one) => ({ ...common, way: 'an alarm fired', series: [one] }) as const),
    { ...common, way: 'a person opened it', series },
  ];
}

/** The share of a limit that is used is the same measure in another unit: what it says is no second case. */
const isOwnMeasure = ({ statistic }: Series) => statistic !== 'Rate(%)';

/** The case of an incident, as a draft of it has it a day after its end, or when the data end. */
function caseFor({ way, truthMs, nearMs, goneMs, service, series, comparison, endMs }: Trial): Case {
  const known = instantAt(truthMs + nearMs);
  const closed = instantAt(goneMs + CLOSED_MS);
  const now = instantAt(Math.min(endMs, goneMs + CLOSED_MS + 24 * HOUR_MS));
  const before = (hours: number) => instantAt(truthMs + nearMs - hours * HOUR_MS);
  const [first] = series;
  const { threshold: _, ...alarm }: AlarmFact = alarmOf({
    comparison,
    missing: 'missing',
    ...(first && { periodMs: first.periodMs, seriesKeys: [first.key] }),
  });
  const isAlarmed = way === 'an alarm fired';
  const source = first?.source ?? '';
  return caseOf({
    series,
    services: [{ name: service, owns: [`${source}/metric:${service}/*`, 'aws-prod/alarm:*', 'pagerduty/service:PAPI001'], dependsOn: [] }],
    subject: [service],
    now,
    takenAt: now,
    windows: {
      incident: { from: before(2), to: now },
      changes: { from: before(24), to: now },
      baseline: { from: before(14 * 24), to: before(2) },
    },
    coverage: ['alarm_history', 'series'].map((stream) => coverageLineOf(source, stream)),
    facts: [incidentFactOf({ triggeredAt: known, resolvedAt: closed }), ...(isAlarmed ? [alarm] : [])],
    events: [
      eventOf('incident.triggered', known),
      eventOf('incident.resolved', closed),
      ...(isAlarmed
        ? [eventOf('alert.fired', known, { time: moment(known, 0, 1), correlationKeys: [ALARM, 'pagerduty/incident:PABC'] })]
        : []),
    ],
  });
}

interface Answer {
  readonly way: Trial['way'];
  readonly hours: number;
  /** How wide the bounds of the recovery are, in periods. */
  readonly width: number;
  readonly returns: number;
  readonly elsewhere: number;
}

function answerOf(trial: Trial): readonly Answer[] {
  const theCase = caseFor(trial);
  const { milestones, impactReturns = [] } = analyze(theCase);
  const { impact_started: start, recovered } = milestones;
  if (!start.known || Math.abs(epochMs(start.time.at) - trial.truthMs) > trial.nearMs || !recovered.known) return [];
  const isElsewhere = (ms: number) => trial.elsewhereMs.some((other) => ms >= other - trial.nearMs && ms <= other + FAULT_MS);
  const elsewhere = impactReturns.filter(({ time }) => isElsewhere(epochMs(time.at))).length;
  const hours = (epochMs(theCase.now) - epochMs(recovered.time.at)) / HOUR_MS;
  const width = (recovered.time.minusMs + recovered.time.plusMs) / Math.max(...trial.series.map(({ periodMs }) => periodMs));
  return [{ way: trial.way, hours, width, returns: impactReturns.length - elsewhere, elsewhere }];
}

function figuresOf(data: string, trials: readonly Trial[]): readonly Figure[] {
  const ways = [...Map.groupBy(trials.flatMap(answerOf), ({ way }) => way)];
  return ways.flatMap(([way, answers]) => {
    const base = { task: 'false return', data: `${data}, one fault, ${way}` };
    const hours = answers.reduce((sum, one) => sum + one.hours, 0);
    const told = (name: 'returns' | 'elsewhere') => answers.filter((one) => one[name] > 0).length;
    return [
      shareFigure(
        { ...base, figure: 'a return is told', reach: REACH },
        told('returns'),
        answers.length,
        answers.length < FEW ? undefined : (value) => value <= 0.05,
      ),
      shareFigure({ ...base, figure: 'a return is told where another pod had a fault' }, told('elsewhere'), answers.length),
      widthFigure(base, answers),
      { ...base, figure: 'mean hours after the recovery', value: (hours / answers.length).toFixed(1), n: answers.length },
    ];
  });
}

const REACH = 'at most 5 of 100 cases';

function widthFigure(base: Pick<Figure, 'data'>, answers: readonly Answer[]): Figure {
  const width = quantile(
    answers.map((one) => one.width),
    0.5,
  );
  const figure = 'median width of the recovery in periods';
  return { task: 'interval', data: base.data, figure, value: width.toFixed(2), n: answers.length, reach: 'at most 2' };
}

function againFigures(trials: readonly Trial[]): readonly Figure[] {
  const ways = [...Map.groupBy(trials.flatMap(answerOf), ({ way }) => way)];
  return ways.map(([way, answers]) => {
    const base = { task: 'return', data: `${PETSHOP}, the same fault again, ${way}` };
    return shareFigure({ ...base, figure: 'a return is told' }, answers.filter(({ returns }) => returns > 0).length, answers.length);
  });
}
