import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Series } from '../../src/core/series.ts';
import { sharedFile } from '../support/shared.ts';
import { seriesFrom } from './series-from.ts';

export const PETSHOP = 'onset-5min-petshop';
export const PETSHOP_PERIOD_MS = 300_000;

/** One column of a `metrics.csv`: which service, metric and statistic, and its numbers row by row, NaN where a cell is empty. */
export interface Column {
  readonly service: string;
  readonly metric: string;
  readonly statistic: string;
  readonly values: readonly number[];
}

/** A table of a scenario: three header rows, then unix seconds and one number for each column. */
export interface Table {
  readonly startsMs: readonly number[];
  readonly columns: readonly Column[];
}

/** An injected fault: the series on which it was judged to show, and when it began. */
export interface PetshopIssue {
  readonly scenario: string;
  readonly name: string;
  readonly target: Pick<Column, 'service' | 'metric' | 'statistic'>;
  readonly truthMs: number;
  readonly table: Table;
}

interface Target {
  readonly target: { readonly node: string; readonly metric: string; readonly agg: string; readonly timestamp: number };
}

/** Every issue below the folder, whatever the split is called: cases that are kept aside are read alike. */
export function readIssues(): readonly PetshopIssue[] {
  return filesNamed('target.json').map((path) => {
    const { target } = JSON.parse(readFileSync(path, 'utf8')) as Target;
    const [name = '', scenario = ''] = path.split('/').slice(-3, -1).toReversed();
    const table = readTable(path.replace('target.json', 'metrics.csv'));
    return {
      scenario,
      name,
      target: { service: target.node, metric: target.metric, statistic: target.agg },
      truthMs: target.timestamp * 1000,
      table,
    };
  });
}

/** The quiet days of each scenario that has them. */
export function readNormal(): ReadonlyMap<string, Table> {
  const paths = filesNamed('metrics.csv').filter((path) => path.includes('/noissue/'));
  return new Map(paths.map((path) => [path.split('/').at(-3) ?? '', readTable(path)]));
}

function filesNamed(name: string): readonly string[] {
  const root = sharedFile(`data/${PETSHOP}`);
  if (root === undefined) return [];
  const found = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.split('/').at(-1) === name);
  return found.toSorted().map((path) => join(root, path));
}

function readTable(path: string): Table {
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const rows = lines.map((line) => line.split(','));
  const [services = [], metrics = [], statistics = []] = rows;
  const points = rows.slice(3).filter(([stamp]) => /^\d/.test(stamp ?? ''));
  const columns = services.slice(1).map((service, at) => ({
    service,
    metric: metrics[at + 1] ?? '',
    statistic: statistics[at + 1] ?? '',
    values: points.map((row) => numberOf(row[at + 1])),
  }));
  return { startsMs: points.map(([stamp]) => Number(stamp) * 1000), columns };
}

function numberOf(cell: string | undefined): number {
  return cell === undefined || cell.trim() === '' ? Number.NaN : Number(cell);
}

/** The column of a table as the product's series. */
export function petshopSeries({ service, metric, statistic, values }: Column, startsMs: readonly number[]): Series {
  return seriesFrom({ source: 'petshop', name: `${service}/${metric}`, statistic, periodMs: PETSHOP_PERIOD_MS, startsMs, values });
}

/** All that the product is told of the alarm that an operator has on such a series: which way is bad. */
export function alarmSide({ metric }: Pick<Column, 'metric'>): {
  readonly comparison: 'above' | 'below' | 'outside';
  readonly periodMs: number;
} {
  const comparison = metric === 'latency' ? 'above' : metric === 'availability' ? 'below' : 'outside';
  return { comparison, periodMs: PETSHOP_PERIOD_MS };
}
