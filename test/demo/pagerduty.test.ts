import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { afterEach, describe, expect, it } from 'vitest';
import { startPagerDuty } from '../../demo/standins/pagerduty.ts';
import type { StandIn } from '../../demo/standins/server.ts';
import { readWorld, type World } from '../../demo/world.ts';
import { sharedFile } from '../support/shared.ts';

const WORLD = new URL('../../demo/worlds/connection-pool.yaml', import.meta.url);
const INCIDENT = 'Q1POOL0EXHAUST';

/** What the tests read of an answer. */
interface Told {
  readonly [name: string]: unknown;
}
interface Response {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Told;
}

const started: StandIn[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.close()));
});

async function ask(
  world: World,
  path: string,
  headers: Record<string, string> = { authorization: `Token token=${world.pagerduty.token}` },
) {
  const standIn = await startPagerDuty(world);
  started.push(standIn);
  return get(standIn, path, headers);
}

async function get(standIn: StandIn, path: string, headers: Record<string, string>): Promise<Response> {
  const response = await fetch(`${standIn.url}${path}`, { headers });
  const body: Told = JSON.parse(await response.text());
  return { status: response.status, headers: response.headers, body };
}

function listAt(body: unknown, ...path: readonly string[]): readonly Told[] {
  const found = at(body, ...path);
  if (!Array.isArray(found)) throw new Error(`${path.join('.')} is no list`);
  return found;
}

function at(body: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined), body);
}

const world = readWorld(WORLD);

