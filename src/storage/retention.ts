import type { Kysely, Transaction } from 'kysely';
import type { Retention } from '../app/retention-ports.ts';
import type { Snapshot } from '../core/case.ts';
import { type EvidenceId, parseEvidenceId, type Tombstone } from '../core/evidence.ts';
import { type Instant, parseInstant } from '../core/time.ts';
import { CACHES_OF_BODIES } from './caches.ts';
import { chunked } from './chunks.ts';
import { addNumber, takeTurn, textType } from './dialect.ts';
import { sound } from './rows.ts';
import { readRecords } from './stored-records.ts';
import { sweep } from './sweep.ts';
import type { Database, Tables } from './tables.ts';

/** Rows of one look, most of which are not due. */
const LOOK = 1_000;
/** Records, and characters of their bodies, that one transaction purges. */
const MAX_DUE = 100;
const MAX_CHARACTERS = 1_000_000;
/** Snapshots at a time: each is read whole. */
const PAGE = 50;
/** Ids of one question, well under SQLite's limit of parameters. */
const ASKED = 500;

export async function createRetentionTables(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await db.schema.alterTable('run').addColumn('begun_at', text).execute();
  await addNumber(db, db.schema.createTable('tombstone'), 'no')
    .addColumn('evidence_no', 'integer', (column) => column.notNull().references('evidence.no'))
    .addColumn('kind', text, (column) => column.notNull())
    .addColumn('told_at', text, (column) => column.notNull())
    .addColumn('purged_at', text, (column) => column.notNull())
    .addColumn('why', text, (column) => column.notNull())
    .execute();
  await db.schema.createIndex('tombstone_evidence').on('tombstone').columns(['evidence_no', 'no']).execute();
  await db.schema
    .createTable('kept_draft')
    .addColumn('draft_id', text, (column) => column.primaryKey())
    .addColumn('reading', text, (column) => column.notNull())
    .addColumn('body', text)
    .execute();
  await db.schema.createIndex('kept_draft_reading').on('kept_draft').column('reading').execute();
}

/** By record, what else names it: without them each record that is looked at walks every link and everything that was ever told. */
export async function createRetentionIndexes(db: Kysely<Tables>): Promise<void> {
  await db.schema.createIndex('told_evidence').on('told').column('evidence_no').execute();
  await db.schema.createIndex('reading_evidence_record').on('reading_evidence').column('evidence_no').execute();
}

export function createRetention(db: Database): Retention {
  return {
    look: (before, after) => look(db, before, after),
    purge: (before, records) => purge(db, before, records),
    bury: async (records) => {
      for (const batch of chunked(records, () => 0)) await db.transaction().execute((trx) => bury(trx, batch));
    },
    tombstones: (ids) => tombstonesOf(db, ids),
    unkept: async (after) => {
      const rows = await db
        .selectFrom('snapshot')
        .select(['no', 'draft_id', 'body'])
        .where('no', '>', after)
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('kept_draft').select('reading').whereRef('kept_draft.draft_id', '=', 'snapshot.draft_id'))),
        )
        .orderBy('no')
        .limit(PAGE)
        .execute();
      return rows.map(({ no, draft_id, body }) => {
        const snapshot: Snapshot = JSON.parse(body);
        return { no, draftId: draft_id, snapshot };
      });
    },
    keep: (draftId, { reading, body }) =>
      db.transaction().execute(async (trx) => {
        await takeTurn(trx, 'kept drafts');
        const known = await keptRow(trx, reading);
        await trx
          .insertInto('kept_draft')
          .values({ draft_id: draftId, reading, body: known ? null : body })
          .onConflict((conflict) => conflict.column('draft_id').doNothing())
          .execute();
      }),
    kept: async (reading) => (await keptRow(db, reading))?.body ?? undefined,
    sweep: (stop) => sweep(db, stop),
  };
}

function keptRow(db: Kysely<Tables>, reading: string) {
  return db
    .selectFrom('kept_draft')
    .select('body')
    .where('reading', '=', reading)
    .where('body', 'is not', null)
    .limit(1)
    .executeTakeFirst();
}

/** Of rows up to a number, those that are due. What people stated stays: it is theirs, like their edits, and no source has it. */
function dueRows(db: Kysely<Tables>, before: Instant) {
  return db
    .selectFrom('evidence')
    .where('body', 'is not', null)
    .where('observed_time', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('run_evidence')
            .innerJoin('run', 'run.id', 'run_evidence.run_id')
            .select('run.id')
            .whereRef('run_evidence.evidence_no', '=', 'evidence.no')
            .where(({ eb, fn }) => eb(fn.coalesce('begun_at', 'started_at'), '>=', before)),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('reading_evidence')
            .innerJoin('reading', 'reading.id', 'reading_evidence.reading_id')
            .select('reading.id')
            .whereRef('reading_evidence.evidence_no', '=', 'evidence.no')
            .where('at', '>=', before),
        ),
      ),
    )
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('told').select('told.no').whereRef('told.evidence_no', '=', 'evidence.no').where('told.connector', '=', 'manual'),
        ),
      ),
    );
}

