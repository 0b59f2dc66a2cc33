import { draftsIn, type KillPoint, manyIncidents, openBackfillWorld, rowsIn } from '../support/backfill-world.ts';
import { POSTGRES_PASSWORD, startPostgres } from '../support/postgres.ts';
import { randomOf } from '../support/random.ts';
import type { Held } from './load.ts';

const STATEMENTS = [
  'insert into "drafting"',
  'insert into "rendered"',
  'update "backfill_item"',
  'insert into "pull_evidence"',
  'delete from "reading_evidence"',
] as const;

/** A backfill killed at points of a seed, on both stores: the same drafts as of one that was left alone, to the byte. */
export async function backfills(seed: number, incidents = 1_000, kills = 10): Promise<readonly Held[]> {
  process.env['PGPASSWORD'] = POSTGRES_PASSWORD;
  const postgres = await startPostgres();
  const world = await openBackfillWorld(manyIncidents(incidents, 1), '2023-11-01T00:00:00Z');
  try {
    await postgres.createDatabase('soak');
    const alone = await world.place();
    await alone.start().ended();
    const expected = await draftsIn(alone.url);
    alone.close();
    const next = randomOf(seed);
    const points = Array.from({ length: kills }, (): KillPoint => {
      const like = STATEMENTS[Math.floor(next() * STATEMENTS.length)] ?? '';
      return { like, after: 5 + Math.floor((next() * incidents) / kills / 2) };
    });
    const held: Held[] = [{ text: `${incidents} incidents, each drafted: ${expected.size}`, held: expected.size === incidents }];
    for (const url of [undefined, postgres.url('soak')]) {
      const place = await world.place(url);
      const codes: (number | null)[] = [];
      for (const point of [...points, undefined]) codes.push((await place.start(point).ended()).code);
      const drafts = await draftsIn(place.url);
      const isSame = drafts.size === expected.size && [...expected].every(([key, draft]) => drafts.get(key)?.join() === draft.join());
      const { drafting } = await rowsIn(place.url);
      const killed = codes.filter((code) => code === null).length;
      const store = url === undefined ? 'SQLite' : 'PostgreSQL';
      held.push({
        text: `${store}, killed ${killed} times of seed ${seed}: ${drafts.size} drafts, ${isSame ? 'equal to the byte' : 'DIFFERENT'}, drafted ${drafting} times`,
        held: isSame && killed === kills && drafting === incidents,
      });
      place.close();
    }
    return held;
  } finally {
    await world.close();
    await postgres.close();
  }
}
