import { purgeDue } from '../../src/app/retention.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { openTestApp, sourcesOf } from '../app/fakes.ts';
import { smallPager, smallWorld } from '../app/small-world.ts';
import { instant } from './events.ts';

/** A process of its own that purges what is due at a time and says how much: `node purge-runner.ts URL NOW KEEP`. */
const [url = '', now = '', keep = ''] = process.argv.slice(2);
const db = await openDatabase(url);
const { deps } = await openTestApp(
  sourcesOf({ pager: smallPager(smallWorld()) }),
  { storage: { url, keep_evidence: keep } },
  instant(now),
  db,
);
process.stdout.write(JSON.stringify(await purgeDue(deps)));
await db.destroy();
