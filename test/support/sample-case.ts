import { pointsOf } from '../../demo/standins/cloudwatch-metrics.ts';
import { readWorld } from '../../demo/world.ts';
import type { Case } from '../../src/core/case.ts';
import type { RecordedEvent } from '../../src/core/events.ts';
import type { Fact, FactSeed } from '../../src/core/facts.ts';
import type { Series } from '../../src/core/series.ts';
import { API_SERVICE, CHECKOUT_SERVICE, caseOf, coverageLineOf, eventOf, factOf, incidentFactOf, moment, seriesOf } from './events.ts';

const WORLD = readWorld(new URL('../../demo/worlds/connection-pool.yaml', import.meta.url));
export const TRUTH = WORLD.truth;

export const ERRORS = 'aws-prod/metric:AWS/ApplicationELB/HTTPCode_Target_5XX_Count?LoadBalancer=app%2Fapi&TargetGroup=api#Sum';
export const ALARM = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate';
export const LEAK = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
export const GOOD = 'dac31aa679972c25586112cb48db232900b291a4';
export const OLD = '14649769dd50ea10ded291dd2a8754ec823f631b';
const CHECKOUT_SHA = '6b954571b84337d86cbfd4426505200362675e99';

/** The sample world's errors as CloudWatch still has them: every whole period of [from, to). */
export function errorsAt(periodSeconds: number, from: string, to: string, overrides: Partial<Series> = {}): Series {
  const metric = WORLD.cloudwatch.metrics.find(({ id }) => id === 'api-5xx');
  if (!metric) throw new Error('the world has errors');
  const [fromMs, toMs] = [Date.parse(from), Date.parse(to)];
  const points = [
    ...pointsOf(WORLD.cloudwatch, metric, { statistic: 'Sum', periodMs: periodSeconds * 1000, fromMs, toMs, nowMs: toMs }),
  ].filter(([startMs]) => startMs + periodSeconds * 1000 <= toMs);
  return seriesOf(ERRORS, periodSeconds * 1000, from, [], {
    metric: 'HTTPCode_Target_5XX_Count',
    startsMs: Float64Array.from(points, ([startMs]) => startMs),
    values: Float64Array.from(points, ([, value]) => value),
    ...overrides,
  });
}

export function alarmOf(overrides: Partial<Extract<FactSeed, { readonly kind: 'alarm' }>> = {}): Extract<Fact, { readonly kind: 'alarm' }> {
  return factOf<Extract<FactSeed, { readonly kind: 'alarm' }>>({
    kind: 'alarm',
    key: ALARM,
    comparison: 'above',
    threshold: 100,
    periodMs: 60_000,
    breaching: 2,
    outOf: 2,
    missing: 'notBreaching',
    seriesKeys: [ERRORS],
    ...overrides,
  });
}

interface Deployed {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly created: string;
  readonly started?: string;
  readonly done?: string;
  readonly repository?: string;
  readonly environment?: string;
  readonly task?: string;
  readonly failed?: boolean;
}

/** A deployment as GitHub tells it: its own record, and a status for each step. Only the record names the commit. */
export function deploymentEvents({ id, sha, ref, created, started, done, failed, ...rest }: Deployed): readonly RecordedEvent[] {
  const { repository = 'acme/api', environment = 'production', task } = rest;
  const belongsTo = [`github/repo:${repository}@${environment}`];
  const deployment = { 'deployment.id': `${id}`, 'deployment.environment.name': environment };
  const named = { ...deployment, 'vcs.ref.head.revision': sha, 'vcs.ref.head.name': ref, ...(task && { 'deployment.task': task }) };
  const key = `deployment:${repository}#${id}`;
  const common = { belongsTo, correlationKeys: [key], stream: 'deployment_statuses', timeMeaning: 'started' } as const;
  return [
    eventOf('deployment.started', created, {
      ...common,
      key: `DE_${id}`,
      stream: 'deployments',
      timeMeaning: 'recorded',
      correlationKeys: [key, `sha:${sha}`],
      attributes: named,
    }),
    ...(started ? [status('deployment.started', started, 1)] : []),
    ...(done ? [status(failed ? 'deployment.failed' : 'deployment.succeeded', done, 2)] : []),
  ];

  function status(type: 'deployment.started' | 'deployment.succeeded' | 'deployment.failed', at: string, step: number): RecordedEvent {
    const event = eventOf(type, at, {
      ...common,
      key: `DES_${id}_${step}`,
      timeMeaning: type === 'deployment.started' ? 'started' : 'ended',
    });
    const { 'vcs.ref.head.revision': _, ...attributes } = { ...event.attributes, ...deployment };
    return { ...event, attributes };
  }
}

const PAGE = ['pagerduty/incident:PABC'];

