import type { Json } from '../../src/contract/index.ts';

/** Octokit reads whole numbers above 2^53 as bigint: JSON gets their decimal text. Nothing else of an answer changes. */
export function asSent(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return value.map(asSent);
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asSent(member)]));
}
