import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type ObservedLimits, SourceError } from '../../../src/contract/index.ts';
import { instant } from '../../support/events.ts';
import { INCIDENT, openSource, type SourceOptions, TOKEN } from './support.ts';

const ENTRIES = `/incidents/${INCIDENT}/log_entries`;
const signal = () => new AbortController().signal;

/** What a call fails with: anything but a SourceError fails the test. */
async function failure(call: Promise<unknown>): Promise<SourceError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SourceError)) throw new Error(`no SourceError: ${inspect(error)}`);
  return error;
}

/** One page of log entries under a fault. */
async function failUnder(
  mode: Parameters<Awaited<ReturnType<typeof openSource>>['standIn']['fail']>[0]['mode'],
  headers?: Record<string, string>,
  options: SourceOptions = {},
) {
  await using source = await openSource(options);
  source.standIn.fail({ path: /log_entries/, mode, ...(headers && { headers }) });
  const error = await failure(source.client.page(ENTRIES, 'log_entries', { limit: '100', offset: '0' }, signal()));
  return { error, requests: source.standIn.requests.length };
}

describe('what a failure means', () => {
  it('a wrong token is unauthorized, and is not printed', async () => {
    await using source = await openSource({ token: 'u+SecretSecretSecret' });
    const error = await failure(source.client.page('/incidents', 'incidents', { limit: '1' }, signal()));
    expect(error.reason).toBe('unauthorized');
    expect(error.message).toMatch(
      /refuses the token in \w+: Authentication failed .*`token_type: bearer` where it is of OAuth, and base_url for an EU account/,
    );
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain('SecretSecret');
  });

  it('a token that PagerDuty itself repeats is cut out', async () => {
    const answer = () => ({ status: 400, body: { error: { message: `bad key ${TOKEN}`, code: 2001 } } });
    await using source = await openSource({ answer });
    const error = await failure(source.client.read('/incidents/P1', 'incident', {}, signal()));
    expect(error.message).toContain('bad key [token]');
    expect(inspect(error, { depth: 12, showHidden: true })).not.toContain(TOKEN);
  });

  it.each([
    [402, 'forbidden', /plan: .*\[2014\]/],
    [403, 'forbidden', /needs incidents\.read: Access Denied \[2010\]/],
    [404, 'unexpected_response', new RegExp(`knows no incident ${INCIDENT}: Not Found \\[2100\\]`)],
    [400, 'unexpected_response', /HTTP 400/],
    [408, 'unavailable', /HTTP 408/],
    [500, 'unavailable', /HTTP 500/],
    [503, 'unavailable', /HTTP 503/],
  ] as const)('HTTP %i is %s', async (status, reason, message) => {
    const { error, requests } = await failUnder(status);
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(message);
    expect(requests).toBe(1);
  });

  it.each([
    ['reset', 'unavailable', /could not be reached at http:\/\/127\.0\.0\.1:\d+ .*ECONNRESET/],
    ['truncate', 'unavailable', /cut short/],
    ['wrong_type', 'unexpected_response', /answered with text\/html in place of JSON: check base_url/],
  ] as const)('an answer that is %s is %s', async (mode, reason, message) => {
    const { error } = await failUnder(mode);
    expect(error.reason).toBe(reason);
    expect(error.message).toMatch(message);
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('no host at all is unavailable', async () => {
    const source = await openSource();
    await source.standIn.close();
    const error = await failure(source.client.read('/incidents/P1', 'incident', {}, signal()));
    expect(error.reason).toBe('unavailable');
    expect(error.message).toContain('ECONNREFUSED');
  });

  it('an answer without the list asked for is no empty list', async () => {
    for (const body of [{}, { log_entries: null }, { log_entries: {} }, [], 'log_entries']) {
      await using source = await openSource({ answer: () => ({ status: 200, body }) });
      const error = await failure(source.client.page(ENTRIES, 'log_entries', { limit: '100' }, signal()));
      expect(error.reason).toBe('unexpected_response');
    }
  });

  it('an empty page that says more follows is not asked for ever', async () => {
    await using source = await openSource({ answer: () => ({ status: 200, body: { log_entries: [], more: true, limit: 100 } }) });
    const error = await failure(source.client.page(ENTRIES, 'log_entries', { limit: '100' }, signal()));
    expect(error.message).toContain('empty page');
  });
});

describe('U0.1 no client times out by default', () => {
  it('a host that never answers is given up at the deadline', async () => {
    const { error } = await failUnder('hang', undefined, { deadlineMs: 60 });
    expect(error.reason).toBe('unavailable');
    expect(error.message).toMatch(/no answer .* within 0\.06 s/);
  });

  it('so is one that sends half a body and stops', async () => {
    const server = await listen((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"log_entries": [');
    });
    await using source = await openSource({ deadlineMs: 60, baseUrl: `http://127.0.0.1:${portOf(server)}` });
    const error = await failure(source.client.page(ENTRIES, 'log_entries', { limit: '100' }, signal()));
    expect(error.reason).toBe('unavailable');
    expect(error.message).toMatch(/within 0\.06 s/);
    server.closeAllConnections();
    server.close();
  });

  it('the caller may stop a call, and waiting for the budget too', async () => {
    const controller = new AbortController();
    await using source = await openSource();
    source.standIn.fail({ path: /log_entries/, mode: 'hang' });
    const hanging = failure(source.client.page(ENTRIES, 'log_entries', { limit: '100' }, controller.signal));
    controller.abort();
    expect((await hanging).message).toContain('cancelled');
    await using busy = await openSource({ kit: { limited: async (_, waiting) => Promise.reject(waiting?.reason) } });
    expect((await failure(busy.client.read('/incidents/P1', 'incident', {}, controller.signal))).message).toContain('cancelled');
  });
});

describe('U1.8 pdjs', () => {
  it('does not repeat a 429: one call is one call, and the wait is what PagerDuty asks for', async () => {
    const { error, requests } = await failUnder(429, { 'ratelimit-reset': '17' });
    expect(error.reason).toBe('rate_limited');
    expect(error.retryAfterMs).toBe(17_000);
    expect(requests).toBe(1);
  });

  it.each([
    ['no header', {}, undefined],
    ['what is no number', { 'ratelimit-reset': 'soon' }, undefined],
    ["a proxy's word alone", { 'retry-after': '9' }, 9_000],
  ])('U1.6 a 429 may come with %s', async (_, headers, wait) => {
    const { error } = await failUnder(429, headers);
    expect(error).toMatchObject({ reason: 'rate_limited', message: expect.stringContaining('limits the rate') });
    expect(error.retryAfterMs).toBe(wait);
  });

  it('a 429 with a body that never ends is answered by its head', async () => {
    const server = await listen((_, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'ratelimit-reset': '3' });
      response.write(`{"error": "${'x'.repeat(200_000)}`);
    });
    await using source = await openSource({ baseUrl: `http://127.0.0.1:${portOf(server)}` });
    const error = await failure(source.client.page(ENTRIES, 'log_entries', { limit: '100' }, signal()));
    expect([error.reason, error.retryAfterMs]).toEqual(['rate_limited', 3_000]);
    server.closeAllConnections();
    server.close();
  });

  it("U1.6 the budget is told what each answer's headers say, and of a refusal", async () => {
    const told: ObservedLimits[] = [];
    await using source = await openSource({ kit: { observe: (limits) => told.push(limits) } });
    source.standIn.fail({ path: /notes/, mode: 429, headers: { 'ratelimit-reset': '17', 'ratelimit-remaining': '0' } });
    source.standIn.fail({ path: /alerts/, mode: 429 });
    await source.client.read(`/incidents/${INCIDENT}`, 'incident', {}, signal());
    await failure(source.client.read(`/incidents/${INCIDENT}/notes`, 'notes', {}, signal()));
    await failure(source.client.read(`/incidents/${INCIDENT}/alerts`, 'alerts', {}, signal()));
    expect(told).toEqual([
      { limit: 960, remaining: 959, resetMs: 60_000 },
      { remaining: 0, resetMs: 17_000, throttled: true },
      { throttled: true },
    ]);
  });

  it('a call goes through the budget, once each', async () => {
    let calls = 0;
    const limited = async <T>(task: () => Promise<T>): Promise<T> => {
      calls += 1;
      return task();
    };
    await using source = await openSource({ kit: { limited } });
    await source.client.page(ENTRIES, 'log_entries', { limit: '10', offset: '0' }, signal());
    await source.client.read(`/incidents/${INCIDENT}`, 'incident', {}, signal());
    expect(calls).toBe(2);
  });

  it('reads a list by its own name where .resource would be undefined or null', async () => {
    await using source = await openSource();
    const page = await source.client.page(ENTRIES, 'log_entries', { limit: '10', offset: '10' }, signal());
    expect(page).toMatchObject({ more: false, step: 10 });
    expect(page.items).toHaveLength(7);
    expect(source.standIn.requests[0]?.query).toBe('?limit=10&offset=10');
  });

  it('U1.1 repeats the name of a list, and sends OAuth tokens as bearer', async () => {
    const seen: (string | undefined)[] = [];
    await using source = await openSource({
      tokenType: 'bearer',
      answer: ({ headers }) => {
        seen.push(headers.authorization, headers.accept);
        return undefined;
      },
    });
    await source.client.page('/incidents', 'incidents', { limit: '10', 'statuses[]': ['triggered', 'resolved'] }, signal());
    expect(decodeURIComponent(source.standIn.requests[0]?.query ?? '')).toBe('?limit=10&statuses[]=triggered&statuses[]=resolved');
    expect(seen).toEqual([`Bearer ${TOKEN}`, 'application/vnd.pagerduty+json;version=2']);
  });
});

describe('redirects', () => {
  it('are followed inside the origin', async () => {
    const answer: SourceOptions['answer'] = ({ url }) =>
      url.pathname === '/old' ? { status: 301, headers: { location: '/incidents?date_range=all' }, body: {} } : undefined;
    await using source = await openSource({ answer });
    expect((await source.client.page('/old', 'incidents', { limit: '5' }, signal())).items).toHaveLength(4);
  });

  it('never carry the token to another host', async () => {
    const stolen: string[] = [];
    const thief = await listen(({ headers }, response) => {
      stolen.push(headers.authorization ?? 'nothing');
      response.end('{}');
    });
    const { error } = await failUnder(302, { location: `http://127.0.0.1:${portOf(thief)}/steal` });
    expect(error.reason).toBe('unexpected_response');
    expect(error.message).toContain('redirected to another host');
    expect(stolen).toEqual([]);
    thief.close();
  });

  it('end', async () => {
    const { error } = await failUnder(302, { location: ENTRIES });
    expect(error.message).toContain('redirected more than 3 times');
  });
});

describe('the clock', () => {
  it('is measured against the Date header, and left alone where we have none of our own', async () => {
    await using blind = await openSource();
    await blind.client.read(`/incidents/${INCIDENT}`, 'incident', {}, signal());
    expect(blind.client.clockOffsetMs()).toBeUndefined();
    await using source = await openSource({ kit: { now: () => instant('15:58:20') } });
    expect(source.client.clockOffsetMs()).toBeUndefined();
    await source.client.read(`/incidents/${INCIDENT}`, 'incident', {}, signal());
    expect(source.client.clockOffsetMs()).toBe(100_500);
  });
});

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}
