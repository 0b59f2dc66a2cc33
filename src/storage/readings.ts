import type { Ask, EvidenceStore, Mark, Progressed, Reading } from '../app/ports.ts';
import { digestText } from '../core/digest.ts';
import { parseEvidenceId } from '../core/evidence.ts';
import type { Instant } from '../core/time.ts';
import { chunked } from './chunks.ts';
import { canonicalAsk, numberOf, numbersOf, sound } from './rows.ts';
import type { Database, Tables } from './tables.ts';

/** Links that one transaction deletes: they are small. */
const DROP_BATCH = 2_000;

/** In place of its question, of a reading that is being forgotten: nobody finds it, nobody adds to it. */
const DROPPED = 'dropped';

/** How far unfinished questions were read, so that the next run of a process that died asks for the rest alone. */
export function createReadings(db: Database): Pick<EvidenceStore, 'mark' | 'resume'> {
  return {
    mark: async (run, whole, ask, mark) => {
      if (mark.isFirst) await begin(db, run, whole, ask, mark);
      const parts = [...chunked(mark.evidence, () => 0)];
      // What was read comes first and how far last: a process killed between goes on from the mark before.
      for (const part of parts) await append(db, run, ask, part);
      const { cursor, isDone, gaps, hints, at } = mark;
      const progressed = JSON.stringify({ ...(cursor !== undefined && { cursor }), isDone, gaps, hints } satisfies Progressed);
      await db.updateTable('reading').set({ progressed, at }).where('run_id', '=', run).where('question', '=', questionOf(ask)).execute();
    },
    resume: (run, ask, since) => resume(db, run, ask, since),
  };
}

/** Forgets how far a question and its parts were read, and what a process left that died while it forgot. */
export async function dropReadings(db: Database, whole: Ask): Promise<void> {
  const rows = await db
    .selectFrom('reading')
    .select('id')
    .where('whole', 'in', [questionOf(whole), DROPPED])
    .execute();
  for (const { id } of rows) await drop(db, id);
}

async function begin(db: Database, run: number, whole: Ask, ask: Ask, { at }: Mark): Promise<void> {
  const before = await db
    .selectFrom('reading')
    .select('id')
    .where('question', '=', questionOf(ask))
    .where('run_id', '=', run)
    .executeTakeFirst();
  if (before) await drop(db, before.id);
  const progressed = JSON.stringify({ isDone: false, gaps: [], hints: [] } satisfies Progressed);
  await db
    .insertInto('reading')
    .values({ run_id: run, question: questionOf(ask), whole: questionOf(whole), at, progressed })
    .execute();
}

async function append(db: Database, run: number, ask: Ask, ids: Mark['evidence']): Promise<void> {
  await db.transaction().execute(async (trx) => {
    // Written first, so that whoever takes the reading over or forgets it waits until these records are in it.
    const row = await trx
      .updateTable('reading')
      .set(({ ref }) => ({ at: ref('at') }))
      .where('question', '=', questionOf(ask))
      .where('run_id', '=', run)
      .returning('id')
      .executeTakeFirst();
    if (!row) return;
    const { last } = await trx
      .selectFrom('reading_evidence')
      .select(({ fn }) => fn.max('position').as('last'))
      .where('reading_id', '=', row.id)
      .executeTakeFirstOrThrow();
    const numbers = await numbersOf(trx, ids);
    const from = (last ?? -1) + 1;
    const links = ids.map((id, index) => ({ reading_id: row.id, position: from + index, evidence_no: numberOf(numbers, id) }));
    await trx.insertInto('reading_evidence').values(links).execute();
  });
}

async function resume(db: Database, run: number, ask: Ask, since: Instant): Promise<Reading | undefined> {
  const row = await db
    .selectFrom('reading')
    .select(['id', 'run_id', 'at', 'progressed'])
    .where('question', '=', questionOf(ask))
    .where('run_id', '!=', run)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  if (!row) return undefined;
  if (row.at < since) {
    await drop(db, row.id);
    return undefined;
  }
  const links = await db
    .selectFrom('reading_evidence')
    .innerJoin('evidence', 'evidence.no', 'reading_evidence.evidence_no')
    .select(['evidence.id', 'evidence.no'])
    .where('reading_id', '=', row.id)
    .orderBy('position')
    .execute();
  await passPlaces(
    db,
    links.map(({ no }) => no),
    row.run_id,
    run,
  );
  await db.updateTable('reading').set({ run_id: run }).where('id', '=', row.id).execute();
  const progressed: Progressed = JSON.parse(row.progressed);
  return { ...progressed, run: row.run_id, evidence: links.map(({ id }) => sound(parseEvidenceId(id), id)) };
}

/**
 * Gives a run the places that another gave these records, before the reading becomes its own: were it killed in between, whoever goes
 * on next would find some of them in another window's order.
 */
async function passPlaces(db: Database, numbers: readonly number[], from: number, to: number): Promise<void> {
  for (let at = 0; at < numbers.length; at += DROP_BATCH) {
    const some = numbers.slice(at, at + DROP_BATCH);
    const places = await db
      .selectFrom('run_evidence')
      .select(['evidence_no', 'sequence'])
      .where('run_id', '=', from)
      .where('evidence_no', 'in', some)
      .orderBy('evidence_no')
      .execute();
    if (places.length === 0) continue;
    await db
      .insertInto('run_evidence')
      .values(places.map(({ evidence_no, sequence }) => ({ evidence_no, run_id: to, sequence })))
      .onConflict((conflict) => conflict.columns(['evidence_no', 'run_id']).doNothing())
      .execute();
  }
}

/**
 * Hides the reading before it takes its records away, some at a time: were it killed in between, a reading with half of its records and
 * all of its progress would be resumed, and the draft lack the rest in silence.
 */
async function drop(db: Database, id: Tables['reading']['run_id']): Promise<void> {
  await db
    .updateTable('reading')
    .set({ question: `${DROPPED}/${id}`, whole: DROPPED })
    .where('id', '=', id)
    .execute();
  for (let dropped = DROP_BATCH; dropped >= DROP_BATCH; ) {
    const rows = await db
      .selectFrom('reading_evidence')
      .select('position')
      .where('reading_id', '=', id)
      .orderBy('position')
      .limit(DROP_BATCH)
      .execute();
    dropped = rows.length;
    const last = rows.at(-1)?.position;
    if (last !== undefined) await db.deleteFrom('reading_evidence').where('reading_id', '=', id).where('position', '<=', last).execute();
  }
  await db.deleteFrom('reading').where('id', '=', id).execute();
}

function questionOf(ask: Ask): string {
  return digestText(canonicalAsk(ask));
}
