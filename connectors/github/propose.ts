import Type, { type Static } from 'typebox';
import { addMs, atMost, type Instant, instantAt, parseInstant, reader, SourceError } from '../../src/contract/index.ts';
import { type Asking, askWith, itemsOf, PAGE_SIZE } from './asking.ts';
import type { Answer, GitHub } from './client.ts';
import type { GitHubScope } from './config.ts';
import { readDeployment } from './deployment-shape.ts';
import { deploysOf, QUIET_DAYS } from './empty.ts';
import { pathOf } from './repository.ts';
import { maybe, memberOf } from './schema.ts';

/** The repositories, the one pushed to last first, that are looked at: a few calls for each. */
const MAX_REPOSITORIES = 100;
const MAX_CALLS = 500;
const DAY_MS = 86_400_000;

const Listed = Type.Object({
  full_name: Type.String(),
  pushed_at: maybe(Type.String()),
  archived: maybe(Type.Boolean()),
  disabled: maybe(Type.Boolean()),
});
const listed = reader(Listed);

/** What a service could own here. */
export interface Proposal {
  readonly name: string;
  readonly scope: GitHubScope;
}

/**
 * A proposal for each repository that the token sees and that rolled something out in the last 90 days by GitHub's own clock: by
 * deployments, to the environments that they went to; else by a workflow whose name says that it deploys; else by releases.
 */
export async function proposeGitHub(
  client: GitHub,
  signal: AbortSignal,
  tell: (left: string) => void = () => undefined,
): Promise<readonly Proposal[]> {
  const asking = askWith(client, { calls: atMost(MAX_CALLS), now: instantAt(0), signal });
  const { repositories, isCut } = await repositoriesOf(client, asking);
  const now = client.theirNow() ?? parseInstant(repositories[0]?.pushed_at ?? '');
  if (!now) return [];
  const since = addMs(now, -QUIET_DAYS * DAY_MS);
  const living = repositories.filter((one) => !one.archived && !one.disabled && (parseInstant(one.pushed_at ?? '') ?? since) >= since);
  const proposals: Proposal[] = [];
  const looked = living.slice(0, MAX_REPOSITORIES);
  if (isCut || looked.length < living.length) tell(`repositories beyond the ${looked.length} that were pushed to last`);
  for (const [index, { full_name }] of looked.entries()) {
    const scope = await orTold(scopeOf(asking, full_name, { since, now }), tell);
    if (scope) proposals.push({ name: full_name, scope });
    if (!asking.isSpent()) continue;
    tell(`${looked.length - index} repositories from ${full_name} on: ${MAX_CALLS} calls are spent`);
    break;
  }
  return proposals.map(({ name, scope }) => ({ name: shortName(name, proposals), scope }));
}

interface Seen {
  readonly repositories: readonly Static<typeof Listed>[];
  /** There are more. */
  readonly isCut: boolean;
}

async function repositoriesOf(client: GitHub, asking: Asking): Promise<Seen> {
  const found: Static<typeof Listed>[] = [];
  let next: number | undefined = 1;
  const path = client.isApp ? '/installation/repositories' : '/user/repos';
  const order = client.isApp ? {} : { sort: 'pushed', direction: 'desc' };
  while (next !== undefined && found.length < MAX_REPOSITORIES) {
    const answer: Answer | undefined = await asking.get(path, { ...order, per_page: PAGE_SIZE, page: next });
    if (!answer) break;
    const items = client.isApp ? memberOf(answer.body, 'repositories') : itemsOf(answer, path);
    found.push(...(Array.isArray(items) ? items : []).flatMap((item) => listed.read(item) ?? []));
    next = answer.next;
  }
  // An app's list comes in no promised order.
  return { repositories: found.toSorted((a, b) => ((a.pushed_at ?? '') < (b.pushed_at ?? '') ? 1 : -1)), isCut: next !== undefined };
}

interface Quarter {
  readonly since: Instant;
  readonly now: Instant;
}

async function scopeOf(asking: Asking, repository: string, { since, now }: Quarter): Promise<GitHubScope | undefined> {
  const path = pathOf(repository, 'deployments');
  const answer = await asking.get(path, { per_page: PAGE_SIZE });
  if (!answer) return undefined;
  const recent = itemsOf(answer, path)
    .map(readDeployment)
    .flatMap((read) => ('deployment' in read && (parseInstant(read.deployment.createdAt) ?? '') >= since ? [read.deployment] : []));
  const names = recent.filter(({ isTransient }) => !isTransient).map(({ environment }) => environment);
  if (names.length > 0) return { repositories: [repository], environments: [...usersOf(names)] };
  const { workflow, isNamed, releases } = await deploysOf(asking, repository, now);
  if (workflow && isNamed) return { repositories: [repository], deploys: 'workflow_runs', workflows: [workflow.workflow] };
  return releases > 0 ? { repositories: [repository], deploys: 'releases' } : undefined;
}

/** The environments whose name says that users are there; all, where none does. */
function usersOf(environments: readonly string[]): readonly string[] {
  const names = [...new Set(environments)].toSorted();
  const used = names.filter((name) => /prod|live/i.test(name));
  return used.length > 0 ? used : names;
}

/** A repository that the token may not read in full is not proposed, and that is told; the others are. */
async function orTold<T>(asked: Promise<T | undefined>, tell: (left: string) => void): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof SourceError) || error.reason !== 'forbidden') throw error;
    tell(error.message);
    return undefined;
  }
}

/** `api` of `acme/api`, unless another owner has one of that name. */
function shortName(name: string, all: readonly Proposal[]): string {
  const short = (full: string) => full.split('/')[1] ?? full;
  return all.filter((one) => short(one.name) === short(name)).length > 1 ? name : short(name);
}
