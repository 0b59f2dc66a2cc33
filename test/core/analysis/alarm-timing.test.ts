import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Case } from '../../../src/core/case.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { eventOf, instant, moment } from '../../support/events.ts';
import { ALARM, alarmOf, ERRORS, errorsAt, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

const OTHERS = SAMPLE_EVENTS.filter(({ type, correlationKeys }) => type !== 'alert.fired' || !correlationKeys.includes(ALARM));
const MINUTE = 60_000;

/** The sample with its alarm firing at another time, and another rule. */
function slow(at: string, rule: Parameters<typeof alarmOf>[0] = {}, more: Partial<Case> = {}, extra: readonly RecordedEvent[] = []) {
  const fired = eventOf('alert.fired', at, { time: moment(at, 0, 1), timeMeaning: 'occurred' });
  const facts = [...SAMPLE_FACTS.filter(({ kind }) => kind !== 'alarm'), alarmOf(rule)];
  const theCase = sampleCase({ events: [...OTHERS, ...extra, fired], facts, ...more });
  return { fired, found: analyze(theCase).findings.filter(({ code }) => code === 'alarm_slow') };
}

describe('an alarm that fired later than its data allowed', () => {
  it('is found, with the time from the end of the period that met its rule, and cites both', () => {
    // Two periods of one minute from 14:29 on: met at 14:31, and evaluated within the minute.
    const { fired, found } = slow('14:40');
    expect(found).toMatchObject([{ subject: 'api-HighErrorRate', span: { ms: 9 * MINUTE, minMs: 8 * MINUTE, maxMs: 9 * MINUTE + 1 } }]);
    expect(found[0]?.cites[0]).toEqual({ event: fired.id });
    expect(found[0]?.cites[1]).toEqual({ event: `derived/onset/${ERRORS}#metric.breached` });
  });

  it('is not found where it fired within the minutes that values take to arrive', () => {
    expect(slow('14:32').found).toEqual([]);
    expect(slow('14:34:30').found).toEqual([]);
  });

  it('is judged by its own M of N', () => {
    expect(slow('14:40', { breaching: 9, outOf: 10 }).found).toEqual([]);
    expect(slow('14:40', { breaching: 3, outOf: 10 }).found).toMatchObject([{ span: { ms: 8 * MINUTE } }]);
  });

  it('is bounded by the minutes at which a longer period may slide', () => {
    const series = [errorsAt(300, '2024-01-14T14:30:00Z', '2024-01-15T16:00:00Z')];
    const { found } = slow('14:48', { periodMs: 300_000, breaching: 1, outOf: 1, threshold: 500 }, { series });
    // The five minutes from 14:25 on met it, perhaps already as they were seen at 14:26, and at 14:31 at the latest.
    expect(found).toMatchObject([{ span: { minMs: 17 * MINUTE, maxMs: 22 * MINUTE + 1 } }]);
  });

  it('cannot be told where its periods are no longer kept, or its rule of then is not known', () => {
    const series = [errorsAt(300, '2024-01-14T14:30:00Z', '2024-01-15T16:00:00Z')];
    expect(slow('14:40', {}, { series }).found).toEqual([]);
    expect(slow('14:40', { heldFrom: instant('15:10') }).found).toEqual([]);
    expect(slow('14:40', { heldFrom: instant('14:35') }).found).toEqual([]);
    expect(slow('14:40', { heldFrom: instant('14:20') }).found).toHaveLength(1);
  });

  it('counts from the end of an earlier alarm, in which it could not fire again', () => {
    const earlier = [
      eventOf('alert.fired', '12:00', { key: 'e', time: moment('12:00', 0, 1) }),
      eventOf('alert.resolved', '14:35:30', { key: 'e', time: moment('14:35:30', 0, 1) }),
    ];
    // The periods of 14:36 and 14:37 are the first two that it could count.
    expect(slow('14:44', {}, {}, earlier).found).toMatchObject([{ span: { ms: 6 * MINUTE } }]);
  });

  it("cannot be told from a pager's stamp of it", () => {
    const alert = eventOf('alert.fired', '14:40', {
      source: 'pagerduty',
      stream: 'alerts',
      correlationKeys: ['pagerduty/incident:PABC', ALARM],
    });
    const findings = analyze(sampleCase({ events: [...OTHERS, alert] })).findings;
    expect(findings.filter(({ code }) => code === 'alarm_slow')).toEqual([]);
  });
});
