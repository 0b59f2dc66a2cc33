import fc from 'fast-check';
import { IGNORED, STEPS } from '../../../connectors/pagerduty/log-entry.ts';
import type { Json } from '../../../src/contract/index.ts';

type Members = { readonly [key: string]: Json };
const isMembers = (value: Json | undefined): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value);

const TYPES = [...Object.keys(STEPS), ...IGNORED, 'annotate_log_entry', 'status_update_log_entry', 'field_value_change_log_entry'];

/** Times of each kind that was met, and what is none; half characters, marks of keys and pointers. */
const text: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('2024-01-15T14:35:00Z', '2024-01-15T09:35:00-05:00', '2024-01-15T14:35:00.123Z', '2024-01-15T14:35:00.000+0000'),
  fc.constantFrom('', ' ', '2024-01-15T14:35:00', '2024-02-30T00:00:00Z', '24:00', '9999-12-31T23:59:60Z', '__proto__', 'constructor'),
  fc.constantFrom(...TYPES, 'user_reference', 'service_reference', 'joined', 'declined', 'resolved', 'merge_resolve_reason', 'timeout'),
  fc.constantFrom('priority', 'urgency', 'status', 'https://github.com/acme/api/commit/4e09993', 'a/b#c~d', '%00', 'deployed', 'failed'),
  fc.string({ unit: fc.constantFrom('a', '"', '%', '#', '/', '~', '@', '\ud800', 'é', '\u0000', '{', ':') }),
);

export const junk: fc.Arbitrary<Json> = fc.oneof(
  text,
  fc.constantFrom<Json>(null, true, false, 0, -1, 1e308, 0.1),
  fc.constantFrom<Json>([], {}, [null], { id: 'P1', type: 'user_reference' }, [[1]], { summary: 'x' }),
);

/** What may stand where a schema of ours is read: all that it takes, members left out and members that it does not know. */
export function bodyOf(schema: object): fc.Arbitrary<Json> {
  const kind: unknown = Reflect.get(schema, 'type');
  const choices: unknown = Reflect.get(schema, 'anyOf');
  if (Array.isArray(choices)) return fc.oneof(...choices.filter(isObject).map(bodyOf));
  if (kind === 'object') return membersOf(schema);
  if (kind === 'array') return fc.array(bodyOf(objectAt(schema, 'items')), { maxLength: 3 });
  if (kind === 'string') return text;
  if (kind === 'number') return fc.oneof(fc.constantFrom(0, -5, 1.5, 1e308), fc.nat(100_000));
  if (kind === 'boolean') return fc.boolean();
  return kind === 'null' ? fc.constant(null) : junk;
}

function membersOf(schema: object): fc.Arbitrary<Json> {
  const properties = Object.entries(objectAt(schema, 'properties')).filter((entry): entry is [string, object] => isObject(entry[1]));
  const required: unknown = Reflect.get(schema, 'required');
  const always = properties.map(([name]) => name).filter((name) => Array.isArray(required) && required.includes(name));
  const known = fc.record(Object.fromEntries(properties.map(([name, own]) => [name, bodyOf(own)])), { requiredKeys: always });
  return fc
    .tuple(known, fc.dictionary(fc.constantFrom('extra', 'body', 'data', 'time_zone', 'self'), junk, { maxKeys: 1 }))
    .map(([members, more]): Json => ({ ...more, ...members }));
}

function objectAt(schema: object, name: string): object {
  const found: unknown = Reflect.get(schema, name);
  return isObject(found) ? found : {};
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

interface Mutation {
  readonly place: number;
  readonly how: 'replace' | 'remove' | 'cut' | 'nest';
  readonly value: Json;
}
export const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(10_000),
  how: fc.constantFrom('replace', 'remove', 'cut', 'nest'),
  value: junk,
});

/** Changes one value somewhere inside. */
export function mutate(value: Json, { place, ...change }: Mutation): Json | undefined {
  const members = Array.isArray(value)
    ? value.map((member: Json, index): readonly [string, Json] => [`${index}`, member])
    : isMembers(value)
      ? Object.entries(value)
      : [];
  const [name] = members[place % (members.length + 1)] ?? [];
  if (name === undefined) return applied(value, change);
  const rest = { place: Math.floor(place / (members.length + 1)), ...change };
  const changed = members.flatMap(([key, member]) => {
    const next = key === name ? mutate(member, rest) : member;
    return next === undefined ? [] : [[key, next] as const];
  });
  return Array.isArray(value) ? changed.map(([, member]) => member) : Object.fromEntries(changed);
}

function applied(value: Json, { how, value: given }: Omit<Mutation, 'place'>): Json | undefined {
  if (how === 'remove') return undefined;
  if (how === 'nest') return [value];
  return how === 'cut' && typeof value === 'string' ? value.slice(0, Math.floor(value.length / 2)) : given;
}
