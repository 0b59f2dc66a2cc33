import type { EventType, TimelineEvent } from '../events.ts';
import { remembered } from '../remembered.ts';
import { between } from '../time.ts';
import { joinAlerts } from './alert-joins.ts';
import { compare } from './order.ts';
import { isOneRollout, isOtherRollout, rolloutKeysOf } from './rollout-joins.ts';

/** One happening as its sources saw it. */
export interface Sighting {
  /** The event closest to the source of truth. */
  readonly event: TimelineEvent;
  readonly corroboratedBy: readonly TimelineEvent[];
}

/** How two events are told to be one happening: the key they must share, how far their clocks may be apart, and more. */
interface Rule {
  readonly types: RegExp;
  readonly keys: (event: TimelineEvent) => readonly string[];
  readonly withinMs: number;
  readonly agree?: (a: TimelineEvent, b: TimelineEvent) => boolean;
  /** What no two events of one happening may be to each other, however many others lie between them. */
  readonly contradict?: (a: TimelineEvent, b: TimelineEvent) => boolean;
  /** Of several happenings that fit the last is taken, not the first. */
  readonly latest?: true;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const startingWith =
  (prefix: string) =>
  ({ correlationKeys }: TimelineEvent): readonly string[] =>
    correlationKeys.filter((key) => key.startsWith(prefix));

/**
 * The rules, each for its kind; alarms have their own (`alert-joins.ts`). A pipeline's change event comes up to five minutes after the
 * status that it tells of. What one source says in two streams (a note and its log entry) is stamped in the same second, and in the
 * same order: of two that say the same the first belongs to the first.
 */
const RULES: readonly Rule[] = [
  // One deployment starts once: its record is stamped when it was asked for, its first status when it began.
  { types: /^deployment\./, keys: startingWith('deployment:'), withinMs: Number.POSITIVE_INFINITY },
  {
    types: /^deployment\./,
    keys: rolloutKeysOf,
    withinMs: 5 * MINUTE,
    agree: isOneRollout,
    contradict: isOtherRollout,
    latest: true,
  },
  {
    types: /^(?:note|status|responder)\./,
    keys: ({ correlationKeys }) => correlationKeys,
    withinMs: 2 * SECOND,
    agree: isRestated,
  },
  { types: /^incident\./, keys: startingWithIncident, withinMs: 2 * SECOND, agree: isOtherStream },
];

/** One source saying one thing in two streams: the same words, or the same person called. */
function isRestated(a: TimelineEvent, b: TimelineEvent): boolean {
  if (!isOtherStream(a, b)) return false;
  if ('text' in a.attributes && 'text' in b.attributes) return plain(a.attributes.text) === plain(b.attributes.text);
  const [one, other] = [a, b].map(({ attributes }) => ('responder.id' in attributes ? attributes['responder.id'] : undefined));
  return one !== undefined && one === other;
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}

function startingWithIncident({ correlationKeys }: TimelineEvent): readonly string[] {
  return correlationKeys.filter((key) => key.includes('/incident:'));
}

function isOtherStream({ provenance: a }: TimelineEvent, { provenance: b }: TimelineEvent): boolean {
  if ('rule' in a || 'rule' in b) return 'rule' in a !== 'rule' in b;
  return a.stream !== b.stream || a.source !== b.source;
}

/** How many earlier happenings of one key are looked at: none further back can lie within a rule's bounds. */
const LOOK_BACK = 8;

/** The happenings that several events tell; all others are told by one. */
export interface Joined {
  /** Each by the event that stands for it. */
  readonly sightings: ReadonlyMap<TimelineEvent, Sighting>;
  /** The events that stand behind another. */
  readonly behind: ReadonlySet<TimelineEvent>;
}

/**
 * Joins the events that are one happening. Takes them in the timeline's order; a happening stands where the event stands that stands for
 * it. One happening holds at most one event of a stream, but for the statuses of one deployment.
 */
export function joinSightings(ordered: readonly TimelineEvent[]): Joined {
  const joinable = joinableTypes(ordered);
  const told = ordered.filter(({ type }) => joinable.has(type));
  const alerts = Map.groupBy(told.filter(isAlert), ({ type }) => type);
  const groups = [
    ...[...alerts.values()].flatMap((own) => joinAlerts(own, startingWith('alarm:'))),
    ...groupsOf(told.filter((event) => !isAlert(event))).filter(({ length }) => length > 1),
  ];
  const sightings = new Map(groups.map(toSighting).map((sighting) => [sighting.event, sighting]));
  return { sightings, behind: new Set(groups.flat().filter((event) => !sightings.has(event))) };
}

function isAlert({ type }: TimelineEvent): boolean {
  return type.startsWith('alert.');
}

function groupsOf(joinable: readonly TimelineEvent[]): readonly TimelineEvent[][] {
  const groups: TimelineEvent[][] = [];
  const placesOf = remembered(rulesOf);
  for (const event of joinable) {
    const slots = placesOf(event.type).map(({ rule, byKey }) => ({ rule, byKey, keys: rule.keys(event) }));
    const group = findGroup(slots, event) ?? startGroup(groups);
    group.push(event);
    for (const { byKey, keys } of slots) {
      for (const key of keys) {
        const known = byKey.get(key);
        if (!known) byKey.set(key, [group]);
        else if (!known.includes(group) && known.push(group) > LOOK_BACK) known.shift();
      }
    }
  }
  return groups;
}

/** The types of which two streams tell, and those of deployments: of all others nothing can be joined. */
function joinableTypes(events: readonly TimelineEvent[]): ReadonlySet<EventType> {
  const firsts = new Map<EventType, TimelineEvent>();
  const joinable = new Set<EventType>();
  for (const event of events) {
    const first = firsts.get(event.type);
    if (!first) {
      firsts.set(event.type, event);
      if (event.type.startsWith('deployment.')) joinable.add(event.type);
    } else if (isOtherStream(first, event)) joinable.add(event.type);
  }
  return joinable;
}

/** A rule for events of one type, with the last happenings that each of its keys was met in. */
interface Place {
  readonly rule: Rule;
  readonly byKey: Map<string, TimelineEvent[][]>;
}

interface Slots extends Place {
  readonly keys: readonly string[];
}

function rulesOf(type: string): readonly Place[] {
  return RULES.filter((rule) => rule.types.test(type)).map((rule) => ({ rule, byKey: new Map() }));
}

function findGroup(slots: readonly Slots[], event: TimelineEvent): TimelineEvent[] | undefined {
  for (const { rule, byKey, keys } of slots) {
    for (const key of keys) {
      const known = byKey.get(key);
      const group = rule.latest ? known?.findLast((one) => fits(rule, one, event)) : known?.find((one) => fits(rule, one, event));
      if (group) return group;
    }
  }
  return undefined;
}

function startGroup(groups: TimelineEvent[][]): TimelineEvent[] {
  const group: TimelineEvent[] = [];
  groups.push(group);
  return group;
}

function fits({ withinMs, agree, contradict }: Rule, group: readonly TimelineEvent[], event: TimelineEvent): boolean {
  const isOneDeployment = event.type.startsWith('deployment.');
  if (!isOneDeployment && group.some((member) => !isOtherStream(member, event))) return false;
  if (contradict && group.some((member) => contradict(member, event))) return false;
  return group.some((member) => between(member.time, event.time).minMs <= withinMs && (agree?.(member, event) ?? true));
}

/** By what an event's type begins with: the streams nearest to the source of truth, nearest first. */
const TRUTH: Readonly<Record<string, readonly string[]>> = {
  alert: ['alarm_history'],
  deployment: ['deployment_statuses', 'deployments', 'workflow_runs'],
  note: ['log_entries'],
  incident: ['log_entries'],
  responder: ['log_entries'],
  status: ['log_entries'],
};

/** A finish is a deployment's last success (or failure); whatever else happens twice is dated by its first. */
const LAST_COUNTS: ReadonlySet<EventType> = new Set(['deployment.succeeded', 'deployment.failed']);

function toSighting(group: readonly TimelineEvent[]): Sighting {
  const [event, ...others] = group.toSorted(compareTruth);
  if (!event) throw new RangeError('a happening has an event');
  return { event, corroboratedBy: group.filter((member) => others.includes(member)) };
}

function compareTruth(a: TimelineEvent, b: TimelineEvent): number {
  const direction = LAST_COUNTS.has(a.type) ? -1 : 1;
  return distance(a) - distance(b) || direction * compare(a.time.at, b.time.at) || width(a) - width(b) || compare(a.id, b.id);
}

function distance({ type, provenance }: TimelineEvent): number {
  const streams = TRUTH[type.split('.')[0] ?? ''] ?? [];
  const place = 'rule' in provenance ? -1 : streams.indexOf(provenance.stream);
  return place < 0 ? streams.length : place;
}

function width({ time }: TimelineEvent): number {
  return time.minusMs + time.plusMs;
}
