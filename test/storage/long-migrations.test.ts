import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { createBossQueue } from '../../src/storage/job-queue-pgboss.ts';
import { MIGRATIONS, versionOf } from '../../src/storage/migrations.ts';
import { newPostgresUrl } from './engines.ts';
import { asItStands, OLD_STORES } from './old-stores.ts';

/** Deadlines that a test can wait out, beside what an operator's address may say. */
const HASTY = '?application_name=post%20mortems&statement_timeout=800&query_timeout=1600';

/** A store of an early version on PostgreSQL, whose evidence somebody holds, so that no step can change that table until they are done. */
async function openOld() {
  const { url = '' } = (await OLD_STORES.find(({ name }) => name === 'PostgreSQL')?.at(8)) ?? {};
  const [holding, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const held = asItStands(url, (db) =>
    db.transaction().execute(async (trx) => {
      await sql`lock table evidence in access exclusive mode`.execute(trx);
      holding.resolve();
      await free.promise;
    }),
  );
  await holding.promise;
  /** Statements of others that wait for a lock. */
  const waiting = async () =>
    await asItStands(url, async (db) => {
      const { rows } = await sql`select 1 from pg_locks where not granted
        and database = (select oid from pg_database where datname = current_database())`.execute(db);
      return rows.length;
    });
  const release = async () => {
    free.resolve();
    await held;
  };
  return { url, waiting, release };
}

it('a step of the schema that takes longer than any other statement may is finished, and who opens the store meanwhile waits for it', async () => {
  const { url, waiting, release } = await openOld();
  let isOver = false;
  const opening = Promise.all([openDatabase(`${url}${HASTY}`), openDatabase(`${url}${HASTY}`)]).finally(() => {
    isOver = true;
  });
  // One waits for the table, the other for the first.
  while (!isOver && (await waiting()) < 2) await wait(10);
  await Promise.race([wait(2_000), opening]);
  await release();
  for (const db of await opening) {
    expect(await versionOf(db)).toBe(MIGRATIONS.length);
    // Every other statement has its own deadline as before.
    await expect(sql`select pg_sleep(60)`.execute(db)).rejects.toMatchObject({ code: 'store' });
    await db.destroy();
  }
});

it('so is a step of the job queue, which brings its own schema up to date', async () => {
  const url = await newPostgresUrl();
  const [holding, free] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  // Whoever makes the schema waits for another who is making it, and goes on where that one gave up.
  const held = asItStands(url, (db) =>
    db.transaction().execute(async (trx) => {
      await sql`create schema pgboss`.execute(trx);
      holding.resolve();
      await free.promise;
      throw new Error('gave up');
    }),
  ).catch(() => undefined);
  await holding.promise;
  const opening = createBossQueue(`${url}${HASTY}`, { warn: () => undefined });
  await Promise.race([wait(2_000), opening]);
  free.resolve();
  await held;
  const queue = await opening;
  await queue.send([{ key: 'one', body: null, priority: 0 }]);
  expect(await queue.take()).toMatchObject({ key: 'one' });
  await queue.close();
});
