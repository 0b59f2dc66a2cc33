import type { World, WorldDeployment, WorldRepository } from '../world.ts';
import { isPast, nodeId, type Setting, userOf, webUrl } from './github-shapes.ts';
import type { Answer, Asked } from './server.ts';

/** What GraphQL nests at most of one deployment's statuses where 50 are asked for, and how many deployments a page has. */
const FIRST = 50;

/**
 * The one question of GraphQL that is answered here: a repository's deployments with their statuses. As with GitHub, the oldest
 * come first unless the question orders them, refusals are answers of status 200, and an app's login has no `[bot]`.
 */
export function graphAnswer(world: World, { body }: Asked): Answer {
  const { query, variables } = readQuestion(body);
  if (query === undefined || !query.includes('deployments(')) return failed('A query attribute must be specified and must be a string.');
  const wanted = `${variables['owner']}/${variables['name']}`.toLowerCase();
  const repository = world.github.repositories.find(({ full_name }) => full_name.toLowerCase() === wanted);
  if (!repository) {
    const message = `Could not resolve to a Repository with the name '${variables['owner']}/${variables['name']}'.`;
    return { status: 200, body: { data: { repository: null }, errors: [{ type: 'NOT_FOUND', path: ['repository'], message }] } };
  }
  const isDescending = /direction:\s*DESC/.test(query);
  const { environments, cursor } = variables;
  const named = Array.isArray(environments) ? environments : undefined;
  const all = repository.deployments
    .filter(({ created_at, environment }) => isPast(created_at, world) && (named?.includes(environment) ?? true))
    .toSorted((a, b) => (isDescending ? b.id - a.id : a.id - b.id));
  const from = typeof cursor === 'string' ? Number(Buffer.from(cursor, 'base64url').toString()) : 0;
  const to = from + FIRST;
  const pageInfo = { hasNextPage: to < all.length, endCursor: all.length > 0 ? Buffer.from(`${to}`).toString('base64url') : null };
  const nodes = all.slice(from, to).map((one) => deploymentNode({ world, repository }, one));
  return { status: 200, body: { data: { repository: { deployments: { pageInfo, nodes } } } } };
}

function readQuestion(body: string): { readonly query?: string; readonly variables: Readonly<Record<string, unknown>> } {
  try {
    const read: { query?: string; variables?: Record<string, unknown> } = JSON.parse(body);
    return { ...(typeof read.query === 'string' && { query: read.query }), variables: read.variables ?? {} };
  } catch {
    return { variables: {} };
  }
}

function failed(message: string): Answer {
  return { status: 200, body: { errors: [{ message }] } };
}

const SHA = /^[0-9a-f]{40}$/;

function deploymentNode(setting: Setting, deployment: WorldDeployment): object {
  const { world, repository } = setting;
  const past = deployment.statuses.flatMap((status, index) => (isPast(status.at, world) ? [{ ...status, index }] : []));
  const environment = deployment.environment;
  return {
    id: nodeId('DE', repository.id, deployment.id),
    databaseId: deployment.id,
    commitOid: deployment.sha,
    createdAt: deployment.created_at,
    updatedAt: past.at(-1)?.at ?? deployment.created_at,
    ...{ environment, latestEnvironment: environment, originalEnvironment: environment },
    task: deployment.task ?? 'deploy',
    description: deployment.description ?? null,
    payload: '{}',
    state: stateOf(past.at(-1)?.state),
    creator: actorOf(world, deployment.creator),
    // A commit is no ref.
    ref: SHA.test(deployment.ref) ? null : { name: deployment.ref },
    repository: { url: webUrl(repository) },
    statuses: {
      pageInfo: { hasNextPage: past.length > FIRST },
      nodes: past
        .toReversed()
        .slice(0, FIRST)
        .map(({ at, state, description = '', index }) => ({
          id: nodeId('DES', repository.id, deployment.id, index),
          state: state.toUpperCase(),
          createdAt: at,
          environment,
          environmentUrl: `https://${environment}.acme.example`,
          logUrl: logOf(repository, deployment),
          description,
          creator: actorOf(world, deployment.creator),
          deployment: { databaseId: deployment.id, environment, repository: { url: webUrl(repository) } },
        })),
    },
  };
}

function logOf(repository: WorldRepository, { id }: WorldDeployment): string {
  return webUrl(repository, `/actions/runs/${id}`);
}

/** A summary, and no state that a status has: what runs now is ACTIVE. */
function stateOf(last: string | undefined): string {
  return last === undefined ? 'PENDING' : last === 'success' ? 'ACTIVE' : last.toUpperCase();
}

function actorOf(world: World, who: string): object {
  const { login = who, type = 'User' } = Object(userOf(world, who));
  return { login: String(login).replace(/\[bot\]$/, ''), __typename: type };
}
