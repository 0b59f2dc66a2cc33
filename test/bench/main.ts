import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AT_MOST, DELAY_MS, measureRoundTrips } from './round-trips.ts';
import { exportSample } from './sample-bundle.ts';

/** A command against an empty Node in the same run: the machine's speed cancels out. */
interface Bench {
  readonly name: string;
  readonly words: readonly string[];
  readonly atMost: number;
}

const ROUNDS = 15;
const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));

function timeOnce(words: readonly string[], cwd: string): number {
  const started = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, words, { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'] ?? '' } });
  if (status !== 0) throw new Error(`${words.join(' ')} exited ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

if (!existsSync(MAIN)) throw new Error('dist/ is missing: npm run bench builds it first');
const folder = mkdtempSync(join(tmpdir(), 'hindcast-bench-'));
try {
  const bundle = join(folder, 'sample.jsonl');
  writeFileSync(bundle, await exportSample());
  const benches: readonly Bench[] = [
    { name: '--help', words: [MAIN, '--help'], atMost: 3 },
    { name: 'draft --bundle', words: [MAIN, 'draft', '--bundle', bundle], atMost: 15 },
  ];
  const version = execFileSync(process.execPath, ['--version'], { encoding: 'utf8' }).trim();
  const empty: number[] = [];
  const times = benches.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round += 1) {
    empty.push(timeOnce(['-e', '0'], folder));
    for (const [index, { words }] of benches.entries()) times[index]?.push(timeOnce(words, folder));
  }
  const base = median(empty);
  process.stdout.write(`empty node ${version}: ${base.toFixed(0)} ms (median of ${ROUNDS})\n`);
  let missed = 0;
  for (const [index, { name, atMost }] of benches.entries()) {
    const ratio = median(times[index] ?? []) / base;
    if (ratio > atMost) missed += 1;
    process.stdout.write(`${name}: ${ratio.toFixed(2)} times an empty node, at most ${atMost}: ${ratio > atMost ? 'MISSED' : 'held'}\n`);
  }
  const { waited, critical, calls } = await measureRoundTrips();
  const trips = waited / critical;
  if (trips > AT_MOST) missed += 1;
  process.stdout.write(
    `one draft, ${DELAY_MS} ms added to each of ${calls} answers: waits ${waited.toFixed(1)} of them, ${trips.toFixed(2)} times its critical path of ${critical}, at most ${AT_MOST}: ${trips > AT_MOST ? 'MISSED' : 'held'}\n`,
  );
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
