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
  const inTime = sortByTime(events);
  const laneOf = rememberLanes();
  const ordered: Event[] = [];
  for (let from = 0, to = 1; from < inTime.length; from = to, to += 1) {
    const first = inTime[from];
    while (first && inTime[to]?.time.at === first.time.at) to += 1;
    // Most events have their instant to themselves.
    if (first && to === from + 1) ordered.push(first);
    else for (const one of orderInstant(inTime.slice(from, to), laneOf)) ordered.push(one);
  }
  return ordered;
}

/**
 * Earliest first, of one instant as given. A case's events lie in time, and are ordered again with the few that were derived from them:
 * only what follows the first step back is sorted, and then put between.
 */
function sortByTime<Event extends TimelineEvent>(events: readonly Event[]): readonly Event[] {
  const run = lengthInTime(events);
  if (run === events.length) return events;
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

/** How many at the beginning lie in time. Instants compare as text, which is less work than reading them. */
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
  const instants = Float64Array.from(events, ({ time }) => epochMs(time.at));
  return Array.from(placesInTime(instants), (place) => events[place]).filter((event) => event !== undefined);
}

function placesInTime(instants: Float64Array): Uint32Array {
  const count = instants.length;
  const first = instants.reduce((a, b) => Math.min(a, b));
  const last = instants.reduce((a, b) => Math.max(a, b));
  if ((last - first + 1) * count > Number.MAX_SAFE_INTEGER)
    return Uint32Array.from(instants.keys()).sort((a, b) => (instants[a] ?? 0) - (instants[b] ?? 0) || a - b);
  const both = instants.map((instant, index) => (instant - first) * count + index).sort();
  return Uint32Array.from(both, (one) => one % count);
}

type LaneOf = (event: TimelineEvent) => string;

/** The stream that tells an event, as one text: a few streams tell a hundred thousand. */
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