describe('the stand-in for PagerDuty', () => {
  const spec = sharedFile('specs/pagerduty-rest-openapiv3.json');

  it.skipIf(!spec)('answers every route as the official description says (needs the shared reference folder)', async () => {
    const check = validator(spec ?? '');
    const standIn = await startPagerDuty(world);
    started.push(standIn);
    const headers = { authorization: `Token token=${world.pagerduty.token}` };
    const asked: readonly (readonly [path: string, route: string])[] = [
      ['/incidents?date_range=all&include[]=priorities&total=true', '/incidents'],
      [`/incidents/${INCIDENT}?include[]=priorities&include[]=escalation_policies&include[]=first_trigger_log_entries`, '/incidents/{id}'],
      ['/incidents/4820', '/incidents/{id}'],
      [`/incidents/${INCIDENT}/log_entries?include[]=channels&limit=100`, '/incidents/{id}/log_entries'],
      [`/incidents/${INCIDENT}/log_entries?limit=100`, '/incidents/{id}/log_entries'],
      ['/log_entries?time_zone=Asia/Kolkata&limit=100', '/log_entries'],
      [`/incidents/${INCIDENT}/alerts`, '/incidents/{id}/alerts'],
      [`/incidents/${INCIDENT}/notes`, '/incidents/{id}/notes'],
      [`/incidents/${INCIDENT}/past_incidents`, '/incidents/{id}/past_incidents'],
      [`/incidents/${INCIDENT}/related_incidents`, '/incidents/{id}/related_incidents'],
      ['/change_events', '/change_events'],
      ['/services', '/services'],
      ['/services/PAPI001', '/services/{id}'],
      ['/users/PJANED1', '/users/{id}'],
      ['/priorities', '/priorities'],
    ];
    for (const [path, route] of asked) {
      const { status, body } = await get(standIn, path, headers);
      expect([path, status]).toEqual([path, 200]);
      expect(check(route, route.endsWith('log_entries') ? documented(body) : body), path).toEqual([]);
    }
    for (const path of ['/incidents/PNONE', '/services/PNONE', '/nowhere']) {
      const { status, body } = await get(standIn, path, headers);
      expect([path, status, check('/incidents/{id}', body, '404')]).toEqual([path, 404, []]);
    }
  });

  it.skipIf(!spec)('tells figures and related incidents as the official description says (needs the shared reference folder)', async () => {
    const check = validator(spec ?? '');
    const later = readWorld(WORLD, '2024-01-17T00:00:00Z');
    const related_incidents = [{ id: 'Q1CHKLATENCY01', by: ['similar_contents', 'service_dependency'] as const }];
    const incidents = later.pagerduty.incidents.map((incident) => ({ ...incident, related_incidents }));
    const related = await ask({ ...later, pagerduty: { ...later.pagerduty, incidents } }, `/incidents/${INCIDENT}/related_incidents`);
    expect(listAt(related.body, 'related_incidents')).toHaveLength(1);
    expect(check('/incidents/{id}/related_incidents', related.body)).toEqual([]);
    const figures = await ask(later, `/analytics/raw/incidents/${INCIDENT}`);
    expect(check('/analytics/raw/incidents/{id}', at(figures.body, 'data'))).toEqual([]);
    expect(check('/analytics/raw/incidents/{id}', { seconds_to_resolve: 'soon' })).not.toEqual([]);
  });

  it("U1.5 has an incident's figures a day after its end, with times that have no zone", async () => {
    const path = `/analytics/raw/incidents/${INCIDENT}`;
    const at1457 = (day: string, minute: string) => ask(readWorld(WORLD, `2024-01-${day}T14:${minute}:00Z`), path);
    expect((await at1457('16', '56')).status).toBe(404);
    const { status, body } = await at1457('16', '57');
    expect([status, at(body, 'data', 'resolved_at'), at(body, 'data', 'seconds_to_resolve')]).toEqual([200, '2024-01-15T14:57:00', 1440]);
  });

  it.skipIf(!spec)('would be caught if it told a wrong shape (needs the shared reference folder)', () => {
    const check = validator(spec ?? '');
    expect(check('/incidents/{id}', { incident: { id: 4821 } })).not.toEqual([]);
    expect(check('/incidents/{id}/log_entries', { log_entries: [{ type: 'notify_log_entry', created_at: 'yesterday' }] })).not.toEqual([]);
  });

  it('refuses a wrong token, and one without its prefix', async () => {
    for (const authorization of ['Token token=wrong', `Basic ${world.pagerduty.token}`, '']) {
      const { status, body } = await ask(world, '/incidents', { authorization });
      expect([status, at(body, 'error', 'code')]).toEqual([401, 2006]);
    }
    expect((await ask(world, '/incidents', { authorization: `Bearer ${world.pagerduty.token}` })).status).toBe(200);
  });

  it('U1.2 lists one month where one end is given, and at most six', async () => {
    const numbers = async (query: string) =>
      listAt((await ask(world, `/incidents?${query}`)).body, 'incidents').map(({ incident_number }) => incident_number);
    expect(await numbers('')).toEqual([4820, 4821]);
    expect(await numbers('since=2023-11-01T00:00:00Z')).toEqual([4512]);
    expect(await numbers('since=2023-08-01T00:00:00Z&until=2024-01-16T00:00:00Z')).toEqual([4103, 4512, 4820, 4821]);
    expect(await numbers('date_range=all&service_ids[]=PCHK001')).toEqual([4820]);
    expect(await numbers('date_range=all&statuses[]=triggered')).toEqual([]);
    const wide = await ask(world, '/incidents?since=2023-01-01T00:00:00Z&until=2024-01-16T00:00:00Z');
    expect([wide.status, at(wide.body, 'error', 'code')]).toEqual([400, 2005]);
  });

  it("U1.2 reads a date without an offset in the account's zone", async () => {
    const numbers = async (until: string) =>
      listAt((await ask(world, `/incidents?since=2024-01-15T00:00:00Z&until=${until}`)).body, 'incidents').length;
    expect(await numbers('2024-01-15T12:00:00Z')).toBe(0);
    expect(await numbers('2024-01-15T12:00:00')).toBe(2);
  });

  it("U1.2 shows log entries newest first in the account's own zone, and payloads only with channels", async () => {
    const local = listAt((await ask(world, `/incidents/${INCIDENT}/log_entries?limit=100`)).body, 'log_entries');
    expect(local[0]).toMatchObject({ created_at: '2024-01-15T10:30:00-05:00', channel: { type: 'note' } });
    expect(local.at(-1)).toMatchObject({ type: 'trigger_log_entry', channel: { type: 'api' } });
    const whole = await ask(world, `/incidents/${INCIDENT}/log_entries?limit=100&time_zone=UTC&include[]=channels`);
    const entries = listAt(whole.body, 'log_entries');
    expect(entries[0]).toMatchObject({ created_at: '2024-01-15T15:30:00Z', channel: { summary: expect.stringContaining('review') } });
    expect(at(entries.at(-1), 'channel', 'details', 'AlarmName')).toBe('api-HighErrorRate');
    expect(entries.filter(({ html_url }) => html_url !== null).map(({ type }) => type)).toEqual(['trigger_log_entry']);
  });

  it('U1.3 keeps assignments and acknowledgements only while they hold', async () => {
    const incident = async (now: string) => (await ask(readWorld(WORLD, now), `/incidents/${INCIDENT}`)).body['incident'];
    expect(await incident('2024-01-15T14:33:30Z')).toMatchObject({
      status: 'triggered',
      assignments: [{ assignee: { id: 'PJANED1' } }],
      acknowledgements: [],
      resolved_at: null,
    });
    expect(await incident('2024-01-15T14:40:00Z')).toMatchObject({
      status: 'acknowledged',
      acknowledgements: [{ at: '2024-01-15T14:35:00Z' }],
    });
    expect(await incident(world.now)).toMatchObject({
      status: 'resolved',
      assignments: [],
      acknowledgements: [],
      resolved_at: '2024-01-15T14:57:00Z',
    });
  });

  it('knows nothing that comes after its now', async () => {
    const before = readWorld(WORLD, '2024-01-15T14:32:30Z');
    expect((await ask(before, `/incidents/${INCIDENT}`)).body).toEqual({ error: { message: 'Incident Not Found', code: 5001 } });
    const early = readWorld(WORLD, '2024-01-15T14:36:30Z');
    const entries = listAt((await ask(early, `/incidents/${INCIDENT}/log_entries?limit=100&time_zone=UTC`)).body, 'log_entries');
    expect(entries[0]?.['created_at']).toBe('2024-01-15T14:36:02Z');
    expect(listAt((await ask(early, `/incidents/${INCIDENT}/notes`)).body, 'notes')).toEqual([]);
    const [alert] = listAt((await ask(early, `/incidents/${INCIDENT}/alerts`)).body, 'alerts');
    expect(alert).toMatchObject({ status: 'triggered', resolved_at: null });
    const { incident } = (await ask(early, `/incidents/${INCIDENT}`)).body;
    expect(listAt(incident, 'incidents_responders')).toMatchObject([{ state: 'pending' }]);
    expect(listAt((await ask(early, '/change_events')).body, 'change_events')).toHaveLength(2);
    expect(listAt((await ask(readWorld(WORLD, '2024-01-15T14:16:00Z'), '/change_events')).body, 'change_events')).toHaveLength(1);
  });

  it('gives the same entry the same id in every run', async () => {
    const ids = async () => listAt((await ask(world, '/log_entries?limit=100')).body, 'log_entries').map(({ id }) => id);
    const first = await ids();
    expect(await ids()).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });

  it('U1.6 pages by offset, and refuses to go beyond 10,000', async () => {
    const second = (await ask(world, `/incidents/${INCIDENT}/log_entries?limit=10&offset=10`)).body;
    expect(second).toMatchObject({ limit: 10, offset: 10, more: false, total: null });
    expect((await ask(world, '/incidents?date_range=all&limit=2&total=true')).body).toMatchObject({ more: true, total: 4 });
    const beyond = await ask(world, '/incidents?date_range=all&limit=100&offset=9901');
    expect([beyond.status, at(beyond.body, 'error', 'code')]).toEqual([400, 2002]);
    expect((await ask(world, '/incidents?date_range=all&limit=100&offset=9900')).status).toBe(200);
  });

  it('U1.2 takes change events by UTC alone, and does not tell their place back', async () => {
    const naive = await ask(world, '/change_events?since=2024-01-15T00:00:00%2B01:00');
    expect([naive.status, at(naive.body, 'error', 'code')]).toEqual([400, 2001]);
    expect((await ask(world, '/change_events?since=2024-01-15T14:20:00Z')).body).toMatchObject({ limit: null, offset: null, more: false });
    expect(listAt((await ask(world, '/change_events?since=2024-01-15T14:20:00Z')).body, 'change_events')).toHaveLength(1);
  });

  it('tells its rate, and fails on demand in its own form', async () => {
    const headers = { authorization: `Token token=${world.pagerduty.token}` };
    const standIn = await startPagerDuty(world);
    started.push(standIn);
    expect((await get(standIn, '/services', headers)).headers.get('ratelimit-limit')).toBe('960');
    standIn.fail({ path: /services/, mode: 429, times: 1, headers: { 'ratelimit-reset': '7' } });
    const limited = await get(standIn, '/services', headers);
    expect([limited.status, at(limited.body, 'error', 'code'), limited.headers.get('ratelimit-reset')]).toEqual([429, 2020, '7']);
  });

  it('has no "me" for an account\'s own key', async () => {
    expect((await ask(world, '/users/me')).status).toBe(400);
  });
});

