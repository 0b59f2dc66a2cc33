import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { MilestoneName } from '../../../src/core/analysis/metrics.ts';
import { DEFAULT_POLICY } from '../../../src/core/analysis/policy.ts';
import { coverageLineOf, eventOf, instant, moment, windowOf } from '../../support/events.ts';
import { alarmOf, errorsAt, SAMPLE_COVERAGE, SAMPLE_EVENTS, sampleCase, TRUTH } from '../../support/sample-case.ts';
import { eventsBut, find, is, known, openAt } from '../../support/sample-milestones.ts';

describe('the sample incident', () => {
  it.each(Object.entries(TRUTH.milestones) as [MilestoneName, string][])('has its %s where it truly was', (name, truth) => {
    const { time, cites } = known(name);
    const at = Date.parse(time.at);
    expect(Date.parse(truth)).toBeGreaterThanOrEqual(at - time.minusMs);
    expect(Date.parse(truth)).toBeLessThan(at + time.plusMs);
    expect(time.at).toBe(instant(new Date(Date.parse(truth)).toISOString()));
    const { timeline } = analyze(sampleCase());
    const ids = timeline
      .flatMap((entry) => [entry.event, ...entry.corroboratedBy, ...('members' in entry ? entry.members : [])])
      .map(({ id }) => id);
    expect(cites.every((id) => ids.includes(id))).toBe(true);
  });
});

describe('impact_started', () => {
  it('is asserted before it is computed, the last assertion first, and what was not taken is kept', () => {
    const said = (at: string, when: string) =>
      eventOf('milestone.asserted', at, {
        key: when,
        knowableAt: instant(when),
        attributes: { milestone: 'impact_started' },
        time: moment(at, 60_000, 60_000),
      });
    const milestone = known(
      'impact_started',
      eventsBut(() => false, said('14:20', '15:00'), said('14:25', '15:10')),
    );
    expect(milestone).toMatchObject({ basis: 'asserted', time: { at: instant('14:25'), minusMs: 60_000 } });
    expect(milestone.others?.map(({ time }) => time.at)).toContain(instant('14:29'));
  });

  it('is not asserted by what was said of another incident', () => {
    const other = eventOf('milestone.asserted', '14:00', { correlationKeys: ['pagerduty/incident:OTHER'] });
    expect(
      known(
        'impact_started',
        eventsBut(() => false, other),
      ).basis,
    ).toBe('inferred');
  });

  it('is observed where the policy names the metric, and then no other series counts', () => {
    const metric = 'AWS/ApplicationELB HTTPCode_Target_5XX_Count';
    const named = { policy: { ...DEFAULT_POLICY, impact_metrics: [{ metric }] } };
    expect(known('impact_started', named)).toMatchObject({ basis: 'observed', time: { at: instant('14:29') } });
    expect(known('recovered', named).basis).toBe('observed');
  });

  it('is inferred from the alarms where of the metrics that the policy names none was read: a typo costs no start', () => {
    const elsewhere = { policy: { ...DEFAULT_POLICY, impact_metrics: [{ metric: 'AWS/Lambda Errors' }] } };
    expect(known('impact_started', elsewhere)).toMatchObject({ basis: 'inferred', time: { at: instant('14:29') } });
  });

  it('is inferred from the alarm that an alert of the incident names, its history being gone', () => {
    expect(
      known(
        'impact_started',
        eventsBut((event) => event.provenance.stream === 'alarm_history'),
      ).time.at,
    ).toBe(instant('14:29'));
  });

  it('is inferred from the record of an alarm that moved, where only its end is left', () => {
    const left = eventsBut(is('alert.fired'));
    expect(known('impact_started', left).time.at).toBe(instant('14:29'));
    expect(known('detected', left).time.at).toBe(instant('14:33'));
  });

  it('is what a status update states where no series can be read', () => {
    const blind = { series: [] };
    expect(known('impact_started', blind)).toMatchObject({
      basis: 'inferred',
      time: { at: instant('14:30'), minusMs: 300_000, plusMs: 300_000 },
    });
    const exact = eventOf('status.published', '14:37', { attributes: { text: 'Errors since 14:31 UTC.' } });
    expect(known('impact_started', { ...blind, ...eventsBut(is('status.published'), exact) }).time).toEqual(moment('14:31', 0, 60_000));
  });

  it('is unknown with nothing to see it in, never the page, and says why', () => {
    const silent = { series: [], ...eventsBut(is('status.published')) };
    expect(find('impact_started', silent)).toEqual({
      known: false,
      why: 'not_seen',
      wanted: 'the start of the errors: no readable series of an alarm that fired',
    });
    const flat = errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z');
    const zeros = { ...silent, series: [{ ...flat, values: flat.values.map(() => 0) }] };
    expect(find('impact_started', zeros)).toMatchObject({
      known: false,
      wanted: expect.stringContaining('every point of the series is zero'),
    });
  });

  it('is not covered where a needed stream has a gap', () => {
    const gap = { window: windowOf('12:33', '16:00'), reason: 'unavailable' as const, detail: 'CloudWatch did not answer' };
    const coverage = SAMPLE_COVERAGE.map((line) =>
      line.stream === 'series' ? { ...line, gaps: [gap], status: 'partial' as const } : line,
    );
    expect(find('impact_started', { series: [], coverage, ...eventsBut(is('status.published')) })).toMatchObject({ why: 'not_covered' });
  });
});