/** Everything that happened on 15 January 2024, as the three sources tell it, with the noise of another service. */
export const SAMPLE_EVENTS: readonly RecordedEvent[] = [
  ...deploymentEvents({
    id: 1302210232,
    sha: OLD,
    ref: 'v2.3.2',
    created: '2024-01-09T11:00:00Z',
    started: '2024-01-09T11:00:04Z',
    done: '2024-01-09T11:03:10Z',
  }),
  ...deploymentEvents({
    id: 1303330233,
    sha: GOOD,
    ref: 'v2.3.3',
    created: '2024-01-11T16:10:00Z',
    started: '2024-01-11T16:10:05Z',
    done: '2024-01-11T16:13:20Z',
  }),
  ...deploymentEvents({ id: 1305550234, sha: LEAK, ref: 'v2.3.4', created: '14:12', started: '14:12:04', done: '14:15' }),
  ...deploymentEvents({ id: 1305550299, sha: GOOD, ref: 'v2.3.3', created: '14:45', started: '14:45', done: '14:47', task: 'rollback' }),
  ...deploymentEvents({
    id: 1305550230,
    sha: LEAK,
    ref: 'v2.3.4',
    created: '13:40',
    started: '13:40:03',
    done: '13:42:20',
    environment: 'staging',
  }),
  ...deploymentEvents({
    id: 1305550301,
    sha: CHECKOUT_SHA,
    ref: '118',
    created: '14:19',
    started: '14:19:02',
    done: '14:21',
    repository: 'acme/checkout',
  }),
  eventOf('release.published', '14:05', {
    belongsTo: ['github/repo:acme/api'],
    correlationKeys: [`sha:${LEAK}`],
    attributes: { 'release.tag': 'v2.3.4' },
  }),
  eventOf('deployment.succeeded', '14:15:03', {
    key: '01HM6Z8K4Q2V3W5X7Y9ZAPIREL',
    source: 'pagerduty',
    stream: 'change_events',
    belongsTo: ['pagerduty/service:PAPI001'],
    correlationKeys: ['deployment:acme/api#1305550234', `sha:${LEAK}`],
  }),
  eventOf('alert.fired', '14:10', {
    belongsTo: ['aws-prod/alarm:checkout-HighLatency'],
    correlationKeys: ['alarm:arn:checkout-HighLatency'],
  }),
  eventOf('alert.resolved', '14:18', {
    belongsTo: ['aws-prod/alarm:checkout-HighLatency'],
    correlationKeys: ['alarm:arn:checkout-HighLatency'],
  }),
  eventOf('alert.fired', '14:32', { time: moment('14:32', 0, 1) }),
  eventOf('alert.resolved', '14:52', { time: moment('14:52', 0, 1) }),
  eventOf('alert.fired', '14:33', {
    key: 'Q1ALERT',
    source: 'pagerduty',
    stream: 'alerts',
    belongsTo: ['pagerduty/service:PAPI001'],
    correlationKeys: [...PAGE, ALARM],
  }),
  eventOf('incident.triggered', '14:33'),
  eventOf('incident.acknowledged', '14:35', { actor: { kind: 'person', id: 'pagerduty:user:PJANED1' } }),
  eventOf('status.published', '14:37', { attributes: { text: 'Investigating: errors since about 14:30 UTC.', state: 'investigating' } }),
  eventOf('note.added', '14:43'),
  eventOf('incident.resolved', '14:57', { actor: { kind: 'person', id: 'pagerduty:user:PJANED1' } }),
];

export const SAMPLE_FACTS: readonly Fact[] = [
  incidentFactOf(),
  alarmOf(),
  factOf({
    kind: 'comparison',
    key: `github/compare:acme/api#${GOOD}...${LEAK}`,
    base: GOOD,
    head: LEAK,
    status: 'ahead',
    commits: ['3520679b7605da80ca1d5275c2c6572d96a0ab28', LEAK],
    files: [{ path: 'src/routes/user-profile.ts' }, { path: 'docs/api-guide.md' }, { path: 'src/cache.ts' }],
    filesCut: false,
  }),
  pullOf(1229, 'Bump the request log to JSON', GOOD),
  pullOf(1231, 'Spell out the retry rules in the API guide', '3520679b7605da80ca1d5275c2c6572d96a0ab28'),
  pullOf(1234, 'Cache user profiles in the profile endpoint', LEAK),
];

export function pullOf(number: number, title: string, revision: string, reverts?: string): Fact {
  const url = `https://github.com/acme/api/pull/${number}`;
  return factOf({
    kind: 'change' as const,
    key: `github/pull:acme/api#${number}`,
    number,
    title,
    url,
    revisions: [revision],
    ...(reverts !== undefined && { reverts }),
  });
}

const STREAMS = [
  ['aws-prod', 'alarm_history'],
  ['aws-prod', 'alarms'],
  ['aws-prod', 'series'],
  ['github', 'deployments'],
  ['github', 'deployment_statuses'],
  ['pagerduty', 'incidents'],
  ['pagerduty', 'log_entries'],
] as const;

export const SAMPLE_COVERAGE = STREAMS.map(([source, stream]) => coverageLineOf(source, stream));

const SAMPLE_SERIES: readonly Series[] = [
  errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z'),
  errorsAt(300, '2024-01-01T14:30:00Z', '2024-01-15T12:30:00Z'),
];

/** The sample incident as a case, its errors at 60 s around the incident and at 300 s over two weeks. */
export function sampleCase(overrides: Partial<Case> = {}): Case {
  return caseOf({
    services: [API_SERVICE, CHECKOUT_SERVICE],
    events: SAMPLE_EVENTS,
    facts: SAMPLE_FACTS,
    coverage: SAMPLE_COVERAGE,
    series: SAMPLE_SERIES,
    ...overrides,
  });
}
