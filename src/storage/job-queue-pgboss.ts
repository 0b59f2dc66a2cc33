import type { PostgresPool } from 'kysely';
import type { ConstructorOptions, PgBoss } from 'pg-boss';
import type { Job, JobQueue, TakenJob } from '../app/backfill-ports.ts';
import type { Log } from '../app/ports.ts';
import { digestText } from '../core/digest.ts';
import type { Json } from '../core/evidence.ts';
import { TAKINGS, TRIES, WORKERS_DIED } from './job-tries.ts';
import { openPatientPostgres, openPostgres } from './postgres.ts';
import { keptText } from './texts.ts';

const QUEUE = 'hindcast';
const DEAD = 'hindcast-dead';
/** The least that pg-boss takes. */
const HEARTBEAT_S = 10;
/** How often a process looks for jobs whose worker went silent. */
const WATCH_S = 3;
const FIRST_PAUSE_S = 1;
/** Who took a dead letter and died has not settled it: it is told again. */
const DEAD_S = 60;
const LONGEST_JOB_S = 6 * 3_600;
const KEPT_S = 7 * 86_400;

/** What a job of pg-boss carries of ours: its id is a digest, since pg-boss wants a UUID. */
interface Carried {
  readonly key: string;
  readonly body: Json;
  /** Of a dead letter whose last worker said why. */
  readonly reason?: string;
}

/**
 * The queue of a PostgreSQL store, in a schema of its own beside our tables (https://pgboss.io). `pauseS` before the second try is
 * doubled for each further one. Throws AppError where the server does not answer.
 */
export async function createBossQueue(url: string, log: Pick<Log, 'warn'>, pauseS = FIRST_PAUSE_S): Promise<JobQueue> {
  const pool = await openPostgres(url);
  const boss = await start(pool, url, log, pauseS).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const attemptOf = ({ key, attempt }: TakenJob) => ({ id: idOf(key), retryCount: attempt - 1 });
  return {
    leaseMs: HEARTBEAT_S * 1_000,
    send: async (jobs) => {
      if (jobs.length > 0)
        await boss.insert(
          QUEUE,
          inOneOrder(jobs.map(toInsert), ({ id }) => id),
        );
    },
    take: async () => {
      const [job] = await boss.fetch<Carried>(QUEUE, { batchSize: 1, priority: true });
      return job && { ...job.data, attempt: job.retryCount + 1, lease: job.id };
    },
    keep: async (job) => countOf(await boss.touch(QUEUE, attemptOf(job))) > 0,
    done: async (job) => {
      await boss.complete(QUEUE, attemptOf(job));
    },
    fail: async (job, said) => {
      // Both of its columns are JSON that PostgreSQL reads, and it takes neither of these even as an escape.
      const reason = keptText(said).toWellFormed();
      if (job.attempt < TRIES) await boss.fail(QUEUE, attemptOf(job), { message: reason });
      else await bury(boss, job, reason);
    },
    // pg-boss knows no job that was begun and not tried: it counts, and is back at once.
    giveBack: (job) => putBack(pool, boss, QUEUE, attemptOf(job)),
    drop: async (keys) => {
      if (keys.length > 0)
        await boss.cancel(
          QUEUE,
          inOneOrder(keys.map(idOf), (id) => id),
        );
    },
    takeDead: (settle) => takeDead(boss, settle, (id) => putBack(pool, boss, DEAD, { id })),
    close: async () => {
      await boss.stop({ graceful: false });
      await pool.end();
    },
  };
}

/** Its schema is brought up to date first, which may rewrite a table of many jobs: until then a statement may take as long as one of our own steps. */
async function start(pool: PostgresPool, url: string, log: Pick<Log, 'warn'>, pauseS: number): Promise<PgBoss> {
  const patient = await openPatientPostgres(url);
  const used = { pool: patient };
  try {
    return await prepare({ executeSql: (text, values) => execute(used.pool, log, text, values ?? []) }, log, pauseS);
  } finally {
    used.pool = pool;
    await patient.end();
  }
}

type BossDb = NonNullable<ConstructorOptions['db']>;

