import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Series } from '../../src/core/series.ts';
import { sharedFile } from '../support/shared.ts';
import { quantile } from './intervals.ts';
import { seriesFrom } from './series-from.ts';

export const NAB = 'onset-nab-aws';

/** One series with the minutes that somebody labelled as abnormal. */
export interface NabSeries {
  readonly name: string;
  readonly series: Series;
  readonly labelsMs: readonly number[];
}

/** Every series of the folder, in order, at the period that most of its points have. */
export function readNab(): readonly NabSeries[] {
  const root = sharedFile(`data/${NAB}`);
  if (root === undefined) return [];
  const labels = JSON.parse(readFileSync(join(root, 'combined_labels.json'), 'utf8')) as Record<string, readonly string[]>;
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.csv'));
  return paths.toSorted().map((path) => {
    const name = path.split('/').slice(-2).join('/');
    return { name, series: readSeries(join(root, path), name), labelsMs: (labels[name] ?? []).map(momentOf) };
  });
}

function readSeries(path: string, name: string): Series {
  const rows = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
  const startsMs = rows.map(([time = '']) => momentOf(time));
  const steps = startsMs.slice(1).map((start, at) => start - (startsMs[at] ?? 0));
  const values = rows.map(([, value]) => Number(value));
  return seriesFrom({ source: 'nab', name, statistic: 'Average', periodMs: quantile(steps, 0.5), startsMs, values });
}

/** A text without a zone: the data set's own clock, which the labels go by too. */
function momentOf(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T${text.slice(11, 19)}Z`);
}
