import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { departuresOf, readImpact } from '../../../src/core/analysis/impact-series.ts';
import { impactSizeOf } from '../../../src/core/analysis/impact-size.ts';
import { firingsOf } from '../../../src/core/analysis/joined.ts';
import { findRecovery } from '../../../src/core/analysis/recovery.ts';
import type { Case } from '../../../src/core/case.ts';
import type { Series } from '../../../src/core/series.ts';
import { instantAt } from '../../../src/core/time.ts';
import { eventOf, moment, seriesOf } from '../../support/events.ts';
import { randomFrom } from '../../support/generated-series.ts';
import { ALARM, alarmOf, ERRORS, errorsAt, SAMPLE_EVENTS, sampleCase, TRUTH } from '../../support/sample-case.ts';

function readingsOf(overrides: Partial<Case>) {
  const theCase = sampleCase(overrides);
  return readImpact(theCase, firingsOf(theCase));
}

function sizeOf(series: Series, events = SAMPLE_EVENTS) {
  const departed = departuresOf(readingsOf({ series: [series], events }));
  const [first] = departed;
  if (!first) throw new Error('nothing departed');
  const recovery = findRecovery([first.onset], 900_000);
  return impactSizeOf(departed, [series], recovery.found ? recovery.time : undefined);
}

