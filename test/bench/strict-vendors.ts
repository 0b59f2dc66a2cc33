import type { Answer, Asked, Vendor } from '../../demo/standins/server.ts';

/** How a vendor counts calls, by itself: told of each, it says whether that one is too much, and what its headers say. */
export type Count = (now: number, asked: Asked) => { readonly isTooMuch: boolean; readonly headers: Readonly<Record<string, string>> };

/** A stand-in that refuses what its own count says is too much, and keeps when each call came. */
export interface Strict {
  readonly vendor: Vendor;
  readonly arrived: number[];
  /** When calls of one operation came. */
  arrivals(operation: string): readonly number[];
  refused: number;
  /** Until then nothing is counted: the first calls of a process load what calls need. */
  isCounting: boolean;
}

export function countBy(vendor: Vendor, count: Count, shrink: (asked: Asked) => Asked): Strict {
  const operations: string[] = [];
  const strict: Strict = {
    arrived: [],
    arrivals: (operation) => strict.arrived.filter((_, place) => operations[place] === operation),
    refused: 0,
    isCounting: false,
    vendor: {
      ...vendor,
      answer: (asked, base): Answer => {
        if (!strict.isCounting) return vendor.answer(shrink(asked), base);
        const now = performance.now();
        strict.arrived.push(now);
        operations.push(operationOf(asked));
        const { isTooMuch, headers } = count(now, asked);
        if (isTooMuch) strict.refused += 1;
        const answer = isTooMuch ? vendor.refuse(429, asked) : vendor.answer(shrink(asked), base);
        return { ...answer, headers: { ...answer.headers, ...headers } };
      },
    },
  };
  return strict;
}

export const countNothing: Count = () => ({ isTooMuch: false, headers: {} });

/** PagerDuty: so many in each window that begins with a call, said in its headers, the wait in whole seconds. */
export function countInWindows(limit: number, windowMs: number): Count {
  let began = Number.NEGATIVE_INFINITY;
  let used = 0;
  return (now) => {
    if (now >= began + windowMs) [began, used] = [now, 0];
    used += 1;
    const reset = Math.ceil((began + windowMs - now) / 1_000);
    const headers = { 'ratelimit-limit': `${limit}`, 'ratelimit-remaining': `${Math.max(0, limit - used)}`, 'ratelimit-reset': `${reset}` };
    return { isTooMuch: used > limit, headers };
  };
}

/** AWS: a bucket of tokens that fills again at an even rate; its answers say nothing of it. */
export function countTokens(limit: number, windowMs: number): Count {
  let tokens = limit;
  let last: number | undefined;
  return (now) => {
    tokens = Math.min(limit, tokens + ((now - (last ?? now)) * limit) / windowMs);
    last = now;
    const isTooMuch = tokens < 1;
    if (!isTooMuch) tokens -= 1;
    return { isTooMuch, headers: {} };
  };
}

/** AWS counts each operation for itself too: so many in any window, and those that it names none for without end. */
export function countEach(rates: Readonly<Record<string, number>>, windowMs: number): Count {
  const counts = new Map(Object.entries(rates).map(([operation, rate]) => [operation, countSliding(rate, windowMs)]));
  return (now, asked) => {
    return counts.get(operationOf(asked))?.(now, asked) ?? { isTooMuch: false, headers: {} };
  };
}

/** What any of the counts refuses is refused; the headers of all are sent. */
export function countAll(...counts: readonly Count[]): Count {
  return (now, asked) => {
    const all = counts.map((count) => count(now, asked));
    return { isTooMuch: all.some(({ isTooMuch }) => isTooMuch), headers: Object.assign({}, ...all.map(({ headers }) => headers)) };
  };
}

/** GitHub's hour: so many in each window that begins with a call, told by every answer, its end as a second of the vendor's own clock. */
export function countHours(limit: number, windowMs: number, theirNow: string): Count {
  let began = Number.NEGATIVE_INFINITY;
  let used = 0;
  return (now) => {
    if (now >= began + windowMs) [began, used] = [now, 0];
    used += 1;
    const reset = Math.floor(Date.parse(theirNow) / 1_000) + Math.ceil((began + windowMs - now) / 1_000);
    const told = { limit, remaining: Math.max(0, limit - used), used: Math.min(used, limit), reset, resource: 'core' };
    const headers = Object.fromEntries(Object.entries(told).map(([name, value]) => [`x-ratelimit-${name}`, `${value}`]));
    return { isTooMuch: used > limit, headers };
  };
}

/** GitHub's secondary limit: so many in any window; its headers tell of the hour's alone. */
export function countSliding(limit: number, windowMs: number): Count {
  const counted: number[] = [];
  return (now) => {
    counted.push(now);
    while ((counted[0] ?? now) <= now - windowMs) counted.shift();
    return { isTooMuch: counted.length > limit, headers: {} };
  };
}

/** A list on pages of `size`, so that a list of hundreds takes hundreds of calls. */
export function withPageSize(name: string, size: number, paths: RegExp): (asked: Asked) => Asked {
  return (asked) => {
    if (!paths.test(asked.url.pathname)) return asked;
    const url = new URL(asked.url);
    url.searchParams.set(name, `${size}`);
    return { ...asked, url };
  };
}

/** Of CloudWatch's calls, which all go to one path. */
function operationOf({ headers }: Asked): string {
  return String(headers['x-amz-target'] ?? '').split('.')[1] ?? '';
}

/** CloudWatch's pages are asked for in the body. */
export function withMaxRecords(size: number, operation: string): (asked: Asked) => Asked {
  return (asked) => {
    if (operationOf(asked) !== operation) return asked;
    return { ...asked, body: JSON.stringify({ ...Object(JSON.parse(asked.body)), MaxRecords: size }) };
  };
}
