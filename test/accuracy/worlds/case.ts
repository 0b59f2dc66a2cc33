import { DEFAULT_POLICY } from '../../../src/core/analysis/policy.ts';
import type { Case, Service } from '../../../src/core/case.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import type { Fact } from '../../../src/core/facts.ts';
import type { Series } from '../../../src/core/series.ts';
import { caseOf, coverageLineOf, eventOf, factOf, incidentFactOf, instant, moment, seriesOf, windowOf } from '../../support/events.ts';
import type { Dice } from './dice.ts';
import type { Response } from './response.ts';
import type { Place, Stage, Watch } from './stage.ts';
import { textOf, toldAt } from './telling.ts';

const INCIDENT = 'pagerduty/incident:PWORLD1';
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

export interface Watched {
  readonly alarmMs: number;
  /** When the alarm went back to normal, where the record reaches so far. */
  readonly calmMs?: number;
  readonly threshold: number;
  /** Empty where none could be read. */
  readonly series: readonly Series[];
}

export function alarmKey({ name }: Watch): string {
  return `alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}`;
}

export function seriesKeyOf({ namespace, metric, dimensions, statistic }: Watch): string {
  const pairs = Object.keys(dimensions).sort();
  const said = pairs.map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(dimensions[name] ?? '')}`).join('&');
  return `aws-prod/metric:${namespace}/${metric}?${said}#${statistic}`;
}

export function toSeries(watch: Watch, periodMs: number, firstMs: number, values: readonly number[]): Series {
  return seriesOf(seriesKeyOf(watch), periodMs, textOf(firstMs), values, {
    metric: watch.metric,
    dimensions: watch.dimensions,
    statistic: watch.statistic,
    unit: watch.unit,
    source: 'aws-prod',
  });
}

/** The closed incident as it is read two hours after. */
export function toCase(
  stage: Stage,
  watched: Watched,
  response: Response,
  told: Pick<Case, 'events' | 'facts'>,
  gap: Gap | undefined,
  dice: Dice,
): Case {
  const { pagedMs, resolvedMs } = response;
  const to = textOf(Math.ceil((resolvedMs + 2 * HOUR) / MINUTE) * MINUTE);
  const from = textOf(pagedMs - 2 * HOUR);
  const windows = {
    incident: windowOf(from, to),
    changes: windowOf(textOf(pagedMs - DAY), to),
    baseline: windowOf(textOf(pagedMs - 14 * DAY), from),
  };
  return caseOf({
    incidents: [INCIDENT],
    windows,
    now: instant(to),
    takenAt: instant(to),
    policy: DEFAULT_POLICY,
    services: servicesOf(stage, dice),
    subject: [stage.subject.name],
    events: [...told.events, ...alarmEvents(stage, watched), ...pagerEvents(stage, watched, response)],
    facts: [...told.facts, alarmFact(stage.watch, watched), incidentFact(stage, response)],
    series: watched.series,
    coverage: coverageOf(windows.changes, gap, watched.series.length > 0),
  });
}

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

function coverageOf(window: Case['windows']['changes'], gap: Gap | undefined, hasSeries: boolean): Case['coverage'] {
  const streams = [
    ['aws-prod', 'alarm_history', 'needed'],
    ['aws-prod', 'alarms', 'needed'],
    ['aws-prod', 'series', 'needed'],
    ['github', 'deployments', 'needed'],
    ['github', 'deployment_statuses', 'needed'],
    ['pagerduty', 'incidents', 'needed'],
    ['pagerduty', 'log_entries', 'needed'],
    ['pagerduty', 'change_events', 'extra'],
  ] as const;
  return streams.map(([source, stream, need]) => {
    const isCut = gap !== undefined && stream === 'deployments';
    const gaps =
      gap && isCut
        ? [{ window: windowOf(toldAt(gap.fromMs), toldAt(gap.toMs)), reason: 'unavailable' as const, detail: 'GitHub did not answer' }]
        : [];
    return coverageLineOf(source, stream, {
      need,
      window,
      gaps,
      status: isCut ? 'partial' : stream === 'series' && !hasSeries ? 'failed' : 'complete',
    });
  });
}