describe('the size of the impact', () => {
  it.each([60, 300, 3_600])('of the sample at %i s holds the true 125,000 requests, tightly', (period) => {
    const size = sizeOf(errorsAt(period, '2024-01-01T14:00:00Z', '2024-01-15T16:00:00Z'));
    expect(size?.min).toBeLessThanOrEqual(TRUTH.impact_requests);
    expect(size?.max).toBeGreaterThanOrEqual(TRUTH.impact_requests);
    expect((size?.max ?? 0) - (size?.min ?? 0)).toBeLessThan(500);
    expect(size?.cites.length).toBeGreaterThan(0);
  });

  it('is a question, not a number, for what is no count', () => {
    const latency = errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z', { statistic: 'Average', unit: 'Seconds' });
    expect(sizeOf(latency)).toBeUndefined();
  });

  it('says of a count that fell how much was missing, and never that it was above normal', () => {
    const values = Array.from({ length: 500 }, (_, index) => 1_000 + (index % 7) - (index >= 400 && index < 420 ? 900 : 0));
    const series = seriesOf('aws-prod/metric:AWS/X/RequestCount#Sum', 60_000, '2024-01-15T07:00:00Z', values, { metric: 'RequestCount' });
    const at = instantAt(Date.parse('2024-01-15T13:42:00Z'));
    const fired = eventOf('alert.fired', at, { time: { at, minusMs: 0, plusMs: 1 }, correlationKeys: ['pagerduty/incident:PABC', ALARM] });
    const alarm = alarmOf({ seriesKeys: [series.key], comparison: 'below', threshold: 500, missing: 'missing' });
    const departed = departuresOf(readingsOf({ series: [series], events: [fired, eventOf('incident.triggered', at)], facts: [alarm] }));
    const [first] = departed;
    if (!first) throw new Error('nothing departed');
    const recovery = findRecovery([first.onset], 900_000);
    const size = impactSizeOf(departed, [series], recovery.found ? recovery.time : undefined);
    expect(size).toMatchObject({ unit: 'requests', fewer: true });
    expect(size?.min).toBeLessThanOrEqual(18_000);
    expect(size?.max).toBeGreaterThanOrEqual(18_000);
    expect(sizeOf(errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z'))).not.toHaveProperty('fewer');
  });

  it('says so far while the end is not seen, and holds what was planted until then', () => {
    // 480 at 14:29, then 1,900, 4,100, and 7,340 or 7,335 in each minute up to the last that was whole.
    const soFar = 480 + 1_900 + 4_100 + 7_340 + 12 * 7_335;
    const size = sizeOf(errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T14:45:00Z'));
    expect(size).toMatchObject({ soFar: true, unit: 'errors' });
    expect(size?.min).toBeLessThanOrEqual(soFar);
    expect(size?.max).toBeGreaterThanOrEqual(soFar);
    expect(sizeOf(errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z'))).not.toHaveProperty('soFar');
  });

  it('has wider bounds where points are missing', () => {
    const whole = errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z');
    const hole = Date.parse('2024-01-15T14:38:00Z');
    const kept = [...whole.startsMs].flatMap((at, index) => (at === hole ? [] : [index]));
    const holed = {
      ...whole,
      startsMs: Float64Array.from(kept, (at) => whole.startsMs[at] ?? 0),
      values: Float64Array.from(kept, (at) => whole.values[at] ?? 0),
    };
    const departed = departuresOf(readingsOf({ series: [holed], facts: [alarmOf({ missing: 'missing' })] }));
    const size = impactSizeOf(departed, [holed], moment('14:50', 60_000, 1));
    expect(size?.min).toBeLessThan(TRUTH.impact_requests - 7_000);
    expect(size?.max).toBeGreaterThan(TRUTH.impact_requests + 7_000);
    expect(Math.abs((size?.value ?? 0) - TRUTH.impact_requests)).toBeLessThan(100);
  });

  it('holds what was planted over counts with noise in 98 of 100, whatever the level, and else misses by less than a hundredth', () => {
    const worlds = fc.record({
      level: fc.integer({ min: 0, max: 2_000 }),
      height: fc.double({ min: 2.5, max: 50, noNaN: true }),
      length: fc.integer({ min: 3, max: 40 }),
      seed: fc.integer(),
    });
    const off = [...fc.sample(worlds, { numRuns: 400, seed: 20240115 })].map(({ level, height, length, seed }) => {
      const random = randomFrom(seed);
      const added = Math.ceil(height * (20 + 4 * Math.sqrt(level)));
      const values = Array.from({ length: 600 }, (_, index) => {
        const usual = Math.max(0, Math.round(level + Math.sqrt(level) * (random() * 2 - 1) * Math.sqrt(3)));
        return usual + (index >= 400 && index < 400 + length ? added : 0);
      });
      const series = seriesOf(ERRORS, 60_000, '2024-01-15T07:00:00Z', values, { metric: 'Errors' });
      const at = instantAt(Date.parse('2024-01-15T13:42:00Z'));
      const fired = eventOf('alert.fired', at, {
        time: { at, minusMs: 0, plusMs: 1 },
        correlationKeys: ['pagerduty/incident:PABC', ALARM],
      });
      const size = sizeOf(series, [fired, eventOf('incident.triggered', at), eventOf('incident.resolved', '14:57')]);
      const truth = added * length;
      const { min = Number.POSITIVE_INFINITY, max = 0 } = size ?? {};
      return Math.max(0, min - truth, truth - max) / truth;
    });
    expect(off.filter((share) => share > 0).length).toBeLessThanOrEqual(8);
    expect(Math.max(...off)).toBeLessThan(0.01);
  });
});

describe('the size of a rate with a count beside it', () => {
  const RATE = 'aws-prod/metric:AWS/ApplicationELB/ErrorRate?LoadBalancer=app%2Fapi#Average';
  const COUNT = 'aws-prod/metric:AWS/ApplicationELB/RequestCount?LoadBalancer=app%2Fapi#Sum';
  const START = '2024-01-15T07:00:00Z';
  /** The planted share is of all requests; the noise of the rate is that of a share of so many requests. */
  const plant = (kind: 'bad' | 'good', values: readonly number[], counts: readonly number[], overrides: Partial<Series> = {}) => {
    const rate = seriesOf(kind === 'bad' ? RATE : RATE.replace('ErrorRate', 'SuccessRate'), 60_000, START, values, {
      metric: kind === 'bad' ? 'ErrorRate' : 'SuccessRate',
      statistic: 'Average',
      unit: 'Percent',
      ...overrides,
    });
    return { rate, count: seriesOf(COUNT, 60_000, START, counts, { metric: 'RequestCount' }) };
  };
  const sizeFrom = (
    rate: Series,
    others: readonly Series[],
    comparison: 'above' | 'below' = 'above',
    operandKeys: readonly string[] = [],
  ) => {
    const at = instantAt(Date.parse('2024-01-15T13:42:00Z'));
    const fired = eventOf('alert.fired', at, { time: { at, minusMs: 0, plusMs: 1 }, correlationKeys: ['pagerduty/incident:PABC', ALARM] });
    const events = [fired, eventOf('incident.triggered', at), eventOf('incident.resolved', '14:57')];
    const threshold = comparison === 'above' ? 5 : 95;
    const rule = { seriesKeys: [rate.key], comparison, threshold: rate.values.some((value) => value > 1) ? threshold : threshold / 100 };
    const alarm = alarmOf({ ...rule, missing: 'missing', ...(operandKeys.length > 0 && { operandKeys }) });
    const departed = departuresOf(readingsOf({ series: [rate, ...others], events, facts: [alarm] }));
    const [first] = departed;
    if (!first) throw new Error('nothing departed');
    const recovery = findRecovery([first.onset], 900_000);
    return impactSizeOf(departed, [rate, ...others], recovery.found ? recovery.time : undefined);
  };

  it.each(['bad', 'good'] as const)('holds the requests that failed more than usual, in at least 95 of 100 worlds: a %s rate', (kind) => {
    let held = 0;
    const worlds = 200;
    for (let seed = 0; seed < worlds; seed += 1) {
      const random = randomFrom(seed);
      const usual = random() * 2;
      const share = 8 + random() * 60;
      const length = 3 + Math.floor(random() * 38);
      const [requests, noise] = [50 + random() * 5_000, 0.05 + random()];
      const counts = Array.from({ length: 600 }, () => Math.round(requests * (0.8 + 0.4 * random())));
      const isIn = (index: number) => index >= 400 && index < 400 + length;
      const rates = counts.map((_, index) => usual + noise * 2 + noise * (random() * 2 - 1) * Math.sqrt(3) + (isIn(index) ? share : 0));
      const truth = counts.reduce((sum, count, index) => sum + (isIn(index) ? (share / 100) * count : 0), 0);
      const { rate, count } = plant(kind, kind === 'bad' ? rates : rates.map((value) => 100 - value), counts);
      const size = sizeFrom(rate, [count], kind === 'bad' ? 'above' : 'below');
      expect(size).toMatchObject({ unit: 'failed requests', countedBy: 'RequestCount' });
      expect(size?.cites).toHaveLength(2);
      if (size && size.min <= truth && truth <= size.max) held += 1;
    }
    expect(held / worlds).toBeGreaterThanOrEqual(0.95);
  });

  const rates = Array.from({ length: 500 }, (_, index) => 1 + (index % 3) * 0.1 + (index >= 400 && index < 420 ? 30 : 0));
  const counts = rates.map(() => 1_000);

  it('is a question without the count, with one of other dimensions, and with a latency', () => {
    const { rate, count } = plant('bad', rates, counts);
    expect(sizeFrom(rate, [])).toBeUndefined();
    expect(sizeFrom(rate, [{ ...count, dimensions: { LoadBalancer: 'app/other' } }])).toBeUndefined();
    expect(sizeFrom({ ...rate, metric: 'TargetResponseTime', unit: 'Seconds' }, [count])).toBeUndefined();
    expect(sizeFrom(rate, [count])?.value).toBeGreaterThan(5_900);
  });

  it.each([1, 100])('is read from what an expression is computed from, whatever it calls everything: %i', (whole) => {
    const bad = counts.map((count, index) => Math.round((count * (rates[index] ?? 0)) / 100));
    const shares = counts.map((count, index) => (whole * (bad[index] ?? 0)) / count);
    const expression = seriesOf('aws-prod/math:[]#e1', 60_000, START, shares, { metric: 'e1', statistic: 'Expression', dimensions: {} });
    const requests = seriesOf(COUNT, 60_000, START, counts, { metric: 'RequestCount' });
    const errors = seriesOf(COUNT.replace('RequestCount', 'Errors'), 60_000, START, bad, { metric: 'Errors' });
    const operands = [requests.key, errors.key];
    const size = sizeFrom(expression, [requests, errors], 'above', operands);
    expect(size).toMatchObject({ unit: 'failed requests', countedBy: 'RequestCount' });
    // 300 of 1,000 requests more than usual, in each of 20 minutes.
    expect(size?.min).toBeLessThanOrEqual(6_000);
    expect(size?.max).toBeGreaterThanOrEqual(6_000);
    // Where the two do not give its value it is no share of theirs; where no alarm names them they are of something else.
    const squared = { ...expression, values: expression.values.map((value) => value * 3) };
    expect(sizeFrom(squared, [requests, errors], 'above', operands)).toBeUndefined();
    expect(sizeFrom(expression, [requests, errors])).toBeUndefined();
  });

  it('is a question where small values with no unit could be a percentage or a share', () => {
    const { rate, count } = plant(
      'bad',
      rates.map((value) => value / 100),
      counts,
      { unit: 'None' },
    );
    expect(sizeFrom(rate, [count])).toBeUndefined();
  });
});
