import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCloudWatch } from '../../demo/standins/cloudwatch.ts';
import { startPagerDuty } from '../../demo/standins/pagerduty.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { manyIncidents } from './backfill-world.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** A real process of the service. */
export interface Served {
  /** Of the API; empty for a worker. */
  readonly url: string;
  /** What its log said so far. */
  log(): string;
  isRunning(): boolean;
  /** As an operator ends it; resolves with its exit code. */
  stop(): Promise<number | null>;
}

/** So many past incidents behind stand-ins, and a configuration over a store. */
export interface ServiceWorld {
  readonly window: { readonly from: string; readonly to: string };
  /** Calls that the vendors got so far. */
  calls(): number;
  start(words: readonly string[], more?: { readonly preload?: string; readonly env?: Readonly<Record<string, string>> }): Promise<Served>;
  close(): Promise<void>;
}

export async function openServiceWorld(incidents: number, storage: string): Promise<ServiceWorld> {
  const world = manyIncidents(incidents, 5);
  const [pagerduty, cloudwatch] = await Promise.all([startPagerDuty(world), startCloudWatch(world)]);
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-service-'));
  const config = join(folder, 'hindcast.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      sources: {
        pagerduty: { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN', base_url: pagerduty.url },
        'aws-prod': { connector: 'cloudwatch', region: 'us-east-1', endpoint: cloudwatch.url },
      },
      services: [{ name: 'api', owns: { pagerduty: { service_ids: ['PAPI001'] }, 'aws-prod': { alarm_prefixes: ['api-'] } } }],
      storage: { url: storage },
      server: { port: 0 },
    }),
  );
  const children: ChildProcess[] = [];
  const base = { PATH: process.env['PATH'] ?? '', PAGERDUTY_TOKEN: world.pagerduty.token, PGPASSWORD: process.env['PGPASSWORD'] ?? '' };
  return {
    calls: () => pagerduty.requests.length + cloudwatch.requests.length,
    window: { from: '2023-12-01T00:00:00Z', to: world.now },
    start: (words, { preload, env } = {}) =>
      startProcess(
        [...(preload === undefined ? [] : ['--import', preload]), MAIN, ...words, '--config', config],
        { ...base, ...env },
        children,
      ),
    close: async () => {
      // Where a story failed, its processes still run.
      for (const child of children) child.kill('SIGKILL');
      await Promise.all([pagerduty.close(), cloudwatch.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startProcess(words: readonly string[], env: Readonly<Record<string, string>>, children: ChildProcess[]): Promise<Served> {
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const exit = once(child, 'close');
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const ready = /(?:serving on (http:\S+)|working on jobs)/;
  await until(async () => ready.test(said) || !isRunning(), 'the process began');
  if (!isRunning()) throw new Error(`it ended: ${said}`);
  return {
    url: ready.exec(said)?.[1] ?? '',
    log: () => said,
    isRunning,
    stop: async () => {
      child.kill('SIGTERM');
      const [code]: readonly (number | null)[] = await exit;
      return code ?? null;
    },
  };
}

/** Waits for something to become true, however long a busy machine takes. */
export async function until(ask: () => Promise<boolean>, what: string, tries = 1_200): Promise<void> {
  for (let left = tries; left > 0; left -= 1) {
    if (await ask()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`never: ${what}`);
}

/** By incident, each draft that was made of it, without what tells when it was made. */
export async function draftsIn(url: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const db = await openDatabase(url);
  try {
    const rows = await db
      .selectFrom('drafting')
      .innerJoin('snapshot', 'snapshot.no', 'drafting.snapshot_no')
      .leftJoin('rendered', 'rendered.draft_id', 'snapshot.draft_id')
      .select(['drafting.incident', 'snapshot.draft_id', 'rendered.body'])
      .orderBy('drafting.no')
      .execute();
    const texts = Map.groupBy(rows, ({ incident }) => incident);
    return new Map(
      [...texts].map(([incident, own]) => [
        incident,
        own.map(({ draft_id, body }) => `${draft_id} ${body?.replace(/"takenAt":"[^"]*"/, '') ?? 'not rendered'}`),
      ]),
    );
  } finally {
    await db.destroy();
  }
}
