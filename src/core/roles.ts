import { type Cast, castOf, respondersOf } from './cast.ts';
import type { Actor, RecordedEvent } from './events.ts';
import { type Person, personId } from './people.ts';
import { orderEvents } from './timeline/order.ts';

/** What a draft prints for each person, by every id of theirs. Somebody who did nothing that gives a role is not in it. */
export type RoleBook = ReadonlyMap<string, string>;

/**
 * Gives roles, the first that holds: what the configuration says; escalation level 1 "primary on-call" and 2 "secondary
 * on-call", as the source states it or as the course of the case's own incidents shows it; "responder 1…" by first action in
 * an incident, the case's before others; "author of #1234" for their first change; "deployer 1…".
 *
 * Two people never share a role that we made: the second primary is "primary on-call 2".
 */
export function assignRoles(people: readonly Person[], events: readonly RecordedEvent[], incidents: readonly string[]): RoleBook {
  return assignRolesIn(people, castOf(orderEvents(events), incidents));
}

/** The same, where the cast of the events was read already. */
export function assignRolesIn(people: readonly Person[], { courses, responders, changes }: Cast): RoleBook {
  const personOf = new Map(people.flatMap((person) => person.ids.map((id) => [id, person] as const)));
  const book = new Map<Person, string>();
  const held = new Set<string>();
  const next = new Map<string, number>();
  const give = (id: string | undefined, role: (taken: number) => string) => {
    const person = id === undefined ? undefined : personOf.get(personId(id));
    if (!person || book.has(person)) return;
    book.set(person, unused(role, held, next));
  };

  for (const person of people) if (person.role !== undefined) book.set(person, person.role);
  for (const role of book.values()) held.add(role);
  for (const [id, level] of [...statedLevels(people), ...courses.flatMap(courseLevels)])
    give(id, numbered(`${ORDINALS[level - 1]} on-call`));
  for (const id of [...courses.flatMap((own) => [...respondersOf(own)]), ...responders]) give(id, (taken) => `responder ${taken + 1}`);
  for (const event of changes) {
    if (event.type === 'change.merged') give(personIn(event.actor), () => `author of #${event.attributes['vcs.change.id']}`);
  }
  for (const event of changes) if (event.type.startsWith('deployment.')) give(personIn(event.actor), (taken) => `deployer ${taken + 1}`);
  for (const event of changes) if (event.type === 'branch.force_pushed') give(personIn(event.actor), (taken) => `pusher ${taken + 1}`);
  return new Map([...book].flatMap(([person, role]) => person.ids.map((id) => [id, role] as const)));
}

const ORDINALS = ['primary', 'secondary'] as const;

function numbered(role: string): (taken: number) => string {
  return (taken) => (taken === 0 ? role : `${role} ${taken + 1}`);
}

/** Takes the first form of a role that nobody holds. Of each role `next` keeps how far its numbers are taken: none is given back. */
function unused(role: (taken: number) => string, held: Set<string>, next: Map<string, number>): string {
  const first = role(0);
  let taken = next.get(first) ?? 0;
  while (held.has(role(taken)) && role(taken) !== role(taken + 1)) taken += 1;
  next.set(first, taken);
  held.add(role(taken));
  return role(taken);
}

type Leveled = readonly (readonly [id: string, level: 1 | 2])[];

function statedLevels(people: readonly Person[]): Leveled {
  return people
    .flatMap(({ ids, level }) => (ids[0] !== undefined && (level === 1 || level === 2) ? [[ids[0], level] as const] : []))
    .toSorted(([, a], [, b]) => a - b);
}

/**
 * Reads levels from what happened: who is assigned before any escalation is level 1, whom the first escalation brings is
 * level 2. Later escalations and another policy (a delegation) say nothing of this one's levels.
 */
function courseLevels(own: readonly RecordedEvent[]): Leveled {
  const levels: (readonly [string, 1 | 2])[] = [];
  let firstEscalation: string | undefined;
  for (const event of own) {
    if (event.type === 'incident.delegated') break;
    const id = 'responder.id' in event.attributes ? event.attributes['responder.id'] : undefined;
    if (event.type === 'incident.escalated') firstEscalation ??= event.time.at;
    if (id === undefined) continue;
    if (event.type === 'incident.reassigned' && firstEscalation === undefined && event.actor?.kind !== 'person') levels.push([id, 1]);
    if (event.type === 'incident.escalated' && event.time.at === firstEscalation) levels.push([id, 2]);
  }
  return levels;
}

function personIn(actor: Actor | undefined): string | undefined {
  return actor?.kind === 'person' ? actor.id : undefined;
}
