import type { Citation, Citations } from '../citation.ts';
import type { Series } from '../series.ts';
import { epochMs, type Moment } from '../time.ts';
import type { Departed } from './derived-events.ts';
import { excessAt } from './onset.ts';
import { beside, type Weighed, weighedBy } from './rate-series.ts';
import { indexAt, isCount } from './track.ts';

/** How much more than normal was counted during the impact, with bounds. */
export interface ImpactSize {
  /** The series that was counted. */
  readonly key: string;
  readonly metric: string;
  /** So many more series of that metric left their normal the same way, and are not counted: what they hold may overlap. */
  readonly uncounted?: number;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** What `value` counts, in words: `requests`, `messages`. */
  readonly unit: string;
  /** For a rate: the count beside it that its share was taken of. */
  readonly countedBy?: string;
  /** It is what was missing: the count fell under its normal. */
  readonly fewer?: true;
  /** The impact has not ended, as far as its series go: more may come. */
  readonly soFar?: true;
  readonly cites: Citations;
}

/** Bounds at this many standard deviations of the normal noise: about one in two thousand falls outside. */
const DEVIATIONS = 3.5;
/** Standard error of a median against that of a mean. */
const MEDIAN_ERROR = 1.2533;

/**
 * The excess over normal from onset to recovery, of the first departed series that counts things upward; where none does, of the
 * first rate that has the count beside it that it is a share of: its excess share of each period's count; where there is
 * none either, of the first count that fell: how much less than normal it was. While there is no recovery, of what was seen so far. Normal is the same that the onset is found against, with its shape of the day.
 *
 * The value is the sum of what lies above the expected. The bounds hold the noise of as many normal points (their deviations add
 * as squares), the error of the level and of the shape, and what the two periods beside the impact may hide. A point that is
 * missing adds nothing to the minimum, the mean of its neighbors to the value and twice that to the maximum; one that is missing just
 * before the onset as much to the maximum as the first that is there. Nothing where the impact is
 * that points stopped, and none of those that came was out: how much there was in between nobody counted.
 */
export function impactSizeOf(departed: readonly Departed[], all: readonly Series[], recovered: Moment | undefined): ImpactSize | undefined {
  const counted = (side: 1 | -1) => departed.find(({ series, onset }) => isCount(series) && onset.side === side);
  const [more, fewer] = [counted(1), counted(-1)];
  if (more) return withUncounted(sizeOf(more, undefined, recovered), more, departed);
  const rates = departed.flatMap((reading) => {
    const weighed = weighedBy(reading.series, reading.onset.side, all, reading.alarm?.operandKeys);
    return (weighed && sizeOf(reading, weighed, recovered)) ?? [];
  });
  return rates[0] ?? (fewer && withUncounted(sizeOf(fewer, undefined, recovered), fewer, departed));
}

function withUncounted(size: ImpactSize | undefined, counted: Departed, departed: readonly Departed[]): ImpactSize | undefined {
  const { series, onset } = counted;
  const others = departed.filter(
    (one) => one.key !== counted.key && one.series.metric === series.metric && one.onset.side === onset.side && isCount(one.series),
  );
  return size && others.length > 0 ? { ...size, uncounted: new Set(others.map(({ key }) => key)).size } : size;
}

function sizeOf(reading: Departed, weighed: Weighed | undefined, recovered: Moment | undefined): ImpactSize | undefined {
  const { onset, series } = reading;
  const { track, normal, index: from } = onset;
  if (!weighed && !isCount(series)) return undefined;
  const end = recovered ? indexAt(track, epochMs(recovered.at) - 1) + 1 : track.values.findLastIndex((value) => !Number.isNaN(value)) + 1;
  const weightAt = weighed ? (index: number) => weighed.weightAt(track, index) : () => 1;
  const excesses = steps(from, end).map((index) => excessAt(onset, index) * weightAt(index));
  if (onset.isSilence && !excesses.some((excess) => excess > normal.reach)) return undefined;
  const weights = steps(from, end).map(weightAt);
  const present = weights.filter((weight) => !Number.isNaN(weight));
  if (present.length === 0 || (weighed && present.every((weight) => weight === 0))) return undefined;
  const seen = sumOf(excesses.filter((excess) => !Number.isNaN(excess)));
  const missing = missingOf(excesses);
  const noise = DEVIATIONS * normal.spread * Math.hypot(...present);
  // Each hour of a shape is a median of its own.
  const medians = normal.shape.length > 0 ? 2 : 1;
  const level = (DEVIATIONS * medians * sumOf(present) * MEDIAN_ERROR * normal.spread) / Math.sqrt(normal.points);
  const besides = recovered ? [from - 1, end] : [from - 1];
  const holes = steps(holeBefore(onset), from).map((index) => Math.max(0, excessAt(onset, from)) * beside(weightAt, index, present));
  const hidden = sumOf(besides.map((index) => hiddenAt(reading, index, beside(weightAt, index, present)))) + sumOf(holes);
  const cites = citesOf(series, weighed?.count);
  if (!cites) return undefined;
  return {
    key: reading.key,
    metric: series.metric,
    value: Math.round(Math.max(0, seen + missing)),
    min: Math.max(0, Math.floor(seen - noise - level)),
    max: Math.max(0, Math.ceil(seen + 2 * Math.max(0, missing) + noise + level + hidden)),
    unit: weighed ? weighed.unit : unitOf(series),
    ...(weighed && { countedBy: weighed.count.metric }),
    ...(!weighed && onset.side === -1 && { fewer: true as const }),
    ...(!recovered && { soFar: true as const }),
    cites,
  };
}

function steps(from: number, end: number): readonly number[] {
  return Array.from({ length: Math.max(0, end - from) }, (_, step) => from + step);
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/** The first of the periods with no point just before the onset: the impact may have begun in any of them. */
function holeBefore({ track, index, isSilence }: Departed['onset']): number {
  if (isSilence) return index;
  return track.values.findLastIndex((value, at) => at < index && !Number.isNaN(value)) + 1;
}

/** What the holes may hold: for each the mean of the points beside it. */
function missingOf(excesses: readonly number[]): number {
  return excesses.reduce((sum, excess, index) => {
    if (!Number.isNaN(excess)) return sum;
    const before = excesses.slice(0, index).findLast((one) => !Number.isNaN(one)) ?? 0;
    const after = excesses.slice(index + 1).find((one) => !Number.isNaN(one)) ?? before;
    return sum + (before + after) / 2;
  }, 0);
}

/** A normal period beside the impact may hold as much as it lies under the limit of normal, and no more. */
function hiddenAt({ onset }: Departed, index: number, weight: number): number {
  const excess = excessAt(onset, index);
  return weight * (Number.isNaN(excess) ? onset.normal.reach : Math.max(0, excess) + onset.normal.spread);
}

function citesOf(series: Series, count: Series | undefined): Citations | undefined {
  const [first, ...rest] = [...series.evidence, ...(count?.evidence ?? [])].map((evidence): Citation => ({ evidence }));
  return first && [first, ...rest];
}

/** What a count counts, by the words of its name; most specific first. */
const UNITS = [
  [/5xx|4xx|error|fault|fail|exception|reject|timeout|throttl/i, 'errors'],
  [/message|record/i, 'messages'],
  [/request|invocation|call|hit/i, 'requests'],
] as const;

function unitOf({ metric }: Series): string {
  return UNITS.find(([words]) => words.test(metric))?.[1] ?? 'counted events';
}
