import type { Analysis } from '../../../src/core/analysis/analyze.ts';
import type { Change } from '../../../src/core/analysis/changes.ts';
import { METRICS, type Milestone, type Milestones, measure } from '../../../src/core/analysis/metrics.ts';
import type { Suspect } from '../../../src/core/analysis/suspects.ts';
import type { Case } from '../../../src/core/case.ts';
import type { RecordedEvent, TimelineEvent } from '../../../src/core/events.ts';
import type { Instant, Moment } from '../../../src/core/time.ts';
import { mergeTimeline } from '../../../src/core/timeline/merge.ts';
import { caseOf, coverageLineOf, eventOf, evidenceIdOf, factOf, incidentFactOf, instant, moment, seriesOf } from '../../support/events.ts';

const V233 = 'dac31aa679972c25586112cb48db232900b291a4';
const V234 = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
const FIX = 'a10c94a3e3978fa575d85fa39929a916ca2418c8';
const ONCALL = { kind: 'person', id: 'pagerduty:user:PJANED1', name: 'primary on-call' } as const;
const DBA = { kind: 'person', id: 'pagerduty:user:PJSMITH', name: 'database on-call' } as const;
export const SERIES_KEY = 'aws-prod/metric:AWS/ApplicationELB/HTTPCode_Target_5XX_Count?LoadBalancer=app%2Fapi#Sum';
const DEPLOYS = 'https://github.com/acme/api/deployments/production';

function deployment(type: 'deployment.started' | 'deployment.succeeded', at: string, id: string, sha: string, name: string) {
  return eventOf(type, at, {
    key: `${id}-${type}`,
    url: DEPLOYS,
    attributes: { 'deployment.id': id, 'vcs.ref.head.revision': sha, 'vcs.ref.head.name': name },
    correlationKeys: [`deployment:acme/api#${id}`, `sha:${sha}`],
  });
}

function note(at: string, text: string, actor: typeof ONCALL | typeof DBA = ONCALL) {
  return eventOf('note.added', at, { key: `note-${at}`, actor, attributes: { text } });
}

function status(at: string, state: 'investigating' | 'identified' | 'monitoring' | 'resolved', text: string) {
  return eventOf('status.published', at, { key: `status-${at}`, actor: ONCALL, attributes: { state, text } });
}

const E = {
  deployStarted: deployment('deployment.started', '14:12:04', '1305550234', V234, 'v2.3.4'),
  deployed: deployment('deployment.succeeded', '14:15', '1305550234', V234, 'v2.3.4'),
  breached: eventOf('metric.breached', '14:29', {
    correlationKeys: ['alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate'],
    key: SERIES_KEY,
    time: moment('14:29', 0, 60_000),
    evidence: evidenceIdOf('series'),
    attributes: { 'metric.name': 'HTTPCode_Target_5XX_Count', 'metric.value': 484, 'metric.threshold': 100 },
  }),
  fired: eventOf('alert.fired', '14:32', {
    time: moment('14:32', 0, 1),
    url: 'https://console.aws.amazon.com/cloudwatch/alarm/api-HighErrorRate',
  }),
  triggered: eventOf('incident.triggered', '14:33', {
    actor: { kind: 'automation', name: 'CloudWatch' },
    url: 'https://acme.pagerduty.com/incidents/PABC',
  }),
  acknowledged: eventOf('incident.acknowledged', '14:35', { actor: ONCALL }),
  firstPost: status('14:37', 'investigating', 'Investigating: the API is answering most requests with errors since about 14:30 UTC.'),
  rollbackStarted: deployment('deployment.started', '14:45', '1305550299', V233, 'v2.3.3'),
  rolledBack: deployment('deployment.succeeded', '14:47', '1305550299', V233, 'v2.3.3'),
  recovered: eventOf('metric.recovered', '14:50', {
    key: SERIES_KEY,
    time: moment('14:50', 60_000, 0),
    evidence: evidenceIdOf('series'),
    attributes: { 'metric.name': 'HTTPCode_Target_5XX_Count', 'metric.value': 5, 'metric.threshold': 100 },
  }),
  resolved: eventOf('incident.resolved', '14:57', { actor: ONCALL }),
};

