import { type Kysely, sql } from 'kysely';
import { AppError } from '../app/errors.ts';
import { addListingRounds } from './backfill-store.ts';
import { createDeliveryTables } from './deliveries.ts';
import { addNumber, endLinks, isPostgres, takeTurn, textType } from './dialect.ts';
import { createInterpretationTable, splitInterpretationTable } from './interpretations.ts';
import { createNoteTable } from './notes.ts';
import { createRetentionIndexes, createRetentionTables } from './retention.ts';
import { type Database, MIGRATION_TABLE, type Tables } from './tables.ts';

/** One step of the schema. Steps are only ever added at the end, and a released one is never changed. */
export interface Migration {
  readonly name: string;
  up(db: Kysely<Tables>): Promise<void>;
}

/** A step's version is its place, from 1. */
export const MIGRATIONS: readonly Migration[] = [
  { name: 'evidence', up: createEvidence },
  { name: 'pulls', up: createPulls },
  { name: 'snapshots, drafts and edits', up: createDrafts },
  { name: 'what was told', up: createTold },
  { name: 'budgets', up: createBudgets },
  { name: 'readings', up: createReadings },
  { name: 'backfills and jobs', up: createBackfills },
  { name: 'deliveries', up: createDeliveryTables },
  { name: 'retention', up: createRetentionTables },
  { name: 'notes', up: createNoteTable },
  { name: 'interpretations', up: createInterpretationTable },
  { name: 'what names a record', up: createRetentionIndexes },
  { name: 'rounds of a listing', up: addListingRounds },
  { name: 'interpretations in parts', up: splitInterpretationTable },
];

/**
 * Brings the store to the newest schema, in one transaction: of several processes that open it at once one does the work and the
 * others find it done. Throws AppError('config') where a newer Hindcast has been here, since it may have changed what a row means.
 */
