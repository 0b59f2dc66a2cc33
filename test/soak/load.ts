import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { startLargeWorld } from './large-world.ts';

const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const MEMORY = fileURLToPath(new URL('report-memory.ts', import.meta.url));
const MOST_MB = 300;
const SIZE = { incidents: 20, entriesEach: 5_000, alarms: 100, days: 7 };

export interface Held {
  readonly text: string;
  readonly held: boolean;
}

/** A hundred thousand log entries and a million datapoints in one window: all there, in order, in little memory. */
export async function load(main = MAIN, size = SIZE): Promise<readonly Held[]> {
  if (!existsSync(main)) throw new Error('dist/ is missing: npm run soak builds it first');
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-soak-'));
  const now = new Date();
  const world = await startLargeWorld({ ...size, now });
  try {
    const config = join(folder, 'hindcast.yaml');
    const store = join(folder, 'hindcast.db');
    writeFileSync(config, configOf(store, world.pagerduty.url, world.cloudwatch.url));
    const from = new Date(now.getTime() - size.days * 86_400_000).toISOString();
    const words = ['--import', MEMORY, main, 'pull', '--from', from, '--to', now.toISOString(), '--config', config];
    const report = join(folder, 'memory.json');
    const env = { PATH: process.env['PATH'] ?? '', HINDCAST_LOG: 'error', HINDCAST_SOAK_REPORT: report, ...world.env };
    const started = performance.now();
    const child = spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += String(chunk);
    });
    const [code] = await once(child, 'exit');
    const seconds = Math.round((performance.now() - started) / 1_000);
    process.stdout.write(`pull exited ${code} after ${seconds} s\n${out}`);
    const { maxRssMb }: { maxRssMb: number } = JSON.parse(readFileSync(report, 'utf8'));
    return [...checkStore(store, size), { text: `resident at most ${MOST_MB} MB: ${maxRssMb.toFixed(0)} MB`, held: maxRssMb < MOST_MB }];
  } finally {
    await world.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function configOf(store: string, pagerduty: string, cloudwatch: string): string {
  return stringify({
    sources: {
      pagerduty: { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN', base_url: pagerduty },
      'aws-prod': { connector: 'cloudwatch', region: 'us-east-1', endpoint: cloudwatch },
    },
    services: [{ name: 'api', owns: { pagerduty: { service_ids: ['PAPI001'] }, 'aws-prod': { alarm_prefixes: ['api-'] } } }],
    storage: { url: `sqlite:${store}` },
  });
}

/** Read from the file itself: what is in the store, and in which order it was filed. */
function checkStore(path: string, { incidents, entriesEach, alarms, days }: typeof SIZE): readonly Held[] {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const entries = db
      .prepare(
        `select native_id, json_extract(body, '$.created_at') as at, json_extract(body, '$.incident.id') as incident, sequence
         from evidence join run_evidence on run_evidence.evidence_no = evidence.no
         where stream = 'log_entries' order by incident, sequence`,
      )
      .all();
    const isOrdered = entries.every(({ at, incident }, index) => {
      const before = entries[index - 1];
      return before === undefined || before['incident'] !== incident || String(before['at']) <= String(at);
    });
    const bodies = db.prepare(`select body from evidence where stream = 'series' and native_id like '%@60/%'`).all();
    const points = countPoints(bodies.map(({ body }) => String(body)));
    const wanted = incidents * entriesEach;
    const wantedPoints = alarms * days * 1_440;
    return [
      { text: `${wanted} log entries, each once: ${entries.length}`, held: entries.length === wanted },
      { text: "in the source's own order", held: isOrdered },
      { text: `at least ${wantedPoints} datapoints at 60 s: ${points}`, held: points >= wantedPoints },
    ];
  } finally {
    db.close();
  }
}

function countPoints(bodies: readonly string[]): number {
  return bodies.reduce((sum, text) => {
    const { values }: { readonly values: readonly number[] } = JSON.parse(text);
    return sum + values.length;
  }, 0);
}
