import { share } from './intervals.ts';
import type { Figure } from './part.ts';

/** A score that was said, and whether the change was the guilty one. */
export interface Said {
  readonly score: number;
  readonly isGuilty: boolean;
}

const BINS = 10;

/**
 * What was said against what was so, in tenths of the score (a reliability diagram: DeGroot & Fienberg 1983, The Statistician 32), and the mean
 * distance of the two, weighted by how often each was said (expected calibration error: Naeini et al. 2015, AAAI 29).
 */
export function reliabilityOf(said: readonly Said[]): readonly Figure[] {
  const bins = Array.from({ length: BINS }, (_, bin) => said.filter(({ score }) => Math.min(BINS - 1, Math.floor(score * BINS)) === bin));
  const shown = bins.flatMap((bin, at) => (bin.length === 0 ? [] : [{ at, n: bin.length, ...meansOf(bin) }]));
  const error = shown.reduce((sum, { n, score, guilty }) => sum + (n / said.length) * Math.abs(score - guilty), 0);
  const base = { task: 'suspects', data: 'generated worlds' };
  const rows = shown.map(({ at, n, score, guilty, interval }) => ({
    ...base,
    figure: `guilty of those with a score from ${(at / BINS).toFixed(1)}, ${score.toFixed(2)} on average`,
    value: guilty.toFixed(2),
    n,
    interval,
  }));
  const total = { ...base, figure: 'mean distance of score and truth', value: error.toFixed(4), n: said.length };
  return [...rows, { ...total, reach: 'at most 0.02', held: error <= 0.02 }];
}

function meansOf(bin: readonly Said[]) {
  const { value, low, high } = share(bin.filter(({ isGuilty }) => isGuilty).length, bin.length);
  const score = bin.reduce((sum, one) => sum + one.score, 0) / bin.length;
  return { score, guilty: value, interval: `${low.toFixed(2)} to ${high.toFixed(2)}` };
}
