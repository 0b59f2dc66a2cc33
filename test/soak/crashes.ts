import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { stringify } from 'yaml';
import { type LargeWorld, startLargeWorld } from './large-world.ts';

/** Where a process is killed: behind so many answers of the pager, or so many statements that match. */
export type Point =
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'answer'; readonly after: number }
  | { readonly kind: 'statement'; readonly like: string; readonly after: number };

export interface Crashed {
  readonly point: Point;
  /** The first run was killed, the second one ended well. */
  readonly codes: readonly [first: number | null, second: number | null];
  /** Log entries that the store holds in the end, with repeats, and how many differ. */
  readonly entries: number;
  readonly distinct: number;
  /** Of the entries, how many the second run's own answer links to. */
  readonly linked: number;
  /** Calls of the first run, and of the second. */
  readonly calls: readonly [number, number];
}

const STATEMENT = new URL('kill-at-statement.ts', import.meta.url).pathname;
const SIZE = { incidents: 20, entriesEach: 200, alarms: 0, days: 1 };
export const ENTRIES = SIZE.incidents * SIZE.entriesEach;

/** A world in which a pull is killed and made again; one pull after the other, each with a store of its own. */
export async function openCrashWorld(main: string) {
  // Three days ago: what is read a day after the window has an end that does not move from one run to the next.
  const now = new Date(Date.now() - 3 * 86_400_000);
  const world = await startLargeWorld({ ...SIZE, now });
  return {
    crash: (point: Point) => crash(world, main, point, now),
    close: () => world.close(),
  };
}

async function crash({ pagerduty, env }: LargeWorld, main: string, point: Point, now: Date): Promise<Crashed> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-crash-'));
  try {
    const store = join(folder, 'hindcast.db');
    const config = join(folder, 'hindcast.yaml');
    const sources = { pagerduty: { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN', base_url: pagerduty.url } };
    const services = [{ name: 'api', owns: { pagerduty: { service_ids: ['PAPI001'] } } }];
    writeFileSync(config, stringify({ sources, services, storage: { url: `sqlite:${store}` } }));
    const from = new Date(now.getTime() - SIZE.days * 86_400_000).toISOString();
    const words = [main, 'pull', '--from', from, '--to', now.toISOString(), '--config', config];
    const run = (before: readonly string[]) =>
      spawn(process.execPath, [...before, ...words], {
        cwd: folder,
        env: { PATH: process.env['PATH'] ?? '', HINDCAST_LOG: 'error', ...env, ...killing(point) },
        stdio: ['ignore', 'ignore', 'inherit'],
      });
    pagerduty.reset();
    const first = run(point.kind === 'statement' ? ['--import', STATEMENT] : []);
    const code = await killed(first, pagerduty, point);
    const asked = pagerduty.requests.length;
    pagerduty.reset();
    const [second] = await once(run([]), 'exit');
    return { point, codes: [code, second], ...countIn(store), calls: [asked, pagerduty.requests.length] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function killing(point: Point): Readonly<Record<string, string>> {
  return point.kind === 'statement' ? { HINDCAST_SOAK_KILL: JSON.stringify(point) } : {};
}

/** Waits for the end of the process, and brings it about where the point is an answer. */
async function killed(child: ChildProcess, pagerduty: LargeWorld['pagerduty'], point: Point): Promise<number | null> {
  let isRunning = true;
  const exit = once(child, 'exit').finally(() => {
    isRunning = false;
  });
  while (isRunning && point.kind === 'answer') {
    if (pagerduty.requests.length >= point.after) child.kill('SIGKILL');
    await Promise.race([exit, new Promise((resolve) => setTimeout(resolve, 1))]);
  }
  return (await exit)[0] as number | null;
}

function countIn(store: string): Pick<Crashed, 'entries' | 'distinct' | 'linked'> {
  const db = new DatabaseSync(store, { readOnly: true });
  const one = (sql: string) => Number(db.prepare(sql).get()?.['n'] ?? 0);
  try {
    return {
      entries: one(`select count(*) as n from evidence where stream = 'log_entries'`),
      distinct: one(`select count(distinct native_id) as n from evidence where stream = 'log_entries'`),
      linked: one(
        `select count(distinct evidence_no) as n from pull_evidence
         where pull_id in (select id from pull where finished = 1 and run_id = (select max(id) from run) and pulled like '%"log_entries"%')`,
      ),
    };
  } finally {
    db.close();
  }
}
