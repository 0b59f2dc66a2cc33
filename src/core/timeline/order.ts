import type { EventType, TimelineEvent } from '../events.ts';
import { remembered } from '../remembered.ts';
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
  return orderInTime(events) ?? orderInTime(sortByTime(events)) ?? events;
}

/** Orders what shares an instant among events that lie in time; nothing where one steps back. Instants compare as text. */
function orderInTime<Event extends TimelineEvent>(events: readonly Event[]): readonly Event[] | undefined {
  const laneOf = rememberLanes();
  const ordered: Event[] = [];
  let from = 0;
  let last = '';
  const close = (to: number) => {
    const only = events[from];
    // Most events have their instant to themselves.
    if (only && to === from + 1) ordered.push(only);
    else if (only) for (const one of orderInstant(events.slice(from, to), laneOf)) ordered.push(one);
    from = to;
  };
  for (let place = 0; place < events.length; place += 1) {
    const at = events[place]?.time.at ?? '';
    if (at < last) return undefined;
    if (at !== last) close(place);
    last = at;
  }
  close(events.length);
  return ordered;
}

/**
 * Earliest first, of one instant as given. A case's events lie in time, and are ordered again with the few that were derived from them:
 * only what follows the first step back is sorted, and then put between.
 */
function sortByTime<Event extends TimelineEvent>(events: readonly Event[]): readonly Event[] {
  const run = lengthInTime(events);
  const rest = sortAll(events.slice(run));
  const sorted: Event[] = [];
  let next = 0;
  const take = (isDue: (other: Event) => boolean) => {
    for (let other = rest[next]; other && isDue(other); other = rest[next]) {
      sorted.push(other);
      next += 1;
    }
  };
  for (let place = 0; place < run; place += 1) {
    const event = events[place];
    if (!event) continue;
    take(({ time }) => time.at < event.time.at);
    sorted.push(event);
  }
  take(() => true);
  return sorted;
}

/** How many at the beginning lie in time. */
function lengthInTime(events: readonly TimelineEvent[]): number {
  let last = '';
  for (let place = 0; place < events.length; place += 1) {
    const at = events[place]?.time.at ?? '';
    if (at < last) return place;
    last = at;
  }
  return events.length;
}

/**
 * Sorted as numbers, and where the time that they span leaves room as one number of instant and place: a hundred thousand are compared
 * two million times.
 */
function sortAll<Event extends TimelineEvent>(events: readonly Event[]): readonly Event[] {
  const instants = new Float64Array(events.length);
  events.forEach(({ time }, place) => {
    instants[place] = epochMs(time.at);
  });
  const sorted: Event[] = [];
  for (const place of placesInTime(instants)) {
    const event = events[place];
    if (event) sorted.push(event);
  }
  return sorted;
}

function placesInTime(instants: Float64Array): Float64Array {
  const count = instants.length;
  const first = instants.reduce((a, b) => Math.min(a, b));
  const last = instants.reduce((a, b) => Math.max(a, b));
  if ((last - first + 1) * count > Number.MAX_SAFE_INTEGER)
    return Float64Array.from(instants.keys()).sort((a, b) => (instants[a] ?? 0) - (instants[b] ?? 0) || a - b);
  for (let place = 0; place < count; place += 1) instants[place] = ((instants[place] ?? 0) - first) * count + place;
  instants.sort();
  for (let place = 0; place < count; place += 1) instants[place] = (instants[place] ?? 0) % count;
  return instants;
}

type LaneOf = (event: TimelineEvent) => string;

/** The stream that tells an event. */
export function laneOf({ provenance }: TimelineEvent): string {
  return 'rule' in provenance ? 'derived' : `${provenance.source}/${provenance.stream}`;
}

/** The same, remembered: a few streams tell a hundred thousand. */
function rememberLanes(): LaneOf {
  const lanesOf = remembered((source) => remembered((stream) => `${source}/${stream}`));
  return ({ provenance }) => ('rule' in provenance ? 'derived' : lanesOf(provenance.source)(provenance.stream));
}

/** Orders the events of one instant. */
function orderInstant<Event extends TimelineEvent>(events: readonly Event[], laneOf: LaneOf): readonly Event[] {
  const keyed = events.map(
    (event): Keyed<Event> => ({ event, lane: laneOf(event), sequence: event.sequence ?? 0, rank: RANK[event.type] }),
  );
  keyed.sort((a, b) => compare(a.lane, b.lane) || tie(a, b));
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

function tie(a: Keyed<TimelineEvent>, b: Keyed<TimelineEvent>): number {
  return compare(a.sequence, b.sequence) || compare(a.event.id, b.event.id);
}

/** Ascending, by code units: never by a locale. */
export function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
