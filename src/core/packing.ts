import type { Actor, RecordedEvent } from './events.ts';
import type { Json } from './evidence.ts';
import type { FactSeed } from './facts.ts';
import { markOf } from './marks.ts';
import {
  FORM,
  type Mold,
  type Origin,
  type Packed,
  type PackedEvents,
  type PackedRecords,
  type PackedSeries,
  type PackedTexts,
} from './packed.ts';
import type { Series } from './series.ts';
import type { Stamped } from './timeline/normalize.ts';

/** Puts together what records say, to be kept beside them as one text. */
export interface Packing {
  /** Takes in what was read of a record, whose number in its store is `no`; each record once. What no text can say is left out. */
  add(no: number, stamped: Stamped, read: ReadBy): void;
  /** Of the records that were taken in, in their order. */
  numbers(): readonly number[];
  /** As `openPage` reads it. */
  text(): string;
}

/** The code that read a record, and the record's own name at its source. */
export interface ReadBy {
  readonly normalizer: string;
  readonly nativeId: string;
}

interface Kept extends ReadBy {
  readonly no: number;
  readonly stamped: Stamped;
  readonly series: readonly PackedSeries[];
}

/** Starts a page: takes records with what they say, and gives them packed. What cannot be packed is left out of it. */
export function startPacking(): Packing {
  const kept: Kept[] = [];
  return {
    add: (no, stamped, { normalizer, nativeId }) => {
      const series = stamped.series.flatMap((one) => packSeries(one) ?? []);
      if (series.length === stamped.series.length && canBeSaid(stamped)) kept.push({ no, stamped, normalizer, nativeId, series });
    },
    numbers: () => kept.map(({ no }) => no).toSorted((a, b) => a - b),
    text: () => JSON.stringify(pack(kept.toSorted((a, b) => a.no - b.no))),
  };
}

/** JSON has no infinite number, and who sets a member of this one name sets none. */
function canBeSaid({ events, facts }: Stamped): boolean {
  return facts.every(isSayable) && events.every(({ attributes }) => isSayable(attributes) && !Object.hasOwn(attributes, '__proto__'));
}

/** Whether every number that a thing has for a member is one that JSON has. */
function isSayable(thing: object): boolean {
  return Object.values(thing).every((member) => typeof member !== 'number' || Number.isFinite(member));
}

function pack(kept: readonly Kept[]): Packed {
  const words = startWords();
  const events = kept.flatMap(({ stamped }) => stamped.events);
  const told = kept.flatMap(({ stamped }) => stamped.facts.map(({ evidence, ...seed }) => words.fact(seed)));
  const issues = kept.flatMap(({ stamped }, place) => (stamped.issues.length > 0 ? [[place, stamped.issues] as const] : []));
  const series = kept.flatMap((one, place) => (one.series.length > 0 ? [[place, one.series] as const] : []));
  return { form: FORM, ...words.lists, records: packRecords(kept, words), events: packEvents(events, words), told, issues, series };
}

function packRecords(kept: readonly Kept[], { origin }: Words): PackedRecords {
  return {
    no: kept.map(({ no }) => no),
    origin: kept.map(({ stamped: { record }, normalizer }) => origin({ source: record.source, stream: record.stream, normalizer })),
    nativeId: packTexts(kept.map(({ nativeId }) => nativeId)),
    knowableAt: kept.map(({ stamped }) => stamped.knowableAt ?? 0),
    events: kept.map(({ stamped }) => stamped.events.length),
    facts: kept.map(({ stamped }) => stamped.facts.length),
  };
}

function packEvents(events: readonly RecordedEvent[], { mold, list, actor, text, said }: Words): PackedEvents {
  return {
    mold: events.map((event) => mold(moldOf(event))),
    id: packTexts(events.map(({ id }) => id)),
    mark: events.map(({ id }) => markOf(id)),
    at: events.map(({ time }) => time.at),
    knowableAt: events.map(({ knowableAt, time }) => (knowableAt === time.at ? 0 : knowableAt)),
    originalTime: packTexts(events.map(({ provenance }) => provenance.originalTime)),
    actor: events.map((event) => (event.actor ? actor(event.actor) + 1 : 0)),
    url: events.map(({ url }) => (url === undefined ? 0 : text(url) + 1)),
    belongsTo: events.map(({ belongsTo }) => list(belongsTo)),
    correlationKeys: events.map(({ correlationKeys }) => list(correlationKeys)),
    attributes: events.map(({ attributes }) => said(attributes)),
  };
}

function moldOf({ type, timeMeaning, time: { minusMs, plusMs }, provenance: { pointer } }: RecordedEvent): Mold {
  return { type, timeMeaning, minusMs, plusMs, pointer };
}

function packTexts(texts: readonly string[]): PackedTexts {
  return { text: texts.join(''), lengths: texts.map(({ length }) => length) };
}

/** What the records of a page have in common stands in it once. */
interface Words {
  readonly lists: Pick<Packed, 'texts' | 'lists' | 'actors' | 'values' | 'attributes' | 'facts' | 'molds' | 'origins'>;
  readonly text: (text: string) => number;
  readonly list: (list: readonly string[]) => number;
  readonly actor: (actor: Actor) => number;
  readonly said: (attributes: RecordedEvent['attributes']) => number;
  readonly fact: (fact: FactSeed) => number;
  readonly mold: (mold: Mold) => number;
  readonly origin: (origin: Origin) => number;
}

function startWords(): Words {
  const lists = { texts: [], lists: [], actors: [], values: [], attributes: [], facts: [], molds: [], origins: [] };
  const list = placesIn<readonly string[]>(lists.lists);
  const value = placesIn<Json>(lists.values);
  const said = placesIn<readonly [number, ...number[]]>(lists.attributes);
  return {
    lists,
    text: placesIn<string>(lists.texts),
    list,
    actor: placesIn<Actor>(lists.actors),
    said: (attributes) => {
      const own = Object.entries(attributes).filter(([, one]) => one !== undefined);
      return said([list(own.map(([name]) => name)), ...own.map(([, one]: [string, Json]) => value(one))]);
    },
    fact: placesIn<FactSeed>(lists.facts),
    mold: placesIn<Mold>(lists.molds),
    origin: placesIn<Origin>(lists.origins),
  };
}

/** Gives each value its place in a list, where equal ones stand once. The very same object was met before, most of the time. */
function placesIn<Value>(list: Value[]): (value: Value) => number {
  const texts = new Map<Value, number>();
  const others = new Map<string, number>();
  const met = new Map<Value, number>();
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

/** Nothing where a number is none that JSON has. */
function packSeries({ source, evidence, startsMs, values, ...seed }: Series): PackedSeries | undefined {
  if (!startsMs.every(Number.isFinite) || !values.every(Number.isFinite) || !isSayable(seed)) return undefined;
  const [from = 0, second = from] = startsMs;
  const step = second - from;
  const isRegular = startsMs.length === values.length && startsMs.every((start, index) => start === from + index * step);
  return { seed, starts: isRegular ? { from, step } : [...startsMs], values: [...values] };
}
