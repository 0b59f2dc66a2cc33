import { describe, expect, it } from 'vitest';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { evidenceOf } from '../support/events.ts';
import { ENGINES } from './engines.ts';
import { NOON } from './samples.ts';

const QUESTIONS = 6;

describe.each(ENGINES)('records that are stored, on $name', ({ open }) => {
  it('make nobody wait in a circle where questions of one run bring them at once, each in an order of its own', async () => {
    const { db, close } = await open();
    const store = createEvidenceStore(db);
    const records = Array.from({ length: 100 }, (_, index) => evidenceOf(`R${index}`, { index }));
    await store.keep(await store.startRun(NOON), records);
    for (let round = 0; round < 10; round += 1) {
      const run = await store.startRun(NOON);
      const orders = Array.from({ length: QUESTIONS }, (_, index) => (index % 2 === 0 ? records : records.toReversed()));
      await Promise.all(orders.map((some) => store.keep(run, some)));
      const links = await db.selectFrom('run_evidence').select('no').where('run_id', '=', run).execute();
      expect(links).toHaveLength(records.length);
    }
    await close();
  });
});
