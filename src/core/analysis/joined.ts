import type { Case } from '../case.ts';
import type { EventOf, RecordedEvent, RecordedType } from '../events.ts';
import type { Fact } from '../facts.ts';
import { ownerOf } from '../ownership.ts';
import { remembered } from '../remembered.ts';
import { addMs, durationMs, type Instant, type Moment, type Window } from '../time.ts';
import { finalStateOf } from '../timeline/acknowledgements.ts';
import { orderEvents } from '../timeline/order.ts';

/** Whether the event is about one of the case's incidents: the source itself said so. */
export function isOfIncident({ correlationKeys }: RecordedEvent, { incidents }: Pick<Case, 'incidents'>): boolean {
  return correlationKeys.some((key) => incidents.includes(key));
}

/** Whether the event belongs to a service that the incident is about. */
export function isOfSubject(
  { belongsTo }: Pick<RecordedEvent, 'belongsTo'>,
  { services, subject }: Pick<Case, 'services' | 'subject'>,
): boolean {
  return !('why' in ownerOf(belongsTo, services, subject));
}

/** The case's events of one type, in the order of the timeline. */
export function eventsOf<Type extends RecordedType>(events: readonly RecordedEvent[], type: Type): readonly EventOf<Type>[] {
  return orderEvents(events.filter((event): event is EventOf<Type> & typeof event => event.type === type));
}

/** The same, of those that are about the case's incidents. */
export function incidentEventsOf<Type extends RecordedType>(
  theCase: Pick<Case, 'incidents' | 'events'>,
  type: Type,
): readonly EventOf<Type>[] {
  return eventsOf(theCase.events, type).filter((event) => isOfIncident(event, theCase));
}

/**
 * Whether any incident of the case was not closed at the case's now. The events decide, since they carry times: a fact says
 * how an incident stands today, also in a draft made as of yesterday. A merged incident is closed where its target is.
 */
export function isOpen(theCase: Pick<Case, 'incidents' | 'events' | 'facts'>): boolean {
  return theCase.incidents.some((incident) => {
    const state = finalStateOf(theCase.events.filter(({ correlationKeys }) => correlationKeys.includes(incident)));
    if (state) return state !== 'resolved';
    return theCase.facts.some((fact) => fact.kind === 'incident' && fact.key === incident && fact.status === 'open');
  });
}

/** What closed the case's incidents: of one that was merged, where its target is none of them, the merge did. */
export function closingsOf(theCase: Pick<Case, 'incidents' | 'events'>): readonly EventOf<'incident.resolved' | 'incident.merged'>[] {
  const merges = incidentEventsOf(theCase, 'incident.merged').filter(({ attributes: { 'merged.into': into } }) => {
    return into !== undefined && !theCase.incidents.includes(into);
  });
  const resolved = incidentEventsOf(theCase, 'incident.resolved');
  return merges.length === 0 ? resolved : orderEvents([...resolved, ...merges]);
}

/** The window that was asked for, as it was given, where no incident is in it: what is read around it is not told as its own. */
export function quietWindow({ asked, incidents, windows }: Pick<Case, 'asked' | 'incidents' | 'windows'>): Window | undefined {
  return incidents.some((key) => key.includes('/incident:')) ? undefined : (asked ?? windows.incident);
}

/** From the first trigger to the last resolve, or to the case's now; a window that never paged is its own. */
export function incidentSpan(theCase: Pick<Case, 'incidents' | 'events' | 'facts' | 'windows' | 'asked' | 'now'>): {
  readonly from: Instant;
  readonly to: Instant;
} {
  const quiet = quietWindow(theCase);
  if (quiet) return { from: quiet.from, to: quiet.to < theCase.now ? quiet.to : theCase.now };
  const [triggered] = incidentEventsOf(theCase, 'incident.triggered');
  const resolved = closingsOf(theCase).at(-1);
  const from = triggered?.time.at ?? theCase.windows.incident.from;
  return { from, to: resolved && !isOpen(theCase) ? resolved.time.at : theCase.now };
}

/** Whether an event is a pager's own stamp of an alarm: when its alert came or somebody closed its record, not when the alarm fired or went back. */
export function isRelay({ timeMeaning, correlationKeys }: Pick<RecordedEvent, 'timeMeaning' | 'correlationKeys'>): boolean {
  return timeMeaning !== 'occurred' && correlationKeys.some((key) => key.includes('/incident:'));
}

/** An alarm that fired for the case, by the events that say so, earliest first. */
export interface Firing {
  /** `alarm:` and its full name. */
  readonly alarm: string;
  /** Its firings; where their record is gone, the ends that are left: an alarm that went back to normal had fired. */
  readonly events: readonly [AlertEvent, ...AlertEvent[]];
}

type AlertEvent = EventOf<'alert.fired' | 'alert.resolved'>;

