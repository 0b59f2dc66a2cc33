import type { EventType, TimelineEvent } from '../events.ts';
import { epochMs } from '../time.ts';

/** Cause before effect when the clocks cannot tell: for display, never for deduction. */
const RANK = {
  'change.merged': 0,
  'branch.force_pushed': 0,
  'release.published': 0,
  'flag.changed': 0,
  'config.changed': 0,
  'deployment.started': 1,
  'deployment.succeeded': 2,
  'deployment.failed': 2,
  'metric.breached': 3,
  'alert.fired': 4,
  'alert.suppressed': 4,
  'incident.triggered': 5,
  'incident.reopened': 5,
  'incident.reassigned': 6,
  'responder.requested': 6,
  'responder.notified': 7,
  'incident.acknowledged': 8,
  'responder.joined': 8,
  'responder.declined': 8,
  'incident.unacknowledged': 9,
  'incident.ack_lapsed': 9,
  'incident.escalated': 9,
  'incident.unanswered': 9,
  'incident.delegated': 9,
  'incident.snoozed': 9,
  'incident.priority_updated': 9,
  'status.published': 10,
  'message.posted': 10,
  'note.added': 10,
  'milestone.asserted': 10,
  'event.asserted': 10,
  'suspect.judged': 10,
  'metric.recovered': 11,
  'alert.resolved': 12,
  'incident.merged': 13,
  'incident.resolved': 13,
} as const satisfies Record<EventType, number>;

interface Keyed<Event extends TimelineEvent> {
  readonly event: Event;
  readonly lane: string;
  readonly sequence: number;
  rank: number;
}

/**
 * One total order. Inside an instant a source's own order holds: an event ranks no lower than what its source put
 * before it. Then rank, lane, sequence and id are keys of every event, so the order is transitive and arrival cannot matter.
 */
export function orderEvents<Event extends TimelineEvent>(events: readonly Event[]): readonly Event[] {
  const inTime = sortByTime(events);
  const ordered: Event[] = [];
  let together: Event[] = [];
  inTime.forEach((event, index) => {
    together.push(event);
    // Most events have their instant to themselves.
    if (event.time.at === inTime[index + 1]?.time.at) return;
    for (const one of together.length > 1 ? orderInstant(together) : together) ordered.push(one);
    together = [];
  });
  return ordered;
}

/** Earliest first. Sorted as numbers: the texts of one hour begin alike, and a hundred thousand are compared two million times. */
function sortByTime<Event extends TimelineEvent>(events: readonly Event[]): readonly Event[] {
  if (events.every(({ time }, index) => index === 0 || (events[index - 1]?.time.at ?? '') <= time.at)) return events;
  const instants = Float64Array.from(events, ({ time }) => epochMs(time.at));
  const places = Uint32Array.from(events.keys()).sort((a, b) => (instants[a] ?? 0) - (instants[b] ?? 0));
  return Array.from(places, (place) => events[place]).filter((event) => event !== undefined);
}

/** Orders the events of one instant. */
function orderInstant<Event extends TimelineEvent>(events: readonly Event[]): readonly Event[] {
  const keyed = events.map(toKeyed).sort((a, b) => compare(a.lane, b.lane) || tie(a, b));
  liftRanks(keyed);
  return keyed.sort((a, b) => compare(a.rank, b.rank) || compare(a.lane, b.lane) || tie(a, b)).map(({ event }) => event);
}

/** In each lane, lifts a rank to the highest that a strictly smaller sequence has. Takes lanes in order. */
function liftRanks(keyed: readonly Keyed<TimelineEvent>[]): void {
  let before = -1;
  let among = -1;
  keyed.forEach((here, index) => {
    const last = keyed[index - 1];
    if (last?.lane !== here.lane) {
      before = -1;
      among = -1;
    } else if (last.sequence < here.sequence) {
      before = Math.max(before, among);
    }
    here.rank = Math.max(here.rank, before);
    among = Math.max(among, here.rank);
  });
}

function toKeyed<Event extends TimelineEvent>(event: Event): Keyed<Event> {
  const { provenance } = event;
  const lane = 'rule' in provenance ? 'derived' : `${provenance.source}/${provenance.stream}`;
  return { event, lane, sequence: event.sequence ?? 0, rank: RANK[event.type] };
}

function tie(a: Keyed<TimelineEvent>, b: Keyed<TimelineEvent>): number {
  return compare(a.sequence, b.sequence) || compare(a.event.id, b.event.id);
}

/** Ascending, by code units: never by a locale. */
export function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
