import type { TimelineEvent } from '../events.ts';
import { epochMs } from '../time.ts';
import { type Edge, matchInOrder } from './matching.ts';
import { laneOf } from './order.ts';

const SECOND = 1_000;
/** Times that are one but for rounding: an alarm's own, and the same where a pager's alert hands it on. */
const SAME_MS = 2 * SECOND;
/** What a relay takes at most, and what two monitors of one alarm are apart at most. */
const RELAY_MS = 120 * SECOND;
/** A relay cannot be early, but for the clocks: of those that keep time by NTP some seconds are much. */
const EARLY_MS = 10 * SECOND;

/** Streams that tell the alarm's own time, nearest to its monitor first; the second where it says when the alarm changed. */
const OWN: readonly string[] = ['alarm_history', 'alerts'];

/**
 * The firings (or the ends) of alarms that several sources saw, each as the two or more events of it, in the timeline's order. Takes events
 * of one type in that order, and what names an alarm. Source by source each record goes with the firing that it is of: an alarm that fires every
 * minute is told late by all its relays, and each in order. A source tells no firing twice.
 */
export function joinAlerts(
  ordered: readonly TimelineEvent[],
  keysOf: (event: TimelineEvent) => readonly string[],
): readonly TimelineEvent[][] {
  const places = new Map(ordered.map((event, place) => [event, place]));
  const placeOf = (event: TimelineEvent) => places.get(event) ?? 0;
  const groups = [...byAlarm(ordered, keysOf).values()].flatMap((own) => joinAlarm(own, keysOf));
  return groups.filter(({ length }) => length > 1).map((group) => group.toSorted((a, b) => placeOf(a) - placeOf(b)));
}

/** By alarm: events that share a key, or that a third one ties. */
function byAlarm(events: readonly TimelineEvent[], keysOf: (event: TimelineEvent) => readonly string[]) {
  const parents = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let up = parents.get(root); up !== undefined; up = parents.get(root)) root = up;
    return root;
  };
  for (const event of events) {
    const [first, ...others] = keysOf(event).map(rootOf);
    for (const other of others)
      if (first !== undefined && other !== first && rootOf(other) !== rootOf(first)) parents.set(rootOf(other), rootOf(first));
  }
  const alarms = new Map<string, TimelineEvent[]>();
  for (const event of events) {
    const [key] = keysOf(event);
    if (key === undefined) continue;
    const root = rootOf(key);
    const own = alarms.get(root);
    if (own) own.push(event);
    else alarms.set(root, [event]);
  }
  return alarms;
}

function joinAlarm(events: readonly TimelineEvent[], keysOf: (event: TimelineEvent) => readonly string[]): readonly TimelineEvent[][] {
  const lanes = [...Map.groupBy(events, laneOf)].toSorted(
    ([a, [one]], [b, [other]]) => nearness(one) - nearness(other) || (a < b ? -1 : 1),
  );
  if (lanes.length < 2) return [];
  let groups: TimelineEvent[][] = [];
  for (const [, lane] of lanes) {
    const pairs = matchInOrder(edgesOf(groups, lane, keysOf));
    for (const { one, other } of pairs) {
      const event = lane[one];
      if (event) groups[other]?.push(event);
    }
    const matched = new Set(pairs.map(({ one }) => one));
    const alone = lane.filter((_, place) => !matched.has(place)).map((event) => [event]);
    if (alone.length > 0) groups = [...groups, ...alone].toSorted(([a], [b]) => timeOf(a) - timeOf(b));
  }
  return groups;
}

/** Of one alarm no more firings than this lie within a relay's bounds, before and after: of what fires faster the nearest are looked at. */
const BACK = 16;
const AHEAD = 4;

/** Both lists lie in time: of each event only the groups around it are looked at. */
function edgesOf(groups: readonly TimelineEvent[][], lane: readonly TimelineEvent[], keysOf: (event: TimelineEvent) => readonly string[]) {
  const edges: Edge[] = [];
  const widest = [...groups.flat(), ...lane].reduce((most, { time }) => Math.max(most, time.minusMs + time.plusMs), 0);
  const reach = RELAY_MS + 2 * widest;
  const startOf = (other: number) => timeOf(groups[other]?.[0]);
  let [from, next] = [0, 0];
  lane.forEach((event, one) => {
    const ms = timeOf(event);
    while (from < groups.length && startOf(from) < ms - reach) from += 1;
    while (next < groups.length && startOf(next) <= ms) next += 1;
    const to = Math.min(groups.length, next + AHEAD);
    for (let other = Math.max(from, next - BACK); other < to && startOf(other) <= ms + reach; other += 1) {
      const [first] = groups[other] ?? [];
      const cost = first && costOf(first, event);
      if (first && cost !== undefined && keysOf(first).some((key) => keysOf(event).includes(key))) edges.push({ one, other, cost });
    }
  });
  return edges;
}

/** How far two records are apart that may be of one firing; nothing where they cannot be. */
function costOf(first: TimelineEvent, event: TimelineEvent): number | undefined {
  const lateMs = timeOf(event) - timeOf(first);
  const leastMs = lateMs - first.time.plusMs - event.time.minusMs;
  const mostMs = lateMs + first.time.minusMs + event.time.plusMs;
  const mayTakeMs = event.type !== 'alert.fired' || (isOwnTime(first) && isOwnTime(event)) ? SAME_MS : RELAY_MS;
  const mayBeEarlyMs = mayTakeMs === RELAY_MS && isOwnTime(first) && event.timeMeaning !== 'occurred' ? EARLY_MS : mayTakeMs;
  return leastMs <= mayTakeMs && mostMs >= -mayBeEarlyMs ? Math.abs(lateMs) : undefined;
}

function isOwnTime(event: TimelineEvent): boolean {
  return event.timeMeaning === 'occurred' && nearness(event) < OWN.length;
}

function nearness(event: TimelineEvent | undefined): number {
  const stream = event && !('rule' in event.provenance) ? event.provenance.stream : '';
  const place = OWN.indexOf(stream);
  return place < 0 ? OWN.length : place;
}

function timeOf(event: TimelineEvent | undefined): number {
  return event ? epochMs(event.time.at) : 0;
}
