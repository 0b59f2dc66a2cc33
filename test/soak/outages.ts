import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { POSTGRES_PASSWORD, startPostgres } from '../support/postgres.ts';
import { randomOf } from '../support/random.ts';
import { draftsIn, openServiceWorld, type Served, type ServiceWorld, until } from '../support/service-world.ts';
import type { Held } from './load.ts';

const LIMITER = fileURLToPath(new URL('../support/limit-pages.ts', import.meta.url));
/** Looks, 50 ms apart, until a state must have come: ten minutes. */
const PATIENCE = 12_000;

interface Report {
  readonly id: number;
  readonly state: string;
  readonly counts: Readonly<Record<string, number>>;
}

type Drafts = Awaited<ReturnType<typeof draftsIn>>;

/** Backfills whose store goes away again and again, at times of a seed: the same drafts as of one that was left alone, each made once. */
export async function outages(seed: number, incidents = 40, times = 5): Promise<readonly Held[]> {
  process.env['PGPASSWORD'] = POSTGRES_PASSWORD;
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-outages-'));
  const next = randomOf(seed);
  try {
    const alone = await run(`sqlite:${join(folder, 'alone.db')}`, incidents, async () => undefined);
    return [await fullDisk(folder, { incidents, times, next, alone }), await stoppedServer({ incidents, times, next, alone })];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Trial {
  readonly incidents: number;
  readonly times: number;
  readonly next: () => number;
  readonly alone: Drafts;
}

async function fullDisk(folder: string, { incidents, times, next, alone }: Trial): Promise<Held> {
  const limit = join(folder, 'pages');
  let outage = 0;
  const drafts = await run(
    `sqlite:${join(folder, 'full.db')}`,
    incidents,
    async (served, isOver) => {
      for (; outage < times && !(await isOver()); outage += 1) {
        writeFileSync(limit, String(Math.floor(next() * 100)));
        await until(async () => (await isReady(served)) === false || (await isOver()), 'the disk was full', PATIENCE);
        rmSync(limit);
        await until(async () => await isReady(served), 'there was room', PATIENCE);
        await pause(next() * 3_000);
      }
    },
    { preload: LIMITER, env: { HINDCAST_PAGES: limit } },
  );
  return heldOf(`SQLite, full ${outage} times`, drafts, alone);
}

async function stoppedServer({ incidents, times, next, alone }: Trial): Promise<Held> {
  const postgres = await startPostgres();
  try {
    await postgres.createDatabase('outages');
    let outage = 0;
    const drafts = await run(postgres.url('outages'), incidents, async (served, isOver) => {
      for (; outage < times && !(await isOver()); outage += 1) {
        await postgres.stop();
        await until(async () => (await isReady(served)) === false, 'the server was away', PATIENCE);
        await pause(next() * 5_000);
        await postgres.start();
        await until(async () => await isReady(served), 'the server was back', PATIENCE);
        await pause(next() * 5_000);
      }
    });
    return heldOf(`PostgreSQL, stopped ${outage} times`, drafts, alone);
  } finally {
    await postgres.close();
  }
}

function heldOf(what: string, drafts: Drafts, alone: Drafts): Held {
  const isSame = drafts.size === alone.size && [...alone].every(([key, own]) => drafts.get(key)?.join('\n') === own.join('\n'));
  const made = [...drafts.values()].reduce((sum, own) => sum + own.length, 0);
  return { text: `${what}: ${drafts.size} incidents drafted ${made} times, ${isSame ? 'equal to the byte' : 'DIFFERENT'}`, held: isSame };
}

/** A backfill by `serve` and, where the store is a server, a worker beside it, while something happens to the store. */
async function run(
  url: string,
  incidents: number,
  disturb: (served: Served, isOver: () => Promise<boolean>) => Promise<void>,
  more: Parameters<ServiceWorld['start']>[1] = {},
): Promise<Drafts> {
  const world = await openServiceWorld(incidents, url);
  const served = await world.start(['serve'], more);
  const others = url.startsWith('postgres') ? [await world.start(['worker'])] : [];
  try {
    const { id } = await reportOf(served, '/backfills', { method: 'POST', body: JSON.stringify(world.window) });
    const isOver = async () => (await reportOf(served, `/backfills/${id}`).catch(() => undefined))?.state === 'finished';
    await until(async () => ((await reportOf(served, `/backfills/${id}`)).counts['drafted'] ?? 0) > 0, 'a first draft', PATIENCE);
    await disturb(served, isOver);
    await until(isOver, 'the backfill ended', PATIENCE);
    return await draftsIn(url);
  } finally {
    await Promise.all([served, ...others].map((process) => process.stop()));
    await world.close();
  }
}

async function reportOf({ url }: Served, path: string, init?: RequestInit): Promise<Report> {
  const response = await fetch(`${url}${path}`, { ...init, headers: init ? { 'content-type': 'application/json' } : {} });
  if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
  const report: Report = JSON.parse(await response.text());
  return report;
}

async function isReady({ url }: Served): Promise<boolean> {
  return (await fetch(`${url}/health/ready`)).ok;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
