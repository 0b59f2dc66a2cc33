import type { Transaction } from 'kysely';
import type { EvidenceStore, ToldRecord } from '../app/ports.ts';
import type { EvidenceId, EvidenceRecord } from '../core/evidence.ts';
import { chunked } from './chunks.ts';
import { takeTurn } from './dialect.ts';
import type { Database, Tables } from './tables.ts';

/** What the rest of the evidence store lends. */
export interface EvidenceLent {
  keepBatch(trx: Transaction<Tables>, run: number, batch: readonly EvidenceRecord[]): Promise<void>;
  read(ids: readonly string[]): Promise<readonly EvidenceRecord[]>;
}

/** The records that people and files told, found by incident or by time. */
export function createToldRecords(db: Database, lent: EvidenceLent): Pick<EvidenceStore, 'tell' | 'told' | 'toldSources'> {
  return {
    tell: async (run, connector, told) => {
      let added = 0;
      const sized = told.map((one) => ({ ...one, characters: JSON.stringify(one.record.body).length }));
      for (const batch of chunked(sized, ({ characters }) => characters)) {
        const records = batch.map(({ record }) => record);
        added += await db.transaction().execute(async (trx) => {
          await takeTurn(trx, 'what was told');
          await lent.keepBatch(trx, run, records);
          return await tellBatch(trx, connector, batch);
        });
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
  const newest = await newestOf(trx, batch);
  const fresh = batch.flatMap(({ record, key, window }) => {
    const { id, source, stream, nativeId: native_id } = record;
    const evidence_no = numbers.get(id);
    if (evidence_no === undefined) throw new Error(`${id} was not kept before it was told`);
    if (newest.get(placeOf(source, stream, native_id)) === evidence_no) return [];
    newest.set(placeOf(source, stream, native_id), evidence_no);
    const found = { incident: key ?? null, from_at: window?.from ?? null, to_at: window?.to ?? null };
    return [{ evidence_no, connector, source, stream, native_id, ...found }];
  });
  if (fresh.length > 0) await trx.insertInto('told').values(fresh).execute();
  return fresh.length;
}

/** Of each object the evidence that it stands at. */
async function newestOf(trx: Transaction<Tables>, batch: readonly ToldRecord[]): Promise<Map<string, number>> {
  const names = batch.map(({ record }) => record.nativeId);
  const sources = [...new Set(batch.map(({ record }) => record.source))];
  const streams = [...new Set(batch.map(({ record }) => record.stream))];
  const rows = await trx
    .selectFrom('told')
    .select(['source', 'stream', 'native_id', 'evidence_no'])
    .where('source', 'in', sources)
    .where('stream', 'in', streams)
    .where('native_id', 'in', names)
    .orderBy('no')
    .execute();
  return new Map(rows.map(({ source, stream, native_id, evidence_no }) => [placeOf(source, stream, native_id), evidence_no]));
}

function placeOf(source: string, stream: string, nativeId: string): string {
  return `${source}/${stream}/${nativeId}`;
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