export const RECORDED: readonly RecordedEvent[] = [
  E.deployStarted,
  E.deployed,
  E.fired,
  E.triggered,
  eventOf('incident.reassigned', '14:33', { key: 'assign', attributes: { 'responder.name': 'primary on-call' } }),
  eventOf('responder.notified', '14:33:01', { attributes: { 'responder.name': 'primary on-call' } }),
  eventOf('responder.notified', '14:33:04', { attributes: { 'responder.name': 'primary on-call' } }),
  E.acknowledged,
  eventOf('responder.requested', '14:36', { actor: ONCALL }),
  E.firstPost,
  note('14:38', 'Identified: the database connection pool is at 100% (200 of 200 connections in use).'),
  note('14:40', 'Killed the long-running queries together with primary on-call: no effect, the pool fills up again within seconds.', DBA),
  status('14:42', 'identified', 'Identified: database connections are exhausted. We are preparing a rollback.'),
  note('14:43', 'Decision: roll back to v2.3.3. Connections started to climb after v2.3.4.'),
  E.rollbackStarted,
  E.rolledBack,
  status('14:47:00', 'monitoring', 'Monitoring: the rollback is complete and connections are dropping.'),
  eventOf('alert.resolved', '14:52', {
    timeMeaning: 'occurred',
    time: moment('14:52', 0, 1),
    url: 'https://console.aws.amazon.com/cloudwatch/alarm/api-HighErrorRate',
  }),
  status('14:52:00', 'monitoring', 'Monitoring: error rates are back to normal, we keep watching.'),
  E.resolved,
  status('14:57:30', 'resolved', 'Resolved: all systems have recovered.'),
  note('15:30', 'Post-mortem review scheduled for 17 January, 10:00 UTC.'),
  eventOf('change.merged', '13:31:52', { key: '1234', attributes: { 'vcs.change.id': '1234' } }),
  eventOf('change.merged', '15:21:40', {
    key: '1235',
    evidence: evidenceIdOf('github/pull:acme/api#1235'),
    attributes: { 'vcs.change.id': '1235', 'vcs.ref.head.revision': FIX },
    correlationKeys: [`sha:${FIX}`],
  }),
  eventOf('alert.fired', '14:10', {
    key: 'checkout',
    belongsTo: ['aws-prod/alarm:checkout-HighLatency'],
    correlationKeys: ['alarm:checkout'],
    attributes: { 'alert.rule': 'checkout-HighLatency' },
  }),
];

const PATCH = [
  '@@ -1,9 +1,14 @@',
  "-import { prisma } from '../database';",
  "+import { pool } from '../database';",
  '+  const client = await pool.connect();',
].join('\n');

const COVERAGE = [
  coverageLineOf('pagerduty', 'incidents'),
  coverageLineOf('pagerduty', 'log_entries', { records: 19 }),
  coverageLineOf('pagerduty', 'past_incidents', { need: 'extra', records: 2 }),
  coverageLineOf('aws-prod', 'alarm_history', { records: 2 }),
  coverageLineOf('aws-prod', 'series', { records: 5, resolutionMs: { asked: 60_000, got: 60_000 } }),
  coverageLineOf('github', 'deployments', { records: 3 }),
  coverageLineOf('github', 'changes', { records: 3, need: 'extra' }),
];

/** The sample incident as a case, closed and read at 16:00. Built by hand: the analysis has tests of its own. */
export function sampleCase(overrides: Partial<Case> = {}): Case {
  const values = Array.from({ length: 120 }, (_, minute) => {
    const isNormal = minute < 29 || minute >= 50;
    return isNormal ? 4 + (minute % 3) : Math.min(7340, 480 + (minute - 29) * 1900);
  });
  return caseOf({
    events: RECORDED,
    series: [seriesOf(SERIES_KEY, 60_000, '14:00', values, { evidence: [evidenceIdOf('series')] })],
    facts: [
      incidentFactOf(),
      factOf({
        kind: 'change',
        key: 'github/pull:acme/api#1234',
        number: 1234,
        title: 'Cache user profiles in the profile endpoint',
        url: 'https://github.com/acme/api/pull/1234',
        revisions: [V234],
      }),
      factOf({
        kind: 'change',
        key: 'github/pull:acme/api#1235',
        number: 1235,
        title: 'Fix connection leak in user profile endpoint',
        url: 'https://github.com/acme/api/pull/1235',
        revisions: [FIX],
        mergedAt: instant('15:21:40'),
        mentions: [1234],
        files: [{ path: 'src/routes/user-profile.ts', patch: '@@ -5,8 +5,12 @@\n+  } finally {\n+    client.release();\n+  }' }],
      }),
      factOf({
        kind: 'comparison',
        key: `github/compare:acme/api#${V233}...${V234}`,
        base: V233,
        head: V234,
        status: 'ahead',
        commits: [V234],
        files: [
          { path: 'src/routes/user-profile.ts', patch: PATCH },
          { path: 'src/cache.ts', patch: '@@ -0,0 +1,1 @@\n+export const profiles = new TimedMap<string, unknown>();' },
        ],
        filesCut: false,
      }),
      factOf({
        kind: 'related',
        key: 'pagerduty/incident:Q0CPU',
        of: 'pagerduty/incident:PABC',
        why: 'PagerDuty lists it as similar, score 46.8',
        title: 'Database CPU spike, connection pool saturated',
        number: 4512,
        url: 'https://acme.pagerduty.com/incidents/Q0CPU',
        startedAt: instant('2023-11-20T09:12:00Z'),
      }),
      factOf({ kind: 'reference', key: 'pagerduty/incident:PABC', metric: 'seconds_to_resolve', seconds: 1440 }),
    ],
    coverage: COVERAGE,
    draft: { authors: [], code: 'patch', template: null },
    ...overrides,
  });
}

