import type { EventSeed } from '../../src/contract/index.ts';
import type { LogEntry, STEPS } from './log-entry.ts';
import { isPerson, isService, personKey, type Reference } from './shapes.ts';

/** What every event of one entry shares. */
export type Common = Omit<EventSeed, 'type' | 'attributes'>;

/** Types of events that are steps of an incident's course. */
export type Step = (typeof STEPS)[keyof typeof STEPS] | 'incident.merged';

/** What a step is told with besides its entry. */
export interface Telling {
  readonly source: string;
  readonly incident: string;
  readonly common: Common;
}

/** One step, with what its type has of its own. */
export function stepOf(entry: LogEntry, type: Step, { source, incident, common }: Telling, target?: Reference): EventSeed {
  const about = aboutOf(entry, incident, target);
  if (type === 'responder.notified') return { ...common, type, attributes: { ...about, ...notificationOf(entry) } };
  if (type === 'incident.escalated') return { ...common, type, attributes: { ...about, ...escalationOf(entry) } };
  if (type === 'incident.resolved') return { ...common, type, attributes: { ...about, ...closingOf(entry) } };
  if (type === 'incident.unanswered') return { ...common, type, attributes: { ...about, ...unansweredOf(entry) } };
  if (type === 'incident.snoozed') return { ...common, type, attributes: { ...about, ...snoozeOf(entry) } };
  if (type === 'incident.merged') return { ...common, type, attributes: { ...about, ...mergeOf(entry, source) } };
  if (type === 'incident.priority_updated') return { ...common, type, attributes: { ...about, ...rankingOf(entry) } };
  return { ...common, type, attributes: about };
}

/** The steps that a change of fields makes; none where only other fields changed. */
export function fieldStepsOf(entry: LogEntry, { incident, common }: Telling): readonly EventSeed[] {
  const steps = fieldSteps(entry);
  return steps.map(({ field, type, details }): EventSeed => {
    const seed = { ...common, key: steps.length > 1 ? `${common.key}/${field}` : common.key };
    const attributes = { ...aboutOf(entry, incident), ...details };
    return type === 'incident.reopened' ? { ...seed, type, attributes } : { ...seed, type, attributes };
  });
}

interface About {
  readonly 'incident.id': string;
  readonly 'source.summary'?: string;
  readonly 'responder.id'?: string;
}

function aboutOf({ summary }: LogEntry, incident: string, target?: Reference): About {
  // Nearly every entry has both.
  if (summary && target) return { 'incident.id': incident, 'source.summary': summary, 'responder.id': personKey(target.id) };
  return {
    'incident.id': incident,
    ...(summary && { 'source.summary': summary }),
    ...(target && { 'responder.id': personKey(target.id) }),
  };
}

type Attributes<Type extends EventSeed['type']> = Extract<EventSeed, { readonly type: Type }>['attributes'];
type Details<Type extends EventSeed['type']> = Omit<Attributes<Type>, 'incident.id'>;

/** `sms_notification` and the like; what is not of this form is told as it stands. */
const KIND = /^(.+)_notification$/;
/** How a notification went out, and how it fared in PagerDuty's own word: its values are not documented. */
function notificationOf({ channel }: LogEntry): Details<'responder.notified'> {
  const type = textAt(channel?.notification, 'type');
  const status = textAt(channel?.notification, 'status');
  return {
    ...(type && { 'notification.channel': KIND.exec(type)?.[1] ?? type }),
    ...(status && { 'notification.status': status }),
  };
}

/** `timeout` is PagerDuty's clock; a person escalates from the web or the phone, an integration or a rule through the API. */
function escalationOf({ channel, agent }: LogEntry): Details<'incident.escalated'> {
  if (channel?.type === 'timeout') return { 'escalation.cause': 'timeout' };
  if (!agent) return {};
  return { 'escalation.cause': isPerson(agent) ? 'person' : 'automation' };
}

/**
 * The clock of `auto_resolve_timeout` closes under the service's name, and so does whatever reports through it: the channel tells them
 * apart, and the service's name is nobody's who did it.
 */
function closingOf({ channel, agent }: LogEntry): Details<'incident.resolved'> {
  const type = channel?.type;
  if (type === 'timeout' || type === 'auto') return { 'closing.cause': type };
  return agent && isService(agent) ? { 'closing.cause': 'integration' } : {};
}

/** The last two have the same event: everybody was called in vain. */
function unansweredOf({ type }: LogEntry): Details<'incident.unanswered'> {
  return { 'escalation.outcome': type === 'repeat_escalation_path_log_entry' ? 'repeated' : 'exhausted' };
}

/** Seconds, as a number or as digits. */
function snoozeOf({ channel }: LogEntry): Details<'incident.snoozed'> {
  const duration = channel?.duration;
  const seconds = typeof duration === 'string' && /^\d+$/.test(duration) ? Number(duration) : duration;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? { 'snooze.seconds': seconds } : {};
}

/** Into which incident, where the entry names it; else the incident's own record does. */
function mergeOf({ resolve_reason, channel }: LogEntry, source: string): Details<'incident.merged'> {
  const target = resolve_reason?.incident ?? channel?.resolve_reason?.incident;
  return target ? { 'merged.into': `${source}/incident:${target.id}` } : {};
}

/** Old and new priority by name. Of an urgency PagerDuty tells only that it changed. */
function rankingOf({ type, channel }: LogEntry): Details<'incident.priority_updated'> {
  if (type === 'urgency_change_log_entry') return { 'change.field': 'urgency' };
  return changeOf('priority', priorityName(channel?.old_priority), priorityName(channel?.new_priority));
}

/** A step that a change of one field makes. */
type FieldStep = { readonly field: string } & (
  | { readonly type: 'incident.priority_updated'; readonly details: Details<'incident.priority_updated'> }
  | { readonly type: 'incident.reopened'; readonly details: Details<'incident.reopened'> }
);

/** Its priority or urgency changed, or it was taken back from resolved; of other fields nothing. */
function fieldSteps({ channel }: LogEntry): readonly FieldStep[] {
  const changes = channel?.changeset?.application_fields ?? [];
  const steps = changes.flatMap(({ name: field, old_value, value }): readonly FieldStep[] => {
    if (field === 'priority' || field === 'urgency')
      return [{ field, type: 'incident.priority_updated', details: changeOf(field, priorityName(old_value), priorityName(value)) }];
    return field === 'status' && old_value === 'resolved' && value !== 'resolved'
      ? [{ field, type: 'incident.reopened', details: {} }]
      : [];
  });
  return [...new Map(steps.map((step) => [step.field, step])).values()];
}

function changeOf(field: 'priority' | 'urgency', from: string | undefined, to: string | undefined): Details<'incident.priority_updated'> {
  return { 'change.field': field, ...(from && { 'change.from': from }), ...(to && { 'change.to': to }) };
}

/** A priority is its name, or an object; a reference gives the name as summary. */
function priorityName(value: unknown): string | undefined {
  return typeof value === 'string' ? value : (textAt(value, 'name') ?? textAt(value, 'summary'));
}

function textAt(value: unknown, name: string): string | undefined {
  const found: unknown = typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  return typeof found === 'string' ? found : undefined;
}
