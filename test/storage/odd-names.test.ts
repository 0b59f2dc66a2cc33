import { describe, expect, it } from 'vitest';
import { seal } from '../../src/core/evidence.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
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
