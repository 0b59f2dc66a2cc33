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
  'alert.data_lost': 12,
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
 * `instants` are the events' own, in milliseconds, where they are known already.
 */
export function orderEvents<Event extends TimelineEvent>(
  events: readonly Event[],
  instants: ArrayLike<number> = instantsOf(events),
): readonly Event[] {
  const laneOf = rememberLanes();
  const places = placesInTime(instants);
  // Its room is taken at once: a list of a hundred thousand that grows leaves three times as much behind.
  const ordered = new Array<Event>(places.length);
  let at = 0;
  const put = (event: Event) => {
    ordered[at] = event;
    at += 1;
  };
  for (let from = 0, to = 1; from < places.length; from = to, to += 1) {
    const instant = instants[places[from] ?? 0];
    while (to < places.length && instants[places[to] ?? 0] === instant) to += 1;
    const only = events[places[from] ?? 0];
    // Most events have their instant to themselves.
    if (only && to === from + 1) put(only);
    else orderInstant(eventsAt(events, places.subarray(from, to)), laneOf).forEach(put);
  }
  return ordered;
}

function eventsAt<Event>(events: readonly Event[], places: Float64Array): readonly Event[] {
  const found: Event[] = [];
  for (const place of places) {
    const event = events[place];
    if (event !== undefined) found.push(event);
  }
  return found;
}

/**
 * The order of both, where `ordered` is in it already. What is put between others changes nothing among those: in its own lane an event
 * ranks by what is there, and `added` are of other lanes.
 */
export function insertEvents<Event extends TimelineEvent>(ordered: readonly Event[], added: readonly Event[]): readonly Event[] {
  if (added.length === 0) return ordered;
  const laneOf = rememberLanes();
  const all: Event[] = [];
  let from = 0;
  const takeUntil = (isDue: (event: Event) => boolean): readonly Event[] => {
    const first = from;
    for (let event = ordered[from]; event && isDue(event); event = ordered[from]) from += 1;
    return ordered.slice(first, from);
  };
  for (const [at, own] of Map.groupBy(orderEvents(added), ({ time }) => time.at)) {
    for (const event of takeUntil(({ time }) => time.at < at)) all.push(event);
    for (const event of orderInstant([...takeUntil(({ time }) => time.at === at), ...own], laneOf)) all.push(event);
  }
  for (const event of takeUntil(() => true)) all.push(event);
  return all;
}

/** Filled one by one: made from a list by a function it takes four times as long. */
function instantsOf(events: readonly TimelineEvent[]): Float64Array {
  const instants = new Float64Array(events.length);
  for (let place = 0; place < instants.length; place += 1) {
    const event = events[place];
    if (event) instants[place] = epochMs(event.time.at);
  }
  return instants;
}

/**
 * Earliest first. Sorted as numbers, and where the time that they span leaves room as one number of instant and place: a hundred thousand
 * are compared two million times.
 */
function placesInTime(instants: ArrayLike<number>): Float64Array {
  const count = instants.length;
  const places = new Float64Array(count);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let isSorted = true;
  for (let place = 0; place < count; place += 1) {
    const instant = instants[place] ?? 0;
    places[place] = place;
    if (instant < last) isSorted = false;
    if (instant < first) first = instant;
    if (instant > last) last = instant;
  }
  // A case's events lie in time already.
  if (isSorted) return places;
  if ((last - first + 1) * count > Number.MAX_SAFE_INTEGER) return places.sort((a, b) => (instants[a] ?? 0) - (instants[b] ?? 0) || a - b);
  for (let place = 0; place < count; place += 1) places[place] = ((instants[place] ?? 0) - first) * count + place;
  places.sort();
  for (let place = 0; place < count; place += 1) places[place] = (places[place] ?? 0) % count;
  return places;
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
