import Type from 'typebox';
import { type Instant, type Json, type PullItem, parseInstant, reader, SourceError, type Window } from '../../src/contract/index.ts';
import { type Asking, itemsOf, PAGE_SIZE } from './asking.ts';
import type { Query } from './client.ts';
import { readDeployment } from './deployment-shape.ts';
import { pathOf } from './repository.ts';

const Runs = Type.Object({ total_count: Type.Integer() });
const runs = reader(Runs);
const Published = Type.Object({ published_at: Type.String() });
const published = reader(Published);

/** Why a repository has no deployment in the window: another environment's name, or another way to say what was rolled out. */
export async function* explainEmpty(
  asking: Asking,
  window: Window,
  repository: string,
  { newest, environments }: { readonly newest: Instant | undefined; readonly environments: readonly string[] },
): AsyncGenerator<PullItem> {
  const others = environments.length > 0 && newest === undefined ? await environmentsOf(asking, repository) : [];
  if (others.length > 0) {
    const wanted = environments.join(' or ');
    yield { kind: 'hint', hint: `${repository} was never deployed to ${wanted}, but to ${others.join(', ')}: correct \`environments\`.` };
    return;
  }
  const counts = [await countRuns(asking, repository, window), await countReleases(asking, repository, window)].filter(
    (count) => count !== undefined,
  );
  if (counts.length === 0) return;
  const when = newest === undefined ? 'has no deployments' : `has had no deployment since ${newest.slice(0, 10)}`;
  const hint = `${repository} ${when}, but ${counts.join(' and ')} in this window: if releases are what is rolled out, set \`deploys: releases\`.`;
  yield { kind: 'hint', hint };
}

async function environmentsOf(asking: Asking, repository: string): Promise<readonly string[]> {
  const page = await firstPage(asking, pathOf(repository, 'deployments'), { per_page: PAGE_SIZE });
  const items = page === undefined ? [] : itemsOf({ body: page }, 'deployments');
  const read = items.map(readDeployment).flatMap((one) => ('deployment' in one ? [one.deployment.environment] : []));
  return [...new Set(read)].toSorted().slice(0, 10);
}

async function countRuns(asking: Asking, repository: string, { from, to }: Window): Promise<string | undefined> {
  const page = await firstPage(asking, pathOf(repository, 'actions', 'runs'), { created: `${from}..${to}`, per_page: 1 });
  const total = runs.read(page)?.total_count ?? 0;
  return total > 0 ? `${total} workflow run${total === 1 ? '' : 's'}` : undefined;
}

async function countReleases(asking: Asking, repository: string, { from, to }: Window): Promise<string | undefined> {
  const page = await firstPage(asking, pathOf(repository, 'releases'), { per_page: PAGE_SIZE });
  const times = (page ? itemsOf({ body: page }, 'releases') : []).map((body) => parseInstant(published.read(body)?.published_at ?? ''));
  const inside = times.filter((at) => at !== undefined && at >= from && at < to).length;
  return inside > 0 ? `${inside} release${inside === 1 ? '' : 's'}` : undefined;
}

/** A hint is worth no failure: what the token may not read is not counted. */
async function firstPage(asking: Asking, path: string, query: Query): Promise<Json | undefined> {
  try {
    return (await asking.get(path, query))?.body;
  } catch (error) {
    if (error instanceof SourceError && error.reason === 'forbidden') return undefined;
    throw error;
  }
}
