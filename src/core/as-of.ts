import type { EventType, RecordedEvent } from './events.ts';
import type { Fact } from './facts.ts';
import type { Series } from './series.ts';
import { epochMs, type Instant } from './time.ts';
import type { Stamped } from './timeline/normalize.ts';
import { compare, orderEvents } from './timeline/order.ts';

/** What people assert. Of this very case no window cuts it, and what a snapshot pins of it was said by `asOf`. */
const ASSERTED: ReadonlySet<EventType> = new Set(['milestone.asserted', 'event.asserted', 'suspect.judged']);

/** Whether drafting at `asOf` would have known the event: windows are half-open, so what happens at that very moment comes later. */
export function isKnownBy(event: RecordedEvent, asOf: Instant): boolean {
  return (event.knowableAt <= asOf && event.time.at < asOf) || isStatedOfIncident(event);
}

/** Whether a person stated it of an incident; not a stated event of a file, which is of a time and of no incident. */
export function isStatedOfIncident({ type, correlationKeys }: RecordedEvent): boolean {
  return ASSERTED.has(type) && (type !== 'event.asserted' || correlationKeys.length > 0);
}

/** Whether the source had the record by then, as far as it says since when: of a later one only what it tells of before counts. */
export function wasThere({ knowableAt }: Stamped, asOf: Instant | undefined): boolean {
  return asOf === undefined || knowableAt === undefined || knowableAt <= asOf;
}

/**
 * What a record said by `asOf`: its happenings until then, and its facts as they stood; nothing where the source did not have it
 * yet. A record that says nothing now, and does not say since when it is there, was there.
 */
function saidBy(stamped: Stamped, asOf: Instant, next: ReadonlySet<Fact>): readonly Stamped[] {
  const { knowableAt, events: all, issues } = stamped;
  // The people whom the record of an incident names were named by nobody before it began.
  if (stamped.facts.some((fact) => fact.kind === 'incident' && incidentAt(fact, asOf).length === 0)) return [];
  const events = all.filter((event) => isKnownBy(event, asOf));
  const facts = [...factsBy(stamped, asOf), ...stamped.facts.filter((fact) => next.has(fact))];
  // The record of a later edit is what tells the rule that it ended.
  if (!wasThere(stamped, asOf)) return [{ ...stamped, events: [], series: [], facts: facts.filter(({ kind }) => kind === 'alarm') }];
  const said = all.length + stamped.facts.length;
  const left = events.length + facts.length + stamped.series.length + issues.length;
  return said > 0 && left === 0 && knowableAt === undefined ? [] : [{ ...stamped, events, facts }];
}

/**
 * The records as they spoke at `asOf`, each without what came later. An alarm's own record holds its last move alone: where its
 * history tells that too, it is left to the history, since a look back finds the record moved on. An incident's priority is
 * the one before the first change that came later. The source's order is counted back from the newest that was there.
 */
export function recordsBy(records: readonly Stamped[], asOf: Instant | undefined): readonly Stamped[] {
  if (asOf === undefined) return records;
  const lost = new Map(lostRules(records, asOf).map((rule) => [rule.key, rule.heldFrom ?? '']));
  // Two records of one edit differ in the milliseconds of their stamps only.
  const isNext = (fact: Fact) =>
    fact.kind === 'alarm' && lost.has(fact.key) && fact.heldFrom?.slice(0, 19) === lost.get(fact.key)?.slice(0, 19);
  const next = new Set(records.flatMap(({ facts }) => facts.filter(isNext)));
  const later = records.flatMap(({ events }) => events).filter((event) => !isKnownBy(event, asOf));
  const then = withoutLaterChunks(records, asOf).flatMap((record) => saidBy(record, asOf, next));
  const told = new Set(then.flatMap((record) => (isState(record) ? [] : record.events.map(moveOf))));
  const newest = newestPlaces(then);
  const closed = closedBy(
    records.flatMap(({ events }) => events),
    asOf,
  );
  return then.map((record) => ({
    ...record,
    events: record.events.filter((event) => !isState(record) || !told.has(moveOf(event))).map((event) => recount(event, newest)),
    facts: record.facts.map((fact) => (fact.kind === 'incident' ? priorityBy(closed(fact), later) : fact)),
  }));
}

/**
 * An incident that was reopened after `asOf` stood closed then. Its record holds the last closing alone, or none: its course tells the one
 * before, and need not be read beyond it. Gives a function of the incident's fact as `factsBy` has it.
 */
export function closedBy(events: readonly RecordedEvent[], asOf: Instant): (fact: IncidentFact) => IncidentFact {
  const known = events.filter(
    (event) => (event.type === 'incident.resolved' || event.type === 'incident.reopened') && isKnownBy(event, asOf),
  );
  return (fact) => {
    if (fact.status !== 'open') return fact;
    const last = orderEvents(known.filter(({ correlationKeys }) => correlationKeys.includes(fact.key))).at(-1);
    return last?.type === 'incident.resolved' ? { ...fact, status: 'resolved', resolvedAt: last.time.at } : fact;
  };
}

/** Without the chunks of a series that begin later, where an earlier one is there: no run at `asOf` would have asked for them. */
function withoutLaterChunks(records: readonly Stamped[], asOf: Instant): readonly Stamped[] {
  const nameOf = ({ key, periodMs }: Series) => `${key}@${periodMs}`;
  const isLater = ({ startsMs }: Series) => (startsMs[0] ?? 0) >= epochMs(asOf);
  const begun = new Set(records.flatMap(({ series }) => series.filter((one) => !isLater(one)).map(nameOf)));
  return records.filter(({ series }) => series.length === 0 || series.some((one) => !isLater(one) || !begun.has(nameOf(one))));
}

