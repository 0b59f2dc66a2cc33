import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Staged, stage } from '../demo/run.ts';
import { draftIdOf } from '../src/app/snapshot.ts';
import { openApp } from '../src/compose.ts';
import { renderHtml } from '../src/render/html.ts';
import { renderJson } from '../src/render/json.ts';
import { renderMarkdown } from '../src/render/markdown.ts';
import { CACHES, dropCaches } from '../src/storage/caches.ts';
import { openDatabase } from '../src/storage/database.ts';
import type { Database } from '../src/storage/tables.ts';
import { newPostgresUrl } from './storage/engines.ts';
import { instant } from './support/events.ts';

/** What the store cannot make again: truth, and work that somebody asked for. A new table stands here, or among the caches. */
const KEPT = [
  ...['evidence', 'run', 'run_evidence', 'pull', 'pull_evidence', 'told', 'snapshot', 'drafting', 'edit', 'tombstone', 'kept_draft'],
  ...['backfill', 'backfill_item', 'job', 'tick', 'delivery', 'due_draft', 'draft_note', 'hindcast_migration'],
];

let staged: Staged;
beforeAll(async () => {
  staged = await stage();
});
afterAll(() => staged.close());

const engines = [
  { name: 'SQLite', urlOf: async () => `sqlite:${join(staged.config, '..', 'rebuilt.db')}` },
  { name: 'PostgreSQL', urlOf: newPostgresUrl },
];

describe.each(engines)('a store on $name without its caches', ({ name, urlOf }) => {
  /** The application over that store, as a new process would open it. */
  async function opened(url: string) {
    const config = join(staged.config, '..', `${name}.yaml`);
    writeFileSync(config, stringify({ ...parse(readFileSync(staged.config, 'utf8')), storage: { url } }));
    const env = { ...staged.env, PGPASSWORD: process.env['PGPASSWORD'] };
    return await openApp({ config, env, cwd: '.', now: instant(staged.world.now) });
  }

  async function inStore<T>(url: string, act: (db: Database) => Promise<T>): Promise<T> {
    const db = await openDatabase(url);
    try {
      return await act(db);
    } finally {
      await db.destroy();
    }
  }

  /** Every draft of the store, in every format, by its id. */
  async function allDrafts(url: string) {
    const ids = await inStore(url, (db) => db.selectFrom('snapshot').select('draft_id').orderBy('no').execute());
    const { app, close } = await opened(url);
    const drafts = new Map<string, readonly string[]>();
    for (const { draft_id } of ids) {
      const { draft, draftId, snapshot } = await app.stored(draft_id);
      expect([draftId, draftIdOf(snapshot)]).toEqual([draft_id, draft_id]);
      drafts.set(draftId, [renderJson(draft), renderMarkdown(draft), renderHtml(draft)]);
    }
    await close();
    return drafts;
  }

  it('gives every draft again, with the same digest and the same bytes, and asks nobody', { timeout: 120_000 }, async () => {
    const url = await urlOf();
    const id = staged.world.truth.incident;
    const { app, close } = await opened(url);
    await app.draft({ select: { kind: 'incident', id } });
    const { after, generated } = await app.block(id, 'summary.what');
    await app.editBlock(id, { change: { kind: 'rewrite', block: 'summary.what', after, generated, text: 'Kinder.' }, author: 'ana' });
    const said = { kind: 'milestone', milestone: 'detected', at: instant('2024-01-15T14:33:00Z') } as const;
    await app.assert({ id, said, reason: 'a customer rang', author: 'ana' });
    await app.draft({ select: { kind: 'incident', id } });
    await app.importBundle(await app.exportBundle(id, { roles: false }));
    const evidence = (await app.stored(id)).snapshot.evidence;
    await close();
    const before = await allDrafts(url);
    expect(before.size).toBe(4);
    const rendered = (db: Database) => db.selectFrom('rendered').selectAll().orderBy('draft_id').execute();
    const cached = await inStore(url, rendered);
    const asked = () => staged.pagerduty.requests.length + staged.cloudwatch.requests.length + staged.github.requests.length;
    const calls = asked();

    await inStore(url, dropCaches);
    for (const table of CACHES) expect(await inStore(url, (db) => db.selectFrom(table).selectAll().execute())).toEqual([]);

    expect(await allDrafts(url)).toEqual(before);
    const rebuilt = await opened(url);
    for (const draftId of before.keys()) expect(await rebuilt.app.reproduce(draftId)).toMatchObject({ draftId, same: true });
    const again = await rebuilt.app.draft({ select: { kind: 'incident', id }, offline: true });
    expect(before.get(again.draftId)?.[0]).toBe(renderJson(again.draft));
    expect(again.snapshot.evidence).toEqual(evidence);
    await rebuilt.close();
    expect(asked()).toBe(calls);
    expect(await inStore(url, rendered)).toEqual(cached);
  });

  it('has no table of which nobody said whether it is one', async () => {
    const tables = await inStore(await newPlace(name, urlOf), (db) => db.introspection.getTables());
    const names = tables.map((table) => table.name);
    expect(names.toSorted()).toEqual([...KEPT, ...CACHES].toSorted());
  });
});

/** A store that no story has used. */
async function newPlace(name: string, urlOf: () => Promise<string>): Promise<string> {
  return name === 'SQLite' ? 'sqlite::memory:' : await urlOf();
}
