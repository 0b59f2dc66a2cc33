import Type, { type Static } from 'typebox';
import {
  type EventSeed,
  type EvidenceRecord,
  eachKey,
  type Json,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  reader,
  type Stream,
} from '../../../src/contract/index.ts';
import type { PagerDuty } from '../client.ts';
import { type AlarmMessage, alarmMessage } from '../cloudwatch-alarm.ts';
import { eachIncident, MAX_RESULTS, readList } from '../listing.ts';
import { maybe, nativeIdOf, Reference, toTheSecond } from '../shapes.ts';

export const Alert = Type.Object({
  id: Type.String(),
  created_at: Type.String(),
  summary: maybe(Type.String()),
  html_url: maybe(Type.String()),
  alert_key: maybe(Type.String()),
  resolved_at: maybe(Type.String()),
  suppressed: maybe(Type.Boolean()),
  service: maybe(Reference),
  integration: maybe(Reference),
  incident: maybe(Type.Object({ id: Type.String() })),
});
type Alert = Static<typeof Alert>;
const alert = reader(Alert);

export const alerts: Stream<PagerDuty, unknown> = {
  spec: {
    id: 'alerts',
    emits: ['alert.fired', 'alert.resolved', 'alert.suppressed'],
    need: 'needed',
    windowField: 'none',
    mutability: 'mutable',
    settleSeconds: 120,
    maxResults: MAX_RESULTS,
  },
  estimate: ({ keys }) => ({ requests: keys.length }),
  pull,
  parts: eachKey,
  normalize,
};

function pull(client: PagerDuty, request: PullRequest<unknown>): AsyncIterable<PullItem> {
  return eachIncident(request, (incident, asking, key) => {
    const path = `/incidents/${incident}/alerts`;
    const list = { path, name: 'alerts', query: { sort_by: 'created_at:asc' }, label: `alerts of ${key}` };
    return readList(client, list, asking, (body, place) => ({ nativeId: nativeIdOf(body), body, request: path, sequence: place }));
  });
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const record = alert.read(body);
  if (!record) return { events: [], issues: [alert.problem(body)] };
  const message = alarmMessage(bodyOf(body), '/body');
  const { service, integration, incident, html_url } = record;
  const common: Common = {
    key: record.id,
    ...(integration?.summary && { actor: { kind: 'automation' as const, name: integration.summary } }),
    ...(html_url && { url: html_url }),
    belongsTo: service ? [`${source}/service:${service.id}`] : [],
    correlationKeys: [...(incident ? [`${source}/incident:${incident.id}`] : []), ...(message?.key ? [message.key] : [])],
    attributes: { 'alert.rule': message?.name ?? record.summary ?? record.alert_key ?? record.id },
  };
  const times = [startOf(record, message), recordedAt('/resolved_at', record.resolved_at)];
  const types = [record.suppressed ? 'alert.suppressed' : 'alert.fired', 'alert.resolved'] as const;
  const events = times.flatMap((time, index) => (time && types[index] ? [{ ...common, ...time, type: types[index] }] : []));
  return { events, issues: issuesOf(record) };
}

type Common = Omit<Extract<EventSeed, { readonly type: 'alert.fired' }>, 'type' | keyof Timed>;
type Timed = Pick<EventSeed, 'pointer' | 'originalTime' | 'time' | 'timeMeaning' | 'knowableAt'>;

/** The alarm's own time of change, which is to the millisecond; else when PagerDuty recorded the alert. */
function startOf({ created_at }: Alert, message: AlarmMessage | undefined): Timed | undefined {
  const { text = '', pointer = '' } = message?.changed ?? {};
  const at = parseInstant(text);
  if (!at) return recordedAt('/created_at', created_at);
  const recorded = parseInstant(created_at);
  // Who reads PagerDuty alone knows of it when the alert is there.
  return { pointer, originalTime: text, time: { at, minusMs: 0, plusMs: 1 }, timeMeaning: 'occurred', knowableAt: recorded ?? at };
}

function recordedAt(pointer: string, text: string | null | undefined): Timed | undefined {
  const at = parseInstant(text ?? '');
  return at && text ? { pointer, originalTime: text, time: toTheSecond(at), timeMeaning: 'recorded', knowableAt: at } : undefined;
}

function issuesOf({ created_at, resolved_at }: Alert): Normalized['issues'] {
  const times = { created_at, resolved_at };
  const wrong = Object.entries(times).filter(([, text]) => typeof text === 'string' && !parseInstant(text));
  return wrong.map(([name]) => ({ pointer: `/${name}`, problem: 'not a time with an offset' }));
}

/** Arbitrary by documentation: any level of it may be null. */
function bodyOf(body: Json): Json | undefined {
  return typeof body === 'object' && body !== null && 'body' in body ? body['body'] : undefined;
}
