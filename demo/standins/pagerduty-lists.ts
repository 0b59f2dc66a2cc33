import { isZone, readTime } from './pagerduty-time.ts';
import type { Answer, Asked } from './server.ts';

const MAX_PAGE = 100;
const DEFAULT_PAGE = 25;
const MAX_RESULTS = 10_000;

/** An error in PagerDuty's form: its code says more than the status. */
export function refusal(status: number, code: number, message: string, errors: readonly string[] = []): Answer {
  return { status, body: { error: { message, code, ...(errors.length > 0 && { errors }) } } };
}

/** A range of a list in milliseconds since 1970; both ends lie outside it. */
export interface Range {
  readonly since: number;
  readonly until: number;
}

export const ALWAYS: Range = { since: Number.NEGATIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** PagerDuty does not say whether its bounds are inside; this is the meaner reading, so that a client which does not overlap loses records. */
export function isWithin(ms: number, { since, until }: Range): boolean {
  return since < ms && ms < until;
}

/** The `since` and `until` of a list of log entries, whose length has no limit. */
export function rangeOf({ url }: Asked, zone: string): Range | Answer {
  const since = readEnd(url, 'since', zone);
  const until = readEnd(url, 'until', zone);
  if (since === null || until === null) return refusal(400, 2004, 'Invalid Input Provided', ['Since or until is not a date.']);
  return { since: since ?? ALWAYS.since, until: until ?? ALWAYS.until };
}

/** Of a list of incidents: one month where only one end is given or none, at most six months. */
export function incidentRange(asked: Asked, zone: string, now: string): Range | Answer {
  if (asked.url.searchParams.get('date_range') === 'all') return ALWAYS;
  const given = rangeOf(asked, zone);
  if ('status' in given) return given;
  const hasSince = Number.isFinite(given.since);
  const until = Number.isFinite(given.until) ? given.until : hasSince ? addMonths(given.since, 1) : Date.parse(now) + 1;
  const since = hasSince ? given.since : addMonths(until, -1);
  if (until > addMonths(since, 6)) return refusal(400, 2005, 'Invalid Input Provided', ['The date range may be six months at most.']);
  return { since, until };
}

/** Of a list of change events: UTC alone is understood. */
export function utcRange(asked: Asked): Range | Answer {
  const wrong = ['since', 'until'].filter((name) => {
    const text = asked.url.searchParams.get(name);
    return text !== null && !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(text);
  });
  return wrong.length > 0
    ? refusal(
        400,
        2001,
        'Invalid Input Provided',
        wrong.map((name) => `${name} must be in UTC.`),
      )
    : rangeOf(asked, 'UTC');
}

/** The zone that an answer is written in, or a refusal of one that does not exist. */
export function zoneOf({ url }: Asked, otherwise: string): string | Answer {
  const zone = url.searchParams.get('time_zone') ?? otherwise;
  return isZone(zone) ? zone : refusal(400, 2001, 'Invalid Input Provided', ['Time zone is not known.']);
}

export function listOf({ url }: Asked, name: string): readonly string[] {
  return url.searchParams.getAll(`${name}[]`);
}

/** One page of a list: offset and limit, `more`, and `total` only where it was asked for. Only what is on the page is shown. */
export function pageOf<Item>(
  asked: Asked,
  key: string,
  items: readonly Item[],
  show: (item: Item) => unknown,
  options: { readonly echo?: boolean } = {},
): Answer {
  const { searchParams } = asked.url;
  const limit = Math.min(Number(searchParams.get('limit') ?? DEFAULT_PAGE), MAX_PAGE);
  const offset = Number(searchParams.get('offset') ?? 0);
  if (!Number.isInteger(limit) || !Number.isInteger(offset) || limit < 1 || offset < 0) {
    return refusal(400, 2001, 'Invalid Input Provided', ['Limit and offset must be whole numbers.']);
  }
  if (offset + limit > MAX_RESULTS) {
    return refusal(400, 2002, 'Arguments Caused Error', [
      `Offset+limit exceeds maximum allowed value of ${MAX_RESULTS}. Please narrow your search terms.`,
    ]);
  }
  const { echo = true } = options;
  const place = echo ? { limit, offset } : { limit: null, offset: null };
  const total = searchParams.get('total') === 'true' ? items.length : null;
  return {
    status: 200,
    body: { [key]: items.slice(offset, offset + limit).map((item) => show(item)), ...place, total, more: items.length > offset + limit },
  };
}

function readEnd(url: URL, name: string, zone: string): number | null | undefined {
  const text = url.searchParams.get(name);
  return text === null ? undefined : (readTime(text, zone) ?? null);
}

function addMonths(ms: number, months: number): number {
  const date = new Date(ms);
  date.setUTCMonth(date.getUTCMonth() + months);
  return date.getTime();
}
