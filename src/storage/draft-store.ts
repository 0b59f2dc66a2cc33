import { AppError } from '../app/errors.ts';
import type { DraftStore } from '../app/ports.ts';
import type { Snapshot } from '../core/case.ts';
import { type Admitted, admitEdits, type Edit, type NewEdit } from '../core/draft/edits.ts';
import type { Database } from './tables.ts';

export function createDraftStore(db: Database): DraftStore {
  return {
    saveSnapshot: (draftId, snapshot, as = 'newest') => saveSnapshot(db, draftId, snapshot, as),
    findSnapshot: async (incidentOrDraft) => {
      const row = await findRow(db, incidentOrDraft);
      return row && { draftId: row.draft_id, snapshot: parseSnapshot(row.body) };
    },
    newestDraft: async (incident) => (await newestOf(db, incident).select('snapshot.draft_id').executeTakeFirst())?.draft_id,
    saveRendered: async (draftId, body) => {
      await db
        .insertInto('rendered')
        .values({ draft_id: draftId, body })
        .onConflict((conflict) => conflict.column('draft_id').doUpdateSet({ body }))
        .execute();
    },
    findRendered: async (draftId) => {
      const row = await db.selectFrom('rendered').select('body').where('draft_id', '=', draftId).executeTakeFirst();
      return row?.body;
    },
    edits: (incident) => editsOf(db, incident),
    record: (incident, edits) => record(db, incident, edits),
    keepEdits: async (incident, edits) => {
      for (let from = 0; from < edits.length; from += ROWS) {
        const rows = rowsOf(incident, edits.slice(from, from + ROWS));
        await db
          .insertInto('edit')
          .values(rows)
          .onConflict((conflict) => conflict.columns(['incident', 'sequence']).doNothing())
          .execute();
      }
    },
    draftsOf: async (incident, limit) => {
      const rows = await db
        .selectFrom('drafting')
        .innerJoin('snapshot', 'snapshot.no', 'drafting.snapshot_no')
        .select(({ fn }) => ['snapshot.draft_id', fn.max('drafting.no').as('last')])
        .where('drafting.incident', '=', incident)
        .groupBy('snapshot.draft_id')
        .orderBy('last', 'desc')
        .limit(limit)
        .execute();
      return rows.map(({ draft_id }) => draft_id);
    },
    listIncidents: (filter) => listIncidents(db, filter),
  };
}

/** Rows of one statement. */
const ROWS = 100;
/** How often edits are numbered anew where another process took the number. */
const TRIES = 20;

async function editsOf(db: Pick<Database, 'selectFrom'>, incident: string): Promise<readonly Edit[]> {
  const rows = await db.selectFrom('edit').select('body').where('incident', '=', incident).orderBy('sequence').execute();
  return rows.map(({ body }) => {
    const edit: Edit = JSON.parse(body);
    return edit;
  });
}

/** Two processes may number at once: the table's key lets one of them through, and the other looks again. */
async function record(db: Database, incident: string, edits: readonly NewEdit[]): Promise<Admitted> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await editsOf(db, incident);
    try {
      return await db.transaction().execute(async (trx) => {
        const admitted = admitEdits(edits, await editsOf(trx, incident));
        for (let from = 0; from < admitted.recorded.length; from += ROWS) {
          await trx
            .insertInto('edit')
            .values(rowsOf(incident, admitted.recorded.slice(from, from + ROWS)))
            .execute();
        }
        return admitted;
      });
    } catch (error) {
      const now = await editsOf(db, incident);
      if (attempt === TRIES || now.length === before.length) throw error;
    }
  }
}

function rowsOf(incident: string, edits: readonly Edit[]) {
  return edits.map((edit) => ({ incident, sequence: edit.sequence, body: JSON.stringify(edit) }));
}

function saveSnapshot(db: Database, draftId: string, snapshot: Snapshot, as: 'newest' | 'look_back'): Promise<Snapshot> {
  const incident = snapshot.origin ?? snapshot.incidents[0];
  const window = snapshot.windows.incident;
  return db.transaction().execute(async (trx) => {
    await trx
      .insertInto('snapshot')
      .values({ draft_id: draftId, incident, window_from: window.from, window_to: window.to, body: JSON.stringify(snapshot) })
      .onConflict((conflict) => conflict.column('draft_id').doNothing())
      .execute();
    const stored = await trx
      .selectFrom('snapshot')
      .select(['no', 'incident', 'body'])
      .where('draft_id', '=', draftId)
      .executeTakeFirstOrThrow();
    const newest = trx.selectFrom('drafting').select('no').where('incident', '=', stored.incident).limit(1);
    if (as === 'look_back' && (await newest.executeTakeFirst())) return parseSnapshot(stored.body);
    await trx.insertInto('drafting').values({ incident: stored.incident, snapshot_no: stored.no }).execute();
    return parseSnapshot(stored.body);
  });
}

async function findRow(db: Database, incidentOrDraft: string) {
  const byDraft = await db.selectFrom('snapshot').selectAll().where('draft_id', '=', incidentOrDraft).executeTakeFirst();
  return byDraft ?? (await newestOf(db, incidentOrDraft).selectAll('snapshot').executeTakeFirst());
}

function newestOf(db: Database, incident: string) {
  return db
    .selectFrom('drafting')
    .innerJoin('snapshot', 'snapshot.no', 'drafting.snapshot_no')
    .where('drafting.incident', '=', incident)
    .orderBy('drafting.no', 'desc')
    .limit(1);
}

/** Each incident as drafted last, those whose incident window touches [from, to), keyed by (start, incident) so that pages never overlap. */
async function listIncidents(db: Database, { from, to, limit, before }: Parameters<DraftStore['listIncidents']>[0]) {
  let query = db
    .selectFrom('drafting')
    .innerJoin('snapshot', 'snapshot.no', 'drafting.snapshot_no')
    .select(['snapshot.draft_id', 'snapshot.body'])
    .where('drafting.no', 'in', (all) =>
      all
        .selectFrom('drafting')
        .select(({ fn }) => fn.max('no').as('newest'))
        .groupBy('incident'),
    );
  if (from !== undefined) query = query.where('window_to', '>', from);
  if (to !== undefined) query = query.where('window_from', '<', to);
  if (before !== undefined) {
    const last = await findRow(db, before);
    if (!last) throw new AppError('usage', 'the page before ended at an incident that the store does not hold: list from the start');
    query = query.where(({ eb }) =>
      eb('window_from', '<', last.window_from).or(eb('window_from', '=', last.window_from).and('snapshot.incident', '>', last.incident)),
    );
  }
  const rows = await query.orderBy('window_from', 'desc').orderBy('snapshot.incident').limit(limit).execute();
  return rows.map(({ draft_id, body }) => ({ draftId: draft_id, snapshot: parseSnapshot(body) }));
}

function parseSnapshot(body: string): Snapshot {
  const snapshot: Snapshot = JSON.parse(body);
  return snapshot;
}
