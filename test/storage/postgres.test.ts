import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLeases } from '../../src/storage/budget.ts';
import { openDatabase, ping } from '../../src/storage/database.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { MIGRATIONS } from '../../src/storage/migrations.ts';
import { evidenceOf } from '../support/events.ts';
import { POSTGRES_PASSWORD, type PostgresServer, startPostgres } from '../support/postgres.ts';
import { newPostgresUrl } from './engines.ts';
import { NOON } from './samples.ts';

async function refusal(url: string): Promise<unknown> {
  return openDatabase(url).then(
    async (db) => {
      await db.destroy();
      throw new Error('it was opened');
    },
    (error: unknown) => error,
  );
}

describe('several connections', () => {
  it('open one new database at once: one makes the schema, the others find it made', async () => {
    const url = await newPostgresUrl();
    const opened = await Promise.all(Array.from({ length: 5 }, () => openDatabase(url)));
    const rows = await opened[0]?.selectFrom('hindcast_migration').selectAll().execute();
    expect(rows).toHaveLength(MIGRATIONS.length);
    await Promise.all(opened.map((db) => db.destroy()));
  });

  it('count on one budget, and no call of one is lost on another', async () => {
    const url = await newPostgresUrl();
    const opened = await Promise.all([openDatabase(url), openDatabase(url)]);
    const count = (text: string | undefined) => ({ text: String(Number(text ?? 0) + 1), result: undefined });
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => {
        const db = opened[index % 2];
        return db && createLeases(db).change('pagerduty', count);
      }),
    );
    expect(await opened[0].selectFrom('budget').selectAll().execute()).toEqual([{ source: 'pagerduty', account: '40' }]);
    await Promise.all(opened.map((db) => db.destroy()));
  });

  it('keep the same records at the same time, in whatever order each was given them, and each record stands once', async () => {
    const url = await newPostgresUrl();
    const opened = await Promise.all(Array.from({ length: 4 }, () => openDatabase(url)));
    const records = Array.from({ length: 300 }, (_, index) => evidenceOf(`R${index}`, 'x'.repeat(500)));
    await Promise.all(
      opened.map(async (db, index) => {
        const store = createEvidenceStore(db);
        await store.keep(await store.startRun(NOON), index % 2 === 0 ? records : records.toReversed());
      }),
    );
    const db = opened[0];
    expect(await db?.selectFrom('evidence').select('no').execute()).toHaveLength(300);
    expect(await db?.selectFrom('run_evidence').select('no').execute()).toHaveLength(1_200);
    await Promise.all(opened.map((one) => one.destroy()));
  });
});

describe('a server', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    process.env['PGPASSWORD'] = POSTGRES_PASSWORD;
    server = await startPostgres();
    await server.createDatabase('store');
  });
  afterAll(() => server.close());

  it('that is stopped is said to be, and started again it is found without opening anew: what was committed is there', async () => {
    const db = await openDatabase(server.url('store'));
    const store = createEvidenceStore(db);
    const before = evidenceOf('R1', 'before');
    await store.keep(await store.startRun(NOON), [before]);
    await server.stop();
    await expect(ping(db)).rejects.toMatchObject({ code: 'store', message: expect.stringMatching(/does not answer; start it/) });
    await expect(store.startRun(NOON)).rejects.toMatchObject({ code: 'store' });
    await server.start();
    await ping(db);
    const after = evidenceOf('R2', 'after');
    await store.keep(await store.startRun(NOON), [after]);
    expect(await store.read([before.id, after.id])).toEqual([before, after]);
    await db.destroy();
  });

  it('that ends a transaction half-way leaves nothing of it, and the connection is thrown away', async () => {
    const db = await openDatabase(server.url('store'));
    const rows = () => db.selectFrom('rendered').select('draft_id').execute();
    const cut = db.transaction().execute(async (trx) => {
      await trx.insertInto('rendered').values({ draft_id: 'half', body: '{}' }).execute();
      await server.stop();
      await trx.insertInto('rendered').values({ draft_id: 'other half', body: '{}' }).execute();
    });
    await expect(cut).rejects.toMatchObject({ code: 'store' });
    await server.start();
    expect(await rows()).toEqual([]);
    await db.destroy();
  });

  it('that has no such database, or refuses the password, is told in words, without the password', async () => {
    expect(await refusal(server.url('none'))).toMatchObject({
      code: 'config',
      message: expect.stringMatching(/^the store postgres:\/\/127\.0\.0\.1:\d+\/none cannot be used: there is no such database/),
    });
    process.env['PGPASSWORD'] = 'wrong-hunter2';
    const said = await refusal(server.url('store'));
    process.env['PGPASSWORD'] = POSTGRES_PASSWORD;
    expect(said).toMatchObject({ code: 'config', message: expect.stringMatching(/it refuses the user or the password/) });
    expect(String(said)).not.toContain('hunter2');
  });
});
