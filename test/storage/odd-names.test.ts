import { describe, expect, it } from 'vitest';
import { seal } from '../../src/core/evidence.ts';
import { createBackfillStore } from '../../src/storage/backfill-store.ts';
import { createDeliveries } from '../../src/storage/deliveries.ts';
import { createDraftStore } from '../../src/storage/draft-store.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { createNotes } from '../../src/storage/notes.ts';
import { ENGINES } from './engines.ts';
import { NOON } from './samples.ts';

describe.each(ENGINES)('an object whose name no database keeps, on $name', ({ open }) => {
  it.each(['a\u0000b', 'a\ud800b'])('is kept under one that every database does, and comes back as it was sealed: %j', async (nativeId) => {
    const { db, close } = await open();
    const store = createEvidenceStore(db);
    const record = seal({ source: 'chat', stream: 'events', nativeId, body: { id: nativeId }, observedTime: NOON });
    const run = await store.startRun(NOON);
    await store.tell(run, 'import', [{ record, key: 'pager/incident:PABC' }]);
    expect(await store.read([record.id], run)).toEqual([record]);
    await close();
  });
});

describe.each(ENGINES)('a reason with U+0000, as a vendor may write it into its answer, on $name', ({ open }) => {
  const SAID = 'the pager said \u0000 and no more';
  const KEPT = 'the pager said \ufffd and no more';

  it('is kept without it, for a listing, a draft, a due draft and a note', async () => {
    const { db, close } = await open();
    const backfills = createBackfillStore(db);
    const window = { from: NOON, to: NOON };
    const [unlisted, listed] = [
      await backfills.begin({ window, join: 'none' }, NOON),
      await backfills.begin({ window, join: 'merged' }, NOON),
    ];
    await backfills.failListing(unlisted, 0, SAID);
    expect(await backfills.find(unlisted)).toMatchObject({ state: 'failed', reason: KEPT });
    await backfills.list(listed, { already: [], gaps: [], estimate: [] }, [{ keys: ['pager/incident:PABC'], began: NOON }]);
    await backfills.failItem(listed, 0, 0, SAID);
    // A part of JSON, which can say it.
    expect((await backfills.find(listed))?.items).toMatchObject([{ state: 'failed', reason: SAID }]);
    const deliveries = createDeliveries(db);
    await deliveries.note('pager E\u0000', NOON, [{ incident: 'pager~PABC', at: NOON }]);
    expect(await deliveries.note('pager E\u0000', NOON, [])).toBe(false);
    const due = await deliveries.take(NOON, NOON);
    await deliveries.postpone(due?.no ?? 0, NOON, SAID);
    expect(await db.selectFrom('due_draft').select('reason').execute()).toEqual([{ reason: KEPT }]);
    const notes = createNotes(db);
    await notes.add({ draft: 'sha256:a', incident: 'pager~PABC' }, NOON);
    await notes.end('sha256:a', 'failed', SAID);
    expect(await notes.newest('pager~PABC')).toMatchObject({ reason: KEPT });
    await close();
  });

  it('stands in a body as it was sent, and what is asked for by it is not there', async () => {
    const { db, close } = await open();
    const store = createEvidenceStore(db);
    const body = { 'a\u0000': ['\u0000', 'half \ud800', '\\u0000'] };
    const record = seal({ source: 'chat', stream: 'events', nativeId: 'a', body, observedTime: NOON });
    await store.keep(await store.startRun(NOON), [record]);
    expect(await store.read([record.id])).toEqual([record]);
    expect(await createDraftStore(db).findSnapshot('pager/incident:\u0000')).toBeUndefined();
    await close();
  });
});
