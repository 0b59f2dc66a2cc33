import { sql } from 'kysely';
import type { EvidenceId, EvidenceRecord, Json } from '../core/evidence.ts';
import { remembered } from '../core/remembered.ts';
import { parseInstant } from '../core/time.ts';
import { givenTexts, listColumns, listRows, numbersIn } from './lists.ts';
import { sound } from './rows.ts';
import type { Database } from './tables.ts';

/** Rows of one answer: their bodies are held at once. */
const READ_BATCH = 500;
/** Ids of one question. */
const FIND_BATCH = 5_000;

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
  const { numbers, idAt } = await findPlaces(db, ids);
  for (let from = 0; from < numbers.length; from += READ_BATCH) {
    const records: EvidenceRecord[] = [];
    let place = from;
    for (const row of await readRows(db, [...numbers.subarray(from, from + READ_BATCH)], run)) {
      // Both in the order of their numbers; what was not found is passed over.
      while (place < numbers.length && numbers[place] !== row[0]) place += 1;
      const record = toRecord(row, idAt(place));
      if (record) records.push(record);
    }
    yield records;
  }
}

/** Where records lie, each once, in the order of the file. */
export interface Places {
  readonly numbers: Float64Array;
  /** The id of the record whose number stands at a place: the very text that was asked with. */
  idAt(place: number): EvidenceId;
}

/** Records that are not stored have no place. */
export async function findPlaces(db: Database, ids: readonly EvidenceId[]): Promise<Places> {
  const count = ids.length;
  const both = new Float64Array(count);
  let found = 0;
  for (let from = 0; from < count; from += FIND_BATCH) {
    const [places = [], numbers = []] = await listColumns(
      db,
      ['place', 'no'],
      sql`select place, no from ${givenTexts(db, ids.slice(from, from + FIND_BATCH))} join evidence on evidence.id = given.text`,
    );
    // One number of both, so that they are sorted together.
    numbers.forEach((no, at) => {
      both[found] = Number(no) * count + from + Number(places[at]);
      found += 1;
    });
  }
  const sorted = both.subarray(0, found).sort();
  const distinct = sorted.filter((one, index) => index === 0 || Math.floor(one / count) !== Math.floor((sorted[index - 1] ?? 0) / count));
  return {
    numbers: distinct.map((one) => Math.floor(one / count)),
    idAt: (place) => sound(ids[(distinct[place] ?? 0) % count], `${place}`),
  };
}

type Row = readonly [
  no: number,
  source: string,
  stream: string,
  nativeId: string,
  body: string | null,
  observedTime: string,
  sequence: number | null,
];

function readRows(db: Database, numbers: readonly number[], run: number | undefined): Promise<readonly Row[]> {
  return listRows(
    db,
    sql<Row>`select no, source, stream, native_id, body, observed_time,
      (select sequence from run_evidence where evidence_no = evidence.no order by run_id = ${run ?? -1} desc, run_id desc limit 1)
      from evidence where no in ${numbersIn(db, numbers)} order by no`,
  );
}

/** Of a hundred thousand rows source, stream and time of reading are a few texts: one of each is kept. */
function recordReader(): (row: Row, id: EvidenceId) => EvidenceRecord | undefined {
  const one = remembered((text) => text);
  const instant = remembered(parseInstant);
  return ([, source, stream, nativeId, body, observedTime, sequence], id) => {
    if (body === null) return undefined;
    const parsed: Json = JSON.parse(body);
    const record = {
      id,
      source: one(source),
      stream: one(stream),
      nativeId,
      body: parsed,
      observedTime: sound(instant(observedTime), id),
    };
    return sequence === null ? record : { ...record, sequence };
  };
}
