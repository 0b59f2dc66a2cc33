import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import { DEFAULT_POLICY } from '../../../src/core/analysis/policy.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { between } from '../../../src/core/time.ts';
import { API_SERVICE, CHECKOUT_SERVICE, eventOf, incidentFactOf, instant, moment } from '../../support/events.ts';
import { deploymentEvents, errorsAt, GOOD, SAMPLE_COVERAGE, sampleCase } from '../../support/sample-case.ts';
import { eventsBut, find, is, known, openAt } from '../../support/sample-milestones.ts';

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
    expect(mitigated).toMatchObject({ basis: 'observed', rule: 'impact_under_severe', time: moment('14:48', 60_000, 60_000) });
  });
});

describe('recovered', () => {
  it('is the metric’s own return, whenever the incident was closed', () => {
    const late = eventsBut(is('incident.resolved'), eventOf('incident.resolved', '15:59'));
    const { time } = known('recovered', late);
    expect(time).toMatchObject({ at: instant('14:50'), minusMs: 60_000 });
    expect(time.plusMs).toBeLessThan(1000);
  });

  it('of faint errors counts the duration to where a rest of them may have lasted, and is held against a rollback by where it most likely ended', () => {
    const sharp = errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z');
    const series = [{ ...sharp, values: sharp.values.map((value) => (value > 100 ? 60 : value)) }];
    const { milestones, durations } = analyze(sampleCase({ series }));
    const { recovered, impact_started: started } = milestones;
    if (!recovered.known || !started.known) throw new Error('an end is missing');
    expect(recovered.likely).toEqual({ ...recovered.time, plusMs: recovered.likely?.plusMs });
    expect(recovered.likely?.plusMs).toBeLessThan(recovered.time.plusMs);
    expect(durations.time_to_recover).toMatchObject({ span: { maxMs: between(started.time, recovered.time).maxMs } });
    // Rolled back at 14:50:30: after the most likely end, and before the last that is possible.
    const rollback = { id: 1305550299, sha: GOOD, ref: 'v2.3.3', created: '14:46', started: '14:46', done: '14:50:30', task: 'rollback' };
    const events = eventsBut((event) => event.correlationKeys.includes('deployment:acme/api#1305550299'), ...deploymentEvents(rollback));
    const theCase = sampleCase({ series, ...events });
    const draft = compose(theCase, analyze(theCase), [], 'sha256:0');
    expect(JSON.stringify(draft.sections.find(({ key }) => key === 'summary'))).toContain('when the service was normal already');
  });

  it('is not certain yet in a record that was closed before the metric had been normal for long enough, and no time goes on counting', () => {
    // Closed at 14:57, drafted at 15:00: normal since 14:50, for which fifteen minutes are asked.
    const theCase = sampleCase({ ...openAt('15:00'), facts: sampleCase().facts });
    const { milestones, durations } = analyze(theCase);
    expect(milestones.resolved).toMatchObject({ known: true });
    expect(milestones.recovered).toMatchObject({ known: false, why: 'not_yet', notBefore: { at: instant('14:50'), minusMs: 60_000 } });
    expect(milestones.recovered).toMatchObject({ wanted: expect.stringContaining('they have been since 2024-01-15T14:50:00.000Z') });
    // From the latest start, 14:30, to the earliest end, 14:49: what came later is not claimed.
    expect(durations.time_to_recover).toMatchObject({ status: 'running', atLeastMs: 19 * 60_000 });
    const draft = compose(theCase, analyze(theCase), [], 'sha256:0');
    const said = JSON.stringify(draft.sections.find(({ key }) => key === 'summary'));
    expect(said).toContain('was degraded from 14:29 UTC; the metrics have been normal since 14:50, not yet for 15 min.');
    expect(said).not.toContain('no recovery was seen');
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
    const strict = { policy: { ...DEFAULT_POLICY, suspect_score: 0.999 } };
    expect(find('suspect_deployed', strict)).toMatchObject({ known: false, why: 'not_seen' });
  });
});
