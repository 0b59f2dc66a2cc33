import Type, { type Static } from 'typebox';
import { type Json, reader } from '../../src/contract/index.ts';

const CLOSED = { additionalProperties: false } as const;
const Path = Type.String({ minLength: 1, maxLength: 300 });

/** Where a field of an event comes from: a path into the record, or the same value for all. `values` renames what stands there. */
const Field = Type.Union([
  Path,
  Type.Object(
    { path: Path, values: Type.Optional(Type.Record(Type.String(), Type.String())), prefix: Type.Optional(Type.String()) },
    CLOSED,
  ),
  Type.Object({ value: Type.Union([Type.String(), Type.Number()]) }, CLOSED),
]);
export type Field = Static<typeof Field>;

const FORMATS = ['rfc3339', 'epoch_seconds', 'epoch_ms'] as const;
/** A time is never the same for all. `zone` is for times that are written without an offset: without it they are refused. */
const TimeField = Type.Union([
  Path,
  Type.Object({ path: Path, format: Type.Optional(Type.Enum([...FORMATS])), zone: Type.Optional(Type.String({ maxLength: 60 })) }, CLOSED),
]);
export type TimeField = Static<typeof TimeField>;

const Fields = Type.Object(
  {
    time: TimeField,
    meaning: Type.Optional(Field),
    message: Type.Optional(Field),
    type: Type.Optional(Field),
    id: Type.Optional(Field),
    actor: Type.Optional(Field),
    url: Type.Optional(Field),
    service: Type.Optional(Field),
    belongs_to: Type.Optional(Field),
    keys: Type.Optional(Type.Array(Field, { maxItems: 20 })),
    sha: Type.Optional(Field),
    alarm: Type.Optional(Field),
    state: Type.Optional(Field),
    environment: Type.Optional(Field),
    version: Type.Optional(Field),
    outcome: Type.Optional(Field),
    ends: Type.Optional(TimeField),
    lasts_ms: Type.Optional(Field),
    metric: Type.Optional(Field),
    value: Type.Optional(Field),
    period_seconds: Type.Optional(Field),
    statistic: Type.Optional(Field),
    unit: Type.Optional(Field),
  },
  CLOSED,
);
export type FieldName = keyof Static<typeof Fields>;

/** How a file's records become events and series. Kept with each record, so that it reads the same for ever. */
export const Mapping = Type.Object(
  {
    /** Of a .json file that is no list itself: where the list of records is. */
    records: Type.Optional(Path),
    /** A list inside each record, of which every item is a record: paths then begin with `item.` or `parent.`. */
    each: Type.Optional(Path),
    fields: Fields,
  },
  CLOSED,
);
export type Mapping = Static<typeof Mapping>;
export const mappingReader = reader(Mapping);

/** Each field under its own name: for a file that was written for us. */
export const PLAIN: Mapping = {
  fields: {
    time: 'time',
    meaning: 'meaning',
    message: 'message',
    type: 'type',
    id: 'id',
    actor: 'actor',
    url: 'url',
    service: 'service',
    belongs_to: 'belongs_to',
    sha: 'sha',
    alarm: 'alarm',
    state: 'state',
    environment: 'environment',
    version: 'version',
    outcome: 'outcome',
    metric: 'metric',
    value: 'value',
    period_seconds: 'period_seconds',
    statistic: 'statistic',
    unit: 'unit',
  },
};

/** A value of a record with the JSON pointer to it. */
export interface Found {
  readonly pointer: string;
  readonly value: Json;
}

/**
 * What a path names: names joined by dots, an index of a list, or `*` for the first item of which the rest resolves. A member
 * whose whole name is the path comes first, since a column may be called `Start.Time`. Null is nothing.
 */
export function findAt(body: Json, path: string): Found | undefined {
  if (isObject(body) && Object.hasOwn(body, path)) return found(`/${escapeName(path)}`, body[path]);
  return walk(body, path.split('.'), '');
}

function walk(here: Json | undefined, names: readonly string[], pointer: string): Found | undefined {
  const [name, ...rest] = names;
  if (name === undefined) return found(pointer, here);
  if (isList(here)) {
    const places = name === '*' ? [...here.keys()] : /^\d{1,6}$/.test(name) ? [Number(name)] : [];
    for (const place of places) {
      const inside = walk(here[place], rest, `${pointer}/${place}`);
      if (inside) return inside;
    }
    return undefined;
  }
  return isObject(here) && Object.hasOwn(here, name) ? walk(here[name], rest, `${pointer}/${escapeName(name)}`) : undefined;
}

function found(pointer: string, value: Json | undefined): Found | undefined {
  return value === undefined || value === null || value === '' ? undefined : { pointer, value };
}

function escapeName(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}

export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !isList(value);
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}
