import type { CloudWatchWorld, WorldAlarm, WorldMetric } from '../world.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
/** The daily swing is highest in the afternoon, UTC. */
const PEAK_MINUTE = 15 * 60;

/** How fine a value of that age is still kept, in seconds: CloudWatch thins it out in three steps and then forgets it. */
const RETENTION = [
  { days: 15, period: 60 },
  { days: 63, period: 300 },
  { days: 455, period: 3_600 },
] as const;

/** The finest period in seconds at which a value of that age is kept, or nothing where it is gone. Below a minute only three hours are kept. */
export function keptPeriod(ageMs: number): number | undefined {
  if (ageMs <= 3 * 60 * MINUTE_MS) return 1;
  return RETENTION.find(({ days }) => ageMs <= days * DAY_MINUTES * MINUTE_MS)?.period;
}

/** A datapoint by the start of its period, in milliseconds since 1970. */
export type Points = ReadonlyMap<number, number>;

export interface Asking {
  readonly statistic: string;
  readonly periodMs: number;
  readonly fromMs: number;
  readonly toMs: number;
  readonly nowMs: number;
}

/** One metric of the world over a window, oldest first: only periods that are kept and have at least one whole minute before now. */
export function pointsOf(world: CloudWatchWorld, metric: WorldMetric, { statistic, periodMs, fromMs, toMs, nowMs }: Asking): Points {
  const alarms = world.alarms.filter((alarm) => alarm.metric === metric.id && !alarm.math);
  const points = new Map<number, number>();
  for (let start = fromMs - (fromMs % periodMs); start < toMs; start += periodMs) {
    const kept = keptPeriod(nowMs - start);
    if (kept === undefined || periodMs < kept * 1_000) continue;
    const values: number[] = [];
    for (
      let minute = Math.ceil(start / MINUTE_MS) * MINUTE_MS;
      minute < start + periodMs && minute + MINUTE_MS <= nowMs;
      minute += MINUTE_MS
    ) {
      if (!isAbsent(metric, minute)) values.push(minuteValue(metric, alarms, minute));
    }
    if (values.length > 0) points.set(start, summarize(values, statistic));
  }
  return points;
}

/** The true value of one minute: a function of the world alone, so that every reading of it agrees. */
export function minuteValue(metric: WorldMetric, alarms: readonly WorldAlarm[], minuteMs: number): number {
  const { mean, daily, noise } = metric.shape;
  const minute = Math.floor(minuteMs / MINUTE_MS);
  const swing = daily * Math.cos((2 * Math.PI * ((minute % DAY_MINUTES) - PEAK_MINUTE)) / DAY_MINUTES);
  const usual = mean * (1 + swing + noise * jitter(`${metric.id}:${minute}`));
  const settled = alarms.reduce((value, alarm) => agree(value, alarm, minuteMs), usual) + episodeAt(metric, minute);
  return metric.unit === 'Count' ? Math.max(0, Math.round(settled)) : Math.max(0, Math.round(settled * 10_000) / 10_000);
}

function isAbsent({ absent = [] }: WorldMetric, minuteMs: number): boolean {
  return absent.some(({ from, to }) => Date.parse(from) <= minuteMs && minuteMs < Date.parse(to));
}

function episodeAt({ episodes = [] }: WorldMetric, minute: number): number {
  return episodes.reduce((sum, { from, minutes }) => sum + (minutes[minute - Date.parse(from) / MINUTE_MS] ?? 0), 0);
}

/**
 * An alarm that one minute decides would contradict its own history wherever the noise crosses the threshold by chance:
 * such a minute is folded back to the side on which the history says it was.
 */
function agree(value: number, { history, threshold, evaluation_periods, comparison }: WorldAlarm, minuteMs: number): number {
  if (evaluation_periods !== 1 || !comparison.startsWith('GreaterThan')) return value;
  const margin = Math.abs(threshold) * 0.01;
  const breaching = history.findLast(({ start }) => Date.parse(start) <= minuteMs)?.to === 'ALARM';
  if (breaching && value <= threshold + margin) return threshold + margin + (threshold + margin - value) * 0.3;
  return !breaching && value > threshold - margin ? threshold - margin - (value - threshold + margin) : value;
}

function summarize(values: readonly number[], statistic: string): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const percentile = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1];
  if (percentile !== undefined) {
    const sorted = values.toSorted((a, b) => a - b);
    return sorted[Math.max(0, Math.ceil((Number(percentile) / 100) * sorted.length) - 1)] ?? sum;
  }
  const named: Readonly<Record<string, number>> = {
    Sum: sum,
    SampleCount: values.length,
    Average: sum / values.length,
    Minimum: Math.min(...values),
    Maximum: Math.max(...values),
  };
  return named[statistic] ?? sum;
}

/** True where `summarize` knows the statistic. */
export function isStatistic(statistic: string): boolean {
  return /^(?:Sum|SampleCount|Average|Minimum|Maximum|p\d{1,2}(?:\.\d+)?|p100)$/.test(statistic);
}

/** A number in [-1, 1) that depends on the text alone (FNV-1a, then the finalizer of MurmurHash3). */
function jitter(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 0x80000000 - 1;
}
