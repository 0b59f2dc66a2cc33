import { closeSync, existsSync, linkSync, openSync, rmSync } from 'node:fs';
import { sql } from 'kysely';
import { AppError } from '../app/errors.ts';
import { isPostgres } from './dialect.ts';
import { versionOf } from './migrations.ts';
import type { Database } from './tables.ts';

/** What an operator does to a store. */
export interface Upkeep {
  /** The version of its schema, which opening it has brought up to date. */
  schema(): Promise<number>;
  /** Writes a whole copy into a new file, as it is at one moment, while others go on writing. Throws AppError('usage') where it cannot. */
  backup(path: string): Promise<void>;
}

export function createUpkeep(db: Database): Upkeep {
  return { schema: () => versionOf(db), backup: (path) => backup(db, path) };
}

const WRITE_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist',
  ENOTDIR: 'its folder is a file',
  EACCES: 'permission denied',
  EROFS: 'the disk is read-only',
  ENOSPC: 'the disk is full',
};

/** The copy gets its name once it is whole, so that a process killed between leaves no half backup under it. */
async function backup(db: Database, path: string): Promise<void> {
  if (isPostgres(db)) {
    throw new AppError('usage', 'a PostgreSQL store is backed up by its own tool: pg_dump --format=custom --file=FILE, with its address');
  }
  if (existsSync(path)) throw new AppError('usage', `${path} exists: name a new file, since a backup overwrites nothing`);
  const part = `${path}.part`;
  try {
    rmSync(part, { force: true });
    closeSync(openSync(part, 'wx', 0o600));
    await sql`vacuum into ${part}`.execute(db);
    linkSync(part, path);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const problem = WRITE_PROBLEMS[code] ?? (error instanceof Error ? error.message : String(error));
    throw new AppError('usage', `${path} cannot be written: ${problem}`, { cause: error });
  } finally {
    rmSync(part, { force: true });
  }
}
