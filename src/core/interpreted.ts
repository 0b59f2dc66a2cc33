import type { Actor, EventId, Provenance, RecordedEvent, RecordedType, TimeMeaning } from './events.ts';
import type { EvidenceId, Json } from './evidence.ts';
import type { FactSeed } from './facts.ts';
import type { SeriesSeed } from './series.ts';
import type { Shared } from './shared.ts';
import type { Instant, Moment } from './time.ts';
import type { Issue, Stamped } from './timeline/normalize.ts';

/**
 * What many records say, as one text to keep beside them: a second reading of them need not parse their bodies and normalize them again.
 * It is a cache, by number of record and code that read it, and never the truth. What records have in common stands in it once.
 */
export interface Page {
  /** What the record says, as the code with the id `normalizer` read it; nothing where that does not stand here. */
  say(place: Place, normalizerOf: (source: string) => string | undefined): Stamped | 'unknown' | 'unread';
  /** Takes in what was read of a record. What no text can say is left out. */
  add(no: number, stamped: Stamped, read: { readonly normalizer: string; readonly nativeId: string }): void;
  text(): string;
}

/** A record as a store numbers it. */
export interface Place {
  readonly no: number;
  readonly id: EvidenceId;
  /** Its place in its source's order, in the run that counts. */
  readonly sequence?: number;
}

/** Raised where the form of a page changes: those of another form say nothing. */
const FORM = 2;

interface Packed {
  readonly form: number;
  readonly texts: string[];
  readonly lists: (readonly string[])[];
  readonly actors: Actor[];
  readonly values: Json[];
  readonly facts: FactSeed[];
  /** How far a time may be off, to both sides. */
  readonly bounds: (readonly [minusMs: number, plusMs: number])[];
  readonly records: PackedRecord[];
}

type PackedRecord = readonly [
  no: number,
  source: number,
  stream: number,
  normalizer: number,
  nativeId: string,
  knowableAt: Instant | 0,
  events: readonly PackedEvent[],
  /** Of each event. */
  stamps: readonly Stamp[],
  facts: readonly number[],
  issues: readonly Issue[],
  series: readonly PackedSeries[],
];

/** What is not in the event itself: its bounds, and of its provenance what the record does not say. */
type Stamp = readonly [bounds: number, pointer: number, originalTime: string];

/** An event whose members stand in the event's own order; a number is a place in one of the page's lists, and is replaced by what stands there. */
interface PackedEvent {
  type: RecordedType | number;
  time: Moment | Instant;
  timeMeaning: TimeMeaning | number;
  /** 0 is the time itself. */
  knowableAt: Instant | 0;
  sequence?: number;
  actor?: Actor | number;
  url?: string | number;
  belongsTo: readonly string[] | number;
  correlationKeys: readonly string[] | number;
  attributes: Record<string, Json>;
  id: EventId;
  provenance: Provenance | 0;
}

interface PackedSeries {
  readonly seed: Omit<SeriesSeed, 'startsMs' | 'values'>;
  /** The first start and the step to the next, or every one. */
  readonly starts: { readonly from: number; readonly step: number } | readonly number[];
  readonly values: readonly number[];
}

/** Opens what was kept, or an empty page. Texts, lists and actors are those that `shared` met first. Text that no page is counts as none. */
export function openPage(text: string | undefined, shared: Shared): Page {
  const packed = parsePage(text);
  const known = new Map(packed.records.map((record) => [record[0], record]));
  const words: Words = {
    texts: packed.texts.map(shared.text),
    lists: packed.lists.map((list) => shared.list(list.map(shared.text))),
    actors: packed.actors.map(shared.actor),
    values: packed.values.map((value) => (typeof value === 'string' ? shared.text(value) : value)),
    facts: packed.facts,
    bounds: packed.bounds,
  };
  let packing: Packing | undefined;
  return {
    say: (place, normalizerOf) => {
      const record = known.get(place.no);
      if (!record) return 'unread';
      const wanted = normalizerOf(words.texts[record[1]] ?? '');
      if (wanted === undefined) return 'unknown';
      // An event is unpacked in place, so that a record is said once.
      known.delete(place.no);
      return words.texts[record[3]] === wanted ? unpack(record, place, words) : 'unread';
    },
    add: (no, stamped, read) => {
      // What was unpacked above can no longer be written.
      packing ??= startPacking(parsePage(text));
      packing.add(no, stamped, read);
    },
    text: () => (packing ?? startPacking(parsePage(text))).text(),
  };
}

