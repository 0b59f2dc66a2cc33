import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { answerStored } from '../../src/app/answer.ts';
import { openCircuit } from '../../src/app/circuit.ts';
import { rebuild } from '../../src/app/draft.ts';
import { pullAsk } from '../../src/app/pull.ts';
import { purgeDue, runRetention, watchClock } from '../../src/app/retention.ts';
import { SourceError } from '../../src/contract/errors.ts';
import { seal } from '../../src/core/evidence.ts';
import { addMs, type Instant, instantAt } from '../../src/core/time.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { createBackfillStore } from '../../src/storage/backfill-store.ts';
import { openDatabase } from '../../src/storage/database.ts';
import type { Database } from '../../src/storage/tables.ts';
import { ENGINES, newPostgresUrl } from '../storage/engines.ts';
import { snapshotFrom } from '../storage/samples.ts';
import { instant, windowOf } from '../support/events.ts';
import { fakeConnector, openTestApp, recordItem, sourcesOf } from './fakes.ts';
import { smallPager, smallWorld } from './small-world.ts';

const DAY_MS = 86_400_000;
const TAKEN = instant('2024-01-15T18:00:00Z');
const INCIDENT = { kind: 'incident', id: 'PABC' } as const;
const RUNNER = fileURLToPath(new URL('../support/purge-runner.ts', import.meta.url));
const KILLER = fileURLToPath(new URL('../support/kill-at-query.ts', import.meta.url));

/** The small pager's incident, drafted, and the same store so many days later. */
async function openPager(db: Database, keep = '90d') {
  const world = smallWorld();
  const sources = sourcesOf({ pager: smallPager(world) });
  const opened = await openTestApp(sources, { storage: { url: 'sqlite::memory:', keep_evidence: keep } }, TAKEN, db);
  const daysLater = (days: number) => opened.clock.set(addMs(TAKEN, days * DAY_MS));
  return { ...opened, world, sources, daysLater };
}

