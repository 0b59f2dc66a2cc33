import type { Case } from '../case.ts';
import type { EventType, TimelineEvent } from '../events.ts';
import { ownerOf } from '../ownership.ts';
import { remembered } from '../remembered.ts';
import type { Belonging, TimelineEntry } from './entry.ts';
import { joinSightings } from './join.ts';
import { insertEvents, orderEvents } from './order.ts';
import { findSpans, type Run } from './spans.ts';

type Owners = Pick<Case, 'services' | 'subject'> & Partial<Pick<Case, 'incidents' | 'events'>>;

/**
 * The merged, owned timeline: one entry for one happening, however many sources saw it, and one for many where an alarm
 * flapped or people were notified in a row. Nothing is dropped: every event stands in exactly one entry, as its event,
 * among `corroboratedBy` or among `members`. Any order of `events` gives the same timeline. `derived` are those that were computed from
 * them.
 */
export function mergeTimeline(
  events: readonly TimelineEvent[],
  owners: Owners,
  derived: readonly TimelineEvent[] = NONE,
): readonly TimelineEntry[] {
  // A case holds each of its events once, in their order.
  const own = events === owners.events ? events : orderEvents(distinct(events));
  const ordered = insertEvents<TimelineEvent>(own, distinct(derived));
  const joined = joinSightings(ordered);
  const belongingOf = rememberBelongings(owners);
  const { runs, inside } = findSpans(ordered, joined, ({ event, corroboratedBy }) =>
    Object.values(belongingOf(event, corroboratedBy)).join(' '),
  );
  // Its room is taken at once, as much as there can be.
  const entries = new Array<TimelineEntry>(ordered.length);
  let count = 0;
  for (const event of ordered) {
    if (joined.behind.has(event) || inside.has(event)) continue;
    const run = runs.get(event);
    const corroboratedBy = run?.flatMap((one) => one.corroboratedBy) ?? joined.sightings.get(event)?.corroboratedBy ?? NONE;
    entries[count] = toEntry(event, corroboratedBy, belongingOf(event, corroboratedBy), run);
    count += 1;
  }
  entries.length = count;
  return entries;
}

/** One for all that nothing else tells of, which are most. */
const NONE: readonly never[] = [];

/** Each event once. */
function distinct(events: readonly TimelineEvent[]): readonly TimelineEvent[] {
  const ids = new Set<string>();
  for (const { id } of events) ids.add(id);
  return ids.size === events.length ? events : [...new Map(events.map((event) => [event.id, event])).values()];
}

function toEntry(event: TimelineEvent, corroboratedBy: readonly TimelineEvent[], belongs: Belonging, run: Run | undefined): TimelineEntry {
  const last = run?.at(-1);
  if (!run || !last) return { event, corroboratedBy, belongs, kind: 'single' };
  return { event, corroboratedBy, belongs, kind: 'span', until: last.event.time, members: run.map((one) => one.event) };
}

/** What people assert is told of this case, whatever it names. */
const ASSERTED: ReadonlySet<EventType> = new Set(['milestone.asserted', 'event.asserted', 'suspect.judged']);

/**
 * Whose a row is: the event's own claim, unless a corroborating event belongs to the incident's service. So a shared
 * alarm that paged us is ours, and a record that nobody claims is owned through the one that somebody does.
 */
function rememberBelongings({
  services,
  subject,
  incidents,
}: Owners): (event: TimelineEvent, corroboratedBy: readonly TimelineEvent[]) => Belonging {
  const [first] = subject;
  const ofCase: ReadonlySet<string> = new Set(incidents ?? []);
  const ownerOfOne = remembered((key) => ownerOf([key], services, subject));
  const owner = ({ belongsTo }: TimelineEvent) => {
    const [key] = belongsTo;
    return key !== undefined && belongsTo.length === 1 ? ownerOfOne(key) : ownerOf(belongsTo, services, subject);
  };
  // Old records of a pager name the incident and no service.
  const isNameless = ({ type, belongsTo, correlationKeys }: TimelineEvent) =>
    belongsTo.length === 0 && (ASSERTED.has(type) || correlationKeys.some((key) => ofCase.has(key)));
  return (event, corroboratedBy) => {
    if (first !== undefined && isNameless(event)) return { service: first };
    const own = owner(event);
    if (!('why' in own) || corroboratedBy.length === 0) return own;
    const others = corroboratedBy.map(owner);
    const ours = others.find((belonging) => !('why' in belonging));
    return ours ?? [own, ...others].find(({ service }) => service === 'other') ?? own;
  };
}
