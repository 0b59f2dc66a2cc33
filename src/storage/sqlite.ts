import { closeSync, openSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';
import { AppError } from '../app/errors.ts';
import { MIGRATION_TABLE } from './tables.ts';
import { keptText } from './texts.ts';

/** How long a writer waits for another process: many times the longest transaction that we write. */
export const BUSY_TIMEOUT_MS = 10_000;

/**
 * Opens a file (or `:memory:`) as Kysely's dialect wants it. A new file belongs to its owner alone (mode 0600), and SQLite gives the
 * same mode to the files that it keeps beside it. Throws AppError: `config` where it cannot be opened, later `store`.
 */
export async function openSqlite(path: string): Promise<SqliteDatabase> {
  const { DatabaseSync } = await importQuietly();
  if (path !== ':memory:') createPrivately(path);
  const database = explained(path, 'config', () => {
    const opened = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
    refuseForeign(opened, path);
    turnOnWal(opened);
    // What is committed outlives a power cut: a person's edit cannot be pulled again.
    opened.exec('pragma synchronous = full');
    // What is purged is written over: it must not be read from the file's free pages.
    opened.exec('pragma secure_delete = on');
    return opened;
  });
  const known = new Map<string, SqliteStatement>();
  return { close: () => database.close(), prepare: (sql) => preparedOnce(known, database, sql, path) };
}

/** How a question begins whose rows are wanted as lists of their columns, and not as objects. A comment, so that any engine takes it. */
export const AS_LISTS = '/* rows as lists */';

/** Statements that are kept, the one used longest ago dropped first. */
const KEPT_STATEMENTS = 100;

/**
 * A statement is prepared once: its memory lies outside of what the garbage collector counts, so that a long pull would hold
 * thousands of them. Each run of one ends before the next begins, since SQLite is asked synchronously.
 */
function preparedOnce(known: Map<string, SqliteStatement>, database: DatabaseSync, sql: string, path: string): SqliteStatement {
  const statement = known.get(sql) ?? prepared(database, sql, path);
  known.delete(sql);
  known.set(sql, statement);
  const [oldest] = known.keys();
  if (known.size > KEPT_STATEMENTS && oldest !== undefined) known.delete(oldest);
  return statement;
}

/** Node 24 before 24.15 says that SQLite is experimental, which is nothing to tell a person who drafts a post-mortem. */
async function importQuietly(): Promise<typeof import('node:sqlite')> {
  const emit = process.emitWarning;
  const emitOthers = (warning: string | Error, ...rest: readonly unknown[]): void => {
    if (!String(warning).startsWith('SQLite is an experimental feature')) Reflect.apply(emit, process, [warning, ...rest]);
  };
  process.emitWarning = emitOthers;
  try {
    return await import('node:sqlite');
  } finally {
    process.emitWarning = emit;
  }
}

/** Opens no file that exists: closing it again would drop the locks that this process holds on it (POSIX). */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'EEXIST') return;
    throw new AppError('config', `the store ${path} cannot be created: ${CREATE_PROBLEMS[code] ?? code}`, { cause: error });
  }
}

const CREATE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist; make it, or set `storage.url`',
  ENOTDIR: 'its folder is a file; set `storage.url`',
  EACCES: 'permission denied; set `storage.url` to a place that you may write to',
  EPERM: 'permission denied; set `storage.url` to a place that you may write to',
  EROFS: 'the file system is read-only; set `storage.url` to a place that can be written',
  ENOSPC: 'the disk is full',
};

/** Before anything is written: a mistyped path may name another program's database. */
function refuseForeign(database: DatabaseSync, path: string): void {
  const tables = database.prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`).all();
  if (tables.length === 0 || tables.some(({ name }) => name === MIGRATION_TABLE)) return;
  throw new AppError('config', `the store ${path} is another program's database: set \`storage.url\` to a file of its own`);
}

/** Turning on WAL takes the whole file for a moment, and SQLite does not always wait for it: several processes may start at once. */
function turnOnWal(database: DatabaseSync): void {
  for (let attempt = 1; ; attempt += 1) {
    try {
      database.exec('pragma journal_mode = wal');
      return;
    } catch (error) {
      if (sqliteCode(error) !== 5 || attempt === 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function prepared(database: DatabaseSync, sql: string, path: string): SqliteStatement {
  return explained(path, 'store', () => {
    // Every transaction of ours writes. One that began as a reader could not become the writer once another process had written.
    const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
    if (sql.startsWith(AS_LISTS)) statement.setReturnArrays(true);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => explained(path, 'store', () => statement.all(...bound(parameters))),
      // A full disk rolls back by itself, and a second rollback would hide why.
      run: (parameters) =>
        sql === 'rollback' && !database.isTransaction
          ? { changes: 0, lastInsertRowid: 0 }
          : explained(path, 'store', () => statement.run(...bound(parameters))),
      iterate: (parameters) => statement.iterate(...bound(parameters)),
    };
  });
}

/** What SQLite can hold. Kysely hands over `unknown`, and a value of another kind is a fault of ours. */
function bound(parameters: readonly unknown[]): SQLInputValue[] {
  return parameters.map((value) => {
    if (typeof value === 'string') return keptText(value);
    if (value === null || typeof value === 'number' || typeof value === 'bigint') return value;
    throw new TypeError(`a ${typeof value} cannot be stored`);
  });
}

/** By SQLite's primary result code: https://www.sqlite.org/rescode.html */
const PROBLEMS: Readonly<Record<number, string>> = {
  5: 'another process has been writing to it for more than 10 seconds; try again, or stop that process',
  6: 'another connection holds a table of it; try again',
  8: 'it is read-only; check the permissions of the file and of its folder',
  10: 'the disk could not be read or written; check the disk, and its quota or limit for a file, and run the same command again',
  11: 'it is damaged; restore a backup, or move it away and pull again',
  13: 'the disk is full; make room and run the same command again, nothing half-written is kept',
  14: 'it cannot be opened; check the permissions of the file and of its folder',
  23: 'access to it was refused; check the permissions of the file and of its folder',
  26: 'it is not an SQLite database; set `storage.url` to another file',
};

function explained<T>(path: string, code: 'config' | 'store', act: () => T): T {
  try {
    return act();
  } catch (error) {
    const problem = PROBLEMS[sqliteCode(error) ?? -1];
    if (!problem) throw error;
    throw new AppError(code, `the store ${path} cannot be used: ${problem}`, { cause: error });
  }
}

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