function parsePage(text: string | undefined): Packed {
  const empty: Packed = { form: FORM, texts: [], lists: [], actors: [], values: [], facts: [], bounds: [], records: [] };
  if (text === undefined) return empty;
  try {
    const packed: Packed = JSON.parse(text);
    return packed.form === FORM ? packed : empty;
  } catch {
    return empty;
  }
}

/** What the records of a page have in common. */
type Words = Omit<Packed, 'form' | 'records'>;

function unpack(record: PackedRecord, { id, sequence }: Place, words: Words): Stamped {
  const [, source, stream, normalizer, nativeId, knowableAt, events, stamps, facts, issues, series] = record;
  const provenance = {
    source: words.texts[source] ?? '',
    stream: words.texts[stream] ?? '',
    nativeId,
    evidence: id,
    normalizer: words.texts[normalizer] ?? '',
  };
  return {
    record: { id, source: provenance.source, stream: provenance.stream },
    events: events.map((event, at) => unpackEvent(event, stamps[at] ?? UNSTAMPED, provenance, sequence, words)),
    series: series.length === 0 ? NONE : series.map((one) => ({ ...unpackSeries(one), source: provenance.source, evidence: [id] })),
    facts: facts.length === 0 ? NONE : facts.flatMap((place) => factAt(words, place, id)),
    issues: issues.length === 0 ? NONE : issues,
    ...(knowableAt !== 0 && { knowableAt }),
  };
}

const NONE: readonly never[] = [];
const UNSTAMPED: Stamp = [0, 0, ''];

function factAt({ facts }: Words, place: number, evidence: EvidenceId): Stamped['facts'] {
  const seed = facts[place];
  return seed ? [{ ...seed, evidence }] : NONE;
}

type Common = Omit<Provenance, 'pointer' | 'originalTime'>;

/** In place: the object is fresh from the parser, its members stand in their order, and a copy would be as much again. */
function unpackEvent(
  event: PackedEvent,
  [bounds, pointer, originalTime]: Stamp,
  { source, stream, nativeId, evidence, normalizer }: Common,
  sequence: number | undefined,
  words: Words,
): RecordedEvent {
  const at = event.time as Instant;
  const [minusMs, plusMs] = words.bounds[bounds] ?? [0, 0];
  const { attributes } = event;
  event.type = textAt(words, event.type) as RecordedType;
  event.time = { at, minusMs, plusMs };
  event.timeMeaning = textAt(words, event.timeMeaning) as TimeMeaning;
  if (event.knowableAt === 0) event.knowableAt = at;
  if (event.actor !== undefined) event.actor = words.actors[Number(event.actor)] ?? event.actor;
  if (event.url !== undefined) event.url = textAt(words, event.url);
  event.belongsTo = words.lists[Number(event.belongsTo)] ?? NONE;
  event.correlationKeys = words.lists[Number(event.correlationKeys)] ?? NONE;
  for (const key in attributes) attributes[key] = words.values[Number(attributes[key])] ?? null;
  event.provenance = { source, stream, nativeId, evidence, pointer: textAt(words, pointer), originalTime, normalizer };
  if (sequence !== undefined) {
    event.sequence = sequence;
    return event as RecordedEvent;
  }
  const { sequence: none, ...rest } = event;
  return rest as RecordedEvent;
}

function textAt({ texts }: Words, place: string | number): string {
  return texts[Number(place)] ?? '';
}

function unpackSeries({ seed, starts, values }: PackedSeries): SeriesSeed {
  const startsMs =
    'from' in starts ? Float64Array.from(values, (_, index) => starts.from + index * starts.step) : Float64Array.from(starts);
  return { ...seed, startsMs, values: Float64Array.from(values) };
}

