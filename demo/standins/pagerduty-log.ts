import type { World, WorldIncident, WorldLogEntry } from '../world.ts';
import { alarmDetails } from './pagerduty-alerts.ts';
import {
  entryId,
  idOf,
  incidentReference,
  integrationReference,
  mergeReason,
  type Reference,
  serviceReference,
  userReference,
  webUrl,
} from './pagerduty-references.ts';
import { inZone } from './pagerduty-time.ts';

/** How log entries are asked for. */
export interface LogView {
  readonly zone: string;
  readonly channels: boolean;
}

interface Place {
  readonly world: World;
  readonly incident: WorldIncident;
  readonly entry: WorldLogEntry;
  readonly view: LogView;
}

/** What an entry of a type adds to what all entries have. */
type Told = Readonly<Record<string, unknown>> & { readonly summary: string; readonly channel: Readonly<Record<string, unknown>> };

/** An entry that exists by the world's now; its place in the world's file makes its id. */
export interface Written {
  readonly entry: WorldLogEntry;
  readonly index: number;
  readonly ms: number;
}

/** The entries of one incident, in the order in which they were written. */
export function writtenEntries({ now }: World, { log }: WorldIncident): readonly Written[] {
  const until = Date.parse(now);
  const all = log.map((entry, index) => ({ entry, index, ms: Date.parse(entry.at) }));
  return all.filter(({ ms }) => ms <= until).toSorted((a, b) => a.ms - b.ms);
}

/** One entry as PagerDuty shows it. Only trigger entries have a page of their own; payloads and notes need `include[]=channels`. */
export function logEntry(world: World, incident: WorldIncident, { entry, index }: Written, view: LogView): object {
  const id = entryId(incident, index);
  const place: Place = { world, incident, entry, view };
  const { summary, channel, ...told } = TOLD[entry.type]?.(place) ?? otherwise(place);
  return {
    id,
    type: `${entry.type}_log_entry`,
    summary,
    self: `https://api.pagerduty.com/log_entries/${id}`,
    html_url: entry.type === 'trigger' ? webUrl(world, `/incidents/${incident.id}/log_entries/${id}`) : null,
    created_at: inZone(entry.at, view.zone),
    ...told,
    channel: view.channels ? channel : { type: channel['type'] },
    service: serviceReference(world, incident.service),
    incident: incidentReference(world, incident),
    teams: [],
    contexts: [],
  };
}

const TOLD: Readonly<Record<string, (place: Place) => Told>> = {
  trigger: (place) => {
    const { world, incident, entry } = place;
    if (entry.by)
      return { summary: 'Triggered through the website.', agent: agentOf(place), channel: webTrigger(incident), ...described(incident) };
    const alert = incident.alerts?.find(({ id }) => id === entry.alert);
    const payload = alert ? alarmDetails(world, alert) : undefined;
    const channel = {
      type: 'api',
      summary: incident.title,
      service_key: null,
      description: incident.title,
      incident_key: null,
      ...payload,
    };
    return { summary: 'Triggered through the API.', agent: serviceReference(world, incident.service), channel, ...described(incident) };
  },
  assign: (place) => toward(place, 'Assigned to'),
  escalate: (place) => toward(place, 'Escalated to'),
  delegate: (place) => toward(place, 'Delegated to'),
  notify: ({ world, entry, view }) => {
    const user = userReference(world, entry.user ?? '');
    const method = entry.by ?? 'email';
    const type = method.endsWith('_notification') ? method : `${method}_notification`;
    const notification = {
      id: idOf('N', `${entry.at} ${user.id} ${method}`, 12),
      type,
      started_at: inZone(entry.at, view.zone),
      address: type === 'push_notification' ? null : addressOf(world, entry, type),
      status: entry.status ?? 'success',
    };
    return { summary: `Notified ${user.summary} by ${wordsOf(method)}.`, user, channel: { type: 'auto', notification } };
  },
  acknowledge: (place) => ({ ...said(place, 'Acknowledged'), acknowledgement_timeout: timeoutOf(place), ...described(place.incident) }),
  unacknowledge: (place) =>
    place.entry.by
      ? said(place, 'Unacknowledged')
      : {
          summary: 'Unacknowledged by timeout.',
          agent: serviceReference(place.world, place.incident.service),
          channel: { type: 'timeout' },
        },
  annotate: (place) => {
    const text = place.entry.text ?? '';
    return { ...said(place, 'Note added'), channel: { type: 'note', summary: text, content: text } };
  },
  status_update: (place) => ({ ...said(place, 'Status update added'), message: place.entry.text ?? '' }),
  responder_request: (place) => {
    const { world, entry } = place;
    const user = userReference(world, entry.to ?? '');
    return { ...said(place, `Requested ${user.summary} as a responder`), responders: [{ user }], message: entry.message ?? null };
  },
  resolve: (place) => {
    const resolve_reason = mergeReason(place.world, place.incident);
    if (place.entry.automatic) return { summary: 'Resolved by timeout.', agent: agentOf(place), channel: { type: 'timeout' } };
    return { ...said(place, 'Resolved'), ...described(place.incident), ...(resolve_reason && { resolve_reason }) };
  },
};

function otherwise(place: Place): Told {
  const { entry } = place;
  return { ...said(place, entry.text ?? wordsOf(entry.type)), ...(entry.message !== undefined && { message: entry.message }) };
}

function said(place: Place, verb: string): Told {
  const agent = agentOf(place);
  return { summary: `${verb} by ${agent.summary}.`, agent, channel: { type: place.entry.by ? 'website' : 'api' } };
}

/** One entry for each person that an incident goes to. */
function toward(place: Place, verb: string): Told {
  const { world, incident, entry } = place;
  const assignee = userReference(world, entry.to ?? '');
  const automatic = entry.automatic === true || !entry.by;
  const agent = automatic ? serviceReference(world, incident.service) : agentOf(place);
  const summary = automatic ? `${verb} ${assignee.summary}.` : `${verb} ${assignee.summary} by ${agent.summary}.`;
  const type = automatic ? (entry.type === 'assign' ? 'auto' : 'timeout') : 'website';
  return { summary, agent, assignees: [assignee], channel: { type } };
}

function agentOf({ world, incident, entry }: Place): Reference {
  if (entry.by) return userReference(world, entry.by);
  return entry.integration ? integrationReference(world, entry.integration) : serviceReference(world, incident.service);
}

function described({ title }: WorldIncident): { readonly event_details: { readonly description: string } } {
  return { event_details: { description: title } };
}

function webTrigger({ title }: WorldIncident): Told['channel'] {
  return { type: 'web_trigger', summary: title, subject: title, details: '' };
}

function timeoutOf({ world, incident }: Place): number | null {
  return world.pagerduty.services.find(({ id }) => id === incident.service)?.acknowledgement_timeout ?? null;
}

function addressOf(world: World, { user }: WorldLogEntry, type: string): string | undefined {
  return type === 'email_notification' ? world.people.find(({ id }) => id === user)?.email : '+1 555 0100';
}

function wordsOf(type: string): string {
  return type.replaceAll('_', ' ');
}
