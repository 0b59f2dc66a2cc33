import type { Snapshot } from '../core/case.ts';
import type { Json } from '../core/evidence.ts';
import type { Instant, Window } from '../core/time.ts';
import type { GapReason } from '../core/timeline/coverage.ts';
import { estimateCases, listCases } from './backfill-list.ts';
import type { Backfill, BackfillItem, BackfillOutcome, BackfillStore, Job, JobQueue } from './backfill-ports.ts';
import type { AppDeps } from './deps.ts';
import { draftCase, rebuild } from './draft.ts';
import { AppError } from './errors.ts';
import { isSameReading } from './reuse.ts';
import { isPartial } from './snapshot.ts';

/** What a surface asks of past incidents. */
export interface Backfills {
  /** Submits it, or finds the unfinished one of the same request. Nothing is asked of any source yet. */
  submit(request: { readonly window: Window; readonly service?: string }): Promise<Backfill>;
  /** Throws AppError('not_stored') for a number that there is none of. */
  find(id: number): Promise<Backfill>;
  /** The newest ones. */
  newest(limit: number): Promise<readonly Backfill[]>;
  /** What failed is tried again. */
  retry(id: number): Promise<Backfill>;
  /** What nobody has begun yet is left. Drafts that were made stay. */
  cancel(id: number): Promise<Backfill>;
  /** One job of the queue. Throws AppError where it could not be done this time. */
  work(body: Json, signal: AbortSignal): Promise<void>;
  /** A job that will not be tried again. */
  bury(body: Json, reason: string): Promise<void>;
}

/** What a process that works on jobs is given. */
export interface JobService {
  readonly backfills: Backfills;
  /** Takes jobs until told to stop, or until there are none left and `isOver` says so. */
  work(stop: AbortSignal, isOver?: () => Promise<boolean>): Promise<void>;
  /** Submits what the configuration's `schedule` says when its time has come, until told to stop: once, of however many processes. */
  keepSchedule(stop: AbortSignal): Promise<void>;
  /** Purges the evidence that `storage.keep_evidence` no longer keeps, until told to stop: one of however many processes at a time. */
  keepRetention(stop: AbortSignal): Promise<void>;
}

/** What backfills need beside the use cases. */
export interface BackfillDeps {
  readonly app: AppDeps;
  readonly store: BackfillStore;
  readonly jobs: JobQueue;
}

/** Gaps that no later pull can fill. */
const LASTING: ReadonlySet<GapReason> = new Set(['retention', 'not_offered', 'unsupported', 'not_mapped', 'result_limit']);
/** Before any draft. */
const LIST_PRIORITY = 1_000_000;

/** A job that an earlier version sent has no round: it stands for any. */
type Work = { readonly backfill: number; readonly position?: number; readonly round: number | undefined };

/** The backfills over one store: submitted, asked for, sent again and cancelled. Throws AppError for what is not there. */
export function createBackfills(deps: BackfillDeps): Backfills {
  const { app, store, jobs } = deps;
  const find = (id: number) => findBackfill(store, id);
  return {
    submit: async ({ window, service }) => {
      const { clock, settings } = app;
      const now = clock.now();
      if (window.from >= now) throw new AppError('usage', `the window begins at ${window.from}, in the future`);
      checkService(app, service);
      const request = { window, join: settings.policy.join, ...(service !== undefined && { service }) };
      const id = await store.begin(request, now);
      return await sendWaiting(deps, await find(id));
    },
    find,
    newest: async (limit) => Promise.all((await store.newest(limit)).map(find)),
    retry: async (id) => {
      await find(id);
      await store.retry(id);
      return await sendWaiting(deps, await find(id));
    },
    cancel: async (id) => {
      const before = await find(id);
      await store.cancel(id);
      await jobs.drop(jobsOf(before).map(({ key }) => key));
      return await find(id);
    },
    work: (body, signal) => work(deps, readWork(body), signal),
    bury: async (body, reason) => {
      const { backfill, position, round } = readWork(body);
      if (position === undefined) await store.failListing(backfill, round, reason);
      else await store.failItem(backfill, position, round, reason);
    },
  };
}

/** All its jobs are done, however they came out. */
export function isFinished({ state, items }: Backfill): boolean {
  return state !== 'listing' && items.every((item) => item.state !== 'waiting');
}

async function findBackfill(store: BackfillStore, id: number): Promise<Backfill> {
  const found = await store.find(id);
  if (!found) throw new AppError('not_stored', `there is no backfill ${id}: \`hindcast backfill status\` lists them`);
  return found;
}

function checkService({ settings }: AppDeps, service: string | undefined): void {
  const known = settings.services.map(({ name }) => name);
  if (service === undefined || known.includes(service)) return;
  throw new AppError('usage', `no service ${JSON.stringify(service)} is configured: ${known.join(', ') || 'there are none'}`);
}

