import { METRICS, type MetricName, type MilestoneName } from '../../src/core/analysis/metrics.ts';
import { share } from './intervals.ts';
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
  run: async (seed) => figuresOf(drawnWorlds(seed).map(judge).flatMap(toldBy)),
};

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
    figureOf('between two stamps: the interval holds the truth', stamped, ({ isHeld }) => isHeld, 1),
    figureOf('an end in a metric: the interval holds the truth', seen, ({ isHeld }) => isHeld, 0.9),
    ...NAMES.filter((name) => named(name).length > 0).map((name) => figureOf(`beside: ${name}`, named(name), ({ isHeld }) => isHeld)),
    figureOf('no wider than its ends allow', told, ({ isTight }) => isTight, 1),
  ];
}

function figureOf(figure: string, told: readonly Told[], is: (one: Told) => boolean, reach?: number): Figure {
  const { value, low, high } = share(told.filter(is).length, told.length);
  const said = {
    task: 'durations',
    data: 'generated worlds',
    figure,
    value: value.toFixed(3),
    n: told.length,
    interval: `${low.toFixed(3)} to ${high.toFixed(3)}`,
  };
  return reach === undefined
    ? said
    : { ...said, reach: reach === 1 ? 'every one' : `${reach}, as surely as an onset's own interval`, held: value >= reach };
}
