import { describe, expect, it } from 'vitest';
import { findDepartures } from '../../../src/core/analysis/departures.ts';
import { learnShape, shapeAt } from '../../../src/core/analysis/normal.ts';
import type { Series } from '../../../src/core/series.ts';
import { instant, seriesOf } from '../../support/events.ts';
import { randomFrom } from '../../support/generated-series.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** A Monday. */
const NOW = Date.parse('2024-01-15T00:00:00Z');

/** From 0 to 1 without a corner. */
const curve = (x: number) => (1 - Math.cos(Math.PI * Math.min(1, Math.max(0, x)))) / 2;

/** Requests that rise on some mornings from a hundred to six hundred between 6:00 and 9:00, and fall as slowly before 22:00. */
function busy(periodMs: number, from: string, days: number, rises: (day: number) => boolean): Series {
  const random = randomFrom(days);
  const fromMs = Date.parse(from);
  const values = Array.from({ length: (days * 24 * HOUR_MS) / periodMs }, (_, index) => {
    const at = new Date(fromMs + (index + 0.5) * periodMs);
    const hour = at.getUTCHours() + at.getUTCMinutes() / 60;
    const share = rises(at.getUTCDay()) ? curve((hour - 6) / 3) * curve((22 - hour) / 3) : 0;
    return 100 + 500 * share + 10 * random();
  });
  return seriesOf('a#Average', periodMs, from, values, { unit: 'None' });
}

const isWeekday = (day: number) => day !== 0 && day !== 6;

describe('the shape of a week', () => {
  const weeks = busy(5 * MINUTE_MS, '2024-01-01T00:00:00Z', 14, isWeekday);
  const monday = busy(5 * MINUTE_MS, '2024-01-14T00:00:00Z', 2, isWeekday);
  const question = { series: monday, from: instant('2024-01-14T00:00:00Z'), until: instant('2024-01-15T12:00:00Z') };

  it('makes the rise of a Monday morning normal, which it is not for who knows only Sunday', () => {
    expect(findDepartures({ ...question, weeks })).toHaveLength(0);
    expect(findDepartures(question)).toMatchObject([{ side: 1, time: { at: expect.stringMatching(/^2024-01-15T06:/) } }]);
  });

  it('tells a Sunday that rises like a Monday', () => {
    const sunday = busy(5 * MINUTE_MS, '2024-01-14T00:00:00Z', 1, () => true);
    const [found] = [findDepartures({ ...question, series: sunday, weeks })].flat();
    expect(found).toMatchObject({ side: 1, time: { at: expect.stringMatching(/^2024-01-14T06:/) } });
  });

  it('is learned only of two weeks, and only where weekends differ: else it is the shape of a day', () => {
    expect(learnShape(weeks, MINUTE_MS, NOW)).toHaveLength(168);
    expect(learnShape(busy(5 * MINUTE_MS, '2024-01-06T00:00:00Z', 9, isWeekday), MINUTE_MS, NOW)).toHaveLength(24);
    expect(
      learnShape(
        busy(5 * MINUTE_MS, '2024-01-01T00:00:00Z', 14, () => true),
        MINUTE_MS,
        NOW,
      ),
    ).toHaveLength(24);
    expect(
      learnShape(
        busy(5 * MINUTE_MS, '2024-01-01T00:00:00Z', 14, () => false),
        MINUTE_MS,
        NOW,
      ),
    ).toEqual([]);
  });

  it('goes on from Sunday night to Monday without a step', () => {
    const shape = learnShape(weeks, MINUTE_MS, NOW);
    const around = [-30, -1, 1, 30].map((minutes) => shapeAt(shape, NOW + minutes * MINUTE_MS));
    expect(Math.max(...around) - Math.min(...around)).toBeLessThan(20);
    expect(shapeAt(shape, NOW + 12 * HOUR_MS) - shapeAt(shape, NOW - 12 * HOUR_MS)).toBeGreaterThan(300);
  });
});

describe('a percentage near its end', () => {
  const course = (then: readonly number[]) =>
    seriesOf(
      'a#Average',
      MINUTE_MS,
      '2024-01-14T18:00:00Z',
      [...Array.from({ length: 1200 }, () => 100), ...then, ...Array.from({ length: 30 }, () => 100)],
      {
        unit: 'Percent',
      },
    );
  const ask = (then: readonly number[]) =>
    findDepartures({
      series: course(then),
      alarm: { comparison: 'below', periodMs: MINUTE_MS },
      from: instant('2024-01-14T18:00:00Z'),
      until: instant('16:00'),
    });

  it('that never moved leaves its normal by a share of itself, and not by its last digit', () => {
    expect(ask([99.2, 99.1, 99.3])).toMatchObject([{ side: -1, time: { at: instant('14:00') } }]);
    expect(ask([99.99, 99.98, 99.99])).toHaveLength(0);
  });
});