/** A process that died between filing a backfill and sending its jobs is made good here: what stands in the queue is not sent again. */
async function sendWaiting({ jobs }: BackfillDeps, backfill: Backfill): Promise<Backfill> {
  await jobs.send(jobsOf(backfill));
  return backfill;
}

/** Its round is in the key: a dead letter that is being told is still in the queue under its own, and would swallow what is sent. */
function jobsOf({ id, state, round: listRound, items }: Backfill): readonly Job[] {
  if (state === 'listing') {
    return [{ key: `backfill ${id} list round ${listRound}`, body: { backfill: id, round: listRound }, priority: LIST_PRIORITY }];
  }
  return items
    .filter((item) => item.state === 'waiting')
    .map(({ position, round }) => ({
      key: `backfill ${id} draft ${position} round ${round}`,
      body: { backfill: id, position, round },
      priority: -position,
    }));
}

function readWork(body: Json): Work {
  const isObject = typeof body === 'object' && body !== null;
  const backfill = isObject && 'backfill' in body ? body['backfill'] : undefined;
  const position = isObject && 'position' in body ? body['position'] : undefined;
  const round = isObject && 'round' in body ? body['round'] : undefined;
  if (typeof backfill !== 'number') throw new RangeError('a job of no kind that is known');
  return { backfill, ...(typeof position === 'number' && { position }), round: typeof round === 'number' ? round : undefined };
}

async function work(deps: BackfillDeps, { backfill: id, position }: Work, signal: AbortSignal): Promise<void> {
  const backfill = await deps.store.find(id);
  if (!backfill || backfill.state === 'cancelled') return;
  if (position === undefined) return await list(deps, backfill, signal);
  const item = backfill.items[position];
  if (item?.state !== 'waiting') return;
  await deps.store.settle(id, position, await draftItem(deps.app, backfill, item, signal));
}

async function list(deps: BackfillDeps, { id, request, takenAt, state }: Backfill, signal: AbortSignal): Promise<void> {
  const { app, store } = deps;
  if (state === 'listing') {
    const listed = await listCases(app, request, takenAt, signal);
    const outcomes = await Promise.all(listed.cases.map((one) => standingDraft(app, one.keys, takenAt)));
    const already = listed.cases.flatMap((one, index) => {
      const outcome = outcomes[index];
      return outcome ? [{ ...one, ...outcome }] : [];
    });
    const cases = listed.cases.filter((_, index) => !outcomes[index]);
    await store.list(id, { already, gaps: listed.gaps, estimate: estimateCases(app, { ...listed, cases }) }, cases);
  }
  await sendWaiting(deps, await findBackfill(store, id));
}

async function draftItem(app: AppDeps, { takenAt }: Backfill, { keys }: BackfillItem, signal: AbortSignal): Promise<BackfillOutcome> {
  const standing = await standingDraft(app, keys, takenAt);
  if (standing) return standing;
  const [first, ...others] = keys;
  const request = { select: { kind: 'incident' as const, id: first }, ...(others.length > 0 && { with: others }), takenAt, signal };
  const { draftId, snapshot } = await draftCase(app, request);
  return outcomeOf(draftId, snapshot);
}

/**
 * The draft of a case that stands and would come out the same: made by this backfill before its worker died, or by anyone of a
 * closed incident under the same configuration and code, where what is missing cannot be had any more.
 */
async function standingDraft(app: AppDeps, keys: readonly [string, ...string[]], takenAt: Instant): Promise<BackfillOutcome | undefined> {
  const found = await app.drafts.findSnapshot(keys[0]);
  if (!found) return undefined;
  const { draftId, snapshot } = found;
  const isOfCase = keys.every((key) => snapshot.incidents.includes(key));
  const isLasting = snapshot.asOf === undefined && snapshot.coverage.every(({ gaps }) => gaps.every(({ reason }) => LASTING.has(reason)));
  if (!isOfCase || !isSameReading(snapshot, app, {}) || !(snapshot.takenAt === takenAt || isLasting)) return undefined;
  if ((await app.drafts.findRendered(draftId)) === undefined) {
    await app.drafts.saveRendered(draftId, JSON.stringify((await rebuild(app, draftId, snapshot)).draft));
  }
  return outcomeOf(draftId, snapshot);
}

function outcomeOf(draftId: string, snapshot: Snapshot): BackfillOutcome {
  const lines = snapshot.coverage.filter(({ gaps }) => gaps.some(({ reason }) => reason === 'retention'));
  const taken = [...new Set(lines.map(({ source, stream }) => `${source}/${stream}`))].toSorted();
  return { draftId, partial: isPartial(snapshot), ...(taken.length > 0 && { taken }) };
}
