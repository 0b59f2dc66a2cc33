import {
  type EventSeed,
  type EvidenceRecord,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  type Stream,
} from '../../../src/contract/index.ts';
import { type ChangeEvent, changeEvent, rolloutOf, webLink } from '../change-event.ts';
import type { PagerDuty } from '../client.ts';
import { budgetOf, dateRange, MAX_RESULTS, readList, untilTomorrow } from '../listing.ts';
import { nativeIdOf, toTheSecond } from '../shapes.ts';

export const changeEvents: Stream<PagerDuty, unknown> = {
  spec: {
    id: 'change_events',
    emits: ['deployment.started', 'deployment.succeeded', 'deployment.failed', 'config.changed'],
    need: 'extra',
    windowField: 'timestamp',
    mutability: 'append-only',
    settleSeconds: 300,
    maxResults: MAX_RESULTS,
  },
  estimate: () => ({ requests: 1 }),
  pull,
  normalize,
};

/** The whole account's: another service's change is a suspect too, and each event names its services. UTC alone is understood. */
function pull(client: PagerDuty, request: PullRequest<unknown>): AsyncIterable<PullItem> {
  const { window, now, signal } = request;
  const budget = budgetOf(request);
  const range = untilTomorrow(window, now);
  const list = { path: '/change_events', name: 'change_events', query: dateRange(range), label: 'change events' };
  // Newest first.
  return readList(client, list, { window: range, budget, signal }, (body, place) => ({
    nativeId: nativeIdOf(body),
    body,
    request: list.path,
    sequence: 0 - place,
  }));
}

function normalize({ source, body }: EvidenceRecord): Normalized {
  const record = changeEvent.read(body);
  if (!record) return { events: [], issues: [changeEvent.problem(body)] };
  const at = parseInstant(record.timestamp);
  if (!at) return { events: [], issues: [{ pointer: '/timestamp', problem: 'not a time with an offset' }] };
  const rollout = rolloutOf(record);
  const url = webLink(record);
  const sender = record.integration?.summary ?? record.source;
  const common = {
    key: record.id,
    pointer: '/timestamp',
    originalTime: record.timestamp,
    time: toTheSecond(at),
    timeMeaning: rollout?.isDeployment && rollout.isBegun ? ('started' as const) : ('recorded' as const),
    knowableAt: at,
    actor: { kind: 'automation' as const, ...(sender && { name: sender }) },
    ...(url && { url }),
    belongsTo: (record.services ?? []).map(({ id }) => `${source}/service:${id}`),
    correlationKeys: rollout?.keys ?? [],
  };
  return { events: [toEvent(record, rollout, common)], issues: [] };
}

type Common = Omit<EventSeed, 'type' | 'attributes'>;

function toEvent(record: ChangeEvent, rollout: ReturnType<typeof rolloutOf>, common: Common): EventSeed {
  if (!rollout?.isDeployment) {
    const key = record.integration?.summary ?? record.source ?? 'change event';
    return { ...common, type: 'config.changed', attributes: { key, value: record.summary ?? '' } };
  }
  const { id, environment, revision, name } = rollout;
  return {
    ...common,
    type: rollout.isFailed ? 'deployment.failed' : rollout.isBegun ? 'deployment.started' : 'deployment.succeeded',
    attributes: {
      'deployment.id': id ?? record.id,
      'deployment.environment.name': environment ?? '',
      ...(revision && { 'vcs.ref.head.revision': revision }),
      ...(name && { 'vcs.ref.head.name': name }),
      ...(record.summary && { 'deployment.description': record.summary }),
    },
  };
}
