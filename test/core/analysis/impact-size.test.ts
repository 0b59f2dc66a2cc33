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
  return impactSizeOf(departed, recovery.found ? recovery.time : undefined);
}

describe('the size of the impact', () => {
  it.each([60, 300, 3_600])('of the sample at %i s holds the true 125,000 requests, tightly', (period) => {
    const size = sizeOf(errorsAt(period, '2024-01-01T14:00:00Z', '2024-01-15T16:00:00Z'));
    expect(size?.min).toBeLessThanOrEqual(TRUTH.impact_requests);
    expect(size?.max).toBeGreaterThanOrEqual(TRUTH.impact_requests);
    expect((size?.max ?? 0) - (size?.min ?? 0)).toBeLessThan(500);
    expect(size?.cites.length).toBeGreaterThan(0);
  });

  it('is a question, not a number, for what is no count and while the end is open', () => {
    const latency = errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z', { statistic: 'Average', unit: 'Seconds' });
    expect(sizeOf(latency)).toBeUndefined();
    expect(sizeOf(errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T14:45:00Z'))).toBeUndefined();
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
    const size = impactSizeOf(departed, moment('14:50', 60_000, 1));
    expect(size?.min).toBeLessThan(TRUTH.impact_requests - 7_000);
    expect(size?.max).toBeGreaterThan(TRUTH.impact_requests + 7_000);
    expect(Math.abs((size?.value ?? 0) - TRUTH.impact_requests)).toBeLessThan(100);
  });

  it('holds what was planted over counts with noise, whatever the level', () => {
    const worlds = fc.record({
      level: fc.integer({ min: 0, max: 2_000 }),
      height: fc.double({ min: 2.5, max: 50, noNaN: true }),
      length: fc.integer({ min: 3, max: 40 }),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(worlds, ({ level, height, length, seed }) => {
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
        expect(size?.min).toBeLessThanOrEqual(added * length);
        expect(size?.max).toBeGreaterThanOrEqual(added * length);
      }),
      { numRuns: 200 },
    );
  });
});
