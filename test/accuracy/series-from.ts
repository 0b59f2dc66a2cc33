import type { Series } from '../../src/core/series.ts';
import { evidenceIdOf } from '../support/events.ts';

/** Numbers of the reference data as a series of the product: points sorted by start, one for each start, none that is not a number. */
export function seriesFrom(given: {
  readonly source: string;
  readonly name: string;
  readonly statistic: string;
  readonly periodMs: number;
  readonly startsMs: readonly number[];
  readonly values: readonly number[];
}): Series {
  const { source, name, statistic, periodMs, startsMs, values } = given;
  const found = startsMs.map((startMs, at) => [startMs, values[at] ?? Number.NaN] as const).filter(([, value]) => !Number.isNaN(value));
  const points = [...new Map(found)].toSorted(([a], [b]) => a - b);
  return {
    key: `${source}/metric:${name}#${statistic}`,
    metric: name.split('/').at(-1) ?? name,
    dimensions: {},
    statistic,
    periodMs,
    startsMs: Float64Array.from(points, ([startMs]) => startMs),
    values: Float64Array.from(points, ([, value]) => value),
    source,
    evidence: [evidenceIdOf(`${source}/${name}`)],
  };
}
