import Type, { type Static } from 'typebox';
import { type EventSeed, type FactSeed, parseInstant, reader } from '../../src/contract/index.ts';
import { actorOf, maybe, personKey, Reference, toTheSecond } from './shapes.ts';

const Answerer = Type.Object({
  state: Type.String(),
  user: Reference,
  requester: maybe(Reference),
  requested_at: maybe(Type.String()),
  updated_at: maybe(Type.String()),
});
export const Incident = Type.Object({
  id: Type.String(),
  incident_number: maybe(Type.Number()),
  title: maybe(Type.String()),
  summary: maybe(Type.String()),
  html_url: maybe(Type.String()),
  status: Type.String(),
  created_at: Type.String(),
  resolved_at: maybe(Type.String()),
  last_status_change_at: maybe(Type.String()),
  last_status_change_by: maybe(Reference),
  service: maybe(Reference),
  priority: maybe(Type.Object({ summary: maybe(Type.String()), name: maybe(Type.String()) })),
  resolve_reason: maybe(Type.Object({ type: maybe(Type.String()), incident: maybe(Type.Object({ id: Type.String() })) })),
  assignments: maybe(Type.Array(Type.Object({ assignee: Reference }))),
  acknowledgements: maybe(Type.Array(Type.Object({ acknowledger: Reference }))),
  incidents_responders: maybe(Type.Array(Answerer)),
});
export type Incident = Static<typeof Incident>;
export const incidentRecord = reader(Incident);

/** What the record says of the incident as a whole. */
export function incidentFact(record: Incident, source: string): FactSeed {
  const { id, incident_number, title, summary, html_url, service, priority, resolve_reason } = record;
  const isMerged = resolve_reason?.type?.startsWith('merge') === true;
  const isClosed = record.status === 'resolved';
  const triggeredAt = parseInstant(record.created_at);
  // Older accounts do not say when: the last change of status is the resolution then.
  const resolvedAt = isClosed ? parseInstant(record.resolved_at ?? record.last_status_change_at ?? '') : undefined;
  const severity = priority?.summary ?? priority?.name;
  return {
    kind: 'incident',
    key: `${source}/incident:${id}`,
    ...(incident_number !== undefined && incident_number !== null && { number: incident_number }),
    title: title ?? summary ?? id,
    ...(html_url && { url: html_url }),
    ...(severity && { severity }),
    status: isMerged && isClosed ? 'merged' : isClosed ? 'resolved' : 'open',
    ...(isMerged && resolve_reason?.incident && { mergedInto: `${source}/incident:${resolve_reason.incident.id}` }),
    ...(triggeredAt && { triggeredAt }),
    ...(resolvedAt && { resolvedAt }),
    ...(service?.summary && { serviceName: service.summary }),
    belongsTo: service ? [`${source}/service:${service.id}`] : [],
  };
}

const ANSWERS: Readonly<Record<string, 'responder.joined' | 'responder.declined'>> = {
  joined: 'responder.joined',
  declined: 'responder.declined',
};

/** Whoever answered a request: the record alone says so, and when. A pending request, or one taken back, is no answer. */
export function answerEvent(
  { id, html_url, service, incidents_responders }: Incident,
  index: number,
  source: string,
): readonly EventSeed[] {
  const { state, user, requested_at, updated_at } = incidents_responders?.[index] ?? {};
  const at = parseInstant(updated_at ?? '');
  const type = Object.hasOwn(ANSWERS, state ?? '') ? ANSWERS[state ?? ''] : undefined;
  if (!type || !user || !updated_at || !at) return [];
  return [
    {
      type,
      key: [id, user.id, inUtc(requested_at ?? '')].join('/'),
      pointer: `/incidents_responders/${index}/updated_at`,
      originalTime: updated_at,
      time: toTheSecond(at),
      timeMeaning: 'recorded',
      knowableAt: at,
      actor: actorOf(user),
      ...(html_url && { url: html_url }),
      belongsTo: service ? [`${source}/service:${service.id}`] : [],
      correlationKeys: [`${source}/incident:${id}`],
      attributes: { 'incident.id': id, 'responder.id': personKey(user.id) },
    },
  ];
}

/** Somebody answered, and when cannot be read: nothing is told of it. */
export function answerIssues({ incidents_responders }: Incident): readonly { readonly pointer: string; readonly problem: string }[] {
  const wrong = (incidents_responders ?? []).map(
    ({ state, updated_at }) => Object.hasOwn(ANSWERS, state) && !parseInstant(updated_at ?? ''),
  );
  return wrong.flatMap((isWrong, index) =>
    isWrong ? [{ pointer: `/incidents_responders/${index}/updated_at`, problem: 'not a time with an offset' }] : [],
  );
}

/** The same key whatever zone an answer is written in; text that is no time stays as it is. */
function inUtc(text: string): string {
  return parseInstant(text)?.replace('.000Z', 'Z') ?? text;
}
