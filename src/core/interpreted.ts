import type { Actor, EventId, Provenance, RecordedEvent, RecordedType, TimeMeaning } from './events.ts';
import type { EvidenceId, Json } from './evidence.ts';
import type { Fact, FactSeed } from './facts.ts';
import { FORM, type Mold, type Origin, type Packed, type PackedSeries } from './packed.ts';
import type { Series } from './series.ts';
import type { Shared } from './shared.ts';
import type { Instant, Moment } from './time.ts';
import type { Stamped } from './timeline/normalize.ts';

/** A record as a store numbers it. */
export interface Place {
  readonly no: number;
  readonly id: EvidenceId;
  /** Its place in its source's order, in the run that counts. */
  readonly sequence?: number;
}

/**
 * Tells what was kept of how records read (`startPacking` wrote it), so that a second reading of them need not parse their bodies and
 * normalize them again. It is a cache, by number of record and code that read it, and never the truth. `places` come in the order of
 * their numbers; back come those of which nothing stands here that the code with the id `normalizerOf` read. A record of a source
 * that nobody reads says nothing. Texts, lists and actors are those that `shared` met first. Text that no page is counts as an empty one.
 */
export function readPage(
  text: string,
  places: readonly Place[],
  { shared, normalizerOf }: { readonly shared: Shared; readonly normalizerOf: (source: string) => string | undefined },
  take: (stamped: Stamped) => void,
): readonly Place[] {
  const packed = parsePage(text);
  if (!packed) return places;
  const tell = startTelling(packed, shared);
  const wanted = packed.origins.map(({ source }) => normalizerOf(source));
  const { records } = packed;
  const unread: Place[] = [];
  let at = 0;
  for (const place of places) {
    while (at < records.no.length && (records.no[at] ?? 0) < place.no) {
      tell.skip(at);
      at += 1;
    }
    const origin = records.origin[at] ?? -1;
    if (records.no[at] !== place.no || (wanted[origin] !== undefined && wanted[origin] !== packed.origins[origin]?.normalizer))
      unread.push(place);
    else if (wanted[origin] !== undefined) {
      take(tell.record(at, place));
      at += 1;
    }
  }
  return unread;
}

function parsePage(text: string): Packed | undefined {
  try {
    const packed: Packed | null = JSON.parse(text);
    return packed?.form === FORM ? packed : undefined;
  } catch {
    return undefined;
  }
}

interface Telling {
  /** Of each record in turn one of the two is asked. */
  skip(at: number): void;
  record(at: number, place: Place): Stamped;
}

/** How far the columns were read. */
interface Cursor {
  event: number;
  fact: number;
  /** In the texts, by characters. */
  nativeId: number;
  id: number;
  originalTime: number;
}

function startTelling(packed: Packed, shared: Shared): Telling {
  const { records, facts, told } = packed;
  const words = wordsOf(packed, shared);
  const issues = new Map(packed.issues);
  const series = new Map(packed.series);
  const cursor: Cursor = { event: 0, fact: 0, nativeId: 0, id: 0, originalTime: 0 };
  const eventsOf = (count: number, from: From, sequence: number | undefined) => {
    if (count === 0) return NO_EVENTS;
    const first = cursor.event;
    const own = [takeEvent(packed, words, cursor, from, sequence)];
    for (let one = 1; one < count; one += 1) own.push(takeEvent(packed, words, cursor, from, sequence));
    return { events: own, marks: packed.events.mark.slice(first, first + count) };
  };
  const factsOf = (count: number, evidence: EvidenceId): readonly Fact[] => {
    if (count === 0) return NONE;
    const own: Fact[] = [];
    for (const end = cursor.fact + count; cursor.fact < end; cursor.fact += 1)
      own.push({ ...(facts[told[cursor.fact] as number] as FactSeed), evidence });
    return own;
  };
  return {
    skip: (at) => {
      for (const end = cursor.event + (records.events[at] ?? 0); cursor.event < end; cursor.event += 1) {
        cursor.id += packed.events.id.lengths[cursor.event] as number;
        cursor.originalTime += packed.events.originalTime.lengths[cursor.event] as number;
      }
      cursor.fact += records.facts[at] ?? 0;
      cursor.nativeId += records.nativeId.lengths[at] as number;
    },
    record: (at, { id, sequence }) => {
      const { source, stream, normalizer } = words.origins[records.origin[at] as number] as Origin;
      const nativeId = records.nativeId.text.slice(cursor.nativeId, cursor.nativeId + (records.nativeId.lengths[at] as number));
      cursor.nativeId += nativeId.length;
      const from = { source, stream, normalizer, nativeId, evidence: id };
      const { events, marks } = eventsOf(records.events[at] ?? 0, from, sequence);
      const ownSeries = series.get(at);
      const stamped = {
        record: { id, source, stream },
        events,
        marks,
        series: ownSeries?.map((one): Series => ({ ...unpackSeries(one, shared), source, evidence: [id] })) ?? NONE,
        facts: factsOf(records.facts[at] ?? 0, id),
        issues: issues.get(at) ?? NONE,
      };
      const knowableAt = records.knowableAt[at] || undefined;
      return knowableAt === undefined ? stamped : { ...stamped, knowableAt };
    },
  };
}

