import type { Case } from '../case.ts';
import type { EventType, TimelineEvent } from '../events.ts';
import { ownerOf } from '../ownership.ts';
import { remembered } from '../remembered.ts';
import { type Belonging, entryKey, type TimelineEntry } from './entry.ts';
import { joinSightings } from './join.ts';
import { orderEvents } from './order.ts';
import { collapseSpans, type Row } from './spans.ts';

type Owners = Pick<Case, 'services' | 'subject'> & { readonly incidents?: readonly string[] };

/**
 * The merged, owned timeline: one entry for one happening, however many sources saw it, and one for many where an alarm
 * flapped or people were notified in a row. Nothing is dropped: every event stands in exactly one entry, as its event,
 * among `corroboratedBy` or among `members`. Any order of `events` gives the same timeline.
 */
export function mergeTimeline(events: readonly TimelineEvent[], owners: Owners): readonly TimelineEntry[] {
  const rows = collapseSpans(joinSightings(distinct(orderEvents(events))));
  const belongingOf = rememberBelongings(owners);
  return rows.map((row) => toEntry(row, belongingOf(row)));
}

/** Each event once. */
function distinct(ordered: readonly TimelineEvent[]): readonly TimelineEvent[] {
  const ids = new Set<string>();
  for (const { id } of ordered) ids.add(id);
  return ids.size === ordered.length ? ordered : [...new Map(ordered.map((event) => [event.id, event])).values()];
}

function toEntry({ event, corroboratedBy, members }: Row, belongs: Belonging): TimelineEntry {
  const key = entryKey(event.id);
  const last = members?.at(-1);
  if (members && last) return { key, event, corroboratedBy, belongs, kind: 'span', until: last.time, members };
  return { key, event, corroboratedBy, belongs, kind: 'single' };
}

/** What people assert is told of this case, whatever it names. */
const ASSERTED: ReadonlySet<EventType> = new Set(['milestone.asserted', 'event.asserted', 'suspect.judged']);

/**
 * Whose a row is: the event's own claim, unless a corroborating event belongs to the incident's service. So a shared
 * alarm that paged us is ours, and a record that nobody claims is owned through the one that somebody does.
 */
function rememberBelongings({ services, subject, incidents = [] }: Owners): (row: Row) => Belonging {
  const [first] = subject;
  const ofCase = new Set(incidents);
  const ownerOfOne = remembered((key) => ownerOf([key], services, subject));
  const owner = ({ belongsTo }: TimelineEvent) => {
    const [key] = belongsTo;
    return key !== undefined && belongsTo.length === 1 ? ownerOfOne(key) : ownerOf(belongsTo, services, subject);
  };
  return ({ event, corroboratedBy }) => {
    // Old records of a pager name the incident and no service.
    const isOfCase = ASSERTED.has(event.type) || event.correlationKeys.some((key) => ofCase.has(key));
    if (isOfCase && event.belongsTo.length === 0 && first !== undefined) return { service: first };
    const own = owner(event);
    if (!('why' in own) || corroboratedBy.length === 0) return own;
    const others = corroboratedBy.map(owner);
    const ours = others.find((belonging) => !('why' in belonging));
    return ours ?? [own, ...others].find(({ service }) => service === 'other') ?? own;
  };
}
