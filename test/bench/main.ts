import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measureBackfill } from './backfill.ts';
import { measureBudgets } from './budgets.ts';
import { measureCommands } from './commands.ts';
import { measureDraft } from './draft.ts';
import type { Held } from './held.ts';
import { measureRoundTrips } from './round-trips.ts';
import { measureService } from './service.ts';
import { measureTimeline } from './timeline.ts';

const DIST = new URL('../../dist/', import.meta.url).href;
const MAIN = fileURLToPath(new URL('src/cli/main.js', DIST));

/** Every measurement by name; `npm run bench -- round-trips` runs one. */
const PARTS: Readonly<Record<string, () => Promise<readonly Held[]>>> = {
  backfill: () => measureBackfill(MAIN),
  budgets: measureBudgets,
  commands: () => measureCommands(MAIN),
  draft: () => measureDraft(DIST),
  'round-trips': measureRoundTrips,
  service: () => measureService(MAIN),
  timeline: () => measureTimeline(DIST),
};

if (!existsSync(MAIN)) throw new Error('dist/ is missing: npm run bench builds it first');
const wanted = process.argv.slice(2);
let missed = 0;
for (const [name, measure] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const { text, held } of await measure()) {
    if (!held) missed += 1;
    process.stdout.write(`${held ? 'held' : 'MISSED'}: ${text}\n`);
  }
}
process.exitCode = missed === 0 ? 0 : 1;
