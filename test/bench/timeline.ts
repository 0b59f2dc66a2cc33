import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Held, median } from './held.ts';

const RUN = fileURLToPath(new URL('timeline-run.ts', import.meta.url));
const ROUNDS = 7;
const RECORDS = 100_000;
const POINTS = 1_000_000;
const AT_MOST = 4;
const GROWS_AT_MOST = 2.3;
const MOST_MB = 400;

interface Timed {
  readonly events: number;
  readonly megabytes: number;
  readonly rounds: readonly { readonly parse: number; readonly held: number; readonly read: number; readonly timeline: number }[];
}

/**
 * From stored evidence to the merged timeline, against `JSON.parse` of the same bodies as text, in one process and in alternating
 * rounds. Processor time, so that the machine's other work is not counted, and the garbage collector's is. `dist` ends in a slash.
 */
export async function measureTimeline(dist: string): Promise<readonly Held[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-bench-'));
  const run = (what: string, file: string, ...numbers: readonly number[]): string =>
    execFileSync(process.execPath, ['--expose-gc', RUN, dist, what, join(folder, file), ...numbers.map(String)], { encoding: 'utf8' });
  const time = (file: string, records: number): Timed => {
    run('fill', file, records, 0);
    return JSON.parse(run('time', file, ROUNDS));
  };
  try {
    const once = time('once.db', RECORDS);
    const twice = time('twice.db', 2 * RECORDS);
    run('fill', 'held.db', 2 * RECORDS, POINTS);
    const held: { readonly points: number; readonly maxRssMb: number } = JSON.parse(run('hold', 'held.db'));
    const grows = median(once.rounds.map(({ timeline }, at) => (twice.rounds[at]?.timeline ?? Number.NaN) / timeline));
    return [
      { text: describe(once), held: ratioOf(once) <= AT_MOST },
      { text: `timeline of twice the records: ${grows.toFixed(2)} times the time, at most ${GROWS_AT_MOST}`, held: grows <= GROWS_AT_MOST },
      {
        text: `resident for ${2 * RECORDS} records and ${held.points} datapoints: ${held.maxRssMb.toFixed(0)} MB, under ${MOST_MB}`,
        held: held.maxRssMb < MOST_MB && held.points === POINTS,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ratioOf({ rounds }: Timed): number {
  return median(rounds.map(({ parse, timeline }) => timeline / parse));
}

function describe(timed: Timed): string {
  const { rounds, megabytes, events } = timed;
  const parse = median(rounds.map((round) => round.parse));
  const read = median(rounds.map((round) => round.read / round.parse));
  const kept = median(rounds.map((round) => round.timeline / round.held));
  const ratio = ratioOf(timed).toFixed(2);
  const what = `timeline of ${RECORDS} stored records (${megabytes.toFixed(0)} MB, ${events} events)`;
  return `${what}: ${ratio} times JSON.parse of the same bytes (${parse.toFixed(0)} ms, medians of ${ROUNDS}), of which reading and parsing the rows ${read.toFixed(2)}; at most ${AT_MOST} (${kept.toFixed(2)} times where all that was parsed is kept)`;
}
