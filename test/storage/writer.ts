import { openDatabase } from '../../src/storage/database.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { evidenceOf, instant } from '../support/events.ts';

/** A process of its own that keeps batches until it has kept so many, and says each one once it is safe: `node writer.ts URL NAME BATCHES SIZE`. */
const [url = '', name = '', batches = '', size = ''] = process.argv.slice(2);
const db = await openDatabase(url);
const store = createEvidenceStore(db);
const run = await store.startRun(instant('16:00'));
for (let batch = 0; batch < Number(batches); batch += 1) {
  await store.keep(run, batchOf(batch));
  process.stdout.write(`${batch}\n`);
}
await db.destroy();

/** One record in four is the same in every process. */
function batchOf(batch: number) {
  return Array.from({ length: Number(size) }, (_, index) => {
    const owner = index % 4 === 0 ? 'shared' : name;
    return evidenceOf(`${owner}-${batch}-${index}`, { owner, batch, index, text: 'x'.repeat(500) });
  });
}
