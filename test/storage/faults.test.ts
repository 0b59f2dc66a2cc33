import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { POSTGRES_PASSWORD, startPostgres } from '../support/postgres.ts';
import { draftsIn, openServiceWorld, type Served, type ServiceWorld, until } from '../support/service-world.ts';

const LIMITER = fileURLToPath(new URL('../support/limit-pages.ts', import.meta.url));
const INCIDENTS = 6;
const LONG = 300_000;
const folder = mkdtempSync(join(tmpdir(), 'hindcast-faults-'));

interface Answered {
  readonly status: number;
  readonly type: string | null;
  /** What the stories look at of any answer. */
  readonly body: { readonly id?: number; readonly state?: string; readonly counts?: Readonly<Record<string, number>> };
}

async function ask(served: Served, path: string, body?: object): Promise<Answered> {
  const sent = body && { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  const response = await fetch(`${served.url}${path}`, sent);
  const said: Answered['body'] = JSON.parse(await response.text());
  return { status: response.status, type: response.headers.get('content-type'), body: said };
}

const begin = async (served: Served, { window }: ServiceWorld) => (await ask(served, '/backfills', window)).body.id ?? 0;
const countOf = async (served: Served, id: number, state: string) => (await ask(served, `/backfills/${id}`)).body.counts?.[state] ?? 0;
const isDone = async (served: Served, id: number) => (await ask(served, `/backfills/${id}`)).body.state === 'finished';
const ready = (served: Served) => ask(served, '/health/ready');
const PROBLEM = 'application/problem+json; charset=utf-8';

/** The drafts of a backfill that nothing disturbed. */
let undisturbed: Awaited<ReturnType<typeof draftsIn>>;
let disturbed: ServiceWorld;
const file = join(folder, 'disturbed.db');

beforeAll(async () => {
  const url = `sqlite:${join(folder, 'undisturbed.db')}`;
  const world = await openServiceWorld(INCIDENTS, url);
  const served = await world.start(['serve']);
  const id = await begin(served, world);
  await until(() => isDone(served, id), 'the backfill ended');
  expect(await served.stop()).toBe(0);
  undisturbed = await draftsIn(url);
  expect(undisturbed.size).toBeGreaterThan(INCIDENTS / 2);
  await world.close();
  disturbed = await openServiceWorld(INCIDENTS, `sqlite:${file}`);
}, LONG);
afterAll(async () => {
  await disturbed.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a disk that fills while a backfill runs', () => {
  it('is said by /health/ready; once there is room the backfill goes on by itself, nothing is lost and no half draft stands', {
    timeout: LONG,
  }, async () => {
    const limit = join(folder, 'pages');
    const served = await disturbed.start(['serve'], { preload: LIMITER, env: { HINDCAST_PAGES: limit } });
    const id = await begin(served, disturbed);
    await until(async () => (await countOf(served, id, 'drafted')) > 0, 'a first draft');
    // Room for a run's first rows, and not for what its vendors answer.
    writeFileSync(limit, '40');
    await until(async () => (await ready(served)).status === 503, 'the disk was full');
    expect((await ready(served)).body).toEqual({
      status: 'unavailable',
      detail: 'the store cannot be used: the disk is full; make room and run the same command again, nothing half-written is kept',
    });
    // What is there is shown on, and what is full is told to who would write.
    expect((await ask(served, '/incidents')).status).toBe(200);
    expect(await ask(served, '/incidents/QB0005/draft', { refresh: true })).toMatchObject({
      ...{ status: 503, type: PROBLEM },
      body: { type: 'urn:hindcast:problem:store', detail: expect.stringContaining('the disk is full') },
    });
    const looked = (times: number) =>
      until(async () => served.log().split('store or queue not reached').length > times, 'lanes looked again');
    await looked(6);
    const calls = disturbed.calls();
    // Long enough for a job to have been tried as often as it may; no vendor is asked for what could not be kept.
    await looked(14);
    expect(disturbed.calls()).toBe(calls);
    const full = await draftsIn(`sqlite:${file}`);
    for (const [incident, drafts] of full) expect(undisturbed.get(incident)).toEqual(drafts);
    expect(await countOf(served, id, 'failed')).toBe(0);

    rmSync(limit);
    await until(async () => (await ready(served)).status === 200, 'there was room');
    await until(() => isDone(served, id), 'the backfill ended');
    expect(await countOf(served, id, 'failed')).toBe(0);
    expect(served.isRunning()).toBe(true);
    expect(await served.stop()).toBe(0);
    expect(await draftsIn(`sqlite:${file}`)).toEqual(undisturbed);
  });
});

describe('a PostgreSQL that is stopped and started again', () => {
  it('is said by /health/ready and to every request; serve and worker go on without a restart, no job is lost and none done twice', {
    timeout: LONG,
  }, async () => {
    process.env['PGPASSWORD'] = POSTGRES_PASSWORD;
    const postgres = await startPostgres();
    onTestFinished(() => postgres.close());
    await postgres.createDatabase('service');
    const url = postgres.url('service');
    const world = await openServiceWorld(INCIDENTS, url);
    onTestFinished(() => world.close());
    const served = await world.start(['serve']);
    const worker = await world.start(['worker']);
    const id = await begin(served, world);
    await until(async () => (await countOf(served, id, 'drafted')) > 0, 'a first draft');

    await postgres.stop();
    await until(async () => (await ready(served)).status === 503, 'the store was away');
    expect((await ready(served)).body).toEqual({
      status: 'unavailable',
      detail: 'the store cannot be used: it does not answer; start it, or check `storage.url`',
    });
    for (const path of ['/incidents', `/backfills/${id}`, '/incidents/QB0001/draft']) {
      const { status, type, body } = await ask(served, path);
      expect({ path, status, type }).toEqual({ path, status: 503, type: PROBLEM });
      expect(body).toMatchObject({ type: 'urn:hindcast:problem:store', detail: expect.stringContaining('it does not answer; start it') });
    }

    await postgres.start();
    await until(async () => (await ready(served)).status === 200, 'the store was back');
    await until(() => isDone(served, id), 'the backfill ended');
    expect(await countOf(served, id, 'failed')).toBe(0);
    expect([served.isRunning(), worker.isRunning()]).toEqual([true, true]);
    expect(await draftsIn(url)).toEqual(undisturbed);
    expect([await served.stop(), await worker.stop()]).toEqual([0, 0]);
  });
});
