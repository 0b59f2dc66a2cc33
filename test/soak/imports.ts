import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { PLAIN } from '../../connectors/import/mapping.ts';
import { readWhole } from '../support/whole-file.ts';
import type { Held } from './load.ts';

const MEMORY = fileURLToPath(new URL('report-memory.ts', import.meta.url));
const MOST_MB = 250;
/** Reading, hashing and storing in transactions that each reach the disk, against reading alone; a busy disk takes its time. */
const MOST_TIMES = 25;
const EVENTS = 100_000;
const START = Date.parse('2024-01-10T00:00:00Z');

/** A hundred thousand events from one file of each kind: all stored, in little memory, and in a small multiple of reading it. */
export async function imports(main: string, events = EVENTS): Promise<readonly Held[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-soak-'));
  try {
    const held: Held[] = [];
    for (const [ending, text] of Object.entries(filesOf(events)))
      held.push(...(await importOne(main, folder, `log.${ending}`, text, events)));
    return held;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same events as JSON Lines and as CSV. */
function filesOf(events: number) {
  const rows = Array.from({ length: events }, (_, index) => ({
    time: new Date(START + index * 4_000).toISOString(),
    meaning: 'recorded',
    message: `Request ${index} to checkout was answered after ${index % 977} ms by worker ${index % 13} in zone us-east-1b`,
    id: `e${index}`,
  }));
  const csv = rows.map(({ time, meaning, message, id }) => `${time},${meaning},"${message}",${id}`);
  return { jsonl: rows.map((row) => JSON.stringify(row)).join('\n'), csv: ['time,meaning,message,id', ...csv].join('\n') };
}

async function importOne(main: string, folder: string, name: string, text: string, events: number): Promise<readonly Held[]> {
  const at = (path: string) => join(folder, path);
  const [file, config, store, report] = [at(name), at('hindcast.yaml'), at(`${name}.db`), at(`${name}.json`)];
  writeFileSync(file, text);
  writeFileSync(config, `sources: { github: { connector: github, token_env: TOKEN } }\nstorage: { url: "sqlite:${store}" }\n`);
  const env = { PATH: process.env['PATH'] ?? '', TOKEN: 'unused', HINDCAST_SOAK_REPORT: report };
  const words = ['--import', MEMORY, main, 'import', file, '--source', 'logs', '--config', config];
  const began = performance.now();
  const [code] = await once(spawn(process.execPath, words, { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] }), 'exit');
  const tookMs = performance.now() - began;
  const { maxRssMb }: { maxRssMb: number } = JSON.parse(readFileSync(report, 'utf8'));
  const stored = countStored(store);
  const times = tookMs / readingMs(name, text);
  return [
    { text: `import of ${name}: exit ${code}, ${events} events, each once: ${stored}`, held: code === 0 && stored === events },
    { text: `resident at most ${MOST_MB} MB: ${maxRssMb.toFixed(0)} MB`, held: maxRssMb < MOST_MB },
    {
      text: `at most ${MOST_TIMES} times reading it: ${(tookMs / 1_000).toFixed(1)} s, ${times.toFixed(1)} times`,
      held: times < MOST_TIMES,
    },
  ];
}

/** How long the file's records take to be read by their mapping, with nothing kept. */
function readingMs(name: string, text: string): number {
  const began = performance.now();
  readWhole({ name, text, mapping: PLAIN, common: { keys: [] } });
  return performance.now() - began;
}

function countStored(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const row = db.prepare(`select count(distinct native_id) as stored from told where stream = 'events'`).get();
    return Number(row?.['stored']);
  } finally {
    db.close();
  }
}
