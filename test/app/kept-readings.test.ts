import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONNECTORS } from '../../connectors/index.ts';
import { openCircuit } from '../../src/app/circuit.ts';
import { evidenceIn, type PinnedEvidence, readCase, storedEvidence } from '../../src/app/derive.ts';
import { interpret } from '../../src/app/interpret.ts';
import { startPageKeeper } from '../../src/app/page-keeper.ts';
import type { Ask, EvidenceStore } from '../../src/app/ports.ts';
import { pullAsk } from '../../src/app/pull.ts';
import { readEach } from '../../src/app/read-records.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { assemble, type Case, type Snapshot } from '../../src/core/case.ts';
import { digestText } from '../../src/core/digest.ts';
import { type EvidenceRecord, type Json, seal } from '../../src/core/evidence.ts';
import { addMs, instantAt } from '../../src/core/time.ts';
import { mergeTimeline } from '../../src/core/timeline/merge.ts';
import { dropCaches } from '../../src/storage/caches.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import type { Database } from '../../src/storage/tables.ts';
import { BEGAN_MS, DAY_MS, DAYS, INCIDENT, largeEvidence, largeSeries } from '../bench/large-evidence.ts';
import { windowOf } from '../support/events.ts';
import { randomOf } from '../support/random.ts';
import { fakeClock, fakeConnector, quietLog, recordItem } from './fakes.ts';

const OBSERVED = instantAt(BEGAN_MS + 30 * DAY_MS);
const ENGINE = 'hindcast/test';
const IDS: Readonly<Record<string, string>> = { pagerduty: 'pagerduty', 'aws-prod': 'cloudwatch', github: 'github' };
const connectorOf = (source: string) => CONNECTORS.find(({ id }) => id === IDS[source]);

/** A week of an account: what its sources said, of so many records. */
function worldOf(count: number): readonly EvidenceRecord[] {
  return [...largeEvidence(count), ...largeSeries(720)].map((record, index) =>
    seal({ ...record, sequence: -index, observedTime: OBSERVED }),
  );
}

function snapshotOf(records: readonly EvidenceRecord[], more: Partial<Snapshot> = {}): Snapshot {
  const window = { from: instantAt(BEGAN_MS), to: instantAt(BEGAN_MS + DAYS * DAY_MS) };
  return {
    incidents: [INCIDENT],
    windows: { incident: window, changes: window, baseline: window },
    evidence: records.map(({ id }) => id).toSorted(),
    coverage: Object.keys(IDS).map((source) => ({ source, stream: 'any', need: 'needed', window, status: 'complete', gaps: [] })),
    lastEdit: 0,
    takenAt: OBSERVED,
    engine: ENGINE,
    policy: DEFAULT_POLICY,
    services: [],
    people: [],
    draft: DEFAULT_DRAFT,
    normalizers: Object.fromEntries(Object.keys(IDS).map((source) => [source, connectorOf(source)?.normalizer ?? ''])),
    ...more,
  };
}

/** The digest of the case and its timeline as bytes: they are too many to be shown. */
function bytesOf(theCase: Case): string {
  const told = [theCase.events, theCase.facts, theCase.series, theCase.coverage, theCase.subject, mergeTimeline(theCase.events, theCase)];
  return digestText(JSON.stringify(told, (_, value: unknown) => (value instanceof Float64Array ? [...value] : value)));
}

async function readBytes(snapshot: Snapshot, evidence: PinnedEvidence): Promise<string> {
  return bytesOf(await readCase({ snapshot, evidence }, { connectorOf }));
}

interface Kept {
  readonly db: Database;
  readonly store: EvidenceStore;
  readonly run: number;
}

async function inStore<T>(records: readonly EvidenceRecord[], act: (kept: Kept) => Promise<T>): Promise<T> {
  const db = await openDatabase('sqlite::memory:');
  try {
    const store = createEvidenceStore(db);
    const run = await store.startRun(OBSERVED);
    await store.keep(run, records);
    return await act({ db, store, run });
  } finally {
    await db.destroy();
  }
}

/** Which records are read by their bodies. */
function watched({ store, run }: Kept, snapshot: Snapshot) {
  const read: string[] = [];
  const stored = storedEvidence(store, { ...snapshot, run }, ENGINE);
  const evidence: PinnedEvidence = {
    ...stored,
    read: (ids) => {
      read.push(...ids);
      return stored.read(ids);
    },
  };
  return { read, evidence };
}

