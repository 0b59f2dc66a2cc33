import type { EventOf, EventType } from '../../src/core/events.ts';

const SHA = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
const DEPLOYMENT = { 'deployment.id': '1305550234', 'deployment.environment.name': 'production', 'vcs.ref.head.revision': SHA };
const INCIDENT = { 'incident.id': 'PABC' };
const ALERT = { 'alert.rule': 'api-HighErrorRate' };
const METRIC = { 'metric.name': 'HTTPCode_Target_5XX_Count', 'metric.value': 480, 'metric.threshold': 100 };
const TEXT = { text: 'a note' };
const ASSERTED = { reason: 'a customer rang', author: 'jane' };

/** What an event of each type says where the test does not. */
export const ATTRIBUTES: { readonly [Type in EventType]: EventOf<Type>['attributes'] } = {
  'change.merged': { 'vcs.change.id': '1234', 'vcs.ref.head.revision': SHA },
  'branch.force_pushed': { 'vcs.ref.head.name': 'main', 'vcs.ref.base.revision': SHA, 'vcs.ref.head.revision': SHA },
  'release.published': { 'release.tag': 'v2.3.4' },
  'deployment.started': DEPLOYMENT,
  'deployment.succeeded': DEPLOYMENT,
  'deployment.failed': DEPLOYMENT,
  'flag.changed': { key: 'new-cache', value: 'on' },
  'config.changed': { key: 'pool.size', value: '200' },
  'alert.fired': ALERT,
  'alert.resolved': ALERT,
  'alert.suppressed': ALERT,
  'alert.data_lost': ALERT,
  'incident.triggered': INCIDENT,
  'incident.acknowledged': INCIDENT,
  'incident.unacknowledged': INCIDENT,
  'incident.ack_lapsed': INCIDENT,
  'incident.escalated': INCIDENT,
  'incident.unanswered': { ...INCIDENT, 'escalation.outcome': 'exhausted' },
  'incident.reassigned': INCIDENT,
  'incident.delegated': INCIDENT,
  'incident.snoozed': INCIDENT,
  'incident.merged': INCIDENT,
  'incident.priority_updated': INCIDENT,
  'incident.resolved': INCIDENT,
  'incident.reopened': INCIDENT,
  'responder.requested': INCIDENT,
  'responder.notified': INCIDENT,
  'responder.joined': INCIDENT,
  'responder.declined': INCIDENT,
  'status.published': { text: 'We are looking into it.', state: 'investigating' },
  'note.added': TEXT,
  'message.posted': TEXT,
  'milestone.asserted': { ...ASSERTED, milestone: 'impact_started' },
  'event.asserted': { ...ASSERTED, ...TEXT },
  'suspect.judged': { ...ASSERTED, change: 'github/deployment:DE_1', verdict: 'confirmed' },
  'metric.breached': METRIC,
  'metric.recovered': METRIC,
};

/** Where an event of a type usually comes from, and what it carries. */
export interface Lane {
  readonly source: string;
  readonly stream: string;
  readonly belongsTo: readonly string[];
  readonly correlationKeys: readonly string[];
}
const PAGERDUTY = { source: 'pagerduty', belongsTo: ['pagerduty/service:PAPI001'], correlationKeys: ['pagerduty/incident:PABC'] };
const GITHUB = { source: 'github', belongsTo: ['github/repo:acme/api'], correlationKeys: [`sha:${SHA}`] };
export const LANES: Readonly<Record<string, Lane>> = {
  incident: { ...PAGERDUTY, stream: 'log_entries' },
  responder: { ...PAGERDUTY, stream: 'log_entries' },
  status: { ...PAGERDUTY, stream: 'log_entries' },
  note: { ...PAGERDUTY, stream: 'log_entries' },
  alert: {
    source: 'aws-prod',
    stream: 'alarm_history',
    belongsTo: ['aws-prod/alarm:api-HighErrorRate'],
    correlationKeys: ['alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate'],
  },
  metric: { source: 'aws-prod', stream: 'series', belongsTo: ['aws-prod/alarm:api-HighErrorRate'], correlationKeys: [] },
  deployment: {
    source: 'github',
    stream: 'deployment_statuses',
    belongsTo: ['github/repo:acme/api@production'],
    correlationKeys: ['deployment:acme/api#1305550234', `sha:${SHA}`],
  },
  change: { ...GITHUB, stream: 'changes' },
  branch: { ...GITHUB, stream: 'pushes' },
  release: { ...GITHUB, stream: 'releases' },
};
export const OTHER: Lane = { source: 'manual', stream: 'events', belongsTo: [], correlationKeys: [] };
