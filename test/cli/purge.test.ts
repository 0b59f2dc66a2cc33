import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/command-line.ts';
import { addMs, type Instant, instantAt } from '../../src/core/time.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { openTestApp, sourcesOf } from '../app/fakes.ts';
import { smallPager, smallWorld } from '../app/small-world.ts';
import { newPostgresUrl } from '../storage/engines.ts';
import { openTerminal } from '../support/terminal.ts';

const DAY_MS = 86_400_000;
const folder = mkdtempSync(join(tmpdir(), 'hindcast-purge-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SOURCES = 'sources: { pager: { connector: pagerduty, token_env: NEVER_SET } }\n';

/** The command line over a store that is there. The process has the real clock, as a person's has. */
async function run(words: string, url: string, keep: string, signal?: AbortSignal) {
  const path = join(folder, 'hindcast.yaml');
  writeFileSync(path, `${SOURCES}storage: { url: "${url}"${keep} }\n`);
  const { io, printed } = openTerminal({ env: { PGPASSWORD: process.env['PGPASSWORD'] ?? '' } });
  const code = await main([...words.split(' '), '--config', path], { ...io, cwd: folder, ...(signal && { signal }) });
  return { code, ...printed };
}

/** A store whose incident was drafted so long ago. */
async function draftedAt(url: string, now: Instant): Promise<void> {
  const db = await openDatabase(url);
  const { app } = await openTestApp(sourcesOf({ pager: smallPager(smallWorld()) }), {}, now, db);
  await app.draft({ select: { kind: 'incident', id: 'PABC' } });
  await db.destroy();
}

describe.each([
  { name: 'SQLite', urlOf: async () => `sqlite:${join(folder, 'hindcast.db')}` },
  { name: 'PostgreSQL', urlOf: newPostgresUrl },
])('purge on the command line, of $name', ({ urlOf }) => {
  let url = '';
  const drafted = addMs(instantAt(Date.now()), -10 * DAY_MS);
  beforeAll(async () => {
    url = await urlOf();
    await draftedAt(url, drafted);
  });

  it('says plainly that nothing tells how long records are kept, and ends with 2', async () => {
    expect(await run('purge', url, '')).toEqual({
      code: 2,
      out: '',
      err:
        'hindcast: `storage.keep_evidence` is not set, so records stay for good and none was purged: set how long they are kept, ' +
        'such as `storage: { keep_evidence: 400d }`\n',
    });
  });

  it('says what would go, and purges nothing, with --dry-run', async () => {
    const { code, out, err } = await run('purge --dry-run', url, ', keep_evidence: 7d');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^stream +records\npager\/incidents +1\npager\/log_entries +4\nkept for 7d, so what nobody read since \S+Z would be purged: 5 records; 1 draft kept as made\nNothing was purged\.\n$/,
    );
  });

  it('leaves what is kept still', async () => {
    const { code, out } = await run('purge --format json', url, ', keep_evidence: 11d');
    expect([code, JSON.parse(out)]).toMatchObject([0, { dryRun: false, keepEvidence: '11d', records: 0, drafts: 0 }]);
  });

  it('purges nothing once it was told to stop, and ends with 130', async () => {
    const { code, err } = await run('purge', url, ', keep_evidence: 7d', AbortSignal.abort());
    expect([code, err]).toEqual([130, expect.stringContaining('0 records were purged; run the same command again')]);
  });

  it('purges what was found due, says how much, and finds nothing the second time', async () => {
    const { code, out, err } = await run('purge', url, ', keep_evidence: 7d');
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^kept for 7d, so what nobody read since \S+Z was purged: 5 records; 1 draft kept as made\n$/);
    const again = await run('purge --dry-run --format json', url, ', keep_evidence: 7d');
    expect(JSON.parse(again.out)).toMatchObject({ dryRun: true, records: 0, drafts: 0, streams: [] });
    const shown = await run('draft PABC --offline', url, ', keep_evidence: 7d');
    expect([shown.code, shown.out.includes('(purged)')]).toEqual([0, true]);
  });
});

describe('a purge whose file another process reads', () => {
  it('says that the write-ahead log may tell it still', async () => {
    const url = `sqlite:${join(folder, 'read.db')}`;
    await draftedAt(url, addMs(instantAt(Date.now()), -10 * DAY_MS));
    const { DatabaseSync } = await import('node:sqlite');
    const reader = new DatabaseSync(join(folder, 'read.db'));
    reader.exec('begin');
    reader.prepare('select no from evidence').all();
    const { code, err } = await run('purge', url, ', keep_evidence: 7d');
    reader.exec('commit');
    reader.close();
    expect([code, err]).toEqual([0, expect.stringContaining('may still tell what was purged: another process was reading the store')]);
  });
});
