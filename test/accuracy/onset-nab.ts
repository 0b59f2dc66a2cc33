import { findDepartures } from '../../src/core/analysis/departures.ts';
import { findOnset } from '../../src/core/analysis/onset.ts';
import { epochMs, instantAt } from '../../src/core/time.ts';
import { alarmOf } from '../support/sample-case.ts';
import { quantile } from './intervals.ts';
import { NAB, type NabSeries, readNab } from './nab-data.ts';
import { minutesFigure, type Scored, shareFigure } from './onset-score.ts';
import type { Figure, Part } from './part.ts';

const TASK = 'onset, real series';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const NEAR_MS = 600_000;
/** An alarm's own minute: CloudWatch fires so long after the end of the point that crossed. */
const FIRES_MS = 60_000;

/**
 * Real series of servers, load balancers and machines that nothing here was tuned on, as a sanity check: people labelled a minute of each
 * anomaly, and differ by more than an hour on a third of such labels, so that no reach is set. Near a label an alarm is made where one
 * could have been: of one point in one, halfway between the middle of the six hours before and the furthest value, and beyond all that the
 * six hours had. When the first value crossed it is known to the period, and what `findOnset` says is held against that. Beside it, how often the
 * scan finds a departure where nobody labelled anything.
 */
export const onsetNab: Part = {
  name: 'onset-nab',
  needs: NAB,
  run: async (seed) => {
    const all = readNab();
    const labels = all.flatMap((one) => one.labelsMs.map((labelMs) => ({ one, labelMs })));
    const fired = labels.flatMap(({ one, labelMs }) => firedNear(one, labelMs) ?? []);
    const dated = fired.filter(({ errorMs }) => errorMs !== undefined);
    const base = { task: TASK, data: NAB };
    return [
      shareFigure({ ...base, figure: 'labels near which an alarm could have fired' }, fired.length, labels.length),
      shareFigure({ ...base, figure: 'of those, an onset is stated' }, dated.length, fired.length),
      shareFigure(
        { ...base, figure: 'of these, within 10 min of the first value that crossed' },
        dated.filter(({ errorMs = 0 }) => Math.abs(errorMs) <= NEAR_MS).length,
        dated.length,
      ),
      minutesFigure({ ...base, task: 'interval', figure: 'median width' }, dated, ({ widthMs }) => widthMs, 0.5, seed),
      minutesFigure({ ...base, task: 'interval', figure: 'width, 90th percentile' }, dated, ({ widthMs }) => widthMs, 0.9, seed),
      unlabeledFigure(all),
    ];
  },
};

/** What is said of an alarm that fires near a label; nothing where what is labelled is within what was usual. */
function firedNear({ name, series }: NabSeries, labelMs: number): Scored | undefined {
  const { periodMs } = series;
  const points = [...series.startsMs].map((startMs, at) => ({ startMs, value: series.values[at] ?? Number.NaN }));
  const within = (fromMs: number, untilMs: number) => points.filter(({ startMs }) => startMs >= fromMs && startMs < untilMs);
  const before = within(labelMs - 6 * HOUR_MS, labelMs - HOUR_MS).map(({ value }) => value);
  const near = within(labelMs - HOUR_MS, labelMs + 2 * HOUR_MS);
  if (before.length === 0 || near.length === 0) return undefined;
  const usual = quantile(before, 0.5);
  const furthest = near.reduce((a, b) => (Math.abs(b.value - usual) > Math.abs(a.value - usual) ? b : a)).value;
  const side = furthest > usual ? 1 : -1;
  const threshold = (usual + furthest) / 2;
  const first = near.find(({ value }) => (value - threshold) * side > 0);
  if (!first || before.some((value) => (value - threshold) * side >= 0)) return undefined;
  const answer = findOnset({
    series,
    alarm: alarmOf({ periodMs, threshold, comparison: side > 0 ? 'above' : 'below', breaching: 1, outOf: 1, missing: 'missing' }),
    fired: { at: instantAt(first.startMs + periodMs + FIRES_MS), minusMs: 0, plusMs: 1_000 },
    until: instantAt(labelMs + DAY_MS / 2),
    recentMs: DAY_MS,
  });
  if (!answer.found) return { group: name };
  const { at, minusMs, plusMs } = answer.time;
  return { group: name, errorMs: epochMs(at) - first.startMs, widthMs: minusMs + plusMs };
}

/** Departures of whole series for each of their days, further than an hour from any label. */
function unlabeledFigure(all: readonly NabSeries[]): Figure {
  const spans = all.map(({ series: { startsMs, periodMs } }) => [startsMs[0] ?? 0, (startsMs.at(-1) ?? 0) + periodMs] as const);
  const found = all.flatMap(({ series, labelsMs }, at) => {
    const [from, until] = spans[at] ?? [0, 0];
    const answer = findDepartures({ series, from: instantAt(from), until: instantAt(until) });
    const times = 'found' in answer ? [] : answer.map(({ time }) => epochMs(time.at));
    return times.filter((ms) => labelsMs.every((labelMs) => Math.abs(ms - labelMs) > HOUR_MS));
  });
  const days = spans.reduce((sum, [from, until]) => sum + (until - from) / DAY_MS, 0);
  return {
    task: TASK,
    data: `${NAB}, ${all.length} whole series`,
    figure: 'departures a day that nobody labelled',
    value: (found.length / days).toFixed(2),
    n: Math.round(days),
  };
}
