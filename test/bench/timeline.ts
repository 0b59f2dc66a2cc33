import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Held } from './held.ts';

const RUN = fileURLToPath(new URL('timeline-run.ts', import.meta.url));
/** Of a draft that finds its readings kept there are four times as many. */
const ROUNDS = 5;
const RECORDS = 100_000;
const POINTS = 1_000_000;
const AT_MOST = 4;
const GROWS_AT_MOST = 2.3;
const MOST_MB = 400;

/** Mean processor time of a round, and the median of `JSON.parse` beside it. */
export interface Cost {
  readonly ms: number;
  readonly parseMs: number;
}

export interface Timed {
  readonly events: number;
  readonly megabytes: number;
  /** Each body parsed and all of them kept, as one parse of the whole would: what of `timeline` must be kept is a part of that. */
  readonly held: Cost;
  /** Every row from the store, parsed and dropped: what of `anew` is the store's. */
  readonly read: Cost;
  /** To the timeline where nothing is kept of how the records read: each is normalized, and how it reads is kept. */
  readonly anew: Cost;
  /** The same again, as every later draft of the records. */
  readonly timeline: Cost;
}

interface Resident {
  readonly points: number;
  readonly maxRssMb: number;
}

/**
 * From stored evidence to the merged timeline, against `JSON.parse` of the same bodies as text, in one process and in alternating
 * rounds: once where nothing is kept of how the records read, and again by what a pull writes of it, as every draft of them. Processor time, so that the
 * machine's other work is not counted, and the garbage collector's is. `dist` ends in a slash.
 */
export async function measureTimeline(dist: string): Promise<readonly Held[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-bench-'));
  const run = (what: string, file: string, ...numbers: readonly number[]): string =>
    execFileSync(process.execPath, [RUN, dist, what, join(folder, file), ...numbers.map(String)], { encoding: 'utf8' });
  const time = (file: string, records: number): Timed => {
    run('fill', file, records, 0);
    return JSON.parse(run('time', file, ROUNDS));
  };
  try {
    const once = time('once.db', RECORDS);
    const twice = time('twice.db', 2 * RECORDS);
    run('fill', 'held.db', 2 * RECORDS, POINTS);
    const first: Resident = JSON.parse(run('hold', 'held.db'));
    const again: Resident = JSON.parse(run('hold', 'held.db'));
    const grows = twice.timeline.ms / once.timeline.ms;
    return [
      describe(once, 'anew', 'with nothing kept of how they read, as after an upgrade'),
      describe(once, 'timeline', 'by what a pull or an earlier draft kept'),
      { text: `timeline of twice the records: ${grows.toFixed(2)} times the time, at most ${GROWS_AT_MOST}`, held: grows <= GROWS_AT_MOST },
      describeResident(first, 'with nothing kept'),
      describeResident(again, 'by what was kept'),
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function describeResident({ points, maxRssMb }: Resident, how: string): Held {
  const text = `resident for ${2 * RECORDS} records and ${points} datapoints, ${how}: ${maxRssMb.toFixed(0)} MB, under ${MOST_MB}`;
  return { text, held: maxRssMb < MOST_MB && points === POINTS };
}

function describe({ held, read, megabytes, events, ...timed }: Timed, which: 'anew' | 'timeline', how: string): Held {
  const { ms, parseMs } = timed[which];
  const ratio = ms / parseMs;
  const what = `timeline of ${RECORDS} stored records (${megabytes.toFixed(0)} MB, ${events} events), ${how}`;
  const parse = `JSON.parse of the same bytes (${parseMs.toFixed(0)} ms)`;
  const beside = `reading and parsing every row is ${(read.ms / read.parseMs).toFixed(2)}; ${(ms / held.ms).toFixed(2)} times where all that was parsed is kept`;
  return { text: `${what}: ${ratio.toFixed(2)} times ${parse}, at most ${AT_MOST} (${beside})`, held: ratio <= AT_MOST };
}