describe.each(ENGINES)('evidence that nobody read for as long as it is kept, on $name', ({ open }) => {
  async function over(act: (db: Database) => Promise<void>): Promise<void> {
    const { db, close } = await open();
    try {
      await act(db);
    } finally {
      await close();
    }
  }

  it('is purged, and what it was stays known; a day earlier nothing is', () =>
    over(async (db) => {
      const { app, deps, daysLater } = await openPager(db);
      const { snapshot } = await app.draft({ select: INCIDENT });
      daysLater(90);
      expect(await purgeDue(deps)).toEqual({ records: 0, drafts: 0 });
      daysLater(91);
      expect(await purgeDue(deps)).toEqual({ records: 5, drafts: 1 });
      expect(await deps.evidence.read(snapshot.evidence)).toEqual([]);
      const gone = await deps.retention.tombstones(snapshot.evidence);
      expect(gone.map(({ id }) => id)).toEqual(snapshot.evidence);
      expect(gone.map(({ nativeId, stream, kind, at, why }) => [nativeId, stream, kind, at, why]).toSorted()).toEqual([
        ['PABC', 'incidents', 'incident', TAKEN, 'storage.keep_evidence: 90d'],
        ['R1', 'log_entries', 'incident.triggered', '2024-01-15T14:33:00.000Z', 'storage.keep_evidence: 90d'],
        ['R2', 'log_entries', 'incident.acknowledged', '2024-01-15T14:35:00.000Z', 'storage.keep_evidence: 90d'],
        ['R3', 'log_entries', 'note.added', '2024-01-15T14:40:00.000Z', 'storage.keep_evidence: 90d'],
        ['R4', 'log_entries', 'incident.resolved', '2024-01-15T14:57:00.000Z', 'storage.keep_evidence: 90d'],
      ]);
      expect(await purgeDue(deps)).toEqual({ records: 0, drafts: 0 });
      const [id] = snapshot.evidence;
      await expect(app.evidence(id ?? '')).rejects.toMatchObject({
        code: 'not_stored',
        message: expect.stringMatching(/^pager\/\S+ \S+ \(.*\) was purged at 2024-04-15T18:00:00\.\d+Z, by storage\.keep_evidence: 90d/),
        details: { purged: { source: 'pager' } },
      });
    }));

  it('leaves the draft as it stood, with its numbers and edits, and the draft says which records are gone', () =>
    over(async (db) => {
      const { app, deps, daysLater } = await openPager(db);
      await app.draft({ select: INCIDENT });
      const { after, generated } = await app.block('PABC', 'summary.what');
      await app.editBlock('PABC', { change: { kind: 'rewrite', block: 'summary.what', after, generated, text: 'Kinder.' }, author: 'ana' });
      const before = await app.stored('PABC');
      const summary = await app.summary({ window: { from: instant('2024-01-15T00:00:00Z'), to: instant('2024-01-16T00:00:00Z') } });
      daysLater(91);
      await purgeDue(deps);
      await db.deleteFrom('rendered').execute();
      const { draft, draftId } = await app.stored('PABC');
      const { purged, ...rest } = draft;
      expect({ draftId, draft: rest }).toEqual({ draftId: before.draftId, draft: before.draft });
      expect(purged?.map(({ id }) => id)).toEqual(before.snapshot.evidence);
      expect(await app.summary({ window: { from: instant('2024-01-15T00:00:00Z'), to: instant('2024-01-16T00:00:00Z') } })).toEqual(
        summary,
      );
      const said = '5 records on 15 April 2024 by';
      for (const text of [renderMarkdown(draft), renderHtml(draft)]) {
        expect(text).toContain(said);
        expect(text).toContain('(purged)');
        expect(text).toContain('Kinder.');
      }
      expect(renderMarkdown(before.draft)).not.toMatch(/[Pp]urged/);
    }));

  it('is looked for in every snapshot with a breath between any two pages of them, so that the process answers meanwhile', () =>
    over(async (db) => {
      const { deps, app, daysLater } = await openPager(db);
      await app.draft({ select: INCIDENT });
      for (let index = 0; index < 120; index += 1)
        await deps.drafts.saveSnapshot(`sha256:${index}`, snapshotFrom(`pager/incident:${index}`, TAKEN));
      daysLater(91);
      const course: string[] = [];
      const retention: typeof deps.retention = {
        ...deps.retention,
        unkept: (after) => {
          course.push('page');
          return deps.retention.unkept(after);
        },
      };
      const clock = { ...deps.clock, sleep: async () => void course.push('breath') };
      expect(await purgeDue({ ...deps, retention, clock })).toEqual({ records: 5, drafts: 1 });
      expect(course.filter((step) => step === 'page')).toHaveLength(4);
      expect(course.join(' ')).not.toContain('page page');
    }));

  it('takes nothing from a draft that is being made of it: that stands as it was, and says what is gone', () =>
    over(async (db) => {
      const { app, deps, daysLater } = await openPager(db);
      const before = await app.draft({ select: INCIDENT });
      daysLater(91);
      const pages: typeof deps.evidence.pages = async function* (...asked) {
        await purgeDue(deps);
        yield* deps.evidence.pages(...asked);
      };
      const { draft } = await rebuild({ ...deps, evidence: { ...deps.evidence, pages } }, before.draftId, before.snapshot);
      const { purged, ...rest } = draft;
      expect(rest).toEqual(before.draft);
      expect(purged).toHaveLength(5);
    }));

  it('leaves a draft that people go on to edit, that a new request gives again, and that is shown as of no other time', () =>
    over(async (db) => {
      const { app, deps, daysLater, world } = await openPager(db);
      const first = await app.draft({ select: INCIDENT });
      daysLater(91);
      await purgeDue(deps);
      world.broken = { incidents: new SourceError('unavailable', 'nobody must be asked') };
      const { after, generated } = await app.block('PABC', 'summary.what');
      await app.editBlock('PABC', { change: { kind: 'rewrite', block: 'summary.what', after, generated, text: 'Kinder.' }, author: 'ana' });
      const again = await app.draft({ select: INCIDENT, authors: ['Ana'] });
      expect(again.draft.analysis).toEqual(first.draft.analysis);
      expect(again.draft.edits).toMatchObject([{ key: 'summary.what', state: 'edited', text: 'Kinder.' }]);
      expect(again.draft.case.authors).toEqual(['Ana']);
      expect(again.draft.purged).toHaveLength(5);
      await expect(app.draft({ select: INCIDENT, offline: true, asOf: instant('14:40') })).rejects.toMatchObject({
        code: 'not_stored',
        message: expect.stringContaining('5 of 5 evidence records were purged'),
      });
    }));

  it('holds no incident at what it was while it was open: its source is asked for what came since', () =>
    over(async (db) => {
      const { app, deps, daysLater, world } = await openPager(db);
      const [ended] = world.entries.splice(3);
      world.resolved = null;
      expect((await app.draft({ select: INCIDENT })).snapshot.asOf).toBeDefined();
      daysLater(91);
      await purgeDue(deps);
      world.resolved = ended?.at ?? null;
      if (ended) world.entries.push(ended);
      const { draft } = await app.draft({ select: INCIDENT });
      expect(draft.analysis.timeline.map(({ event }) => event.type)).toContain('incident.resolved');
      expect(draft.purged).toBeUndefined();
    }));

  it('is said plainly where the draft is to be reproduced', () =>
    over(async (db) => {
      const { app, deps, daysLater } = await openPager(db);
      const { draftId } = await app.draft({ select: INCIDENT });
      expect(await app.reproduce('PABC')).toMatchObject({ same: true });
      daysLater(91);
      await purgeDue(deps);
      expect(await app.reproduce('PABC')).toEqual({
        draftId,
        same: false,
        detail:
          '5 of 5 evidence records were purged (1 of pager/incidents, 4 of pager/log_entries; 2024-04-15, by storage.keep_evidence: 90d): it cannot be rebuilt, and stands as it was kept',
      });
    }));

  it('has its place in a bundle, whose draft says so too, read from the file and imported', () =>
    over(async (db) => {
      const { app, deps, daysLater, world } = await openPager(db);
      await app.draft({ select: INCIDENT });
      daysLater(80);
      const run = await deps.evidence.startRun(deps.clock.now());
      await deps.evidence.keep(run, await deps.evidence.read((await app.stored('PABC')).snapshot.evidence.slice(0, 2)));
      daysLater(91);
      expect(await purgeDue(deps)).toMatchObject({ records: 3 });
      const { draft, draftId } = await app.stored('PABC');
      const text = await app.exportBundle('PABC', { roles: false });
      const elsewhere = await openTestApp(sourcesOf({ pager: smallPager(world) }));
      const read = await elsewhere.app.draftBundle(text);
      expect([read.draftId, read.draft.purged]).toEqual([draftId, draft.purged]);
      const { incident } = await elsewhere.app.importBundle(text);
      expect((await elsewhere.app.stored(incident)).draft.purged).toEqual(draft.purged);
      for (const { same, detail } of [await elsewhere.app.reproduceBundle(text), await elsewhere.app.reproduce(incident)]) {
        expect({ same, detail }).toEqual({ same: false, detail: expect.stringMatching(/^3 of 5 evidence records were purged/) });
      }
      const roles = await elsewhere.app.draftBundle(await app.exportBundle('PABC', { roles: true }));
      expect(roles.draft.purged).toEqual(draft.purged);
      await elsewhere.app.close();
    }));

  it('is there again where a source that still has it is asked, and the draft rests on evidence again', () =>
    over(async (db) => {
      const { app, deps, daysLater } = await openPager(db);
      const first = await app.draft({ select: INCIDENT });
      daysLater(91);
      await purgeDue(deps);
      const fresh = await app.draft({ select: INCIDENT, refresh: true });
      expect(fresh.draft.purged).toBeUndefined();
      expect(fresh.draft.analysis.timeline).toEqual(first.draft.analysis.timeline);
      expect(await app.reproduce('PABC')).toMatchObject({ same: true });
      daysLater(200);
      expect(await purgeDue(deps)).toMatchObject({ records: 5 });
      expect((await deps.retention.tombstones(first.snapshot.evidence)).map(({ purgedAt }) => purgedAt.slice(0, 10))).toEqual(
        Array.from({ length: 5 }, () => '2024-08-02'),
      );
    }));

  it('stays while a run that began meanwhile reads it, even where it was found due before that', () =>
    over(async (db) => {
      const { app, deps, daysLater } = await openPager(db);
      const { snapshot } = await app.draft({ select: INCIDENT });
      daysLater(91);
      const before = addMs(deps.clock.now(), -90 * DAY_MS);
      const { due } = await deps.retention.look(before, 0);
      expect(due).toHaveLength(5);
      // A backfill of long ago goes on now: its run stands at that time, and reads today.
      const run = await deps.evidence.startRun(TAKEN, deps.clock.now());
      await deps.evidence.keep(run, due.slice(0, 2));
      const gone = due.map(({ id, source, stream, nativeId }) => ({
        ...{ id, source, stream, nativeId, kind: 'x', at: TAKEN, purgedAt: deps.clock.now(), why: 'a test' },
      }));
      expect(await deps.retention.purge(before, gone)).toBe(3);
      expect(await deps.evidence.read(snapshot.evidence)).toHaveLength(2);
    }));

  it('leaves no answer that passes for whole: its question is put again, and with no source to ask it has a gap', () =>
    over(async (db) => {
      const log = fakeConnector('log', [{ spec: { id: 'lines', settleSeconds: 60 }, pull: () => [recordItem('L1'), recordItem('L2')] }]);
      const { deps, clock } = await openTestApp(sourcesOf({ log }), { storage: { url: '', keep_evidence: '90d' } }, TAKEN, db);
      const ask = { source: 'log', stream: 'lines', window: windowOf('14:00', '15:00'), keys: [], scope: {} };
      const pull = async () => {
        const { clock: own, evidence, log: lines, sources } = deps;
        const now = own.now();
        const run = await evidence.startRun(now);
        return await pullAsk({ clock: own, evidence, log: lines, run, now, circuit: openCircuit() }, sources.open('log'), ask);
      };
      await pull();
      await pull();
      expect(log.asked).toHaveLength(1);
      clock.set(addMs(TAKEN, 91 * DAY_MS));
      expect(await purgeDue(deps)).toMatchObject({ records: 2 });
      expect((await answerStored(deps, undefined, ask)).pulled).toMatchObject({
        status: 'partial',
        gaps: [{ reason: 'retention', detail: '2 records of what was read were purged from the store (storage.keep_evidence)' }],
      });
      expect((await pull()).pulled.status).toBe('complete');
      expect(log.asked).toHaveLength(2);
      expect((await answerStored(deps, undefined, ask)).pulled.gaps).toEqual([]);
    }));

  it('is not what people stated: that is theirs, and no source has it', () =>
    over(async (db) => {
      const { deps, daysLater } = await openPager(db);
      const told = (source: string) => seal({ source, stream: 'events', nativeId: 'E1', body: { source }, observedTime: TAKEN });
      const [stated, imported] = [told('manual'), told('slack')];
      const run = await deps.evidence.startRun(TAKEN);
      await deps.evidence.tell(run, 'manual', [{ record: stated, key: 'pager/incident:PABC' }]);
      await deps.evidence.tell(run, 'import', [{ record: imported, key: 'pager/incident:PABC' }]);
      daysLater(91);
      expect(await purgeDue(deps)).toMatchObject({ records: 1 });
      expect(await deps.evidence.read([stated.id, imported.id])).toEqual([stated]);
    }));
});