/**
 * What a record is counted by at `asOf`: of a thing that has a state, what stood, since a look back finds it moved on and an old move,
 * which no window holds, gone.
 */
export function countedBy(stamped: Stamped, asOf: Instant | undefined): Stamped {
  return asOf !== undefined && isState(stamped) ? { ...stamped, events: [] } : stamped;
}

/** Whether the record is of a thing that has a state, as an alarm is, and not of one happening. */
function isState({ facts }: Stamped): boolean {
  return facts.some(({ kind }) => kind === 'alarm');
}

function moveOf({ type, time, provenance, correlationKeys }: RecordedEvent): string {
  return JSON.stringify([provenance.source, type, time.at, correlationKeys.filter((key) => key.startsWith('alarm:'))]);
}

/** A source that counts from its newest record gives other numbers once there is more. */
function newestPlaces(records: readonly Stamped[]): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const event of records.flatMap(({ events }) => events)) {
    if (event.sequence !== undefined) places.set(laneOf(event), Math.max(event.sequence, places.get(laneOf(event)) ?? event.sequence));
  }
  return places;
}

function recount(event: RecordedEvent, newest: ReadonlyMap<string, number>): RecordedEvent {
  return event.sequence === undefined ? event : { ...event, sequence: event.sequence - (newest.get(laneOf(event)) ?? 0) };
}

/** Each incident's records are counted by themselves. */
function laneOf({ provenance: { source, stream }, correlationKeys }: RecordedEvent): string {
  return [source, stream, ...correlationKeys.filter((key) => key.includes('/incident:'))].join(' ');
}

type IncidentFact = Extract<Fact, { readonly kind: 'incident' }>;

function priorityBy(fact: IncidentFact, later: readonly RecordedEvent[]): IncidentFact {
  const [next] = later
    .flatMap((event) => (event.type === 'incident.priority_updated' && event.correlationKeys.includes(fact.key) ? [event] : []))
    .filter(({ attributes }) => (attributes['change.field'] ?? 'priority') === 'priority')
    .toSorted((a, b) => compare(a.time.at, b.time.at) || (a.sequence ?? 0) - (b.sequence ?? 0));
  if (!next) return fact;
  const { severity, ...rest } = fact;
  const before = next.attributes['change.from'];
  return before === undefined ? rest : { ...rest, severity: before };
}

/**
 * The facts of a record as they stood at `asOf`. A record whose happenings all came later says nothing yet; an incident
 * that closed later is open. Sorted by nobody here: the caller orders.
 */
export function factsBy({ facts, events }: Pick<Stamped, 'facts' | 'events'>, asOf: Instant): readonly Fact[] {
  const later = events.length > 0 && !events.some((event) => isKnownBy(event, asOf));
  return facts.flatMap((fact) => {
    if (fact.kind === 'incident') return incidentAt(fact, asOf);
    // An alarm stood before it last moved: only its move came later.
    if (fact.kind === 'alarm') return isBy(fact.heldFrom, asOf) ? [fact] : [];
    if (fact.kind === 'reference') return fact.computedAt !== undefined && fact.computedAt <= asOf ? [fact] : [];
    if (fact.kind === 'change') return isBy(fact.mergedAt, asOf) && !later ? [fact] : [];
    if (fact.kind === 'related') return isBy(fact.startedAt, asOf) && !later ? [fact] : [];
    // The incident's record tells people too, and was there before anybody answered.
    if (fact.kind === 'person') return later && !facts.some(({ kind }) => kind === 'incident') ? [] : [fact];
    return later ? [] : [fact];
  });
}

function isBy(at: Instant | undefined, asOf: Instant): boolean {
  return at === undefined || at <= asOf;
}

function incidentAt(fact: IncidentFact, asOf: Instant): readonly Fact[] {
  if (fact.triggeredAt !== undefined && fact.triggeredAt >= asOf) return [];
  if (fact.resolvedAt === undefined || fact.resolvedAt < asOf) return [fact];
  const { resolvedAt, mergedInto, ...then } = fact;
  return [{ ...then, status: 'open' }];
}

/** The rule of an alarm of which no record tells what held at a time: the next that came after it, which stands for it. */
export type LostRule = Extract<Fact, { readonly kind: 'alarm' }>;

/** Of the alarms of which records tell a rule, and none that held at `asOf`, the first that came later. By key. */
export function lostRules(records: readonly Stamped[], asOf: Instant | undefined): readonly LostRule[] {
  if (asOf === undefined) return [];
  const rules = records.flatMap(({ facts }) => facts.filter((fact) => fact.kind === 'alarm'));
  const held = new Set(rules.filter(({ heldFrom }) => isBy(heldFrom, asOf)).map(({ key }) => key));
  const later = rules
    .filter(({ key }) => !held.has(key))
    .toSorted((a, b) => compare(b.heldFrom ?? '', a.heldFrom ?? '') || compare(b.evidence, a.evidence));
  // Latest first, so the earliest of each alarm stays.
  return [...new Map(later.map((rule) => [rule.key, rule])).values()].toSorted((a, b) => compare(a.key, b.key));
}