async function look(db: Database, before: Instant, after: number): ReturnType<Retention['look']> {
  const last = await db
    .selectFrom('evidence')
    .select('no')
    .where('no', '>', after)
    .orderBy('no')
    .limit(1)
    .offset(LOOK - 1)
    .executeTakeFirst();
  const some = dueRows(db, before)
    .select(['evidence.id', 'evidence.no', ({ fn }) => fn<number>('length', ['evidence.body']).as('characters')])
    .where('evidence.no', '>', after);
  const rows = await (last ? some.where('evidence.no', '<=', last.no) : some).orderBy('evidence.no').limit(MAX_DUE).execute();
  let characters = 0;
  const fitting = rows.filter((row, index) => {
    characters += row.characters;
    return index === 0 || characters <= MAX_CHARACTERS;
  });
  const ids = fitting.flatMap(({ id }) => parseEvidenceId(id) ?? []);
  const isCut = fitting.length < rows.length || rows.length === MAX_DUE;
  const next = isCut ? fitting.at(-1)?.no : last?.no;
  return { due: await readRecords(db, ids, undefined), ...(next !== undefined && { next }) };
}

/** Asked anew under the turn that every run takes which links a record: one that was read meanwhile stays. */
function purge(db: Database, before: Instant, records: readonly Tombstone[]): Promise<number> {
  const known = new Map<string, Tombstone>(records.map((record) => [record.id, record]));
  return db.transaction().execute(async (trx) => {
    await takeTurn(trx, 'purge');
    const rows = await dueRows(trx, before)
      .select(['evidence.no', 'evidence.id'])
      .where('evidence.id', 'in', [...known.keys()])
      .orderBy('evidence.no')
      .execute();
    if (rows.length === 0) return 0;
    const numbers = rows.map(({ no }) => no);
    await trx
      .insertInto('tombstone')
      .values(
        rows.flatMap(({ no, id }) => {
          const record = known.get(id);
          return record ? rowOf(record, no) : [];
        }),
      )
      .execute();
    await trx.updateTable('evidence').set({ body: null }).where('no', 'in', numbers).execute();
    for (const forget of CACHES_OF_BODIES) await forget(trx, numbers);
    return rows.length;
  });
}

async function bury(trx: Transaction<Tables>, records: readonly Tombstone[]): Promise<void> {
  await takeTurn(trx, 'purge');
  const ids = records.map(({ id }) => id);
  const stored = await trx.selectFrom('evidence').select('id').where('id', 'in', ids).execute();
  const known = new Set(stored.map(({ id }) => id));
  const fresh = records.filter(({ id }) => !known.has(id));
  if (fresh.length === 0) return;
  const rows = await trx
    .insertInto('evidence')
    .values(
      fresh.map(({ id, source, stream, nativeId, at }) => ({ id, source, stream, native_id: nativeId, body: null, observed_time: at })),
    )
    .returning(['no', 'id'])
    .execute();
  const numbers = new Map(rows.map(({ no, id }) => [id, no]));
  await trx
    .insertInto('tombstone')
    .values(fresh.flatMap((record) => rowOf(record, numbers.get(record.id))))
    .execute();
}

function rowOf({ kind, at, purgedAt, why }: Tombstone, no: number | undefined) {
  return no === undefined ? [] : [{ evidence_no: no, kind, told_at: at, purged_at: purgedAt, why }];
}

async function tombstonesOf(db: Database, ids: readonly EvidenceId[]): Promise<readonly Tombstone[]> {
  // Where nothing was ever purged, nothing is looked for.
  if (!(await db.selectFrom('tombstone').select('no').limit(1).executeTakeFirst())) return [];
  const found: Tombstone[] = [];
  for (let from = 0; from < ids.length; from += ASKED) {
    const rows = await db
      .selectFrom('evidence')
      .innerJoin('tombstone', 'tombstone.evidence_no', 'evidence.no')
      .select(['id', 'source', 'stream', 'native_id', 'kind', 'told_at', 'purged_at', 'why'])
      .where('id', 'in', ids.slice(from, from + ASKED))
      .where('body', 'is', null)
      .orderBy('tombstone.no')
      .execute();
    found.push(...rows.map(toTombstone));
  }
  // One that was read again after a purge and purged again has two: the last one holds.
  return [...new Map(found.map((one) => [one.id, one])).values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

interface Row {
  readonly id: string;
  readonly source: string;
  readonly stream: string;
  readonly native_id: string;
  readonly kind: string;
  readonly told_at: string;
  readonly purged_at: string;
  readonly why: string;
}

function toTombstone({ id, source, stream, native_id, kind, told_at, purged_at, why }: Row): Tombstone {
  return {
    id: sound(parseEvidenceId(id), id),
    source,
    stream,
    nativeId: native_id,
    kind,
    at: sound(parseInstant(told_at), id),
    purgedAt: sound(parseInstant(purged_at), id),
    why,
  };
}
