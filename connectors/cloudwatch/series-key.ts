import { canonical, type Json } from '../../src/contract/index.ts';
import type { MetricQuery } from './questions.ts';

/** One statistic of one metric. */
export interface MetricSeries {
  readonly kind: 'metric';
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
}

/** What an alarm computes from several queries: all of them, and the id of the one that it compares. */
export interface MathSeries {
  readonly kind: 'math';
  readonly queries: readonly MetricQuery[];
  readonly result: string;
}

export type AnySeries = MetricSeries | MathSeries;

/**
 * The series' key without its source: `metric:NAMESPACE/NAME?Dim=Value&Dim2=Value2#Statistic`, dimensions sorted by name, names and
 * values percent-encoded; or `math:<canonical JSON of the queries>#<id of the result>`. It holds all that is needed to ask again.
 */
export function seriesKey(series: AnySeries): string {
  if (series.kind === 'math') return `math:${canonical(toJson(series.queries))}#${series.result}`;
  const dimensions = Object.keys(series.dimensions)
    .sort()
    .map((name) => `${encode(name)}=${encode(series.dimensions[name] ?? '')}`);
  return `metric:${placeOf(series.namespace, series.metric)}${dimensions.length > 0 ? '?' : ''}${dimensions.join('&')}#${series.statistic}`;
}

/** `NAMESPACE/NAME` of a key: a slash of the name itself is escaped, so that the last one stands between the two. */
export function placeOf(namespace: string, metric: string): string {
  return `${escapeReserved(namespace)}/${escapeReserved(metric).replaceAll('/', '%2F')}`;
}

export interface WantedSeries {
  readonly series: AnySeries;
  readonly periodSeconds: number;
  /** Wanted as far as it is kept at that period, and else not: what is longer is asked for beside it. */
  readonly isIfKept: boolean;
}

/** Reads `SOURCE/<series key>@<wanted period in seconds>`, with a `?` behind it where it is wanted only as far as it is kept; nothing where it is none. */
export function readWanted(key: string): WantedSeries | undefined {
  const [, kind, rest = '', result = '', seconds, mark] = /^[^/]+\/(metric|math):(.*)#([^#]*)@(\d+)(\?)?$/s.exec(key) ?? [];
  const periodSeconds = Number(seconds);
  if (!(periodSeconds > 0) || result === '') return undefined;
  const series = kind === 'math' ? readMath(rest, result) : readMetric(rest, result);
  return series && { series, periodSeconds, isIfKept: mark !== undefined };
}

function readMetric(text: string, statistic: string): MetricSeries | undefined {
  const [place = '', query = ''] = text.split('?');
  const cut = place.lastIndexOf('/');
  if (cut <= 0) return undefined;
  try {
    const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split('=').map(decodeURIComponent));
    const dimensions = Object.fromEntries(pairs.map(([name = '', value = '']) => [name, value]));
    const [namespace, metric] = [decodeURIComponent(place.slice(0, cut)), decodeURIComponent(place.slice(cut + 1))];
    return { kind: 'metric', namespace, metric, dimensions, statistic };
  } catch {
    return undefined;
  }
}

function readMath(text: string, result: string): MathSeries | undefined {
  try {
    const queries: unknown = JSON.parse(text);
    return Array.isArray(queries) && queries.some(({ Id }) => Id === result) ? { kind: 'math', queries, result } : undefined;
  } catch {
    return undefined;
  }
}

/** What the key itself uses as a mark. */
function escapeReserved(text: string): string {
  return text.replace(/[%?#@]/g, encodeURIComponent);
}

/** Half a character, which JSON can carry and an address cannot, becomes the replacement character. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function toJson(queries: readonly MetricQuery[]): Json {
  return JSON.parse(JSON.stringify(queries));
}
