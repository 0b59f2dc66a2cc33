import type { Kysely } from 'kysely';
import type { Deliveries, DueDraft } from '../app/webhook-ports.ts';
import { addMs, type Instant } from '../core/time.ts';
import { addNumber, textType } from './dialect.ts';
import { isDue, takeRow } from './due-rows.ts';
import type { Database, Tables } from './tables.ts';

/** A vendor repeats an event for at most two days. */
const KEEP_MS = 7 * 86_400_000;

export async function createDeliveryTables(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await db.schema
    .createTable('delivery')
    .addColumn('event', text, (column) => column.primaryKey())
    .addColumn('at', text, (column) => column.notNull())
    .execute();
  await addNumber(db, db.schema.createTable('due_draft'), 'no')
    .addColumn('incident', text, (column) => column.notNull())
    .addColumn('due_at', text, (column) => column.notNull())
    .addColumn('taken_until', text)
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('reason', text)
    .execute();
  await db.schema.createIndex('due_draft_time').on('due_draft').column('due_at').execute();
}

export function createDeliveries(db: Database): Deliveries {
  return {
    note: (event, at, drafts) => note(db, event, at, drafts),
    take: (now, until, latest) => take(db, now, until, latest),
    keep: async ({ no, attempt }, until) => {
      const held = db.updateTable('due_draft').set({ taken_until: until }).where('no', '=', no).where('attempts', '=', attempt);
      const { numUpdatedRows } = await held.where('taken_until', 'is not', null).executeTakeFirst();
      return numUpdatedRows > 0n;
    },
    done: async (no) => {
      await db.deleteFrom('due_draft').where('no', '=', no).execute();
    },
    postpone: async (no, at, reason) => {
      await db.updateTable('due_draft').set({ due_at: at, taken_until: null, reason }).where('no', '=', no).execute();
    },
  };
}

function note(db: Database, event: string, at: Instant, drafts: Parameters<Deliveries['note']>[2]): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const { numInsertedOrUpdatedRows } = await trx
      .insertInto('delivery')
      .values({ event, at })
      .onConflict((conflict) => conflict.column('event').doNothing())
      .executeTakeFirst();
    if (!numInsertedOrUpdatedRows) return false;
    // What an earlier event of the incident made due is due anew: it was reopened since.
    const incidents = [...new Set(drafts.map(({ incident }) => incident))];
    if (incidents.length > 0) {
      await trx.deleteFrom('due_draft').where('incident', 'in', incidents).where('taken_until', 'is', null).execute();
    }
    for (const { incident, at: due } of drafts) {
      await trx.insertInto('due_draft').values({ incident, due_at: due, taken_until: null, attempts: 0, reason: null }).execute();
    }
    await trx.deleteFrom('delivery').where('at', '<', addMs(at, -KEEP_MS)).execute();
    return true;
  });
}

/** A draft is free where nobody makes one of its incident. A lease that ends later than one of now can was given before the clock was set back. */
async function take(db: Database, now: Instant, until: Instant, latest: Instant | undefined): Promise<DueDraft | undefined> {
  const row = await takeRow(db, 'due_draft', until, (from) =>
    from
      .selectFrom('due_draft')
      .selectAll()
      .where(isDue(now, latest))
      .where(
        'incident',
        'not in',
        from.selectFrom('due_draft').select('incident').where('taken_until', '>', now).where('taken_until', '<=', until),
      )
      .orderBy('due_at')
      .orderBy('no')
      .limit(1)
      .executeTakeFirst(),
  );
  return row && { no: row.no, incident: row.incident, attempt: row.attempt };
}