describe('what a store keeps of how records read', () => {
  const world = worldOf(1_300);
  const snapshot = snapshotOf(world);

  it('gives the case that their bodies give, to the last byte, and looks into no body that was read before', async () => {
    const plain = await readBytes(snapshot, evidenceIn(world));
    await inStore(world, async (kept) => {
      const first = watched(kept, snapshot);
      expect(await readBytes(snapshot, first.evidence)).toBe(plain);
      expect(new Set(first.read).size).toBe(world.length);
      const again = watched(kept, snapshot);
      expect(await readBytes(snapshot, again.evidence)).toBe(plain);
      expect(again.read).toEqual([]);
      await dropCaches(kept.db);
      expect(await readBytes(snapshot, watched(kept, snapshot).evidence)).toBe(plain);
    });
  });

  it('is added to by the records that came later, and by no others', async () => {
    const early = world.slice(0, 333);
    await inStore(world, async (kept) => {
      await readBytes(snapshotOf(early), watched(kept, snapshotOf(early)).evidence);
      const later = watched(kept, snapshot);
      expect(await readBytes(snapshot, later.evidence)).toBe(await readBytes(snapshot, evidenceIn(world)));
      expect(new Set(later.read)).toEqual(new Set(world.slice(333).map(({ id }) => id)));
    });
  });

  it('is of the code that read them: another version of a connector, or of ours, reads every body anew', async () => {
    await inStore(world, async (kept) => {
      await readBytes(snapshot, watched(kept, snapshot).evidence);
      const newer = (source: string) => {
        const connector = connectorOf(source);
        return connector && source === 'github' ? { ...connector, normalizer: 'github/next' } : connector;
      };
      const some = watched(kept, snapshot);
      await readCase({ snapshot, evidence: some.evidence }, { connectorOf: newer });
      expect(new Set(some.read)).toEqual(new Set(world.filter(({ source }) => source === 'github').map(({ id }) => id)));
      const { pages } = storedEvidence(kept.store, { ...snapshot, run: kept.run }, 'hindcast/next').kept ?? {};
      for await (const found of pages?.() ?? []) expect(found.every(({ texts }) => texts.length === 0)).toBe(true);
    });
  });

  it('is not kept where a page would be longer than is worth holding, and the records are read all the same', async () => {
    const large = Array.from({ length: 40 }, (_, index) =>
      seal({ source: 'test', stream: 'things', nativeId: `${index}`, body: { index }, observedTime: OBSERVED }),
    );
    const normalize = ({ nativeId }: EvidenceRecord) => {
      return { events: [], facts: [{ kind: 'person', key: nativeId, names: [nativeId.padEnd(1_000_000)] } as const], issues: [] };
    };
    const test = fakeConnector('test', [{ spec: { id: 'things' }, pull: () => [], normalize }]);
    const kept: number[] = [];
    const pageOf = (some: readonly EvidenceRecord[], from: number) => ({
      texts: [],
      places: some.map(({ id }, at) => ({ no: from + at, id })),
    });
    const evidence: PinnedEvidence = {
      ...evidenceIn(large),
      kept: {
        pages: async function* () {
          yield [pageOf(large.slice(0, 3), 0), pageOf(large.slice(3), 2_048)];
        },
        keep: async (parts) => void kept.push(...parts.flatMap(({ numbers }) => numbers.slice(0, 1))),
      },
    };
    let read = 0;
    await readEach(
      evidence,
      () => test,
      () => (read += 1),
    );
    expect([read, kept]).toEqual([40, [0]]);
  });

  it('costs nothing but time where the store cannot be written', async () => {
    await inStore(world, async (kept) => {
      const { evidence } = watched(kept, snapshot);
      const keep = () => Promise.reject(new Error('the disk is full'));
      const stuck = evidence.kept && { ...evidence, kept: { ...evidence.kept, keep } };
      expect(stuck && (await readBytes(snapshot, stuck))).toBe(await readBytes(snapshot, evidenceIn(world)));
      expect(await kept.db.selectFrom('interpretation').select('block').execute()).toEqual([]);
    });
  });
});

it('says of what was just pulled what its body says later, though a source writes its members in another order than the store', async () => {
  const [chunk] = largeSeries(10);
  const [body] = [chunk?.body].flatMap((value) => (typeof value === 'object' && value !== null ? [value] : []));
  const swapped: Json = { ...body, dimensions: { TargetGroup: 'targetgroup/api', LoadBalancer: 'app/api' } };
  const series = connectorOf('aws-prod')?.streams.find(({ spec }) => spec.id === 'series');
  const pull = () => [recordItem(chunk?.nativeId ?? '', swapped)];
  const connector = fakeConnector('cloudwatch', [{ spec: { id: 'series' }, pull, ...(series && { normalize: series.normalize }) }]);
  await inStore([], async ({ db, store, run }) => {
    const now = instantAt(BEGAN_MS + DAY_MS);
    const deps = { clock: fakeClock('16:00'), evidence: store, log: quietLog(), run, now, circuit: openCircuit() };
    const ask: Ask = { source: 'aws-prod', stream: 'series', window: windowOf('12:00', '16:00'), keys: [], scope: {} };
    await pullAsk({ ...deps, pages: startPageKeeper(store, ENGINE) }, { name: 'aws-prod', connector, client: {} }, ask);
    const found = await store.lastPull(ask);
    const records = await store.read(found?.evidence ?? [], run);
    const kept = watched({ db, store, run }, snapshotOf(records));
    const told: string[] = [];
    for (const evidence of [kept.evidence, evidenceIn(records)])
      await readEach(
        evidence,
        () => connector,
        (stamped) => told.push(JSON.stringify(stamped.series)),
      );
    expect(kept.read).toEqual([]);
    expect(told).toHaveLength(2);
    expect(told[0]).toBe(told[1]);
  });
});

it('law: a case that is put together while its records are read is the one made of all of them, in whatever order they come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 250 }), fc.integer(), fc.boolean(), async (count, seed, isRepeated) => {
      const random = randomOf(seed);
      const own = worldOf(count);
      const [first] = own;
      // Two records that tell one event: the same object under another name.
      const twin = first && seal({ ...first, nativeId: `${first.nativeId}~twin`, observedTime: addMs(OBSERVED, 1) });
      const world = [...own, ...(isRepeated && twin ? [twin] : [])].toSorted(() => random() - 0.5);
      const snapshot = snapshotOf(world);
      const stamped = world.flatMap((record) => {
        const connector = connectorOf(record.source);
        return connector ? [interpret(record, connector)] : [];
      });
      const made = bytesOf(assemble(snapshot, stamped, []));
      const read = await readCase({ snapshot, evidence: evidenceIn(world) }, { connectorOf });
      expect(bytesOf(read)).toBe(made);
    }),
    { numRuns: 20 },
  );
});
