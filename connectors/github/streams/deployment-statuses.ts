import {
  type EventSeed,
  type EvidenceRecord,
  type Json,
  type Normalized,
  type PullItem,
  parseInstant,
  type RawRecord,
  type Stream,
} from '../../../src/contract/index.ts';
import { type Asking, allOf, askWith, eachOf, gapItem, partsOf, type Request, SPENT } from '../asking.ts';
import type { GitHub } from '../client.ts';
import type { GitHubScope } from '../config.ts';
import { deploymentKey, deploymentsPage, pathOf, repositoryKey } from '../repository.ts';
import { orderStatuses, readStatus } from '../status-shape.ts';

/** A deployment ends with its last success, else its last failure; `inactive` says only that a later one took its place. */
const TYPES = {
  in_progress: 'deployment.started',
  success: 'deployment.succeeded',
  failure: 'deployment.failed',
  error: 'deployment.failed',
} as const satisfies Record<string, EventSeed['type']>;
/** Waiting in one line or another, and bookkeeping: evidence, and no happening. */
const IGNORED: ReadonlySet<string> = new Set(['queued', 'pending', 'waiting', 'inactive']);
const isKnown = (state: string): state is keyof typeof TYPES => Object.hasOwn(TYPES, state);

export const deploymentStatuses: Stream<GitHub, GitHubScope> = {
  spec: {
    id: 'deployment_statuses',
    emits: ['deployment.started', 'deployment.succeeded', 'deployment.failed'],
    need: 'needed',
    windowField: 'keys',
    mutability: 'append-only',
    settleSeconds: 120,
  },
  estimate: ({ keys }) => ({ requests: keys.length }),
  pull,
  parts: partsOf,
  normalize,
};

async function* pull(client: GitHub, request: Request): AsyncGenerator<PullItem> {
  const asking = askWith(client, request);
  yield* eachOf(request.keys, request, asking, async function* (key) {
    const [, repository, id] = /^deployment:([^#]+)#(\d+)$/.exec(key) ?? [];
    if (repository === undefined || id === undefined) {
      yield gapItem(request.window, 'unsupported', `${key} names no deployment`);
      return;
    }
    const records = await statusRecords(asking, repository, id);
    if (records) yield* records.map((record) => ({ kind: 'record' as const, record }));
    else yield gapItem(request.window, 'budget', `${SPENT}: the statuses of ${key} are not read`);
  });
}

/** All statuses of a deployment, oldest first; nothing where the calls did not reach to the last. */
export async function statusRecords(asking: Asking, repository: string, id: string): Promise<readonly RawRecord[] | undefined> {
  const path = pathOf(repository, 'deployments', id, 'statuses');
  const items = await allOf(asking, path);
  return items && toStatusRecords(items, path);
}

/** Each status as a record of this stream, whichever answer it stood in. */
export function toStatusRecords(bodies: readonly Json[], request: string): readonly RawRecord[] {
  return orderStatuses(bodies).map((body, sequence) => {
    const read = readStatus(body);
    const nativeId = 'status' in read ? read.status.nodeId : JSON.stringify(body);
    return { nativeId, body, request, sequence, stream: 'deployment_statuses' };
  });
}

export function isSuccess({ body }: RawRecord): boolean {
  const read = readStatus(body);
  return 'status' in read && read.status.state === 'success';
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const read = readStatus(body);
  if (!('status' in read)) return { events: [], issues: [read] };
  const { nodeId, state, environment, actor, createdAt, pointer, repository, deploymentId, log, description } = read.status;
  const at = parseInstant(createdAt);
  const since = at && { knowableAt: at };
  if (IGNORED.has(state)) return { events: [], issues: [], ...since };
  if (!isKnown(state)) return { events: [], issues: [{ pointer: '/state', problem: `a state not seen before: ${state}` }], ...since };
  if (!at) return { events: [], issues: [{ pointer, problem: 'not a time with an offset' }] };
  const event: EventSeed = {
    type: TYPES[state],
    key: nodeId,
    pointer,
    originalTime: createdAt,
    time: { at, minusMs: 0, plusMs: 1000 },
    timeMeaning: state === 'in_progress' ? 'started' : 'ended',
    knowableAt: at,
    actor,
    url: log ?? deploymentsPage(repository, environment),
    belongsTo: [repositoryKey(source, repository.name, environment)],
    correlationKeys: [deploymentKey(repository.name, deploymentId)],
    // A status names its deployment and not what that deploys: the core joins the two by the key.
    attributes: {
      'deployment.id': deploymentId,
      'deployment.environment.name': environment,
      ...(description && { 'deployment.status.description': description }),
    },
  };
  return { events: [event], issues: [] };
}
