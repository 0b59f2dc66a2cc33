import Type, { type Static } from 'typebox';
import type { Actor, FactSeed } from '../../src/contract/index.ts';
import { maybe } from './schema.ts';

/** Who made a record: null where the account is gone. */
export const User = Type.Object({
  login: Type.String(),
  type: maybe(Type.String()),
  name: maybe(Type.String()),
  email: maybe(Type.String()),
});
export type User = Static<typeof User>;

/** An account as GraphQL tells it. */
export const GraphActor = Type.Object({ login: Type.String(), __typename: maybe(Type.String()) });

/** The account as REST would tell it: GraphQL leaves `[bot]` off the login of an app. */
export function graphUser(actor: Static<typeof GraphActor> | null | undefined): User | undefined {
  if (!actor) return undefined;
  const { login, __typename: type = null } = actor;
  return { login: type === 'Bot' && !login.endsWith('[bot]') ? `${login}[bot]` : login, type };
}

function isBot({ login, type }: User): boolean {
  return type === 'Bot' || login.endsWith('[bot]');
}

export function actorOf(user: User | null | undefined): Actor {
  if (!user) return { kind: 'unknown' };
  if (isBot(user)) return { kind: 'automation', name: user.login };
  return { kind: 'person', id: `github:user:${user.login}`, name: user.login };
}

/** What a record says about the human who made it. */
export function personFacts(user: User | null | undefined): readonly FactSeed[] {
  if (!user || isBot(user)) return [];
  const names = [user.login, user.name, user.email].flatMap((name) => (name ? [name] : []));
  return [{ kind: 'person', key: `github:user:${user.login}`, names }];
}
