import type { PullRequest } from './connector.ts';

/** What a question is about: all of a request that says which records are wanted, its window aside. */
export type Part<Scope> = Pick<PullRequest<Scope>, 'scope' | 'keys'>;

/** A part for each key, in their order. For streams that ask for each key by a call of its own. */
export function eachKey<Scope>({ scope, keys }: Part<Scope>): readonly Part<Scope>[] {
  return keys.length > 1 ? keys.map((key) => ({ scope, keys: [key] })) : [{ scope, keys }];
}
