import { startCloudWatch } from '../../demo/standins/cloudwatch.ts';
import { startPagerDuty } from '../../demo/standins/pagerduty.ts';
import { type Answer, type Asked, type StandIn, startStandIn } from '../../demo/standins/server.ts';
import { readWorld } from '../../demo/world.ts';

const SAMPLE = new URL('../../demo/worlds/connection-pool.yaml', import.meta.url).pathname;
const MAX_RESULTS = 10_000;
const MINUTE_MS = 60_000;

/** How much is in the world, and when it ends. */
export interface Size {
  readonly incidents: number;
  readonly entriesEach: number;
  readonly alarms: number;
  readonly now: Date;
  readonly days: number;
}

export interface LargeWorld {
  readonly pagerduty: StandIn;
  readonly cloudwatch: StandIn;
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

type Item = Readonly<Record<string, unknown>> & { readonly id: string; readonly created_at: string };

/** Stand-ins of an account in which much happened: the sample's own records, many times, each at a time of its own. */
export async function startLargeWorld(size: Size): Promise<LargeWorld> {
  const world = readWorld(SAMPLE);
  const { incident, entry } = await sampleRecords(world);
  const incidents = Array.from({ length: size.incidents }, (_, index) => incidentAt(incident, index, size));
  const entries = new Map(incidents.map((one) => [one.id, entriesOf(entry, one, size)]));
  const answer = (asked: Asked) => answerList(asked, incidents, entries);
  const refuse = (status: number): Answer => ({ status, body: { error: { code: 5000, message: 'failed on demand' } } });
  const now = size.now.toISOString();
  const pagerduty = await startStandIn({ now, contentType: 'application/json', answer, refuse });
  const cloudwatch = await startCloudWatch({ ...world, now, cloudwatch: manyAlarms(world.cloudwatch, size) });
  return {
    pagerduty,
    cloudwatch,
    env: { PAGERDUTY_TOKEN: 'soak-token' },
    close: async () => {
      await Promise.all([pagerduty.close(), cloudwatch.close()]);
    },
  };
}

async function sampleRecords(world: ReturnType<typeof readWorld>): Promise<{ readonly incident: Item; readonly entry: Item }> {
  const standIn = await startPagerDuty(world);
  const get = async (path: string) => {
    const headers = { authorization: `Token token=${world.pagerduty.token}`, accept: 'application/vnd.pagerduty+json;version=2' };
    return (await (await fetch(`${standIn.url}${path}`, { headers })).json()) as { incident: Item; log_entries: readonly Item[] };
  };
  try {
    const { incident } = await get(`/incidents/${world.truth.incident}`);
    const { log_entries } = await get(`/incidents/${world.truth.incident}/log_entries?limit=100&include[]=channels`);
    const entry = log_entries.find(({ type }) => type === 'annotate_log_entry');
    if (!entry) throw new Error('the sample has a note');
    return { incident, entry };
  } finally {
    await standIn.close();
  }
}

function incidentAt(sample: Item, index: number, { now, days, incidents }: Size): Item {
  const began = now.getTime() - days * 86_400_000 + ((index + 0.5) / incidents) * days * 86_400_000;
  const at = second(began);
  return {
    ...sample,
    id: `QSOAK${String(index).padStart(4, '0')}`,
    incident_number: 9_000 + index,
    created_at: at,
    last_status_change_at: second(began + 30 * MINUTE_MS),
    resolved_at: second(began + 30 * MINUTE_MS),
    title: `incident ${index}`,
  };
}

/** Newest first, as PagerDuty gives them. */
function entriesOf(sample: Item, incident: Item, { entriesEach }: Size): readonly Item[] {
  const began = Date.parse(incident.created_at);
  return Array.from({ length: entriesEach }, (_, index) => ({
    ...sample,
    id: `R${incident.id}${String(index).padStart(6, '0')}`,
    created_at: second(began + Math.floor((index / entriesEach) * 25 * 60) * 1_000),
    incident: { id: incident.id, type: 'incident_reference', summary: incident['title'], self: null, html_url: null },
  })).toReversed();
}

function answerList({ url }: Asked, incidents: readonly Item[], entries: ReadonlyMap<string, readonly Item[]>): Answer {
  const [, kind, id, list] = url.pathname.split('/');
  const found = incidents.find((one) => one.id === id);
  if (kind === 'incidents' && id !== undefined && list === undefined) {
    return found ? { status: 200, body: { incident: found } } : { status: 404, body: { error: { code: 2100, message: 'Not Found' } } };
  }
  if (kind === 'incidents' && list === 'log_entries') return page(url, 'log_entries', entries.get(id ?? '') ?? []);
  if (kind === 'incidents' && list === undefined) return page(url, 'incidents', within(url, incidents));
  if (kind === 'log_entries') return page(url, 'log_entries', within(url, [...entries.values()].flat()));
  return page(url, list ?? kind ?? '', []);
}

function within({ searchParams }: URL, items: readonly Item[]): readonly Item[] {
  const [since, until] = ['since', 'until'].map((name) => Date.parse(searchParams.get(name) ?? ''));
  return items.filter(({ created_at }) => {
    const at = Date.parse(created_at);
    return !(at < (since ?? Number.NaN)) && !(at > (until ?? Number.NaN));
  });
}

function page({ searchParams }: URL, member: string, items: readonly Item[]): Answer {
  const [offset, limit] = [Number(searchParams.get('offset') ?? 0), Math.min(100, Number(searchParams.get('limit') ?? 25))];
  if (offset + limit > MAX_RESULTS) return { status: 400, body: { error: { code: 2001, message: 'Offset must be less than 10000' } } };
  return {
    status: 200,
    body: { [member]: items.slice(offset, offset + limit), offset, limit, more: offset + limit < items.length, total: null },
  };
}

function manyAlarms(sample: ReturnType<typeof readWorld>['cloudwatch'], { alarms, now, days }: Size): typeof sample {
  const alarm = sample.alarms.find(({ name }) => name === 'api-HighErrorRate');
  const metric = sample.metrics.find(({ id }) => id === alarm?.metric);
  if (!alarm || !metric) throw new Error('the sample has an alarm');
  const numbers = Array.from({ length: alarms }, (_, index) => index);
  return {
    ...sample,
    metrics: numbers.map((index) => ({ ...metric, id: `m${index}`, dimensions: { ...metric.dimensions, TargetGroup: `api-${index}` } })),
    alarms: numbers.map((index) => {
      const at = now.getTime() - (days / 2) * 86_400_000 + index * MINUTE_MS;
      const [began, ended] = [new Date(at).toISOString(), new Date(at + 20 * MINUTE_MS).toISOString()];
      const start = new Date(at - 2 * MINUTE_MS).toISOString();
      const history = [
        { at: began, from: 'OK', to: 'ALARM', start },
        { at: ended, from: 'ALARM', to: 'OK', start: began },
      ];
      return { ...alarm, name: `api-Soak${index}`, metric: `m${index}`, history };
    }),
    composite_alarms: [],
  };
}

function second(ms: number): string {
  return new Date(Math.floor(ms / 1_000) * 1_000).toISOString().replace('.000Z', 'Z');
}
