import { epochMs, type Instant, type Kit, parseInstant, type SourceError } from '../../src/contract/index.ts';
import { memberOf } from './schema.ts';

/** An answer as Octokit hands it over. */
export interface Received {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | number | undefined };
  readonly data: unknown;
}

type Headers = Received['headers'];

/** When GitHub answered, by its own clock. */
export function theirTime({ headers }: Pick<Received, 'headers'>): Instant | undefined {
  const stamp = Date.parse(String(headers['date'] ?? ''));
  return Number.isNaN(stamp) ? undefined : parseInstant(new Date(stamp).toISOString());
}

/** The Date header is cut to the second: its middle is held against the middle of the call. */
export function offsetOf(received: Pick<Received, 'headers'>, asked: Instant | undefined, now: Instant | undefined): number | undefined {
  const theirs = theirTime(received);
  if (asked === undefined || now === undefined || theirs === undefined) return undefined;
  return Math.round(epochMs(theirs) + 500 - (epochMs(asked) + epochMs(now)) / 2);
}

/** Tells the budget what an answer says of the hour's calls. GraphQL and search count apart, by another measure. */
export function observeLimits(kit: Kit, { headers }: Pick<Received, 'headers'>): void {
  const limits = limitsOf(headers);
  if (limits.remaining !== undefined && (headers['x-ratelimit-resource'] ?? 'core') === 'core') kit.observe?.(limits);
}

/** Tells the budget of a refusal: one for asking too much stops all workers. */
export function observeFailure(kit: Kit, error: unknown, { reason, retryAfterMs }: SourceError): void {
  const said = memberOf(memberOf(error, 'response'), 'headers');
  const headers: Headers = typeof said === 'object' && said !== null ? Object.fromEntries(Object.entries(said)) : {};
  if (reason !== 'rate_limited') observeLimits(kit, { headers });
  else kit.observe?.({ throttled: true, ...(retryAfterMs !== undefined && { resetMs: retryAfterMs }) });
}

function limitsOf(headers: Headers): { readonly remaining?: number; readonly limit?: number; readonly resetMs?: number } {
  const [remaining, limit, reset] = ['remaining', 'limit', 'reset'].map((name) => numberOf(headers[`x-ratelimit-${name}`]));
  const theirs = theirTime({ headers });
  return {
    ...(remaining !== undefined && { remaining }),
    ...(limit !== undefined && { limit }),
    // Counted on GitHub's own clock, since ours may be off.
    ...(reset !== undefined && theirs !== undefined && { resetMs: Math.max(0, reset * 1_000 - epochMs(theirs)) }),
  };
}

function numberOf(text: string | number | undefined): number | undefined {
  const value = Number(text ?? Number.NaN);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}
