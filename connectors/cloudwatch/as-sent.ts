import type { Json } from '../../src/contract/index.ts';

/**
 * An answer of the SDK as JSON: a Date becomes RFC 3339 in UTC with milliseconds, a bigint its decimal text, and what is undefined
 * or `$metadata` (request id, attempts: different each time) is dropped. NaN and the infinities, which JSON cannot say, become text.
 */
export function asSent(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(asSent);
  if (typeof value !== 'object') return null;
  const members = Object.entries(value).filter(([key, member]) => key !== '$metadata' && member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, asSent(member)]));
}
