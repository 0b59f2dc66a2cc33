import { readFileSync } from 'node:fs';
import type { ServiceConfig } from '../../src/core/case.ts';
import type { EvidenceRecord, Json } from '../../src/core/evidence.ts';
import { randomOf } from '../support/random.ts';

const SAMPLE = new URL('../scenarios/connection-pool/evidence.jsonl', import.meta.url);

/** A record before it is sealed. */
export type Unsealed = Pick<EvidenceRecord, 'source' | 'stream' | 'nativeId' | 'body' | 'sequence'>;

/** How many of a hundred records come of each stream: what an account's week looks like where a pager is the main witness. */
const SHARES: Readonly<Record<string, number>> = {
  'pagerduty/log_entries': 80,
  'pagerduty/alerts': 4,
  'aws-prod/alarm_history': 8,
  'github/deployments': 4,
  'github/deployment_statuses': 4,
};

export const DAY_MS = 86_400_000;
export const BEGAN_MS = Date.UTC(2024, 0, 8);
export const DAYS = 7;
const EACH_INCIDENT = 200;
const PAGER_SERVICES = 12;

/** The case's own incident, and what its snapshot says of services. */
export const INCIDENT = 'pagerduty/incident:Q0000000000000';
export const SERVICES: readonly ServiceConfig[] = ['api', 'checkout'].map((name, index) => ({
  name,
  owns: {
    pagerduty: { service_ids: [`PSVC${String(index).padStart(3, '0')}`] },
    'aws-prod': { alarm_prefixes: [`${name}-`] },
    github: { repositories: [`acme/${name}`], environments: ['production'] },
  },
  depends_on: [],
}));

/**
 * Records as the stores keep them: the sample incident's own, vendor fields and all, each with ids, people, service, alarm and time of
 * its own. The same count gives the same records.
 */
export function* largeEvidence(count: number): Generator<Unsealed> {
  const random = randomOf(count);
  const templates = readTemplates();
  const wheel = Object.entries(SHARES).flatMap(([line, share]) => Array.from({ length: share }, () => line));
  const incidents = Math.max(1, Math.ceil(count / EACH_INCIDENT));
  for (let index = 0; index < incidents; index += 1) yield incidentRecord(templates, index, incidents);
  for (let index = incidents; index < count; index += 1) {
    const line = wheel[Math.floor(random() * wheel.length)] ?? '';
    const own = templates.get(line) ?? [];
    const template = own[Math.floor(random() * own.length)];
    const incident = Math.floor((index / count) * incidents);
    if (template) yield instanceOf(template, index, { incident, incidents, place: ((index / count) * incidents) % 1 }, random);
  }
}

/** One metric's minutes in chunks of six hours, as the source of series files them. */
export function* largeSeries(points: number): Generator<Unsealed> {
  const perChunk = 360;
  const perSeries = DAYS * 4;
  for (let index = 0; index < Math.ceil(points / perChunk); index += 1) {
    const from = BEGAN_MS + (index % perSeries) * perChunk * 60_000;
    const group = `targetgroup/api-${Math.floor(index / perSeries)}`;
    const minutes = Array.from({ length: Math.min(perChunk, points - index * perChunk) }, (_, minute) => from + minute * 60_000);
    yield {
      source: 'aws-prod',
      stream: 'series',
      nativeId: `${group}@60/${from}`,
      body: {
        namespace: 'AWS/ApplicationELB',
        metric: 'HTTPCode_Target_5XX_Count',
        dimensions: { LoadBalancer: 'app/api/50dc6c495c0c9188', TargetGroup: group },
        statistic: 'Sum',
        periodSeconds: 60,
        from: new Date(from).toISOString(),
        to: new Date(from + perChunk * 60_000).toISOString(),
        label: 'HTTPCode_Target_5XX_Count',
        timestamps: minutes.map((at) => new Date(at).toISOString()),
        values: minutes.map((at) => (at / 60_000) % 17),
      },
    };
  }
}

interface Template {
  readonly source: string;
  readonly stream: string;
  readonly text: string;
  readonly id: string;
  readonly atMs: number;
}

/** When a record of the stream happened: the member that the product reads. */
const TIMES = ['created_at', 'createdAt', 'Timestamp'] as const;

