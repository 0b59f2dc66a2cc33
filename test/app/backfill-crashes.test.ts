import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newPostgresUrl } from '../storage/engines.ts';
import {
  type BackfillWorld,
  draftsIn,
  type KillPoint,
  manyIncidents,
  openBackfillWorld,
  type Place,
  rowsIn,
} from '../support/backfill-world.ts';
import { randomOf } from '../support/random.ts';

const INCIDENTS = 60;
/** Seen over all drafts: written between two of them, or in the middle of one. */
const STATEMENTS = ['insert into "drafting"', 'insert into "rendered"', 'update "backfill_item"', 'insert into "pull_evidence"'] as const;
const SEED = 20_240_115;
const LONG = 400_000;

/** Three places to die at, each some drafts further on. One of them is where it forgets how far a question was read. */
function pointsOf(seed: number): readonly KillPoint[] {
  const next = randomOf(seed);
  const after = () => 3 + Math.floor(next() * 12);
  const points = [0, 1].map(() => ({ like: STATEMENTS[Math.floor(next() * STATEMENTS.length)] ?? '', after: after() }));
  return [...points, { like: 'delete from "reading_evidence"', after: after() }];
}

describe(`a backfill of ${INCIDENTS} incidents`, () => {
  let world: BackfillWorld;
  let expected: Awaited<ReturnType<typeof draftsIn>>;

  beforeAll(async () => {
    world = await openBackfillWorld(manyIncidents(INCIDENTS, 5), '2023-12-01T00:00:00Z');
    const place = await world.place();
    const { code, complaint } = await place.start().ended();
    expect({ code, complaint }).toEqual({ code: 0, complaint: '' });
    expected = await draftsIn(place.url);
    place.close();
    expect(expected.size).toBe(INCIDENTS);
  }, LONG);
  afterAll(() => world.close());

  async function inPlace(url: string | undefined, act: (place: Place) => Promise<void>): Promise<void> {
    const place = await world.place(url);
    try {
      await act(place);
    } finally {
      place.close();
    }
  }

  const engines = [
    ['SQLite', async () => undefined],
    ['PostgreSQL', newPostgresUrl],
  ] as const;

  it.each(engines)(
    'on %s, killed three times and begun again: the same drafts to the byte, none made twice, and a second run writes its own row alone',
    async (_name, urlOf) =>
      await inPlace(await urlOf(), async (place) => {
        for (const point of pointsOf(SEED)) {
          const { code, complaint } = await place.start(point).ended();
          expect({ point, code, complaint }).toEqual({ point, code: null, complaint: '' });
        }
        const last = await place.start().ended();
        expect(last).toMatchObject({ code: 0, complaint: '' });
        expect(last.said?.id).toBe(1);
        expect(last.said?.items.map(({ state }) => state)).toEqual(Array.from({ length: INCIDENTS }, () => 'drafted'));
        expect(await draftsIn(place.url)).toEqual(expected);
        const rows = await rowsIn(place.url);
        expect(rows).toMatchObject({ snapshot: INCIDENTS, drafting: INCIDENTS, rendered: INCIDENTS, backfill: 1, job: 0, reading: 0 });
        const again = await place.start().ended();
        expect(again.said?.listing?.already).toHaveLength(INCIDENTS);
        expect(await rowsIn(place.url)).toEqual({ ...rows, backfill: 2 });
      }),
    LONG,
  );

  it(
    'by three workers on PostgreSQL, one of them killed: the same',
    async () =>
      await inPlace(await newPostgresUrl(), async (place) => {
        const runs = [place.start(), place.start({ like: 'insert into "rendered"', after: 5 }), place.start()];
        const codes = (await Promise.all(runs.map((run) => run.ended()))).map(({ code, complaint }) => ({ code, complaint }));
        expect(codes).toEqual([0, null, 0].map((code) => ({ code, complaint: '' })));
        expect(await draftsIn(place.url)).toEqual(expected);
        expect(await rowsIn(place.url)).toMatchObject({ snapshot: INCIDENTS, drafting: INCIDENTS, rendered: INCIDENTS, backfill: 1 });
      }),
    LONG,
  );
});
