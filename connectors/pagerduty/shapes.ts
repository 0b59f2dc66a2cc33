import Type, { type Static, type TSchema } from 'typebox';
import { type Actor, canonical, cutDeep, digest, type FactSeed, type Instant, type Json, type Moment } from '../../src/contract/index.ts';

/** Any field may be null or absent unless PagerDuty calls it required. */
export const maybe = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]));

export const Reference = Type.Object({
  id: Type.String(),
  type: Type.String(),
  summary: maybe(Type.String()),
  html_url: maybe(Type.String()),
});
export type Reference = Static<typeof Reference>;

/** A person is what PagerDuty calls a user; services, integrations and its bots (`bot_user_reference`) are automation. */
export function isPerson(reference: Reference): boolean {
  return reference.type.startsWith('user');
}

export function isService({ type }: Reference): boolean {
  return type === 'service' || type === 'service_reference';
}

export function personKey(id: string): string {
  return `pagerduty:user:${id}`;
}

export function actorOf(agent: Reference | null | undefined): Actor {
  if (!agent) return { kind: 'unknown' };
  const name = agent.summary ? { name: agent.summary } : {};
  return isPerson(agent) ? { kind: 'person', id: personKey(agent.id), ...name } : { kind: 'automation', ...name };
}

/** One fact for each person among these, under the name that PagerDuty prints for them. A deleted user keeps theirs. */
export function personFacts(references: readonly (Reference | null | undefined)[]): readonly FactSeed[] {
  const named: { readonly key: string; readonly name: string }[] = [];
  for (const one of references) if (one?.summary && isPerson(one)) named.push({ key: personKey(one.id), name: one.summary });
  const [only] = named;
  // Most records name one.
  if (!only || named.length === 1) return only ? [{ kind: 'person', key: only.key, names: [only.name] }] : [];
  const names = Map.groupBy(named, ({ key }) => key);
  return [...names].map(([key, said]) => ({ kind: 'person', key, names: [...new Set(said.map(({ name }) => name))] }));
}

/** PagerDuty cuts its stamps to the second. */
export function toTheSecond(at: Instant): Moment {
  return { at, minusMs: 0, plusMs: 1_000 };
}

/** The object's own id; its whole text where it has none, so that what cannot be read is still kept. */
export function nativeIdOf(body: Json): string {
  const id = typeof body === 'object' && body !== null && 'id' in body ? body['id'] : undefined;
  return typeof id === 'string' && id !== '' ? id : canonical(cutDeep(body));
}

/** The key that a note and the log entry of the same note share: PagerDuty tells one happening in both, and names the note in neither. */
export function noteKey(incident: string, text: string): string {
  return `note:${incident}:${digest(text.trim().replaceAll(/\s+/g, ' ')).slice(7, 23)}`;
}
