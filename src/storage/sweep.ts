import { type Kysely, sql } from 'kysely';
import { AppError } from '../app/errors.ts';
import { isPostgres } from './dialect.ts';
import { TAKES_LONG } from './postgres.ts';
import { BUSY_TIMEOUT_MS } from './sqlite.ts';
import type { Database, Tables } from './tables.ts';

/** How long a reader of another process is waited for. */
const READER_MS = 200;

/**
 * Leaves nothing of what was purged beside the tables. SQLite has written zeros over it; its write-ahead log still tells it.
 * PostgreSQL keeps old rows until it cleans up. Throws where it could not, or was told to stop.
 */
export async function sweep(db: Database, stop: AbortSignal | undefined): Promise<void> {
  await db.connection().execute(async (own) => (isPostgres(db) ? await vacuum(db, own, stop) : await truncateLog(own)));
}

/** The process stands still while SQLite waits: it waits for no reader longer than anybody notices. */
async function truncateLog(own: Kysely<Tables>): Promise<void> {
  const waitFor = (ms: number) => sql.raw(`pragma busy_timeout = ${ms}`).execute(own);
  await waitFor(READER_MS);
  try {
    const { rows } = await sql<{ readonly busy: number }>`pragma wal_checkpoint(truncate)`.execute(own);
    if (rows[0]?.busy)
      throw new AppError('store', 'another process was reading the store, so its write-ahead log stays until the next time');
  } finally {
    await waitFor(BUSY_TIMEOUT_MS);
  }
}

/** The server goes on with what it was asked, whoever went away meanwhile: it is told over another connection to leave it. */
async function vacuum(db: Database, own: Kysely<Tables>, stop: AbortSignal | undefined): Promise<void> {
  const { rows } = await sql<{ readonly pid: number }>`select pg_backend_pid() as pid`.execute(own);
  const leave = () => void sql`select pg_cancel_backend(${rows[0]?.pid})`.execute(db).catch(() => undefined);
  stop?.throwIfAborted();
  stop?.addEventListener('abort', leave, { once: true });
  try {
    await sql`${sql.raw(TAKES_LONG)} vacuum evidence, interpretation`.execute(own);
  } catch (error) {
    stop?.throwIfAborted();
    throw error;
  } finally {
    stop?.removeEventListener('abort', leave);
  }
}
