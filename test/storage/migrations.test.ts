import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { toJson } from '../../src/app/snapshot.ts';
import { digest } from '../../src/core/digest.ts';
import { createBackfillStore } from '../../src/storage/backfill-store.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createDeliveries } from '../../src/storage/deliveries.ts';
import { createDraftStore } from '../../src/storage/draft-store.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { createLocalQueue } from '../../src/storage/job-queue-local.ts';
import { MIGRATIONS, migrate, versionOf } from '../../src/storage/migrations.ts';
import { createRetention } from '../../src/storage/retention.ts';
import type { Database } from '../../src/storage/tables.ts';
import { evidenceOf } from '../support/events.ts';
import { asItStands, EDIT, KEPT, OLD_STORES, PULL, PURGED, REQUEST, SNAPSHOT } from './old-stores.ts';
import { ask, NOON } from './samples.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const INCIDENT = SNAPSHOT.incidents[0];
const OLD_VERSIONS = MIGRATIONS.slice(1).map((_, index) => index + 1);

/** What is read, by the version that could first write it, and what must come back. */
const READ: readonly (readonly [since: number, what: string, read: (db: Database) => Promise<unknown>, expected: unknown])[] = [
  [1, 'evidence with its place', (db) => createEvidenceStore(db).read([PURGED.id, KEPT.id]), [KEPT]],
  [2, 'the answer of a pull', (db) => createEvidenceStore(db).lastPull(ask()), { run: 1, ...PULL }],
  [3, 'a snapshot', (db) => createDraftStore(db).findSnapshot(INCIDENT), { draftId: 'sha256:a', snapshot: SNAPSHOT }],
  [3, 'an edit', (db) => createDraftStore(db).edits(INCIDENT), [EDIT]],
  [3, 'a rendering', (db) => createDraftStore(db).findRendered('sha256:a'), '{"a":1}'],
  [
    4,
    'what was told',
    (db) => createEvidenceStore(db).told({ ...ask(), source: KEPT.source, stream: KEPT.stream, keys: [INCIDENT] }),
    [{ ...KEPT, sequence: 1 }],
  ],
  [5, 'a budget', (db) => db.selectFrom('budget').selectAll().execute(), [{ source: 'pagerduty', account: '{"calls":3}' }]],
  [
    7,
    'a backfill',
    (db) => createBackfillStore(db).find(1),
    expect.objectContaining({
      request: REQUEST,
      state: 'listed',
      items: [expect.objectContaining({ keys: [INCIDENT], state: 'waiting' })],
    }),
  ],
  [
    7,
    'a job',
    (db) => createLocalQueue(db, { nowMs: () => 0, newLease: () => 'mine' }).take(),
    { key: 'a', body: { backfill: 1 }, attempt: 2, lease: 'mine' },
  ],
  [7, 'a tick that was taken', (db) => createBackfillStore(db).claimTick('0 6 * * 1 last 7d', NOON), false],
  [8, 'an event that was delivered', (db) => createDeliveries(db).note('pagerduty E1', NOON, []), false],
  [8, 'a draft that is due', (db) => createDeliveries(db).take(NOON, NOON), { no: 1, incident: 'pagerduty~PABC', attempt: 1 }],
  [
    9,
    'a tombstone',
    (db) => createRetention(db).tombstones([KEPT.id, PURGED.id]),
    [
      {
        ...{ id: PURGED.id, source: PURGED.source, stream: PURGED.stream, nativeId: PURGED.nativeId },
        ...{ kind: 'note.added', at: NOON, purgedAt: NOON, why: 'storage.keep_evidence: 90d' },
      },
    ],
  ],
  [9, 'a draft that was kept', (db) => createRetention(db).kept('sha256:r'), '{"kept":1}'],
];

/** Digests of the tables that the steps made up to each, when they were released: add one for a new step, and change none. */
const RELEASED: readonly string[] = [
  ...['a67a79f449f6', '294648af52d7', '9bc42d771db3', '39f56c2feacd'],
  ...['197c545a6969', '0974ec1de2f4', 'b31fc62ab169', '7651667cf3dc'],
  ...['d6a87310f598', '1e28303630fa', 'e06c4f3e7fd2', 'e06c4f3e7fd2'],
  'c7e893031364',
];

