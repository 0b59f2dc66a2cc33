import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Milestone, MilestoneName } from '../../../src/core/analysis/metrics.ts';
import type { Case } from '../../../src/core/case.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { eventOf, instant, moment } from '../../support/events.ts';
import { ALARM, alarmOf, ERRORS, errorsAt, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

function find(name: MilestoneName, overrides: Partial<Case> = {}): Milestone {
  return analyze(sampleCase(overrides)).milestones[name];
}

function known(name: MilestoneName, overrides: Partial<Case> = {}) {
  const milestone = find(name, overrides);
  if (!milestone.known) throw new Error(`${name}: ${milestone.why}, ${milestone.wanted}`);
  return milestone;
}

/** The sample without some of its events, and with others. */
function eventsBut(drop: (event: RecordedEvent) => boolean, ...added: readonly RecordedEvent[]): Pick<Case, 'events'> {
  return { events: [...SAMPLE_EVENTS.filter((event) => !drop(event)), ...added] };
}
describe('two alarms', () => {
  it('start the impact with the earlier of their series, and end it with the later', () => {
    const latency = 'aws-prod/metric:AWS/ApplicationELB/TargetResponseTime?LoadBalancer=app%2Fapi#Average';
    const shift = (series: ReturnType<typeof errorsAt>, minutes: number) => ({
      ...series,
      key: latency,
      metric: 'TargetResponseTime',
      startsMs: series.startsMs.map((at) => at + minutes * 60_000),
    });
    const errors = errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z');
    const second = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighLatency';
    const fired = eventOf('alert.fired', '14:30', {
      belongsTo: ['aws-prod/alarm:api-HighLatency'],
      correlationKeys: [second],
      time: moment('14:30', 0, 1),
    });
    const both = {
      ...eventsBut(() => false, fired),
      facts: [...SAMPLE_FACTS, alarmOf({ key: second, seriesKeys: [latency] })],
      series: [errors, shift(errors, -4)],
    };
    expect(known('impact_started', both).time.at).toBe(instant('14:25'));
    expect(known('recovered', both)).toMatchObject({ time: { at: instant('14:50') } });
    expect(known('recovered', both).cites).toHaveLength(2);
    expect(analyze(sampleCase(both)).timeline.filter(({ event }) => event.type === 'metric.breached')).toHaveLength(2);
  });

  it('on one metric are one series', () => {
    const second = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-Errors';
    const fired = eventOf('alert.fired', '14:31', {
      belongsTo: ['aws-prod/alarm:api-Errors'],
      correlationKeys: [second],
      time: moment('14:31', 0, 1),
    });
    const both = { ...eventsBut(() => false, fired), facts: [...SAMPLE_FACTS, alarmOf({ key: second })] };
    const breached = analyze(sampleCase(both)).timeline.filter(({ event }) => event.type === 'metric.breached');
    expect(breached.map(({ event }) => event.correlationKeys)).toEqual([[second]]);
  });
});

it('the derived events carry what the alarm and the series say', () => {
  const { timeline } = analyze(sampleCase());
  const derived = timeline.map(({ event }) => event).filter(({ type }) => type === 'metric.breached' || type === 'metric.recovered');
  expect(derived).toMatchObject([
    {
      id: `derived/onset/${ERRORS}#metric.breached`,
      knowableAt: instant('14:30'),
      correlationKeys: [ALARM],
      belongsTo: expect.arrayContaining(['aws-prod/alarm:api-HighErrorRate']),
      attributes: { 'metric.name': 'HTTPCode_Target_5XX_Count', 'metric.threshold': 100 },
      provenance: { rule: 'onset' },
    },
    { id: `derived/recovery/${ERRORS}#metric.recovered`, knowableAt: instant('14:51') },
  ]);
  expect(timeline.filter(({ event }) => event.type.startsWith('metric.')).map(({ belongs }) => belongs)).toEqual([
    { service: 'api' },
    { service: 'api' },
  ]);
});