async function prepare(db: BossDb, log: Pick<Log, 'warn'>, pauseS: number): Promise<PgBoss> {
  const { PgBoss } = await import('pg-boss');
  const boss = new PgBoss({
    db,
    schedule: false,
    superviseIntervalSeconds: WATCH_S,
    monitorIntervalSeconds: WATCH_S,
    registerInstance: false,
  });
  // What it does by the clock it does again: a server that is away is no reason to end.
  boss.on('error', (error) => log.warn({ cause: error.message }, 'job queue disturbed'));
  await boss.start();
  await boss.createQueue(DEAD, { deleteAfterSeconds: KEPT_S, expireInSeconds: DEAD_S, retryLimit: 10_000 });
  await boss.createQueue(QUEUE, {
    deadLetter: DEAD,
    retryLimit: TAKINGS - 1,
    retryDelay: pauseS,
    ...(pauseS > 0 && { retryBackoff: true, retryDelayMax: 60 }),
    expireInSeconds: LONGEST_JOB_S,
    heartbeatSeconds: HEARTBEAT_S,
    deleteAfterSeconds: KEPT_S,
    retentionSeconds: 30 * 86_400,
  });
  return boss;
}

/**
 * By id, whoever sends: of two that send the same keys in two orders each would hold what the other waits for, since a key that is
 * not yet committed is waited for.
 */
function inOneOrder<T>(all: readonly T[], idOf: (one: T) => string): T[] {
  return all.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
}

/** PostgreSQL ends one of two that wait for each other, and has undone it whole: it is asked again. */
async function execute(pool: PostgresPool, log: Pick<Log, 'warn'>, text: string, values: readonly unknown[]) {
  for (let left = 3; ; left -= 1) {
    try {
      return await executeOnce(pool, text, values);
    } catch (error) {
      const isDeadlock = error instanceof Error && 'code' in error && error.code === '40P01';
      if (!isDeadlock || left === 0) throw error;
      log.warn({ triesLeft: left }, 'job statement repeated after a deadlock');
    }
  }
}

async function executeOnce(pool: PostgresPool, text: string, values: readonly unknown[]) {
  const client = await pool.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text, values);
    client.release();
    return result;
  } catch (error) {
    // Some of its statements are whole transactions: one that failed leaves the connection inside it.
    client.release(true);
    throw error;
  }
}

function toInsert({ key, body, priority }: Job) {
  return { id: idOf(key), data: { key, body } satisfies Carried, priority, retryLimit: TAKINGS - 1 };
}

/** One key, one id: what is sent twice stands once. */
function idOf(key: string): string {
  const hex = digestText(key).slice('sha256:'.length);
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-');
}

function countOf(response: object): number {
  return 'affected' in response && typeof response.affected === 'number' ? response.affected : 0;
}

/**
 * pg-boss counts a worker that died as it counts a failure, and gives a job up by that count alone. The letter comes before the job is
 * taken out, so that a process that dies between leaves a job that is told twice, and none that nobody tells of.
 */
async function bury(boss: PgBoss, { key, body, attempt }: TakenJob, reason: string): Promise<void> {
  const data: Carried = { key, body, reason };
  await boss.insert(DEAD, [{ data }]);
  await boss.deleteJob(QUEUE, { id: idOf(key), retryCount: attempt - 1 });
}

/**
 * Both steps or none: who died, or lost the server, between them would leave a job that nobody takes, and whose key keeps it from
 * being sent again.
 */
async function putBack(
  pool: PostgresPool,
  boss: PgBoss,
  queue: string,
  { id, retryCount }: { readonly id: string; readonly retryCount?: number },
): Promise<void> {
  const client = await pool.connect();
  const db = { executeSql: (text: string, values?: readonly unknown[]) => client.query<Record<string, unknown>>(text, values ?? []) };
  try {
    await client.query('begin', []);
    await boss.cancel(queue, retryCount === undefined ? id : { id, retryCount }, { db });
    await boss.resume(queue, id, { db });
    await client.query('commit', []);
    client.release();
  } catch (error) {
    client.release(true);
    throw error;
  }
}

async function takeDead(
  boss: PgBoss,
  settle: Parameters<JobQueue['takeDead']>[0],
  putBackLetter: (id: string) => Promise<void>,
): Promise<boolean> {
  const [job] = await boss.fetch<Carried>(DEAD, { batchSize: 1, includeMetadata: true });
  if (!job) return false;
  const { key, body, reason = reasonOf(job) } = job.data;
  try {
    await settle({ key, body, reason });
  } catch (error) {
    // Back at once; where that cannot be said either, when its time is over.
    await putBackLetter(job.id);
    throw error;
  }
  // Its failed row would keep the key from ever being sent again.
  await boss.deleteJob(QUEUE, idOf(key));
  await boss.complete(DEAD, job.id);
  return true;
}

function reasonOf(job: object): string {
  const output: unknown = 'sourceOutput' in job ? job.sourceOutput : undefined;
  const isSaid = typeof output === 'object' && output !== null && 'message' in output && typeof output.message === 'string';
  return isSaid && output.message !== '' ? String(output.message) : WORKERS_DIED;
}
