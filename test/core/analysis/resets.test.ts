import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDepartures } from '../../../src/core/analysis/departures.ts';
import { findOnset } from '../../../src/core/analysis/onset.ts';
import { resetsOf } from '../../../src/core/analysis/resets.ts';
import { instant, moment, seriesOf } from '../../support/events.ts';
import { randomFrom } from '../../support/generated-series.ts';

/** What a process has counted since it started, each minute; it restarts where `starts` says so. */
function total(points: number, starts: readonly number[], seed = 3): readonly number[] {
  const random = randomFrom(seed);
  let sum = 1000;
  return Array.from({ length: points }, (_, at) => {
    sum = starts.includes(at) ? 0 : sum + Math.ceil(random() * 20);
    return sum;
  });
}

describe('a running total that starts over', () => {
  it('is refused with the reason, whether something fired or not', () => {
    const series = seriesOf('a#Maximum', 60_000, '12:00', total(120, [90]), { unit: 'Count', statistic: 'Maximum' });
    const refusal = { found: false, reason: 'reset', detail: 'the series counts up and starts over once: ask for its rate' };
    expect(findDepartures({ series, from: instant('12:00'), until: instant('14:00') })).toEqual(refusal);
    expect(findOnset({ series, fired: moment('13:35', 0, 1), until: instant('14:00'), recentMs: 86_400_000 })).toEqual(refusal);
  });

  it('is told from a gauge, which also falls part of the way', () => {
    expect(resetsOf(Float64Array.from([...total(60, []), 300, ...total(60, [])]))).toBe(0);
  });

  it('is told from a count that is zero between bursts', () => {
    expect(resetsOf(Float64Array.from({ length: 120 }, (_, at) => (at % 3 === 0 ? 5 : 0)))).toBe(0);
  });

  it('is told from a value that only grows, such as a disk that fills: its level is what an alarm looks at', () => {
    expect(resetsOf(Float64Array.from(total(120, [])))).toBe(0);
  });

  it('is counted as often as it starts, whatever it counts', () => {
    const starts = fc.uniqueArray(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(starts, fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0.01, max: 1e6, noNaN: true }), (tens, seed, scale) => {
        const values = total(
          120,
          tens.map((ten) => ten * 12),
          seed,
        );
        expect(resetsOf(Float64Array.from(values, (value) => value * scale))).toBe(tens.length);
      }),
    );
  });
});
