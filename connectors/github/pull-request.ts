import Type, { type Static } from 'typebox';
import { type FactSeed, type Instant, reader } from '../../src/contract/index.ts';
import { User } from './people.ts';
import { referencesOf } from './references.ts';
import { maybe } from './schema.ts';

/** A pull request as lists show it: who merged it, and its files, only its own page says. */
export const Pull = Type.Object({
  number: Type.Integer(),
  node_id: Type.String(),
  url: Type.String(),
  html_url: Type.String(),
  title: Type.String(),
  body: maybe(Type.String()),
  user: maybe(User),
  updated_at: Type.String(),
  merged_at: maybe(Type.String()),
  merge_commit_sha: maybe(Type.String()),
  head: Type.Object({ sha: Type.String() }),
  base: Type.Object({ ref: Type.String() }),
});
export type Pull = Static<typeof Pull>;
export const pullRequest = reader(Pull);

/** The pull request as a standing thing: its title, its commits, and what its words say of others. */
export function changeFact(
  source: string,
  repository: string,
  { number, title, html_url, head, merge_commit_sha, body }: Pull,
  mergedAt: Instant,
): FactSeed {
  const { reverts, revertsRevision, mentions } = referencesOf(repository, number, title, body ?? '');
  const key = (other: number) => `${source}/pull:${repository}#${other}`;
  return {
    kind: 'change',
    key: key(number),
    number,
    title,
    url: html_url,
    revisions: [...(merge_commit_sha ? [merge_commit_sha] : []), head.sha],
    mergedAt,
    mentions,
    ...(reverts !== undefined && { reverts: key(reverts) }),
    ...(revertsRevision !== undefined && { revertsRevision }),
  };
}
