import type { Kysely, Transaction } from 'kysely';
import type {
  Backfill,
  BackfillCase,
  BackfillItem,
  BackfillListing,
  BackfillOutcome,
  BackfillRequest,
  BackfillStore,
} from '../app/backfill-ports.ts';
import { canonical } from '../core/digest.ts';
import type { Json } from '../core/evidence.ts';
import { parseInstant } from '../core/time.ts';
import { chunked } from './chunks.ts';
import { takeTurn } from './dialect.ts';
import { sound } from './rows.ts';
import type { Database, Tables } from './tables.ts';

/** A listing that failed was tried again under the key of the first try, and could be lost with it. */
export async function addListingRounds(db: Kysely<Tables>): Promise<void> {
  await db.schema
    .alterTable('backfill')
    .addColumn('round', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}

export function createBackfillStore(db: Database): BackfillStore {
  return {
    begin: (request, takenAt) => begin(db, request, takenAt),
    find: (id) => find(db, id),
    newest: async (limit) => {
      const rows = await db.selectFrom('backfill').select('id').orderBy('id', 'desc').limit(limit).execute();
      return rows.map(({ id }) => id);
    },
    list: (id, listing, cases) => list(db, id, listing, cases),
    failListing: async (id, round, reason) => {
      const failed = db.updateTable('backfill').set({ state: 'failed', reason }).where('id', '=', id).where('state', '=', 'listing');
      await (round === undefined ? failed : failed.where('round', '=', round)).execute();
    },
    settle: async (id, position, outcome) => {
      await settle(db, id, position, 'drafted', outcome).execute();
    },
    failItem: async (id, position, round, reason) => {
      const failed = settle(db, id, position, 'failed', { reason });
      await (round === undefined ? failed : failed.where('round', '=', round)).execute();
    },
    retry: async (id) => {
      await db
        .updateTable('backfill')
        .set(({ eb }) => ({ state: 'listing', reason: null, round: eb('round', '+', 1) }))
        .where('id', '=', id)
        .where('state', '=', 'failed')
        .execute();
      await db
        .updateTable('backfill_item')
        .set(({ eb }) => ({ state: 'waiting', outcome: '{}', round: eb('round', '+', 1) }))
        .where('backfill_id', '=', id)
        .where('state', '=', 'failed')
        .execute();
    },
    cancel: (id) =>
      db.transaction().execute(async (trx) => {
        await takeTurn(trx, `backfill ${id}`);
        await trx.updateTable('backfill').set({ state: 'cancelled' }).where('id', '=', id).execute();
        const waiting = trx.updateTable('backfill_item').where('backfill_id', '=', id).where('state', '=', 'waiting');
        await waiting.set({ state: 'cancelled' }).execute();
      }),
    isClaimed: async (schedule, at) => {
      const row = await db.selectFrom('tick').select('at').where('schedule', '=', schedule).where('at', '=', at).executeTakeFirst();
      return row !== undefined;
    },
    claimTick: async (schedule, at) => {
      const { numInsertedOrUpdatedRows } = await db
        .insertInto('tick')
        .values({ schedule, at })
        .onConflict((conflict) => conflict.columns(['schedule', 'at']).doNothing())
        .executeTakeFirst();
      return numInsertedOrUpdatedRows === 1n;
    },
  };
}

/** A draft that was made stays. */
function settle(db: Database, id: number, position: number, state: 'drafted' | 'failed', outcome: BackfillOutcome) {
  return db
    .updateTable('backfill_item')
    .set({ state, outcome: JSON.stringify(outcome) })
    .where('backfill_id', '=', id)
    .where('position', '=', position)
    .where('state', '!=', 'drafted');
}

/** Two who begin the same at once begin one. */
async function begin(db: Database, request: BackfillRequest, takenAt: Backfill['takenAt']): Promise<number> {
  const text = requestText(request);
  return await db.transaction().execute(async (trx) => {
    await takeTurn(trx, 'backfills');
    const open = await unfinished(trx, text);
    if (open !== undefined) return open;
    const row = await trx
      .insertInto('backfill')
      .values({ request: text, taken_at: takenAt, state: 'listing', reason: null, listing: null })
      .returning('id')
      .executeTakeFirstOrThrow();
    return row.id;
  });
}

async function unfinished(trx: Transaction<Tables>, request: string): Promise<number | undefined> {
  const row = await trx
    .selectFrom('backfill')
    .select('id')
    .where('request', '=', request)
    .where(({ eb, exists, selectFrom }) => {
      const waiting = selectFrom('backfill_item').select('position').whereRef('backfill_id', '=', 'backfill.id');
      return eb('state', '=', 'listing').or(eb('state', '=', 'listed').and(exists(waiting.where('backfill_item.state', '=', 'waiting'))));
    })
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return row?.id;
}

async function list(db: Database, id: number, listing: BackfillListing, cases: readonly BackfillCase[]): Promise<void> {
  const rows = cases.map(({ keys, began }, position) => ({
    backfill_id: id,
    position,
    keys: JSON.stringify(keys),
    began,
    state: 'waiting' as const,
    round: 0,
    outcome: '{}',
  }));
  await db.transaction().execute(async (trx) => {
    await takeTurn(trx, `backfill ${id}`);
    const { numUpdatedRows } = await trx
      .updateTable('backfill')
      .set({ state: 'listed', listing: JSON.stringify(listing) })
      .where('id', '=', id)
      .where('state', '=', 'listing')
      .executeTakeFirst();
    if (numUpdatedRows === 0n) return;
    for (const batch of chunked(rows, () => 0)) await trx.insertInto('backfill_item').values(batch).execute();
  });
}

async function find(db: Database, id: number): Promise<Backfill | undefined> {
  const row = await db.selectFrom('backfill').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) return undefined;
  const rows = await db.selectFrom('backfill_item').selectAll().where('backfill_id', '=', id).orderBy('position').execute();
  const request: BackfillRequest = JSON.parse(row.request);
  const listing: BackfillListing | undefined = row.listing === null ? undefined : JSON.parse(row.listing);
  const place = `backfill ${id}`;
  return {
    id,
    request,
    takenAt: sound(parseInstant(row.taken_at), place),
    state: row.state,
    round: row.round,
    ...(row.reason !== null && { reason: row.reason }),
    ...(listing && { listing }),
    items: rows.map(({ position, keys, began, state, round, outcome }): BackfillItem => {
      const parsed: BackfillCase['keys'] = JSON.parse(keys);
      const told: BackfillOutcome = JSON.parse(outcome);
      return { position, keys: parsed, began: sound(parseInstant(began), place), state, round, ...told };
    }),
  };
}

function requestText(request: BackfillRequest): string {
  const json: Json = JSON.parse(JSON.stringify(request));
  return canonical(json);
}
