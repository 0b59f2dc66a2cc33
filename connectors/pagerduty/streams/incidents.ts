import {
  addMs,
  type EvidenceRecord,
  eachKey,
  epochMs,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  type Stream,
  type Window,
} from '../../../src/contract/index.ts';
import type { PagerDuty, Query } from '../client.ts';
import type { PagerDutyScope } from '../config.ts';
import { isUnknown } from '../errors.ts';
import { answerEvent, answerIssues, incidentFact, incidentRecord } from '../incident.ts';
import { budgetOf, dateRange, eachIncident, gapOf, MAX_RESULTS, readList, spend, untilTomorrow } from '../listing.ts';
import { nativeIdOf, personFacts } from '../shapes.ts';

/** PagerDuty takes six months at most in one question. */
const CHUNK_MS = 150 * 86_400_000;
const INCLUDE = { 'include[]': ['priorities'], time_zone: 'UTC' } as const satisfies Query;

export const incidents: Stream<PagerDuty, PagerDutyScope> = {
  spec: {
    id: 'incidents',
    emits: ['responder.joined', 'responder.declined'],
    need: 'needed',
    windowField: 'created_at',
    mutability: 'mutable',
    settleSeconds: 120,
    maxResults: MAX_RESULTS,
  },
  estimate: ({ keys, window }) => ({ requests: keys.length || Math.ceil((epochMs(window.to) - epochMs(window.from)) / CHUNK_MS) }),
  pull: (client, request) => (request.keys.length > 0 ? pullNamed(client, request) : pullWindow(client, request)),
  parts: eachKey,
  normalize,
};

function pullNamed(client: PagerDuty, request: PullRequest<PagerDutyScope>): AsyncIterable<PullItem> {
  return eachIncident(request, async function* (id, { budget, signal }): AsyncGenerator<PullItem> {
    spend(budget);
    const path = `/incidents/${id}`;
    try {
      const body = await client.read(path, 'incident', INCLUDE, signal);
      yield { kind: 'record', record: { nativeId: nativeIdOf(body), body, request: path } };
    } catch (error) {
      // A whole answer with nothing in it: no part of a window is missing.
      if (!isUnknown(error)) throw error;
      yield { kind: 'hint', hint: `${error.message}.` };
    }
  });
}

/** The scope's incidents that began in the window, oldest first, so that pages do not shift while they are read. */
async function* pullWindow(client: PagerDuty, request: PullRequest<PagerDutyScope>): AsyncGenerator<PullItem> {
  const { scope, now, resumeAfter, signal } = request;
  const window = untilTomorrow(request.window, now);
  if (scope.service_ids.length === 0)
    return yield gapOf(window, 'not_mapped', 'no service of PagerDuty is named, so no incident was asked for');
  const budget = budgetOf(request);
  const query = {
    ...INCLUDE,
    'service_ids[]': scope.service_ids,
    'statuses[]': ['triggered', 'acknowledged', 'resolved'],
    sort_by: 'created_at:asc',
  };
  for (const part of chunksOf(window).filter(({ from }) => resumeAfter === undefined || from > resumeAfter)) {
    if (budget.calls.left < 1)
      return yield gapOf({ from: part.from, to: window.to }, 'budget', `incidents since ${part.from} were not asked for`);
    const list = { path: '/incidents', name: 'incidents', query: { ...query, ...dateRange(part) }, label: `incidents since ${part.from}` };
    yield* readList(client, list, { window: part, budget, signal }, (body, place) => ({
      nativeId: nativeIdOf(body),
      body,
      request: list.path,
      sequence: place,
    }));
    if (!budget.isSpent) yield { kind: 'checkpoint', cursor: part.from };
  }
}

function chunksOf({ from, to }: Window): readonly Window[] {
  const chunks: Window[] = [];
  for (let start = from; start < to; start = addMs(start, CHUNK_MS)) {
    const end = addMs(start, CHUNK_MS);
    chunks.push({ from: start, to: end < to ? end : to });
  }
  return chunks;
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const record = incidentRecord.read(body);
  if (!record) return { events: [], issues: [incidentRecord.problem(body)] };
  const responders = record.incidents_responders ?? [];
  const people = [
    record.last_status_change_by,
    ...(record.assignments ?? []).map(({ assignee }) => assignee),
    ...(record.acknowledgements ?? []).map(({ acknowledger }) => acknowledger),
    ...responders.flatMap(({ user, requester }) => [user, requester]),
  ];
  const triggered = parseInstant(record.created_at);
  const issues = [...(triggered ? [] : [{ pointer: '/created_at', problem: 'not a time with an offset' }]), ...answerIssues(record)];
  const facts = [incidentFact(record, source), ...personFacts(people)];
  return { events: responders.flatMap((_, index) => answerEvent(record, index, source)), facts, issues };
}
