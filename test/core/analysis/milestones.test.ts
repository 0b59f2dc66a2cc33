import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Milestone, MilestoneName } from '../../../src/core/analysis/metrics.ts';
import { DEFAULT_POLICY } from '../../../src/core/analysis/policy.ts';
import type { Case } from '../../../src/core/case.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import {
  API_SERVICE,
  CHECKOUT_SERVICE,
  coverageLineOf,
  eventOf,
  incidentFactOf,
  instant,
  moment,
  WINDOWS,
  windowOf,
} from '../../support/events.ts';
import {
  ALARM,
  alarmOf,
  deploymentEvents,
  ERRORS,
  errorsAt,
  SAMPLE_COVERAGE,
  SAMPLE_EVENTS,
  SAMPLE_FACTS,
  sampleCase,
  TRUTH,
} from '../../support/sample-case.ts';

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
const is =
  (...types: readonly RecordedEvent['type'][]) =>
  (event: RecordedEvent) =>
    types.includes(event.type);

/** The sample as it stood while it was open. */
function openAt(at: string, ...dropped: readonly RecordedEvent['type'][]): Partial<Case> {
  const now = instant(at);
  return {
    now,
    windows: { ...WINDOWS, incident: windowOf('12:33', at) },
    events: SAMPLE_EVENTS.filter((event) => event.time.at < now && !dropped.includes(event.type)),
    series: [errorsAt(60, '2024-01-14T14:33:00Z', `2024-01-15T${at}:00Z`)],
  };
}

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
    const elsewhere = { policy: { ...DEFAULT_POLICY, impact_metrics: [{ metric: 'AWS/Lambda Errors' }] } };
    expect(find('impact_started', elsewhere)).toMatchObject({ known: true, rule: 'start_stated_in_a_status_update' });
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

describe('the reversal', () => {
  it('is the one that takes back the first suspect, though another began before it', () => {
    const worker = (id: number, sha: string, created: string, done: string) =>
      deploymentEvents({ id, sha, ref: sha, created, started: created, done, repository: 'acme/worker' });
    const others = [
      ...worker(1, 'w1', '2024-01-14T10:00:00Z', '2024-01-14T10:05:00Z'),
      ...worker(2, 'w2', '10:00', '10:05'),
      ...worker(3, 'w1', '14:40', '14:42'),
    ];
    const services = [{ ...API_SERVICE, owns: [...API_SERVICE.owns, 'github/repo:acme/worker@production'] }, CHECKOUT_SERVICE];
    const two = { services, ...eventsBut(() => false, ...others) };
    expect(analyze(sampleCase(two)).changes.filter(({ reverses }) => reverses !== undefined)).toHaveLength(2);
    expect(known('reversal_started', two).time.at).toBe(instant('14:45'));
    expect(known('reversed', two)).toMatchObject({ time: { at: instant('14:47') }, basis: 'observed' });
  });

  it('has begun and not ended while it runs', () => {
    const open = openAt('14:46');
    expect(known('reversal_started', open).time.at).toBe(instant('14:45'));
    expect(find('reversed', open)).toMatchObject({ known: false, why: 'not_yet' });
  });

  it('is not seen where nothing was taken back, and not covered where deployments could not be read', () => {
    const rollback = (event: RecordedEvent) => event.correlationKeys.includes('deployment:acme/api#1305550299');
    expect(find('reversed', eventsBut(rollback))).toMatchObject({ known: false, why: 'not_seen' });
    const coverage = SAMPLE_COVERAGE.map((line) => (line.source === 'github' ? { ...line, status: 'failed' as const } : line));
    expect(find('reversed', { ...eventsBut(rollback), coverage })).toMatchObject({ known: false, why: 'not_covered' });
  });
});

