import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDepartures } from '../../../src/core/analysis/departures.ts';
import { findOnset } from '../../../src/core/analysis/onset.ts';
import { findRecovery } from '../../../src/core/analysis/recovery.ts';
import { resetsOf } from '../../../src/core/analysis/resets.ts';
import type { Series } from '../../../src/core/series.ts';
import { instant, moment, seriesOf } from '../../support/events.ts';
import { randomFrom } from '../../support/generated-series.ts';
import { alarmOf } from '../../support/sample-case.ts';

const MINUTE_MS = 60_000;

/** What a process has counted since it started, each minute; it restarts where `starts` says so. */
function total(points: number, starts: readonly number[], seed = 3): readonly number[] {
  const random = randomFrom(seed);
  let sum = 1000;
  return Array.from({ length: points }, (_, at) => {
    sum = starts.includes(at) ? 0 : sum + Math.ceil(random() * 20);
    return sum;
  });
}

/** Errors counted each minute since 12:00, twenty times as many from 13:30 to 14:00, by a process that restarts where `starts` says so. */
function errors(starts: readonly number[], unit = 'Count', metric = 'Errors'): Series {
  const random = randomFrom(3);
  let sum = 40_000;
  const values = Array.from({ length: 180 }, (_, at) => {
    const errors = Math.round((10 + random() * 4) * (at >= 90 && at < 120 ? 20 : 1));
    sum = starts.includes(at) ? errors : sum + errors;
    return sum;
  });
  return seriesOf('a#Maximum', MINUTE_MS, '12:00', values, { unit, metric, statistic: 'Maximum' });
}

describe('a running total', () => {
  const ask = (series: Series, fired = '13:34') =>
    findOnset({
      series,
      alarm: alarmOf({ missing: 'missing' }),
      fired: moment(fired, 0, 1),
      until: instant('15:00'),
      recentMs: 86_400_000,
    });
  const scanned = (series: Series) => findDepartures({ series, from: instant('12:00'), until: instant('15:00') });

  it('is read as what it counts, across its restarts, before, in and after a departure', () => {
    for (const starts of [[30], [88], [90], [91], [100, 150]]) {
      const onset = ask(errors(starts));
      expect(onset).toMatchObject({
        found: true,
        time: { at: instant('13:30') },
        series: { statistic: 'Sum', metric: 'Errors (increase)' },
      });
      expect(onset.found && onset.alarm?.threshold).toBeUndefined();
      expect(onset.found && findRecovery([onset], 15 * MINUTE_MS)).toMatchObject({ found: true, time: { at: instant('14:00') } });
      expect(scanned(errors(starts))).toMatchObject([{ time: { at: instant('13:30') } }]);
    }
  });

  it('has no departure in a restart', () => {
    expect(
      scanned({ ...errors([40, 70]), values: errors([40, 70]).values.slice(0, 90), startsMs: errors([40]).startsMs.slice(0, 90) }),
    ).toEqual([]);
  });

  it('is told by its name where it never restarts, and any fall is a restart then', () => {
    expect(ask(errors([], 'None', 'http_errors_total'))).toMatchObject({ found: true, time: { at: instant('13:30') } });
    expect(ask(errors([], 'None', 'Errors'))).not.toMatchObject({ series: { statistic: 'Sum' } });
    const young = errors([30, 33], 'None', 'http_errors_total');
    expect(ask(young)).toMatchObject({ found: true, time: { at: instant('13:30') } });
  });

  it('spreads what it counted in a hole over the hole, so that the first point behind it is no departure', () => {
    const keeps = (_value: number, at: number) => at < 40 || at >= 60;
    const whole = errors([20]);
    const holey = { ...whole, values: whole.values.filter(keeps), startsMs: whole.startsMs.filter(keeps) };
    expect(scanned(holey)).toMatchObject([{ time: { at: instant('13:30') } }]);
  });
});

describe('a gauge that grows and starts over', () => {
  it('is refused with the reason, whether something fired or not: it may be memory that a restart freed', () => {
    const series = seriesOf('a#Maximum', 60_000, '12:00', total(120, [90]), { unit: 'Bytes', statistic: 'Maximum' });
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