/** Every table with its columns, and how far the schema has come. */
async function schemaOf(db: Database) {
  const tables = (await db.introspection.getTables()).map(({ name, columns }) => ({
    name,
    columns: columns.map(({ name: column, dataType, isNullable }) => [column, dataType, isNullable]),
  }));
  return { version: await versionOf(db), tables: tables.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

it('a step that was released makes today what it made then', async () => {
  const [sqlite] = OLD_STORES;
  const made = await Promise.all(
    RELEASED.map(async (_, index) => {
      const { url, close } = (await sqlite?.at(index + 1)) ?? { url: '', close: () => undefined };
      const { tables } = await asItStands(url, schemaOf);
      close();
      return digest(toJson({ tables })).slice(7, 19);
    }),
  );
  expect(made).toEqual(RELEASED);
});

describe.each(OLD_STORES)('a store of an earlier version, on $name', ({ at }) => {
  it.each(OLD_VERSIONS)('%i is brought up, all that it held is read as before, and it is written on', async (version) => {
    const { url, close } = await at(version);
    const db = await openDatabase(url);
    expect(await versionOf(db)).toBe(MIGRATIONS.length);
    for (const [since, what, read, expected] of READ) {
      if (since <= version) expect([what, await read(db)]).toEqual([what, expected]);
    }
    const store = createEvidenceStore(db);
    const later = evidenceOf('R3', 'kept by this version');
    const run = await store.startRun(NOON);
    await store.keep(run, [later]);
    await store.finishPull(run, { ...PULL, evidence: [later.id] });
    expect(await store.lastPull(ask())).toMatchObject({ run, evidence: [later.id] });
    await createDraftStore(db).saveSnapshot('sha256:b', SNAPSHOT);
    expect((await createDraftStore(db).findSnapshot(INCIDENT))?.draftId).toBe('sha256:b');
    await db.destroy();
    close();
  });

  it('has after it the very schema of a new one', async () => {
    const [old, fresh] = [await at(1), await at(MIGRATIONS.length)];
    for (const { url } of [old, fresh]) await (await openDatabase(url)).destroy();
    expect(await asItStands(old.url, schemaOf)).toEqual(await asItStands(fresh.url, schemaOf));
    old.close();
    fresh.close();
  });

  it('that three processes open at once is brought up by one, and each of them goes on', async () => {
    const { url, close } = await at(2);
    const folder = mkdtempSync(join(tmpdir(), 'hindcast-migrate-'));
    const config = join(folder, 'hindcast.yaml');
    writeFileSync(config, JSON.stringify({ sources: { pd: { connector: 'pagerduty', token_env: 'X' } }, storage: { url } }));
    const env = { PATH: process.env['PATH'] ?? '', PGPASSWORD: process.env['PGPASSWORD'] ?? '', X: 'of the test' };
    const ended = await Promise.all(
      [1, 2, 3].map(async () => {
        const child = spawn(process.execPath, [MAIN, 'migrate', '--config', config], { env, stdio: ['ignore', 'pipe', 'pipe'] });
        let said = '';
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
        const [code]: readonly unknown[] = await once(child, 'close');
        return { code, said };
      }),
    );
    const said = `the store is up to date: schema ${MIGRATIONS.length}\n`;
    expect(ended).toEqual([1, 2, 3].map(() => ({ code: 0, said })));
    const db = await openDatabase(url);
    const versions = await db.selectFrom('hindcast_migration').select('version').orderBy('version').execute();
    expect(versions.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
    expect(await createEvidenceStore(db).lastPull(ask())).toEqual({ run: 1, ...PULL });
    await db.destroy();
    rmSync(folder, { recursive: true, force: true });
    close();
  });

  it('stays as it was where a later step fails, whatever the steps before did to it', async () => {
    const { url, close } = await at(2);
    const steps = [...MIGRATIONS, { name: 'fails', up: async () => Promise.reject(new Error('step failed')) }];
    const before = await asItStands(url, schemaOf);
    await asItStands(url, (db) => expect(migrate(db, steps)).rejects.toThrow('step failed'));
    expect(await asItStands(url, schemaOf)).toEqual(before);
    close();
  });

  it('of a newer version is refused with what to do, and left as it is', async () => {
    const { url, close } = await at(MIGRATIONS.length);
    await asItStands(url, (db) =>
      migrate(db, [...MIGRATIONS, { name: 'of the future', up: (trx) => trx.schema.dropTable('rendered').execute() }]),
    );
    const before = await asItStands(url, schemaOf);
    const [newer, known] = [MIGRATIONS.length + 1, MIGRATIONS.length];
    await expect(openDatabase(url)).rejects.toMatchObject({
      code: 'config',
      message: expect.stringContaining(`was written by a newer Hindcast (schema ${newer}, this one knows ${known}): upgrade`),
    });
    expect(await asItStands(url, schemaOf)).toEqual(before);
    close();
  });
});
