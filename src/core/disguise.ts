import { shortHash } from './digest.ts';
import type { Actor, RecordedEvent } from './events.ts';
import type { Json } from './evidence.ts';
import type { Fact } from './facts.ts';
import { formsOf } from './name-forms.ts';
import { type FormIndex, fold, formOf, indexForms, type Place, replaceForms, SOMEONE, wordsOf } from './names.ts';
import { type Person, personId, readsLikeProgram } from './people.ts';
import { remembered, rememberedOf } from './remembered.ts';
import type { RoleBook } from './roles.ts';
import { IDENTIFIES, type NameSearch } from './unplaced-names.ts';

/** Turns people into roles wherever they may stand. */
export interface Disguise {
  /** `place`: `code` for patches, where `@Injectable` is no mention, `branch` for the name of one; else prose. */
  text(text: string, place?: Place): string;
  event(event: RecordedEvent): RecordedEvent;
  /** The same, in the event itself where nobody else holds it: of a hundred thousand a copy is as much again. */
  own(event: RecordedEvent): RecordedEvent;
  fact(fact: Fact): Fact;
}

const GROUPS = new Set(['here', 'channel', 'everyone', 'all', 'oncall', 'on-call', 'team']);

/**
 * E-mail addresses, Slack's `<@U012AB3CD>` and mentions. Every repetition is bounded and starts at a boundary, so a text
 * of any shape costs its length. `git@github.com` is nobody's address; `[bot]` addresses are automation's.
 */
const ADDRESS =
  /<@[A-Z0-9]{2,20}(?:\|[^>\n]{0,100})?>|(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}(?:\[bot\])?@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){0,8}\.\p{L}{2,63}(?![\p{L}\p{N}-])|(?<![\p{L}\p{N}\]._/@-])@[A-Za-z][\w-]{0,38}(?:\.[A-Za-z][\w-]{0,38}){0,3}(?![\w/-])/gu;

/** Branches and tags by name: `jane/fix-pool` loses Jane, though the name identifies. */
const REFERENCE = /^vcs\.ref\.(?:head|base)\.name$/;

/**
 * Makes the disguise of a case. The roles are `assignRoles`'; a known person without one is "someone". `names` looks through what its
 * events say then.
 */
export function disguiseOf(people: readonly Person[], roles: RoleBook, names?: NameSearch): Disguise {
  const roleOf = (person: Person) => roles.get(person.ids[0] ?? '') ?? SOMEONE;
  const index = indexForms(people.flatMap((person) => formsOf(person.names, roleOf(person))));
  const addresses = new Map(
    people.flatMap((person) => person.names.filter((name) => name.includes('@')).map((name) => [fold(name), roleOf(person)])),
  );
  const byId = new Map(people.flatMap((one) => one.ids.map((id) => [id, one] as const)));
  const tellingOf = remembered(tellingOfAttribute);

  const idFor = remembered((id) => pseudonym(byId.get(personId(id))?.ids ?? [id]));
  const nameFor = remembered((id) => roles.get(personId(id)) ?? SOMEONE);
  const person = remembered((id) => actorAs(byId.get(personId(id)), { kind: 'person', id: idFor(id), name: nameFor(id) }));
  const prose = remembered((from) => replaceAll(from, { index, addresses, place: 'prose' }));
  const text = (from: string, place: Place = 'prose') => (place === 'prose' ? prose(from) : replaceAll(from, { index, addresses, place }));
  const actor = (from: Actor): Actor => {
    if (from.kind === 'automation') return from;
    if (from.kind === 'person' && from.id !== undefined) return person(from.id);
    if (from.kind === 'person') return { kind: 'person', name: formOf(wordsOf(from.name ?? ''), index)?.replacement ?? SOMEONE };
    return from.name === undefined ? from : { ...from, name: text(from.name) };
  };
  const toolsOf = (say: Say): EventTools => ({
    actor,
    saidFor: rememberedOf((attributes: RecordedEvent['attributes']): Said => {
      const changes = changesIn(attributes, { text, actor, idFor, nameFor, tellingOf });
      const shown = changes ? say(attributes, changes) : attributes;
      return { attributes: shown, names: names?.namesIn(shown) ?? NONE };
    }),
    put: names?.put,
  });
  const [copying, writing] = [toolsOf((attributes, changes) => ({ ...attributes, ...changes })), toolsOf(Object.assign)];
  return {
    text,
    event: (event) => disguiseEvent(event, copying, told),
    own: (event) => disguiseEvent(event, writing, toldInPlace),
    fact: (fact) => disguiseFact(fact, { text, idFor, nameFor }),
  };
}

