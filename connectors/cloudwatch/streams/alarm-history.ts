import Type from 'typebox';
import {
  addMs,
  digest,
  type EvidenceRecord,
  type Gap,
  type Json,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  type RawRecord,
  reader,
  SourceError,
  type Stream,
  type Window,
} from '../../../src/contract/index.ts';
import { siblingOf } from '../arn.ts';
import type { CloudWatch } from '../client.ts';
import { lacksOperation } from '../errors.ts';
import { tellItem } from '../history-events.ts';
import { historyItem, itemName } from '../history-item.ts';

/** "The alarm history is retained for 30 days" (Amazon CloudWatch User Guide; older texts say two weeks). */
const RETENTION_DAYS = 30;
const DAY_MS = 86_400_000;
const REQUEST = 'DescribeAlarmHistory';
const withArn = reader(Type.Object({ AlarmArn: Type.String() }));

/** Every change of every alarm in the window, in one question: the vendor allows three a second. */
export const alarmHistory: Stream<CloudWatch, unknown> = {
  spec: {
    id: 'alarm_history',
    emits: ['alert.fired', 'alert.resolved', 'alert.suppressed'],
    need: 'needed',
    windowField: 'Timestamp',
    mutability: 'append-only',
    settleSeconds: 180,
    retentionDays: RETENTION_DAYS,
  },
  estimate: () => ({ requests: 2 }),
  pull,
  normalize,
};

async function* pull(client: CloudWatch, request: PullRequest<unknown>): AsyncGenerator<PullItem> {
  const { window, now, resumeAfter, maxRequests, signal } = request;
  const edge = addMs(now, -RETENTION_DAYS * DAY_MS);
  if (window.from < edge) {
    yield lost(
      { from: window.from, to: window.to < edge ? window.to : edge },
      'retention',
      `alarm history is kept for ${RETENTION_DAYS} days`,
    );
  }
  // Oldest first, so the time of the last record is the place to go on from.
  const from = parseInstant(resumeAfter ?? '') ?? (window.from < edge ? edge : window.from);
  if (from >= window.to) return;
  const seen = new Set<string>();
  let anyArn: string | undefined;
  let reached = from;
  let token: string | undefined;
  for (let requests = 1; ; requests += 1) {
    if (requests === 1 && maxRequests > 1) anyArn = await findAnyArn(client, signal);
    if (requests >= maxRequests) return yield lost({ from: reached, to: window.to }, 'budget', `alarm history not read from ${reached} on`);
    const page = await client.alarmHistory({ from, to: window.to, token }, signal).catch(orUnsupported);
    if (!page) return yield lost(window, 'unsupported', 'this endpoint has no alarm history');
    for (const body of page.items) {
      const record = toRecord(body, anyArn, seen.size);
      if (!seen.has(record.nativeId)) yield { kind: 'record', record };
      seen.add(record.nativeId);
      reached = parseInstant(historyItem.read(body)?.Timestamp ?? '') ?? reached;
    }
    yield { kind: 'checkpoint', cursor: reached };
    token = page.next;
    if (token === undefined) return;
  }
}

function lost(window: Window, reason: Gap['reason'], detail: string): PullItem {
  return { kind: 'gap', gap: { window, reason, detail } };
}

function orUnsupported(error: unknown): undefined {
  if (!lacksOperation(error)) throw error;
}

/** History names alarms without account and region: any alarm's ARN tells both. With no alarm left the events go without. */
async function findAnyArn(client: CloudWatch, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { items } = await client.describeAlarms({ limit: 1 }, signal);
    return withArn.read(items[0])?.AlarmArn;
  } catch (error) {
    if (error instanceof SourceError && error.reason === 'forbidden') return undefined;
    throw error;
  }
}

function toRecord(body: Json, anyArn: string | undefined, sequence: number): RawRecord {
  const item = historyItem.read(body);
  if (!item) return { nativeId: digest(body), body, request: REQUEST, sequence };
  const alarm = anyArn === undefined ? item.AlarmName : siblingOf(anyArn, item.AlarmName);
  return { nativeId: `${alarm}@${item.Timestamp}#${itemName(item)}`, body, request: REQUEST, sequence };
}

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const item = historyItem.read(body);
  if (!item) return { events: [], issues: [historyItem.problem(body)] };
  const at = parseInstant(item.Timestamp);
  if (!at) return { events: [], issues: [{ pointer: '/Timestamp', problem: 'not a time with an offset' }] };
  const arn = nativeId.startsWith('arn:') ? nativeId.slice(0, nativeId.lastIndexOf(`@${item.Timestamp}#`)) : undefined;
  return tellItem(item, { source, at, ...(arn !== undefined && { arn }) });
}