describe('detected', () => {
  it('is the earliest alert or trigger of this case', () => {
    expect(known('detected')).toMatchObject({ time: { at: instant('14:32') }, rule: 'first_alert' });
    expect(known('detected', eventsBut(is('alert.fired', 'alert.resolved')))).toMatchObject({
      time: { at: instant('14:33') },
      rule: 'first_trigger',
    });
  });

  it('is never an alarm of another service, unless our incident names it', () => {
    const theirs = eventOf('alert.fired', '14:31', {
      belongsTo: ['aws-prod/alarm:checkout-Errors'],
      correlationKeys: ['alarm:checkout-Errors'],
    });
    expect(
      known(
        'detected',
        eventsBut(() => false, theirs),
      ).time.at,
    ).toBe(instant('14:32'));
    const naming = eventOf('alert.fired', '14:34', {
      key: 'second',
      source: 'pagerduty',
      stream: 'alerts',
      correlationKeys: ['pagerduty/incident:PABC', 'alarm:checkout-Errors'],
    });
    expect(
      known(
        'detected',
        eventsBut(() => false, theirs, naming),
      ).time.at,
    ).toBe(instant('14:31'));
  });

  it('is no alarm of ours that had come and gone before the incident', () => {
    const flap = { belongsTo: ['aws-prod/alarm:api-Flap'], correlationKeys: ['alarm:api-Flap'] };
    const gone = [eventOf('alert.fired', '13:50', flap), eventOf('alert.resolved', '13:52', flap)];
    expect(
      known(
        'detected',
        eventsBut(() => false, ...gone),
      ).time.at,
    ).toBe(instant('14:32'));
    expect(
      known(
        'detected',
        eventsBut(() => false, ...gone.slice(0, 1)),
      ).time.at,
    ).toBe(instant('13:50'));
  });
});

describe('the response', () => {
  it('pages with the first trigger of the case, not with another incident’s', () => {
    const other = eventOf('incident.triggered', '14:11', {
      correlationKeys: ['pagerduty/incident:OTHER'],
      belongsTo: ['pagerduty/service:PCHK001'],
    });
    expect(
      known(
        'paged',
        eventsBut(() => false, other),
      ).time.at,
    ).toBe(instant('14:33'));
  });

  it('is acknowledged by a person: automation does not count', () => {
    const robot = eventOf('incident.acknowledged', '14:33:05', { actor: { kind: 'automation', name: 'Auto-ack' } });
    expect(
      known(
        'acknowledged',
        eventsBut(() => false, robot),
      ).time.at,
    ).toBe(instant('14:35'));
    expect(find('acknowledged', eventsBut(is('incident.acknowledged'), robot))).toMatchObject({ known: false, why: 'not_seen' });
  });

  it('is communicated with the first status update', () => {
    expect(known('communicated').time.at).toBe(instant('14:37'));
    expect(find('communicated', eventsBut(is('status.published')))).toMatchObject({
      known: false,
      why: 'not_seen',
      wanted: 'a status update',
    });
  });

  it('awaits what may still come while the incident is open', () => {
    const open = openAt('14:44', 'incident.acknowledged', 'status.published');
    for (const name of ['acknowledged', 'communicated', 'reversal_started', 'reversed', 'mitigated', 'recovered', 'resolved'] as const) {
      expect([name, find(name, open)]).toMatchObject([name, { known: false, why: 'not_yet' }]);
    }
    expect(analyze(sampleCase(open)).durations.time_to_recover).toMatchObject({ status: 'running', atLeastMs: 14 * 60_000 });
  });
});

it('a window that never paged has its impact and no page: unseen where a pager was read, else not covered', () => {
  const events = SAMPLE_EVENTS.filter((event) => !event.type.startsWith('incident.') && event.provenance.source !== 'pagerduty');
  const milestonesOf = (...streams: readonly (readonly [string, string])[]) => {
    const coverage = streams.map(([source, stream]) => coverageLineOf(source, stream));
    return analyze(sampleCase({ events, incidents: ['w~20240115T143200Z~20240115T145700Z~api'], facts: [alarmOf()], coverage })).milestones;
  };
  const milestones = milestonesOf(['aws-prod', 'series'], ['pagerduty', 'incidents']);
  expect(milestones.impact_started).toMatchObject({ known: true, time: { at: instant('14:29') } });
  expect(milestones.paged).toMatchObject({ known: false, why: 'not_seen' });
  expect(milestonesOf(['aws-prod', 'series']).paged).toMatchObject({ known: false, why: 'not_covered' });
});