const NONE: readonly never[] = [];
const NO_EVENTS: { readonly events: readonly RecordedEvent[]; readonly marks: readonly number[] } = { events: NONE, marks: NONE };

type From = Omit<Provenance, 'pointer' | 'originalTime'>;

/** What the numbers stand for. */
interface Words extends Pick<Packed, 'texts' | 'lists' | 'actors' | 'molds' | 'origins'> {
  /** Of what events say in the same words there is one object. */
  readonly attributes: readonly RecordedEvent['attributes'][];
}

function wordsOf({ texts, lists, actors, values, attributes, molds, origins }: Packed, { text, list, actor }: Shared): Words {
  const own = values.map((value) => (typeof value === 'string' ? text(value) : value));
  return {
    texts: texts.map(text),
    lists: lists.map((own) => list(own)),
    actors: actors.map(actor),
    attributes: attributes.map((said) => unpackAttributes(said, lists, own)),
    molds: molds.map(({ type, timeMeaning, pointer, ...mold }) => ({
      ...mold,
      type: constantOf(type),
      timeMeaning: constantOf(timeMeaning),
      pointer: text(pointer),
    })),
    origins: origins.map(({ source, stream, normalizer }) => ({
      source: text(source),
      stream: text(stream),
      normalizer: text(normalizer),
    })),
  };
}

function unpackAttributes(
  [names, ...own]: Packed['attributes'][number],
  lists: Packed['lists'],
  values: Packed['values'],
): RecordedEvent['attributes'] {
  const said: Record<string, Json> = {};
  const all = lists[names] ?? NONE;
  for (let at = 0; at < all.length; at += 1) said[all[at] as string] = values[own[at] as number] as Json;
  return said as RecordedEvent['attributes'];
}

/** The same text as a name of a member is: it is compared with those in the code by its place, not by its characters. */
function constantOf<Text extends string>(text: Text): Text {
  return (Object.keys({ [text]: 0 })[0] ?? text) as Text;
}

/** In the order of `stamp`'s, so that an event is the same to the byte, however it was read. */
interface Building {
  type: RecordedType;
  time: Moment;
  timeMeaning: TimeMeaning;
  knowableAt: Instant;
  belongsTo: readonly string[];
  correlationKeys: readonly string[];
  attributes: RecordedEvent['attributes'];
  id: EventId;
  provenance: Provenance;
  actor?: Actor;
  url?: string;
  sequence?: number;
}

/** Takes the next event. What stands in the columns was packed with what it points to, so all of it is there. */
function takeEvent({ events }: Packed, words: Words, cursor: Cursor, from: From, sequence: number | undefined): RecordedEvent {
  const here = cursor.event;
  const { type, timeMeaning, minusMs, plusMs, pointer } = words.molds[events.mold[here] as number] as Mold;
  const at = events.at[here] as Instant;
  const id = events.id.text.slice(cursor.id, cursor.id + (events.id.lengths[here] as number)) as EventId;
  const originalTime = events.originalTime.text.slice(
    cursor.originalTime,
    cursor.originalTime + (events.originalTime.lengths[here] as number),
  );
  cursor.event += 1;
  cursor.id += id.length;
  cursor.originalTime += originalTime.length;
  const { source, stream, nativeId, evidence, normalizer } = from;
  const time = { at, minusMs, plusMs };
  const knowableAt = events.knowableAt[here] || at;
  const belongsTo = words.lists[events.belongsTo[here] as number] as readonly string[];
  const correlationKeys = words.lists[events.correlationKeys[here] as number] as readonly string[];
  const attributes = words.attributes[events.attributes[here] as number] as RecordedEvent['attributes'];
  const provenance = { source, stream, nativeId, evidence, pointer, originalTime, normalizer };
  const [actorAt, urlAt] = [events.actor[here], events.url[here]];
  const actor = actorAt ? words.actors[actorAt - 1] : undefined;
  const url = urlAt ? words.texts[urlAt - 1] : undefined;
  // Most have both. What is put into an object after it was made lies in a second one beside it.
  const event: Building =
    actor && url !== undefined
      ? { type, time, timeMeaning, knowableAt, belongsTo, correlationKeys, attributes, id, provenance, actor, url }
      : { type, time, timeMeaning, knowableAt, belongsTo, correlationKeys, attributes, id, provenance };
  if (actor && url === undefined) event.actor = actor;
  if (!actor && url !== undefined) event.url = url;
  if (sequence !== undefined) event.sequence = sequence;
  return event as RecordedEvent;
}

function unpackSeries({ seed, starts, values }: PackedSeries, shared: Shared): Omit<Series, 'source' | 'evidence'> {
  const startsMs = 'from' in starts ? shared.starts(starts.from, starts.step, values.length) : new Float64Array(starts);
  return { ...seed, startsMs, values: new Float64Array(values) };
}
