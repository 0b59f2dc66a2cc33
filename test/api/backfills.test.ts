import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import { buildServer } from '../../src/api/server.ts';
import { isFinished, type JobService } from '../../src/app/backfill.ts';
import { type OpenedApp, openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';

const READ = 'r'.repeat(30);
const WRITE = 'w'.repeat(30);
const TOKENS = [
  { name: 'dashboard', scope: 'read', secret: READ },
  { name: 'ann', scope: 'write', secret: WRITE },
] as const;
const WINDOW = { from: '2024-01-15T00:00:00Z', to: '2024-01-15T16:00:00Z' };

describe('backfills through the API', () => {
  let staged: Staged;
  let opened: OpenedApp;
  let service: JobService;
  let server: FastifyInstance;

  beforeAll(async () => {
    staged = await stage();
    const now = parseInstant(staged.world.now);
    opened = await openApp({ config: staged.config, env: staged.env, cwd: '.', ...(now && { now }) });
    service = await opened.service();
    server = await buildServer({
      app: opened.app,
      tokens: TOKENS,
      log: opened.log,
      requestsPerMinute: 0,
      backfills: async () => service.backfills,
    });
  });
  afterAll(async () => {
    await server.close();
    await opened.close();
    await staged.close();
  });

  const ask = (method: 'GET' | 'POST' | 'DELETE', url: string, secret: string, payload?: object) =>
    server.inject({ method, url, headers: { authorization: `Bearer ${secret}` }, ...(payload && { payload }) });
  const workUntil = (isOver: () => Promise<boolean>) => service.work(new AbortController().signal, isOver);

  it('one that is started is listed and drafted by whoever works, and its address tells of every incident', async () => {
    const begun = await ask('POST', '/backfills', WRITE, WINDOW);
    expect(begun.statusCode).toBe(202);
    expect(begun.json()).toMatchObject({ id: 1, state: 'listing', asOf: '2024-01-15T16:00:00.000Z', incidents: [] });
    const location = String(begun.headers['location']);
    await workUntil(async () => isFinished(await service.backfills.find(1)));
    const done = (await ask('GET', location, READ)).json();
    expect(done.counts).toEqual({ drafted: done.incidents.length });
    const draft = await ask('GET', `/incidents/${staged.world.truth.incident}/draft`, READ);
    const own = done.incidents.find(({ incident }: { incident: string }) => incident === `pagerduty/${staged.world.truth.incident}`);
    expect(own).toMatchObject({ state: 'drafted', draftId: draft.json()['id'] });
  });

  it('another of a larger window finds the drafts made', async () => {
    const { id } = (await ask('POST', '/backfills', WRITE, { ...WINDOW, from: '2024-01-14T12:00:00Z' })).json();
    await workUntil(async () => isFinished(await service.backfills.find(id)));
    const { counts } = (await ask('GET', `/backfills/${id}`, READ)).json();
    expect(counts['had_draft']).toBeGreaterThan(0);
  });

  it('one that is stopped before anyone began it drafts nothing', async () => {
    const { id } = (await ask('POST', '/backfills', WRITE, { ...WINDOW, service: 'api' })).json();
    const stopped = await ask('DELETE', `/backfills/${id}`, WRITE);
    expect(stopped.json()).toMatchObject({ id, state: 'cancelled', service: 'api', incidents: [] });
    await workUntil(async () => true);
    expect((await ask('GET', `/backfills/${id}`, READ)).json()).toEqual(stopped.json());
  });

  it.each([
    ['with a token that may only read', 'POST', '/backfills', READ, WINDOW, 403],
    ['with no token that is known', 'GET', '/backfills/1', 'x'.repeat(30), undefined, 401],
    ['stopped with a token that may only read', 'DELETE', '/backfills/1', READ, undefined, 403],
    ['of a window turned round', 'POST', '/backfills', WRITE, { from: WINDOW.to, to: WINDOW.from }, 400],
    ['of the future', 'POST', '/backfills', WRITE, { from: '2030-01-01T00:00:00Z', to: '2030-02-01T00:00:00Z' }, 400],
    ['of a service that is not configured', 'POST', '/backfills', WRITE, { ...WINDOW, service: 'nobody' }, 400],
    ['with a field too many', 'POST', '/backfills', WRITE, { ...WINDOW, join: 'none' }, 400],
    ['that there is none of', 'GET', '/backfills/999', READ, undefined, 404],
    ['by no number', 'GET', '/backfills/one', READ, undefined, 400],
  ] as const)('one %s is refused', async (_what, method, url, secret, body, status) => {
    const refused = await ask(method, url, secret, body);
    expect(refused.statusCode).toBe(status);
    expect(refused.headers['content-type']).toContain('application/problem+json');
  });
});
