import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startCloudWatch } from '../../demo/standins/cloudwatch.ts';
import { startGitHub } from '../../demo/standins/github.ts';
import { startPagerDuty } from '../../demo/standins/pagerduty.ts';
import type { World } from '../../demo/world.ts';
import type { Held } from './held.ts';
import { configOf } from './scaled.ts';
import { type Served, startServed } from './served.ts';

const SECRET = 'b'.repeat(30);
const HEADERS = { authorization: `Bearer ${SECRET}` };
const DAY_MS = 86_400_000;
/** Between two requests for a draft that is kept. */
const PAUSE_MS = 20;
const REST_MS = 4_000;

/** How late the event loop of a server is at rest, and while it drafts past incidents; and how long a kept draft takes meanwhile. */
export async function measureServer(main: string, past: World): Promise<readonly Held[]> {
  const world = movedToToday(past);
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-backfill-'));
  const standIns = await Promise.all([startPagerDuty(world), startCloudWatch(world), startGitHub(world)]);
  const [pagerduty = '', cloudwatch = '', github = ''] = standIns.map(({ url }) => url);
  const config = join(folder, 'hindcast.yaml');
  const told = configOf(join(folder, 'hindcast.db'), { pagerduty, cloudwatch, github });
  writeFileSync(config, stringify({ ...told, server: { port: 0, requests_per_minute: 0 } }));
  const env = { PAGERDUTY_TOKEN: world.pagerduty.token, GITHUB_TOKEN: world.github.token, HINDCAST_TOKENS: `bench:write:${SECRET}` };
  const served = await startServed([main, 'serve', '--config', config], env);
  try {
    const [newest] = world.pagerduty.incidents;
    const draft = `${served.url}/incidents/${newest?.id}/draft`;
    await asked(draft, 'POST');
    const began = performance.now();
    const rest = await watch(served, draft, async () => performance.now() - began > REST_MS);
    const window = { from: new Date(Date.parse(world.now) - 30 * DAY_MS).toISOString(), to: world.now };
    const backfill = await asked(`${served.url}/backfills`, 'POST', window);
    const { id }: { readonly id: number } = JSON.parse(backfill);
    let made = '';
    const busy = await watch(served, draft, async () => {
      const { state, counts }: { readonly state: string; readonly counts: object } = JSON.parse(
        await asked(`${served.url}/backfills/${id}`),
      );
      made = JSON.stringify(counts);
      return state === 'finished' || state === 'failed';
    });
    const text = `a server that drafts past incidents (${made}): event loop delay p99 ${busy.loop} ms (at rest ${rest.loop}); a kept draft is answered in p50 ${busy.p50} ms, p99 ${busy.p99} ms (at rest ${rest.p50} and ${rest.p99}), n = ${busy.n}; resident ${busy.rss} MB`;
    return [{ text, held: /"drafted":\d/.test(made) && !made.includes('failed') }];
  } finally {
    await served.stop();
    await Promise.all(standIns.map((standIn) => standIn.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asks for the kept draft again and again until it is over. */
async function watch(served: Served, draft: string, isOver: () => Promise<boolean>) {
  await served.usage();
  const times: number[] = [];
  for (let turn = 0; turn % 20 !== 0 || !(await isOver()); turn += 1) {
    const started = performance.now();
    await asked(draft);
    times.push(performance.now() - started);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const { loopMs, rssMb } = await served.usage();
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.ceil(times.length * share) - 1] ?? Number.NaN).toFixed(1);
  return { loop: loopMs.toFixed(1), p50: at(0.5), p99: at(0.99), n: times.length, rss: rssMb.toFixed(0) };
}

async function asked(url: string, method = 'GET', body?: object): Promise<string> {
  const headers = { ...HEADERS, ...(body && { 'content-type': 'application/json' }) };
  const answer = await fetch(url, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${url} answered ${answer.status}: ${text.slice(0, 500)}`);
  return text;
}

/** The world as many whole days later as make its last day yesterday: a server has no other clock than the wall's. */
function movedToToday(world: World): World {
  const days = Math.floor((Date.now() - Date.parse(world.now)) / DAY_MS);
  const text = JSON.stringify(world).replaceAll(/"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g, (_, at: string) => {
    const moved = new Date(Date.parse(at) + days * DAY_MS).toISOString();
    return JSON.stringify(at.includes('.') ? moved : moved.replace('.000Z', 'Z'));
  });
  const moved: World = JSON.parse(text);
  return moved;
}
