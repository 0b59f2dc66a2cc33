import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Series } from '../../src/core/series.ts';
import { sharedFile } from '../support/shared.ts';
import { seriesFrom } from './series-from.ts';

export const NEZHA = 'onset-60s-nezha';
export const NEZHA_PERIOD_MS = 60_000;

/** A fault that was injected into a pod. */
export interface NezhaFault {
  readonly pod: string;
  readonly kind: string;
  readonly truthMs: number;
}

/** One day: its faults, the series of the front end, and those of every pod. */
export interface NezhaDay {
  readonly day: string;
  readonly faults: readonly NezhaFault[];
  readonly front: readonly Series[];
  readonly pods: ReadonlyMap<string, readonly Series[]>;
}

interface Entry {
  readonly inject_time: string;
  readonly inject_pod: string;
  readonly inject_type: string;
}

/** The days of the folder, whatever the split is called, in order. */
export function readDays(): readonly NezhaDay[] {
  const root = sharedFile(`data/${NEZHA}`);
  if (root === undefined) return [];
  const lists = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('-fault_list.json'));
  return lists.toSorted().map((path) => readDay(join(root, path)));
}

function readDay(listPath: string): NezhaDay {
  const folder = join(listPath, '..', 'metric');
  const entries = Object.values(JSON.parse(readFileSync(listPath, 'utf8')) as Record<string, readonly Entry[]>).flat();
  // The string, in UTC: on 2023-01-29 most of the numbers beside it are eight hours off.
  const faults = entries.map(({ inject_time, inject_pod, inject_type }) => {
    return { pod: inject_pod, kind: inject_type, truthMs: Date.parse(`${inject_time.replace(' ', 'T')}Z`) };
  });
  const pods = readdirSync(folder).filter((name) => name.endsWith('_metric.csv'));
  return {
    day: listPath.split('/').at(-2) ?? '',
    faults,
    front: readSeries(join(folder, 'front_service.csv')),
    pods: new Map(pods.toSorted().map((name) => [name.replace('_metric.csv', ''), readSeries(join(folder, name))])),
  };
}

/**
 * All columns but those of the node, which other pods share. Stamps mark the end of their minute. The time is read from its
 * text too: the unix numbers of one pod (`adservice`, 2022-08-22) lie six years ahead and jump.
 */
function readSeries(path: string): readonly Series[] {
  const [head = [], ...rows] = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const startsMs = rows.map(([time = '']) => Date.parse(`${time.slice(0, 10)}T${time.slice(11, 19)}Z`) - NEZHA_PERIOD_MS);
  const pod = rows[0]?.[2] ?? '';
  return head.flatMap((head, at) => {
    if (at < 3 || head.startsWith('Node')) return [];
    const values = rows.map((row) => (row[at] === undefined || row[at] === '' ? Number.NaN : Number(row[at])));
    const { metric, statistic } = measureOf(head.trim());
    return [seriesFrom({ source: 'nezha', name: `${pod}/${metric}`, statistic, periodMs: NEZHA_PERIOD_MS, startsMs, values })];
  });
}

/** `PodServerLatencyP90(s)` is the 90th percentile of one measure, `CpuUsageRate(%)` another unit of `CpuUsage(m)`. */
function measureOf(head: string): { readonly metric: string; readonly statistic: string } {
  const percentile = /^(.*)(P\d+)\(s\)$/.exec(head);
  if (percentile) return { metric: percentile[1] ?? head, statistic: percentile[2] ?? '' };
  const rate = /^(CpuUsage|MemoryUsage)(Rate\(%\)|\(.*\))$/.exec(head);
  return rate ? { metric: rate[1] ?? head, statistic: rate[2] ?? '' } : { metric: head, statistic: 'Average' };
}
