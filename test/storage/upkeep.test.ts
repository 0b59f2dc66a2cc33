import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/storage/database.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { MIGRATIONS } from '../../src/storage/migrations.ts';
import { createUpkeep } from '../../src/storage/upkeep.ts';
import { evidenceOf } from '../support/events.ts';
import { inFolder, newPostgresUrl } from './engines.ts';
import { NOON } from './samples.ts';

describe('a backup of a file', () => {
  it('opens as a store with all that was committed, only its owner can read it, and the store goes on', () =>
    inFolder(async (folder) => {
      const db = await openDatabase(`sqlite:${join(folder, 'hindcast.db')}`);
      const store = createEvidenceStore(db);
      const run = await store.startRun(NOON);
      const records = Array.from({ length: 250 }, (_, index) => evidenceOf(`R${index}`, { index }));
      await store.keep(run, records);
      const copy = join(folder, 'copy.db');
      await createUpkeep(db).backup(copy);
      const later = evidenceOf('later', 1);
      await store.keep(run, [later]);
      await db.destroy();
      expect(statSync(copy).mode & 0o777).toBe(0o600);
      expect(readdirSync(folder).filter((name) => name.endsWith('.part'))).toEqual([]);
      const restored = await openDatabase(`sqlite:${copy}`);
      const ids = [...records, later].map(({ id }) => id);
      expect(await createEvidenceStore(restored).read(ids)).toEqual(records);
      expect(await createUpkeep(restored).schema()).toBe(MIGRATIONS.length);
      await restored.destroy();
    }));

  it('overwrites nothing, and leaves nothing where it cannot be written', () =>
    inFolder(async (folder) => {
      const db = await openDatabase(`sqlite:${join(folder, 'hindcast.db')}`);
      const taken = join(folder, 'taken');
      writeFileSync(taken, 'mine');
      await expect(createUpkeep(db).backup(taken)).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('exists') });
      const nowhere = join(folder, 'none', 'copy.db');
      await expect(createUpkeep(db).backup(nowhere)).rejects.toMatchObject({
        code: 'usage',
        message: `${nowhere} cannot be written: its folder does not exist`,
      });
      expect(existsSync(nowhere)).toBe(false);
      await db.destroy();
    }));
});

it('a backup of a PostgreSQL store names the tool that makes it', async () => {
  const db = await openDatabase(await newPostgresUrl());
  await expect(createUpkeep(db).backup('copy.dump')).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('pg_dump') });
  expect(await createUpkeep(db).schema()).toBe(MIGRATIONS.length);
  await db.destroy();
});
