import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServer } from '../../src/api/server.ts';
import type { App } from '../../src/app/app.ts';
import { createBackfills } from '../../src/app/backfill.ts';
import { createBackfillStore } from '../../src/storage/backfill-store.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createLocalQueue } from '../../src/storage/job-queue-local.ts';
import { openTestApp, quietLog, sourcesOf } from '../app/fakes.ts';
import { smallPager, smallWorld } from '../app/small-world.ts';
import { windowOf } from '../support/events.ts';
import { describedOperations, fill, type Operation } from './described.ts';

const READ = 'r'.repeat(30);
const WRITE = 'w'.repeat(30);
const WRONG = 'x'.repeat(30);
const SIGNING = 's'.repeat(40);
const TOKENS = [
  { name: 'ann', scope: 'write', secret: WRITE },
  { name: 'board', scope: 'read', secret: READ },
] as const;
const as = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** What stands in each table of the store. */
function rowsOf(file: string): Readonly<Record<string, number>> {
  const db = new DatabaseSync(file, { readOnly: true });
  const tables = db.prepare("select name from sqlite_master where type = 'table' and name not like 'sqlite%'").all();
  const counts = tables.map(({ name }) => [String(name), Number(db.prepare(`select count(*) as n from "${name}"`).get()?.['n'])]);
  db.close();
  return Object.fromEntries(counts);
}

