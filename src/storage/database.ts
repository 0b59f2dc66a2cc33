import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Dialect, Kysely, PostgresDialect, SqliteDialect } from 'kysely';
import { AppError } from '../app/errors.ts';
import { isPostgres } from './dialect.ts';
import { isUpToDate, migrate } from './migrations.ts';
import { openPatientPostgres, openPostgres } from './postgres.ts';
import { openSqlite } from './sqlite.ts';
import type { Database, Tables } from './tables.ts';

const FORM = 'write sqlite:./hindcast.db, with the path of a file after `sqlite:`, or postgres://user@host/database';

/**
 * Opens the store that `storage.url` names and brings its schema up to date: `sqlite:./hindcast.db` (below the working directory),
 * `sqlite:/var/lib/hindcast.db`, `sqlite::memory:`, or `postgres://user@host/database`. Other processes may have the same store open;
 * one process opens it once. `onFailure` hears of every statement that failed. Throws AppError('config') for any other address, which it does not print: it may carry a password.
 */
export async function openDatabase(url: string, onFailure?: (error: unknown) => void): Promise<Database> {
  const db = open(await dialectOf(url), onFailure);
  try {
    if (isPostgres(db)) await migratePostgres(db, url, onFailure);
    else await migrate(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return db;
}

function open(dialect: Dialect, onFailure?: (error: unknown) => void): Database {
  return new Kysely<Tables>({
    dialect,
    log: (event) => {
      if (event.level === 'error') onFailure?.(event.error);
    },
  });
}

/** A step may rewrite a table of many million rows, and who waits for another process to do so waits as long. */
async function migratePostgres(db: Database, url: string, onFailure?: (error: unknown) => void): Promise<void> {
  if (await isUpToDate(db)) return;
  const patient = open(new PostgresDialect({ pool: await openPatientPostgres(url) }), onFailure);
  try {
    await migrate(patient);
  } finally {
    await patient.destroy();
  }
}

/** Resolves when the store answers; throws AppError('store') where it does not. */
export async function ping(db: Database): Promise<void> {
  await db.selectFrom('run').select('id').limit(1).execute();
}

/** As much as one transaction of a pull may write. */
const ROOM = 'x'.repeat(1_000_000);

/** Resolves when the store takes a whole transaction again, of which nothing stays; throws AppError('store') where it does not. */
export async function tryWriting(db: Database): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx.insertInto('rendered').values({ draft_id: 'is there room', body: ROOM }).execute();
    await trx.deleteFrom('rendered').where('draft_id', '=', 'is there room').execute();
  });
}

async function dialectOf(url: string): Promise<Dialect> {
  if (isPostgresUrl(url)) return new PostgresDialect({ pool: await openPostgres(url) });
  return new SqliteDialect({ database: await openSqlite(pathOf(url)) });
}

/** Whether the file of the store is there; of PostgreSQL the server alone can say, and so it is asked. Throws as `openDatabase` does for an address. */
export function isThere(url: string): boolean {
  if (isPostgresUrl(url)) return true;
  const path = pathOf(url);
  return path === ':memory:' || existsSync(path);
}

function isPostgresUrl(url: string): boolean {
  return /^postgres(?:ql)?:/i.test(url);
}

function pathOf(url: string): string {
  const path = url.startsWith('sqlite:') ? url.slice('sqlite:'.length) : '';
  if (path === ':memory:') return path;
  // `sqlite://name` reads as a host called `name`; three slashes are an absolute path as in any URL.
  if (path === '' || /^\/\/(?!\/)/.test(path) || path.endsWith('/')) {
    throw new AppError('config', `\`storage.url\` is not an address of a store: ${FORM}`);
  }
  return resolve(path);
}
