import { createHmac, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manual } from '../../connectors/manual/index.ts';
import { buildServer } from '../../src/api/server.ts';
import type { App } from '../../src/app/app.ts';
import { createBackfills } from '../../src/app/backfill.ts';
import { createBackfillStore } from '../../src/storage/backfill-store.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createLocalQueue } from '../../src/storage/job-queue-local.ts';
import { openTestApp, quietLog, sourcesOf } from '../app/fakes.ts';
import { smallPager, smallWorld } from '../app/small-world.ts';
import { describedOperations, fill, type Operation, type Shape } from './described.ts';

/** As the issue asks; `HINDCAST_FUZZ` asks for more. */
const REQUESTS = Number(process.env['HINDCAST_FUZZ'] ?? 10_000);
const TOKENS = [
  { name: 'ann', scope: 'write', secret: 'w'.repeat(30) },
  { name: 'board', scope: 'read', secret: 'r'.repeat(30) },
] as const;
const SECRET = 's'.repeat(40);

/** What somebody may write where an id, a time or a text is meant. */
const WORDS = fc.oneof(
  fc.constantFrom(
    ...['PABC', 'pager~PABC', '7', '#7', 'w~20240115T143200Z~20240115T145700Z', 'w~20240115T150000Z~20240115T140000Z', 'bundle~sha256:0'],
    ...['https://acme.pagerduty.com/incidents/PABC', 'http://169.254.169.254/latest', '../../etc/passwd', '..%2f', '%', '\u0000', 'PABC\n'],
    ...['2024-01-15T14:40:00Z', '2024-01-15T14:40', '2024-02-30T00:00:00Z', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z', 'now'],
    ...['impact_started', 'summary.what', 'confirmed', 'graphs.1.svg', `sha256:${'0'.repeat(64)}`, 'UTC', 'Europe/Berlin', '__proto__'],
    ...["' or 1=1 --", '<script>', '{{7*7}}', '🦆'.repeat(60), 'x'.repeat(199), '-1', '0', '100', '1e9', ''],
  ),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** What really stands in the store, by the name of the parameter or field that it is meant for. */
type Lures = Readonly<Record<string, readonly unknown[]>>;

/** Values of a schema: most fit, many of those are of something that is there, and now and then one fits another schema. */
function valuesOf(shape: Shape, lures: Lures, name = ''): fc.Arbitrary<unknown> {
  const right = (): fc.Arbitrary<unknown> => {
    if (shape.anyOf) return fc.oneof(...shape.anyOf.map((one) => valuesOf(one, lures, name)));
    if (shape.enum) return fc.constantFrom(...shape.enum);
    if (shape.type === 'object') {
      const members = Object.entries(shape.properties ?? {}).map(([key, inner]) => [key, valuesOf(inner, lures, key)] as const);
      return fc.record(Object.fromEntries(members), { requiredKeys: [...(shape.required ?? [])] });
    }
    if (shape.type === 'array') return fc.array(valuesOf(shape.items ?? {}, lures, name), { maxLength: 25 });
    if (shape.type === 'boolean') return fc.boolean();
    if (shape.type === 'null') return fc.constant(null);
    if (shape.type === 'number' || shape.type === 'integer') return fc.oneof(fc.double({ noNaN: true }), fc.nat(20));
    return shape.pattern === undefined ? WORDS : fc.oneof(fc.stringMatching(new RegExp(shape.pattern)), WORDS);
  };
  const known = lures[name];
  return fc.oneof(
    { weight: known ? 24 : 0, arbitrary: fc.constantFrom(...(known ?? [''])) },
    { weight: 9, arbitrary: right() },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
  );
}

/** Answers that are given before anything of a request is looked at but its form and its token. */
const AT_THE_DOOR: ReadonlySet<number> = new Set([400, 401, 403, 405, 406, 413, 414, 415]);

const headerText = fc.string({ unit: fc.integer({ min: 33, max: 126 }).map((code) => String.fromCharCode(code)), maxLength: 60 });

/** A request to a route: most are nearly right, since what is refused at the door finds nothing behind it. */
function requestTo(operation: Operation, lures: Lures) {
  const { method, path, parameters, body } = operation;
  const named = (place: 'path' | 'query') => parameters.filter((parameter) => parameter.in === place);
  const texts = (of: Operation['parameters']) =>
    fc.record(Object.fromEntries(of.map(({ name, schema }) => [name, valuesOf(schema, lures, luredBy(path, name)).map(textOf)])), {
      requiredKeys: of.filter(({ required }) => required).map(({ name }) => name),
    });
  const payload = body
    ? fc.oneof(
        { weight: 12, arbitrary: valuesOf(body, lures).map((value) => JSON.stringify(value)) },
        { weight: 1, arbitrary: fc.string() },
      )
    : fc.constant(undefined);
  return fc.record({
    operation: fc.constant(operation),
    method: fc.oneof({ weight: 20, arbitrary: fc.constant(method) }, { weight: 1, arbitrary: fc.constantFrom('PUT', 'DELETE', 'PATCH') }),
    path: texts(named('path')).map((values) => fill(path, (name) => values[name] || 'PABC')),
    query: fc.tuple(texts(named('query')), fc.nat(19)).map(([values, chance]) => {
      const query = new URLSearchParams(Object.entries(values).map(([name, value]): [string, string] => [name, value ?? '']));
      if (chance === 0) query.set('unknown', 'x');
      return query.toString();
    }),
    payload,
    isSigned: fc.boolean(),
    headers: fc.record(
      {
        authorization: fc.oneof(
          { weight: 16, arbitrary: fc.constant(`Bearer ${TOKENS[0].secret}`) },
          { weight: 3, arbitrary: fc.constantFrom(`Bearer ${TOKENS[1].secret}`, 'Bearer x', 'Basic eDp5', '') },
        ),
        accept: fc.oneof(
          { weight: 5, arbitrary: fc.constantFrom('*/*', 'text/html', 'text/markdown', 'text/csv', 'application/json;q=0.5') },
          { weight: 1, arbitrary: headerText },
        ),
        prefer: fc.constantFrom('respond-async', 'wait=1', ',,;'),
        'if-none-match': fc.oneof(fc.constantFrom('*', '"x"', 'W/"x"'), headerText),
        'content-type': fc.oneof({ weight: 9, arbitrary: fc.constant('application/json') }, { weight: 1, arbitrary: headerText }),
        'x-pagerduty-signature': headerText,
      },
      { requiredKeys: ['authorization', 'content-type'] },
    ),
  });
}

/** An id is one of what the path begins with. */
function luredBy(path: string, name: string): string {
  if (path.includes('/charts/') && name === 'key') return 'chart';
  return name === 'id' ? (path.split('/')[1] ?? name) : name;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** Asks the server for things that are there. */
async function findLures(server: FastifyInstance): Promise<Lures> {
  const headers = { authorization: `Bearer ${TOKENS[0].secret}` };
  const get = async (url: string) => (await server.inject({ method: 'GET', url, headers })).json();
  const { id, analysis, sections } = await get('/incidents/PABC/draft');
  const keys: readonly string[] = sections.flatMap(({ blocks }: { readonly blocks: readonly { readonly key: string }[] }) =>
    blocks.map(({ key }) => key),
  );
  const blocks = await Promise.all(keys.map((key) => get(`/incidents/PABC/draft/blocks/${encodeURIComponent(key)}`)));
  const asked = await server.inject({ method: 'POST', url: '/incidents/PABC/draft', headers: { ...headers, prefer: 'respond-async' } });
  const [early, ...times] = ['2024-01-01T00:00:00Z', '2024-01-15T14:40:00Z', '2024-01-15T15:30:00+01:00'] as const;
  return {
    incidents: ['PABC', 'pager~PABC', '7'],
    evidence: analysis.timeline.flatMap(
      (entry: { readonly event: { readonly provenance: { readonly evidence?: string } } }) => entry.event.provenance.evidence ?? [],
    ),
    backfills: ['1', '2'],
    key: keys,
    below: keys,
    generated: blocks.map(({ generated }) => generated),
    after: [0, 1],
    task: [asked.json().task],
    change: ['forge/merge:1'],
    chart: ['graphs.1.svg'],
    cursor: [id],
    limit: ['1', '25'],
    milestone: ['impact_started', 'recovered'],
    text: ['a customer rang'],
    reason: ['the proxy logged it'],
    // A window that ends before it begins is refused at once, which those drawn at random see to.
    ...{ from: [early], to: times, at: [early, ...times], asOf: [early, ...times] },
    tz: ['UTC', 'Europe/Berlin'],
    with: ['PABC'],
    service: ['api'],
    event_type: ['incident.resolved', 'incident.annotated'],
  };
}

describe('requests made from the description of the API', () => {
  let app: App;
  let server: FastifyInstance;
  const log = quietLog();

  beforeAll(async () => {
    const db = await openDatabase('sqlite::memory:');
    const pager = smallPager(smallWorld());
    const services = [{ name: 'api', owns: { pager: { services: ['API'] } }, depends_on: [] }];
    // What people state needs its own connector, or every statement is refused before it is kept.
    const opened = await openTestApp(sourcesOf({ pager, manual }, { names: ['pager'] }), { services }, undefined, db);
    app = opened.app;
    const jobs = createLocalQueue(db, { nowMs: () => 0, newLease: randomUUID });
    const backfills = createBackfills({ app: opened.deps, store: createBackfillStore(db), jobs });
    server = await buildServer({
      app,
      tokens: TOKENS,
      webhook: { source: 'pager', secrets: [SECRET] },
      backfills: async () => backfills,
      log,
      requestsPerMinute: 10_000_000,
    });
    await app.draft({ select: { kind: 'incident', id: 'PABC' } });
  });
  afterAll(async () => {
    await server.close();
    await app.close();
  });

  it(`${REQUESTS} of them meet no fault of ours, and every refusal is a problem with a stable type`, { timeout: 1_800_000 }, async () => {
    const operations = await describedOperations(server);
    const lures = await findLures(server);
    const requests = fc.oneof(...operations.map((operation) => requestTo(operation, lures)));
    const statuses = new Map<number, number>();
    const asked = new Map(operations.map((operation) => [operation, { all: 0, inside: 0 }]));
    await fc.assert(
      fc.asyncProperty(requests, async ({ operation, method, path, query, payload, isSigned, headers }) => {
        const url = query === '' ? path : `${path}?${query}`;
        const signature = createHmac('sha256', SECRET)
          .update(payload ?? '')
          .digest('hex');
        const signed = isSigned ? { 'x-pagerduty-signature': `v1=${signature}` } : {};
        const answer = await server.inject({
          method: method as 'GET',
          url,
          headers: { ...headers, ...signed },
          ...(payload !== undefined && { payload }),
        });
        const { statusCode: status } = answer;
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        const counts = asked.get(operation);
        if (counts) counts.all += 1;
        if (counts && !AT_THE_DOOR.has(status)) counts.inside += 1;
        expect(status, answer.body).toBeLessThan(500);
        if (status < 400) return;
        expect(answer.headers['content-type']).toContain('application/problem+json');
        const { type, requestId } = answer.json();
        expect(type).toMatch(/^urn:hindcast:problem:[a-z_]+$/);
        expect(requestId).toBe(answer.headers['x-request-id']);
        expect(answer.body).not.toMatch(/\bat .*\.ts:\d+|node_modules|[wr]{30}/);
      }),
      { numRuns: REQUESTS },
    );
    // It would prove nothing if all were refused at the door.
    expect([200, 400, 403, 404].filter((status) => (statuses.get(status) ?? 0) < REQUESTS / 200)).toEqual([]);
    // Nor if one route or body were never met: each is asked often, and gets past the door.
    const missed = [...asked].filter(([, { all, inside }]) => all < REQUESTS / 200 || inside === 0);
    expect(missed.map(([{ method, path }, counts]) => ({ method, path, ...counts }))).toEqual([]);
    expect(log.lines.filter((line) => line.startsWith('request failed'))).toEqual([]);
  });
});
