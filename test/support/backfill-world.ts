import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startCloudWatch } from '../../demo/standins/cloudwatch.ts';
import { startPagerDuty } from '../../demo/standins/pagerduty.ts';
import type { World, WorldIncident } from '../../demo/world.ts';
import type { Backfill } from '../../src/app/backfill-ports.ts';
import { openDatabase } from '../../src/storage/database.ts';
import type { Tables } from '../../src/storage/tables.ts';
import type { RunnerTask } from './backfill-runner.ts';
import { sampleWorld } from './github-world.ts';

const RUNNER = fileURLToPath(new URL('backfill-runner.ts', import.meta.url));
const KILLER = fileURLToPath(new URL('kill-at-query.ts', import.meta.url));

/** Behind so many runs of a statement a process is killed. */
export interface KillPoint {
  readonly like: string;
  readonly after: number;
}

/** The sample's incident so many times, some hours apart, each with times and ids of its own; every tenth was merged into the one after it. */
export function manyIncidents(count: number, hoursApart: number): World {
  const sample = sampleWorld();
  const model = sample.pagerduty.incidents.find(({ id }) => id === sample.truth.incident);
  if (!model) throw new Error('the sample has its incident');
  const incidents = Array.from({ length: count }, (_, index) => later(model, index, -index * hoursApart * 3_600_000));
  return { ...sample, pagerduty: { ...sample.pagerduty, incidents, change_events: [] } };
}

function later(model: WorldIncident, index: number, ms: number): WorldIncident {
  const number = String(index).padStart(4, '0');
  const { past_incidents: _past, related_incidents: _related, ...kept } = model;
  const text = JSON.stringify(kept).replaceAll(/"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g, (_, at: string) => {
    const moved = new Date(Date.parse(at) + ms).toISOString();
    return JSON.stringify(at.includes('.') ? moved : moved.replace('.000Z', 'Z'));
  });
  const incident: WorldIncident = JSON.parse(text);
  const alerts = (incident.alerts ?? []).map((alert) => ({ ...alert, id: `${alert.id}${number}` }));
  const log = incident.log.map((entry) => (entry.alert === undefined ? entry : { ...entry, alert: `${entry.alert}${number}` }));
  return { ...incident, id: `QB${number}`, number: 7_000 + index, alerts, log };
}

export interface BackfillWorld {
  /** A store that is empty, and a configuration that names it. */
  place(storeUrl?: string): Promise<Place>;
  close(): Promise<void>;
}

export interface Place {
  readonly url: string;
  start(point?: KillPoint): Run;
  close(): void;
}

export interface Run {
  readonly child: ChildProcess;
  /** Null where it was killed. */
  ended(): Promise<{ readonly code: number | null; readonly said: Backfill | undefined; readonly complaint: string }>;
}

export async function openBackfillWorld(world: World, from: string): Promise<BackfillWorld> {
  const [pagerduty, cloudwatch] = await Promise.all([startPagerDuty(world), startCloudWatch(world)]);
  return {
    place: async (storeUrl) => {
      const folder = mkdtempSync(join(tmpdir(), 'hindcast-backfill-'));
      const url = storeUrl ?? `sqlite:${join(folder, 'hindcast.db')}`;
      const config = join(folder, 'hindcast.yaml');
      writeFileSync(
        config,
        JSON.stringify({
          sources: {
            pagerduty: { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN', base_url: pagerduty.url },
            'aws-prod': { connector: 'cloudwatch', region: 'us-east-1', endpoint: cloudwatch.url },
          },
          services: [{ name: 'api', owns: { pagerduty: { service_ids: ['PAPI001'] }, 'aws-prod': { alarm_prefixes: ['api-'] } } }],
          storage: { url },
        }),
      );
      const task: RunnerTask = { config, folder, now: world.now, from, to: world.now };
      return {
        url,
        start: (point) => startRun(task, world.pagerduty.token, point),
        close: () => rmSync(folder, { recursive: true, force: true }),
      };
    },
    close: async () => {
      await Promise.all([pagerduty.close(), cloudwatch.close()]);
    },
  };
}

function startRun(task: RunnerTask, token: string, point: KillPoint | undefined): Run {
  const words = [...(point ? ['--import', KILLER] : []), RUNNER, JSON.stringify(task)];
  const env = {
    PATH: process.env['PATH'] ?? '',
    PAGERDUTY_TOKEN: token,
    PGPASSWORD: process.env['PGPASSWORD'] ?? '',
    HINDCAST_LOG: 'error',
    ...(point && { HINDCAST_KILL: JSON.stringify(point) }),
  };
  const child = spawn(process.execPath, words, { cwd: task.folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let complaint = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  child.stderr.on('data', (chunk) => {
    complaint += String(chunk);
  });
  const exit = once(child, 'close');
  return {
    child,
    ended: async () => {
      const [code]: readonly (number | null)[] = await exit;
      return { code: code ?? null, said: out === '' ? undefined : JSON.parse(out), complaint };
    },
  };
}

/** By incident, the draft that stands and its bytes. */
export async function draftsIn(url: string): Promise<ReadonlyMap<string, readonly [draftId: string, body: string]>> {
  const db = await openDatabase(url);
  try {
    const rows = await db
      .selectFrom('snapshot')
      .innerJoin('rendered', 'rendered.draft_id', 'snapshot.draft_id')
      .select(['snapshot.incident', 'snapshot.draft_id', 'rendered.body'])
      .execute();
    return new Map(rows.map(({ incident, draft_id, body }) => [incident, [draft_id, body]]));
  } finally {
    await db.destroy();
  }
}

const COUNTED = [
  'run',
  'evidence',
  'run_evidence',
  'pull',
  'pull_evidence',
  'snapshot',
  'drafting',
  'edit',
  'rendered',
  'reading',
  'backfill',
  'backfill_item',
  'job',
] as const satisfies readonly (keyof Tables)[];

/** How many rows each table holds. */
export async function rowsIn(url: string): Promise<Readonly<Record<(typeof COUNTED)[number], number>>> {
  const db = await openDatabase(url);
  try {
    const counts = await Promise.all(
      COUNTED.map(async (table) => {
        const { n } = await db
          .selectFrom(table)
          .select(({ fn }) => fn.countAll<number | string>().as('n'))
          .executeTakeFirstOrThrow();
        return [table, Number(n)] as const;
      }),
    );
    return Object.fromEntries(counts) as Record<(typeof COUNTED)[number], number>;
  } finally {
    await db.destroy();
  }
}
