import type { Kysely } from 'kysely';
import type { DueNote, NoteState, Notes } from '../app/webhook-ports.ts';
import type { Instant } from '../core/time.ts';
import { addNumber, textType } from './dialect.ts';
import { isDue, takeRow } from './due-rows.ts';
import type { Database, Tables } from './tables.ts';

export async function createNoteTable(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await addNumber(db, db.schema.createTable('draft_note'), 'no')
    .addColumn('draft', text, (column) => column.notNull().unique())
    .addColumn('incident', text, (column) => column.notNull())
    .addColumn('state', text, (column) => column.notNull())
    .addColumn('due_at', text, (column) => column.notNull())
    .addColumn('taken_until', text)
    .addColumn('attempts', 'integer', (column) => column.notNull())
    .addColumn('reason', text)
    .execute();
  await db.schema.createIndex('draft_note_incident').on('draft_note').column('incident').execute();
}

export function createNotes(db: Database): Notes {
  return {
    add: async ({ draft, incident }, at) => {
      await db
        .insertInto('draft_note')
        .values({ draft, incident, state: 'due', due_at: at, taken_until: null, attempts: 0, reason: null })
        .onConflict((conflict) => conflict.column('draft').doNothing())
        .execute();
    },
    take: (now, until, latest) => take(db, now, until, latest),
    end: async (draft, state, reason) => {
      const ended = { state, taken_until: null, reason: reason ?? null };
      await db.updateTable('draft_note').set(ended).where('draft', '=', draft).execute();
    },
    postpone: async (draft, at, reason) => {
      await db.updateTable('draft_note').set({ due_at: at, taken_until: null, reason }).where('draft', '=', draft).execute();
    },
    newest: (incident) => newest(db, incident),
  };
}

/** A note is free where nobody writes it. A lease that ends later than one of now can was given before the clock was set back. */
async function take(db: Database, now: Instant, until: Instant, latest: Instant | undefined): Promise<DueNote | undefined> {
  const row = await takeRow(db, 'draft_note', until, (from) =>
    from
      .selectFrom('draft_note')
      .selectAll()
      .where('state', '=', 'due')
      .where(isDue(now, latest))
      .where(({ eb, or }) => or([eb('taken_until', 'is', null), eb('taken_until', '<=', now), eb('taken_until', '>', until)]))
      .orderBy('due_at')
      .orderBy('no')
      .limit(1)
      .executeTakeFirst(),
  );
  return row && { draft: row.draft, incident: row.incident, attempt: row.attempt };
}

async function newest(db: Database, incident: string): Promise<NoteState | undefined> {
  const row = await db
    .selectFrom('draft_note')
    .selectAll()
    .where('incident', '=', incident)
    .orderBy('no', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row && { draft: row.draft, state: row.state, ...(row.reason !== null && { reason: row.reason }) };
}
