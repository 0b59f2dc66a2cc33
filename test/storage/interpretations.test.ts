import { describe, expect, it } from 'vitest';
import type { StoredPage } from '../../src/app/ports.ts';
import type { EvidenceRecord } from '../../src/core/evidence.ts';
import { addMs } from '../../src/core/time.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { createRetention } from '../../src/storage/retention.ts';
import type { Database } from '../../src/storage/tables.ts';
import { evidenceOf } from '../support/events.ts';
import { ENGINES } from './engines.ts';
import { NOON } from './samples.ts';

const READER = 'hindcast/1';

describe.each(ENGINES)('how records read, kept in $name', ({ open }) => {
  const records = Array.from({ length: 1_300 }, (_, index) => evidenceOf(`R${index}`, { index }, { sequence: -index }));
  const ids = records.map(({ id }) => id).toSorted();

  async function opened(act: (db: Database, store: ReturnType<typeof createEvidenceStore>, run: number) => Promise<void>): Promise<void> {
    const { db, close } = await open();
    try {
      const store = createEvidenceStore(db);
      const run = await store.startRun(NOON);
      await store.keep(run, records);
      await act(db, store, run);
    } finally {
      await close();
    }
  }

  async function pagesOf(store: ReturnType<typeof createEvidenceStore>, run: number | undefined, reader = READER) {
    return (await Array.fromAsync(store.pages(ids, run, reader))).flat();
  }

  const placesIn = (pages: readonly StoredPage[]) =>
    new Map(pages.flatMap(({ places }) => places.map(({ id, sequence }) => [id, sequence] as const)));

  it('comes back by the code that read them, and stands for every record once, at the place of its run', () =>
    opened(async (_, store, run) => {
      const empty = await pagesOf(store, run);
      expect(empty.length).toBeGreaterThan(1);
      expect(empty.every(({ text }) => text === undefined)).toBe(true);
      expect(empty.reduce((sum, { places }) => sum + places.length, 0)).toBe(records.length);
      const placed = (await store.read(ids, run)).map(({ id, sequence }: EvidenceRecord) => [id, sequence] as const);
      expect(placesIn(empty)).toEqual(new Map(placed));
      await store.keepPages(
        READER,
        empty.map(({ block }) => ({ block, text: `page ${block}` })),
      );
      expect((await pagesOf(store, run)).every(({ block, text }) => text === `page ${block}`)).toBe(true);
      expect((await pagesOf(store, run, 'hindcast/2')).every(({ text }) => text === undefined)).toBe(true);
      await store.keepPages(READER, [{ block: empty[0]?.block ?? 0, text: 'read again' }]);
      expect((await pagesOf(store, run))[0]?.text).toBe('read again');
    }));

  it('has the places that another run gave where that one counts, and the newest where none is named', () =>
    opened(async (_, store, run) => {
      const later = await store.startRun(addMs(NOON, 1));
      const [moved, unplaced] = records;
      if (!moved || !unplaced) throw new Error('there are records');
      const { sequence, ...bare } = unplaced;
      await store.keep(later, [{ ...moved, sequence: 7 }, bare]);
      for (const counted of [run, later, undefined, later + 1]) {
        const placed = (await store.read(ids, counted)).map((record) => [record.id, record.sequence] as const);
        expect(placesIn(await pagesOf(store, counted))).toEqual(new Map(placed));
      }
    }));

  it('is forgotten with a body that is purged, and not kept by who read it before', () =>
    opened(async (db, store, run) => {
      const pages = (await pagesOf(store, run)).map(({ block }) => ({ block, text: 'it says a secret' }));
      await store.keepPages(READER, pages);
      const retention = createRetention(db);
      const before = addMs(records[0]?.observedTime ?? NOON, 1);
      const { due } = await retention.look(before, 0);
      const gone = due.slice(0, 1).map(({ id, source, stream, nativeId }) => ({
        ...{ id, source, stream, nativeId, kind: 'note.added', at: NOON, purgedAt: before, why: 'storage.keep_evidence: 90d' },
      }));
      expect(await retention.purge(before, gone)).toBe(1);
      const [first, ...others] = await pagesOf(store, run);
      expect([first?.text, ...others.map(({ text }) => text)]).toEqual([undefined, ...others.map(() => 'it says a secret')]);
      await store.keepPages(READER, pages);
      expect((await pagesOf(store, run))[0]?.text).toBeUndefined();
    }));
});
