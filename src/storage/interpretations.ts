import { type Kysely, sql, type Transaction } from 'kysely';
import type { PagePart, PageStore, StoredPage } from '../app/page-ports.ts';
import type { EvidenceId } from '../core/evidence.ts';
import type { Place } from '../core/interpreted.ts';
import { pageOf } from '../core/packed.ts';
import { takeTurn, textType } from './dialect.ts';
import { listColumns, numbersIn } from './lists.ts';
import { createForgetting } from './stale-readings.ts';
import { findPlaces } from './stored-records.ts';
import type { Database, Tables } from './tables.ts';

/** How many records may lie between two that are wanted, on average. */
const DENSE = 3;

export async function createInterpretationTable(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await db.schema
    .createTable('interpretation')
    .addColumn('block', 'integer', (column) => column.notNull())
    .addColumn('reader', text, (column) => column.notNull())
    .addColumn('body', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('interpretation_page', ['block', 'reader'])
    .execute();
}

/** A page in parts, each written once: what a pull reads is kept as it comes. `first` and `last` are numbers of records. */
export async function splitInterpretationTable(db: Kysely<Tables>): Promise<void> {
  const text = textType(db);
  await db.schema.dropTable('interpretation').execute();
  await db.schema
    .createTable('interpretation')
    .addColumn('block', 'integer', (column) => column.notNull())
    .addColumn('reader', text, (column) => column.notNull())
    .addColumn('first', 'integer', (column) => column.notNull())
    .addColumn('last', 'integer', (column) => column.notNull())
    .addColumn('body', text, (column) => column.notNull())
    .addPrimaryKeyConstraint('interpretation_part', ['block', 'reader', 'first'])
    .execute();
}

/** How records read, kept by the code that read them. */
export function createInterpretations(db: Database): PageStore {
  const forgetStale = createForgetting();
  return {
    pages: (ids, run, reader) => streamPages(db, ids, run, reader),
    keepPages: (reader, parts) =>
      db.transaction().execute(async (trx) => {
        // Under the turn of the purge: what that took must not come back.
        await takeTurn(trx, 'purge');
        for (const part of parts) await keepPart(trx, reader, part);
        await forgetStale(trx, reader);
      }),
  };
}

/** Forgets the pages that tell these records, and every other record of them: they are read again. */
export async function forgetInterpretations(trx: Transaction<Tables>, numbers: readonly number[]): Promise<void> {
  const blocks = [...new Set(numbers.map(pageOf))];
  await trx.deleteFrom('interpretation').where('block', 'in', blocks).execute();
}

async function keepPart(trx: Transaction<Tables>, reader: string, { numbers, text }: PagePart): Promise<void> {
  const [from = 0, to = from] = [numbers[0], numbers.at(-1)];
  const emptied = await trx
    .selectFrom('evidence')
    .select('no')
    .where('no', 'in', numbersIn(trx, numbers))
    .where('body', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (emptied) return;
  await trx
    .insertInto('interpretation')
    .values({ block: pageOf(from), reader, first: from, last: to, body: text })
    .onConflict((conflict) => conflict.columns(['block', 'reader', 'first']).doUpdateSet({ last: to, body: text }))
    .execute();
}

/** Page by page: with four at once, one draft in two of a very large incident held a tenth more memory, and none was faster. */
async function* streamPages(
  db: Database,
  ids: readonly EvidenceId[],
  run: number | undefined,
  reader: string,
): AsyncGenerator<readonly StoredPage[]> {
  const { numbers, idAt } = await findPlaces(db, ids);
  for (let from = 0; from < numbers.length; ) {
    const block = pageOf(numbers[from] ?? 0);
    let to = from + 1;
    while (to < numbers.length && pageOf(numbers[to] ?? 0) === block) to += 1;
    yield [await readPage(db, { block, reader, run, places: numbers.subarray(from, to), idAt: (place) => idAt(from + place) })];
    from = to;
  }
}

interface Wanted {
  readonly block: number;
  readonly reader: string;
  readonly run: number | undefined;
  readonly places: Float64Array;
  readonly idAt: (place: number) => EvidenceId;
}

async function readPage(db: Database, { block, reader, run, places: numbers, idAt }: Wanted): Promise<StoredPage> {
  const rows = await db
    .selectFrom('interpretation')
    .select('body')
    .where('reader', '=', reader)
    .where('block', '=', block)
    .where('first', '<=', numbers.at(-1) ?? 0)
    .where('last', '>=', numbers[0] ?? 0)
    .orderBy('first')
    .execute();
  const links = await linksOf(db, numbers);
  const places: Place[] = [];
  let link = 0;
  for (let place = 0; place < numbers.length; place += 1) {
    const no = numbers[place] ?? 0;
    while ((links.numbers[link] ?? no) < no) link += 1;
    const from = link;
    while (links.numbers[link] === no) link += 1;
    const sequence = sequenceIn(links, from, link, run);
    places.push(sequence === null ? { no, id: idAt(place) } : { no, id: idAt(place), sequence });
  }
  return { texts: rows.map(({ body }) => body), places };
}

/** Which runs read records, in the order of both. */
interface Links {
  readonly numbers: readonly (number | null)[];
  readonly runs: readonly (number | null)[];
  readonly sequences: readonly (number | null)[];
}

async function linksOf(db: Database, wanted: Float64Array): Promise<Links> {
  const [first = 0, last = 0] = [wanted[0], wanted.at(-1)];
  // What lies close together is read through, and what is not wanted of it passed over: a search for each number costs three times as much.
  const isDense = last - first < DENSE * wanted.length;
  const within = isDense ? sql`between ${first} and ${last}` : sql`in ${numbersIn(db, [...wanted])}`;
  const [numbers = [], runs = [], sequences = []] = await listColumns(
    db,
    ['evidence_no', 'run_id', 'sequence'],
    sql`select evidence_no, run_id, sequence from run_evidence where evidence_no ${within} order by evidence_no, run_id`,
  );
  return { numbers, runs, sequences };
}

/** A record's place in its source's order by its own links: the run's, else the newest. */
function sequenceIn({ runs, sequences }: Links, from: number, to: number, run: number | undefined): number | null {
  for (let link = from; link < to; link += 1) if (runs[link] === run) return sequences[link] ?? null;
  // The link before the first would be another record's.
  return from < to ? (sequences[to - 1] ?? null) : null;
}