interface Known {
  readonly index: FormIndex;
  readonly addresses: ReadonlyMap<string, string>;
  readonly place: Place;
}

function replaceAll(text: string, known: Known): string {
  if (!text.includes('@')) return replaceForms(text, known.index, known.place);
  const parts: string[] = [];
  let done = 0;
  for (const match of text.matchAll(ADDRESS)) {
    parts.push(replaceForms(text.slice(done, match.index), known.index, known.place), addressee(match[0], known));
    done = match.index + match[0].length;
  }
  return parts.join('') + replaceForms(text.slice(done), known.index, known.place);
}

function addressee(address: string, { index, addresses, place }: Known): string {
  if (address.startsWith('<@')) return SOMEONE;
  if (address.startsWith('@')) {
    const known = formOf(wordsOf(address), index)?.replacement;
    return known ?? (place !== 'prose' || GROUPS.has(address.slice(1).toLowerCase()) ? address : SOMEONE);
  }
  if (address.startsWith('git@') || address.includes('[bot]@')) return address;
  return addresses.get(fold(address)) ?? SOMEONE;
}

/** A GitHub login is a name, so an id that holds one is replaced by ten characters of its hash; PagerDuty's say nothing. */
function pseudonym(ids: readonly string[]): string {
  const opaque = ids.find((id) => id.startsWith('pagerduty:user:'));
  if (opaque !== undefined) return opaque;
  const [id = ''] = ids;
  return `${id.split(':').slice(0, -1).join(':')}:${shortHash(id)}`;
}

interface Tools {
  readonly text: Disguise['text'];
  readonly idFor: (id: string) => string;
  readonly nameFor: (id: string) => string;
}

/** The person as the configuration knows them: an account of a program is none, and one that only reads like it is told as that. */
function actorAs(person: Person | undefined, actor: Actor): Actor {
  if (person?.automation) return { kind: 'automation', ...(actor.name !== undefined && { name: actor.name }) };
  const isUnclear = person !== undefined && person.automation === undefined && readsLikeProgram(person);
  return isUnclear ? { ...actor, mayBeAutomation: true } : actor;
}

/** Keeps every name, and says whom an id means: for `policy.actors: names`. */
export function namesKept(people: readonly Person[]): Disguise {
  const names = new Map(people.flatMap(({ ids, names }) => ids.map((id) => [id, fullestOf(names)] as const)));
  const byId = new Map(people.flatMap((one) => one.ids.map((id) => [id, one] as const)));
  const event = (from: RecordedEvent) => {
    const { actor } = from;
    const shown = actor?.kind === 'person' && actor.id !== undefined ? actorAs(byId.get(personId(actor.id)), actor) : actor;
    const event = shown === actor ? from : told(from, from.attributes, shown);
    const called = 'responder.id' in event.attributes ? names.get(personId(event.attributes['responder.id'] ?? '')) : undefined;
    return called === undefined ? event : told(event, { ...event.attributes, 'responder.name': called } as typeof event.attributes);
  };
  return { text: (text) => text, fact: (fact) => fact, event, own: event };
}

/** The name with most words, of equal ones the first: `Jane Doe` before `janedoe`. */
function fullestOf(names: readonly string[]): string | undefined {
  return names.filter((name) => !name.includes('@')).toSorted((a, b) => wordsOf(b).length - wordsOf(a).length)[0];
}

const NONE: readonly never[] = [];

interface EventTools {
  readonly actor: (actor: Actor) => Actor;
  /** What many events say in the same words is disguised once, and looked through once. */
  readonly saidFor: (attributes: RecordedEvent['attributes']) => Said;
  readonly put: NameSearch['put'] | undefined;
}

/** Puts changes into what an event says. */
type Say = (attributes: RecordedEvent['attributes'], changes: Readonly<Record<string, unknown>>) => RecordedEvent['attributes'];

