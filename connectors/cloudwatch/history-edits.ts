import {
  digest,
  type Gap,
  type Instant,
  type Json,
  type PullItem,
  type PullRequest,
  parseInstant,
  type RawRecord,
  type Window,
} from '../../src/contract/index.ts';
import { nameOf, regionOf, siblingOf } from './arn.ts';
import type { CloudWatch } from './client.ts';
import { lacksOperation } from './errors.ts';
import { historyItem, itemName } from './history-item.ts';
import { nextToken } from './pages.ts';
import { oldestHistory } from './retention.ts';

export const REQUEST = 'DescribeAlarmHistory';
export const UNSUPPORTED = 'this endpoint has no alarm history';

/** A handful of items for each alarm: creations, edits and deletions, until today. */
export async function* pullEdits(
  client: CloudWatch,
  { keys, window, now, resumeAfter, calls, signal }: PullRequest<unknown>,
): AsyncGenerator<PullItem> {
  const here = arnsOf(keys).filter((arn) => regionOf(arn) === client.region);
  for (const arn of here.slice(here.indexOf(resumeAfter ?? '') + 1)) {
    const question = { name: nameOf(arn), kind: 'ConfigurationUpdate', from: oldestHistory(now), to: now } as const;
    const placed = placeInstants();
    const tokens = new Set<string>();
    let token: string | undefined;
    do {
      if (!calls.take()) return yield lost(window, 'budget', `edits of alarms not read from ${nameOf(arn)} on`);
      const page = await client.alarmHistory({ ...question, token }, signal).catch(orUnsupported);
      if (!page) return yield lost(window, 'unsupported', UNSUPPORTED);
      for (const body of page.items) {
        const record = placed(toRecord(body, arn), parseInstant(historyItem.read(body)?.Timestamp ?? '') ?? window.from);
        if (record) yield { kind: 'record', record };
      }
      token = nextToken(page, tokens, REQUEST);
    } while (token !== undefined);
    yield { kind: 'checkpoint', cursor: arn };
  }
}

/** The alarms that keys name. */
export function arnsOf(keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => (key.startsWith('alarm:') ? [key.slice('alarm:'.length)] : []));
}

export function lost(window: Window, reason: Gap['reason'], detail: string): PullItem {
  return { kind: 'gap', gap: { window, reason, detail } };
}

/** Nothing in place of an error that says that the endpoint has no alarm history; any other is thrown on. */
export function orUnsupported(error: unknown): undefined {
  if (!lacksOperation(error)) throw error;
}

/** One item, named by its alarm's ARN where that is known, its time and what it tells. */
export function toRecord(body: Json, anyArn: string | undefined): RawRecord {
  const item = historyItem.read(body);
  if (!item) return { nativeId: digest(body), body, request: REQUEST };
  const alarm = anyArn === undefined ? item.AlarmName : siblingOf(anyArn, item.AlarmName);
  return { nativeId: `${alarm}@${item.Timestamp}#${itemName(item)}`, body, request: REQUEST };
}

/**
 * Gives each record its place among those of its instant: who goes on at an instant reads all of that instant again, so that its records
 * get the same places, however often the reading was broken off. Nothing for a record that came before.
 */
export function placeInstants(): (record: RawRecord, at: Instant) => RawRecord | undefined {
  const seen = new Set<string>();
  const places = new Map<Instant, number>();
  return (record, at) => {
    if (seen.has(record.nativeId)) return undefined;
    seen.add(record.nativeId);
    const sequence = places.get(at) ?? 0;
    places.set(at, sequence + 1);
    return { ...record, sequence };
  };
}
