import {
  addMs,
  type Instant,
  instantAt,
  type Json,
  type PullItem,
  parseInstant,
  type RawRecord,
  type Window,
} from '../../src/contract/index.ts';
import { type Asking, before, gapItem, pagesOf, SPENT } from './asking.ts';
import { type Deployment, readDeployment } from './deployment-shape.ts';
import { deploymentKey, pathOf } from './repository.ts';
import { isSuccess, statusRecords } from './streams/deployment-statuses.ts';

/** A deployment asked for this long before a window may still finish in it: a job on GitHub's own runners ends after six hours. */
const MARGIN_MS = 24 * 3_600_000;
/** Of so many deployments before the window, at most, the statuses are asked until one is found that succeeded. */
const MAX_LOOKED = 5;

/** Which list is read: a repository's deployments to one environment, or to all. */
export interface Place {
  readonly repository: string;
  readonly environment: string | undefined;
}

export interface Listed {
  readonly deployment: Deployment;
  readonly at: Instant;
  readonly record: RawRecord;
  /** Its statuses, oldest first, where they stood in the same answer; absent where they have to be asked for. */
  readonly statuses?: readonly RawRecord[];
}

/** All that a list told so far, newest first, and whether it was read to its oldest. */
export interface Seen {
  readonly listed: Listed[];
  isWhole: boolean;
}

/** Whether a list reaches beyond the margin and holds enough of those before the window. */
export function isRead({ listed }: Seen, window: Window): boolean {
  const oldest = addMs(window.from, -MARGIN_MS);
  return listed.some(({ at }) => at < oldest) && listed.filter(({ at }) => at < window.from).length >= MAX_LOOKED;
}

/** The deployments of a place, newest first, until a page reaches beyond the margin and holds enough of those before the window. */
export async function* listDeployments(asking: Asking, window: Window, place: Place, seen: Seen): AsyncGenerator<PullItem> {
  const query = place.environment === undefined ? {} : { environment: place.environment };
  for await (const page of pagesOf(asking, pathOf(place.repository, 'deployments'), query)) {
    for (const body of page) {
      const listed = toListed(place.repository, body);
      if (listed) seen.listed.push(listed);
      // What cannot be read is handed over too: it becomes an issue, not a silence.
      if (!listed || isNear(listed, window)) yield { kind: 'record', record: listed?.record ?? recordOf(place.repository, body) };
    }
    if (isRead(seen, window)) return;
  }
  seen.isWhole = !asking.isSpent();
  if (!seen.isWhole) yield notReached(window, place, seen);
}

/** What a list did not reach for want of calls. */
export function notReached(window: Window, place: Place, { listed }: Seen): PullItem {
  const reached = listed.map(({ at }) => at).toSorted()[0];
  return gapItem(before(window, reached), 'budget', `${SPENT}: older deployments of ${nameOf(place)} are not read`);
}

/** Those that count, each with its statuses: where more than a page of them is there, REST is asked for all. */
export async function* nearItems(asking: Asking, window: Window, place: Place, seen: Seen): AsyncGenerator<PullItem> {
  for (const { record, statuses, deployment } of seen.listed.filter((one) => isNear(one, window))) {
    yield { kind: 'record', record };
    const found = statuses ?? (await statusRecords(asking, place.repository, deployment.id));
    if (!found) yield gapItem(window, 'budget', `${SPENT}: not all statuses of ${deploymentKey(place.repository, deployment.id)} are read`);
    yield* (found ?? []).map((one) => ({ kind: 'record' as const, record: one }));
  }
  if (!seen.isWhole && asking.isSpent()) yield notReached(window, place, seen);
}

/** Created in the window, or so shortly before that it may have finished in it. */
export function isNear({ at }: Listed, { from, to }: Window): boolean {
  return at >= addMs(from, -MARGIN_MS) && at < to;
}

/**
 * The last success before the window, however old: only statuses tell it. The newest of those before the window are handed over
 * with their statuses until one of them succeeded, or has no status at all, since its creator then never reports.
 */
export async function* lastSuccess(asking: Asking, window: Window, place: Place, seen: Seen): AsyncGenerator<PullItem> {
  const { older, isWhole } = await olderOf(asking, window, place, seen);
  const earlier = (to: Instant): Window => ({ from: instantAt(0), to });
  const unknown = `${SPENT}: the last success of ${nameOf(place)} before the window is not known`;
  if (asking.isSpent()) yield gapItem(earlier(window.from), 'budget', unknown);
  for (const listed of older.slice(0, MAX_LOOKED)) {
    if (!isNear(listed, window)) yield { kind: 'record', record: listed.record };
    const statuses = listed.statuses ?? (await statusRecords(asking, place.repository, listed.deployment.id));
    if (!statuses) {
      yield gapItem(earlier(window.from), 'budget', unknown);
      return;
    }
    yield* statuses.map((record) => ({ kind: 'record' as const, record }));
    if (statuses.length === 0 || statuses.some(isSuccess)) return;
  }
  if (asking.isSpent() || (isWhole && older.length <= MAX_LOOKED)) return;
  const detail = `none of the ${MAX_LOOKED} newest deployments of ${nameOf(place)} before the window succeeded: older ones were not asked`;
  yield gapItem(earlier(older.slice(0, MAX_LOOKED).at(-1)?.at ?? window.from), 'result_limit', detail);
}

/** Those before the window, newest first. Where the list of all environments ended too early for this one, its own is read. */
async function olderOf(
  asking: Asking,
  window: Window,
  place: Place,
  seen: Seen,
): Promise<{ readonly older: readonly Listed[]; readonly isWhole: boolean }> {
  const own = ({ listed }: Seen) => listed.filter(({ at, deployment }) => at < window.from && deployment.environment === place.environment);
  if (own(seen).length > 0 || seen.isWhole) return { older: newestFirst(own(seen)), isWhole: seen.isWhole };
  const list: Seen = { listed: [], isWhole: false };
  // Its records in the window were handed over already, by the list of all.
  for await (const _ of listDeployments(asking, window, place, list));
  return { older: newestFirst(own(list)), isWhole: list.isWhole };
}

function newestFirst(listed: readonly Listed[]): readonly Listed[] {
  const order = ({ at, deployment }: Listed) => `${at} ${deployment.id.padStart(20, '0')}`;
  return listed.toSorted((a, b) => (order(a) < order(b) ? 1 : -1));
}

function toListed(repository: string, body: Json): Listed | undefined {
  const read = readDeployment(body);
  if (!('deployment' in read)) return undefined;
  const at = parseInstant(read.deployment.createdAt);
  return at && { deployment: read.deployment, at, record: recordOf(repository, body) };
}

function recordOf(repository: string, body: Json): RawRecord {
  const read = readDeployment(body);
  if (!('deployment' in read)) return { nativeId: JSON.stringify(body), body, request: pathOf(repository, 'deployments') };
  return { nativeId: read.deployment.nodeId, body, request: pathOf(repository, 'deployments', read.deployment.id) };
}

function nameOf({ repository, environment }: Place): string {
  return environment === undefined ? repository : `${repository} to ${environment}`;
}
