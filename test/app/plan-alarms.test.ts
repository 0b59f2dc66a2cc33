import { describe, expect, it } from 'vitest';
import { nextAsks } from '../../src/app/plan.ts';
import { combinedAlarms } from '../../src/app/plan-alarms.ts';
import type { PlanRead, PlanState } from '../../src/app/plan-case.ts';
import type { Ask } from '../../src/app/ports.ts';
import { analyze } from '../../src/core/analysis/analyze.ts';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { eventOf, incidentFactOf, instant, moment } from '../support/events.ts';
import { ALARM, alarmOf, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../support/sample-case.ts';

const arnOf = (name: string) => ALARM.slice('alarm:'.length).replace('api-HighErrorRate', name);
const COMPOSITE = `alarm:${arnOf('platform-Degraded')}`;
const CHILD = `alarm:${arnOf('lb-5xx')}`;

const read = (source: string, stream: string, said: Partial<PlanRead>): PlanRead => ({ source, stream, events: [], facts: [], ...said });
const page = read('pagerduty', 'alerts', {
  events: [
    eventOf('alert.fired', '14:33', { source: 'pagerduty', stream: 'alerts', correlationKeys: ['pagerduty/incident:PABC', COMPOSITE] }),
  ],
});
const moved = (alarm: string, at: string) =>
  eventOf('alert.fired', at, { key: `${alarm}@${at}`, belongsTo: [`aws-prod/alarm:${alarm.split(':').at(-1)}`], correlationKeys: [alarm] });
const composite = alarmOf({
  key: COMPOSITE,
  comparison: 'rule',
  periodMs: 0,
  seriesKeys: [],
  watches: [CHILD, `alarm:${arnOf('lb-latency')}`],
});
const childRule = alarmOf({ key: CHILD, heldFrom: instant('2023-11-06T09:00:00Z') });

function stateOf(reads: readonly PlanRead[], asked: readonly Ask[] = []): PlanState {
  return {
    select: { kind: 'incident', keys: ['pagerduty/incident:PABC'] },
    until: instant('16:00'),
    related: true,
    policy: DEFAULT_POLICY,
    services: [],
    sources: [
      { name: 'aws-prod', streams: ['alarms', 'alarm_history', 'series'] },
      { name: 'pagerduty', streams: ['incidents', 'log_entries', 'alerts'] },
    ],
    alarmSources: Object.fromEntries(['platform-Degraded', 'lb-5xx', 'lb-latency'].map((name) => [arnOf(name), 'aws-prod'])),
    asked,
    read: [read('pagerduty', 'incidents', { facts: [incidentFactOf()] }), page, ...reads],
  };
}
const asksOf = (state: PlanState, stream: string) => nextAsks(state).filter((ask) => ask.stream === stream);

describe('a page of a composite alarm', () => {
  const known = read('aws-prod', 'alarms', { facts: [composite] });
  const history = read('aws-prod', 'alarm_history', { events: [moved(CHILD, '14:32')] });

  it('names the alarms that it combines, and what those combine, once and without end', () => {
    expect(combinedAlarms([page, known])).toEqual([arnOf('lb-5xx'), arnOf('lb-latency')]);
    const circle = alarmOf({ key: CHILD, watches: [COMPOSITE, CHILD] });
    expect(combinedAlarms([page, known, read('aws-prod', 'alarms', { facts: [circle] })])).toEqual([arnOf('lb-5xx'), arnOf('lb-latency')]);
    expect(combinedAlarms([page])).toEqual([]);
  });

  it('asks for those by name, and for the series of the one that moved', () => {
    expect(asksOf(stateOf([known, history]), 'alarms').flatMap(({ keys }) => keys)).toEqual([CHILD, `alarm:${arnOf('lb-latency')}`]);
    const quiet = alarmOf({ key: `alarm:${arnOf('lb-latency')}`, seriesKeys: ['aws-prod/metric:AWS/ELB/Latency#Average'] });
    const both = stateOf([known, history, read('aws-prod', 'alarms', { facts: [childRule, quiet] })]);
    expect(new Set(asksOf(both, 'series').flatMap(({ keys }) => keys.map((key) => key.split('@')[0])))).toEqual(
      new Set(childRule.seriesKeys),
    );
  });

  it('is about the service whose metric the combined alarm watches: the onset is found there', () => {
    const events = SAMPLE_EVENTS.filter(({ type }) => type !== 'alert.fired');
    const paged = eventOf('alert.fired', '14:33', {
      belongsTo: [],
      correlationKeys: ['pagerduty/incident:PABC', COMPOSITE],
      time: moment('14:33'),
    });
    const fired = { ...moved(CHILD, '14:32'), belongsTo: ['aws-prod/alarm:lb-5xx'] };
    const facts = [...SAMPLE_FACTS.filter(({ kind }) => kind !== 'alarm'), composite, childRule];
    const startWith = (given: typeof facts) =>
      analyze(sampleCase({ events: [...events, paged, fired], facts: given })).milestones.impact_started;
    expect(startWith(facts)).toMatchObject({ known: true, time: { at: instant('14:29') }, rule: 'onset_of_the_series_of_an_alarm' });
    const { watches: _, ...alone } = composite;
    expect(startWith([...facts.filter(({ key }) => key !== COMPOSITE), alone])).toMatchObject({ rule: 'start_stated_in_a_status_update' });
  });
});

describe('an alarm whose record is of a later edit', () => {
  const named = read('pagerduty', 'log_entries', {
    events: [eventOf('alert.fired', '14:33', { source: 'pagerduty', stream: 'log_entries', correlationKeys: [ALARM] })],
  });
  const rulesAsked = (heldFrom: string, more: readonly PlanRead[] = []) =>
    asksOf(
      stateOf([named, read('aws-prod', 'alarms', { facts: [alarmOf({ heldFrom: instant(heldFrom) })] }), ...more]),
      'alarm_history',
    ).flatMap(({ keys }) => keys);

  it('is asked for its edits; one that stood when the window began is not, nor one whose rule of then is known', () => {
    expect(rulesAsked('15:10')).toEqual([ALARM]);
    expect(rulesAsked('2024-01-14T00:00:00Z')).toEqual([]);
    const before = read('aws-prod', 'alarm_history', { facts: [alarmOf({ heldFrom: instant('2024-01-10T00:00:00Z') })] });
    expect(rulesAsked('15:10', [before])).toEqual([]);
  });

  it('is asked for the counts that its expression is computed from, around the incident and not over the weeks before', () => {
    const share = alarmOf({ seriesKeys: ['aws-prod/math:[]#e1'], operandKeys: ['aws-prod/metric:N/All#Sum'] });
    const asks = asksOf(stateOf([named, read('aws-prod', 'alarms', { facts: [share] })]), 'series');
    expect(asks.map(({ keys }) => keys)).toEqual([['aws-prod/math:[]#e1@300'], ['aws-prod/math:[]#e1@60', 'aws-prod/metric:N/All#Sum@60']]);
  });

  it('of five minutes is asked for by the minute, too, as far as that is kept: an expression only at its own', () => {
    const [metric, share] = ['aws-prod/metric:N/M#Average', 'aws-prod/math:[]#e1'];
    const asked = (rules: readonly ReturnType<typeof alarmOf>[]) =>
      asksOf(stateOf([named, read('aws-prod', 'alarms', { facts: rules })]), 'series').map(({ keys }) => keys);
    const five = alarmOf({ periodMs: 300_000, seriesKeys: [metric, share] });
    expect(asked([five])).toEqual([
      [`${share}@300`, `${metric}@300`],
      [`${share}@300`, `${metric}@300`, `${metric}@60?`],
    ]);
    expect(asked([alarmOf({ seriesKeys: [metric] })])).toEqual([[`${metric}@300`], [`${metric}@60`]]);
    // An edit that looks at minutes needs them anyway.
    const [before, after] = [instant('2024-01-02T00:00:00Z'), instant('14:50')];
    const both = asked([{ ...five, heldFrom: before }, alarmOf({ heldFrom: after, seriesKeys: [metric] })]);
    expect(both.flat()).toContain(`${metric}@60`);
    expect(both.flat()).not.toContain(`${metric}@60?`);
  });

  it('is asked for the metric of each rule that held in the window, and of no other', () => {
    const rules = (['2024-01-02T00:00:00Z', '2024-01-10T00:00:00Z', '14:50', '2024-01-20T00:00:00Z'] as const).map((since, index) =>
      alarmOf({ heldFrom: instant(since), seriesKeys: [`aws-prod/metric:N/M${index}#Sum`] }),
    );
    const keys = asksOf(stateOf([named, read('aws-prod', 'alarm_history', { facts: rules })]), 'series').flatMap((ask) => ask.keys);
    expect(new Set(keys.map((key) => key.split('#')[0]))).toEqual(new Set(['aws-prod/metric:N/M1', 'aws-prod/metric:N/M2']));
  });
});
