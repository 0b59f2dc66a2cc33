import Type from 'typebox';
import { type Actor, type Json, reader } from '../../src/contract/index.ts';
import { actorOf, GraphActor, graphUser, User } from './people.ts';
import { type Repository, repositoryOf } from './repository.ts';
import { Id, maybe } from './schema.ts';

/** A deployment, whichever of GitHub's two APIs told it. */
export interface Deployment {
  readonly nodeId: string;
  readonly id: string;
  readonly repository: Repository;
  readonly sha: string;
  /** Absent where the branch or tag is gone. */
  readonly ref?: string;
  readonly environment: string;
  readonly isTransient: boolean;
  /** Whether users meet the environment, where its creator said it; GitHub's own default only repeats the name. GraphQL tells it not. */
  readonly isProduction?: boolean;
  readonly task?: string;
  readonly description?: string;
  readonly actor: Actor;
  readonly createdAt: string;
  readonly pointer: string;
  /** Its statuses stood in the same answer, all of them. */
  readonly hasAllStatuses?: boolean;
}

const Rest = Type.Object({
  id: Id,
  node_id: Type.String(),
  sha: Type.String(),
  ref: Type.String(),
  task: maybe(Type.String()),
  environment: Type.String({ minLength: 1 }),
  transient_environment: maybe(Type.Boolean()),
  production_environment: maybe(Type.Boolean()),
  description: maybe(Type.String()),
  creator: maybe(User),
  created_at: Type.String(),
  repository_url: Type.String(),
});
const rest = reader(Rest);

/** A node of GraphQL's `repository.deployments`. */
const Node = Type.Object({
  id: Type.String(),
  databaseId: Id,
  commitOid: Type.String(),
  ref: maybe(Type.Object({ name: Type.String() })),
  task: maybe(Type.String()),
  environment: Type.String({ minLength: 1 }),
  description: maybe(Type.String()),
  creator: maybe(GraphActor),
  createdAt: Type.String(),
  repository: Type.Object({ url: Type.String() }),
  /** Its nodes are records of their own: what is left says whether all of them came with it. */
  statuses: maybe(Type.Object({ pageInfo: maybe(Type.Object({ hasNextPage: Type.Boolean() })) })),
});
const node = reader(Node);

/** The deployment that a record tells, or what cannot be read in it. */
export function readDeployment(body: Json): { readonly deployment: Deployment } | { readonly pointer: string; readonly problem: string } {
  const deployment = readRest(body) ?? readNode(body);
  if (deployment) return { deployment };
  return isNode(body) ? node.problem(body) : rest.problem(body);
}

function isNode(body: Json): boolean {
  return typeof body === 'object' && body !== null && 'databaseId' in body;
}

function readRest(body: Json): Deployment | undefined {
  const read = rest.read(body);
  const repository = read && repositoryOf(read.repository_url);
  if (!read || !repository) return undefined;
  return {
    nodeId: read.node_id,
    id: String(read.id),
    repository,
    sha: read.sha,
    ref: read.ref,
    environment: read.environment,
    isTransient: read.transient_environment === true,
    ...statedProduction(read.environment, read.production_environment),
    ...(read.task && { task: read.task }),
    ...(read.description && { description: read.description }),
    actor: actorOf(read.creator),
    createdAt: read.created_at,
    pointer: '/created_at',
  };
}

/** Unsaid it is true of `production` and false of any other name, whatever the name means: only what differs was said by someone. */
function statedProduction(environment: string, flag: boolean | null | undefined): Pick<Deployment, 'isProduction'> {
  return typeof flag !== 'boolean' || flag === (environment === 'production') ? {} : { isProduction: flag };
}

function readNode(body: Json): Deployment | undefined {
  const read = node.read(body);
  const repository = read && repositoryOf(read.repository.url);
  if (!read || !repository) return undefined;
  return {
    nodeId: read.id,
    id: String(read.databaseId),
    repository,
    sha: read.commitOid,
    ...(read.ref && { ref: read.ref.name }),
    environment: read.environment,
    isTransient: false,
    ...(read.task && { task: read.task }),
    ...(read.description && { description: read.description }),
    actor: actorOf(graphUser(read.creator)),
    hasAllStatuses: read.statuses?.pageInfo?.hasNextPage === false,
    createdAt: read.createdAt,
    pointer: '/createdAt',
  };
}
