import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import type { Case, Service, Snapshot, Windows } from '../../src/core/case.ts';
import { digest } from '../../src/core/digest.ts';
import { type DerivedEvent, derivedId, type EventOf, type EventType, recordedId } from '../../src/core/events.ts';
import { type EvidenceId, type EvidenceRecord, type Json, parseEvidenceId, seal } from '../../src/core/evidence.ts';
import type { Fact, FactSeed } from '../../src/core/facts.ts';
import type { Series } from '../../src/core/series.ts';
import { type Instant, type Moment, parseInstant, type Window } from '../../src/core/time.ts';
import type { Coverage, Pulled } from '../../src/core/timeline/coverage.ts';
import type { Stamped } from '../../src/core/timeline/normalize.ts';
import { orderEvents } from '../../src/core/timeline/order.ts';
import { ATTRIBUTES, LANES, OTHER } from './event-defaults.ts';

/** An instant written by hand; `14:32` and `14:32:05` are on 15 January 2024, the day of the sample world. */
export function instant(text: string): Instant {
  const full = /^\d\d:\d\d$/.test(text) ? `2024-01-15T${text}:00Z` : /^\d\d:\d\d:\d\d/.test(text) ? `2024-01-15T${text}Z` : text;
  const parsed = parseInstant(full);
  if (!parsed) throw new Error(`${text} is no instant`);
  return parsed;
}

/** A stamp cut to the second, unless other bounds are given. */
export function moment(at: string, minusMs = 0, plusMs = 1000): Moment {
  return { at: instant(at), minusMs, plusMs };
}

export function windowOf(from: string, to: string): Window {
  return { from: instant(from), to: instant(to) };
}

/** An evidence id that is a function of a name. */
export function evidenceIdOf(name: string): EvidenceId {
  const id = parseEvidenceId(digest(name));
  if (!id) throw new Error('a digest is an evidence id');
  return id;
}

type Overrides<Type extends EventType> = Partial<Omit<EventOf<Type>, 'id' | 'type' | 'time' | 'attributes' | 'provenance'>> & {
  /** Names the happening in its stream; by default the time, so two of one type and time need one each. */
  readonly key?: string;
  readonly source?: string;
  readonly stream?: string;
  readonly time?: Moment;
  /** By default a function of the id. */
  readonly evidence?: EvidenceId;
  readonly attributes?: Partial<EventOf<Type>['attributes']>;
};

/** An event of the sample world's API service. `at` as `instant` reads it; derived types get a derivation for provenance. */
export function eventOf<Type extends EventType>(type: Type, at: string, overrides: Overrides<Type> = {}): EventOf<Type> {
  const lane = LANES[type.split('.')[0] ?? ''] ?? OTHER;
  const { key = instant(at), source = lane.source, stream = lane.stream, evidence, attributes, ...rest } = overrides;
  const name: EventType = type;
  const id = isDerived(name) ? derivedId('test', key, name) : recordedId(source, stream, key, name);
  const from = evidence ?? evidenceIdOf(id);
  const event: object = {
    time: moment(at),
    timeMeaning: 'recorded',
    knowableAt: instant(at),
    belongsTo: lane.belongsTo,
    correlationKeys: lane.correlationKeys,
    ...rest,
    id,
    type,
    attributes: { ...ATTRIBUTES[type], ...attributes },
    provenance: isDerived(name)
      ? { rule: 'test', from: [from] }
      : { source, stream, nativeId: key, evidence: from, pointer: '/created_at', originalTime: instant(at), normalizer: 'test/1' },
  };
  if (!isOf(event, type)) throw new Error('unreachable: the type was just set');
  return event;
}

function isDerived(type: EventType): type is DerivedEvent['type'] {
  return type === 'metric.breached' || type === 'metric.recovered' || type === 'incident.ack_lapsed';
}

function isOf<Type extends EventType>(event: object, type: Type): event is EventOf<Type> {
  return 'type' in event && event.type === type;
}

/** A fact; its evidence is a function of its key unless given. */
export function factOf<Seed extends FactSeed>(fact: Seed, evidence = evidenceIdOf(fact.key)): Seed & { readonly evidence: EvidenceId } {
  return { ...fact, evidence };
}

/** The incident fact of the sample, closed. */
export function incidentFactOf(
  overrides: Partial<Extract<FactSeed, { readonly kind: 'incident' }>> = {},
): Extract<Fact, { kind: 'incident' }> {
  return factOf<Extract<FactSeed, { readonly kind: 'incident' }>>({
    kind: 'incident',
    key: 'pagerduty/incident:PABC',
    number: 4821,
    title: 'ALARM: "api-HighErrorRate" in US East (N. Virginia)',
    url: 'https://acme.pagerduty.com/incidents/PABC',
    severity: 'P1',
    status: 'resolved',
    triggeredAt: instant('14:33'),
    resolvedAt: instant('14:57'),
    belongsTo: ['pagerduty/service:PAPI001'],
    ...overrides,
  });
}

