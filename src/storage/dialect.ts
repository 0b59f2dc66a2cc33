import { type CreateTableBuilder, type Kysely, PostgresAdapter, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** What SQLite and PostgreSQL say differently: everything else is one SQL. */
export function isPostgres(db: Kysely<Tables>): boolean {
  return db.getExecutor().adapter instanceof PostgresAdapter;
}

/** Text that compares byte by byte in both: PostgreSQL would sort ids and instants by the language of its database. */
export function textType(db: Kysely<Tables>): 'text' | RawBuilder<unknown> {
  return isPostgres(db) ? sql`text collate "C"` : 'text';
}

/** A table whose rows are numbered as they come. */
export function addNumber<T extends string, C extends string, N extends string>(
  db: Kysely<Tables>,
  table: CreateTableBuilder<T, C>,
  name: N,
): CreateTableBuilder<T, C | N> {
  return table.addColumn(name, 'integer', (column) =>
    isPostgres(db) ? column.primaryKey().generatedByDefaultAsIdentity() : column.primaryKey().autoIncrement(),
  );
}

/** A table of links alone, which SQLite keeps in the order of its key. */
export function endLinks<T extends string, C extends string>(
  db: Kysely<Tables>,
  table: CreateTableBuilder<T, C>,
): CreateTableBuilder<T, C> {
  return isPostgres(db) ? table : table.modifyEnd(sql`without rowid`);
}

/**
 * Waits until no other process is at the same work, until the transaction ends. SQLite has one writer at a time anyway; PostgreSQL
 * has many, and one that decides by what it read must not decide beside another.
 */
export async function takeTurn(trx: Transaction<Tables>, work: string): Promise<void> {
  if (isPostgres(trx)) await sql`select pg_advisory_xact_lock(hashtextextended(${`hindcast ${work}`}, 0))`.execute(trx);
}

/** Goes on beside all others that share the work, and waits for one that takes its turn at it. */
export async function shareTurn(trx: Transaction<Tables>, work: string): Promise<void> {
  if (isPostgres(trx)) await sql`select pg_advisory_xact_lock_shared(hashtextextended(${`hindcast ${work}`}, 0))`.execute(trx);
}
