import type { Case, Service } from '../../../src/core/case.ts';
import { digest } from '../../../src/core/digest.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import type { Fact } from '../../../src/core/facts.ts';
import { addMs, type Instant, type Moment } from '../../../src/core/time.ts';
import { caseOf, coverageLineOf, eventOf, factOf, incidentFactOf } from '../../support/events.ts';
import { instantOf, type Label, type LabelledChange, momentOf } from './labels.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * A label as the connectors would have told it: each change as its own system's record with the revision it brought, the
 * release before it (however old), what a reversal takes back as a pull request says it, the page, the alarm where a monitor
 * saw it. There are no series: of what a graph showed only the start is known, as a person's assertion.
 */
export function toCase(label: Label): Case {
  const { offset, service, depends_on = [], changes } = label;
  const trigger = momentOf(label.alarm, offset);
  const resolved = momentOf(label.recovered, offset);
  const from = addMs(trigger.at, -DAY_MS);
  const to = addMs(resolved.at, DAY_MS);
  const names = [...new Set([service, ...depends_on, ...changes.map((change) => change.service ?? service)])];
  return caseOf({
    windows: {
      incident: { from: addMs(trigger.at, -2 * HOUR_MS), to },
      changes: { from, to },
      baseline: { from: addMs(from, -13 * DAY_MS), to: from },
    },
    now: to,
    takenAt: to,
    services: names.map((name) => serviceOf(name, label)),
    subject: [service],
    events: [...pageOf(label, trigger, resolved), ...changes.flatMap((change) => eventsOf(change, label)), ...releasesBefore(label)],
    facts: [
      incidentFactOf({ triggeredAt: trigger.at, resolvedAt: resolved.at, belongsTo: [`pagerduty/service:${service}`] }),
      ...changes.map((change) => pullOf(change, label)),
    ],
    coverage: STREAMS.map(([source, stream]) => coverageLineOf(source, stream, { window: { from, to } })),
  });
}

const STREAMS = [
  ['aws-prod', 'alarm_history'],
  ['github', 'deployments'],
  ['github', 'deployment_statuses'],
  ['pagerduty', 'incidents'],
  ['pagerduty', 'log_entries'],
] as const;

function serviceOf(name: string, { service, depends_on = [], changes }: Label): Service {
  const repositories = new Set(
    changes.filter((change) => (change.service ?? service) === name).map((change) => repositoryOf(change, service)),
  );
  return {
    name,
    owns: [
      `pagerduty/service:${name}`,
      `aws-prod/alarm:${name}`,
      ...[...repositories].flatMap((repository) => [`github/repo:${repository}`, `github/repo:${repository}@production`]),
    ],
    dependsOn: name === service ? depends_on : [],
  };
}

function repositoryOf({ repo, service }: LabelledChange, subject: string): string {
  return `acme/${repo ?? service ?? subject}`;
}

function revisionOf(name: string, { document }: Label): string {
  return digest(`${document} ${name}`).slice('sha256:'.length).slice(0, 40);
}

function pageOf({ service, alarm, impact, offset }: Label, trigger: Moment, resolved: Moment): readonly RecordedEvent[] {
  const belongsTo = [`pagerduty/service:${service}`];
  const alert = { belongsTo: [`aws-prod/alarm:${service}`], correlationKeys: ['alarm:one'] };
  const isMetric = impact?.basis === 'metric';
  return [
    eventOf('incident.triggered', trigger.at, { time: trigger, belongsTo }),
    eventOf('incident.resolved', resolved.at, { time: resolved, belongsTo }),
    ...(alarm.by === 'monitor'
      ? [
          eventOf('alert.fired', trigger.at, { time: trigger, ...alert }),
          eventOf('alert.resolved', resolved.at, { time: resolved, ...alert }),
        ]
      : []),
    ...(isMetric && impact ? [started(momentOf(impact, offset))] : []),
  ];
}

function started(time: Moment): RecordedEvent {
  return eventOf('milestone.asserted', time.at, { time, timeMeaning: 'asserted', attributes: { milestone: 'impact_started' } });
}

function eventsOf(change: LabelledChange, label: Label): readonly RecordedEvent[] {
  const { kind, name, until, outcome, environment = 'production' } = change;
  const time = momentOf(change, label.offset);
  const ended = until === undefined ? time : momentOf({ at: until }, label.offset);
  const repository = repositoryOf(change, label.service);
  const revision = revisionOf(name, label);
  if (kind === 'deployment') return deploymentOf({ repository, environment, name, revision, time, ended, failed: outcome === 'failed' });
  const alone = { key: name, time, belongsTo: [`github/repo:${repository}`], correlationKeys: [`sha:${revision}`] };
  if (kind === 'release') return [eventOf('release.published', time.at, { ...alone, attributes: { 'release.tag': name } })];
  if (kind === 'config') return [eventOf('config.changed', time.at, { ...alone, correlationKeys: [] })];
  return [eventOf('change.merged', time.at, { ...alone, attributes: { 'vcs.change.id': name, 'vcs.ref.head.revision': revision } })];
}

interface Deployment {
  readonly repository: string;
  readonly environment: string;
  readonly name: string;
  readonly revision: string;
  readonly time: Moment;
  readonly ended: Moment;
  readonly failed?: boolean;
}

function deploymentOf({ repository, environment, name, revision, time, ended, failed }: Deployment): readonly RecordedEvent[] {
  const key = `deployment:${repository}#${name}`;
  const shared = { belongsTo: [`github/repo:${repository}@${environment}`], correlationKeys: [key, `sha:${revision}`] };
  const attributes = { 'deployment.id': name, 'deployment.environment.name': environment, 'vcs.ref.head.revision': revision };
  const status = { ...shared, key: `${repository} ${name} end`, time: ended, timeMeaning: 'ended', attributes } as const;
  return [
    eventOf('deployment.started', time.at, { ...shared, key: name, stream: 'deployments', time, timeMeaning: 'started', attributes }),
    eventOf(failed ? 'deployment.failed' : 'deployment.succeeded', ended.at, status),
  ];
}

/** Of every place that something was deployed to, what had run there before, three days earlier. */
function releasesBefore(label: Label): readonly RecordedEvent[] {
  const places = Map.groupBy(
    label.changes.filter(({ kind }) => kind === 'deployment'),
    (change) => `${repositoryOf(change, label.service)}@${change.environment ?? 'production'}`,
  );
  return [...places].flatMap(([place, [first]]) => {
    const [repository = '', environment = ''] = place.split('@');
    if (!first) return [];
    const time = exactly(addMs(instantOf(first.at, label.offset), -3 * DAY_MS));
    return deploymentOf({ repository, environment, name: `before ${place}`, revision: revisionOf(place, label), time, ended: time });
  });
}

function exactly(at: Instant): Moment {
  return { at, minusMs: 0, plusMs: 1000 };
}

function pullOf(change: LabelledChange, label: Label): Fact {
  const repository = repositoryOf(change, label.service);
  const number = Number(change.name.split('-')[1]);
  return factOf({
    kind: 'change' as const,
    key: `github/pull:${repository}#${number}`,
    number,
    title: change.name,
    url: `https://github.com/${repository}/pull/${number}`,
    revisions: [revisionOf(change.name, label)],
    ...(change.reverses && { reverts: revisionOf(change.reverses, label) }),
  });
}
