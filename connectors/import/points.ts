import { epochMs, instantAt, type Json, type SeriesSeed, type Window } from '../../src/contract/index.ts';
import { isList, isObject, type Mapping, mappingReader } from './mapping.ts';
import { type Row, readRow } from './row.ts';

/** One number of a series. */
export interface Point {
  readonly metric: string;
  /** What a policy calls it, `NAMESPACE/NAME`: the namespace is its service, else what stands before the first blank. */
  readonly place: string;
  readonly statistic: string;
  readonly unit?: string;
  readonly periodMs: number;
  readonly startMs: number;
  readonly value: number;
}

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** Whether a record tells a number of a series: then it needs `metric`, `value` and `period_seconds`, and no message. */
export function isPoint(row: Row): boolean {
  return row.text('metric') !== undefined;
}

export function pointOf(row: Row): Point | { readonly problem: string } {
  const [metric = '', value = '', period = ''] = [row.text('metric'), row.text('value')?.trim(), row.text('period_seconds')];
  const seconds = Number(period);
  if (!NUMBER.test(value) || !Number.isFinite(Number(value)))
    return { problem: `${JSON.stringify(value.slice(0, 60))} is no value: a number was wanted` };
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400) {
    return { problem: `${JSON.stringify(period.slice(0, 60))} is no period: whole seconds were wanted, a day at most` };
  }
  const unit = row.text('unit');
  const service = row.text('service');
  return {
    metric: service === undefined ? metric.slice(metric.indexOf(' ') + 1) : metric,
    // In a key `?` and `#` begin what is no name.
    place: (service === undefined ? metric.replace(' ', '/') : `${service}/${metric}`).replaceAll(/[?#]/g, encodeURIComponent),
    statistic: row.text('statistic') ?? 'value',
    ...(unit !== undefined && { unit }),
    periodMs: seconds * 1_000,
    startMs: epochMs(row.time.moment.at),
    value: Number(value),
  };
}

/** The aligned chunk that a point is kept in: an hour, six, a day or thirty, by its period. It is named and windowed alike for all files. */
export function chunkOf({ place, statistic, periodMs, startMs }: Point): { readonly nativeId: string; readonly window: Window } {
  const hours = periodMs < 60_000 ? 1 : periodMs < 300_000 ? 6 : periodMs < 3_600_000 ? 24 : 720;
  const lengthMs = hours * 3_600_000;
  const from = Math.floor(startMs / lengthMs) * lengthMs;
  const window = { from: instantAt(from), to: instantAt(from + lengthMs) };
  return { nativeId: `${place}#${statistic}@${periodMs / 1_000}/${window.from}`, window };
}

interface Part {
  readonly mapping: Mapping;
  readonly rows: readonly Json[];
}

/** The parts that files told of one chunk, oldest first; nothing where the body is none. */
export function partsOf(body: Json): readonly Part[] | undefined {
  const parts = isObject(body) && isList(body['parts']) ? body['parts'] : undefined;
  const read = parts?.map((part) => {
    const mapping = isObject(part) ? mappingReader.read(part['mapping']) : undefined;
    const rows = isObject(part) ? part['rows'] : undefined;
    return mapping && isList(rows) ? { mapping, rows } : undefined;
  });
  return read?.every((part) => part !== undefined) ? read : undefined;
}

/** The series of a chunk; of two values for one start the one told later counts. */
export function seriesOf(source: string, parts: readonly Part[]): { readonly series?: SeriesSeed; readonly problems: readonly string[] } {
  const points = new Map<number, number>();
  const problems: string[] = [];
  let last: Point | undefined;
  for (const { mapping, rows } of parts) {
    for (const body of rows) {
      const reading = readRow(body, mapping);
      const point = 'problem' in reading ? reading : pointOf(reading.row);
      if ('problem' in point) problems.push(point.problem);
      else {
        points.set(point.startMs, point.value);
        last = point;
      }
    }
  }
  if (!last) return { problems };
  const startsMs = Float64Array.from(points.keys()).sort();
  const { metric, place, statistic, periodMs, unit } = last;
  const values = startsMs.map((start) => points.get(start) ?? Number.NaN);
  const key = `${source}/metric:${place}#${statistic}`;
  return {
    series: { key, metric, dimensions: {}, statistic, ...(unit !== undefined && { unit }), periodMs, startsMs, values },
    problems,
  };
}
