import { type CheckReport, defineConnector, SourceError } from '../../src/contract/index.ts';
import { openPagerDuty, type PagerDuty, type Query } from './client.ts';
import { PagerDutyConfig, PagerDutyScope } from './config.ts';
import { isNotOffered, isUnknown } from './errors.ts';
import { PAGE_SIZE } from './listing.ts';
import { noteTaker } from './note-writer.ts';
import { alerts } from './streams/alerts.ts';
import { analytics } from './streams/analytics.ts';
import { changeEvents } from './streams/change-events.ts';
import { incidents } from './streams/incidents.ts';
import { logEntries } from './streams/log-entries.ts';
import { notes } from './streams/notes.ts';
import { pastIncidents } from './streams/past-incidents.ts';
import { relatedIncidents } from './streams/related-incidents.ts';

export const pagerduty = defineConnector<typeof PagerDutyConfig, typeof PagerDutyScope, PagerDuty>({
  id: 'pagerduty',
  normalizer: 'pagerduty/6',
  config: PagerDutyConfig,
  scope: PagerDutyScope,
  // PagerDuty counts 960 a minute. It advises one call at a time, to stay below that; the budget does so by counting (see the README).
  limits: { requestsPerMinute: 960, concurrency: 4, pageSize: PAGE_SIZE },
  adds: { vendor: 'PagerDuty', what: 'who was called when, who answered, and what they wrote' },
  streams: [incidents, logEntries, alerts, notes, changeEvents, pastIncidents, relatedIncidents, analytics],
  open: (config, kit) => openPagerDuty(config, kit),
  claims: (source, { service_ids }) => service_ids.map((id) => `${source}/service:${id}`),
  scopeFor: (source, keys) => {
    const prefix = `${source}/service:`;
    const ids = [...new Set(keys.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)))];
    return ids.length > 0 ? { service_ids: ids.toSorted() } : undefined;
  },
  propose,
  check,
  notes: noteTaker,
});

/** Every service of the account is a service of ours until somebody says otherwise. */
async function propose(client: PagerDuty, signal: AbortSignal): Promise<readonly { name: string; scope: PagerDutyScope }[]> {
  const found: { name: string; scope: PagerDutyScope }[] = [];
  for (let offset = 0, more = true; more; ) {
    const page = await client.page('/services', 'services', { limit: `${PAGE_SIZE}`, offset: `${offset}` }, signal);
    for (const item of page.items) {
      const id = textAt(item, 'id');
      if (id !== undefined) found.push({ name: textAt(item, 'name') ?? textAt(item, 'summary') ?? id, scope: { service_ids: [id] } });
    }
    more = page.more;
    offset += page.step;
  }
  return found;
}

type Check = CheckReport['checks'][number];

/** The calls that a pull makes, each for one record: it writes nothing, and names the permission that is missing. */
async function check(client: PagerDuty, scopes: readonly PagerDutyScope[], signal: AbortSignal): Promise<CheckReport> {
  const one = { limit: '1', offset: '0' };
  const list =
    (path: string, name: string, query: Query = one) =>
    () =>
      client.page(path, name, query, signal);
  const newest = await tryCall('incidents', 'incidents can be read', async () => {
    const { items } = await client.page('/incidents', 'incidents', { ...one, date_range: 'all', sort_by: 'created_at:desc' }, signal);
    return textAt(items[0], 'id');
  });
  const checks: Check[] = [newest.check];
  if (newest.value !== undefined) {
    const path = `/incidents/${newest.value}`;
    for (const name of ['log_entries', 'alerts'] as const) {
      checks.push((await tryCall(name, `${name.replace('_', ' ')} can be read`, list(`${path}/${name}`, name))).check);
    }
    checks.push((await tryCall('notes', 'notes can be read', () => client.read(`${path}/notes`, 'notes', {}, signal))).check);
    for (const name of ['past_incidents', 'related_incidents'] as const) {
      const call = list(`${path}/${name}`, name, name === 'past_incidents' ? { limit: '1' } : {});
      checks.push(orNotNeeded(await tryCall(name, `${name.replace('_', ' ')} can be read`, call)));
    }
    const figures = await tryCall('analytics', 'figures can be read', () => readFigures(client, newest.value ?? '', signal));
    checks.push(isNotOffered(figures.error) ? orNotNeeded(figures) : figures.check);
  }
  if (newest.reason !== 'unauthorized' && newest.reason !== 'unavailable') {
    checks.push((await tryCall('change_events', 'change events can be read', list('/change_events', 'change_events'))).check);
    for (const id of new Set(scopes.flatMap(({ service_ids }) => service_ids))) checks.push(await checkService(client, id, signal));
  }
  const clockOffsetMs = client.clockOffsetMs();
  return { checks, ...(clockOffsetMs !== undefined && { clockOffsetMs }) };
}

/** What a draft can do without is no failure. */
function orNotNeeded({ check, reason }: Tried<unknown>): Check {
  return reason === 'forbidden' ? { ...check, ok: true, detail: `not offered, and not needed: ${check.detail}` } : check;
}

/** Figures come up to a day late: none is an answer too. */
async function readFigures(client: PagerDuty, incident: string, signal: AbortSignal): Promise<unknown> {
  try {
    return await client.whole(`/analytics/raw/incidents/${incident}`, { time_zone: 'Etc/UTC' }, signal);
  } catch (error) {
    if (!isUnknown(error)) throw error;
    return undefined;
  }
}

/** A service that does not exist would be a service without incidents. Only a check asks for it, so its own permission is no must. */
async function checkService(client: PagerDuty, id: string, signal: AbortSignal): Promise<Check> {
  const name = `service ${id}`;
  const { check, reason, value } = await tryCall(name, 'exists', () => client.read(`/services/${id}`, 'service', {}, signal));
  if (reason === 'forbidden') return { name, ok: true, detail: `not looked up: ${check.detail}` };
  return value === undefined ? check : { name, ok: true, detail: `exists: ${textAt(value, 'name') ?? id}` };
}

interface Tried<T> {
  readonly check: Check;
  readonly value?: T;
  readonly reason?: SourceError['reason'];
  readonly error?: SourceError;
}

async function tryCall<T>(name: string, detail: string, call: () => Promise<T>): Promise<Tried<T>> {
  try {
    return { check: { name, ok: true, detail }, value: await call() };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { check: { name, ok: false, detail: error.message }, reason: error.reason, error };
  }
}

function textAt(value: unknown, name: string): string | undefined {
  const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
  return typeof found === 'string' ? found : undefined;
}