/** What an event says, and the names that are left in it. */
interface Said {
  readonly attributes: RecordedEvent['attributes'];
  readonly names: readonly string[];
}

interface AttributeTools extends Tools {
  readonly actor: (actor: Actor) => Actor;
  readonly tellingOf: (key: string) => Telling;
}

/** What is done with a text of an attribute: nothing where it identifies. */
type Telling = 'kept' | 'author' | 'branch' | 'prose';

function tellingOfAttribute(key: string): Telling {
  if (key === 'author') return 'author';
  if (REFERENCE.test(key)) return 'branch';
  return IDENTIFIES.test(key) ? 'kept' : 'prose';
}

function disguiseEvent(event: RecordedEvent, { actor, saidFor, put }: EventTools, tell: typeof told): RecordedEvent {
  const { attributes, names } = saidFor(event.attributes);
  if (names.length > 0) put?.(names, event.provenance.evidence);
  const shown = event.actor && actor(event.actor);
  if (attributes === event.attributes && shown === event.actor) return event;
  return tell(event, attributes, shown);
}

/** The members of attributes that are told otherwise, by name; nothing where all may stay. */
function changesIn(attributes: RecordedEvent['attributes'], tools: AttributeTools): Readonly<Record<string, unknown>> | undefined {
  let changes: Record<string, unknown> | undefined;
  const texts = attributes as Readonly<Record<string, Json | undefined>>;
  for (const key of Object.keys(texts)) {
    const telling = tools.tellingOf(key);
    const value = texts[key];
    if (telling === 'kept' || value === undefined) continue;
    const now = toldOf(telling, value, tools);
    if (now === value) continue;
    changes ??= {};
    changes[key] = now;
  }
  if (!('responder.id' in attributes) || attributes['responder.id'] === undefined) return changes;
  const called = attributes['responder.id'];
  changes ??= {};
  changes['responder.id'] = tools.idFor(called);
  changes['responder.name'] = tools.nameFor(called);
  return changes;
}

function toldOf(telling: Telling, value: Json, { text, actor }: AttributeTools): Json | undefined {
  if (telling === 'author' && typeof value === 'string') return actor({ kind: 'person', name: value }).name;
  if (telling === 'branch') return typeof value === 'string' ? text(value, 'branch') : value;
  return disguiseJson(value, text);
}

/** The same event with other attributes: texts change, members never do. */
function told<Event extends RecordedEvent>(event: Event, attributes: RecordedEvent['attributes'], actor = event.actor): Event {
  return actor ? { ...event, actor, attributes } : { ...event, attributes };
}

type Mutable<Event> = { -readonly [Name in keyof Event]: Event[Name] };

function toldInPlace<Event extends RecordedEvent>(event: Event, attributes: RecordedEvent['attributes'], actor = event.actor): Event {
  const own: Mutable<Event> = event;
  if (actor) own.actor = actor;
  own.attributes = attributes;
  return event;
}

function disguiseJson(value: Json, text: Disguise['text']): Json {
  if (typeof value === 'string') return text(value);
  return Array.isArray(value) ? value.map((item: Json) => disguiseJson(item, text)) : value;
}

function disguiseFact(fact: Fact, { text, idFor, nameFor }: Tools): Fact {
  switch (fact.kind) {
    case 'person':
      return { ...fact, key: idFor(fact.key), names: [nameFor(fact.key)] };
    case 'incident':
      return { ...fact, title: text(fact.title) };
    case 'change':
      return { ...fact, title: text(fact.title), ...(fact.files && { files: fact.files.map(disguiseFile(text)) }) };
    case 'comparison':
      return { ...fact, files: fact.files.map(disguiseFile(text)) };
    case 'related':
      return { ...fact, why: text(fact.why), ...(fact.title !== undefined && { title: text(fact.title) }) };
    case 'alarm':
    case 'metric':
    case 'reference':
    case 'nested':
      return fact;
  }
}

function disguiseFile(text: Tools['text']) {
  return <File extends { readonly path: string; readonly patch?: string }>(file: File): File => ({
    ...file,
    path: text(file.path, 'code'),
    ...(file.patch !== undefined && { patch: text(file.patch, 'code') }),
  });
}
