import Type from 'typebox';
import { type Instant, type Json, parseInstant, reader, SourceError, type Window } from '../../src/contract/index.ts';
import { type Asking, isList } from './asking.ts';
import type { GitHub } from './client.ts';
import { isRead, type Listed, type Place, type Seen } from './deployment-list.ts';
import { readDeployment } from './deployment-shape.ts';
import { pathOf } from './repository.ts';
import { toStatusRecords } from './streams/deployment-statuses.ts';

/**
 * Deployments with their statuses in one call, newest first: GraphQL's own order is oldest first. A name is not followed to
 * where a repository moved, as REST's is not. Valid by GitHub's schema, which a test holds it against.
 */
export const DEPLOYMENTS_QUERY = `query ($owner: String!, $name: String!, $cursor: String, $environments: [String!]) {
  repository(owner: $owner, name: $name, followRenames: false) {
    deployments(first: 50, after: $cursor, environments: $environments, orderBy: { field: CREATED_AT, direction: DESC }) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id databaseId commitOid createdAt updatedAt environment latestEnvironment originalEnvironment task description payload state
        creator { login __typename }
        ref { name }
        repository { url }
        statuses(first: 50) {
          pageInfo { hasNextPage }
          nodes {
            id state createdAt environment environmentUrl logUrl description
            creator { login __typename }
            deployment { databaseId environment repository { url } }
          }
        }
      }
    }
  }
}`;

const Page = Type.Object({
  repository: Type.Object({
    deployments: Type.Object({
      pageInfo: Type.Object({ hasNextPage: Type.Boolean(), endCursor: Type.Union([Type.String(), Type.Null()]) }),
      nodes: Type.Array(Type.Unknown()),
    }),
  }),
});
const page = reader(Page);

const Nested = Type.Object({
  statuses: Type.Object({ pageInfo: Type.Object({ hasNextPage: Type.Boolean() }), nodes: Type.Array(Type.Unknown()) }),
});
const nested = reader(Nested);

/** Whether GraphQL is worth asking: once it fails in a pull, it is not asked again. What fails it whole is known to the client, for all of a run. */
export interface GraphOffer {
  isOffered: boolean;
  readonly log: GitHub['log'];
}

/** GraphQL's list, or nothing where REST has to be asked: an old server, a token that may not, a node that cannot be read. */
export async function tryGraph(asking: Asking, window: Window, place: Required<Place>, graph: GraphOffer): Promise<Seen | undefined> {
  if (!graph.isOffered) return undefined;
  try {
    return await listByGraph(asking, window, place);
  } catch (error) {
    // To be asked less, and a refused token, are meant for both ways.
    if (!(error instanceof SourceError) || error.reason === 'rate_limited' || error.reason === 'unauthorized') throw error;
    graph.isOffered = false;
    graph.log.warn(
      { repository: place.repository, reason: error.reason, detail: error.message },
      'GraphQL gave no deployments: REST is asked',
    );
    return undefined;
  }
}

/**
 * The deployments of a place as GraphQL tells them, as far back as REST's list would be read. Throws SourceError where it cannot
 * be asked or a node cannot be read: REST is asked then, and what it cannot say either is said from there.
 */
async function listByGraph(asking: Asking, window: Window, { repository, environment }: Required<Place>): Promise<Seen> {
  const [owner = '', name = ''] = repository.split('/');
  const seen: Seen = { listed: [], isWhole: false };
  const cursors = new Set<string>();
  for (let cursor: string | null = null; ; ) {
    const environments = environment === undefined ? null : [environment];
    const data: Json | undefined = await asking.graph(DEPLOYMENTS_QUERY, { owner, name, cursor, environments });
    if (data === undefined) return seen;
    const read = page.read(data)?.repository.deployments;
    if (!read) throw new SourceError('unexpected_response', `GraphQL's answer for ${repository} is not a list of deployments`);
    seen.listed.push(...nodesOf(data).map((node) => toListed(repository, node)));
    if (!read.pageInfo.hasNextPage) return { ...seen, isWhole: true };
    if (isRead(seen, window)) return seen;
    const { endCursor } = read.pageInfo;
    if (endCursor === null || cursors.has(endCursor)) {
      throw new SourceError('unexpected_response', `GraphQL's list of deployments of ${repository} leads back to a page that was read`);
    }
    cursors.add(endCursor);
    cursor = endCursor;
  }
}

/** The nodes as sent: what a schema has read would not be told from what GitHub wrote. */
function nodesOf(data: Json): readonly Json[] {
  const nodes = ['repository', 'deployments', 'nodes'].reduce<Json>((value, key) => memberOf(value, key), data);
  return isList(nodes) ? nodes : [];
}

function memberOf(value: Json, key: string): Json {
  if (value === null || typeof value !== 'object' || isList(value)) return null;
  return value[key] ?? null;
}

/** The deployment without its statuses' nodes, each of which is a record of its own. */
function toListed(repository: string, node: Json): Listed {
  const read = readDeployment(node);
  const at: Instant | undefined = 'deployment' in read ? parseInstant(read.deployment.createdAt) : undefined;
  const statuses = nested.read(node)?.statuses;
  if (!('deployment' in read) || !at || !statuses) {
    throw new SourceError('unexpected_response', `GraphQL tells a deployment of ${repository} that cannot be read`);
  }
  const connection = memberOf(node, 'statuses');
  const nodes = memberOf(connection, 'nodes');
  const { deployment } = read;
  const request = pathOf(repository, 'deployments', deployment.id);
  return {
    deployment,
    at,
    record: { nativeId: deployment.nodeId, body: without(node, without(connection, undefined, 'nodes'), 'statuses'), request },
    // More than one page of them: REST has the rest, and is asked for all.
    ...(!statuses.pageInfo.hasNextPage && { statuses: toStatusRecords(isList(nodes) ? nodes : [], `${request}/statuses`) }),
  };
}

/** The object with one member replaced, or left out. */
function without(value: Json, by: Json | undefined, name: string): Json {
  if (value === null || typeof value !== 'object' || isList(value)) return value;
  const { [name]: _, ...rest } = value;
  return by === undefined ? rest : { ...rest, [name]: by };
}
