import { sql } from 'kysely';
import type { Snapshot } from '../../src/core/case.ts';
import type { EvidenceId, EvidenceRecord } from '../../src/core/evidence.ts';
import type { Instant } from '../../src/core/time.ts';
import { BEGAN_MS, DAY_MS, DAYS, INCIDENT, largeEvidence, largeSeries, SERVICES } from './large-evidence.ts';

/**
 * A process of its own, over the built code: `DIST fill STORE RECORDS POINTS` writes a store, `DIST time STORE ROUNDS` measures it
 * against `JSON.parse`, `DIST hold STORE` says what it held. The answer is one line of JSON.
 */
const [dist = '', what = '', path = '', first = '', second = ''] = process.argv.slice(2);

const { openDatabase }: typeof import('../../src/storage/database.ts') = await import(`${dist}src/storage/database.js`);
const { createEvidenceStore }: typeof import('../../src/storage/evidence-store.ts') = await import(`${dist}src/storage/evidence-store.js`);
const { dropCaches }: typeof import('../../src/storage/caches.ts') = await import(`${dist}src/storage/caches.js`);
const { CONNECTORS }: typeof import('../../connectors/index.ts') = await import(`${dist}connectors/index.js`);
const { readCase, storedEvidence }: typeof import('../../src/app/derive.ts') = await import(`${dist}src/app/derive.js`);
const { DEFAULT_DRAFT, DEFAULT_POLICY }: typeof import('../../src/core/analysis/policy.ts') = await import(
  `${dist}src/core/analysis/policy.js`
);
const { seal }: typeof import('../../src/core/evidence.ts') = await import(`${dist}src/core/evidence.js`);
const { instantAt }: typeof import('../../src/core/time.ts') = await import(`${dist}src/core/time.js`);
const { mergeTimeline }: typeof import('../../src/core/timeline/merge.ts') = await import(`${dist}src/core/timeline/merge.js`);

const RUN = 1;
const NORMALIZERS = Object.fromEntries(
  Object.entries({ pagerduty: 'pagerduty', 'aws-prod': 'cloudwatch', github: 'github' }).map(([source, id]) => [
    source,
    CONNECTORS.find((connector) => connector.id === id)?.normalizer ?? '',
  ]),
);

const db = await openDatabase(`sqlite:${path}`);
const store = createEvidenceStore(db);
const observed = instantAt(BEGAN_MS + 30 * DAY_MS);
const answer = { fill, time, hold }[what];
process.stdout.write(`${JSON.stringify(await answer?.())}\n`);
await db.destroy();

async function fill(): Promise<{ readonly records: number }> {
  const run = await store.startRun(observed);
  let batch: EvidenceRecord[] = [];
  let records = 0;
  const flush = async () => {
    await store.keep(run, batch);
    records += batch.length;
    batch = [];
  };
  for (const source of [largeEvidence(Number(first)), largeSeries(Number(second))]) {
    for (const record of source) {
      batch.push(seal({ ...record, observedTime: observed }));
      if (batch.length === 1_000) await flush();
    }
  }
  await flush();
  return { records };
}

/** Processor time of each in turn, in milliseconds: what else the machine does is not counted. */
async function time(): Promise<{ readonly events: number; readonly megabytes: number; readonly rounds: readonly Round[] }> {
  const evidence = await pinnedIds();
  const texts = (await db.selectFrom('evidence').select('body').execute()).map(({ body }) => body ?? '');
  const rounds: Round[] = [];
  let events = 0;
  for (let round = 0; round < Number(first); round += 1) {
    const parse = await costOf(async () => texts.forEach((text) => void JSON.parse(text)));
    const held = await costOf(async () => void texts.map((text): unknown => JSON.parse(text)));
    const read = await costOf(async () => void (await readAll(evidence)));
    await dropCaches(db);
    const first = await costOf(async () => void (await timelineOf(evidence)));
    const timeline = await costOf(async () => {
      events = (await timelineOf(evidence)).events;
    });
    rounds.push({ parse, held, read, first, timeline });
  }
  return { events, megabytes: texts.reduce((sum, { length }) => sum + length, 0) / 1e6, rounds };
}

interface Round {
  /** Each body parsed and dropped. */
  readonly parse: number;
  /** Each body parsed and all of them kept, as one parse of the whole would: what of `timeline` must be kept is a part of that. */
  readonly held: number;
  /** Every row from the store, parsed and dropped: what of `first` is the store's. */
  readonly read: number;
  /** To the timeline where nothing is kept of how the records read: each is normalized, and how it reads is kept. */
  readonly first: number;
  /** The same again, as every later draft of the records. */
  readonly timeline: number;
}

async function costOf(run: () => Promise<void>): Promise<number> {
  globalThis.gc?.();
  const started = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}

/** What a process holds that finds the readings kept; `DIST keep STORE` is the one before it. */
async function hold(): Promise<object> {
  const counts = await timelineOf(await pinnedIds());
  return { ...counts, maxRssMb: process.resourceUsage().maxRSS / 1_024 };
}

/** As a stored snapshot has them: one text that is parsed. */
async function pinnedIds(): Promise<readonly EvidenceId[]> {
  const [listed] = (
    await sql<{ readonly ids: string }>`select json_group_array(id) as ids from (select id from evidence order by id)`.execute(db)
  ).rows;
  return JSON.parse(listed?.ids ?? '[]');
}

async function readAll(evidence: readonly EvidenceId[]): Promise<number> {
  let records = 0;
  for await (const batch of store.batches(evidence, RUN)) records += batch.length;
  return records;
}

/** From stored evidence to the timeline: rows, bodies, normalizers, stamps, people's roles, the case, the merged and owned timeline. */
async function timelineOf(
  ids: readonly EvidenceId[],
): Promise<{ readonly events: number; readonly rows: number; readonly points: number }> {
  const snapshot = snapshotOf(ids);
  const evidence = storedEvidence(store, snapshot, snapshot.engine);
  const connectorOf = (_source: string, normalizer = '') => CONNECTORS.find(({ id }) => id === normalizer.split('/')[0]);
  const theCase = await readCase({ snapshot, evidence }, { connectorOf });
  const timeline = mergeTimeline(theCase.events, theCase);
  const points = theCase.series.reduce((sum, { values }) => sum + values.length, 0);
  return { events: theCase.events.length, rows: timeline.length, points };
}

function snapshotOf(evidence: readonly EvidenceId[]): Snapshot {
  const [from, to]: readonly [Instant, Instant] = [instantAt(BEGAN_MS), instantAt(BEGAN_MS + DAYS * DAY_MS)];
  const window = { from, to };
  return {
    incidents: [INCIDENT],
    windows: { incident: window, changes: window, baseline: window },
    evidence,
    coverage: Object.keys(NORMALIZERS).map((source) => ({ source, stream: 'any', need: 'needed', window, status: 'complete', gaps: [] })),
    lastEdit: 0,
    takenAt: observed,
    engine: 'bench',
    policy: DEFAULT_POLICY,
    services: SERVICES,
    people: [],
    draft: DEFAULT_DRAFT,
    normalizers: NORMALIZERS,
    run: RUN,
  };
}
