import type { Json } from '../../src/contract/index.ts';

/** Levels of an answer: far more than of a record are kept, so that what is dropped here is said to be nested too deep there. */
const DEEPEST = 200;

/**
 * An answer of the SDK as JSON: a Date becomes RFC 3339 in UTC with milliseconds, a bigint its decimal text, and what is undefined
 * or `$metadata` (request id, attempts: different each time) is dropped. NaN and the infinities, which JSON cannot say, become text.
 */
export function asSent(value: unknown, levels = DEEPEST): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object' || levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => asSent(item, levels - 1));
  const members = Object.entries(value).filter(([key, member]) => key !== '$metadata' && member !== undefined);
  return Object.fromEntries(members.map(([key, member]) => [key, asSent(member, levels - 1)]));
}
