import Type from 'typebox';
import {
  type EventSeed,
  type EvidenceRecord,
  type Json,
  type Normalized,
  type PullItem,
  parseInstant,
  type RawRecord,
  reader,
  type Stream,
} from '../../../src/contract/index.ts';
import { type Asking, allOf, askWith, eachOf, gapItem, type Request, SPENT } from '../asking.ts';
import type { GitHub } from '../client.ts';
import type { GitHubScope } from '../config.ts';
import { actorOf, User } from '../people.ts';
import { deploymentKey, deploymentsPage, pathOf, repositoryKey, repositoryOf } from '../repository.ts';
import { Id, maybe } from '../schema.ts';

const Status = Type.Object({
  id: Id,
  node_id: Type.String(),
  state: Type.String(),
  environment: Type.String({ minLength: 1 }),
  creator: maybe(User),
  created_at: Type.String(),
  deployment_url: Type.String(),
  log_url: maybe(Type.String()),
  target_url: maybe(Type.String()),
});
const status = reader(Status);

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

/** All statuses of a deployment, oldest first whatever order GitHub sent them in; nothing where the calls did not reach to the last. */
export async function statusRecords(asking: Asking, repository: string, id: string): Promise<readonly RawRecord[] | undefined> {
  const path = pathOf(repository, 'deployments', id, 'statuses');
  const items = await allOf(asking, path);
  if (!items) return undefined;
  const ordered = items.toSorted((a, b) => compare(ageOf(a), ageOf(b)));
  return ordered.map((body, sequence) => ({
    nativeId: status.read(body)?.node_id ?? JSON.stringify(body),
    body,
    request: path,
    sequence,
    stream: 'deployment_statuses',
  }));
}

export function isSuccess({ body }: RawRecord): boolean {
  return status.read(body)?.state === 'success';
}

/** The time, then the number of the status as text of one length: two of one second keep the order in which they were made. */
function ageOf(body: Json): string {
  const read = status.read(body);
  return `${read ? (parseInstant(read.created_at) ?? '') : ''} ${String(read?.id ?? '').padStart(20, '0')}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const read = status.read(body);
  if (!read) return { events: [], issues: [status.problem(body)] };
  if (IGNORED.has(read.state)) return { events: [], issues: [] };
  if (!isKnown(read.state)) return { events: [], issues: [{ pointer: '/state', problem: `a state not seen before: ${read.state}` }] };
  const at = parseInstant(read.created_at);
  if (!at) return { events: [], issues: [{ pointer: '/created_at', problem: 'not a time with an offset' }] };
  const repository = repositoryOf(read.deployment_url);
  const id = /\/deployments\/(\d+)$/.exec(read.deployment_url)?.[1];
  if (!repository || id === undefined) return { events: [], issues: [{ pointer: '/deployment_url', problem: 'names no deployment' }] };
  const log = [read.log_url, read.target_url].find((url) => url && /^https?:$/.test(URL.parse(url)?.protocol ?? ''));
  const event: EventSeed = {
    type: TYPES[read.state],
    key: read.node_id,
    pointer: '/created_at',
    originalTime: read.created_at,
    time: { at, minusMs: 0, plusMs: 1000 },
    timeMeaning: read.state === 'in_progress' ? 'started' : 'ended',
    knowableAt: at,
    actor: actorOf(read.creator),
    url: log ?? deploymentsPage(repository, read.environment),
    belongsTo: [repositoryKey(source, repository.name, read.environment)],
    correlationKeys: [deploymentKey(repository.name, id)],
    // A status names its deployment and not what that deploys: the core joins the two by the key.
    attributes: { 'deployment.id': id, 'deployment.environment.name': read.environment },
  };
  return { events: [event], issues: [] };
}
