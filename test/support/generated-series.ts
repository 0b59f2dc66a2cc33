import type { Series } from '../../src/core/series.ts';
import { seriesOf } from './events.ts';

/** A metric that leaves its level at one instant and comes back at another, whatever the boundaries of its periods. */
export interface Episode {
  readonly periodMs: number;
  readonly level: number;
  /** The standard deviation of the noise. */
  readonly noise: number;
  /** How far the level moves, and which way. */
  readonly step: number;
  readonly onsetMs: number;
  readonly endMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly seed: number;
  readonly tails?: 'none' | 'heavy';
}

/** Averages over each period of the true level, with noise. Shares no code with the analysis. */
export function generateSeries(episode: Episode, overrides: Partial<Series> = {}): Series {
  const { periodMs, level, noise, step, onsetMs, endMs, fromMs, untilMs, seed, tails = 'none' } = episode;
  const random = randomFrom(seed);
  const starts: number[] = [];
  const values: number[] = [];
  for (let start = fromMs; start + periodMs <= untilMs; start += periodMs) {
    const departed = Math.max(0, Math.min(start + periodMs, endMs) - Math.max(start, onsetMs)) / periodMs;
    starts.push(start);
    values.push(level + step * departed + noise * (tails === 'none' ? bounded(random) : heavy(random)));
  }
  return seriesOf('test/metric:Test/Latency#Average', periodMs, '2024-01-01T00:00:00Z', [], {
    unit: 'Seconds',
    statistic: 'Average',
    startsMs: Float64Array.from(starts),
    values: Float64Array.from(values),
    ...overrides,
  });
}

/** Uniform, of standard deviation 1: never further out than 1.73. */
function bounded(random: () => number): number {
  return (random() * 2 - 1) * Math.sqrt(3);
}

/** Normal, and one in fifty three times as wide. */
function heavy(random: () => number): number {
  const sum = Array.from({ length: 12 }, random).reduce((total, value) => total + value, -6);
  return random() < 0.02 ? 3 * sum : sum;
}

/** Numbers in [0, 1) by a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
