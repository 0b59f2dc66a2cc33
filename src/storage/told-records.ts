import type { Transaction } from 'kysely';
import type { EvidenceStore, ToldRecord } from '../app/ports.ts';
import type { EvidenceId, EvidenceRecord } from '../core/evidence.ts';
import { chunked } from './chunks.ts';
import type { Database, Tables } from './tables.ts';

/** What the rest of the evidence store lends. */
export interface EvidenceLent {
  keep(run: number, records: readonly EvidenceRecord[]): Promise<void>;
  read(ids: readonly string[]): Promise<readonly EvidenceRecord[]>;
}

/** The records that people and files told, found by incident or by time. */
export function createToldRecords(db: Database, lent: EvidenceLent): Pick<EvidenceStore, 'tell' | 'told' | 'toldSources'> {
  return {
    tell: async (run, connector, told) => {
      await lent.keep(
        run,
        told.map(({ record }) => record),
      );
      let added = 0;
      for (const batch of chunked(told, () => 0)) {
        added += await db.transaction().execute((trx) => tellBatch(trx, connector, batch));
      }
      return added;
    },
    told: async (question) => {
      const rows = await newestRows(db, question);
      const found = new Map((await lent.read(rows.map(({ id }) => id))).map((record) => [record.id as string, record]));
      return rows.flatMap(({ id, no }) => {
        const record = found.get(id);
        return record ? [{ ...record, sequence: no }] : [];
      });
    },
    toldSources: () => db.selectFrom('told').select(['source', 'connector']).distinct().orderBy('source').execute(),
  };
}

async function tellBatch(trx: Transaction<Tables>, connector: string, batch: readonly ToldRecord[]): Promise<number> {
  const ids = batch.map(({ record }) => record.id);
  const rows = await trx.selectFrom('evidence').select(['id', 'no']).where('id', 'in', ids).execute();
  const numbers = new Map(rows.map(({ id, no }) => [id, no]));
  let added = 0;
  for (const { record, key, window } of batch) {
    const evidence_no = numbers.get(record.id);
    if (evidence_no === undefined) throw new Error(`${record.id} was not kept before it was told`);
    if ((await newestOf(trx, record)) === evidence_no) continue;
    const place = { source: record.source, stream: record.stream, native_id: record.nativeId };
    const found = { incident: key ?? null, from_at: window?.from ?? null, to_at: window?.to ?? null };
    await trx
      .insertInto('told')
      .values({ evidence_no, connector, ...place, ...found })
      .execute();
    added += 1;
  }
  return added;
}

async function newestOf(trx: Transaction<Tables>, { source, stream, nativeId }: EvidenceRecord): Promise<number | undefined> {
  const row = await trx
    .selectFrom('told')
    .select('evidence_no')
    .where('source', '=', source)
    .where('stream', '=', stream)
    .where('native_id', '=', nativeId)
    .orderBy('no', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.evidence_no;
}

async function newestRows(
  db: Database,
  { source, stream, window, keys }: Parameters<EvidenceStore['told']>[0],
): Promise<readonly { readonly id: EvidenceId | string; readonly no: number }[]> {
  const all = db
    .selectFrom('told')
    .innerJoin('evidence', 'evidence.no', 'told.evidence_no')
    .select(['evidence.id', 'told.no'])
    .where('told.source', '=', source)
    .where('told.stream', '=', stream)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('told as later')
            .select('later.no')
            .whereRef('later.source', '=', 'told.source')
            .whereRef('later.stream', '=', 'told.stream')
            .whereRef('later.native_id', '=', 'told.native_id')
            .whereRef('later.no', '>', 'told.no'),
        ),
      ),
    );
  const asked =
    keys.length > 0 ? all.where('told.incident', 'in', keys) : all.where('from_at', '<', window.to).where('to_at', '>', window.from);
  return await asked.orderBy('told.no').execute();
}
