import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildServer } from '../../src/api/server.ts';
import { draftDue } from '../../src/app/webhook.ts';
import { SourceError } from '../../src/contract/index.ts';
import { addMs } from '../../src/core/time.ts';
import { type OpenedApp, openTestApp, quietLog, sourcesOf } from '../app/fakes.ts';
import { type SmallWorld, smallPager, smallWorld } from '../app/small-world.ts';
import { instant } from '../support/events.ts';
import { sharedFile } from '../support/shared.ts';

const OLD = 'o'.repeat(40);
const NEW = 'n'.repeat(40);
const recorded = sharedFile('specs/recorded/pagerduty-webhooks-v3.json');

const resolved = (event = 'E1', incident = 'PABC') =>
  JSON.stringify({
    event: { id: event, event_type: 'incident.resolved', resource_type: 'incident', data: { id: incident, type: 'incident' } },
  });
const signed = (body: string, ...secrets: readonly string[]) =>
  secrets.map((secret) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`).join(',');

const untilAborted = (signal?: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal?.addEventListener('abort', () => resolve());
  });

describe("PagerDuty's webhook", () => {
  let world: SmallWorld;
  let pager: ReturnType<typeof smallPager>;
  let opened: OpenedApp;
  let server: FastifyInstance;
  const log = quietLog();

  beforeEach(async () => {
    world = smallWorld();
    pager = smallPager(world);
    opened = await openTestApp(sourcesOf({ pager }), {}, instant('2024-01-15T14:57:10Z'));
    server = await buildServer({ app: opened.app, tokens: [], webhook: { source: 'pager', secrets: [OLD, NEW] }, log });
  });
  afterEach(async () => {
    await server.close();
    await opened.app.close();
  });

  const deliver = (payload: string, signature?: string, headers = {}) =>
    server.inject({
      method: 'POST',
      url: '/webhooks/pagerduty',
      headers: { 'content-type': 'application/json', ...(signature !== undefined && { 'x-pagerduty-signature': signature }), ...headers },
      payload,
    });
  /** How many drafts are made when so much time has passed. */
  const madeBy = async (at: string) => {
    opened.clock.set(at);
    let made = 0;
    // While a draft is made, nobody's clock moves.
    const clock = { ...opened.clock, sleep: (_ms: number, signal?: AbortSignal) => untilAborted(signal) };
    while (await draftDue({ ...opened.deps, clock }, opened.app.draft)) made += 1;
    return made;
  };
  const drafts = () => opened.app.incidents({ limit: 10 });

  it('U1.7 drafts a resolved incident once it has settled, from what the API says then and not from the body', async () => {
    const body = resolved();
    const answer = await deliver(body, signed(body, OLD));
    expect([answer.statusCode, answer.json()]).toEqual([202, { received: 'due' }]);
    expect(pager.asked).toEqual([]);
    expect(await madeBy('2024-01-15T15:11:00Z')).toBe(0);
    world.entries.push({ id: 'R5', at: '2024-01-15T14:56:00Z', type: 'note.added', text: 'A word that no webhook told' });
    expect(await madeBy('2024-01-15T15:12:11Z')).toBe(1);
    expect(JSON.stringify((await opened.app.stored('PABC')).draft)).toContain('A word that no webhook told');
  });

  it('drafts once more when its last window has passed, and keeps that only where the evidence changed', async () => {
    const body = resolved();
    await deliver(body, signed(body, NEW));
    await madeBy('2024-01-15T15:12:11Z');
    const first = await opened.app.stored('PABC');
    expect(await madeBy('2024-01-16T14:57:11Z')).toBe(1);
    expect((await opened.app.stored('PABC')).draftId).toBe(first.draftId);
    const second = resolved('E2');
    await deliver(second, signed(second, NEW));
    await madeBy('2024-01-16T15:20:00Z');
    world.entries.push({ id: 'R6', at: '2024-01-15T20:00:00Z', type: 'note.added', text: 'What support wrote in the evening' });
    await madeBy('2024-01-18T15:20:00Z');
    expect((await opened.app.stored('PABC')).draftId).not.toBe(first.draftId);
  });

  it('gives up a draft that ended its process each time, so that it cannot end every other for ever', async () => {
    const body = resolved();
    await deliver(body, signed(body, OLD));
    const { deliveries } = opened.deps;
    let at = instant('2024-01-15T15:12:11Z');
    // Each process takes it and dies at it.
    for (let death = 1; death <= 20; death += 1) {
      expect(await deliveries.take(at, addMs(at, 180_000))).toMatchObject({ attempt: death });
      at = addMs(at, 180_001);
    }
    expect(await madeBy(at)).toBe(0);
    expect(pager.asked).toEqual([]);
    // The one after its last window is another.
    expect(await madeBy('2024-01-16T14:57:11Z')).toBe(1);
  });

  it('U1.7 a repeated event is answered 202 and does nothing, after a restart too', async () => {
    const body = resolved();
    await deliver(body, signed(body, OLD));
    const again = await buildServer({ app: opened.again({}), tokens: [], webhook: { source: 'pager', secrets: [OLD] }, log });
    const repeated = await again.inject({
      method: 'POST',
      url: '/webhooks/pagerduty',
      headers: { 'content-type': 'application/json', 'x-pagerduty-signature': signed(body, OLD) },
      payload: body,
    });
    expect([repeated.statusCode, repeated.json()]).toEqual([202, { received: 'repeated' }]);
    expect(await madeBy('2024-01-15T16:00:00Z')).toBe(1);
    await again.close();
  });

  it('U1.7 takes any of several signatures under any of its secrets, and ignores versions that it does not know', async () => {
    const body = resolved();
    const good = signed(body, NEW);
    expect((await deliver(body, `v2=abc, ${signed(body, 'x'.repeat(40))},${good}`)).statusCode).toBe(202);
    const upper = good.replace(/[a-f]/g, (letter) => letter.toUpperCase());
    expect((await deliver(body, upper)).json()).toEqual({ received: 'repeated' });
  });

  it.each([
    ['no signature', () => undefined],
    ['an empty one', () => ''],
    ['one under another secret', (body: string) => signed(body, 'x'.repeat(40))],
    ['one of another body', () => signed(resolved('E9'), OLD)],
    ['one of another version', (body: string) => signed(body, OLD).replace('v1=', 'v0=')],
    ['half of the right one', (body: string) => signed(body, OLD).slice(0, 35)],
    ['the secret itself', () => `v1=${OLD}`],
  ])('%s is 401: nothing is written, nothing asked, and no secret told', async (_name, signatureOf) => {
    const body = resolved();
    const answer = await deliver(body, signatureOf(body));
    expect([answer.statusCode, answer.json().type]).toEqual([401, 'urn:hindcast:problem:unsigned']);
    expect(await madeBy('2024-01-20T00:00:00Z')).toBe(0);
    expect([pager.asked, await drafts()]).toEqual([[], []]);
    expect(answer.body + log.lines.join()).not.toMatch(/o{40}|n{40}/);
    expect((await deliver(body, signed(body, OLD))).json()).toEqual({ received: 'due' });
  });

  it('the signature is of the bytes as they came: one space more and it does not fit', async () => {
    const body = resolved();
    expect((await deliver(`${body} `, signed(body, OLD))).statusCode).toBe(401);
  });

  it('what is signed and no event of ours does nothing', async () => {
    const other = JSON.stringify({ event: { id: 'E5', event_type: 'incident.annotated', data: { id: 'N1' } } });
    expect((await deliver(other, signed(other, OLD))).json()).toEqual({ received: 'ignored' });
    for (const body of ['{"event":', '[]', '{"event":{"id":"E6"}}', resolved('E7', '../../x'), resolved('E8', '')]) {
      expect((await deliver(body, signed(body, OLD))).statusCode, body).toBe(400);
    }
    expect((await deliver(`{"a":"${'x'.repeat(300_000)}"}`, 'v1=0')).statusCode).toBe(413);
    expect((await deliver('a=b', signed('a=b', OLD), { 'content-type': 'application/x-www-form-urlencoded' })).statusCode).toBe(415);
    expect(await madeBy('2024-01-20T00:00:00Z')).toBe(0);
  });

  it('without a webhook configured there is no such route', async () => {
    const bare = await buildServer({ app: opened.app, tokens: [], log });
    expect((await bare.inject({ method: 'POST', url: '/webhooks/pagerduty' })).statusCode).toBe(404);
    await bare.close();
  });

  it('a draft that PagerDuty does not answer for is tried again, and one of no incident is given up', async () => {
    const body = resolved();
    await deliver(body, signed(body, OLD));
    world.broken = { incidents: new SourceError('unavailable', 'it does not answer') };
    expect(await madeBy('2024-01-15T15:13:00Z')).toBe(1);
    expect(await drafts()).toEqual([]);
    world.broken = {};
    expect(await madeBy('2024-01-15T15:40:00Z')).toBe(1);
    expect(await drafts()).toHaveLength(1);
    const unknown = resolved('E3', 'PNOSUCH');
    await deliver(unknown, signed(unknown, OLD));
    expect(await madeBy('2024-01-16T14:00:00Z')).toBe(1);
    expect(await drafts()).toHaveLength(1);
  });

  it.skipIf(!recorded)('U1.7 reads recorded deliveries of every kind (needs the shared reference folder)', async () => {
    const { events }: { readonly events: readonly object[] } = JSON.parse(readFileSync(recorded ?? '', 'utf8'));
    expect(events.length).toBeGreaterThan(2);
    for (const event of events) {
      const body = JSON.stringify(event);
      expect((await deliver(body, signed(body, OLD))).statusCode, body.slice(0, 200)).toBe(202);
    }
  });
});
