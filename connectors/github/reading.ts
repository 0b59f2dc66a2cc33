import { type Json, SourceError } from '../../src/contract/index.ts';
import { asSent } from './as-sent.ts';
import type { Received } from './headers.ts';
import { memberOf } from './schema.ts';

export type Query = Readonly<Record<string, string | number>>;

/** Lists that go on by a cursor; in any other a cursor leads nowhere. */
const BY_CURSOR = /^\/repos\/[^/]+\/[^/]+\/activity$/;

/**
 * Only the number of the next page, or the cursor of a list that goes by one, is read from a Link header: where it points to is
 * never asked. Throws SourceError where it leads nowhere, or back: half a list would look whole.
 */
export function nextOf(link: string | number | undefined, path: string, query: Query): { readonly next?: number; readonly after?: string } {
  const [, target] = /<([^>]*)>\s*;\s*rel="next"/.exec(String(link ?? '')) ?? [];
  if (target === undefined) return {};
  const asked = URL.parse(target)?.searchParams;
  const page = Number(asked?.get('page') ?? Number.NaN);
  if (Number.isInteger(page) && page > Number(query['page'] ?? 1)) return { next: page };
  const after = asked?.get('after');
  if (after && BY_CURSOR.test(path)) return { after };
  throw new SourceError('unexpected_response', `the answer to ${path} says that more follows, and not on which page`);
}

/** The key under which an answer is kept. */
export function keyOf(path: string, query: Query): string {
  const pairs = Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `${path}?${pairs.toSorted().join('&')}`;
}

/** A GitHub Enterprise Server has REST at `/api/v3` of its host and GraphQL at `/api/graphql`. */
export function graphAddress(baseUrl: string): string {
  return `${baseUrl.replace(/\/api\/v3$/, '/api')}/graphql`;
}

/** An answer that holds data, whatever else it says. Throws SourceError for one that refuses the question, whichever repository is meant. */
export function wholeAnswer(received: Received): Received {
  const { status, data } = received;
  const found = memberOf(data, 'data');
  if (status < 300 && found !== null && found !== undefined) return received;
  throw new SourceError('unexpected_response', saidIn(received) ?? `GraphQL gave no data (HTTP ${status})`);
}

/** The data of such an answer. Throws SourceError where any part of it failed. */
export function readData(received: Received): Json {
  const said = saidIn(received);
  if (said !== undefined) throw new SourceError('unexpected_response', said);
  return asSent(memberOf(received.data, 'data'));
}

function saidIn({ data }: Received): string | undefined {
  const [first] = Array.isArray(memberOf(data, 'errors')) ? Object(memberOf(data, 'errors')) : [];
  return first === undefined ? undefined : `GraphQL says: ${String(memberOf(first, 'message') ?? 'an error').slice(0, 300)}`;
}
