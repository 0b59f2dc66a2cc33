import type { Json } from '../../src/contract/index.ts';

/** Levels of an answer: far more than of a record are kept, so that what is dropped here is said to be nested too deep there. */
const DEEPEST = 200;

/** Octokit reads whole numbers above 2^53 as bigint: JSON gets their decimal text. Nothing else of an answer changes. */
export function asSent(value: unknown, levels = DEEPEST): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || levels === 0) return null;
  if (Array.isArray(value)) return value.map((item) => asSent(item, levels - 1));
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asSent(member, levels - 1)]));
}
