import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildServer } from '../../src/api/server.ts';
import type { App } from '../../src/app/app.ts';
import { openDatabase } from '../../src/storage/database.ts';
import { createDraftStore } from '../../src/storage/draft-store.ts';
import { createEvidenceStore } from '../../src/storage/evidence-store.ts';
import { openTestApp, quietLog, sourcesOf } from '../app/fakes.ts';
import { smallPager, smallWorld } from '../app/small-world.ts';
import { describedOperations, fill, type Operation } from './described.ts';

const READ = 'r'.repeat(30);
const WRITE = 'w'.repeat(30);
const WRONG = 'x'.repeat(30);
const TOKENS = [
  { name: 'ann', scope: 'write', secret: WRITE },
  { name: 'board', scope: 'read', secret: READ },
] as const;
const as = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** What stands in each table of the store. */
function rowsOf(file: string): Readonly<Record<string, number>> {
  const db = new DatabaseSync(file, { readOnly: true });
  const tables = db.prepare("select name from sqlite_master where type = 'table'").all();
  const counts = tables.map(({ name }) => [String(name), Number(db.prepare(`select count(*) as n from "${name}"`).get()?.['n'])]);
  db.close();
  return Object.fromEntries(counts);
}

describe('what every route refuses', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-refused-'));
  const file = join(folder, 'store.db');
  const pager = smallPager(smallWorld());
  const log = quietLog();
  let app: App;
  let server: FastifyInstance;
  let operations: readonly Operation[];
  let close: () => Promise<void>;

  beforeAll(async () => {
    const db = await openDatabase(`sqlite:${file}`);
    const opened = await openTestApp(sourcesOf({ pager }));
    app = opened.again({ evidence: createEvidenceStore(db), drafts: createDraftStore(db) });
    server = await buildServer({ app, tokens: TOKENS, log, requestsPerMinute: 1_000_000 });
    await app.draft({ select: { kind: 'incident', id: 'PABC' } });
    operations = (await describedOperations(server)).filter(({ isGuarded }) => isGuarded);
    close = async () => {
      await server.close();
      await Promise.all([opened.app.close(), db.destroy()]);
      rmSync(folder, { recursive: true });
    };
  });
  afterAll(() => close());

  const pathOf = ({ path }: Operation, id = 'PABC') => fill(path, (name) => (name === 'id' ? id : 'x'));

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
        ![READ, WRITE, WRONG, folder, 'node_modules'].some((secret) => answer.body.includes(secret));
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
    const writes = ({ method }: Operation) => method !== 'GET';
    expect(await othersThan({ status: [403], type: 'forbidden' }, writes, () => ({ headers: as(READ) }))).toEqual([]);
  });

  it('a body that is too large, whatever is in it', async () => {
    const payload = JSON.stringify({ text: 'x'.repeat(1_100_000) });
    expect(await othersThan({ status: [413], type: 'too_large' }, takesBody, () => ({ headers: json, payload }))).toEqual([]);
  });

  it('a body that is no JSON, of another kind, of another type, or with a member more', async () => {
    const invalid = { status: [400], type: 'invalid' };
    for (const payload of ['{"a":', '', '[]', '"x"', '7', '{"unknown":1}', '{"__proto__":{"a":1},"constructor":{"prototype":1}}']) {
      const wrong = await othersThan(invalid, takesBody, () => ({ headers: json, payload }));
      expect(wrong, payload).toEqual([]);
    }
    const headers = { ...as(WRITE), 'content-type': 'text/plain' };
    expect(await othersThan({ status: [415] }, takesBody, () => ({ headers, payload: 'x' }))).toEqual([]);
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

  it('leaves no secret and no path in the log', () => {
    for (const secret of [READ, WRITE, WRONG]) expect(log.lines.join('\n')).not.toContain(secret);
  });
});
