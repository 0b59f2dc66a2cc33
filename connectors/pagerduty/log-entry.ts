import Type, { type Static } from 'typebox';
import { type EventSeed, type Json, reader } from '../../src/contract/index.ts';
import { isPerson, maybe, Reference } from './shapes.ts';

/** A responder stands alone or inside an object of its own. */
const Responder = Type.Union([Reference, Type.Object({ user: Reference })]);
const FieldChange = Type.Object({ name: maybe(Type.String()), value: maybe(Type.Unknown()), old_value: maybe(Type.Unknown()) });
const ResolveReason = maybe(Type.Object({ type: maybe(Type.String()), incident: maybe(Type.Object({ id: Type.String() })) }));

const Channel = Type.Object({
  type: maybe(Type.String()),
  summary: maybe(Type.Unknown()),
  content: maybe(Type.Unknown()),
  message: maybe(Type.Unknown()),
  duration: maybe(Type.Unknown()),
  notification: maybe(Type.Unknown()),
  old_priority: maybe(Type.Unknown()),
  new_priority: maybe(Type.Unknown()),
  resolve_reason: ResolveReason,
  changeset: maybe(Type.Object({ application_fields: maybe(Type.Array(FieldChange)) })),
});

/** Only what is read here: PagerDuty's own schema refuses real entries, and has no word of a third of their types. */
export const LogEntry = Type.Object({
  id: Type.String(),
  type: Type.String(),
  created_at: Type.String(),
  summary: maybe(Type.String()),
  html_url: maybe(Type.String()),
  agent: maybe(Reference),
  user: maybe(Reference),
  assignees: maybe(Type.Array(Reference)),
  responders: maybe(Type.Array(Responder)),
  responder: maybe(Reference),
  service: maybe(Reference),
  channel: maybe(Channel),
  message: maybe(Type.String()),
  note: maybe(Type.String()),
  resolve_reason: ResolveReason,
  incident: maybe(Type.Object({ id: Type.String(), html_url: maybe(Type.String()) })),
});
export type LogEntry = Static<typeof LogEntry>;
export const logEntry = reader(LogEntry);

/** They say nothing that the timeline can use, or say again what another entry says: they stay in the evidence, and the README tells why. */
export const IGNORED: ReadonlySet<string> = new Set([
  'link_log_entry',
  'unlink_log_entry',
  'event_rule_action_log_entry',
  'service_change_log_entry',
  'unsnooze_log_entry',
  'reach_trigger_limit_log_entry',
  'reach_ack_limit_log_entry',
]);

/** Types that are one step of an incident's course. */
export const STEPS = {
  trigger_log_entry: 'incident.triggered',
  acknowledge_log_entry: 'incident.acknowledged',
  unacknowledge_log_entry: 'incident.unacknowledged',
  assign_log_entry: 'incident.reassigned',
  reassign_log_entry: 'incident.reassigned',
  escalate_log_entry: 'incident.escalated',
  repeat_escalation_path_log_entry: 'incident.unanswered',
  exhaust_escalation_path_log_entry: 'incident.unanswered',
  delegate_log_entry: 'incident.delegated',
  snooze_log_entry: 'incident.snoozed',
  priority_change_log_entry: 'incident.priority_updated',
  urgency_change_log_entry: 'incident.priority_updated',
  resolve_log_entry: 'incident.resolved',
  reopen_log_entry: 'incident.reopened',
  responder_request_log_entry: 'responder.requested',
  notify_log_entry: 'responder.notified',
} as const satisfies Record<string, EventSeed['type']>;

export function isStep(type: string): type is keyof typeof STEPS {
  return Object.hasOwn(STEPS, type);
}

/** Types that tell of people one by one: each person is an event. Of the others only the first is named. */
const EACH: ReadonlySet<string> = new Set(['incident.reassigned', 'incident.escalated', 'responder.requested', 'responder.notified']);

/** Whom a step goes to; empty where the entry names nobody, or where another entry names them. */
export function targetsOf(entry: LogEntry, type: EventSeed['type']): readonly Reference[] {
  if (!EACH.has(type)) return [];
  const people = peopleIn(entry);
  if (people.length <= 1) return people;
  return [...new Map(people.map((person) => [person.id, person])).values()];
}

/** Everybody that an entry names beside its agent. */
export function peopleIn({ user, assignees, responders, responder }: LogEntry): readonly Reference[] {
  const people: Reference[] = [];
  const add = (one: Reference | null | undefined): void => {
    if (one && isPerson(one)) people.push(one);
  };
  add(user);
  for (const one of assignees ?? []) add(one);
  for (const one of responders ?? []) add('user' in one ? one.user : one);
  add(responder);
  return people;
}

/** A merged incident is closed by its merge; the record of the incident says into which one. */
export function isMerge({ resolve_reason, channel }: LogEntry): boolean {
  const reasons = [resolve_reason?.type, channel?.resolve_reason?.type, channel?.type];
  return reasons.some((reason) => reason?.startsWith('merge') === true);
}

/** A note's own text: `content` is whole, `summary` is what the documentation names. */
export function noteText({ channel }: LogEntry): string {
  return [channel?.content, channel?.summary].find((text) => typeof text === 'string') ?? '';
}

/** A status update's text: clients have met it in `message`. */
export function statusText({ message, channel }: LogEntry): string {
  return [message, channel?.message, channel?.content, channel?.summary].find((text) => typeof text === 'string') ?? '';
}

const STATES = ['investigating', 'identified', 'monitoring', 'resolved'] as const;

/** PagerDuty's updates have no state: the leading word of the text is one, else the state that claims least. */
export function statusState(text: string): (typeof STATES)[number] {
  const word = /^\W*([a-z]+)/i.exec(text)?.[1]?.toLowerCase();
  return STATES.find((state) => state === word) ?? 'investigating';
}

/** The channel's payload, untouched by the schema: integrations put what they like there. */
export function channelOf(body: Json): Json | undefined {
  return typeof body === 'object' && body !== null && 'channel' in body ? body['channel'] : undefined;
}
