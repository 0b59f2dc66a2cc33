import { type Kysely, type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Instant } from '../core/time.ts';
import { takeTurn } from './dialect.ts';
import type { Database, Tables } from './tables.ts';

/** Tables whose rows are each worked on by one process at a time, which holds a row until `taken_until`; and the turn of who takes one. */
const TURNS = { due_draft: 'due drafts', draft_note: 'notes' } as const;

interface DueRow {
  readonly no: number;
  readonly attempts: number;
}

/** Holds for a row whose time has come. What lies beyond `latest`, further ahead than anything can be put, was written before the clock was set back. */
export function isDue(now: Instant, latest: Instant | undefined): RawBuilder<SqlBool> {
  const isBeyond = latest === undefined ? sql`` : sql` or due_at > ${latest}`;
  return sql<SqlBool>`(due_at <= ${now}${isBeyond})`;
}

/** The row that `free` finds first, with one attempt more, held by its taker until then: of several processes one gets it. */
export async function takeRow<Row extends DueRow>(
  db: Database,
  table: keyof typeof TURNS,
  until: Instant,
  free: (from: Kysely<Tables>) => Promise<Row | undefined>,
): Promise<(Row & { readonly attempt: number }) | undefined> {
  // Asked before the turn is taken, so that a process with nothing to do writes nothing.
  if (!(await free(db))) return undefined;
  return await db.transaction().execute(async (trx) => {
    await takeTurn(trx, TURNS[table]);
    const row = await free(trx);
    if (!row) return undefined;
    const attempt = row.attempts + 1;
    await trx.updateTable(table).set({ taken_until: until, attempts: attempt }).where('no', '=', row.no).execute();
    return { ...row, attempt };
  });
}
