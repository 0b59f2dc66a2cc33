import type { Transaction } from 'kysely';
import type { Ask, EvidenceStore, FiledPull, StoredPull } from '../app/ports.ts';
import { canonical, digestText } from '../core/digest.ts';
import { type EvidenceId, type EvidenceRecord, parseEvidenceId } from '../core/evidence.ts';
import type { Instant } from '../core/time.ts';
import { chunked } from './chunks.ts';
import { shareTurn } from './dialect.ts';
import { createInterpretations } from './interpretations.ts';
import { createReadings, dropReadings } from './readings.ts';
import { canonicalAsk, numberOf, numbersOf, sound } from './rows.ts';
import { readRecords, streamRecords } from './stored-records.ts';
import type { Database, Tables } from './tables.ts';
import { createToldRecords } from './told-records.ts';

export function createEvidenceStore(db: Database): EvidenceStore {
  const store = createPulledEvidence(db);
  return {
    ...store,
    ...createToldRecords(db, {
      keepBatch: async (trx, run, records) => void (await keepBatch(trx, run, rowsOf(records))),
      read: (ids) => store.read(ids.flatMap((id) => parseEvidenceId(id) ?? [])),
    }),
  };
}

function createPulledEvidence(db: Database): Omit<EvidenceStore, 'tell' | 'told' | 'toldSources'> {
  return {
    startRun: async (startedAt, begunAt = startedAt) => {
      const { id } = await db
        .insertInto('run')
        .values({ started_at: startedAt, begun_at: begunAt })
        .returning('id')
        .executeTakeFirstOrThrow();
      return id;
    },
    keep: async (run, records) => {
      const added = new Map<EvidenceId, number>();
      for (const batch of chunked(rowsOf(records), ({ body }) => body.length)) {
        for (const { id, no } of await db.transaction().execute((trx) => keepBatch(trx, run, batch))) added.set(id, no);
      }
      return added;
    },
    ...createReadings(db),
    finishPull: async (run, pull) => {
      await finishPull(db, run, pull);
      if (pull.pulled.status === 'complete') await dropReadings(db, pull.ask);
    },
    lastPull: (ask, from) => lastPull(db, ask, from),
    read: (ids, run) => readRecords(db, ids, run),
    batches: (ids, run) => streamRecords(db, ids, run),
    ...createInterpretations(db),
  };
}

interface Added {
  readonly id: EvidenceId;
  readonly no: number;
}

interface Row {
  readonly record: EvidenceRecord;
  readonly body: string;
}

/** A page that moved while it was read gives a record twice; its last place is the one that counts. */
function rowsOf(records: readonly EvidenceRecord[]): readonly Row[] {
  const newest = new Map(records.map((record) => [record.id, record]));
  return [...newest.values()].map((record) => ({ record, body: canonical(record.body) }));
}

/** Returns those that were not stored before. */
async function keepBatch(trx: Transaction<Tables>, run: number, batch: readonly Row[]): Promise<readonly Added[]> {
  // Nothing of it is purged before it is linked to the run that reads it.
  await shareTurn(trx, 'purge');
  const added = await trx
    .insertInto('evidence')
    .values(
      // In one order by all: two processes that keep the same records in two orders would wait for each other.
      batch.toSorted(byId).map(({ record, body }) => ({
        id: record.id,
        source: record.source,
        stream: record.stream,
        native_id: record.nativeId,
        body,
        observed_time: record.observedTime,
      })),
    )
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning(['id', 'no'])
    .execute();
  const numbers = await storedNumbers(trx, batch);
  const links = batch.map(({ record }) => ({ evidence_no: numberOf(numbers, record.id), run_id: run, sequence: record.sequence ?? null }));
  await trx
    .insertInto('run_evidence')
    // In one order as well: two questions of a run that bring the same stored records would wait for each other's links.
    .values(links.toSorted((a, b) => a.evidence_no - b.evidence_no))
    .onConflict((conflict) =>
      // Two questions of a run may each have placed the record: the later of the places stands, whichever was answered last.
      conflict
        .columns(['evidence_no', 'run_id'])
        .doUpdateSet({ sequence: ({ ref }) => ref('excluded.sequence') })
        .where(({ eb, ref, or }) =>
          or([eb(ref('run_evidence.sequence'), 'is', null), eb(ref('excluded.sequence'), '>', ref('run_evidence.sequence'))]),
        ),
    )
    .execute();
  return added.map(({ id, no }) => ({ id: sound(parseEvidenceId(id), id), no }));
}

