import { type EvidenceId, type EvidenceRecord, type Json, parseEvidenceId } from '../core/evidence.ts';
import { remembered } from '../core/remembered.ts';
import { parseInstant } from '../core/time.ts';
import { sound } from './rows.ts';
import type { Database } from './tables.ts';

/** Rows of one answer, well under SQLite's limit of parameters. */
const READ_BATCH = 500;

/** The records in the order of the ids; those not stored, or emptied, are left out. `sequence` is that of the run, else of the newest. */
export async function readRecords(db: Database, ids: readonly EvidenceId[], run: number | undefined): Promise<readonly EvidenceRecord[]> {
  const found = new Map<string, EvidenceRecord>();
  for await (const batch of streamRecords(db, ids, run)) for (const record of batch) found.set(record.id, record);
  return ids.flatMap((id) => found.get(id) ?? []);
}

/** The same, some at a time, as they lie in the file: ids are digests, so in their order every row is on another page. */
export async function* streamRecords(
  db: Database,
  ids: readonly EvidenceId[],
  run: number | undefined,
): AsyncGenerator<readonly EvidenceRecord[]> {
  const toRecord = recordReader();
  const numbers = await placesOf(db, ids);
  for (let from = 0; from < numbers.length; from += READ_BATCH) {
    const rows = await readRows(db, numbers.subarray(from, from + READ_BATCH), run);
    const records: EvidenceRecord[] = [];
    for (const row of rows) {
      const record = toRecord(row);
      if (record) records.push(record);
    }
    yield records;
  }
}

async function placesOf(db: Database, ids: readonly EvidenceId[]): Promise<Float64Array> {
  const numbers = new Set<number>();
  for (let from = 0; from < ids.length; from += READ_BATCH) {
    const some = ids.slice(from, from + READ_BATCH);
    for (const { no } of await db.selectFrom('evidence').select('no').where('id', 'in', some).execute()) numbers.add(no);
  }
  return Float64Array.from(numbers).sort();
}

async function readRows(db: Database, numbers: Float64Array, run: number | undefined) {
  return await db
    .selectFrom('evidence')
    .select(['id', 'source', 'stream', 'native_id', 'body', 'observed_time'])
    .select((row) =>
      row
        .selectFrom('run_evidence')
        .select('sequence')
        .whereRef('run_evidence.evidence_no', '=', 'evidence.no')
        .orderBy((link) => link('run_id', '=', run ?? -1), 'desc')
        .orderBy('run_id', 'desc')
        .limit(1)
        .as('sequence'),
    )
    .where('no', 'in', [...numbers])
    .execute();
}

type Row = Awaited<ReturnType<typeof readRows>>[number];

/** Of a hundred thousand rows source, stream and time of reading are a few texts: one of each is kept. */
function recordReader(): (row: Row) => EvidenceRecord | undefined {
  const one = remembered((text) => text);
  const instant = remembered(parseInstant);
  return ({ id, source, stream, native_id, body, observed_time, sequence }) => {
    if (body === null) return undefined;
    const parsed: Json = JSON.parse(body);
    const record = {
      id: sound(parseEvidenceId(id), id),
      source: one(source),
      stream: one(stream),
      nativeId: native_id,
      body: parsed,
      observedTime: sound(instant(observed_time), id),
    };
    return sequence === null ? record : { ...record, sequence };
  };
}
