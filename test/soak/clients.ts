import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { stage } from '../../demo/run.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';
import { type Served, startServed } from '../bench/served.ts';
import { randomOf } from '../support/random.ts';
import type { Held } from './load.ts';

const SECRET = 'c'.repeat(30);
const AUTH = { authorization: `Bearer ${SECRET}` };
const MOST_GROWTH = 1.1;

/** How many of each kind there are, of two hundred. */
const KINDS = { quick: 150, slow: 25, broken: 25 } as const;

interface Load {
  readonly served: Served;
  readonly incident: string;
  readonly random: () => number;
  readonly statuses: Map<number, number>;
  readonly until: number;
}

/**
 * Two hundred clients on one server: most ask and read, some read a little at a time, some break off, send half a request or none that
 * is one. No answer is a fault of ours, and what the server holds at the end is what it held after a third of the time.
 */
export async function clients(main: string, seconds = 60): Promise<readonly Held[]> {
  const held: Held[] = [];
  for (const limit of [0, 600]) held.push(...(await withLimit(main, limit, seconds)));
  return held;
}

async function withLimit(main: string, limit: number, seconds: number): Promise<readonly Held[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-clients-'));
  const staged = await stage({ folder });
  const now = parseInstant(staged.world.now);
  const { incident } = staged.world.truth;
  const { app, close } = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
  await app.draft({ select: { kind: 'incident', id: incident } });
  await close();
  const config = join(folder, 'clients.yaml');
  const told: object = parse(readFileSync(staged.config, 'utf8'));
  writeFileSync(config, stringify({ ...told, server: { port: 0, requests_per_minute: limit } }));
  const served = await startServed([main, 'serve', '--config', config], { ...staged.env, HINDCAST_TOKENS: `soak:write:${SECRET}` });
  try {
    const statuses = new Map<number, number>();
    const load: Load = { served, incident, random: randomOf(limit + 7), statuses, until: performance.now() + seconds * 1_000 };
    const running = Promise.all([
      ...Array.from({ length: KINDS.quick }, () => quick(load)),
      ...Array.from({ length: KINDS.slow }, () => slow(load)),
      ...Array.from({ length: KINDS.broken }, () => broken(load)),
    ]);
    await wait((seconds * 1_000) / 3);
    const early = await served.usage(true);
    await running;
    const late = await served.usage(true);
    const faults = [...statuses].filter(([status]) => status >= 500);
    const told = [...statuses].toSorted(([a], [b]) => a - b).map(([status, count]) => `${count} × ${status}`);
    const growth = late.heapMb / early.heapMb;
    const name = `200 clients for ${seconds} s, ${limit === 0 ? 'no limit' : `${limit} requests a minute`}`;
    return [
      { text: `${name}: ${told.join(', ')}`, held: faults.length === 0 && (statuses.get(200) ?? 0) > 0 },
      {
        text: `${name}: heap ${early.heapMb.toFixed(1)} MB after a third, ${late.heapMb.toFixed(1)} MB at the end (${growth.toFixed(2)} times, at most ${MOST_GROWTH}); resident ${late.rssMb.toFixed(0)} MB`,
        held: growth <= MOST_GROWTH,
      },
    ];
  } finally {
    await served.stop();
    await staged.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks for this and that, one after the other, over a connection that it keeps. */
async function quick(load: Load): Promise<void> {
  const { served, incident, random, statuses, until } = load;
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const asks = [
    { path: `/incidents/${incident}/draft` },
    { path: `/incidents/${incident}/draft`, headers: { accept: 'text/html' } },
    { path: '/incidents' },
    { path: `/incidents/${incident}/draft/charts/graphs.1.svg` },
    { path: '/health/ready' },
    { path: '/incidents/PNOSUCH' },
    { path: '/summaries?from=2024-01-01T00:00:00Z&to=2024-02-01T00:00:00Z' },
    { path: `/incidents/${incident}/draft`, method: 'POST', body: '{"refresh":' },
  ];
  while (performance.now() < until) {
    const ask = asks[Math.floor(random() * asks.length)] ?? { path: '/' };
    const status = await answerOf(`${served.url}${ask.path}`, agent, ask);
    if (status !== undefined) statuses.set(status, (statuses.get(status) ?? 0) + 1);
    await wait(200 + random() * 800);
  }
  agent.destroy();
}

interface Ask {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function answerOf(url: string, agent: Agent, { method = 'GET', headers, body }: Ask): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = request(url, { agent, method, headers: { ...AUTH, ...(body && { 'content-type': 'application/json' }), ...headers } });
    asked.once('response', (answer) => {
      answer.resume();
      answer.once('close', () => resolve(answer.statusCode));
    });
    asked.once('error', () => resolve(undefined));
    asked.end(body);
  });
}

/** Asks for the draft, and reads a kilobyte of it every now and then. */
async function slow({ served, incident, random, until }: Load): Promise<void> {
  while (performance.now() < until) {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET /incidents/${incident}/draft HTTP/1.1\r\nhost: x\r\nauthorization: ${AUTH.authorization}\r\n\r\n`);
    for (let read = 0; read < 20 && performance.now() < until; read += 1) {
      await wait(100 + random() * 300);
      socket.read(1_024);
    }
    socket.destroy();
  }
}

const HALVES = [
  'GET /incidents HTTP/1.1\r\nhost: x\r\nauthor',
  'POST /incidents/PABC/draft HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n{"refresh"',
  '\u0000\u0001\u0002\r\n\r\n',
  'GET /../../etc/passwd HTTP/1.1\r\n\r\n',
  'POST /incidents HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  `GET /incidents HTTP/1.1\r\nhost: x\r\nx-long: ${'x'.repeat(20_000)}\r\n\r\n`,
] as const;

/** Breaks off in the middle, or sends what is no request. */
async function broken({ served, random, until }: Load): Promise<void> {
  while (performance.now() < until) {
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.write(HALVES[Math.floor(random() * HALVES.length)] ?? '');
    await wait(random() * 500);
    socket.destroy();
  }
}
