import type { ImpactVoice } from '../analysis/impact-voices.ts';
import { nameOf } from './material.ts';

/** What tells one series from another. */
type Named = Pick<ImpactVoice, 'key' | 'metric' | 'dimensions'>;

/** How a sentence calls a series. */
export type NameAs = (series: Named) => string;

/**
 * The metric's own name; where several of these have one name also what tells them apart: the values of the dimensions that they do not share,
 * else the statistic.
 */
export function seriesNames(all: readonly Named[]): NameAs {
  const groups = Map.groupBy(all, ({ metric }) => nameOf(metric));
  return (series) => {
    const short = nameOf(series.metric);
    const group = groups.get(short) ?? [];
    const isOwn = ([name, value]: readonly [string, string]) => group.some(({ dimensions }) => dimensions[name] !== value);
    const places = Object.entries(series.dimensions)
      .filter(isOwn)
      .map(([, value]) => value);
    const statistic = statisticOf(series);
    const isOfMany = group.some((other) => statisticOf(other) !== statistic);
    const own = places.length > 0 ? places.join(', ') : isOfMany ? statistic : '';
    return own === '' ? short : `${short} (${nameOf(own)})`;
  };
}

/** `Sum` of `aws-prod/metric:…#Sum`. */
function statisticOf({ key }: Named): string {
  return key.includes('#') ? key.slice(key.lastIndexOf('#') + 1) : '';
}
