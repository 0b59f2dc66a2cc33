import type { Dice } from './dice.ts';
import type { Guilt } from './plan.ts';
import type { Watch } from './stage.ts';

/** How much of the worst there is at an instant, from 0 to 1, before anybody answers. */
export type Intensity = (ms: number) => number;

const MINUTE = 60_000;

/** The share of the traffic that has the change, the rise of a leak, or all at once. */
export function intensityOf({ change, mechanism, onsetMs }: Guilt, dice: Dice): Intensity {
  const riseMs =
    mechanism === 'leak' ? dice.logBetween(4 * MINUTE, 40 * MINUTE) : mechanism === 'soon' ? dice.logBetween(1000, 5 * MINUTE) : 1000;
  const rise: Intensity = (ms) => Math.min(1, Math.max(0, (ms - onsetMs) / riseMs));
  if (mechanism !== 'by_steps') return rise;
  const delayMs = onsetMs - (change.steps.findLast(([at]) => at <= onsetMs)?.[0] ?? onsetMs);
  return (ms) => (ms < onsetMs ? 0 : (change.steps.findLast(([at]) => at + delayMs <= ms)?.[1] ?? 0));
}

/** What no change of ours began: traffic and decay rise, a certificate or a vendor fails at once. */
export function outerIntensity(onsetMs: number, dice: Dice): Intensity {
  const isGradual = dice.chance(0.4);
  const riseMs = isGradual ? dice.logBetween(5 * MINUTE, 60 * MINUTE) : 1000;
  return (ms) => Math.min(1, Math.max(0, (ms - onsetMs) / riseMs));
}

/** The same, over at `endMs` and gone `fallMs` later. */
export function endingAt(intensity: Intensity, endMs: number, fallMs: number): Intensity {
  const last = intensity(endMs);
  return (ms) => (ms <= endMs ? intensity(ms) : Math.max(0, last * (1 - (ms - endMs) / fallMs)));
}

/** The level, noise and threshold of what is watched, and how far the worst goes. */
export interface Level {
  readonly base: number;
  readonly noise: number;
  readonly dayShape: number;
  readonly threshold: number;
  readonly worst: number;
}

export function drawLevel({ comparison, unit, statistic, metric }: Watch, dice: Dice): Level {
  const isSeconds = unit === 'Seconds' && metric.startsWith('Target');
  const base = isSeconds ? dice.logBetween(0.08, 0.6) : comparison === 'below' ? dice.logBetween(200, 2000) : dice.logBetween(1, 40);
  const noise = statistic === 'Sum' ? Math.sqrt(base) : base * dice.between(0.03, 0.15);
  const dayShape = dice.chance(0.6) ? dice.between(0.1, 0.5) : 0;
  if (comparison === 'below') return { base, noise, dayShape, threshold: base * 0.35, worst: -base * dice.between(0.75, 1) };
  const threshold = base * (1 + dayShape) + noise * dice.between(6, 15);
  return { base, noise, dayShape, threshold, worst: (threshold - base) * dice.logBetween(2, 20) };
}

/** The noise of each period, drawn once, so that an answer changes the impact and nothing before it. */
export interface Grid {
  readonly firstMs: number;
  readonly periodMs: number;
  readonly noise: readonly number[];
}

export function drawGrid(firstMs: number, untilMs: number, periodMs: number, dice: Dice): Grid {
  return { firstMs, periodMs, noise: Array.from({ length: Math.floor((untilMs - firstMs) / periodMs) }, () => dice.normal()) };
}

/** As fine as the truth, which is told to the second: a coarser mean would leave a start near the end of a period out of every value. */
const SAMPLE_MS = 1000;

/** The mean of an intensity over a period. What is equal at both ends and in the middle is taken for level: none comes and goes so fast. */
function meanOver(intensity: Intensity, startMs: number, periodMs: number): number {
  const first = intensity(startMs);
  if (intensity(startMs + periodMs / 2) === first && intensity(startMs + periodMs) === first) return first;
  let sum = 0;
  for (let ms = SAMPLE_MS / 2; ms < periodMs; ms += SAMPLE_MS) sum += intensity(startMs + ms);
  return (sum * SAMPLE_MS) / periodMs;
}

/** What each period holds: the usual level of its hour, noise, and the mean of the intensity over it. */
export function valuesOf(
  { firstMs, periodMs, noise }: Grid,
  level: Level,
  { statistic, comparison }: Watch,
  intensity: Intensity,
): readonly number[] {
  const isSum = statistic === 'Sum';
  // A sum over a period five times as long is five times as large, and its noise only as its root.
  const scale = isSum ? periodMs / MINUTE : 1;
  return noise.map((one, at) => {
    const startMs = firstMs + at * periodMs;
    const hours = (startMs / 3_600_000) % 24;
    const usual = level.base * (1 + level.dayShape * Math.sin(((hours - 9) / 24) * 2 * Math.PI));
    const excess = level.worst * meanOver(intensity, startMs, periodMs);
    const wobble = level.noise * one * Math.sqrt(scale) * (comparison === 'above' ? 1 + Math.abs(excess / (level.base * 20)) : 1);
    const value = Math.max(0, usual * scale + excess * scale + wobble);
    return isSum ? Math.round(value) : value;
  });
}

/** The end of the period in which the alarm's rule first holds, or for the way back no longer does, from `afterMs` on. */
export function crossing(
  { firstMs, periodMs }: Grid,
  values: readonly number[],
  watch: Watch,
  threshold: number,
  want: 'in' | 'out',
  afterMs: number,
): number | undefined {
  const scaled = watch.statistic === 'Sum' ? threshold * (periodMs / MINUTE) : threshold;
  const isBeyond = (value: number) => (watch.comparison === 'above' ? value > scaled : value < scaled);
  for (let at = watch.outOf - 1; at < values.length; at += 1) {
    const endMs = firstMs + (at + 1) * periodMs;
    if (endMs <= afterMs) continue;
    const breaching = values.slice(at - watch.outOf + 1, at + 1).filter(isBeyond).length;
    if (breaching >= watch.breaching === (want === 'in')) return endMs;
  }
  return undefined;
}

/**
 * When there is first more of it than one standard deviation of the usual noise of a period, or no longer: what is less than that is not
 * different from normal, for users and for whoever looks at the metric. To the second.
 */
export function passing(
  intensity: Intensity,
  level: Level,
  { statistic }: Watch,
  periodMs: number,
  fromMs: number,
  want: 'over' | 'under',
): number {
  const scale = statistic === 'Sum' ? periodMs / MINUTE : 1;
  const least = level.noise / (Math.abs(level.worst) * Math.sqrt(scale));
  const isOver = (ms: number) => intensity(ms) > least;
  let ms = fromMs;
  while (isOver(ms) !== (want === 'over') && ms < fromMs + 10 * 60 * MINUTE) ms += 1000;
  // The rise or fall inside the last second counts from its end.
  return ms;
}