/** The rows' numbers. A record that is read again after it was purged has its body back; its tombstone stays, as what happened. */
async function storedNumbers(trx: Transaction<Tables>, batch: readonly Row[]): Promise<ReadonlyMap<string, number>> {
  const bodies = new Map<string, string>(batch.map(({ record, body }) => [record.id, body]));
  const rows = await trx
    .selectFrom('evidence')
    .select(['id', 'no', ({ eb }) => eb('body', 'is', null).as('isPurged')])
    .where('id', 'in', [...bodies.keys()])
    .orderBy('no')
    .execute();
  for (const { id } of rows.filter(({ isPurged }) => isPurged)) {
    const body = bodies.get(id);
    if (body !== undefined) await trx.updateTable('evidence').set({ body }).where('id', '=', id).execute();
  }
  return new Map(rows.map(({ id, no }) => [id, no]));
}

function byId(a: Row, b: Row): number {
  return a.record.id < b.record.id ? -1 : 1;
}

/** The links come first and the mark that they are complete last, so that a process killed between leaves no half answer. */
async function finishPull(db: Database, run: number, { ask, pulled, evidence }: StoredPull): Promise<void> {
  const { id } = await db
    .insertInto('pull')
    .values({ run_id: run, question: questionOf(ask), ask: canonicalAsk(ask), pulled: JSON.stringify(pulled), finished: 0 })
    .returning('id')
    .executeTakeFirstOrThrow();
  const links = evidence.map((evidenceId, position) => ({ evidenceId, position }));
  for (const batch of chunked(links, () => 0)) {
    await db.transaction().execute(async (trx) => {
      const numbers = await numbersOf(
        trx,
        batch.map(({ evidenceId }) => evidenceId),
      );
      await trx
        .insertInto('pull_evidence')
        .values(batch.map(({ evidenceId, position }) => ({ pull_id: id, position, evidence_no: numberOf(numbers, evidenceId) })))
        .execute();
    });
  }
  await db.updateTable('pull').set({ finished: 1 }).where('id', '=', id).execute();
}

async function lastPull(db: Database, ask: Ask, from: Instant | undefined): Promise<FiledPull | undefined> {
  const row = await db
    .selectFrom('pull')
    .innerJoin('run', 'run.id', 'pull.run_id')
    .select(['pull.id', 'pull.run_id', 'ask', 'pulled'])
    .where('question', '=', questionOf(ask))
    .where('started_at', '>=', from ?? '')
    .where('finished', '=', 1)
    .orderBy('pull.id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  const links = await db
    .selectFrom('pull_evidence')
    .innerJoin('evidence', 'evidence.no', 'pull_evidence.evidence_no')
    .select('evidence.id')
    .where('pull_id', '=', row.id)
    .orderBy('position')
    .execute();
  const asked: Ask = JSON.parse(row.ask);
  const pulled: StoredPull['pulled'] = JSON.parse(row.pulled);
  return { run: row.run_id, ask: asked, pulled, evidence: links.map(({ id }) => sound(parseEvidenceId(id), id)) };
}

/** What was asked, whatever the order of its keys: the same question has the same answer. */
function questionOf(ask: Ask): string {
  return digestText(canonicalAsk({ ...ask, keys: [...new Set(ask.keys)].sort() }));
}