describe('mitigated', () => {
  it('is the end of the reversal after which the errors fell, asserted before that', () => {
    expect(known('mitigated')).toMatchObject({ time: { at: instant('14:47') }, basis: 'inferred', rule: 'impact_halved_after_a_reversal' });
    const said = eventOf('milestone.asserted', '14:46', { attributes: { milestone: 'mitigated' } });
    expect(
      known(
        'mitigated',
        eventsBut(() => false, said),
      ),
    ).toMatchObject({ basis: 'asserted', time: { at: instant('14:46') } });
  });

  it('is never the closing of the incident', () => {
    const rollback = (event: RecordedEvent) => event.correlationKeys.includes('deployment:acme/api#1305550299');
    expect(find('mitigated', eventsBut(rollback))).toMatchObject({ known: false, why: 'not_seen' });
  });

  it('is the impact under what the policy calls severe, where nothing was reversed', () => {
    const rollback = (event: RecordedEvent) => event.correlationKeys.includes('deployment:acme/api#1305550299');
    const impact_metrics = [{ metric: 'AWS/ApplicationELB HTTPCode_Target_5XX_Count', severe: 3_000 }];
    const mitigated = known('mitigated', { ...eventsBut(rollback), policy: { ...DEFAULT_POLICY, impact_metrics } });
    expect(mitigated).toMatchObject({ basis: 'observed', rule: 'impact_under_severe', time: moment('14:48', 60_000, 1) });
  });
});

describe('recovered', () => {
  it('is the metric’s own return, whenever the incident was closed', () => {
    const late = eventsBut(is('incident.resolved'), eventOf('incident.resolved', '15:59'));
    expect(known('recovered', late).time).toEqual(moment('14:50', 60_000, 1));
  });

  it('is unknown where the data end before it was stable, and where no series shows the impact', () => {
    const early = { series: [errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T15:00:00Z')] };
    expect(find('recovered', early)).toMatchObject({ known: false, why: 'not_seen', wanted: expect.stringContaining('15m') });
    expect(find('recovered', { series: [] })).toMatchObject({ known: false, wanted: expect.stringContaining('no series') });
  });
});

describe('resolved', () => {
  it('is the last closing, if no reopening and no open incident of the case is left', () => {
    const reopened = eventOf('incident.reopened', '14:58');
    const again = eventOf('incident.resolved', '15:20');
    expect(
      known(
        'resolved',
        eventsBut(() => false, reopened, again),
      ).time.at,
    ).toBe(instant('15:20'));
    expect(
      find(
        'resolved',
        eventsBut(() => false, reopened),
      ),
    ).toMatchObject({ known: false, why: 'not_yet' });
    const second = eventOf('incident.triggered', '14:34', {
      key: 'second',
      correlationKeys: ['pagerduty/incident:PDEF'],
      attributes: { 'incident.id': 'PDEF' },
    });
    const incidents = ['pagerduty/incident:PABC', 'pagerduty/incident:PDEF'] as const;
    expect(find('resolved', { incidents, ...eventsBut(() => false, second) })).toMatchObject({ known: false, why: 'not_yet' });
  });

  it('is no merge, and is not there for an incident whose record says it is open', () => {
    const merged = eventOf('incident.merged', '14:40');
    expect(find('resolved', eventsBut(is('incident.resolved'), merged))).toMatchObject({ known: false });
    const bare = { events: [], series: [], facts: [incidentFactOf({ status: 'open' })] };
    expect(find('resolved', bare)).toMatchObject({ known: false, why: 'not_yet' });
  });
});

describe('suspect_deployed', () => {
  it('is the end of the first suspect if it passes the policy’s score', () => {
    expect(known('suspect_deployed').time.at).toBe(instant('14:15'));
    const strict = { policy: { ...DEFAULT_POLICY, suspect_score: 0.99 } };
    expect(find('suspect_deployed', strict)).toMatchObject({ known: false, why: 'not_seen' });
  });
});

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

it('a window that never paged has its impact and no page', () => {
  const events = SAMPLE_EVENTS.filter((event) => !event.type.startsWith('incident.') && event.provenance.source !== 'pagerduty');
  const milestones = analyze(
    sampleCase({
      events,
      incidents: ['w~20240115T143200Z~20240115T145700Z~api'],
      facts: [alarmOf()],
      coverage: [coverageLineOf('aws-prod', 'series')],
    }),
  ).milestones;
  expect(milestones.impact_started).toMatchObject({ known: true, time: { at: instant('14:29') } });
  expect(milestones.paged).toMatchObject({ known: false, why: 'not_seen' });
});
