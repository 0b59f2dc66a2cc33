import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { addMs } from '../../src/core/time.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createRetention } from '../../src/storage/retention.ts';
import { NOON } from './samples.ts';

/** Milliseconds of processor time that one look takes in a store of so many imported records, as many of them in an unfinished reading. */
async function costOfLook(records: number): Promise<number> {
  const db = await openDatabase('sqlite::memory:');
  await sql`insert into run (id, started_at, begun_at) values (1, ${NOON}, ${NOON})`.execute(db);
  await sql`insert into evidence (no, id, source, stream, native_id, body, observed_time)
    with recursive counted (no) as (select 1 union all select no + 1 from counted where no < ${records})
    select no, 'sha256:' || printf('%064x', no), 'chat', 'events', no, '{}', ${NOON} from counted`.execute(db);
  await sql`insert into run_evidence (evidence_no, run_id) select no, 1 from evidence`.execute(db);
  await sql`insert into told (evidence_no, connector, source, stream, native_id) select no, 'import', source, stream, native_id from evidence`.execute(
    db,
  );
  await sql`insert into reading (id, run_id, question, whole, at, progressed) values (1, 1, 'q', 'q', ${addMs(NOON, 5)}, '{}')`.execute(db);
  await sql`insert into reading_evidence (reading_id, position, evidence_no) select 1, no, ${records} from evidence`.execute(db);
  const { look } = createRetention(db);
  const costs: number[] = [];
  for (let run = 0; run < 4; run += 1) {
    const started = process.cpuUsage();
    expect((await look(addMs(NOON, 2), 0)).due).toHaveLength(100);
    const { user, system } = process.cpuUsage(started);
    costs.push((user + system) / 1_000);
  }
  await db.destroy();
  return Math.min(...costs);
}

it('a look for records to purge costs no more where much was told and much is being read', async () => {
  // A few milliseconds are added for the clock's own unrest.
  expect((await costOfLook(16_000)) / ((await costOfLook(2_000)) + 5)).toBeLessThan(3);
});
