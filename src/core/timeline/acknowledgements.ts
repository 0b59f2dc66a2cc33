import { derivedId, type EventOf, type EventType, type RecordedEvent, type TimelineEvent } from '../events.ts';
import { orderEvents } from './order.ts';

/** PagerDuty's own three words for where an incident stands. */
export type IncidentState = 'triggered' | 'acknowledged' | 'resolved';

type AckLapsed = EventOf<'incident.ack_lapsed'>;

/**
 * What each happening makes of an incident. Escalating or delegating puts an acknowledged one back to triggered and writes
 * no unacknowledge entry (recorded from a real account: three acknowledgements, later escalations, final status triggered).
 * A merge closes this record; the target lives on. A trigger is not here: later alerts of one incident trigger again.
 */
const LEADS_TO: Readonly<Partial<Record<EventType, IncidentState>>> = {
  'incident.acknowledged': 'acknowledged',
  'incident.unacknowledged': 'triggered',
  'incident.ack_lapsed': 'triggered',
  'incident.escalated': 'triggered',
  'incident.delegated': 'triggered',
  'incident.reopened': 'triggered',
  'incident.merged': 'resolved',
  'incident.resolved': 'resolved',
};

/**
 * Where the events of one incident leave it; undefined before its trigger. Takes the events of any one incident, in any
 * order, with or without the lapses that `deriveAckLapses` finds.
 */
export function finalStateOf(events: readonly TimelineEvent[]): IncidentState | undefined {
  let state: IncidentState | undefined;
  let acknowledgedBy: TimelineEvent | undefined;
  for (const event of orderEvents(events)) {
    state = stateAfter(state, event, acknowledgedBy);
    if (event.type === 'incident.acknowledged') acknowledgedBy = event;
  }
  return state;
}

/**
 * "Escalated or delegated while acknowledged", for each incident: the source writes no entry of it, so the span of an
 * acknowledgement would never end. A person who hands an acknowledged incident to somebody else ends it too; the
 * assignment that the source itself writes beside an acknowledgement does not.
 */
export function deriveAckLapses(events: readonly TimelineEvent[]): readonly AckLapsed[] {
  const incidents = Map.groupBy(events.filter(isRecorded), incidentOf);
  incidents.delete(undefined);
  return [...incidents].flatMap(([incident, own]) => lapsesOf(incident ?? '', own));
}

function lapsesOf(incident: string, events: readonly RecordedEvent[]): readonly AckLapsed[] {
  const lapses: AckLapsed[] = [];
  let state: IncidentState | undefined;
  let acknowledgement: RecordedEvent | undefined;
  for (const event of orderEvents(events).filter(isRecorded)) {
    const next = stateAfter(state, event, acknowledgement);
    const silent = event.type !== 'incident.unacknowledged' && event.type !== 'incident.reopened';
    if (state === 'acknowledged' && next === 'triggered' && acknowledgement && silent)
      lapses.push(toLapse(incident, acknowledgement, event));
    if (event.type === 'incident.acknowledged') acknowledgement = event;
    state = next;
  }
  return lapses;
}

function stateAfter(state: IncidentState | undefined, event: TimelineEvent, acknowledgement: TimelineEvent | undefined) {
  if (event.type === 'incident.triggered') return state ?? 'triggered';
  if (event.type === 'incident.reassigned' && state === 'acknowledged' && acknowledgement) {
    // Taking an incident over writes an assignment beside the acknowledgement, in the same second.
    return event.actor?.kind === 'person' && event.time.at > acknowledgement.time.at ? 'triggered' : state;
  }
  return LEADS_TO[event.type] ?? state;
}

function toLapse(incident: string, acknowledgement: RecordedEvent, cause: RecordedEvent): AckLapsed {
  const { time, timeMeaning, knowableAt, sequence, actor, url, belongsTo, correlationKeys, provenance } = cause;
  return {
    id: derivedId('ack_lapsed', `${incident}/${provenance.nativeId}`, 'incident.ack_lapsed'),
    type: 'incident.ack_lapsed',
    time,
    timeMeaning,
    knowableAt,
    ...(sequence !== undefined && { sequence }),
    ...(actor && { actor }),
    ...(url !== undefined && { url }),
    belongsTo,
    correlationKeys,
    attributes: { 'incident.id': 'incident.id' in cause.attributes ? cause.attributes['incident.id'] : incident },
    provenance: { rule: 'ack_lapsed', from: [acknowledgement.provenance.evidence, provenance.evidence] },
  };
}

function isRecorded(event: TimelineEvent): event is RecordedEvent {
  return !('rule' in event.provenance);
}

/** The incident that an event is about, by source: two accounts never share one. */
function incidentOf({ attributes, provenance }: RecordedEvent): string | undefined {
  return 'incident.id' in attributes ? `${provenance.source}/incident:${attributes['incident.id']}` : undefined;
}
