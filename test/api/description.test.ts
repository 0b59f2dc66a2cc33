import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedSample, serveSample } from './served-sample.ts';

interface Described {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, { readonly schema: object }>> }>>;
}

describe('what the API says of itself is what it does', () => {
  let served: ServedSample;
  let server: FastifyInstance;
  let id: string;
  let paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;

  beforeAll(async () => {
    served = await serveSample({ tokens: [] });
    ({ server, id } = served);
    await server.inject({ method: 'POST', url: `/incidents/${id}/draft` });
    paths = (await server.inject({ method: 'GET', url: '/openapi.json' })).json().paths;
  });

  afterAll(() => served.close());

  /** What does not fit of an answer, by the schema of its own status and kind. */
  function misfits(path: string, method: string, status: string, kind: string, answer: unknown): unknown {
    const schema = paths[path]?.[method]?.responses[status]?.content?.[kind]?.schema;
    if (!schema) return `no schema for ${method} ${path} ${status} ${kind}`;
    const fits = new Ajv({ strict: false }).compile(schema);
    return fits(answer) ? [] : fits.errors;
  }

  it.each([
    ['/incidents/{id}/draft', (key: string) => `/incidents/${key}/draft`],
    ['/incidents/{id}', (key: string) => `/incidents/${key}`],
    ['/incidents/{id}/timeline', (key: string) => `/incidents/${key}/timeline?tz=Europe/Berlin`],
    ['/incidents', () => '/incidents'],
  ])('GET %s answers as its schema says', async (path, urlOf) => {
    const answer = await server.inject({ method: 'GET', url: urlOf(id) });
    expect(answer.statusCode).toBe(200);
    expect(misfits(path, 'get', '200', 'application/json', answer.json())).toEqual([]);
    expect(misfits(path, 'get', '200', 'application/json', { other: true })).not.toEqual([]);
  });

  it('evidence, and a fact that is stated, too', async () => {
    const draft = (await server.inject({ method: 'GET', url: `/incidents/${id}/draft` })).json();
    const [{ event }] = draft.analysis.timeline;
    const evidence = await server.inject({ method: 'GET', url: `/evidence/${event.provenance.evidence}` });
    expect(misfits('/evidence/{id}', 'get', '200', 'application/json', evidence.json())).toEqual([]);
    const payload = { at: '2024-01-15T14:40Z', text: 'A customer called.', reason: 'The call log.' };
    const stated = await server.inject({ method: 'POST', url: `/incidents/${id}/events`, payload });
    expect(stated.statusCode).toBe(201);
    expect(misfits('/incidents/{id}/events', 'post', '201', 'application/json', stated.json())).toEqual([]);
  });

  it('every path describes the form of its errors', async () => {
    const refused = (await server.inject({ method: 'GET', url: '/incidents/PNONE/draft' })).json();
    for (const [path, methods] of Object.entries(paths).filter(([path]) => !path.startsWith('/health'))) {
      for (const method of Object.keys(methods)) {
        expect(misfits(path, method, 'default', 'application/problem+json', refused)).toEqual([]);
      }
    }
  });

  it.each([
    ['DELETE', '/incidents/PABC', 'GET, HEAD'],
    ['PATCH', '/incidents/PABC/draft?x=1', 'GET, HEAD, POST'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['GET', '/incidents/PABC/milestones', 'POST'],
  ] as const)('%s %s is a 405 that names what the path takes', async (method, url, allow) => {
    const answer = await server.inject({ method, url });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe(allow);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ type: 'urn:hindcast:problem:method_not_allowed', status: 405 });
  });

  it('a path that nobody knows stays a 404', async () => {
    for (const url of ['/incident', '/incidents/PABC/drafts', '/']) {
      expect((await server.inject({ method: 'DELETE', url })).statusCode, url).toBe(404);
    }
  });
});
