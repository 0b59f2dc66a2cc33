import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { createRetention } from '../../src/storage/retention.ts';
import type { Database } from '../../src/storage/tables.ts';
import { newPostgresUrl } from './engines.ts';

/** Deadlines of a statement that a test can wait out: what the address says holds in place of ours. */
const HASTY = '?statement_timeout=600&query_timeout=1200';

/** A store with hasty deadlines whose table of evidence somebody works at, so that cleaning it takes as long as that. */
async function openBusy() {
  const url = await newPostgresUrl();
  const db = await openDatabase(`${url}${HASTY}`);
  const other = await openDatabase(url);
  const free = Promise.withResolvers<void>();
  const held = Promise.withResolvers<void>();
  const holding = other.transaction().execute(async (trx) => {
    await sql`lock table evidence in share update exclusive mode`.execute(trx);
    held.resolve();
    await free.promise;
  });
  await held.promise;
  const release = async () => {
    free.resolve();
    await holding;
  };
  const close = async () => {
    await release();
    await db.destroy();
    await other.destroy();
  };
  return { db, other, release, close };
}

async function vacuumsOf(db: Database): Promise<number> {
  const { rows } = await sql`select pid from pg_stat_activity
    where datname = current_database() and state = 'active' and query like '%vacuum evidence%' and pid <> pg_backend_pid()`.execute(db);
  return rows.length;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await wait(10);
}

describe('cleaning the tables of PostgreSQL after a purge', () => {
  it('takes longer than any other statement may, and leaves the others their deadline', async () => {
    const { db, other, release, close } = await openBusy();
    const sweeping = createRetention(db).sweep();
    await until(async () => (await vacuumsOf(other)) === 1);
    await expect(sql`select pg_sleep(60)`.execute(db)).rejects.toMatchObject({ code: 'store' });
    await release();
    await sweeping;
    for (let index = 0; index < 3; index += 1) {
      await expect(sql`select pg_sleep(60)`.execute(db)).rejects.toMatchObject({ code: 'store' });
    }
    await close();
  });

  it('ends where the process is told to stop, on the server too', async () => {
    const { db, other, close } = await openBusy();
    const stop = new AbortController();
    const sweeping = createRetention(db).sweep(stop.signal);
    await until(async () => (await vacuumsOf(other)) === 1);
    stop.abort(new Error('told to stop'));
    await expect(sweeping).rejects.toThrow('told to stop');
    await until(async () => (await vacuumsOf(other)) === 0);
    await close();
  });
});
