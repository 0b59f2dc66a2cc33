import fc from 'fast-check';
import type { KyselyPlugin } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { EvidenceRecord } from '../../src/core/evidence.ts';
import { addMs } from '../../src/core/time.ts';
import { createDraftStore } from '../../src/storage/draft-store.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import type { Database } from '../../src/storage/tables.ts';
import { evidenceOf, instant, pulledOf } from '../support/events.ts';
import { ENGINES } from './engines.ts';
import { ask, NOON, snapshotFrom, windowFrom } from './samples.ts';

const PULLED = pulledOf('pagerduty', 'log_entries');

/** As if the process died as soon as rows of that table were deleted. */
function diesBehind(table: string): KyselyPlugin {
  const deleting = new WeakSet<object>();
  return {
    transformQuery: ({ node, queryId }) => {
      if (node.kind === 'DeleteQueryNode' && JSON.stringify(node.from).includes(`"${table}"`)) deleting.add(queryId);
      return node;
    },
    transformResult: async ({ queryId, result }) => {
      if (deleting.has(queryId)) throw new Error('died');
      return result;
    },
  };
}

describe.each(ENGINES)('$name', ({ open }) => {
  async function opened(act: (db: Database) => Promise<void>): Promise<void> {
    const { db, close } = await open();
    try {
      await act(db);
    } finally {
      await close();
    }
  }

  describe('evidence', () => {
    it('comes back as it was sealed, in the order of the ids, and what is not stored is left out', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const records = [evidenceOf('R1', { note: 'ünïcode \u2028 "quoted"', n: 1e21 }, { sequence: -3 }), evidenceOf('R2', null)];
        await store.keep(await store.startRun(NOON), records);
        const missing = evidenceOf('R3', 'never kept').id;
        const ids = [records[1]?.id, missing, records[0]?.id].filter((id) => id !== undefined);
        expect(await store.read(ids)).toEqual([records[1], records[0]]);
        expect(await store.read([])).toEqual([]);
      }));

    it('comes back some at a time too: each record once, as reading gives it, with the place that the run gave it', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const records = Array.from({ length: 1_203 }, (_, index) => evidenceOf(`R${index}`, { index }, { sequence: -index }));
        const run = await store.startRun(NOON);
        await store.keep(run, records);
        const first = records.slice(0, 3).map((record) => ({ ...record, sequence: 7 }));
        await store.keep(await store.startRun(addMs(NOON, 1)), first);
        const ids = [evidenceOf('X', 'never kept').id, ...records.map(({ id }) => id)].toSorted();
        const batches = await Array.fromAsync(store.batches(ids, run));
        expect(batches.length).toBeGreaterThan(1);
        const read = batches.flat();
        expect(read).toHaveLength(records.length);
        expect(read.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual(await store.read(ids, run));
        expect(await Array.fromAsync(store.batches([], run))).toEqual([]);
      }));

    it('pulled twice unchanged is stored once, keeps when it was first read, and has the place that the newest run gave it', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const first = evidenceOf('R1', { id: 'R1' }, { sequence: -1 });
        const later = { ...first, sequence: -7, observedTime: addMs(NOON, 86_400_000) };
        const [one, two] = [await store.startRun(NOON), await store.startRun(addMs(NOON, 1))];
        expect(two).not.toBe(one);
        await store.keep(one, [first]);
        await store.keep(two, [later]);
        expect(await store.read([first.id])).toEqual([{ ...first, sequence: -7 }]);
        expect(await db.selectFrom('evidence').select('no').execute()).toHaveLength(1);
        const links = await db.selectFrom('run_evidence').select(['run_id', 'sequence']).orderBy('run_id').execute();
        expect(links).toEqual([
          { run_id: one, sequence: -1 },
          { run_id: two, sequence: -7 },
        ]);
      }));

    it('read for one run has the place that this run gave it, though a later one numbered it anew', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const [one, two, three] = [await store.startRun(NOON), await store.startRun(NOON), await store.startRun(NOON)];
        const record = evidenceOf('R1', 1, { sequence: -1 });
        await store.keep(one, [record]);
        await store.keep(two, [{ ...record, sequence: -9 }]);
        expect(await store.read([record.id], one)).toEqual([record]);
        expect(await store.read([record.id], three)).toEqual([{ ...record, sequence: -9 }]);
      }));

    it('that changed at its source stands beside what it was before', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const [before, after] = [evidenceOf('R1', { status: 'triggered' }), evidenceOf('R1', { status: 'resolved' })];
        await store.keep(await store.startRun(NOON), [before]);
        await store.keep(await store.startRun(NOON), [after]);
        expect(await store.read([before.id, after.id])).toEqual([before, after]);
      }));

    it('kept twice in one run, in one call or two, is harmless, and its last place counts', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const run = await store.startRun(NOON);
        const [a, moved] = [evidenceOf('R1', 1, { sequence: -1 }), evidenceOf('R1', 1, { sequence: -2 })];
        await store.keep(run, [a, moved]);
        expect(await store.read([a.id])).toEqual([moved]);
        await store.keep(run, [a]);
        expect(await store.read([a.id])).toEqual([a]);
        expect(await db.selectFrom('run_evidence').select('no').execute()).toHaveLength(1);
      }));

    it('of a run that was never started is refused, since nothing would say when it was read', () =>
      opened(async (db) => {
        await expect(createEvidenceStore(db).keep(17, [evidenceOf('R1', 1)])).rejects.toThrow(/FOREIGN KEY/i);
        expect(await db.selectFrom('evidence').select('no').execute()).toEqual([]);
      }));

    it('law: whatever is kept comes back equal, however it was cut into batches and in whatever order', async () => {
      const json = fc.jsonValue({ maxDepth: 3 });
      const one = fc.record({ nativeId: fc.string({ minLength: 1 }), body: json, sequence: fc.option(fc.integer(), { nil: undefined }) });
      const cut = fc.record({ order: fc.infiniteStream(fc.nat()), size: fc.integer({ min: 1, max: 300 }) });
      await fc.assert(
        fc.asyncProperty(fc.array(one, { maxLength: 150 }), cut, (all, { order, size }) =>
          opened(async (db) => {
            const plain: typeof all = JSON.parse(JSON.stringify(all));
            const records = plain.map(({ nativeId, body, sequence }) =>
              evidenceOf(nativeId, JSON.parse(JSON.stringify(body)), sequence === undefined ? {} : { sequence }),
            );
            const unique = [...new Map(records.map((record) => [record.id, record])).values()];
            const shuffled = unique
              .map((record) => ({ record, place: order.next().value ?? 0 }))
              .toSorted((x, y) => x.place - y.place)
              .map(({ record }) => record);
            const store = createEvidenceStore(db);
            const run = await store.startRun(NOON);
            for (let from = 0; from < shuffled.length; from += size) await store.keep(run, shuffled.slice(from, from + size));
            expect(await store.read(unique.map(({ id }) => id))).toEqual(unique);
          }),
        ),
        { numRuns: 25 },
      );
    });

    it('is read in any number, more than one statement may name', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const records = Array.from({ length: 1_234 }, (_, index) => evidenceOf(`R${index}`, { index }, { sequence: 0 - index }));
        await store.keep(await store.startRun(NOON), records);
        expect(await store.read(records.map(({ id }) => id))).toEqual(records);
      }));

    it('whose body was purged leaves a tombstone: it is not read, and the answers that held it still name it', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const run = await store.startRun(NOON);
        const [kept, purged] = [evidenceOf('R1', 1), evidenceOf('R2', 'a name')];
        await store.keep(run, [kept, purged]);
        await store.finishPull(run, { ask: ask(), pulled: PULLED, evidence: [purged.id, kept.id] });
        await db.updateTable('evidence').set({ body: null }).where('id', '=', purged.id).execute();
        expect(await store.read([kept.id, purged.id])).toEqual([kept]);
        expect((await store.lastPull(ask()))?.evidence).toEqual([purged.id, kept.id]);
      }));
  });

  describe('a pull', () => {
    async function filed(db: Database, records: readonly EvidenceRecord[], more: Partial<typeof PULLED> = {}) {
      const store = createEvidenceStore(db);
      const run = await store.startRun(NOON);
      await store.keep(run, records);
      const pull = { ask: ask(), pulled: { ...PULLED, ...more }, evidence: records.map(({ id }) => id) };
      await store.finishPull(run, pull);
      return { store, run, pull };
    }

    it('comes back whole, its gaps and its evidence in the order of arrival, a record twice where it came twice', () =>
      opened(async (db) => {
        const records = Array.from({ length: 250 }, (_, index) => evidenceOf(`R${(index * 37) % 200}`, index % 7));
        const gap = { window: windowFrom(NOON), reason: 'result_limit', detail: 'only the newest 10,000 entries' } as const;
        const { store, pull } = await filed(db, records, { status: 'partial', gaps: [gap], hint: 'none in 90 days' });
        expect(await store.lastPull(ask())).toMatchObject(pull);
      }));

    it('is found by what was asked, whatever the order of its keys, and by nothing else', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const run = await store.startRun(NOON);
        const asked = ask({ keys: ['b', 'a'], scope: { service_ids: ['P1'], x: 1 } });
        await store.finishPull(run, { ask: asked, pulled: PULLED, evidence: [] });
        expect(await store.lastPull({ ...asked, keys: ['a', 'b'], scope: { x: 1, service_ids: ['P1'] } })).toEqual({
          run,
          ask: asked,
          pulled: PULLED,
          evidence: [],
        });
        const others = [
          { source: 'pagerduty-eu' },
          { stream: 'alerts' },
          { window: windowFrom(addMs(NOON, 1)) },
          { keys: ['a'] },
          { scope: { service_ids: ['P2'], x: 1 } },
        ];
        for (const other of others) expect(await store.lastPull({ ...asked, ...other })).toBeUndefined();
      }));

    it('names its run, so that its records keep their places whatever place another window of the same list gave them since', () =>
      opened(async (db) => {
        const [first, second] = [evidenceOf('R1', 1), evidenceOf('R2', 2)];
        const { store } = await filed(db, [
          { ...first, sequence: 17 },
          { ...second, sequence: 16 },
        ]);
        const later = await store.startRun(addMs(NOON, 1));
        await store.keep(later, [{ ...first, sequence: 0 }]);
        const found = await store.lastPull(ask());
        const records = await store.read(found?.evidence ?? [], found?.run);
        expect(records.map(({ sequence }) => sequence)).toEqual([17, 16]);
      }));

    it('asked again is answered by the newest', () =>
      opened(async (db) => {
        await filed(db, [evidenceOf('R1', 'old')], { status: 'failed' });
        const { store, pull } = await filed(db, [evidenceOf('R1', 'new')]);
        expect(await store.lastPull(ask())).toMatchObject(pull);
      }));

    it('that was not filed to its end is no answer', () =>
      opened(async (db) => {
        const { store, pull } = await filed(db, [evidenceOf('R1', 1)]);
        const stranger = evidenceOf('R9', 'never kept').id;
        const broken = store.finishPull(await store.startRun(NOON), { ...pull, evidence: [stranger] });
        await expect(broken).rejects.toThrow('was not kept before it was linked');
        expect(await store.lastPull(ask())).toMatchObject(pull);
      }));

    it('hands its records on with their places, even to a run that died before it kept one of them', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const first = await store.startRun(NOON);
        const record = { ...evidenceOf('R1', 1), sequence: 17 };
        await store.keep(first, [record]);
        await store.mark(first, ask(), ask(), {
          at: NOON,
          cursor: 'page 1',
          isDone: false,
          gaps: [],
          hints: [],
          isFirst: true,
          evidence: [record.id],
        });
        // Another window of the same list gives it another place meanwhile.
        await store.keep(await store.startRun(NOON), [{ ...record, sequence: 0 }]);
        await store.resume(await store.startRun(NOON), ask(), NOON);
        const found = await store.resume(await store.startRun(NOON), ask(), NOON);
        const read = await store.read(found?.evidence ?? [], found?.run);
        expect(read.map(({ sequence }) => sequence)).toEqual([17]);
      }));

    it('is not taken for half read by a run after one that died while it forgot how far it had been read', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const run = await store.startRun(NOON);
        const records = [evidenceOf('R1', 1), evidenceOf('R2', 2)];
        await store.keep(run, records);
        const evidence = records.map(({ id }) => id);
        await store.mark(run, ask(), ask(), { at: NOON, cursor: 'page 1', isDone: false, gaps: [], hints: [], isFirst: true, evidence });
        const dying = createEvidenceStore(db.withPlugin(diesBehind('reading_evidence')));
        await expect(dying.finishPull(run, { ask: ask(), pulled: PULLED, evidence })).rejects.toThrow('died');
        expect(await db.selectFrom('reading_evidence').selectAll().execute()).toEqual([]);
        expect(await store.resume(await store.startRun(NOON), ask(), NOON)).toBeUndefined();
        // What it left behind is gone with the next answer to that question or any other.
        await store.finishPull(await store.startRun(NOON), { ask: ask({ keys: [] }), pulled: PULLED, evidence });
        expect(await db.selectFrom('reading').selectAll().execute()).toEqual([]);
      }));

    it('leaves its last checkpoint, one for each ask of the run', () =>
      opened(async (db) => {
        const store = createEvidenceStore(db);
        const run = await store.startRun(NOON);
        const records = [evidenceOf('R1', 1), evidenceOf('R2', 2), evidenceOf('R3', 3)];
        await store.keep(run, records);
        const ids = records.map(({ id }) => id);
        const mark = (cursor: string, isFirst: boolean, evidence: typeof ids) => ({
          ...{ at: NOON, cursor, isDone: false, gaps: [], hints: [], isFirst, evidence },
        });
        await store.mark(run, ask(), ask(), mark('page 1', true, ids.slice(0, 2)));
        await store.mark(run, ask(), ask(), mark('page 2', false, ids.slice(2)));
        await store.mark(run, ask(), ask({ keys: [] }), mark('other', true, []));
        const next = await store.startRun(NOON);
        expect(await store.resume(next, ask(), NOON)).toEqual({ run, cursor: 'page 2', isDone: false, gaps: [], hints: [], evidence: ids });
        expect(await store.resume(next, ask({ keys: [] }), NOON)).toMatchObject({ cursor: 'other', evidence: [] });
        // It is the next run's now: what the first one still marks is nothing.
        await store.mark(run, ask(), ask(), mark('page 9', false, []));
        const third = await store.startRun(NOON);
        expect(await store.resume(third, ask(), NOON)).toMatchObject({ run: next, cursor: 'page 2', evidence: ids });
        const fourth = await store.startRun(NOON);
        expect(await store.resume(fourth, ask(), addMs(NOON, 1))).toBeUndefined();
        expect(await store.resume(fourth, ask(), NOON)).toBeUndefined();
      }));
  });

  describe('a snapshot', () => {
    it('whose draft is known is not written again: the first reading stands', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        const first = snapshotFrom('pagerduty/incident:PABC', NOON);
        const again = { ...first, takenAt: addMs(NOON, 3_600_000) };
        expect(await store.saveSnapshot('sha256:a', first)).toEqual(first);
        expect(await store.saveSnapshot('sha256:a', again)).toEqual(first);
        expect(await store.findSnapshot('sha256:a')).toEqual({ draftId: 'sha256:a', snapshot: first });
      }));

    it('is found by its incident as it was drafted last, even where that draft is an old one', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        const whole = snapshotFrom('pagerduty/incident:PABC', NOON, { asOf: NOON });
        const partial = snapshotFrom('pagerduty/incident:PABC', NOON, { lastEdit: 3 });
        await store.saveSnapshot('sha256:whole', whole);
        await store.saveSnapshot('sha256:partial', partial);
        expect((await store.findSnapshot('pagerduty/incident:PABC'))?.draftId).toBe('sha256:partial');
        await store.saveSnapshot('sha256:whole', whole);
        expect(await store.findSnapshot('pagerduty/incident:PABC')).toEqual({ draftId: 'sha256:whole', snapshot: whole });
        expect(await store.findSnapshot('pagerduty/incident:PXYZ')).toBeUndefined();
      }));

    it('that looks back in time is found by its id, and by its incident only where there is no other', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        const whole = snapshotFrom('pagerduty/incident:PABC', NOON);
        const earlier = snapshotFrom('pagerduty/incident:PABC', NOON, { asOf: NOON });
        await store.saveSnapshot('sha256:earlier', earlier, 'look_back');
        expect((await store.findSnapshot('pagerduty/incident:PABC'))?.draftId).toBe('sha256:earlier');
        await store.saveSnapshot('sha256:whole', whole);
        await store.saveSnapshot('sha256:earlier', earlier, 'look_back');
        expect((await store.findSnapshot('pagerduty/incident:PABC'))?.draftId).toBe('sha256:whole');
        expect((await store.findSnapshot('sha256:earlier'))?.snapshot).toEqual(earlier);
      }));

    it('of an import is found by its own key and never by the incident that it tells of', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        const live = snapshotFrom('pagerduty/incident:PABC', NOON);
        await store.saveSnapshot('sha256:live', live);
        await store.saveSnapshot('sha256:imported', { ...live, origin: 'bundle:sha256:root' });
        expect((await store.findSnapshot('pagerduty/incident:PABC'))?.draftId).toBe('sha256:live');
        expect((await store.findSnapshot('bundle:sha256:root'))?.draftId).toBe('sha256:imported');
      }));

    it('has a rendered text that can be written over and dropped', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        await store.saveRendered('sha256:a', '# one');
        await store.saveRendered('sha256:a', '# two');
        expect(await store.findRendered('sha256:a')).toBe('# two');
        await db.deleteFrom('rendered').execute();
        expect(await store.findRendered('sha256:a')).toBeUndefined();
      }));

    it('has the edits of its incident beside it, in the order of their numbers', () =>
      opened(async (db) => {
        const edit = (sequence: number, block: string) => ({
          kind: 'rewrite' as const,
          sequence,
          after: 0,
          author: 'jane',
          at: NOON,
          block,
          generated: 'sha256:0',
          text: 'kinder',
        });
        for (const written of [edit(10, 'b'), edit(2, 'a')]) {
          await db
            .insertInto('edit')
            .values({ incident: 'pagerduty/incident:PABC', sequence: written.sequence, body: JSON.stringify(written) })
            .execute();
        }
        const store = createDraftStore(db);
        expect(await store.edits('pagerduty/incident:PABC')).toEqual([edit(2, 'a'), edit(10, 'b')]);
        expect(await store.edits('pagerduty/incident:PXYZ')).toEqual([]);
      }));

    it('numbers new edits behind the old ones, names what is put in by its number, and leaves out what had not seen a newer one', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        const by = (author: string, after: number) => ({ author, after, at: NOON });
        const rewrite = (block: string, text: string) => ({ kind: 'rewrite' as const, block, generated: 'sha256:0', text });
        const insert = (block: string, below: string, text: string) => ({ kind: 'insert' as const, block, below, text });
        const first = await store.record('PABC', [
          { ...by('ana', 0), ...rewrite('a', 'kinder') },
          { ...by('ana', 0), ...insert('new.1', 'a', 'one') },
          { ...by('ana', 0), ...insert('new.2', 'new.1', 'two') },
          { ...by('ana', 0), ...rewrite('new.2.owner', 'on-call') },
        ]);
        expect(first.recorded.map((edit) => [edit.sequence, edit.block, 'below' in edit ? edit.below : ''])).toEqual([
          [1, 'a', ''],
          [2, 'i.2', 'a'],
          [3, 'i.3', 'i.2'],
          [4, 'i.3.owner', ''],
        ]);
        const second = await store.record('PABC', [
          { ...by('ben', 0), ...rewrite('a', 'harsher') },
          { ...by('ben', 0), ...rewrite('b', 'clearer') },
        ]);
        expect(second.conflicts.map(({ edit, newer }) => [edit.block, newer.sequence])).toEqual([['a', 1]]);
        expect(second.recorded.map(({ sequence, block }) => [sequence, block])).toEqual([[5, 'b']]);
        expect(await store.edits('PABC')).toEqual([...first.recorded, ...second.recorded]);
        await store.keepEdits('bundle:x', [...first.recorded, ...second.recorded]);
        await store.keepEdits('bundle:x', first.recorded);
        expect(await store.edits('bundle:x')).toEqual(await store.edits('PABC'));
      }));

    it('keeps all edits of authors who write at once, each under a number of its own', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        const blocks = Array.from({ length: 12 }, (_, index) => `b${index}`);
        const written = { kind: 'hide' as const, generated: 'sha256:0', after: 0, author: 'ana', at: NOON };
        await Promise.all(blocks.map((block) => store.record('PABC', [{ ...written, block }])));
        const edits = await store.edits('PABC');
        expect(edits.map(({ sequence }) => sequence)).toEqual(blocks.map((_, index) => index + 1));
        expect(edits.map(({ block }) => block).toSorted()).toEqual(blocks.toSorted());
      }));

    it('knows the drafts that were made of an incident, the last one first, each once', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        const snapshot = snapshotFrom('PABC', NOON);
        for (const id of ['sha256:a', 'sha256:b', 'sha256:a']) await store.saveSnapshot(id, snapshot);
        expect(await store.draftsOf(snapshot.incidents[0], 5)).toEqual(['sha256:a', 'sha256:b']);
        expect(await store.draftsOf(snapshot.incidents[0], 1)).toEqual(['sha256:a']);
        expect(await store.draftsOf('nobody', 5)).toEqual([]);
      }));
  });

  describe('the list of incidents', () => {
    const DAY = 86_400_000;

    it('shows each once, as drafted last, the newest first', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        await store.saveSnapshot('sha256:1', snapshotFrom('p/incident:OLD', NOON));
        await store.saveSnapshot('sha256:2', snapshotFrom('p/incident:NEW', addMs(NOON, DAY)));
        await store.saveSnapshot('sha256:3', snapshotFrom('p/incident:OLD', NOON, { lastEdit: 1 }));
        expect((await store.listIncidents({ limit: 10 })).map(({ draftId }) => draftId)).toEqual(['sha256:2', 'sha256:3']);
      }));

    it('keeps those that touch the days asked for', () =>
      opened(async (db) => {
        const store = createDraftStore(db);
        for (const day of [0, 1, 2]) await store.saveSnapshot(`sha256:${day}`, snapshotFrom(`p/incident:${day}`, addMs(NOON, day * DAY)));
        const listed = await store.listIncidents({ from: instant('2024-01-16T13:00:00Z'), to: instant('2024-01-17T12:00:00Z'), limit: 10 });
        expect(listed.map(({ draftId }) => draftId)).toEqual(['sha256:1']);
      }));

    it('law: its pages hold every incident once, whatever their size, though many began at one instant', async () => {
      const hours = fc.array(fc.nat(3), { minLength: 1, maxLength: 12 });
      await fc.assert(
        fc.asyncProperty(hours, fc.integer({ min: 1, max: 5 }), fc.boolean(), (starts, limit, byDraft) =>
          opened(async (db) => {
            const store = createDraftStore(db);
            for (const [index, hour] of starts.entries()) {
              await store.saveSnapshot(`sha256:${index}`, snapshotFrom(`p/incident:${index}`, addMs(NOON, hour * 3_600_000)));
            }
            const whole = await store.listIncidents({ limit: 100 });
            const paged: (typeof whole)[number][] = [];
            for (let page = await store.listIncidents({ limit }); page.length > 0; ) {
              paged.push(...page);
              const last = page[page.length - 1];
              const before = (byDraft ? last?.draftId : last?.snapshot.incidents[0]) ?? '';
              page = await store.listIncidents({ limit, before });
            }
            expect(paged).toEqual(whole);
            expect(new Set(whole.map(({ draftId }) => draftId)).size).toBe(starts.length);
          }),
        ),
        { numRuns: 25 },
      );
    });

    it('asked to go on after a stranger says so', () =>
      opened(async (db) => {
        const listed = createDraftStore(db).listIncidents({ limit: 1, before: 'sha256:gone' });
        await expect(listed).rejects.toMatchObject({ code: 'usage' });
      }));
  });
});