function servicesOf(stage: Stage, dice: Dice): readonly Service[] {
  const isAnywhere = dice.chance(0.4);
  return [stage.subject, ...stage.dependencies, ...stage.others].map(
    (place): Service => ({
      name: place.name,
      owns: claimsOf(place, isAnywhere ? '*' : 'production'),
      dependsOn: place === stage.subject && stage.isDependencyKnown ? stage.dependencies.map(({ name }) => name) : [],
    }),
  );
}

function claimsOf({ name, repository, pagerId }: Place, environment: string): readonly string[] {
  return [
    `pagerduty/service:${pagerId}`,
    `aws-prod/alarm:${name}-*`,
    `github/repo:${repository}`,
    `github/repo:${repository}@${environment}`,
    `flags/service:${name}`,
  ];
}

function alarmEvents({ watch }: Stage, { alarmMs, calmMs, threshold }: Watched): readonly RecordedEvent[] {
  const scale = watch.statistic === 'Sum' ? watch.periodMs / MINUTE : 1;
  const common = {
    source: 'aws-prod',
    stream: 'alarm_history',
    belongsTo: [`aws-prod/alarm:${watch.name}`],
    correlationKeys: [alarmKey(watch)],
    attributes: { 'alert.rule': watch.name, 'alert.threshold': threshold * scale },
  };
  const at = (ms: number) => ({ ...common, key: `${watch.name}-${ms}`, time: moment(textOf(ms), 0, 1) });
  return [
    eventOf('alert.fired', textOf(alarmMs), at(alarmMs)),
    ...(calmMs === undefined ? [] : [eventOf('alert.resolved', textOf(calmMs), at(calmMs))]),
  ];
}

function alarmFact(watch: Watch, { threshold }: Watched): Fact {
  return factOf({
    kind: 'alarm' as const,
    key: alarmKey(watch),
    comparison: watch.comparison,
    threshold: threshold * (watch.statistic === 'Sum' ? watch.periodMs / MINUTE : 1),
    periodMs: watch.periodMs,
    breaching: watch.breaching,
    outOf: watch.outOf,
    missing: 'missing' as const,
    seriesKeys: [seriesKeyOf(watch)],
  });
}

function incidentFact({ subject, watch }: Stage, { pagedMs, resolvedMs }: Response): Fact {
  return incidentFactOf({
    key: INCIDENT,
    title: `ALARM: "${watch.name}"`,
    triggeredAt: instant(toldAt(pagedMs)),
    resolvedAt: instant(toldAt(resolvedMs)),
    belongsTo: [`pagerduty/service:${subject.pagerId}`],
  });
}

function pagerEvents({ subject, watch }: Stage, { alarmMs }: Watched, response: Response): readonly RecordedEvent[] {
  const common = {
    belongsTo: [`pagerduty/service:${subject.pagerId}`],
    correlationKeys: [INCIDENT],
    attributes: { 'incident.id': 'PWORLD1' },
  };
  const person = { actor: { kind: 'person' as const, id: 'pagerduty:user:PONE' } };
  const { pagedMs, acknowledgedMs, communicatedMs, resolvedMs } = response;
  const alert = eventOf('alert.fired', toldAt(Math.max(alarmMs, pagedMs - 1000)), {
    source: 'pagerduty',
    stream: 'alerts',
    key: 'QALERT',
    belongsTo: common.belongsTo,
    correlationKeys: [INCIDENT, alarmKey(watch)],
    attributes: { 'alert.rule': watch.name },
  });
  return [
    alert,
    eventOf('incident.triggered', toldAt(pagedMs), common),
    ...(acknowledgedMs === undefined ? [] : [eventOf('incident.acknowledged', toldAt(acknowledgedMs), { ...common, ...person })]),
    ...(communicatedMs === undefined
      ? []
      : [
          eventOf('status.published', toldAt(communicatedMs), {
            ...common,
            attributes: { text: 'We are looking into it.', state: 'investigating' as const },
          }),
        ]),
    eventOf('incident.resolved', toldAt(resolvedMs), { ...common, ...person }),
  ];
}
