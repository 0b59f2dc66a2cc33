import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../src/cli/command-line.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { MIGRATIONS } from '../../src/storage/migrations.ts';
import { newPostgresUrl } from '../storage/engines.ts';
import { evidenceOf, instant } from '../support/events.ts';
import { openTerminal } from '../support/terminal.ts';

const folder = mkdtempSync(join(tmpdir(), 'hindcast-upkeep-'));
const SOURCES = 'sources: { pagerduty: { connector: pagerduty, token_env: PAGERDUTY_TOKEN } }\n';
const store = `sqlite:${join(folder, 'hindcast.db')}`;
const record = evidenceOf('R1', 'before the backup');

/** The command line over a store that is there, in a folder of its own. No source is asked. */
async function run(words: string, config: string) {
  const path = join(folder, 'hindcast.yaml');
  writeFileSync(path, `${SOURCES}${config}`);
  const { io, printed } = openTerminal({ env: { PGPASSWORD: process.env['PGPASSWORD'] ?? '', PAGERDUTY_TOKEN: 'of the test' } });
  const code = await main([...words.split(' '), '--config', path], { ...io, cwd: folder });
  return { code, ...printed };
}

beforeAll(async () => {
  const db = await openDatabase(store);
  const evidence = createEvidenceStore(db);
  await evidence.keep(await evidence.startRun(instant('12:00')), [record]);
  await db.destroy();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('migrate says how far the schema is, on both engines', async () => {
  const said = { code: 0, out: `the store is up to date: schema ${MIGRATIONS.length}\n`, err: '' };
  expect(await run('migrate', `storage: { url: "${store}" }\n`)).toEqual(said);
  expect(await run('migrate', `storage: { url: "${await newPostgresUrl()}" }\n`)).toEqual(said);
});

it('backup of a file writes a store that another process can open, and a second time overwrites nothing', async () => {
  const config = `storage: { url: "${store}" }\n`;
  expect(await run('backup copy.db', config)).toEqual({ code: 0, out: 'backup written to copy.db\n', err: '' });
  const copy = await openDatabase(`sqlite:${join(folder, 'copy.db')}`);
  expect(await createEvidenceStore(copy).read([record.id])).toEqual([record]);
  await copy.destroy();
  const again = await run('backup copy.db', config);
  expect(again).toMatchObject({ code: 2, out: '', err: expect.stringContaining('exists: name a new file') });
});

it('backup of a PostgreSQL store names pg_dump, and writes nothing', async () => {
  const { code, err } = await run('backup copy.dump', `storage: { url: "${await newPostgresUrl()}" }\n`);
  expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('pg_dump --format=custom --file=FILE') });
  expect(existsSync(join(folder, 'copy.dump'))).toBe(false);
});

it.each(['serve --port 0', 'worker', 'draft PABC'])('%s does not begin with a schedule that no clock can keep', async (words) => {
  const schedule = 'schedule:\n  - { cron: "0 6 * *", backfill: { last: 7d } }\n';
  const { code, err } = await run(words, `storage: { url: "sqlite:./unopened.db" }\n${schedule}`);
  expect({ code, err }).toEqual({
    code: 2,
    err: expect.stringMatching(/hindcast\.yaml:4: `schedule\[0\]\.cron` "0 6 \* \*" is no cron expression/),
  });
  expect(existsSync(join(folder, 'unopened.db'))).toBe(false);
});
