import { describe, expect, it } from 'vitest';
import type { PagePart, StoredPage } from '../../src/app/page-ports.ts';
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

  /** A part for each page, of all that was asked for. */
  const partsOf = (pages: readonly StoredPage[], say = 'page'): readonly PagePart[] =>
    pages.flatMap(({ places }) => {
      const numbers = places.map(({ no }) => no);
      return numbers[0] === undefined ? [] : [{ numbers, text: `${say} ${numbers[0]}` }];
    });

  it('comes back by the code that read them, and stands for every record once, at the place of its run', () =>
    opened(async (_, store, run) => {
      const empty = await pagesOf(store, run);
      expect(empty.length).toBeGreaterThan(1);
      expect(empty.every(({ texts }) => texts.length === 0)).toBe(true);
      expect(empty.reduce((sum, { places }) => sum + places.length, 0)).toBe(records.length);
      const placed = (await store.read(ids, run)).map(({ id, sequence }: EvidenceRecord) => [id, sequence] as const);
      expect(placesIn(empty)).toEqual(new Map(placed));
      const parts = partsOf(empty);
      await store.keepPages(READER, parts);
      expect((await pagesOf(store, run)).map(({ texts }) => texts)).toEqual(parts.map(({ text }) => [text]));
      expect((await pagesOf(store, run, 'hindcast/2')).every(({ texts }) => texts.length === 0)).toBe(true);
    }));

  it('comes back in parts, those alone that can tell a record that is asked for, and a part that is written again in its new words', () =>
    opened(async (_, store, run) => {
      const [first] = partsOf(await pagesOf(store, run));
      if (!first) throw new Error('there is a page');
      const [from = 0] = first.numbers;
      await store.keepPages(READER, [
        { numbers: [from, from + 99], text: 'the first hundred' },
        { numbers: [from + 100, from + 199], text: 'the second' },
        { numbers: [from + 150, from + 160], text: 'read beside it' },
      ]);
      const textsFor = async (no: number) => {
        const [place] = (await pagesOf(store, run)).flatMap(({ places }) => places.filter((one) => one.no === from + no));
        return (await Array.fromAsync(store.pages(place ? [place.id] : [], run, READER))).flat().flatMap(({ texts }) => texts);
      };
      expect(await textsFor(0)).toEqual(['the first hundred']);
      expect(await textsFor(155)).toEqual(['the second', 'read beside it']);
      expect(await textsFor(300)).toEqual([]);
      await store.keepPages(READER, [{ numbers: [from, from + 120], text: 'read again' }]);
      expect(await textsFor(99)).toEqual(['read again']);
      expect(await textsFor(110)).toEqual(['read again', 'the second']);
    }));

  it('says which records are new in the store', () =>
    opened(async (_, store, run) => {
      const added = await store.keep(run, [...records.slice(0, 150), evidenceOf('new', { index: -1 })]);
      expect([...added.keys()]).toEqual([evidenceOf('new', { index: -1 }).id]);
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
      const parts = partsOf(await pagesOf(store, run), 'it says a secret,');
      await store.keepPages(READER, parts);
      const retention = createRetention(db);
      const before = addMs(records[0]?.observedTime ?? NOON, 1);
      const { due } = await retention.look(before, 0);
      const gone = due.slice(0, 1).map(({ id, source, stream, nativeId }) => ({
        ...{ id, source, stream, nativeId, kind: 'note.added', at: NOON, purgedAt: before, why: 'storage.keep_evidence: 90d' },
      }));
      expect(await retention.purge(before, gone)).toBe(1);
      const [first, ...others] = await pagesOf(store, run);
      const left = parts.slice(1).map(({ text }) => [text]);
      expect([first, ...others].map((page) => page?.texts)).toEqual([[], ...left]);
      await store.keepPages(READER, parts);
      expect((await pagesOf(store, run))[0]?.texts).toEqual([]);
      // Those that lie around it are kept all the same: nobody would read a page from its bodies again and again for one that is gone.
      const emptied = await db.selectFrom('evidence').select('no').where('body', 'is', null).executeTakeFirstOrThrow();
      await store.keepPages(READER, [{ numbers: [emptied.no - 1, emptied.no + 1], text: 'around it' }]);
      expect((await pagesOf(store, run))[0]?.texts).toEqual(['around it']);
    }));
});
