import { describe, expect, it } from 'vitest';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import type { Database } from '../../src/storage/tables.ts';
import { ENGINES } from './engines.ts';

/** Parts of as many pages, as a version kept them while it ran. */
async function keepAs(db: Database, reader: string, count: number): Promise<void> {
  const parts = Array.from({ length: count }, (_, at) => ({ numbers: [at * 5_000, at * 5_000 + 1], text: `by ${reader}` }));
  await createEvidenceStore(db).keepPages(reader, parts);
}

async function countsOf(db: Database): Promise<Readonly<Record<string, number>>> {
  const rows = await db.selectFrom('interpretation').select('reader').execute();
  return Object.fromEntries([...Map.groupBy(rows, ({ reader }) => reader)].map(([reader, of]) => [reader, of.length]));
}

describe.each(ENGINES)('what an earlier version kept of its readings, in $name', ({ open }) => {
  it('is forgotten by a later one, some with each write, but for the newest that may run still', async () => {
    const { db, close } = await open();
    await keepAs(db, 'hindcast/0.2.0', 25);
    await keepAs(db, 'hindcast/0.9.0', 25);
    const { keepPages } = createEvidenceStore(db);
    const write = (at: number) => keepPages('hindcast/0.10.0', [{ numbers: [at * 5_000, at * 5_000 + 1], text: 'by the newest' }]);
    await write(0);
    expect(await countsOf(db)).toEqual({ 'hindcast/0.2.0': 15, 'hindcast/0.9.0': 25, 'hindcast/0.10.0': 1 });
    for (const at of [1, 2, 3, 4]) await write(at);
    expect(await countsOf(db)).toEqual({ 'hindcast/0.9.0': 25, 'hindcast/0.10.0': 5 });
    await close();
  });

  it('stays while two versions run side by side: neither takes from the other what it would have to read again', async () => {
    const { db, close } = await open();
    for (let round = 0; round < 3; round += 1) {
      await keepAs(db, 'hindcast/0.9.0', 25);
      await keepAs(db, 'hindcast/0.10.0', 25);
    }
    expect(await countsOf(db)).toEqual({ 'hindcast/0.9.0': 25, 'hindcast/0.10.0': 25 });
    await close();
  });
});
