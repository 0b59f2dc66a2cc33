import { METRICS, type MetricName, type MilestoneName } from '../../src/core/analysis/metrics.ts';
import { quantile, share } from './intervals.ts';
import type { Figure, Part } from './part.ts';
import { drawnWorlds, judge, type Outcome } from './suspects.ts';

/** A duration whose two ends are known, beside the truth. */
interface Told {
  readonly name: MetricName;
  readonly isHeld: boolean;
  readonly isTight: boolean;
}

/** Ends that are read from a metric, and not from a stamp. */
const SEEN_IN_METRIC: ReadonlySet<MilestoneName> = new Set(['impact_started', 'recovered', 'mitigated']);
/** Ends that are of the guilty change or of its answer: the truth speaks of them only where the ranking found that change. */
const OF_SUSPECT: ReadonlySet<MilestoneName> = new Set(['suspect_deployed', 'reversal_started', 'reversed']);

const NAMES = Object.keys(METRICS).filter((name): name is MetricName => name in METRICS);

export const durations: Part = {
  name: 'durations',
  run: async (seed) => {
    const outcomes = drawnWorlds(seed).map(judge);
    return [...figuresOf(outcomes.flatMap(toldBy)), ...ENDS.flatMap((name) => endFigures(name, outcomes))];
  },
};

/** The milestones that a metric tells and whose truth the worlds know. */
const ENDS = ['impact_started', 'recovered'] as const;

/** Whether an end's own interval holds the truth, and how many of its metric's periods it is wide: what is simply wide would hold, too. */
function endFigures(name: (typeof ENDS)[number], outcomes: readonly Outcome[]): readonly Figure[] {
  const known = outcomes.flatMap(({ analysis, world: { truth, theCase } }) => {
    const milestone = analysis.milestones[name];
    const trueMs = truth.milestones[name];
    const periodMs = Math.min(...theCase.series.map((one) => one.periodMs));
    if (!milestone.known || trueMs === undefined) return [];
    const { at, minusMs, plusMs } = milestone.time;
    const isHeld = Date.parse(at) - minusMs <= trueMs && trueMs <= Date.parse(at) + plusMs;
    return [{ name, isHeld, widthPeriods: (minusMs + plusMs) / periodMs }];
  });
  const base = { task: 'durations', data: 'generated worlds', n: known.length };
  const { value, low, high } = share(known.filter(({ isHeld }) => isHeld).length, known.length);
  const width = quantile(
    known.map(({ widthPeriods }) => widthPeriods),
    0.5,
  );
  return [
    {
      ...base,
      figure: `${name}: its interval holds the truth`,
      value: value.toFixed(4),
      interval: `${low.toFixed(4)} to ${high.toFixed(4)}`,
    },
    { ...base, figure: `${name}: median width in periods`, value: width.toFixed(2), reach: 'at most 2', held: width <= 2 },
  ];
}

function toldBy(outcome: Outcome): readonly Told[] {
  return NAMES.flatMap((name): readonly Told[] => {
    const metric = outcome.analysis.durations[name];
    const { from, to } = METRICS[name];
    const [start, end] = [truthOf(from, outcome), truthOf(to, outcome)];
    if (metric.status === 'running' || metric.status === 'unknown' || start === undefined || end === undefined) return [];
    const { minMs, maxMs } = metric.span;
    const trueMs = end - start;
    return [
      { name, isHeld: minMs <= trueMs && trueMs <= maxMs, isTight: maxMs - minMs <= looseness(from, outcome) + looseness(to, outcome) },
    ];
  });
}

/** Every stamp of these worlds is cut to the second or finer. */
const STAMP_MS = 1000;

/** How uncertain an end may be: a stamp as it is cut, what a metric shows as far as its own bounds; a duration as both ends, and no more. */
function looseness(name: MilestoneName, { analysis }: Outcome): number {
  if (!SEEN_IN_METRIC.has(name)) return STAMP_MS;
  const milestone = analysis.milestones[name];
  return milestone.known ? milestone.time.minusMs + milestone.time.plusMs : 0;
}

function truthOf(name: MilestoneName, { world: { truth }, place, analysis }: Outcome): number | undefined {
  const isFound = place === 0 && analysis.suspectVerdict === 'suspect';
  const isReversal = name === 'reversal_started' || name === 'reversed';
  if (OF_SUSPECT.has(name) && !isFound) return undefined;
  if (isReversal && truth.answers > 1) return undefined;
  return truth.milestones[name];
}

function figuresOf(told: readonly Told[]): readonly Figure[] {
  const isOfMetric = ({ name }: Told) => SEEN_IN_METRIC.has(METRICS[name].from) || SEEN_IN_METRIC.has(METRICS[name].to);
  const stamped = told.filter((one) => !isOfMetric(one));
  const seen = told.filter(isOfMetric);
  const named = (name: MetricName) => seen.filter((one) => one.name === name);
  return [
    figureOf('between two stamps: the interval holds the truth', stamped, ({ isHeld }) => isHeld, 'every one'),
    figureOf('an end in a metric: the interval holds the truth', seen, ({ isHeld }) => isHeld, 'every one'),
    ...NAMES.filter((name) => named(name).length > 0).map((name) => figureOf(`beside: ${name}`, named(name), ({ isHeld }) => isHeld)),
    figureOf('no wider than its ends allow', told, ({ isTight }) => isTight, 'every one'),
  ];
}

function figureOf(figure: string, told: readonly Told[], is: (one: Told) => boolean, reach?: 'every one'): Figure {
  const { value, low, high } = share(told.filter(is).length, told.length);
  const said = {
    task: 'durations',
    data: 'generated worlds',
    figure,
    value: value.toFixed(3),
    n: told.length,
    interval: `${low.toFixed(3)} to ${high.toFixed(3)}`,
  };
  return reach === undefined ? said : { ...said, reach, held: value >= 1 };
}