/** Types that PagerDuty's description does not know are left out of what it is asked about. */
function documented(body: Told): Told {
  const unknown = ['status_update_log_entry', 'responder_request_log_entry'];
  return { ...body, log_entries: listAt(body, 'log_entries').filter(({ type }) => !unknown.includes(String(type))) };
}

/** Checks answers against the official description, mended where it contradicts real answers. */
function validator(file: string) {
  const spec: Told = JSON.parse(readFileSync(file, 'utf8'));
  mend(spec);
  const ajv = new Ajv({ strict: false, validateSchema: false, allErrors: false, logger: false });
  addFormats.default(ajv);
  ajv.addSchema(spec, 'pagerduty');
  return (route: string, body: unknown, status = '200'): readonly string[] => {
    const path = `#/paths/${tokenOf(route)}/get/responses/${status}`;
    const response = at(spec, 'paths', route, 'get', 'responses', status);
    const reference = at(response, '$ref');
    const place = typeof reference === 'string' ? reference : path;
    const validate = ajv.compile({ $ref: `pagerduty${place}/content/application~1json/schema` });
    return validate(body) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}

/** As one token of a JSON pointer inside a URI. */
function tokenOf(route: string): string {
  return encodeURIComponent(route.replaceAll('/', '~1'));
}

/** The acknowledge entry's enum contradicts its base, open channels match several of their forms, and any field may be null unless required. */
function mend(spec: Told): void {
  const schemas = at(spec, 'components', 'schemas');
  const type = at(schemas, 'AcknowledgeLogEntry', 'allOf', '1', 'properties', 'type');
  if (typeof type === 'object' && type !== null) Reflect.set(type, 'enum', ['acknowledge_log_entry']);
  const channel = at(schemas, 'Channel');
  if (typeof channel === 'object' && channel !== null) {
    Reflect.set(channel, 'anyOf', at(channel, 'oneOf'));
    Reflect.deleteProperty(channel, 'oneOf');
  }
  allowNull(schemas);
  allowNull(at(spec, 'paths'));
}

function allowNull(schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  const properties = at(schema, 'properties');
  const required = at(schema, 'required');
  for (const value of Object.values(schema)) allowNull(value);
  if (typeof properties !== 'object' || properties === null || typeof at(schema, 'type') === 'object') return;
  for (const [name, property] of Object.entries(properties)) {
    const isNever = ['array', 'boolean'].includes(String(at(property, 'type'))) || (Array.isArray(required) && required.includes(name));
    if (!isNever && typeof property === 'object') Reflect.set(properties, name, { anyOf: [property, { type: 'null' }] });
  }
}
