import Type from 'typebox';
import { type Actor, type Json, parseInstant, reader } from '../../src/contract/index.ts';
import { actorOf, GraphActor, graphUser, User } from './people.ts';
import { type Repository, repositoryOf } from './repository.ts';
import { Id, maybe } from './schema.ts';

/** A status of a deployment, whichever of GitHub's two APIs told it. */
export interface Status {
  readonly nodeId: string;
  /** As REST writes it: `in_progress`. */
  readonly state: string;
  readonly environment: string;
  readonly actor: Actor;
  readonly createdAt: string;
  readonly pointer: string;
  readonly repository: Repository;
  readonly deploymentId: string;
  /** Where a person can read what was done. */
  readonly log?: string;
  /** Who set it says here what it is about: `canary at 25 %`. */
  readonly description?: string;
}

type Problem = { readonly pointer: string; readonly problem: string };

const Rest = Type.Object({
  id: Id,
  node_id: Type.String(),
  state: Type.String(),
  environment: Type.String({ minLength: 1 }),
  creator: maybe(User),
  created_at: Type.String(),
  deployment_url: Type.String(),
  log_url: maybe(Type.String()),
  target_url: maybe(Type.String()),
  description: maybe(Type.String()),
});
const rest = reader(Rest);

/** A node of GraphQL's `deployment.statuses`, with the deployment that it is of. */
const Node = Type.Object({
  id: Type.String(),
  state: Type.String(),
  environment: maybe(Type.String({ minLength: 1 })),
  creator: maybe(GraphActor),
  createdAt: Type.String(),
  logUrl: maybe(Type.String()),
  description: maybe(Type.String()),
  deployment: Type.Object({
    databaseId: Id,
    environment: Type.String({ minLength: 1 }),
    repository: Type.Object({ url: Type.String() }),
  }),
});
const node = reader(Node);

/** The status that a record tells, or what cannot be read in it. */
export function readStatus(body: Json): { readonly status: Status } | Problem {
  const isNode = typeof body === 'object' && body !== null && 'deployment' in body && 'createdAt' in body;
  return isNode ? readNode(body) : readRest(body);
}

function readRest(body: Json): { readonly status: Status } | Problem {
  const read = rest.read(body);
  if (!read) return rest.problem(body);
  const repository = repositoryOf(read.deployment_url);
  const deploymentId = /\/deployments\/(\d+)$/.exec(read.deployment_url)?.[1];
  if (!repository || deploymentId === undefined) return { pointer: '/deployment_url', problem: 'names no deployment' };
  const log = [read.log_url, read.target_url].find(isPage);
  const { node_id: nodeId, state, environment, creator, created_at: createdAt, description } = read;
  const said = {
    nodeId,
    state,
    environment,
    actor: actorOf(creator),
    createdAt,
    pointer: '/created_at',
    ...(description && { description }),
  };
  return { status: { ...said, repository, deploymentId, ...(log && { log }) } };
}

function readNode(body: Json): { readonly status: Status } | Problem {
  const read = node.read(body);
  if (!read) return node.problem(body);
  const { id: nodeId, environment, creator, createdAt, logUrl, deployment, description } = read;
  const repository = repositoryOf(deployment.repository.url);
  if (!repository) return { pointer: '/deployment/repository/url', problem: 'names no repository' };
  const place = { environment: environment ?? deployment.environment, ...(description && { description }) };
  const said = { nodeId, state: read.state.toLowerCase(), ...place, createdAt };
  const actor = actorOf(graphUser(creator));
  const deploymentId = String(deployment.databaseId);
  return { status: { ...said, actor, pointer: '/createdAt', repository, deploymentId, ...(logUrl && isPage(logUrl) && { log: logUrl }) } };
}

function isPage(url: string | null | undefined): boolean {
  return /^https?:$/.test(URL.parse(url ?? '')?.protocol ?? '');
}

/** The order in which a deployment passes through its states, where two of one second tell no other. */
const LIFE: readonly string[] = ['pending', 'queued', 'waiting', 'in_progress', 'failure', 'error', 'success', 'inactive'];

/**
 * Oldest first, whatever order GitHub sent them in: by time, then by the number that REST gives each status; GraphQL gives none,
 * so there two of one second stand as a deployment passes through their states.
 */
export function orderStatuses(bodies: readonly Json[]): readonly Json[] {
  const aged = bodies.map((body) => ({ body, age: ageOf(body) }));
  return aged.toSorted((a, b) => (a.age < b.age ? -1 : a.age > b.age ? 1 : 0)).map(({ body }) => body);
}

function ageOf(body: Json): string {
  const read = readStatus(body);
  if (!('status' in read)) return '';
  const place = rest.read(body)?.id ?? LIFE.indexOf(read.status.state) + 1;
  return `${parseInstant(read.status.createdAt) ?? ''} ${String(place).padStart(20, '0')}`;
}
