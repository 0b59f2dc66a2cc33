import Type from 'typebox';
import { addMs, type Instant, type Json, type PullItem, parseInstant, reader, SourceError, type Window } from '../../src/contract/index.ts';
import { type Asking, itemsOf, PAGE_SIZE } from './asking.ts';
import type { Query } from './client.ts';
import { readDeployment } from './deployment-shape.ts';
import { pathOf } from './repository.ts';
import { workflowOf } from './run-shape.ts';
import { maybe } from './schema.ts';

const Runs = Type.Object({ total_count: Type.Integer(), workflow_runs: Type.Array(Type.Object({ path: maybe(Type.String()) })) });
const runs = reader(Runs);
const Published = Type.Object({ published_at: Type.String() });
const published = reader(Published);

/** How far back it is looked for what a repository has, where a window shows nothing. */
export const QUIET_DAYS = 90;
const DAY_MS = 86_400_000;
/** How the workflow that rolls out is most often called. */
const DEPLOYS = /deploy|release|publish|rollout|roll-out|ship|promote|(?:^|[-_.])cd[-_.]/i;

/** How often a workflow ran. */
export interface Count {
  readonly workflow: string;
  readonly runs: number;
}

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
  const hint = hintOf(repository, await deploysOf(asking, repository, window.to));
  if (hint !== undefined) yield { kind: 'hint', hint };
}

/** In what a repository without deployments says that it rolls out. */
export interface Deploys {
  /** Of workflows that are called like one that rolls out, the one that ran most; else of all. */
  readonly workflow?: Count;
  /** Its name says that it rolls out. */
  readonly isNamed: boolean;
  readonly releases: number;
}

/** What a repository has to show in the last 90 days, by the counts of GitHub itself. */
export async function deploysOf(asking: Asking, repository: string, to: Instant): Promise<Deploys> {
  const window = { from: addMs(to, -QUIET_DAYS * DAY_MS), to };
  const counts = await runsByWorkflow(asking, repository, window);
  const named = counts.filter(({ workflow }) => DEPLOYS.test(workflow));
  const [workflow] = named.length > 0 ? named : counts;
  return { ...(workflow && { workflow }), isNamed: named.length > 0, releases: await countReleases(asking, repository, window) };
}

function hintOf(repository: string, { workflow, isNamed, releases }: Deploys): string | undefined {
  const counted = [
    ...(workflow ? [`${wordCount(workflow)}`] : []),
    ...(releases > 0 ? [`${releases} release${releases === 1 ? '' : 's'}`] : []),
  ];
  if (counted.length === 0) return undefined;
  const ways = [
    ...(workflow ? [`\`deploys: workflow_runs\` and \`workflows: [${workflow.workflow}]\``] : []),
    ...(releases > 0 ? ['`deploys: releases`'] : []),
  ];
  const sets = `${isNamed || !workflow ? 'set' : 'if that is what rolls out, set'} ${ways.join(', or ')}`;
  return `${repository} has no deployments in ${QUIET_DAYS} days; it has ${counted.join(' and ')}: ${sets}.`;
}

/** The workflows that ran in the window, the most often first, counted among the newest hundred runs; the first by GitHub's own total. */
export async function runsByWorkflow(asking: Asking, repository: string, { from, to }: Window): Promise<readonly Count[]> {
  const created = `${from.slice(0, 19)}Z..${to.slice(0, 19)}Z`;
  const page = runs.read(await firstPage(asking, pathOf(repository, 'actions', 'runs'), { created, per_page: PAGE_SIZE }));
  const names = (page?.workflow_runs ?? []).flatMap((run) => workflowOf(run) ?? []);
  const counts = [...Map.groupBy(names, (name) => name)].map(([workflow, own]) => ({ workflow, runs: own.length }));
  const order = ({ workflow, runs }: Count) => [DEPLOYS.test(workflow) ? 0 : 1, -runs, workflow] as const;
  const sorted = counts.toSorted((a, b) => {
    const [x, y] = [order(a), order(b)];
    return x[0] - y[0] || x[1] - y[1] || (x[2] < y[2] ? -1 : 1);
  });
  const [first, ...rest] = sorted;
  if (!first || (page?.total_count ?? 0) <= PAGE_SIZE) return sorted;
  const own = pathOf(repository, 'actions', 'workflows', first.workflow, 'runs');
  const total = runs.read(await firstPage(asking, own, { created, per_page: 1 }))?.total_count;
  return [{ ...first, runs: total ?? first.runs }, ...rest];
}

/** `37 runs of deploy.yml, 4 runs of ci.yml`. */
export function wordCounts(counts: readonly Count[]): string | undefined {
  return counts.length === 0 ? undefined : counts.slice(0, 5).map(wordCount).join(', ');
}

function wordCount({ workflow, runs }: Count): string {
  return `${runs} run${runs === 1 ? '' : 's'} of ${workflow}`;
}

async function environmentsOf(asking: Asking, repository: string): Promise<readonly string[]> {
  const page = await firstPage(asking, pathOf(repository, 'deployments'), { per_page: PAGE_SIZE });
  const items = page === undefined ? [] : itemsOf({ body: page }, 'deployments');
  const read = items.map(readDeployment).flatMap((one) => ('deployment' in one ? [one.deployment.environment] : []));
  return [...new Set(read)].toSorted().slice(0, 10);
}

async function countReleases(asking: Asking, repository: string, { from, to }: Window): Promise<number> {
  const page = await firstPage(asking, pathOf(repository, 'releases'), { per_page: PAGE_SIZE });
  const times = (page ? itemsOf({ body: page }, 'releases') : []).map((body) => parseInstant(published.read(body)?.published_at ?? ''));
  return times.filter((at) => at !== undefined && at >= from && at < to).length;
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
