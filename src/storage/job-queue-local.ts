import type { Kysely, Selectable } from 'kysely';
import type { Job, JobQueue, TakenJob } from '../app/backfill-ports.ts';
import type { Json } from '../core/evidence.ts';
import { chunked } from './chunks.ts';
import { takeTurn } from './dialect.ts';
import { TAKINGS, TRIES, WORKERS_DIED } from './job-tries.ts';
import type { Database, Tables } from './tables.ts';

const LEASE_MS = 15_000;
const FIRST_PAUSE_MS = 1_000;

export interface QueueClock {
  /** Milliseconds of a clock that all processes on the store read. It may be set back and forth. */
  readonly nowMs: () => number;
  readonly newLease: () => string;
  readonly leaseMs?: number;
  /** Before the second try, doubled for each further one. */
  readonly pauseMs?: number;
}

/**
 * The queue of one file: a table of jobs, each taken by writing a lease into its row. A lease that reaches further ahead than any
 * can was written before the clock was set back, and counts as lapsed.
 */
export function createLocalQueue(db: Database, clock: QueueClock): JobQueue {
  const { nowMs, newLease, leaseMs = LEASE_MS, pauseMs = FIRST_PAUSE_MS } = clock;
  const held = ({ key, lease }: TakenJob) => db.updateTable('job').where('key', '=', key).where('lease', '=', lease);
  return {
    leaseMs,
    send: async (jobs) => {
      for (const batch of chunked(jobs, () => 0)) await insert(db, batch);
    },
    take: () => take(db, { now: nowMs(), lease: newLease(), leaseMs, longestPauseMs: pauseMs * 2 ** TRIES }),
    keep: async (job) => {
      const { numUpdatedRows } = await held(job)
        .set({ leased_until: nowMs() + leaseMs })
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    done: async ({ key, lease }) => {
      await db.deleteFrom('job').where('key', '=', key).where('lease', '=', lease).execute();
    },
    fail: async (job, reason) => {
      const pause = pauseMs * 2 ** (job.attempt - 1);
      const isLast = job.attempt >= TRIES;
      await held(job)
        .set({ lease: null, leased_until: 0, ready_at: nowMs() + pause, reason, dead: isLast ? 1 : 0 })
        .execute();
    },
    giveBack: async (job) => {
      await held(job)
        .set({ lease: null, leased_until: 0, attempts: job.attempt - 1 })
        .execute();
    },
    drop: async (keys) => {
      for (const batch of chunked(keys, () => 0)) await db.deleteFrom('job').where('key', 'in', batch).where('lease', 'is', null).execute();
    },
    takeDead: (settle) => takeDead(db, settle),
    close: async () => undefined,
  };
}

async function insert(db: Kysely<Tables>, batch: readonly Job[]): Promise<void> {
  const free = { attempts: 0, ready_at: 0, leased_until: 0, lease: null, dead: 0, reason: null };
  await db
    .insertInto('job')
    .values(batch.map(({ key, body, priority }) => ({ key, body: JSON.stringify(body), priority, ...free })))
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute();
}

interface Taking {
  readonly now: number;
  readonly lease: string;
  readonly leaseMs: number;
  readonly longestPauseMs: number;
}

/** The first job that nobody holds. One whose last worker died too is a dead letter. */
async function take(db: Database, { now, lease, leaseMs, longestPauseMs }: Taking): Promise<TakenJob | undefined> {
  const free = () =>
    db
      .selectFrom('job')
      .selectAll()
      .where('dead', '=', 0)
      .where(({ eb }) => eb('leased_until', '<=', now).or(eb('leased_until', '>', now + leaseMs)))
      .where(({ eb }) => eb('ready_at', '<=', now).or(eb('ready_at', '>', now + longestPauseMs)))
      .orderBy('priority', 'desc')
      .orderBy('no')
      .limit(1);
  // Asked before the turn is taken, so that workers with nothing to do write nothing.
  if (!(await free().executeTakeFirst())) return undefined;
  return await db.transaction().execute(async (trx) => {
    await takeTurn(trx, 'jobs');
    for (;;) {
      const row = await trx.selectFrom(free().as('free')).selectAll().executeTakeFirst();
      if (!row) return undefined;
      if (row.attempts < TAKINGS) {
        const attempt = row.attempts + 1;
        await trx
          .updateTable('job')
          .set({ lease, leased_until: now + leaseMs, attempts: attempt })
          .where('no', '=', row.no)
          .execute();
        return { key: row.key, body: bodyOf(row), attempt, lease };
      }
      const reason = row.reason ?? WORKERS_DIED;
      await trx.updateTable('job').set({ dead: 1, lease: null, reason }).where('no', '=', row.no).execute();
    }
  });
}

async function takeDead(db: Database, settle: Parameters<JobQueue['takeDead']>[0]): Promise<boolean> {
  const row = await db.selectFrom('job').selectAll().where('dead', '=', 1).orderBy('no').limit(1).executeTakeFirst();
  if (!row) return false;
  await settle({ key: row.key, body: bodyOf(row), reason: row.reason ?? 'it failed' });
  await db.deleteFrom('job').where('no', '=', row.no).execute();
  return true;
}

function bodyOf({ body }: Pick<Selectable<Tables['job']>, 'body'>): Json {
  const parsed: Json = JSON.parse(body);
  return parsed;
}
