import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import type { Database } from '../../src/storage/tables.ts';
import { POSTGRES_PASSWORD } from '../support/postgres.ts';

/** A fresh store, whatever keeps it. */
export interface Engine {
  readonly name: string;
  open(): Promise<{ readonly db: Database; close(): Promise<void> }>;
}

/** A folder that is gone when the callback is done. */
export async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-store-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The address of a new, empty database on the run's PostgreSQL server, whose password is where an operator would set it. */
export async function newPostgresUrl(): Promise<string> {
  process.env['PGPASSWORD'] = POSTGRES_PASSWORD;
  const response = await fetch(inject('postgres'), { method: 'POST', signal: AbortSignal.timeout(60_000) });
  const said = await response.text();
  if (!response.ok) throw new Error(`no database: ${said}`);
  return said;
}

/** Every engine must pass one suite. */
export const ENGINES: readonly Engine[] = [
  {
    name: 'SQLite, a file',
    open: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'hindcast-store-'));
      const db = await openDatabase(`sqlite:${join(folder, 'hindcast.db')}`);
      return {
        db,
        close: async () => {
          await db.destroy();
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  },
  {
    name: 'SQLite, in memory',
    open: async () => {
      const db = await openDatabase('sqlite::memory:');
      return { db, close: () => db.destroy() };
    },
  },
  {
    name: 'PostgreSQL',
    open: async () => {
      const db = await openDatabase(await newPostgresUrl());
      return { db, close: () => db.destroy() };
    },
  },
];
