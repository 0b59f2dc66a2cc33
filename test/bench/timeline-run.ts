import { sql } from 'kysely';
import type { Snapshot } from '../../src/core/case.ts';
import type { EvidenceId, EvidenceRecord } from '../../src/core/evidence.ts';
import type { Instant } from '../../src/core/time.ts';
import { median } from './held.ts';
import { BEGAN_MS, DAY_MS, DAYS, INCIDENT, largeEvidence, largeSeries, SERVICES } from './large-evidence.ts';
import type { Cost, Timed } from './timeline.ts';

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
const { keepYoungSpace }: typeof import('../../src/platform/young-space.ts') = await import(`${dist}src/platform/young-space.js`);
const { seal }: typeof import('../../src/core/evidence.ts') = await import(`${dist}src/core/evidence.js`);
const { instantAt }: typeof import('../../src/core/time.ts') = await import(`${dist}src/core/time.js`);
const { mergeTimeline }: typeof import('../../src/core/timeline/merge.ts') = await import(`${dist}src/core/timeline/merge.js`);

const RUN = 1;
/** Rounds that are not counted: code is compiled in them. */
const WARM = 3;
const NORMALIZERS = Object.fromEntries(
  Object.entries({ pagerduty: 'pagerduty', 'aws-prod': 'cloudwatch', github: 'github' }).map(([source, id]) => [
    source,
    CONNECTORS.find((connector) => connector.id === id)?.normalizer ?? '',
  ]),
);

const db = await openDatabase(`sqlite:${path}`);
const store = createEvidenceStore(db);
// As whoever opens a store (`src/compose.ts`).
keepYoungSpace();
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

/**
 * Processor time of each with `JSON.parse` of the same texts beside it, in milliseconds: what else the machine does is not counted, and
 * the threads of the collector and of the compiler are. No collection is forced: that throws away what was compiled in the round before,
 * which no process that drafts does. What falls into the rounds by itself is counted by their mean; of `JSON.parse`, which leaves hardly
 * anything to collect, the median is taken, so that no other's garbage makes it look slow.
 */
async function time(): Promise<Timed> {
  const evidence = await pinnedIds();
  const texts = (await db.selectFrom('evidence').select('body').execute()).map(({ body }) => body ?? '');
  const parse = async () => texts.forEach((text) => void JSON.parse(text));
  const measured = async (rounds: number, run: () => Promise<unknown>, before?: () => Promise<void>): Promise<Cost> => {
    const costs: Cost[] = [];
    for (let round = -WARM; round < rounds; round += 1) {
      await before?.();
      const cost = { ms: await costOf(run), parseMs: await costOf(parse) };
      if (round >= 0) costs.push(cost);
    }
    return { ms: costs.reduce((sum, { ms }) => sum + ms, 0) / rounds, parseMs: median(costs.map(({ parseMs }) => parseMs)) };
  };
  const rounds = Number(first);
  const held = await measured(rounds, async () => texts.map((text): unknown => JSON.parse(text)));
  const read = await measured(rounds, () => readAll(evidence));
  const anew = await measured(
    rounds,
    () => timelineOf(evidence),
    () => dropCaches(db),
  );
  const timeline = await measured(4 * rounds, () => timelineOf(evidence));
  const { events } = await timelineOf(evidence);
  return { events, megabytes: texts.reduce((sum, { length }) => sum + length, 0) / 1e6, held, read, anew, timeline };
}

async function costOf(run: () => Promise<unknown>): Promise<number> {
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
