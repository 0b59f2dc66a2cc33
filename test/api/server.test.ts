import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServer } from '../../src/api/server.ts';
import { READ, type ServedSample, serveSample, TOKENS, WRITE } from './served-sample.ts';

describe('the API over the sample incident', () => {
  let served: ServedSample;
  let server: FastifyInstance;
  let id: string;
  const lines: string[] = [];

  beforeAll(async () => {
    const keep = (fields: object, message: string) => {
      lines.push(`${message} ${JSON.stringify(fields)}`);
    };
    served = await serveSample({ log: { debug: keep, info: keep, warn: keep, error: keep } });
    ({ server, id } = served);
  });

  afterAll(() => served.close());

  const as = (secret: string, headers: Record<string, string> = {}) => ({ authorization: `Bearer ${secret}`, ...headers });
  const post = (payload?: object, headers = as(WRITE)) =>
    server.inject({ method: 'POST', url: `/incidents/${id}/draft`, headers, ...(payload && { payload }) });

  it('before anything was drafted, a GET says that nothing is stored', async () => {
    const answer = await server.inject({ method: 'GET', url: `/incidents/${id}/draft`, headers: as(READ) });
    expect(answer.statusCode).toBe(404);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      type: 'urn:hindcast:problem:not_stored',
      status: 404,
      requestId: answer.headers['x-request-id'],
    });
  });

  it('POST draws the draft from the three sources', async () => {
    const answer = await post();
    expect(answer.statusCode).toBe(200);
    const draft = answer.json();
    expect(draft.case.incidents[0]).toMatchObject({ number: 4821, status: 'resolved', severity: 'P1' });
    expect(draft.analysis.suspectVerdict).toBe('suspect');
    expect(draft.analysis.durations.time_to_acknowledge.span.ms).toBe(120_000);
  });

  it('gives the same draft as Markdown where that is asked for, and 406 for what it does not make', async () => {
    const markdown = await server.inject({ method: 'GET', url: `/incidents/${id}/draft`, headers: as(READ, { accept: 'text/markdown' }) });
    expect(markdown.headers['content-type']).toBe('text/markdown; charset=utf-8');
    expect(markdown.body).toMatch(/^# Post-mortem: /);
    const image = await server.inject({ method: 'GET', url: `/incidents/${id}/draft`, headers: as(READ, { accept: 'image/png' }) });
    expect(image.statusCode).toBe(406);
  });

  it('an unchanged draft is a 304 under its ETag, and only under its own', async () => {
    const url = `/incidents/${id}/draft`;
    const first = await server.inject({ method: 'GET', url, headers: as(READ) });
    const tag = String(first.headers.etag);
    expect((await server.inject({ method: 'GET', url, headers: as(READ, { 'if-none-match': tag }) })).statusCode).toBe(304);
    expect((await server.inject({ method: 'GET', url, headers: as(READ, { 'if-none-match': `"x", W/${tag}` }) })).statusCode).toBe(304);
    expect((await server.inject({ method: 'GET', url, headers: as(READ, { 'if-none-match': '"other"' }) })).statusCode).toBe(200);
    const markdown = await server.inject({ method: 'GET', url, headers: as(READ, { accept: 'text/markdown', 'if-none-match': tag }) });
    expect(markdown.statusCode).toBe(200);
  });

  it('GET answers the incident, its timeline in a zone, and the evidence behind an entry', async () => {
    const incident = (await server.inject({ method: 'GET', url: `/incidents/${id}`, headers: as(READ) })).json();
    expect(incident.milestones.acknowledged).toMatchObject({ known: true, time: { at: '2024-01-15T14:35:00.000Z' } });
    const timeline = (
      await server.inject({ method: 'GET', url: `/incidents/${id}/timeline?tz=America/New_York`, headers: as(READ) })
    ).json();
    const page = timeline.timeline.find(({ event }: { event: { type: string } }) => event.type === 'incident.triggered');
    expect(page.event.time.at).toBe('2024-01-15T14:33:00.000Z');
    expect(page.localTime).toContain('2024-01-15 09:33:00');
    const evidence = await server.inject({ method: 'GET', url: `/evidence/${page.event.provenance.evidence}`, headers: as(READ) });
    expect(evidence.json()).toMatchObject({ source: 'pagerduty', stream: 'log_entries', nativeId: page.event.provenance.nativeId });
  });

  it('lists what was drafted', async () => {
    const list = (await server.inject({ method: 'GET', url: '/incidents?limit=1', headers: as(READ) })).json();
    expect(list.incidents).toHaveLength(1);
    expect(list.next).toBeNull();
    const listed = await server.inject({ method: 'GET', url: `/incidents/${list.incidents[0].id}`, headers: as(READ) });
    expect(listed.json().draft).toBe(list.incidents[0].draft);
  });

  it('lists an imported bundle beside the live incident, each under a name of its own, page by page', async () => {
    await served.app.importBundle(await served.app.exportBundle(id, { roles: false }));
    const first = (await server.inject({ method: 'GET', url: '/incidents?limit=1', headers: as(READ) })).json();
    const second = (await server.inject({ method: 'GET', url: `/incidents?limit=1&cursor=${first.next}`, headers: as(READ) })).json();
    const ids = [...first.incidents, ...second.incidents].map((listed: { id: string }) => listed.id);
    expect(ids).toEqual([expect.stringMatching(/^bundle~sha256:/), `pagerduty~${id}`]);
    expect(second.next).toBeNull();
    const imported = await server.inject({
      method: 'GET',
      url: `/incidents/${ids[0]}/draft`,
      headers: as(READ, { accept: 'text/markdown' }),
    });
    expect(imported.body).toContain('from a bundle');
  });

  it.each([
    ['text/markdown;q=0.1, application/json;q=0.9', 'application/json; charset=utf-8'],
    ['application/json;q=0, text/markdown', 'text/markdown; charset=utf-8'],
    ['text/html, */*;q=0.1', 'text/html; charset=utf-8'],
    ['image/png, */*;q=0.1', 'application/json; charset=utf-8'],
  ])('Accept: %s', async (accept, type) => {
    const answer = await server.inject({ method: 'GET', url: `/incidents/${id}/draft`, headers: as(READ, { accept }) });
    expect(answer.headers['content-type']).toBe(type);
  });

  it('gives a graph of the draft as SVG, and says which figure it has not', async () => {
    const graph = await server.inject({ method: 'GET', url: `/incidents/${id}/draft/charts/graphs.1.svg`, headers: as(READ) });
    expect([graph.statusCode, graph.headers['content-type']]).toEqual([200, 'image/svg+xml; charset=utf-8']);
    expect(graph.body).toContain('onset 14:29');
    const none = await server.inject({ method: 'GET', url: `/incidents/${id}/draft/charts/graphs.9.svg`, headers: as(READ) });
    expect([none.statusCode, none.json().detail]).toEqual([404, expect.stringContaining('no figure graphs.9')]);
  });

  it('names the unknown field and the known ones', async () => {
    expect((await post({ refersh: true })).json().detail).toBe(
      'body has an unknown field "refersh"; known are refresh, window, asOf, with',
    );
    expect((await post({ refresh: 'yes' })).json().detail).toBe('body/refresh must be boolean');
  });

  it('answers a health check also while an address sends too many requests', async () => {
    const limited = await buildServer({ app: served.app, tokens: TOKENS, log: served.log, requestsPerMinute: 1 });
    const ask = async (url: string) => (await limited.inject({ method: 'GET', url, headers: as(READ) })).statusCode;
    expect([await ask('/incidents'), await ask('/incidents'), await ask('/health/live'), await ask('/health/live')]).toEqual([
      200, 429, 200, 200,
    ]);
    await limited.close();
  });

  it('limits whoever guesses tokens or paths, too', async () => {
    const limited = await buildServer({ app: served.app, tokens: TOKENS, log: served.log, requestsPerMinute: 2 });
    const ask = (url: string, headers = as('x'.repeat(30)), remoteAddress = '192.0.2.1') =>
      limited.inject({ method: 'GET', url, headers, remoteAddress });
    expect([(await ask('/incidents')).statusCode, (await ask('/nowhere')).statusCode]).toEqual([401, 404]);
    const refused = await ask('/incidents');
    expect([refused.statusCode, refused.json().type]).toEqual([429, 'urn:hindcast:problem:rate_limited']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await ask('/nowhere')).statusCode).toBe(429);
    expect((await ask('/incidents', as(READ), '192.0.2.2')).statusCode).toBe(200);
    await limited.close();
  });

  describe('refuses, with nothing written', () => {
    it.each([
      ['no token', {}, 401, 'unauthorized'],
      ['a wrong token', as('x'.repeat(30)), 401, 'unauthorized'],
      ['another scheme', { authorization: `Basic ${WRITE}` }, 401, 'unauthorized'],
      ['a token that may only read', as(READ), 403, 'forbidden'],
    ])('%s', async (_name, headers, status, code) => {
      const answer = await post({}, headers as ReturnType<typeof as>);
      expect(answer.statusCode).toBe(status);
      expect(answer.json()).toMatchObject({ type: `urn:hindcast:problem:${code}`, status });
      expect(answer.body).not.toContain('x'.repeat(30));
    });

    it.each([
      ['an unknown field', { refersh: true }],
      ['a wrong type', { refresh: 'yes' }],
      ['a time without an offset', { asOf: '2024-01-15T14:40:00' }],
      ['a window that ends before it begins', { window: { from: '2024-01-15T15:00:00Z', to: '2024-01-15T14:00:00Z' } }],
      ['half a window', { window: { from: '2024-01-15T15:00:00Z' } }],
    ])('%s: 400', async (_name, payload) => {
      const asked = served.staged.pagerduty.requests.length;
      const answer = await post(payload);
      expect(answer.statusCode).toBe(400);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(served.staged.pagerduty.requests.length).toBe(asked);
    });

    it('invalid JSON, another media type and a body that is too large', async () => {
      const send = (headers: Record<string, string>, payload: string) =>
        server.inject({ method: 'POST', url: `/incidents/${id}/draft`, headers: as(WRITE, headers), payload });
      expect((await send({ 'content-type': 'application/json' }, '{"refresh":')).statusCode).toBe(400);
      expect((await send({ 'content-type': 'text/plain' }, 'refresh')).statusCode).toBe(415);
      expect((await send({ 'content-type': 'application/json' }, `{"a":"${'x'.repeat(2_000_000)}"}`)).statusCode).toBe(413);
    });

    it.each([
      ['/incidents/%2e%2e%2fetc/draft', 400],
      [`/incidents/${'x'.repeat(500)}/draft`, 414],
      ['/incidents/PNOSUCH/draft', 404],
      ['/evidence/sha256:short', 400],
      [`/evidence/sha256:${'0'.repeat(64)}`, 404],
      ['/incidents?limit=1000', 400],
      ['/incidents?limit=0', 400],
      ['/incidents?lim=1', 400],
      [`/incidents/PNOSUCH/timeline?tz=Mars/Olympus`, 400],
      ['/nowhere', 404],
    ])('GET %s: %i', async (url, status) => {
      const answer = await server.inject({ method: 'GET', url, headers: as(READ) });
      expect(answer.statusCode).toBe(status);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    });
  });

  it('a plus that stands in an address as it is, which is a space, is told how it is written', async () => {
    const ask = async (asOf: string) =>
      (await server.inject({ method: 'GET', url: `/incidents/Q1POOL0EXHAUST/timeline?asOf=${asOf}`, headers: as(READ) })).json();
    expect((await ask('2024-01-15T15:00:00+01:00')).detail).toMatch(/is not a time.*; a plus in an address is written %2B/);
    for (const text of ['2024-01-15T15:00:00', '2024-01-15%2015:00']) expect((await ask(text)).detail).not.toContain('%2B');
  });

  it('an incident that PagerDuty does not know is 404', async () => {
    const answer = await server.inject({ method: 'POST', url: '/incidents/PNOSUCH/draft', headers: as(WRITE) });
    expect(answer.statusCode).toBe(404);
    expect(answer.json().type).toBe('urn:hindcast:problem:unknown_incident');
  });

  it('a PagerDuty that refuses the token is 502 and names no secret', async () => {
    served.staged.pagerduty.fail({ path: /./, mode: 401 });
    const answer = await server.inject({ method: 'POST', url: '/incidents/Q0CPUSPIKE2023/draft', headers: as(WRITE) });
    served.staged.pagerduty.reset();
    expect(answer.statusCode).toBe(502);
    expect(answer.body).not.toContain(served.staged.world.pagerduty.token);
  });

  it('says how it is, without a token, and describes itself', async () => {
    expect((await server.inject({ method: 'GET', url: '/health/live' })).json()).toEqual({ status: 'live' });
    expect((await server.inject({ method: 'GET', url: '/health/ready' })).json()).toEqual({ status: 'ready' });
    const { openapi, paths } = (await server.inject({ method: 'GET', url: '/openapi.json' })).json();
    expect(openapi).toBe('3.1.0');
    expect(Object.keys(paths)).toEqual(
      expect.arrayContaining(['/incidents', '/incidents/{id}', '/incidents/{id}/draft', '/incidents/{id}/timeline', '/evidence/{id}']),
    );
  });

  it('no secret was logged', () => {
    const log = lines.join('\n');
    expect(log).toContain('request answered');
    for (const secret of [READ, WRITE, ...Object.values(served.staged.env)]) expect(log).not.toContain(secret);
  });
});
