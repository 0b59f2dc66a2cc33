import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { randomOf } from '../support/random.ts';
import { backfills } from './backfills.ts';
import { clients } from './clients.ts';
import { ENTRIES, openCrashWorld, type Point } from './crashes.ts';
import { edits } from './edits.ts';
import { imports } from './imports.ts';
import { type Held, load } from './load.ts';

const POINTS = 10;
const MAIN = process.argv[2] ?? fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const SEED = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));

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

if (!existsSync(MAIN)) throw new Error('dist/ is missing: npm run soak builds it first');
const held = [
  ...(await crashes()),
  ...(await load(MAIN)),
  ...(await imports(MAIN)),
  ...(await clients(MAIN)),
  ...edits(SEED),
  ...(await backfills(SEED)),
];
for (const { text, held: isHeld } of held) process.stdout.write(`${isHeld ? 'held' : 'MISSED'}: ${text}\n`);
process.exitCode = held.every(({ held: isHeld }) => isHeld) ? 0 : 1;
