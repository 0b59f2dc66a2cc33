import Type from 'typebox';
import {
  type EvidenceRecord,
  type Normalized,
  type PullItem,
  type PullRequest,
  parseInstant,
  reader,
  SourceError,
  type Stream,
} from '../../../src/contract/index.ts';
import type { CloudWatch } from '../client.ts';
import { arnsOf, lost, orUnsupported, placeInstants, pullEdits, REQUEST, toRecord, UNSUPPORTED } from '../history-edits.ts';
import { tellItem } from '../history-events.ts';
import { historyItem } from '../history-item.ts';
import { nextToken } from '../pages.ts';
import { HISTORY_DAYS, oldestHistory } from '../retention.ts';

const withArn = reader(Type.Object({ AlarmArn: Type.String() }));

/**
 * Every change of every alarm in the window, in one question: the vendor allows three a second. With keys the edits of those alarms
 * alone, as far back as history goes: an alarm that was edited since the incident is judged by the rule before it.
 */
export const alarmHistory: Stream<CloudWatch, unknown> = {
  spec: {
    id: 'alarm_history',
    emits: ['alert.fired', 'alert.resolved', 'alert.suppressed', 'alert.data_lost'],
    need: 'needed',
    windowField: 'Timestamp',
    mutability: 'append-only',
    settleSeconds: 180,
    retentionDays: HISTORY_DAYS,
  },
  estimate: ({ keys }) => ({ requests: arnsOf(keys).length || 2 }),
  pull: (client, request) => (arnsOf(request.keys).length > 0 ? pullEdits(client, request) : pullWindow(client, request)),
  normalize,
};

async function* pullWindow(client: CloudWatch, request: PullRequest<unknown>): AsyncGenerator<PullItem> {
  const { window, now, resumeAfter, calls, signal } = request;
  const edge = oldestHistory(now);
  if (window.from < edge) {
    yield lost(
      { from: window.from, to: window.to < edge ? window.to : edge },
      'retention',
      `alarm history is kept for ${HISTORY_DAYS} days`,
    );
  }
  // Oldest first, so the time of the last record is the place to go on from.
  const from = parseInstant(resumeAfter ?? '') ?? (window.from < edge ? edge : window.from);
  if (from >= window.to) return;
  const placed = placeInstants();
  const tokens = new Set<string>();
  // Neither needs the other, and the records need both.
  const finding = calls.left > 1 && calls.take() ? findAnyArn(client, signal) : undefined;
  finding?.catch(() => undefined);
  let reached = from;
  let token: string | undefined;
  for (;;) {
    if (!calls.take()) return yield lost({ from: reached, to: window.to }, 'budget', `alarm history not read from ${reached} on`);
    const page = await client.alarmHistory({ from, to: window.to, token }, signal).catch(orUnsupported);
    const anyArn = await finding;
    if (!page) return yield lost(window, 'unsupported', UNSUPPORTED);
    for (const body of page.items) {
      reached = parseInstant(historyItem.read(body)?.Timestamp ?? '') ?? reached;
      const record = placed(toRecord(body, anyArn), reached);
      if (record) yield { kind: 'record', record };
    }
    yield { kind: 'checkpoint', cursor: reached };
    token = nextToken(page, tokens, REQUEST);
    if (token === undefined) return;
  }
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

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const item = historyItem.read(body);
  if (!item) return { events: [], issues: [historyItem.problem(body)] };
  const at = parseInstant(item.Timestamp);
  if (!at) return { events: [], issues: [{ pointer: '/Timestamp', problem: 'not a time with an offset' }] };
  const arn = nativeId.startsWith('arn:') ? nativeId.slice(0, nativeId.lastIndexOf(`@${item.Timestamp}#`)) : undefined;
  return { ...tellItem(item, { source, at, ...(arn !== undefined && { arn }) }), knowableAt: at };
}
