import type { Transaction } from 'kysely';
import type { Tables } from './tables.ts';

/** Parts that one write forgets beside what it keeps: each is written over with zeros, and others wait for their turn. */
const AT_ONCE = 10;

/** Forgets, beside a write, some of what code that is gone has kept. */
export type ForgetStale = (trx: Transaction<Tables>, reader: string) => Promise<void>;

/**
 * How records read is kept by the code that read them, and each new version would leave all that the ones before it kept. What two
 * codes kept stays: the writer's own and the newest of the others, so that two versions which run side by side while one takes the
 * other's place do not forget each other's over and over. It is a cache: who misses a part reads its records again.
 *
 * Looks until there is nothing left, and no further: a version that comes later forgets for itself.
 */
export function createForgetting(): ForgetStale {
  const done = new Set<string>();
  return async (trx, reader) => {
    if (done.has(reader)) return;
    const readers = await trx.selectFrom('interpretation').select('reader').distinct().where('reader', '!=', reader).execute();
    const others = readers.map((row) => row.reader).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    const [stale] = others.slice(0, -1);
    if (stale === undefined) {
      done.add(reader);
      return;
    }
    await trx
      .deleteFrom('interpretation')
      .where('reader', '=', stale)
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('block', 'first'),
          'in',
          selectFrom('interpretation').select(['block', 'first']).where('reader', '=', stale).limit(AT_ONCE).$asTuple('block', 'first'),
        ),
      )
      .execute();
  };
}
