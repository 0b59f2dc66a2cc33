import type { ImpactVoice } from '../analysis/impact-voices.ts';
import { nameOf } from './material.ts';

/** What tells one series from another. */
type Named = Pick<ImpactVoice, 'key' | 'metric' | 'dimensions'>;

/** How a sentence calls a series. */
export type NameAs = (series: Named) => string;

/**
 * The metric's own name; where several of these have one name also what tells them apart: the values of the dimensions that they do not share,
 * and of several in one place the statistic.
 */
export function seriesNames(all: readonly Named[]): NameAs {
  const groups = Map.groupBy(all, ({ metric }) => nameOf(metric));
  return (series) => {
    const short = nameOf(series.metric);
    const group = groups.get(short) ?? [];
    const isOwn = ([name, value]: readonly [string, string]) => group.some(({ dimensions }) => dimensions[name] !== value);
    const placesOf = ({ dimensions }: Named) =>
      Object.entries(dimensions)
        .filter(isOwn)
        .map(([, value]) => value)
        .join(', ');
    const [places, statistic] = [placesOf(series), statisticOf(series)];
    const isOfMany = group.some((other) => placesOf(other) === places && statisticOf(other) !== statistic);
    const own = [places, isOfMany ? statistic : ''].filter((part) => part !== '').join(', ');
    return own === '' ? short : `${short} (${nameOf(own)})`;
  };
}

/** `Sum` of `aws-prod/metric:…#Sum`. */
function statisticOf({ key }: Named): string {
  return key.includes('#') ? key.slice(key.lastIndexOf('#') + 1) : '';
}