interface Packing {
  add(no: number, stamped: Stamped, read: { readonly normalizer: string; readonly nativeId: string }): void;
  text(): string;
}

function startPacking(packed: Packed): Packing {
  const { texts, lists, actors, values, facts, bounds } = packed;
  const places = {
    text: placesIn(texts),
    list: placesIn(lists),
    actor: placesIn(actors),
    value: placesIn(values),
    fact: placesIn(facts),
    bounds: placesIn(bounds),
  };
  const records = new Map(packed.records.map((record) => [record[0], record]));
  return {
    add: (no, { record, events, series, facts: told, issues, knowableAt }, { normalizer, nativeId }) => {
      const packedSeries = series.flatMap(({ source, evidence, ...seed }) => packSeries(seed) ?? []);
      if (packedSeries.length < series.length) return;
      const packedEvents = events.map((event) => packEvent(event, places));
      const stamps = events.map(
        ({ time, provenance }): Stamp => [
          places.bounds([time.minusMs, time.plusMs]),
          places.text(provenance.pointer),
          provenance.originalTime,
        ],
      );
      const packedFacts = told.map(({ evidence, ...seed }) => places.fact(seed));
      const [source, stream, code] = [record.source, record.stream, normalizer].map(places.text);
      const head = [no, source ?? 0, stream ?? 0, code ?? 0, nativeId, knowableAt ?? 0] as const;
      records.set(no, [...head, packedEvents, stamps, packedFacts, issues, packedSeries]);
    },
    text: () => JSON.stringify({ ...packed, records: [...records.values()] } satisfies Packed),
  };
}

/** Gives each value its place in a list, where equal ones stand once. The very same object was met before, most of the time. */
function placesIn<Value>(list: Value[]): (value: Value) => number {
  const texts = new Map<Value, number>();
  const others = new Map<string, number>();
  const met = new Map<Value, number>();
  for (const [place, value] of list.entries()) {
    if (typeof value === 'string') texts.set(value, place);
    else others.set(JSON.stringify(value), place);
  }
  const find = (value: Value): number => {
    const form = JSON.stringify(value);
    const place = others.get(form) ?? list.push(value) - 1;
    others.set(form, place);
    return place;
  };
  return (value) => {
    const known = typeof value === 'string' ? texts : met;
    const place = known.get(value) ?? (typeof value === 'string' ? list.push(value) - 1 : find(value));
    known.set(value, place);
    return place;
  };
}

interface Places {
  readonly text: (text: string) => number;
  readonly list: (list: readonly string[]) => number;
  readonly actor: (actor: Actor) => number;
  readonly value: (value: Json) => number;
}

function packEvent(event: RecordedEvent, { text, list, actor, value }: Places): PackedEvent {
  const { provenance, sequence, ...said } = event;
  const attributes: Record<string, Json> = {};
  for (const [key, own] of Object.entries(event.attributes)) if (own !== undefined) attributes[key] = value(own);
  // Members that are written again stay in their place.
  const packed: PackedEvent = { ...said, time: event.time.at, attributes, sequence: 0, provenance: 0 };
  packed.type = text(event.type);
  packed.timeMeaning = text(event.timeMeaning);
  if (event.knowableAt === event.time.at) packed.knowableAt = 0;
  if (event.actor) packed.actor = actor(event.actor);
  if (event.url !== undefined) packed.url = text(event.url);
  packed.belongsTo = list(event.belongsTo);
  packed.correlationKeys = list(event.correlationKeys);
  return packed;
}

/** Nothing where a number is none that JSON has. */
function packSeries({ startsMs, values, ...seed }: SeriesSeed): PackedSeries | undefined {
  if (![...startsMs, ...values].every(Number.isFinite)) return undefined;
  const [from = 0, second = from] = startsMs;
  const step = second - from;
  const isRegular = startsMs.length === values.length && startsMs.every((start, index) => start === from + index * step);
  return { seed, starts: isRegular ? { from, step } : [...startsMs], values: [...values] };
}
