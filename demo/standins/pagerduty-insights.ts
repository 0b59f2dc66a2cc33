import type { World, WorldIncident } from '../world.ts';
import { knownIncidents } from './pagerduty-incidents.ts';
import { refusal } from './pagerduty-lists.ts';
import { type Written, writtenEntries } from './pagerduty-log.ts';
import { serviceReference, userReference } from './pagerduty-references.ts';
import type { Answer } from './server.ts';

/** How late the figures are. */
const LAG_MS = 86_400_000;
const MOST_RELATED = 20;

/** What PagerDuty relates to one incident; only incidents that exist by the world's now. */
export function relatedIncidents(world: World, { related_incidents, service }: WorldIncident): Answer {
  const found = (related_incidents ?? []).flatMap(({ id, by }) => {
    const other = knownIncidents(world).find((incident) => incident.id === id);
    if (!other) return [];
    const { title, created_at } = other;
    const incident = { id, created_at, self: `https://api.pagerduty.com/incidents/${id}`, title };
    return [{ incident, relationships: by.map((reason) => relationshipOf(reason, service, other.service)) }];
  });
  return { status: 200, body: { related_incidents: found.slice(0, MOST_RELATED) } };
}

function relationshipOf(reason: 'similar_contents' | 'service_dependency', ours: string, theirs: string): object {
  const service = (id: string) => ({ id, type: 'technical_service_reference', self: `https://api.pagerduty.com/services/${id}` });
  if (reason === 'service_dependency')
    return { type: reason, metadata: { dependent_services: service(theirs), supporting_services: service(ours) } };
  const user_feedback = { positive_feedback_count: 2, negative_feedback_count: 0 };
  return { type: 'machine_learning_inferred', metadata: { grouping_classification: reason, user_feedback } };
}

/**
 * PagerDuty's own figures of one incident, a day late. Its times have no zone: they are in the one asked for. Counted from the
 * world's log, by PagerDuty's definitions.
 */
export function figuresOf(world: World, incident: WorldIncident): Answer {
  const entries = writtenEntries(world, incident);
  const resolved = entries.find(({ entry }) => entry.type === 'resolve');
  if (!resolved || Date.parse(world.now) < resolved.ms + LAG_MS) return refusal(404, 2100, 'Not Found');
  const stamp = (ms: number) => new Date(ms).toISOString().slice(0, 19);
  const { entry, ms } = resolved;
  const by = entry.by === undefined ? undefined : userReference(world, entry.by);
  const data = {
    id: incident.id,
    incident_number: incident.number,
    description: incident.title,
    status: 'resolved',
    urgency: incident.urgency,
    priority_name: incident.priority ?? null,
    service_id: incident.service,
    service_name: serviceReference(world, incident.service).summary,
    created_at: stamp(Date.parse(incident.created_at)),
    resolved_at: stamp(ms),
    updated_at: stamp(ms + LAG_MS),
    resolved_by_user_id: by?.id ?? null,
    resolved_by_user_name: by?.summary ?? null,
    auto_resolved: by === undefined,
    major: incident.priority === 'P1' || incident.priority === 'P2',
    ...countsOf(entries),
    ...lengthsOf(incident, entries, ms),
  };
  return { status: 200, body: { time_zone: 'Etc/UTC', data } };
}

function countsOf(entries: readonly Written[]): object {
  const count = (...types: readonly string[]) => entries.filter(({ entry }) => types.includes(entry.type)).length;
  return {
    acknowledgement_count: count('acknowledge'),
    assignment_count: count('assign', 'escalate'),
    escalation_count: count('escalate'),
    total_notifications: count('notify'),
  };
}

/** From the trigger; the engagement of one person has no length. */
function lengthsOf({ created_at, responders = [] }: WorldIncident, entries: readonly Written[], resolved: number): object {
  const sinceTrigger = (ms: number | undefined) => (ms === undefined ? null : Math.round((ms - Date.parse(created_at)) / 1000));
  const acknowledged = entries.filter(({ entry }) => entry.type === 'acknowledge' && entry.by !== undefined);
  const joined = responders.filter(({ state }) => state === 'joined').map(({ updated_at }) => Date.parse(updated_at));
  const engaged = [...acknowledged.map(({ ms }) => ms), ...joined].toSorted((a, b) => a - b);
  const [first = 0, last = 0] = [engaged[0], engaged.at(-1)];
  return {
    engaged_user_count: engaged.length,
    seconds_to_first_ack: sinceTrigger(acknowledged[0]?.ms),
    seconds_to_resolve: sinceTrigger(resolved),
    seconds_to_engage: engaged.length > 1 ? Math.round((last - first) / 1000) : null,
    seconds_to_mobilize: engaged.length > 1 ? sinceTrigger(last) : null,
    engaged_seconds: engaged.reduce((sum, ms) => sum + Math.round((resolved - ms) / 1000), 0),
    snoozed_seconds: 0,
    user_defined_effort_seconds: null,
  };
}