/** What a server says to bytes that no library would send. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let heard = '';
  socket.on('data', (chunk) => {
    heard += String(chunk);
  });
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await once(socket, 'close');
  return heard;
}

describe('what every route refuses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-refused-'));
  const file = join(folder, 'store.db');
  const pager = smallPager(smallWorld());
  const log = quietLog();
  let app: App;
  let server: FastifyInstance;
  /** All, and those that ask for a token. */
  let described: readonly Operation[];
  let operations: readonly Operation[];
  let close: () => Promise<void>;

  beforeAll(async () => {
    const db = await openDatabase(`sqlite:${file}`);
    const opened = await openTestApp(sourcesOf({ pager }), {}, undefined, db);
    app = opened.app;
    const jobs = createLocalQueue(db, { nowMs: () => 0, newLease: randomUUID });
    const backfills = createBackfills({ app: opened.deps, store: createBackfillStore(db), jobs });
    await backfills.submit({ window: windowOf('14:00', '15:00') });
    server = await buildServer({
      app,
      tokens: TOKENS,
      log,
      requestsPerMinute: 1_000_000,
      webhook: { source: 'pager', secrets: [SIGNING] },
      backfills: async () => backfills,
    });
    await app.draft({ select: { kind: 'incident', id: 'PABC' } });
    described = await describedOperations(server);
    operations = described.filter(({ scope }) => scope !== undefined);
    close = async () => {
      await server.close();
      await db.destroy();
      rmSync(folder, { recursive: true });
    };
  });
  afterAll(() => close());

  const pathOf = ({ path }: Operation, id = path.startsWith('/backfills') ? '1' : 'PABC') =>
    fill(path, (name) => (name === 'id' ? id : 'x'));

  /** No secret, no place on this machine, no line of our code. */
  const tellsNothing = (body: string) =>
    ![READ, WRITE, WRONG, SIGNING, folder, 'node_modules', 'src/'].some((secret) => body.includes(secret)) && !/\bat .+:\d+:\d+/.test(body);

  /** Sends a request to each route that fits, and says which answered otherwise than it should; nothing may come of any. */
  async function othersThan(
    wanted: { readonly status: readonly number[]; readonly type?: string },
    fits: (operation: Operation) => boolean,
    requestOf: (operation: Operation) => { readonly url?: string; readonly headers?: Record<string, string>; readonly payload?: string },
  ): Promise<readonly string[]> {
    const before = { rows: rowsOf(file), asked: pager.asked.length };
    const wrong: string[] = [];
    const meant = operations.filter(fits);
    expect(meant.length).toBeGreaterThan(0);
    for (const operation of meant) {
      const answer = await server.inject({ method: operation.method, url: pathOf(operation), ...requestOf(operation) });
      const problem = answer.json();
      const isRight =
        wanted.status.includes(answer.statusCode) &&
        answer.headers['content-type']?.startsWith('application/problem+json') &&
        (wanted.type === undefined || problem.type === `urn:hindcast:problem:${wanted.type}`) &&
        problem.requestId === answer.headers['x-request-id'] &&
        tellsNothing(answer.body);
      if (!isRight) wrong.push(`${operation.method} ${operation.path}: ${answer.statusCode} ${answer.body.slice(0, 300)}`);
    }
    expect({ rows: rowsOf(file), asked: pager.asked.length }).toEqual(before);
    return wrong;
  }

  const any = () => true;
  const takesBody = ({ body }: Operation) => body !== undefined;
  const json = { ...as(WRITE), 'content-type': 'application/json' };

  it('a request with no token, or one of another scheme', async () => {
    expect(await othersThan({ status: [401], type: 'unauthorized' }, any, () => ({}))).toEqual([]);
    const basic = { authorization: `Basic ${btoa(`ann:${WRITE}`)}` };
    expect(await othersThan({ status: [401], type: 'unauthorized' }, any, () => ({ headers: basic }))).toEqual([]);
  });

  it('a wrong token, and a right one with one letter more or less', async () => {
    for (const secret of [WRONG, `${WRITE}w`, WRITE.slice(1), '']) {
      expect(await othersThan({ status: [401], type: 'unauthorized' }, any, () => ({ headers: as(secret) }))).toEqual([]);
    }
  });

  it('a token that may only read, where something is written', async () => {
    const writes = ({ scope }: Operation) => scope === 'write';
    expect(operations.filter(writes).map(({ method }) => method)).not.toContain('GET');
    expect(await othersThan({ status: [403], type: 'forbidden' }, writes, () => ({ headers: as(READ) }))).toEqual([]);
    for (const operation of operations.filter(({ scope }) => scope === 'read')) {
      const { statusCode } = await server.inject({ method: 'GET', url: pathOf(operation), headers: as(READ) });
      expect([operation.path, [401, 403].includes(statusCode)]).toEqual([operation.path, false]);
    }
  });

  it('a body that is too large, whatever is in it', async () => {
    const payload = JSON.stringify({ text: 'x'.repeat(1_100_000) });
    expect(await othersThan({ status: [413], type: 'too_large' }, takesBody, () => ({ headers: json, payload }))).toEqual([]);
  });

  it('a body that is no JSON, of another kind, of another type, or with a member more', async () => {
    const invalid = { status: [400], type: 'invalid' };
    const needsBody = ({ body }: Operation) => body !== undefined && body.anyOf === undefined;
    expect(await othersThan(invalid, needsBody, () => ({ headers: json, payload: '' }))).toEqual([]);
    for (const payload of ['{"a":', '[]', '"x"', '7', '{"unknown":1}', '{"__proto__":{"a":1},"constructor":{"prototype":1}}']) {
      const wrong = await othersThan(invalid, takesBody, () => ({ headers: json, payload }));
      expect(wrong, payload).toEqual([]);
    }
    const kinds = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/html',
      'application/xml',
      'x',
    ];
    for (const kind of kinds) {
      const headers = { ...as(WRITE), 'content-type': kind };
      expect(
        await othersThan({ status: [415], type: 'unsupported_media_type' }, takesBody, () => ({ headers, payload: 'x' })),
        kind,
      ).toEqual([]);
    }
  });

  it.each([
    '../../../etc/passwd',
    '..\\..\\windows',
    'PABC/../../secret',
    '\u0000',
    'file:///etc/passwd',
    'http://127.0.0.1:1/incidents/PABC%00',
    '%2e%2e%2f',
  ])('an id that is a trick: %j', async (id) => {
    const hasId = ({ path }: Operation) => path.includes('{id}');
    const wrong = await othersThan({ status: [400, 404] }, hasId, (operation) => ({ url: pathOf(operation, id), headers: json }));
    expect(wrong).toEqual([]);
  });

  it('an id that is too long', async () => {
    const hasId = ({ path }: Operation) => path.includes('{id}');
    const requestOf = (operation: Operation) => ({ url: pathOf(operation, 'P'.repeat(201)), headers: json });
    expect(await othersThan({ status: [414] }, hasId, requestOf)).toEqual([]);
  });

  it('a method that its path does not take, whatever token is sent', async () => {
    const wrong = described.flatMap(({ path, method }) => {
      const taken = described.filter((other) => other.path === path).map((other) => other.method);
      const others = (['GET', 'POST', 'PUT', 'DELETE', 'PATCH'] as const).filter((other) => !taken.includes(other as typeof method));
      return others.map((other) => ({ path, method: other }));
    });
    const before = rowsOf(file);
    for (const { path, method } of wrong) {
      const url = fill(path, () => '1');
      const answer = await server.inject({ method, url, headers: json, payload: '{}' });
      expect([method, url, answer.statusCode, answer.json().type]).toEqual([method, url, 405, 'urn:hindcast:problem:method_not_allowed']);
    }
    expect(rowsOf(file)).toEqual(before);
  });

  it('a webhook that is forged, and nothing comes of one that is repeated', async () => {
    const event = (id: string, incident = 'PABC') =>
      JSON.stringify({ event: { id, event_type: 'incident.resolved', data: { id: incident } } });
    const sign = (body: string, secret = SIGNING) => `v1=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const send = (payload: string, signature: string, headers = {}) =>
      server.inject({
        method: 'POST',
        url: '/webhooks/pagerduty',
        headers: { 'content-type': 'application/json', 'x-pagerduty-signature': signature, ...headers },
        payload,
      });
    const before = { rows: rowsOf(file), asked: pager.asked.length };
    const body = event('E1');
    for (const signature of [
      '',
      'v1=',
      `v1=${SIGNING}`,
      sign(body, WRONG),
      sign(event('E2')),
      sign(body).slice(0, -1),
      `v0=${sign(body).slice(3)}`,
    ]) {
      const answer = await send(body, signature, as(WRITE));
      expect([answer.statusCode, answer.json().type, tellsNothing(answer.body)]).toEqual([401, 'urn:hindcast:problem:unsigned', true]);
    }
    for (const [payload, status] of [
      ['{"event":', 400],
      ['[]', 400],
      [event('E1', '../x'), 400],
      [`"${'x'.repeat(300_000)}"`, 413],
    ] as const) {
      expect((await send(payload, sign(payload))).statusCode).toBe(status);
    }
    expect({ rows: rowsOf(file), asked: pager.asked.length }).toEqual(before);
    expect((await send(body, sign(body))).json()).toEqual({ received: 'due' });
    const noted = rowsOf(file);
    expect(noted).toEqual({ ...before.rows, delivery: 1, due_draft: 2 });
    expect((await send(body, sign(body))).json()).toEqual({ received: 'repeated' });
    expect([rowsOf(file), pager.asked.length]).toEqual([noted, before.asked]);
  });

  it('every route is described, but for the description itself and its page; what asks for no token is known by name', () => {
    // A tree, each line four characters further in than its parent.
    const parts: string[] = [];
    const registered: string[] = [];
    for (const line of server.printRoutes({ commonPrefix: false }).split('\n')) {
      const [, indent = '', part, methods = ''] = /^(.*)[├└]── (\S+)(?: \(([A-Z, ]+)\))?/.exec(line) ?? [];
      if (part === undefined) continue;
      parts.splice(indent.length / 4, parts.length, part);
      const path = parts.join('').replaceAll(/:(\w+)/g, '{$1}');
      registered.push(...methods.split(', ').flatMap((method) => (/^(?:|HEAD|OPTIONS)$/.test(method) ? [] : [`${method} ${path}`])));
    }
    const told = described.map(({ method, path }) => `${method} ${path}`);
    expect(registered.toSorted()).toEqual([...told, 'GET /docs', 'GET /openapi.json'].toSorted());
    const open = described.filter(({ scope }) => scope === undefined).map(({ path }) => path);
    expect(open.toSorted()).toEqual(['/health/live', '/health/ready', '/webhooks/pagerduty']);
  });

  it('a request that no client would send: tricks in the path itself, and what is no HTTP', async () => {
    const { port } = new URL(await server.listen({ host: '127.0.0.1', port: 0 }));
    const before = { rows: rowsOf(file), asked: pager.asked.length };
    const head = `HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${WRITE}\r\nConnection: close\r\n`;
    const paths = [
      ...[
        '/../../../etc/passwd',
        '/incidents/../../etc/passwd',
        '/incidents/%2e%2e%2f%2e%2e%2fetc%2fpasswd/draft',
        '/incidents/..%2f..%2fx',
      ],
      ...[
        '/incidents/PABC%00/draft',
        '/incidents/%00',
        '/incidents/%',
        '/incidents/%c0%ae%c0%ae/draft',
        '//incidents/PABC',
        '/incidents//draft',
      ],
      ...[
        '/incidents/PABC/draft;x=1',
        '/incidents/PABC/draft/',
        '/INCIDENTS',
        `/incidents/${'P'.repeat(5_000)}/draft`,
        `/${'a/'.repeat(2_000)}`,
      ],
      ...['http://169.254.169.254/latest', '*', 'file:///etc/passwd', `/incidents?cursor=${'c'.repeat(4_000)}`],
    ];
    const raw = [
      ...paths.map((path) => `GET ${path} ${head}\r\n`),
      ...paths.map((path) => `POST ${path} ${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`),
      ...['GET / HTTP/9.9\r\n\r\n', 'nonsense\r\n\r\n', `GET /incidents/\u0000 ${head}\r\n`, `GET /${'x'.repeat(40_000)} ${head}\r\n`],
      ...[`POST /incidents/PABC/draft ${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`],
      ...[`GET /incidents ${head}X-Long: ${'x'.repeat(40_000)}\r\n\r\n`],
    ];
    const answers = await Promise.all(raw.map((request) => exchange(Number(port), request)));
    const wrong = answers.filter(
      (answer) => !/^HTTP\/1\.1 4\d\d /.test(answer) || !/content-type: application\/problem\+json/i.test(answer) || !tellsNothing(answer),
    );
    expect(wrong.map((answer) => answer.slice(0, 400))).toEqual([]);
    expect(answers.every((answer) => /"requestId":"[0-9a-f-]{36}"/.test(answer) && /x-content-type-options: nosniff/i.test(answer))).toBe(
      true,
    );
    expect({ rows: rowsOf(file), asked: pager.asked.length }).toEqual(before);
  });

  it('leaves no secret and no path in the log', () => {
    for (const secret of [READ, WRITE, WRONG]) expect(log.lines.join('\n')).not.toContain(secret);
  });
});