describe('a process that purges', () => {
  async function purgeIn(url: string, now: Instant, killAt?: { readonly like: string; readonly after: number }) {
    const words = [...(killAt ? ['--import', KILLER] : []), RUNNER, url, now, '90d'];
    const env = { ...process.env, HINDCAST_KILL: JSON.stringify(killAt ?? {}) };
    const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const said = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (said.out += String(chunk)));
    child.stderr.on('data', (chunk) => (said.err += String(chunk)));
    const [code]: readonly (number | null)[] = await once(child, 'close');
    return { code, ...said };
  }

  const MANY = 450;
  const places = [
    { name: 'SQLite', urlOf: async (folder: string) => `sqlite:${join(folder, 'hindcast.db')}` },
    { name: 'PostgreSQL', urlOf: async () => await newPostgresUrl() },
  ];
  it.each(places)(
    'of $name that is killed again and again loses no draft, and the last one ends the work',
    { timeout: 120_000 },
    async ({ urlOf }) => {
      const folder = mkdtempSync(join(tmpdir(), 'hindcast-purge-'));
      const url = await urlOf(folder);
      const world = smallWorld();
      for (let index = 0; index < MANY; index += 1) {
        world.entries.push({ id: `N${index}`, at: '2024-01-15T14:41:00Z', type: 'note.added', text: `Note ${index}`, by: 'Jane Doe' });
      }
      const drafted = async () => {
        const db = await openDatabase(url);
        const { app } = await openTestApp(sourcesOf({ pager: smallPager(world) }), {}, TAKEN, db);
        return { db, app };
      };
      const first = await drafted();
      const before = await first.app.draft({ select: INCIDENT });
      await first.db.destroy();
      const later = addMs(TAKEN, 91 * DAY_MS);
      const left: number[] = [];
      for (const like of ['insert into "kept_draft"', 'insert into "tombstone"', 'update "evidence"', 'update "evidence"']) {
        expect(await purgeIn(url, later, { like, after: like === 'update "evidence"' ? 2 : 1 })).toEqual({ code: null, out: '', err: '' });
        const { db, app } = await drafted();
        const { draft } = await app.stored('PABC');
        const { purged, ...rest } = draft;
        expect(rest).toEqual(before.draft);
        const emptied = await db.selectFrom('evidence').select('id').where('body', 'is', null).execute();
        const tombstones = await db.selectFrom('tombstone').select('no').execute();
        expect([purged?.length ?? 0, tombstones.length]).toEqual([emptied.length, emptied.length]);
        left.push(MANY + 5 - emptied.length);
        await db.destroy();
      }
      // Each that died in its second batch had finished its first.
      expect(left).toEqual([455, 455, 355, 255]);
      expect(await purgeIn(url, later)).toEqual({ code: 0, out: JSON.stringify({ records: 255, drafts: 0 }), err: '' });
      rmSync(folder, { recursive: true, force: true });
    },
  );

  it('leaves nothing of a purged body in the file of SQLite, nor beside it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hindcast-purge-'));
    const file = join(folder, 'hindcast.db');
    const db = await openDatabase(`sqlite:${file}`);
    const planted = ['a-name-in-a-short-record', 'a-name-in-a-long-record'];
    const { deps, clock } = await openTestApp(sourcesOf({}), { storage: { url: '', keep_evidence: '1d' } }, TAKEN, db);
    const run = await deps.evidence.startRun(TAKEN);
    const bodies = [planted[0] ?? '', `${planted[1]}${'x'.repeat(50_000)}`];
    await deps.evidence.keep(
      run,
      bodies.map((body, index) => seal({ source: 'log', stream: 'lines', nativeId: `L${index}`, body, observedTime: TAKEN })),
    );
    const files = () => [file, `${file}-wal`].filter((path) => existsSync(path)).map((path) => readFileSync(path, 'latin1'));
    for (const text of planted) expect(files().some((bytes) => bytes.includes(text))).toBe(true);
    clock.set(addMs(TAKEN, 2 * DAY_MS));
    expect(await purgeDue(deps)).toMatchObject({ records: 2 });
    for (const text of planted) expect(files().some((bytes) => bytes.includes(text))).toBe(false);
    await db.destroy();
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('the clock by which evidence is purged', () => {
  it('is not believed for a day after it was set, forward or back', () => {
    let [wall, elapsed] = [Date.parse('2024-01-15T00:00:00Z'), 0];
    const isSteady = watchClock(
      () => instantAt(wall),
      () => elapsed,
    );
    const goOn = (ms: number, jump = 0) => {
      elapsed += ms;
      wall += ms + jump;
      return isSteady();
    };
    expect([isSteady(), goOn(DAY_MS), goOn(DAY_MS, 60_000)]).toEqual([true, true, true]);
    expect([goOn(1_000, 400 * DAY_MS), goOn(DAY_MS / 2), goOn(DAY_MS / 2)]).toEqual([false, false, true]);
    expect([goOn(1_000, -400 * DAY_MS), goOn(DAY_MS)]).toEqual([false, true]);
  });

  it('jumping years ahead in a process that runs purges nothing, and set back neither', async () => {
    const db = await openDatabase('sqlite::memory:');
    const { app, deps, daysLater } = await openPager(db);
    const { snapshot } = await app.draft({ select: INCIDENT });
    const stop = new AbortController();
    const looks: number[] = [];
    const clock = {
      now: deps.clock.now,
      sleep: async () => {
        looks.push(looks.length);
        // What the machine does between two looks.
        if (looks.length === 1) daysLater(4_000);
        if (looks.length === 3) daysLater(0);
        if (looks.length === 5) stop.abort();
      },
    };
    const options = { app: { ...deps, clock }, store: createBackfillStore(db), elapsedMs: () => looks.length * 600_000 };
    await runRetention(options, stop.signal);
    expect(looks).toHaveLength(5);
    expect(await deps.evidence.read(snapshot.evidence)).toHaveLength(5);
    await db.destroy();
  });

  it('comes round once for all processes, and purges what is due by then', async () => {
    const db = await openDatabase('sqlite::memory:');
    const { app, deps, daysLater } = await openPager(db);
    await app.draft({ select: INCIDENT });
    daysLater(91);
    const rounds: string[] = [];
    const one = async () => {
      const stop = new AbortController();
      const clock = { now: deps.clock.now, sleep: async (ms: number) => (ms > 1_000 ? stop.abort() : undefined) };
      const log = { ...deps.log, info: (fields: object) => void rounds.push(JSON.stringify(fields)) };
      await runRetention({ app: { ...deps, clock, log }, store: createBackfillStore(db), elapsedMs: () => 0 }, stop.signal);
    };
    await Promise.all([one(), one(), one()]);
    expect(rounds).toEqual(['{"records":5,"drafts":1}']);
    await db.destroy();
  });
});