/**
 * The alarms that fired for the case: those that an alert of its incidents names, and those of its own services whose time in
 * alarm touches the incident. Another service's alarm is not ours, however close it fired, unless our incident names it.
 */
export function firingsOf(theCase: Case): readonly Firing[] {
  const span = incidentSpan(theCase);
  const fired = eventsOf(theCase.events, 'alert.fired');
  const resolved = eventsOf(theCase.events, 'alert.resolved');
  // Oldest first, so the last end of each alarm before the incident stays.
  const goneBy = new Map(
    resolved.flatMap((event) => (event.time.at < span.from ? alarmsOf(event).map((alarm) => [alarm, event.time.at] as const) : [])),
  );
  const isNamed = namedBefore(theCase);
  const named = withCombined(fired.filter(isNamed).flatMap(alarmsOf), theCase);
  const isOfOne = remembered((key) => isOfSubject({ belongsTo: [key] }, theCase));
  const isOwned = ({ belongsTo }: AlertEvent) => {
    const [key] = belongsTo;
    return key !== undefined && belongsTo.length === 1 ? isOfOne(key) : isOfSubject({ belongsTo }, theCase);
  };
  const isOurs = (event: AlertEvent) => isOwned(event) || alarmsOf(event).some((alarm) => named.has(alarm));
  const earliest = addMs(span.from, -durationMs(theCase.policy.windows.alarms_before));
  /** In alarm at some time of the incident: not one that had come and gone before it. */
  const isNear = (event: AlertEvent) => {
    const isInTime = event.time.at >= earliest && event.time.at <= span.to;
    return isInTime && !alarmsOf(event).some((alarm) => (goneBy.get(alarm) ?? '') > event.time.at);
  };
  const known = new Set(fired.flatMap(alarmsOf));
  const left = resolved.filter(
    (event) =>
      event.time.at >= span.from && event.time.at <= span.to && isOurs(event) && !alarmsOf(event).some((alarm) => known.has(alarm)),
  );
  return byAlarm([...fired.filter((event) => isNamed(event) || (isNear(event) && isOurs(event))), ...left]);
}

/** An alert comes before the incident that it opens, by the pager's clock. */
const LEAD_MS = 900_000;

/** Whether an alert is one of the case's incidents: a merge long after those had closed moves alerts to them that are of the later incident. */
function namedBefore(theCase: Case): (event: RecordedEvent) => boolean {
  const { facts, incidents } = theCase;
  const isLate = (fact: Fact) => fact.kind === 'incident' && !incidents.includes(fact.key) && incidents.includes(fact.mergedLateInto ?? '');
  const [moved] = facts.flatMap((fact) => (fact.kind === 'incident' && isLate(fact) ? (fact.triggeredAt ?? []) : [])).toSorted();
  const until = moved && addMs(moved, -LEAD_MS);
  return (event) => isOfIncident(event, theCase) && (until === undefined || event.time.at < until);
}

/** With an alarm that the incident names come those that it combines: they are what was wrong. */
function withCombined(named: readonly string[], { facts }: Case): ReadonlySet<string> {
  const reached = new Set(named);
  // A set grows while it is walked, so what is combined in turn is followed too, and a circle ends.
  for (const key of reached) {
    const rules = facts.flatMap((fact) => (fact.kind === 'alarm' && fact.key === key ? [fact] : []));
    for (const watched of rules.flatMap(({ watches = [] }) => watches)) reached.add(watched);
  }
  return reached;
}

function byAlarm(events: readonly AlertEvent[]): readonly Firing[] {
  const pairs = events.flatMap((event) => alarmsOf(event).map((alarm) => ({ alarm, event })));
  return [...Map.groupBy(pairs, ({ alarm }) => alarm)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([alarm, [first, ...rest]]) => (first ? [{ alarm, events: [first.event, ...rest.map(({ event }) => event)] as const }] : []));
}

/** When the alarm fired; where only its end is left, when the incident was known: it had fired by then. */
export function firedAt({ events }: Firing, theCase: Case): Moment {
  const [first] = events;
  if (first.type === 'alert.fired') return first.time;
  return { at: incidentSpan(theCase).from, minusMs: 0, plusMs: 1000 };
}

/** Every alert that made the case known: the firings above, and alerts of the incident that name no alarm. */
export function alertsOf(theCase: Case, firings: readonly Firing[]): readonly EventOf<'alert.fired'>[] {
  const joined = new Set(firings.flatMap(({ events }) => events.map(({ id }) => id)));
  const isNamed = namedBefore(theCase);
  return eventsOf(theCase.events, 'alert.fired').filter((event) => joined.has(event.id) || isNamed(event));
}

function alarmsOf({ correlationKeys }: RecordedEvent): readonly string[] {
  return correlationKeys.filter((key) => key.startsWith('alarm:'));
}