function readTemplates(): ReadonlyMap<string, readonly Template[]> {
  const lines = readFileSync(SAMPLE, 'utf8').split('\n').filter(Boolean);
  const records = lines.map((line): { readonly kind: string; readonly value: Unsealed } => JSON.parse(line));
  const templates = records.flatMap(({ kind, value: { source, stream, body } }): readonly Template[] => {
    if (kind !== 'evidence' || typeof body !== 'object' || body === null) return [];
    const members = new Map(Object.entries(body));
    const at = TIMES.map((name) => members.get(name)).find((text) => typeof text === 'string');
    const id = members.get('id');
    return at === undefined
      ? []
      : [{ source, stream, text: JSON.stringify(body), id: typeof id === 'string' ? id : '', atMs: Date.parse(at) }];
  });
  return Map.groupBy(templates, ({ source, stream }) => `${source}/${stream}`);
}

function incidentRecord(templates: ReadonlyMap<string, readonly Template[]>, index: number, incidents: number): Unsealed {
  const [template] = templates.get('pagerduty/incidents') ?? [];
  if (!template) throw new Error('the sample has an incident');
  return toRecord(template, incidentId(index), index, startOf(index, incidents), () => 0.5);
}

interface Place {
  readonly incident: number;
  readonly incidents: number;
  /** How far the incident has come, from 0 to 1: its records were written newest first, as its source lists them. */
  readonly place: number;
}

function instanceOf(template: Template, index: number, { incident, incidents, place }: Place, random: () => number): Unsealed {
  const atMs = startOf(incident, incidents) + Math.floor((1 - place) * 3_600) * 1_000;
  return toRecord(template, `R${index.toString(36).toUpperCase().padStart(25, '0')}`, incident, atMs, random);
}

function incidentId(incident: number): string {
  return `Q${incident.toString(36).toUpperCase().padStart(13, '0')}`;
}

function startOf(incident: number, incidents: number): number {
  return BEGAN_MS + Math.floor(((incident + 0.5) / incidents) * (DAYS * DAY_MS - 3_600_000));
}

const GIVEN = ['Jane', 'John', 'Maria', 'Sam', 'Priya', 'Wei', 'Aisha', 'Lars', 'Chidi', 'Elena'];
const FAMILY = ['Doe', 'Smith', 'Garcia', 'Novak', 'Okafor', 'Tanaka', 'Larsson', 'Haddad'];

/** A template with everything of its own: every time is moved as far as its own is, so that what lies between two stays. */
function toRecord(template: Template, id: string, incident: number, atMs: number, random: () => number): Unsealed {
  const moved = atMs - template.atMs;
  const service = incident % PAGER_SERVICES;
  const people = [random(), random()].map((place) => Math.floor(place * GIVEN.length * FAMILY.length));
  const alarm = Math.floor(random() * 25);
  const names = people.map((person) => `${GIVEN[person % GIVEN.length]} ${FAMILY[Math.floor(person / GIVEN.length)]}`);
  const text = template.text
    .replaceAll(template.id === '' ? '\u0000' : template.id, id)
    .replaceAll('Q1POOL0EXHAUST', incidentId(incident))
    .replaceAll('#4821', `#${4_821 + incident}`)
    .replaceAll(/PJANED1|PJSMITH/g, (user) => `PUSER${people[user === 'PJANED1' ? 0 : 1]}`)
    .replaceAll(/Jane Doe|John Smith/g, (name) => names[name === 'Jane Doe' ? 0 : 1] ?? name)
    .replaceAll(/mgarcia|samlee|jsmith/g, () => (names[0] ?? '').replace(' ', '').toLowerCase())
    .replaceAll(/PAPI001/g, `PSVC${String(service).padStart(3, '0')}`)
    .replaceAll(/\b(?:api|checkout)-[A-Z]\w+/g, (name) => `${name}${alarm}`)
    .replaceAll(/2024-01-1\dT\d\d:\d\d:\d\d(?:\.\d{3})?(?=Z|\+0000)/g, (time) => shifted(time, moved));
  const body: Json = JSON.parse(text);
  return { source: template.source, stream: template.stream, nativeId: nativeIdOf(body) ?? id, body };
}

/** Items of history have no id: they are named by their alarm and their time. */
function nativeIdOf(body: Json): string | undefined {
  const { AlarmName: name, Timestamp: time } = { AlarmName: undefined, Timestamp: undefined, ...(typeof body === 'object' ? body : {}) };
  if (typeof name !== 'string' || typeof time !== 'string') return undefined;
  return `arn:aws:cloudwatch:us-east-1:123456789012:alarm:${name}@${time}#StateUpdate`;
}

function shifted(time: string, ms: number): string {
  return new Date(Date.parse(`${time}Z`) + ms).toISOString().slice(0, time.length);
}
