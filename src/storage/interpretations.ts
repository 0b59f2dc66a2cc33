import { type Kysely, sql, type Transaction } from 'kysely';
import type { EvidenceStore, StoredPage } from '../app/ports.ts';
import type { EvidenceId } from '../core/evidence.ts';
import type { Place } from '../core/interpreted.ts';
import { takeTurn, textType } from './dialect.ts';
import { listColumns, numbersIn } from './lists.ts';
import { findPlaces } from './stored-records.ts';
import type { Database, Tables } from './tables.ts';

/** Records of one page, by their numbers: a page is read whole, and its records were mostly written together. */
const BLOCK = 1_024;
/** Pages of one question. */
const AT_ONCE = 4;

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

/** How records read, kept by the code that read them. */
export function createInterpretations(db: Database): Pick<EvidenceStore, 'pages' | 'keepPages'> {
  return {
    pages: (ids, run, reader) => streamPages(db, ids, run, reader),
    keepPages: (reader, pages) =>
      db.transaction().execute(async (trx) => {
        // Under the turn of the purge: what that took must not come back.
        await takeTurn(trx, 'purge');
        for (const { block, text } of pages) if (text !== undefined) await keepPage(trx, reader, block, text);
      }),
  };
}

/** Forgets the pages that tell these records, and every other record of them: they are read again. */
export async function forgetInterpretations(trx: Transaction<Tables>, numbers: readonly number[]): Promise<void> {
  const blocks = [...new Set(numbers.map(blockOf))];
  await trx.deleteFrom('interpretation').where('block', 'in', blocks).execute();
}

function blockOf(no: number): number {
  return Math.floor(no / BLOCK);
}

async function keepPage(trx: Transaction<Tables>, reader: string, block: number, body: string): Promise<void> {
  const emptied = await trx
    .selectFrom('evidence')
    .select('no')
    .where('no', '>=', block * BLOCK)
    .where('no', '<', (block + 1) * BLOCK)
    .where('body', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (emptied) return;
  await trx
    .insertInto('interpretation')
    .values({ block, reader, body })
    .onConflict((conflict) => conflict.columns(['block', 'reader']).doUpdateSet({ body }))
    .execute();
}

async function* streamPages(
  db: Database,
  ids: readonly EvidenceId[],
  run: number | undefined,
  reader: string,
): AsyncGenerator<readonly StoredPage[]> {
  const { numbers, idAt } = await findPlaces(db, ids);
  for (let from = 0; from < numbers.length; ) {
    let to = from;
    const blocks: number[] = [];
    for (; to < numbers.length; to += 1) {
      const block = blockOf(numbers[to] ?? 0);
      if (block === blocks.at(-1)) continue;
      if (blocks.length === AT_ONCE) break;
      blocks.push(block);
    }
    yield await readPages(db, { blocks, reader, run, places: numbers.subarray(from, to), idAt: (place) => idAt(from + place) });
    from = to;
  }
}

interface Wanted {
  readonly blocks: readonly number[];
  readonly reader: string;
  readonly run: number | undefined;
  readonly places: Float64Array;
  readonly idAt: (place: number) => EvidenceId;
}

async function readPages(db: Database, { blocks, reader, run, places, idAt }: Wanted): Promise<readonly StoredPage[]> {
  const rows = await db
    .selectFrom('interpretation')
    .select(['block', 'body'])
    .where('reader', '=', reader)
    .where('block', 'in', blocks)
    .execute();
  const texts = new Map(rows.map(({ block, body }) => [block, body]));
  const pages = new Map(blocks.map((block): [number, Place[]] => [block, []]));
  const links = await linksOf(db, places);
  let link = 0;
  for (let place = 0; place < places.length; place += 1) {
    const no = places[place] ?? 0;
    const from = link;
    while (links.numbers[link] === no) link += 1;
    const sequence = sequenceIn(links, from, link, run);
    pages.get(blockOf(no))?.push(sequence === null ? { no, id: idAt(place) } : { no, id: idAt(place), sequence });
  }
  return Array.from(pages, ([block, own]) => {
    const text = texts.get(block);
    return text === undefined ? { block, places: own } : { block, text, places: own };
  });
}

/** Which runs read records, in the order of both. */
interface Links {
  readonly numbers: readonly (number | null)[];
  readonly runs: readonly (number | null)[];
  readonly sequences: readonly (number | null)[];
}

async function linksOf(db: Database, wanted: Float64Array): Promise<Links> {
  const [numbers = [], runs = [], sequences = []] = await listColumns(
    db,
    ['evidence_no', 'run_id', 'sequence'],
    sql`select evidence_no, run_id, sequence from run_evidence where evidence_no in ${numbersIn(db, [...wanted])}
      order by evidence_no, run_id`,
  );
  return { numbers, runs, sequences };
}

/** A record's place in its source's order by its own links: the run's, else the newest. */
function sequenceIn({ runs, sequences }: Links, from: number, to: number, run: number | undefined): number | null {
  for (let link = from; link < to; link += 1) if (runs[link] === run) return sequences[link] ?? null;
  return sequences[to - 1] ?? null;
}
