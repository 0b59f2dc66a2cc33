import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { stage } from '../../demo/run.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import { type Held, median } from './held.ts';
import { type Served, sendMany, startServed } from './served.ts';

const BARE = fileURLToPath(new URL('bare-server.ts', import.meta.url));
const ROUNDS = 5;
const REQUESTS = 2_000;
const AT_MOST = 3.5;
const FRESH = 100;
const SECRET = 'b'.repeat(30);

/** The sample incident, drafted and kept, with a configuration under which its API limits nobody. */
async function openSample(folder: string) {
  const staged = await stage({ folder });
  const now = parseInstant(staged.world.now);
  const { incident } = staged.world.truth;
  const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
  await app.draft({ select: { kind: 'incident', id: incident } });
  await close();
  const config = join(folder, 'service.yaml');
  const told: object = parse(readFileSync(staged.config, 'utf8'));
  writeFileSync(config, stringify({ ...told, server: { port: 0, requests_per_minute: 0 } }));
  return { staged, incident, config };
}

/**
 * What the API takes of a server: CPU of a draft that was sent before, against a bare Fastify that sends the same bytes and neither
 * checks a token nor writes a log; the time of a draft that is made from stored evidence; memory at rest and under load.
 */
export async function measureService(main: string): Promise<readonly Held[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-service-'));
  const opened = await openSample(folder);
  const { staged, incident, config } = opened;
  const headers = { authorization: `Bearer ${SECRET}` };
  const env = { ...staged.env, HINDCAST_TOKENS: `bench:write:${SECRET}` };
  const ours = await startServed([main, 'serve', '--config', config], env);
  const draft = `${ours.url}/incidents/${incident}/draft`;
  try {
    const idle = await ours.usage();
    const fresh = await timesOf(opened);
    const file = join(folder, 'draft.json');
    const bytes = Buffer.from(await (await fetch(draft, { headers })).arrayBuffer());
    writeFileSync(file, bytes);
    const bare = await startServed([BARE, file]);
    const { ratio, cpuMs, loaded } = await compare(ours, draft, bare, headers).finally(bare.stop);
    const size = `${(bytes.length / 1024).toFixed(0)} kB`;
    return [
      {
        text: `a draft of ${size} that was sent before takes ${ratio.toFixed(2)} times the CPU of a bare Fastify route (${cpuMs.toFixed(3)} ms; median of ${ROUNDS} alternating rounds of ${REQUESTS}, log on), at most ${AT_MOST}`,
        held: ratio <= AT_MOST,
      },
      { text: `a draft from stored evidence: p50 ${at(fresh, 0.5)} ms, p99 ${at(fresh, 0.99)} ms (n = ${FRESH})`, held: true },
      { text: `resident ${idle.rssMb.toFixed(0)} MB idle, at most ${loaded.toFixed(0)} MB under load`, held: true },
    ];
  } finally {
    await ours.stop();
    await staged.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(ours: Served, draft: string, bare: Served, headers: Readonly<Record<string, string>>) {
  const cost = async (served: Served, url: string) => {
    const before = await served.usage();
    await sendMany(url, REQUESTS, headers);
    const after = await served.usage();
    return { cpuMs: (after.cpuMs - before.cpuMs) / REQUESTS, rssMb: after.rssMb };
  };
  // Neither is measured before it is compiled.
  await cost(ours, draft);
  await cost(bare, bare.url);
  const rounds: { readonly ratio: number; readonly cpuMs: number; readonly rssMb: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const [own, other] = [await cost(ours, draft), await cost(bare, bare.url)];
    rounds.push({ ratio: own.cpuMs / other.cpuMs, ...own });
  }
  return {
    ratio: median(rounds.map(({ ratio }) => ratio)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    loaded: Math.max(...rounds.map(({ rssMb }) => rssMb)),
  };
}

/** How long a draft takes that is made anew from stored evidence, one after the other, with no source asked. */
async function timesOf({ staged, incident }: Awaited<ReturnType<typeof openSample>>): Promise<readonly number[]> {
  const now = parseInstant(staged.world.now);
  const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
  const times: number[] = [];
  for (let made = 0; made < FRESH; made += 1) {
    const started = performance.now();
    await app.draft({ select: { kind: 'incident', id: incident }, offline: true });
    times.push(performance.now() - started);
  }
  await close();
  return times.toSorted((a, b) => a - b);
}

function at(ascending: readonly number[], share: number): string {
  return (ascending[Math.ceil(ascending.length * share) - 1] ?? Number.NaN).toFixed(0);
}