export async function migrate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<void> {
  // An up-to-date store is only read, so that opening it never waits for a writer.
  if (await isUpToDate(db, migrations)) return;
  await db.transaction().execute(async (trx) => {
    await takeTurn(trx, 'schema');
    await trx.schema
      .createTable(MIGRATION_TABLE)
      .ifNotExists()
      .addColumn('version', 'integer', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .execute();
    const version = await versionOf(trx);
    if (isCurrent(version, migrations.length)) return;
    for (const [index, { name, up }] of migrations.entries()) {
      if (index < version) continue;
      await up(trx);
      await trx
        .insertInto(MIGRATION_TABLE)
        .values({ version: index + 1, name })
        .execute();
    }
  });
}

/** Whether nothing is left to do; only reads. Throws AppError('config') as `migrate` does. */
export async function isUpToDate(db: Database, migrations: readonly Migration[] = MIGRATIONS): Promise<boolean> {
  return (await hasTable(db)) && isCurrent(await versionOf(db), migrations.length);
}

/** Asks for the one table by its name: whoever lists them all, with their columns, fails where another process just drops one. */
async function hasTable(db: Kysely<Tables>): Promise<boolean> {
  const named = isPostgres(db)
    ? sql<object>`select 1 as found where to_regclass(${MIGRATION_TABLE}) is not null`
    : sql<object>`select 1 as found from sqlite_master where type = 'table' and name = ${MIGRATION_TABLE}`;
  return (await named.execute(db)).rows.length > 0;
}

/** How far the schema of a store has come. */
export async function versionOf(db: Kysely<Tables>): Promise<number> {
  const row = await db
    .selectFrom(MIGRATION_TABLE)
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirst();
  return row?.version ?? 0;
}

function isCurrent(version: number, known: number): boolean {
  if (version <= known) return version === known;
  throw new AppError(
    'config',
    `the store was written by a newer Hindcast (schema ${version}, this one knows ${known}): upgrade, or set \`storage.url\` to another file`,
  );
}

async function createEvidence(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await addNumber(db, db.schema.createTable('run'), 'id')
    .addColumn('started_at', text, (column) => column.notNull())
    .execute();
  await addNumber(db, db.schema.createTable('evidence'), 'no')
    .addColumn('id', text, (column) => column.notNull().unique())
    .addColumn('source', text, (column) => column.notNull())
    .addColumn('stream', text, (column) => column.notNull())
    .addColumn('native_id', text, (column) => column.notNull())
    .addColumn('body', text)
    .addColumn('observed_time', text, (column) => column.notNull())
    .execute();
  await addNumber(db, db.schema.createTable('run_evidence'), 'no')
    .addColumn('evidence_no', 'integer', (column) => column.notNull().references('evidence.no'))
    .addColumn('run_id', 'integer', (column) => column.notNull().references('run.id'))
    .addColumn('sequence', 'integer')
    .addUniqueConstraint('run_evidence_link', ['evidence_no', 'run_id'])
    .execute();
}

async function createPulls(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await addNumber(db, db.schema.createTable('pull'), 'id')
    .addColumn('run_id', 'integer', (column) => column.notNull().references('run.id'))
    .addColumn('question', text, (column) => column.notNull())
    .addColumn('ask', text, (column) => column.notNull())
    .addColumn('pulled', text, (column) => column.notNull())
    .addColumn('finished', 'integer', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('pull_question').on('pull').columns(['question', 'finished']).execute();
  await endLinks(db, db.schema.createTable('pull_evidence'))
    .addColumn('pull_id', 'integer', (column) => column.notNull().references('pull.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('evidence_no', 'integer', (column) => column.notNull().references('evidence.no'))
    .addPrimaryKeyConstraint('pull_evidence_place', ['pull_id', 'position'])
    .execute();
  await db.schema
    .createTable('checkpoint')
    .addColumn('run_id', 'integer', (column) => column.notNull().references('run.id'))
    .addColumn('ask', text, (column) => column.notNull())
    .addColumn('cursor', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('checkpoint_ask', ['run_id', 'ask'])
    .execute();
}

async function createDrafts(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await addNumber(db, db.schema.createTable('snapshot'), 'no')
    .addColumn('draft_id', text, (column) => column.notNull().unique())
    .addColumn('incident', text, (column) => column.notNull())
    .addColumn('window_from', text, (column) => column.notNull())
    .addColumn('window_to', text, (column) => column.notNull())
    .addColumn('body', text, (column) => column.notNull())
    .execute();
  await addNumber(db, db.schema.createTable('drafting'), 'no')
    .addColumn('incident', text, (column) => column.notNull())
    .addColumn('snapshot_no', 'integer', (column) => column.notNull().references('snapshot.no'))
    .execute();
  await db.schema.createIndex('drafting_incident').on('drafting').columns(['incident', 'no']).execute();
  await db.schema
    .createTable('edit')
    .addColumn('incident', text, (column) => column.notNull())
    .addColumn('sequence', 'integer', (column) => column.notNull())
    .addColumn('body', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('edit_number', ['incident', 'sequence'])
    .execute();
  await db.schema
    .createTable('rendered')
    .addColumn('draft_id', text, (column) => column.primaryKey())
    .addColumn('body', text, (column) => column.notNull())
    .execute();
}

async function createBudgets(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await db.schema
    .createTable('budget')
    .addColumn('source', text, (column) => column.primaryKey())
    .addColumn('account', text, (column) => column.notNull())
    .execute();
}

async function createTold(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await addNumber(db, db.schema.createTable('told'), 'no')
    .addColumn('evidence_no', 'integer', (column) => column.notNull().references('evidence.no'))
    .addColumn('connector', text, (column) => column.notNull())
    .addColumn('source', text, (column) => column.notNull())
    .addColumn('stream', text, (column) => column.notNull())
    .addColumn('native_id', text, (column) => column.notNull())
    .addColumn('incident', text)
    .addColumn('from_at', text)
    .addColumn('to_at', text)
    .execute();
  await db.schema.createIndex('told_object').on('told').columns(['source', 'stream', 'native_id', 'no']).execute();
  await db.schema.createIndex('told_incident').on('told').columns(['source', 'stream', 'incident']).execute();
  await db.schema.createIndex('told_time').on('told').columns(['source', 'stream', 'from_at', 'to_at']).execute();
}

async function createReadings(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await db.schema.dropTable('checkpoint').execute();
  await addNumber(db, db.schema.createTable('reading'), 'id')
    .addColumn('run_id', 'integer', (column) => column.notNull().references('run.id'))
    .addColumn('question', text, (column) => column.notNull())
    .addColumn('whole', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addColumn('progressed', text, (column) => column.notNull())
    .addUniqueConstraint('reading_question', ['question', 'run_id'])
    .execute();
  await db.schema.createIndex('reading_whole').on('reading').column('whole').execute();
  await endLinks(db, db.schema.createTable('reading_evidence'))
    .addColumn('reading_id', 'integer', (column) => column.notNull().references('reading.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('evidence_no', 'integer', (column) => column.notNull().references('evidence.no'))
    .addPrimaryKeyConstraint('reading_evidence_place', ['reading_id', 'position'])
    .execute();
}

async function createBackfills(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await addNumber(db, db.schema.createTable('backfill'), 'id')
    .addColumn('request', text, (column) => column.notNull())
    .addColumn('taken_at', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('reason', text)
    .addColumn('listing', text)
    .execute();
  await db.schema
    .createTable('backfill_item')
    .addColumn('backfill_id', 'integer', (column) => column.notNull().references('backfill.id'))
    .addColumn('position', 'integer', (column) => column.notNull())
    .addColumn('keys', text, (column) => column.notNull())
    .addColumn('began', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('round', 'integer', (column) => column.notNull())
    .addColumn('outcome', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('backfill_item_place', ['backfill_id', 'position'])
    .execute();
  await addNumber(db, db.schema.createTable('job'), 'no')
    .addColumn('key', text, (column) => column.notNull().unique())
    .addColumn('body', text, (column) => column.notNull())
    .addColumn('priority', 'integer', (column) => column.notNull())
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('ready_at', 'bigint', (column) => column.notNull())
    .addColumn('leased_until', 'bigint', (column) => column.notNull())
    .addColumn('lease', text)
    .addColumn('dead', 'integer', (column) => column.notNull())
    .addColumn('reason', text)
    .execute();
  await db.schema
    .createTable('tick')
    .addColumn('schedule', text, (column) => column.notNull())
    .addColumn('at', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('tick_time', ['schedule', 'at'])
    .execute();
}
