import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Staged, stage } from '../../demo/run.ts';
import type { Fault } from '../../demo/standins/server.ts';
import { buildServer } from '../../src/api/server.ts';
import type { Opened } from '../../src/cli/io.ts';
import { openApp } from '../../src/compose.ts';
import { parseInstant } from '../../src/core/time.ts';

/** A server that should never hear from us: its address stands wherever others may write one. */
async function openCanary() {
  const heard: string[] = [];
  const server: Server = createServer((request, response) => {
    heard.push(`${request.method} ${request.url}`);
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  return { heard, url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

/** Every text of a value with its addresses turned to the canary's, and one more in each sentence. */
function planted<T>(value: T, url: string): T {
  const texts = JSON.stringify(value, (key, inner) => {
    if (typeof inner !== 'string') return inner;
    if (/url|link|href|self/i.test(key) || /^https?:/.test(inner)) return inner.replace(/https?:\/\/[^/]+/, url);
    return inner.includes(' ') ? `${inner} ${url}/in/a/sentence` : inner;
  });
  const changed: T = JSON.parse(texts);
  return changed;
}

/** Whom this process connects to from now on: the ports, and every name that is looked up. */
function watchConnections() {
  const ports = new Set<number>();
  const names: string[] = [];
  const watch = (message: unknown) => {
    const socket = typeof message === 'object' && message !== null && 'socket' in message ? message.socket : undefined;
    if (!(socket instanceof Socket)) return;
    socket.on('lookup', (_error, _address, _family, host) => names.push(host));
    socket.on('connectionAttempt', (_ip, port) => ports.add(port));
  };
  subscribe('net.client.socket', watch);
  return { ports, names, stop: () => unsubscribe('net.client.socket', watch) };
}

describe('an address that somebody else wrote', () => {
  let canary: Awaited<ReturnType<typeof openCanary>>;
  let staged: Staged;
  let opened: Opened;

  beforeAll(async () => {
    canary = await openCanary();
    staged = await stage({
      change: (world) => ({
        ...world,
        pagerduty: {
          ...world.pagerduty,
          ...planted({ incidents: world.pagerduty.incidents, change_events: world.pagerduty.change_events }, canary.url),
        },
      }),
    });
    for (const vendor of [staged.cloudwatch, staged.github]) {
      // What has not changed is answered with no body.
      const rewrite: Fault['rewrite'] = (answer) =>
        answer.body === undefined ? answer : { ...answer, body: planted(answer.body, canary.url) };
      vendor.fail({ path: /./, mode: 'rewrite', rewrite });
    }
    const note = `{ link: "${canary.url}", token_env: NOTE_TOKEN, from: ${staged.world.people[0]?.email} }`;
    const webhook = `{ pagerduty: { source: pagerduty, secrets_env: WEBHOOK_SECRETS, note: ${note} } }`;
    appendFileSync(staged.config, `policy: { settle: 0s }\nwebhooks: ${webhook}\n`);
    const now = parseInstant(staged.world.now);
    const env = { ...staged.env, NOTE_TOKEN: staged.world.pagerduty.write_token ?? '', HINDCAST_LOG: 'silent' };
    opened = await openApp({ config: staged.config, env, cwd: '.', ...(now && { now }) });
  });
  afterAll(async () => {
    await opened.close();
    await staged.close();
    canary.close();
  });

  it('in a record, a bundle or a body is printed as text or link, and never asked', async () => {
    const { app, log } = opened;
    const server = await buildServer({ app, tokens: [], log, webhook: { source: 'pagerduty', secrets: ['s'.repeat(40)] } });
    const id = staged.world.truth.incident;
    const watched = watchConnections();
    const send = (url: string, payload?: object) => server.inject({ method: 'POST', url, ...(payload && { payload }) });
    const drafted = await send(`/incidents/${id}/draft`);
    expect(drafted.statusCode).toBe(200);
    expect(drafted.body).toContain(canary.url);

    const at = '2024-01-15T14:40Z';
    await send(`/incidents/${id}/events`, { at, text: `See ${canary.url}/event`, reason: `${canary.url}/reason` });
    await send(`/incidents/${id}/draft`, { refresh: true, with: [`${canary.url}/incidents/PABC`] });
    await send(`/incidents/${encodeURIComponent(`${canary.url}/incidents/${id}`)}/draft`);
    await send(`/incidents/${encodeURIComponent(`${canary.url}/x`)}/draft`, { asOf: canary.url });
    await send('/webhooks/pagerduty', { event: { id: canary.url, event_type: 'incident.resolved', data: { id, self: canary.url } } });
    const accepts = ['text/html', 'text/markdown', 'application/json'];
    for (const accept of accepts) await server.inject({ method: 'GET', url: `/incidents/${id}/draft`, headers: { accept } });

    await app.receive({ source: 'pagerduty', event: canary.url, type: 'incident.resolved', incident: id });
    const stop = new AbortController();
    const drafting = app.keepDrafting(stop.signal);
    await vi.waitFor(async () => expect(await app.noteOf(id)).toMatchObject({ state: 'written' }), { timeout: 60_000 });
    stop.abort();
    await drafting;

    const messages = JSON.stringify([{ ts: '1705329660.0', text: `See ${canary.url}/message`, user: 'U1' }]);
    const imported = await app.importFile({ name: 'day.json', text: messages, source: 'chat', mapping: { name: 'slack' }, incident: id });
    expect(imported.added).toBeGreaterThan(0);
    const written = await server.inject({ method: 'GET', url: `/incidents/${id}/draft`, headers: { accept: 'text/markdown' } });
    const edited = `${written.body}\nSee [the graph](${canary.url}/graph), ![it](${canary.url}/image.png) and ${canary.url}/bare.\n`;
    expect((await app.importEdits({ path: 'draft.md', text: edited, author: 'ann' })).recorded).toHaveLength(1);
    const { root } = await app.importBundle(await app.exportBundle(id, { roles: false }));
    await app.reproduce(`bundle:${root}`);
    await server.close();
    watched.stop();
    expect(canary.heard).toEqual([]);
    // Links to api.pagerduty.com and github.com stand in every record, too.
    const known = [staged.pagerduty, staged.cloudwatch, staged.github].map(({ url }) => Number(new URL(url).port));
    expect([[...watched.ports].filter((port) => !known.includes(port)), watched.names]).toEqual([[], []]);
    expect(watched.ports.size).toBe(3);
  });
});