export const CHANGES: readonly Change[] = [
  {
    key: 'github/deployment:DE_234',
    kind: 'deployment',
    belongs: { service: 'api' },
    began: moment('14:12:04'),
    ended: moment('14:15'),
    outcome: 'succeeded',
    environment: 'production',
    revision: { from: V233, to: V234 },
    pullRequests: [{ number: 1234, title: 'Cache user profiles in the profile endpoint', url: 'https://github.com/acme/api/pull/1234' }],
    files: ['src/routes/user-profile.ts', 'src/cache.ts'],
    cites: [{ event: E.deployStarted.id }, { event: E.deployed.id }],
  },
  {
    key: 'github/deployment:DE_233',
    kind: 'deployment',
    belongs: { service: 'api' },
    began: moment('14:45'),
    ended: moment('14:47'),
    outcome: 'succeeded',
    environment: 'production',
    revision: { from: V234, to: V233 },
    pullRequests: [],
    files: [],
    reverses: 'github/deployment:DE_234',
    cites: [{ event: E.rollbackStarted.id }, { event: E.rolledBack.id }],
  },
];

export const SUSPECTS: readonly Suspect[] = [
  {
    change: 'github/deployment:DE_234',
    score: 0.978,
    reasons: [
      { code: 'finished_before_impact', weight: 1, cites: [{ event: E.deployed.id }, { event: E.breached.id }] },
      { code: 'same_service', weight: 1.5, cites: [{ event: E.deployed.id }] },
      { code: 'reversed_then_recovered', weight: 2.8, cites: [{ event: E.rolledBack.id }, { event: E.recovered.id }] },
    ],
  },
];

function at(event: TimelineEvent, time: Moment = event.time): Milestone {
  return { known: true, time, basis: event.type === 'metric.breached' ? 'inferred' : 'observed', rule: 'test', cites: [event.id] };
}

export const MILESTONES: Milestones = {
  suspect_deployed: at(E.deployed),
  impact_started: at(E.breached),
  detected: at(E.fired),
  paged: at(E.triggered),
  acknowledged: at(E.acknowledged),
  communicated: at(E.firstPost),
  reversal_started: at(E.rollbackStarted),
  reversed: at(E.rolledBack),
  mitigated: at(E.rolledBack),
  recovered: at(E.recovered),
  resolved: at(E.resolved),
};

/** The durations that `METRICS` gives for milestones: the only way in which a test may come by one. */
export function durationsOf(milestones: Milestones, now: Instant): Analysis['durations'] {
  const entries = Object.keys(METRICS).map((name) => [name, measure(name as keyof typeof METRICS, milestones, now)]);
  return Object.fromEntries(entries) as Analysis['durations'];
}

/** What the analysis says of the sample, with milestones taken out or replaced where a test asks. */
export function sampleAnalysis(theCase: Case, overrides: Partial<Analysis> = {}, milestones: Partial<Milestones> = {}): Analysis {
  const all = { ...MILESTONES, ...milestones };
  return {
    timeline: mergeTimeline([...theCase.events, ...derived(all)], theCase),
    milestones: all,
    durations: durationsOf(all, theCase.now),
    phases: [],
    changes: CHANGES,
    suspects: SUSPECTS,
    suspectVerdict: 'suspect',
    running: [{ service: 'api', revision: 'v2.3.4', ageMs: 840_000, cites: [{ event: E.deployStarted.id }, { event: E.deployed.id }] }],
    impactSeries: [],
    impactSize: {
      key: 'aws-prod/metric:errors',
      metric: 'HTTPCode_Target_5XX_Count',
      value: 125013,
      min: 121402,
      max: 128941,
      unit: 'errors',
      cites: [{ evidence: evidenceIdOf('series') }],
    },
    clocks: [],
    findings: [],
    coverage: theCase.coverage,
    ...overrides,
  };
}

function derived({ impact_started: start, recovered }: Milestones): readonly TimelineEvent[] {
  return [...(start.known ? [E.breached] : []), ...(recovered.known ? [E.recovered] : [])];
}

/** A milestone that the record does not hold. */
export function unknown(why: 'not_yet' | 'not_seen' | 'not_covered' = 'not_seen'): Milestone {
  return { known: false, why, wanted: 'what was looked for' };
}
