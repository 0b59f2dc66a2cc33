import {
  type EventSeed,
  type EvidenceRecord,
  eachKey,
  isOwnNote,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  type Stream,
} from '../../../src/contract/index.ts';
import type { PagerDuty } from '../client.ts';
import { alarmMessage } from '../cloudwatch-alarm.ts';
import { type Asking, budgetOf, dateRange, eachIncident, MAX_RESULTS, readList, untilTomorrow } from '../listing.ts';
import {
  channelOf,
  IGNORED,
  isMerge,
  isStep,
  type LogEntry,
  logEntry,
  noteText,
  peopleIn,
  STEPS,
  statusState,
  statusText,
  targetsOf,
} from '../log-entry.ts';
import { type Common, fieldStepsOf, stepOf, type Telling } from '../log-entry-details.ts';
import { actorOf, nativeIdOf, noteKey, personFacts, toTheSecond } from '../shapes.ts';

export const logEntries: Stream<PagerDuty, unknown> = {
  spec: {
    id: 'log_entries',
    emits: [...new Set([...Object.values(STEPS), 'incident.merged' as const, 'note.added' as const, 'status.published' as const])],
    need: 'needed',
    windowField: 'created_at',
    mutability: 'append-only',
    settleSeconds: 120,
    maxResults: MAX_RESULTS,
  },
  estimate: ({ keys }) => ({ requests: keys.length || 1 }),
  pull,
  parts: eachKey,
  normalize,
};

/** Those of the incidents that are named; of a window with none, those of the whole account. */
function pull(client: PagerDuty, request: PullRequest<unknown>): AsyncIterable<PullItem> {
  if (request.keys.length === 0) return pullAccount(client, request);
  return eachIncident(request, (incident, asking, key) => readEntries(client, `/incidents/${incident}/log_entries`, key, request, asking));
}

/** The only way to see what happened to incidents that began before the window. Where it is too much, the runner asks for halves. */
async function* pullAccount(client: PagerDuty, request: PullRequest<unknown>): AsyncGenerator<PullItem> {
  const { window, signal } = request;
  const budget = budgetOf(request);
  yield* readEntries(client, '/log_entries', 'log entries of the account', request, { window, budget, signal }, true);
  if (!budget.isSpent) yield { kind: 'checkpoint', cursor: window.to };
}

function readEntries(
  client: PagerDuty,
  path: string,
  label: string,
  { window, now }: PullRequest<unknown>,
  asking: Asking,
  counted = false,
): AsyncIterable<PullItem> {
  const query = { ...dateRange(untilTomorrow(window, now)), time_zone: 'UTC', 'include[]': ['channels'] };
  // Newest first, so the place in the source's own order counts down.
  return readList(client, { path, name: 'log_entries', query, label, counted }, asking, (body, place) => ({
    nativeId: nativeIdOf(body),
    body,
    request: path,
    sequence: 0 - place,
  }));
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const entry = logEntry.read(body);
  if (!entry) return { events: [], issues: [logEntry.problem(body)] };
  if (entry.type === 'annotate_log_entry' && isOwnNote(noteText(entry))) return { events: [], issues: [] };
  const facts = personFacts([entry.agent, ...peopleIn(entry)]);
  const at = parseInstant(entry.created_at);
  if (IGNORED.has(entry.type)) return { events: [], facts, issues: [], ...(at && { knowableAt: at }) };
  if (!at) return { events: [], facts, issues: [{ pointer: '/created_at', problem: 'not a time with an offset' }] };
  if (!entry.incident) return { events: [], facts, issues: [{ pointer: '/incident', problem: 'belongs to no incident' }] };
  const { id: incident, html_url: page } = entry.incident;
  const url = entry.html_url ?? page;
  const common: Common = {
    key: entry.id,
    pointer: '/created_at',
    originalTime: entry.created_at,
    time: toTheSecond(at),
    timeMeaning: 'recorded',
    knowableAt: at,
    actor: actorIn(entry),
    ...(url && { url }),
    belongsTo: entry.service ? [`${source}/service:${entry.service.id}`] : [],
    correlationKeys: [`${source}/incident:${incident}`],
  };
  const alarm = entry.type === 'trigger_log_entry' ? alarmMessage(channelOf(body), '/channel')?.key : undefined;
  const events = eventsOf(entry, { source, incident, common }, alarm);
  if (events) return { events, facts, issues: [] };
  return { events: [], facts, issues: [{ pointer: '/type', problem: `a type not seen before: ${entry.type}` }], knowableAt: at };
}

/** Nothing for a type that nobody has told us of. */
function eventsOf(entry: LogEntry, telling: Telling, alarm: string | undefined): readonly EventSeed[] | undefined {
  const { type } = entry;
  const { common, incident } = telling;
  if (type === 'annotate_log_entry') return [noteOf(common, incident, noteText(entry))];
  if (type === 'status_update_log_entry' || type === 'incident_status_update_log_entry') {
    const text = statusText(entry);
    return [{ ...common, type: 'status.published', attributes: { text, state: statusState(text) } }];
  }
  if (type === 'field_value_change_log_entry' || type === 'custom_field_value_change_log_entry') return fieldStepsOf(entry, telling);
  if (!isStep(type)) return undefined;
  const step = type === 'resolve_log_entry' && isMerge(entry) ? 'incident.merged' : STEPS[type];
  const told = alarm ? { ...telling, common: { ...common, correlationKeys: [...common.correlationKeys, alarm] } } : telling;
  const targets = targetsOf(entry, step);
  const steps =
    targets.length > 1
      ? targets.map((target) => stepOf(entry, step, { ...told, common: { ...told.common, key: `${entry.id}/${target.id}` } }, target))
      : [stepOf(entry, step, told, targets[0])];
  return entry.note ? [...steps, noteOf(common, incident, entry.note)] : steps;
}

function noteOf(common: Common, incident: string, text: string): EventSeed {
  const keys = text === '' ? common.correlationKeys : [...common.correlationKeys, noteKey(incident, text)];
  return { ...common, type: 'note.added', correlationKeys: keys, attributes: { text } };
}

/** What the clock closed nobody did, under whatever name. */
function actorIn(entry: LogEntry): ReturnType<typeof actorOf> {
  const isClock = entry.type === 'resolve_log_entry' && isAutomatic(entry);
  if (entry.agent && !isClock) return actorOf(entry.agent);
  return { kind: isAutomatic(entry) ? 'automation' : 'unknown' };
}

/** PagerDuty's own doing: it notifies and escalates by its clock, and names no agent. */
function isAutomatic({ channel }: LogEntry): boolean {
  return channel?.type === 'auto' || channel?.type === 'timeout';
}
