import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomOf } from '../support/random.ts';
import { backfills } from './backfills.ts';
import { clients } from './clients.ts';
import { ENTRIES, openCrashWorld, type Point } from './crashes.ts';
import { edits } from './edits.ts';
import { imports } from './imports.ts';
import { type Held, load } from './load.ts';
import { outages } from './outages.ts';

const POINTS = 10;
const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const WORDS = process.argv.slice(2);
const SEED_AT = WORDS.indexOf('--seed');
const SEED = SEED_AT >= 0 ? Number(WORDS[SEED_AT + 1]) : Math.floor(Math.random() * 2 ** 31);

/** Ten points from the seed, of every kind in turn. */
function pointsOf(seed: number): readonly Point[] {
  const next = randomOf(seed);
  const random = (least: number, most: number) => least + Math.floor(next() * (most - least + 1));
  const kinds: readonly (() => Point)[] = [
    () => ({ kind: 'statement', like: 'insert into "evidence"', after: random(1, 45) }),
    () => ({ kind: 'statement', like: 'insert into "run_evidence"', after: random(1, 45) }),
    () => ({ kind: 'statement', like: 'insert into "reading_evidence"', after: random(1, 10) }),
    () => ({ kind: 'answer', after: random(1, 120) }),
    () => ({ kind: 'statement', like: 'commit', after: random(1, 150) }),
  ];
  return Array.from({ length: POINTS }, (_, index) => kinds[index % kinds.length]?.() ?? { kind: 'nowhere' });
}

async function crashes(): Promise<readonly Held[]> {
  process.stdout.write(`kill -9 at ${POINTS} points of seed ${SEED}\n`);
  const world = await openCrashWorld(MAIN);
  const held: Held[] = [];
  try {
    for (const point of pointsOf(SEED)) {
      const { codes, entries, distinct, linked } = await world.crash(point);
      const isWhole = codes[1] === 0 && [entries, distinct, linked].every((count) => count === ENTRIES);
      const text = `${JSON.stringify(point)} ${codes[0] === null ? 'killed' : `ended by itself with ${codes[0]}`}, then ${codes[1]}: ${linked} entries`;
      held.push({ text, held: isWhole });
    }
    return held;
  } finally {
    await world.close();
  }
}

/** Every part by name; `npm run soak -- load edits` runs two, `--seed N` repeats a run. */
const PARTS: Readonly<Record<string, () => Promise<readonly Held[]>>> = {
  crashes,
  load: () => load(MAIN),
  imports: () => imports(MAIN),
  clients: () => clients(MAIN),
  edits: async () => edits(SEED),
  backfills: () => backfills(SEED),
  outages: () => outages(SEED),
};

if (!existsSync(MAIN)) throw new Error('dist/ is missing: npm run soak builds it first');
const wanted = WORDS.filter((word, index) => !word.startsWith('--') && (SEED_AT < 0 || index !== SEED_AT + 1));
let missed = 0;
for (const [name, run] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const { text, held } of await run()) {
    if (!held) missed += 1;
    process.stdout.write(`${held ? 'held' : 'MISSED'}: ${text}\n`);
  }
}
process.exitCode = missed === 0 ? 0 : 1;
