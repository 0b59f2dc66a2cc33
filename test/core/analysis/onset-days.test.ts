import { expect, it } from 'vitest';
import { excessAt, findOnset } from '../../../src/core/analysis/onset.ts';
import { epochMs, instantAt } from '../../../src/core/time.ts';
import { seriesOf } from '../../support/events.ts';
import { randomOf } from '../../support/random.ts';
import { alarmOf } from '../../support/sample-case.ts';

const PERIOD_MS = 300_000;
const ONSET_MS = Date.parse('2024-01-15T14:55:00Z');
const FIRED_MS = Date.parse('2024-01-15T17:02:00Z');

/** Orders in five minutes, as many as the hour of the day brings, for a day and an hour; from 14:55 on two thirds of them fail. */
function orders(seed: number) {
  const random = randomOf(seed);
  const noise = () => 70 * Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
  const firstMs = ONSET_MS - 25 * 3_600_000;
  const values = Array.from({ length: 340 }, (_, at) => {
    const hours = (firstMs + at * PERIOD_MS) / 3_600_000;
    const usual = 5000 + 2000 * Math.sin(((hours - 9) / 24) * 2 * Math.PI);
    return Math.round(usual - (firstMs + at * PERIOD_MS >= ONSET_MS ? 3500 : 0) + noise());
  });
  return seriesOf('a#Sum', PERIOD_MS, new Date(firstMs).toISOString(), values, { unit: 'Count' });
}

it('is held against the day as it was before the outage, which two hours of it would else have become a part of', () => {
  const { threshold: _, ...alarm } = alarmOf({ comparison: 'below', periodMs: PERIOD_MS, missing: 'missing' });
  for (let seed = 1; seed <= 20; seed += 1) {
    const series = orders(seed);
    const fired = { at: instantAt(FIRED_MS), minusMs: 0, plusMs: 1 };
    const onset = findOnset({ series, weeks: series, alarm, fired, until: instantAt(FIRED_MS + 3_600_000), recentMs: 90_000_000 });
    if (!onset.found) throw new Error(onset.detail);
    const { index, normal, time } = onset;
    expect(epochMs(time.at)).toBe(ONSET_MS);
    const before = [-4, -3, -2, -1].map((step) => excessAt(onset, index + step) / normal.spread);
    expect(Math.abs(before.reduce((sum, one) => sum + one, 0)) / before.length).toBeLessThan(2);
  }
});