/** Points every `periodMs` from `start` on; a value of NaN is a period with no data and is left out. */
export function seriesOf(key: string, periodMs: number, start: string, values: readonly number[], overrides: Partial<Series> = {}): Series {
  const first = Date.parse(instant(start));
  const points = values.map((value, index) => [first + index * periodMs, value] as const).filter(([, value]) => !Number.isNaN(value));
  return {
    key,
    metric: key.split('?')[0]?.split('/').at(-1) ?? key,
    dimensions: {},
    statistic: key.split('#')[1] ?? 'Sum',
    unit: 'Count',
    periodMs,
    startsMs: Float64Array.from(points, ([at]) => at),
    values: Float64Array.from(points, ([, value]) => value),
    source: key.split('/')[0] ?? 'aws-prod',
    evidence: [evidenceIdOf(`${key}@${periodMs}`)],
    ...overrides,
  };
}

/** Sealed evidence with a body that holds its own time at `/created_at`, as the events of `recordOf` point to. */
export function evidenceOf(nativeId: string, body: Json, overrides: Partial<Omit<EvidenceRecord, 'id'>> = {}): EvidenceRecord {
  return seal({ source: 'pagerduty', stream: 'log_entries', nativeId, body, observedTime: instant('16:00'), ...overrides });
}

/** A stamped record that says what is given, with provenance and evidence set to a record of its own. */
export function recordOf(
  nativeId: string,
  said: Partial<Omit<Stamped, 'record'>>,
  overrides: Partial<Omit<EvidenceRecord, 'id'>> = {},
): Stamped {
  const record = evidenceOf(nativeId, { id: nativeId }, overrides);
  return {
    record,
    events: (said.events ?? []).map((event) => ({ ...event, provenance: { ...event.provenance, evidence: record.id } })),
    series: (said.series ?? []).map((series) => ({ ...series, evidence: [record.id] })),
    facts: (said.facts ?? []).map((fact) => ({ ...fact, evidence: record.id })),
    issues: said.issues ?? [],
  };
}

/** The windows of an incident of 14:33 to 14:57, read at 16:00. */
export const WINDOWS: Windows = {
  incident: windowOf('12:33', '16:00'),
  changes: windowOf('2024-01-14T14:33:00Z', '16:00'),
  baseline: windowOf('2024-01-01T14:33:00Z', '12:33'),
};

export const API_SERVICE: Service = {
  name: 'api',
  owns: ['pagerduty/service:PAPI001', 'aws-prod/alarm:api-*', 'github/repo:acme/api', 'github/repo:acme/api@production'],
  dependsOn: [],
};
export const CHECKOUT_SERVICE: Service = {
  name: 'checkout',
  owns: ['pagerduty/service:PCHK001', 'aws-prod/alarm:checkout-*', 'github/repo:acme/checkout', 'github/repo:acme/checkout@production'],
  dependsOn: [],
};

/** What one stream answered, complete unless said otherwise. */
export function pulledOf(source: string, stream: string, overrides: Partial<Pulled> = {}): Pulled {
  return { source, stream, need: 'needed', window: WINDOWS.incident, status: 'complete', gaps: [], ...overrides };
}

/** A line of the coverage table, complete unless said otherwise. */
export function coverageLineOf(source: string, stream: string, overrides: Partial<Coverage> = {}): Coverage {
  return {
    ...pulledOf(source, stream),
    records: 1,
    gave: { events: 1, series: 0, facts: 0, issues: 0, nothing: 0 },
    issues: [],
    ...overrides,
  };
}

/** A closed incident of the API service, read at 16:00, with what is given. */
export function caseOf(overrides: Partial<Case> = {}): Case {
  return {
    incidents: ['pagerduty/incident:PABC'],
    windows: WINDOWS,
    now: WINDOWS.incident.to,
    takenAt: instant('16:00'),
    services: [API_SERVICE, CHECKOUT_SERVICE],
    policy: DEFAULT_POLICY,
    draft: DEFAULT_DRAFT,
    subject: ['api'],
    series: [],
    facts: [incidentFactOf()],
    coverage: [],
    unplacedNames: [],
    ...overrides,
    // As every case has them.
    events: orderEvents(overrides.events ?? []),
  };
}

/** A snapshot of the same incident that pins the records given: `assemble` makes a case of it. */
export function snapshotOf(records: readonly Stamped[], overrides: Partial<Snapshot> = {}): Snapshot {
  return {
    incidents: ['pagerduty/incident:PABC'],
    windows: WINDOWS,
    evidence: [...new Set(records.map(({ record }) => record.id))].toSorted(),
    coverage: [],
    lastEdit: 0,
    takenAt: instant('16:00'),
    engine: '0.1.0',
    policy: DEFAULT_POLICY,
    services: [],
    people: [],
    draft: DEFAULT_DRAFT,
    normalizers: { pagerduty: 'pagerduty/1', 'aws-prod': 'cloudwatch/1', github: 'github/1' },
    ...overrides,
  };
}
