import type { World, WorldIncident, WorldLogEntry } from '../world.ts';
import { isResolved } from './pagerduty-alerts.ts';
import { logEntry, writtenEntries } from './pagerduty-log.ts';
import {
  entryId,
  idOf,
  incidentReference,
  mergeReason,
  policyReference,
  priorityOf,
  serviceReference,
  triggerReference,
  userReference,
} from './pagerduty-references.ts';
import { inZone } from './pagerduty-time.ts';

type Status = WorldIncident['status'];

/** What an entry makes of an incident's status. Escalating or delegating an acknowledged one puts it back to triggered. */
const STATUS_AFTER: Readonly<Record<string, Status>> = {
  trigger: 'triggered',
  acknowledge: 'acknowledged',
  unacknowledge: 'triggered',
  escalate: 'triggered',
  delegate: 'triggered',
  reopen: 'triggered',
  resolve: 'resolved',
};

/** The incidents that exist by the world's now. */
export function knownIncidents(world: World): readonly WorldIncident[] {
  return world.pagerduty.incidents.filter(({ created_at }) => Date.parse(created_at) <= Date.parse(world.now));
}

/** Where an incident stands at the world's now: as the world says once all of its log is written, else by the log. */
export function statusOf(world: World, incident: WorldIncident): Status {
  const written = writtenEntries(world, incident);
  if (written.length === incident.log.length) return incident.status;
  const last = written.findLast(({ entry }) => STATUS_AFTER[entry.type] !== undefined);
  return STATUS_AFTER[last?.entry.type ?? ''] ?? 'triggered';
}

/** One incident as it stands at the world's now: assignments and acknowledgements are its current ones alone. */
export function incidentOf(world: World, incident: WorldIncident, include: readonly string[], zone = 'UTC'): object {
  const written = writtenEntries(world, incident);
  const entries = written.map(({ entry }) => entry);
  const last = entries.findLast(({ type }) => STATUS_AFTER[type] !== undefined);
  const status = statusOf(world, incident);
  const at = (time: string) => inZone(time, zone);
  const changed = at(last?.at ?? incident.created_at);
  const priority =
    incident.priority === undefined
      ? null
      : priorityOf(incident.priority, include.includes('priorities') ? 'priority' : 'priority_reference');
  const [first] = written;
  const policy = policyIdOf(world, incident);
  return {
    ...incidentReference(world, incident),
    type: 'incident',
    incident_number: incident.number,
    title: incident.title,
    created_at: at(incident.created_at),
    updated_at: at(entries.at(-1)?.at ?? incident.created_at),
    status,
    incident_key: incident.alerts?.length ? null : idOf('', incident.id, 16),
    service: serviceReference(world, incident.service),
    assignments: status === 'resolved' ? [] : assignmentsOf(world, entries, at),
    assigned_via: 'escalation_policy',
    last_status_change_at: changed,
    last_status_change_by: last?.by ? userReference(world, last.by) : serviceReference(world, incident.service),
    resolved_at: status === 'resolved' ? changed : null,
    first_trigger_log_entry:
      include.includes('first_trigger_log_entries') && first
        ? logEntry(world, incident, first, { zone, channels: true })
        : triggerReference(world, incident),
    alert_counts: countsOf(world, incident),
    alert_grouping: null,
    is_mergeable: true,
    incident_type: { name: 'incident_default' },
    escalation_policy: include.includes('escalation_policies') ? policyOf(world, policy) : policyReference(world, policy),
    teams: [],
    impacted_services: [serviceReference(world, incident.service)],
    pending_actions: [],
    acknowledgements: status === 'acknowledged' ? acknowledgementsOf(world, entries, at) : [],
    priority,
    resolve_reason: status === 'resolved' ? mergeReason(world, incident) : null,
    conference_bridge: null,
    ...respondersOf(world, incident, at),
    urgency: incident.urgency,
    ...(include.includes('custom_fields') && { custom_fields: [] }),
  };
}

/** The notes of one incident, newest first; PagerDuty writes them in the account's zone and offers no other. */
export function notesOf(world: World, incident: WorldIncident): readonly object[] {
  const notes = writtenEntries(world, incident).filter(({ entry }) => entry.type === 'annotate');
  return notes.toReversed().map(({ entry, index }) => ({
    id: idOf('P', `note ${entryId(incident, index)}`, 6),
    user: entry.by ? userReference(world, entry.by) : { ...serviceReference(world, incident.service), type: 'bot_user_reference' },
    channel: { summary: 'The PagerDuty website or APIs' },
    content: entry.text ?? '',
    created_at: inZone(entry.at, world.pagerduty.time_zone),
    updated_at: inZone(entry.at, world.pagerduty.time_zone),
  }));
}

function policyIdOf({ pagerduty }: World, { service }: WorldIncident): string {
  return pagerduty.services.find(({ id }) => id === service)?.escalation_policy ?? '';
}

function policyOf(world: World, id: string): object {
  const { name = id, levels = [] } = world.pagerduty.escalation_policies.find((policy) => policy.id === id) ?? {};
  const rules = levels.map((person, level) => ({
    id: idOf('P', `${id} rule ${level}`, 6),
    escalation_delay_in_minutes: 30,
    targets: [userReference(world, person)],
  }));
  return { ...policyReference(world, id), type: 'escalation_policy', name, escalation_rules: rules, num_loops: 0 };
}

function assignmentsOf(world: World, entries: readonly WorldLogEntry[], at: (time: string) => string): readonly object[] {
  const last = entries.findLast(({ type, to }) => ['assign', 'escalate', 'delegate'].includes(type) && to !== undefined);
  return last?.to ? [{ at: at(last.at), assignee: userReference(world, last.to) }] : [];
}

function acknowledgementsOf(world: World, entries: readonly WorldLogEntry[], at: (time: string) => string): readonly object[] {
  const last = entries.findLast(({ type }) => type === 'acknowledge');
  return last?.by ? [{ at: at(last.at), acknowledger: userReference(world, last.by) }] : [];
}

function countsOf(world: World, incident: WorldIncident): object {
  const seen = (incident.alerts ?? []).filter(({ at }) => Date.parse(at) <= Date.parse(world.now));
  const resolved = seen.filter((alert) => isResolved(alert, world)).length;
  return { all: seen.length, triggered: seen.length - resolved, resolved };
}

/** People asked to join, with their answer as far as they have given one by now. */
function respondersOf(world: World, incident: WorldIncident, at: (time: string) => string): object {
  const now = Date.parse(world.now);
  const asked = (incident.responders ?? []).filter(({ requested_at }) => Date.parse(requested_at) <= now);
  const answers = asked.map(({ user, requester, requested_at, state, updated_at, message }) => {
    const answered = Date.parse(updated_at) <= now;
    return {
      state: answered ? state : 'pending',
      user: userReference(world, user),
      incident: incidentReference(world, incident),
      updated_at: at(answered ? updated_at : requested_at),
      message,
      requester: userReference(world, requester),
      requested_at: at(requested_at),
    };
  });
  const requests = answers.map(({ incident, requester, requested_at, message, user }) => ({
    incident,
    requester,
    requested_at,
    message,
    responder_request_targets: [{ responder_request_target: { ...user, incidents_responders: [] } }],
  }));
  return { incidents_responders: answers, responder_requests: requests };
}
