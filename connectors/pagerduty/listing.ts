import {
  addMs,
  type Calls,
  epochMs,
  type Gap,
  type Instant,
  instantAt,
  type Json,
  type PullItem,
  type PullRequest,
  type RawRecord,
  SourceError,
  type Window,
} from '../../src/contract/index.ts';
import type { PagerDuty, Query } from './client.ts';

export const PAGE_SIZE = 100;
/** PagerDuty refuses offset + limit beyond this. */
export const MAX_RESULTS = 10_000;
/** Its stamps are whole seconds: a window of one cannot be halved. */
const SMALLEST_WINDOW_MS = 1_000;

/** The calls of one pull: `isSpent` once one was refused, so that what was asked for is not all there. */
export interface Budget {
  readonly calls: Calls;
  isSpent: boolean;
}

export function budgetOf({ calls }: Pick<PullRequest<unknown>, 'calls'>): Budget {
  return { calls, isSpent: false };
}

/** One list of PagerDuty's, as it is asked for. `label` names it in a gap. */
export interface List {
  readonly path: string;
  readonly name: string;
  readonly query: Query;
  readonly label: string;
  /** Asks how many there are, which is slower: where they are too many, none is read, since halves of the window are asked for. */
  readonly counted?: boolean;
}

/** In what a list is read. */
export interface Asking {
  readonly window: Window;
  readonly budget: Budget;
  readonly signal: AbortSignal;
}

/** Makes a record of an item; `place` counts from 0 in the order of the list. */
export type ToRecord = (body: Json, place: number) => RawRecord;

/** Every page of a list. Where PagerDuty or the budget stops it, the last item is the gap. */
export async function* readList(client: PagerDuty, list: List, asking: Asking, toRecord: ToRecord): AsyncGenerator<PullItem> {
  const { window, budget, signal } = asking;
  const seen = new Set<string>();
  for (let offset = 0, more = true; more; ) {
    if (offset + PAGE_SIZE > MAX_RESULTS) {
      yield gapOf(window, 'result_limit', `${list.label}: PagerDuty gives the first ${offset} and no more`);
      return;
    }
    if (!spend(budget)) {
      yield gapOf(window, 'budget', `${list.label}: not read from number ${offset + 1} on`);
      return;
    }
    const isCounting = list.counted === true && offset === 0;
    const query = { ...list.query, limit: `${PAGE_SIZE}`, offset: `${offset}`, ...(isCounting && { total: 'true' }) };
    const page = await client.page(list.path, list.name, query, signal);
    if (isCounting && (page.total ?? 0) > MAX_RESULTS && lengthMs(window) > SMALLEST_WINDOW_MS) {
      yield gapOf(window, 'result_limit', `${list.label}: PagerDuty has ${page.total} and gives the first ${MAX_RESULTS} of a question`);
      return;
    }
    const records = page.items.map((body, index) => toRecord(body, offset + index));
    for (const record of records) yield { kind: 'record', record };
    // A list that grows while it is read gives some records twice. A whole page of them is an earlier page, and its own is missing.
    if (records.length > 0 && records.every(({ nativeId }) => seen.has(nativeId))) {
      yield gapOf(window, 'unreadable', `${list.label}: an earlier page came again in place of numbers ${offset + 1} and on`);
      return;
    }
    for (const { nativeId } of records) seen.add(nativeId);
    more = page.more;
    offset += page.step;
  }
}

function lengthMs({ from, to }: Window): number {
  return epochMs(to) - epochMs(from);
}

/** Takes one request from the budget, or says that there is none left. */
export function spend(budget: Budget): boolean {
  budget.isSpent ||= !budget.calls.take();
  return !budget.isSpent;
}

export function gapOf(window: Window, reason: Gap['reason'], detail: string): PullItem {
  return { kind: 'gap', gap: { window, reason, detail } };
}

/**
 * Asks for each incident that the request names, with a checkpoint after each. One that PagerDuty does not know, or answers
 * with what cannot be read, is a gap of its own: the others are still asked for.
 */
export async function* eachIncident(
  { keys, window, resumeAfter, calls, signal }: PullRequest<unknown>,
  read: (incident: string, asking: Asking, key: string) => AsyncIterable<PullItem>,
): AsyncGenerator<PullItem> {
  const budget = budgetOf({ calls });
  for (const key of keys.slice(keys.indexOf(resumeAfter ?? '') + 1)) {
    if (calls.left < 1) return yield gapOf(window, 'budget', `not read from ${key} on`);
    const incident = /^[^/]+\/incident:([A-Za-z0-9]+)$/.exec(key)?.[1];
    try {
      if (incident === undefined) yield gapOf(window, 'unreadable', `${key} names no incident of PagerDuty's`);
      else yield* read(incident, { window, budget, signal }, key);
    } catch (error) {
      if (!(error instanceof SourceError) || error.reason !== 'unexpected_response') throw error;
      yield gapOf(window, 'unreadable', error.message);
    }
    if (budget.isSpent) return;
    yield { kind: 'checkpoint', cursor: key };
  }
}

/** Both ends of a window in whole seconds of UTC, a second wider: whether PagerDuty's bounds lie inside is not documented. */
export function dateRange({ from, to }: Window): { readonly since: string; readonly until: string } {
  const second = 1_000;
  const text = (ms: number) => instantAt(ms).replace('.000Z', 'Z');
  return {
    since: text(Math.floor(epochMs(from) / second) * second - second),
    until: text(Math.ceil(epochMs(to) / second) * second + second),
  };
}

/** A window cut at a day after now: some routes refuse a far future, and a clock that is minutes off must lose nothing. */
export function untilTomorrow({ from, to }: Window, now: Instant): Window {
  const tomorrow = addMs(now, 86_400_000);
  return { from, to: to < tomorrow ? to : tomorrow };
}
