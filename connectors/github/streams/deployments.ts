import { addMs, type EvidenceRecord, type Normalized, type PullItem, parseInstant, type Stream } from '../../../src/contract/index.ts';
import { type Asking, askWith, eachOf, gapItem, partsOf, type Request } from '../asking.ts';
import type { GitHub } from '../client.ts';
import type { GitHubScope } from '../config.ts';
import { type GraphOffer, tryGraph } from '../deployment-graph.ts';
import { isNear, type Listed, lastSuccess, listDeployments, nearItems, type Seen } from '../deployment-list.ts';
import { readDeployment } from '../deployment-shape.ts';
import { explainEmpty, QUIET_DAYS } from '../empty.ts';
import { deploymentKey, deploymentsPage, isSha, repositoryKey } from '../repository.ts';

/** Where the newest deployment is older than this, an empty window is explained; else it was a quiet day. */
const QUIET_MS = QUIET_DAYS * 86_400_000;

export const deployments: Stream<GitHub, GitHubScope> = {
  spec: {
    id: 'deployments',
    emits: ['deployment.started'],
    need: 'needed',
    // GitHub filters deployments by no time: the list is read from its newest end.
    windowField: 'none',
    mutability: 'mutable',
    settleSeconds: 60,
  },
  // A list for each, and the statuses of the one before the window.
  estimate: ({ scope }) => ({ requests: scope.repositories.length * Math.max(1, scope.environments?.length ?? 0) * 2 }),
  pull,
  // Where other streams are the deploys, one hint speaks of all repositories.
  parts: (question) => ((question.scope.deploys ?? 'deployments') === 'deployments' ? partsOf(question) : [question]),
  normalize,
};

async function* pull(client: GitHub, request: Request): AsyncGenerator<PullItem> {
  const { scope } = request;
  const { deploys = 'deployments', repositories } = scope;
  if (deploys !== 'deployments') {
    const what = deploys === 'releases' ? 'releases' : 'workflow runs';
    const hint = `The ${what} of ${repositories.join(', ')} tell what is rolled out, as \`deploys: ${deploys}\` says: no deployment was asked for.`;
    yield { kind: 'hint', hint };
    return;
  }
  const asking = askWith(client, request);
  // Which environments do not last only REST tells: where none is named, the list is asked there.
  const graph: GraphOffer = { isOffered: (scope.environments ?? []).length > 0, log: client.log };
  yield* eachOf(repositories, request, asking, (repository) => pullRepository(asking, request, repository, graph));
}

async function* pullRepository(
  asking: Asking,
  { scope, window }: Request,
  repository: string,
  graph: GraphOffer,
): AsyncGenerator<PullItem> {
  const environments = scope.environments ?? [];
  const listed: Listed[] = [];
  for (const environment of environments.length > 0 ? environments : [undefined]) {
    const place = { repository, environment };
    const seen: Seen = (await tryGraph(asking, window, place, graph)) ?? { listed: [], isWhole: false };
    if (seen.listed.length > 0 || seen.isWhole) yield* nearItems(asking, window, place, seen);
    else yield* listDeployments(asking, window, place, seen);
    listed.push(...seen.listed);
    for (const name of environment === undefined ? lastingEnvironments(seen) : [environment]) {
      if (asking.isSpent()) return;
      yield* lastSuccess(asking, window, { repository, environment: name }, seen);
    }
  }
  const other = listed.find(({ deployment }) => deployment.repository.name !== repository)?.deployment.repository.name;
  if (other)
    yield gapItem(
      window,
      'not_mapped',
      `the configuration says ${repository}, and GitHub ${other}: write it as GitHub does, or no service owns its records`,
    );
  const newest = listed
    .map(({ at }) => at)
    .filter((at) => at < window.to)
    .toSorted()
    .at(-1);
  const isQuiet = newest !== undefined && newest >= addMs(window.from, -QUIET_MS);
  if (!asking.isSpent() && !isQuiet && !listed.some((one) => isNear(one, window))) {
    yield* explainEmpty(asking, window, repository, { newest, environments });
  }
}

/** A preview of a pull request is deployed to an environment of its own: what ran there before means nothing. */
function lastingEnvironments({ listed }: Seen): readonly string[] {
  const lasting = listed.filter(({ deployment }) => !deployment.isTransient);
  return [...new Set(lasting.map(({ deployment }) => deployment.environment))].toSorted();
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const read = readDeployment(body);
  if (!('deployment' in read)) return { events: [], issues: [read] };
  const { nodeId, id, repository, sha, ref, environment, isProduction, task, description, actor, createdAt, pointer, hasAllStatuses } =
    read.deployment;
  const at = parseInstant(createdAt);
  if (!at) return { events: [], issues: [{ pointer, problem: 'not a time with an offset' }] };
  const attributes = {
    'deployment.id': id,
    'deployment.environment.name': environment,
    ...(isProduction !== undefined && { 'deployment.environment.production': isProduction }),
    'vcs.ref.head.revision': sha,
    ...(ref !== undefined && !isSha(ref) && { 'vcs.ref.head.name': ref }),
    ...(task !== undefined && { 'deployment.task': task }),
    ...(description !== undefined && { 'deployment.description': description }),
  };
  return {
    events: [
      {
        type: 'deployment.started',
        key: nodeId,
        pointer,
        originalTime: createdAt,
        time: { at, minusMs: 0, plusMs: 1000 },
        // When it was asked for. A status says when the work began, where its creator reports one.
        timeMeaning: 'recorded',
        knowableAt: at,
        actor,
        url: deploymentsPage(repository, environment),
        belongsTo: [repositoryKey(source, repository.name, environment)],
        correlationKeys: [deploymentKey(repository.name, id), `sha:${sha}`],
        attributes,
      },
    ],
    ...(hasAllStatuses && { facts: [{ kind: 'nested', key: deploymentKey(repository.name, id), stream: 'deployment_statuses' }] }),
    issues: [],
  };
}
