import { afterEach, describe, expect, it } from 'vitest';
import { buildServer } from '../../src/api/server.ts';
import { SourceError } from '../../src/contract/index.ts';
import { openTestApp, quietLog, sourcesOf } from '../app/fakes.ts';
import { heldPager } from '../app/held-pager.ts';
import { smallPager, smallWorld } from '../app/small-world.ts';

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function serve(connector: ReturnType<typeof smallPager> | ReturnType<typeof heldPager>['connector']) {
  const { app } = await openTestApp(sourcesOf({ pager: connector }));
  const server = await buildServer({ app, tokens: [], log: quietLog() });
  closers.push(() => app.close());
  const begin = (id = 'PABC', prefer = 'respond-async') =>
    server.inject({ method: 'POST', url: `/incidents/${id}/draft`, headers: { prefer } });
  const get = (url: string, accept = 'application/json') => server.inject({ method: 'GET', url, headers: { accept } });
  return { server, begin, get };
}

/** However long a busy machine takes. */
async function whileUnderWay(ask: () => Promise<{ readonly statusCode: number }>): Promise<void> {
  while ((await ask()).statusCode === 202) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('Prefer: respond-async', () => {
  it('is answered at once with a place, which tells that it runs and then gives the draft in any kind', async () => {
    const held = heldPager();
    const { server, begin, get } = await serve(held.connector);
    closers.push(async () => server.close());
    const begun = await begin('PABC', 'wait=10, Respond-Async');
    expect([begun.statusCode, begun.headers['preference-applied']]).toEqual([202, 'respond-async']);
    const place = String(begun.headers.location);
    await held.reached;
    expect((await get(place)).statusCode).toBe(202);
    held.release();
    await whileUnderWay(() => get(place));
    expect((await get(place)).statusCode).toBe(200);
    expect((await get(place, 'text/markdown')).body).toMatch(/^# Post-mortem: /);
    expect((await get(place)).headers.etag).toBe((await get('/incidents/PABC/draft')).headers.etag);
    expect((await get(place.replace('PABC', 'POTHER'))).statusCode).toBe(404);
  });

  it('of an incident that cannot be read gives the problem where the draft would have been, and tells the log', async () => {
    const world = smallWorld({ broken: { incidents: new SourceError('unauthorized', 'the token is refused') } });
    const { server, begin, get } = await serve(smallPager(world));
    closers.push(async () => server.close());
    const place = String((await begin()).headers.location);
    await whileUnderWay(() => get(place));
    expect((await get(place)).statusCode).toBe(502);
    expect((await get(place)).json().type).toBe('urn:hindcast:problem:unreadable');
  });

  it('is finished before the server has closed', async () => {
    const held = heldPager();
    const { server, begin } = await serve(held.connector);
    await begin();
    await held.reached;
    let isClosed = false;
    const closing = server.close().then(() => {
      isClosed = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(isClosed).toBe(false);
    held.release();
    await closing;
  });
});

describe('a draft that was sent before', () => {
  it('is a new one once the incident is drafted anew', async () => {
    const world = smallWorld();
    const { server, begin, get } = await serve(smallPager(world));
    closers.push(async () => server.close());
    await begin('PABC', 'wait=1');
    const before = await get('/incidents/PABC/draft');
    expect((await get('/incidents/PABC/draft')).body).toBe(before.body);
    world.entries.push({ id: 'R5', at: '2024-01-15T14:58:00Z', type: 'note.added', text: 'A late word' });
    await server.inject({ method: 'POST', url: '/incidents/PABC/draft', payload: { refresh: true } });
    const after = await get('/incidents/PABC/draft');
    expect(after.headers.etag).not.toBe(before.headers.etag);
    expect(after.body).toContain('A late word');
  });

  it('as a page carries a policy that lets in its own style and nothing else', async () => {
    const { server, begin, get } = await serve(smallPager(smallWorld()));
    closers.push(async () => server.close());
    await begin('PABC', 'wait=1');
    const page = await get('/incidents/PABC/draft', 'text/html');
    expect(page.headers['content-security-policy']).toMatch(/default-src 'none'; style-src 'unsafe-inline'/);
    expect((await get('/incidents/PABC/draft')).headers['content-security-policy']).not.toContain('unsafe-inline');
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
    });
  });
});
