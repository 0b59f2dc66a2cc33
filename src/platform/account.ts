import type { ObservedLimits, SourceLimits } from '../contract/connector.ts';

/**
 * What is known of the calls of one account, by all who share it. Times are milliseconds of a clock that all of them read.
 * It is kept as JSON in one row, so it counts slices of the window instead of single calls.
 */
export interface Account {
  /** When the last call of a slice began and how many began in it, oldest first; a slice is a sixtieth of the window. */
  readonly began: readonly (readonly [lastMs: number, calls: number])[];
  /** What the vendor said is left, less what began since; it holds until `resetsAt`. */
  readonly told?: Told;
  /** Calls that began while nothing told was in force: the vendor may not have counted all of them when it tells next. */
  readonly untold?: number;
  /** Nothing begins before: the vendor refused a call for asking too much. */
  readonly closedUntil: number;
  /** Refusals in a row that named no time. */
  readonly refusals: number;
  /** Until then calls go one at a time: the vendor refused one, and what it asks of those it refuses is to go slower. */
  readonly narrowUntil?: number;
}

interface Told {
  readonly left: number;
  readonly resetsAt: number;
  /** Calls of the vendor's whole window, else the most that it ever said were left. */
  readonly limit: number;
  /** Calls of others that began before it was told; one of them may arrive at any time, so they are taken off every new count. */
  readonly unseen: number;
}

/** What a taker may know: the connector's limits, the length of their "minute" (shorter in tests), and the time. */
export interface Terms {
  readonly limits: SourceLimits;
  readonly windowMs: number;
  readonly now: number;
}

export interface Grant {
  readonly account: Account;
  readonly granted: number;
  /** Where fewer were granted than wanted: how long until more may begin, and whose word it is that keeps us. */
  readonly wait?: { readonly ms: number; readonly why: 'ours' | 'vendor' };
}

const SLICES = 60;
/** After a refusal that names no time, doubled for each further one in a row, up to the last. */
const FIRST_PAUSE_MS = 1_000;
const LAST_PAUSE_MS = 30_000;
/** A closing that reaches further was written before the clock was set back. */
const LONGEST_PAUSE_MS = 86_400_000;
/** Resets are told in whole seconds: two that lie nearer than this are one. */
const SAME_RESET_MS = 1_500;
/** Part of a told budget that is left to whoever else uses the account, and to calls under way elsewhere. */
const RESERVE = 0.02;
/** A vendor that counted so many fewer than we did is believed: answers that nothing changed may cost nothing. */
const UNCOUNTED = 32;

export const NEW_ACCOUNT: Account = { began: [], closedUntil: 0, refusals: 0 };

/** Takes as many of the wanted calls as may begin now: in no window more than our limits say, nor than the vendor has left. */
export function take(account: Account, wanted: number, { limits, windowMs, now }: Terms): Grant {
  const standing = forget(account, windowMs, now);
  const { began, closedUntil, told } = standing;
  if (closedUntil > now) return { account: standing, granted: 0, wait: { ms: closedUntil - now, why: 'vendor' } };
  const free = Math.max(0, limits.requestsPerMinute - began.reduce((sum, [, calls]) => sum + calls, 0));
  const left = told ? Math.max(0, told.left - Math.max(1, Math.floor(told.limit * RESERVE))) : Number.POSITIVE_INFINITY;
  const granted = Math.min(wanted, free, left);
  const taken: Account = {
    ...standing,
    began: countIn(began, granted, windowMs / SLICES, now),
    ...(told ? { told: { ...told, left: told.left - granted } } : { untold: (standing.untold ?? 0) + granted }),
  };
  if (granted === wanted) return { account: taken, granted };
  if (told && left <= free) return { account: taken, granted, wait: { ms: told.resetsAt - now, why: 'vendor' } };
  return { account: taken, granted, wait: { ms: Math.max(1, (taken.began[0]?.[0] ?? now) + windowMs - now), why: 'ours' } };
}

/** How many calls of one process may be under way: one for a window after a refusal, else as many as the connector says. */
export function widthOf({ narrowUntil = 0 }: Account, { concurrency }: SourceLimits, now: number): number {
  return narrowUntil > now ? 1 : Math.max(1, concurrency);
}

/** Without what no longer counts. What lies far ahead was written before the clock was set back. */
function forget({ began, told, untold = 0, closedUntil, refusals, narrowUntil = 0 }: Account, windowMs: number, now: number): Account {
  return {
    began: began.filter(([last]) => last > now - windowMs && last <= now + windowMs),
    closedUntil: closedUntil > now + LONGEST_PAUSE_MS ? 0 : closedUntil,
    refusals,
    ...(untold > 0 && { untold }),
    ...(narrowUntil > now && narrowUntil <= now + LONGEST_PAUSE_MS + windowMs && { narrowUntil }),
    ...(told && told.resetsAt > now && told.resetsAt <= now + LONGEST_PAUSE_MS && { told }),
  };
}

function countIn(began: Account['began'], calls: number, sliceMs: number, now: number): Account['began'] {
  if (calls === 0) return began;
  const last = began.at(-1);
  const isSame = last !== undefined && Math.floor(last[0] / sliceMs) === Math.floor(now / sliceMs);
  return isSame ? [...began.slice(0, -1), [now, last[1] + calls]] : [...began, [now, calls]];
}

/** When an answer came and when its call began: what it tells was so at some moment between the two. */
export interface Answered {
  readonly windowMs: number;
  readonly now: number;
  /** Where it is not known, the answer came at once. */
  readonly beganAt?: number;
}

/** What an answer's headers said, with how many other calls of the teller were under way: the vendor may not have counted those. */
export function note(account: Account, seen: ObservedLimits, underWay: number, { windowMs, now, beganAt = now }: Answered): Account {
  if (seen.throttled) {
    const pause = seen.resetMs ?? Math.min(LAST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** account.refusals);
    const closedUntil = Math.max(account.closedUntil, now + pause);
    return { ...account, closedUntil, refusals: account.refusals + 1, narrowUntil: closedUntil + windowMs };
  }
  const heard: Account = { ...account, refusals: 0 };
  if (seen.remaining === undefined) return heard;
  const resetsAt = now + (seen.resetMs ?? windowMs);
  const told = account.told && account.told.resetsAt > now ? account.told : undefined;
  // An answer of the window before, or of a budget that ends sooner.
  if (told && resetsAt < told.resetsAt - SAME_RESET_MS) return heard;
  const isSame = told !== undefined && resetsAt - (now - beganAt) <= told.resetsAt + SAME_RESET_MS;
  const limit = seen.limit ?? Math.max(account.told?.limit ?? 0, seen.remaining);
  if (isSame)
    return { ...heard, told: { ...told, left: closer(told.left, seen.remaining - underWay, begunAfter(account, beganAt)), limit } };
  const unseen = told?.unseen ?? Math.max(0, Math.min(account.untold ?? 0, begunAfter(account, now - windowMs)) - 1);
  return { ...heard, untold: 0, told: { left: seen.remaining - Math.max(underWay, unseen), resetsAt, limit, unseen } };
}

/** Calls of all who share the account that began after that moment, by whole slices: rather too many than too few. */
function begunAfter({ began }: Account, at: number): number {
  return began.reduce((sum, [last, calls]) => (last > at ? sum + calls : sum), 0);
}

/**
 * A call counts from its end, in place of its beginning: where a second is the window, how long it was on its way is too much of it.
 * It arrived no later than it ended.
 */
export function noteEnd(account: Account, beganAt: number, { windowMs, now }: Omit<Terms, 'limits'>): Account {
  const sliceMs = windowMs / SLICES;
  const own = account.began.findLastIndex(([last]) => Math.floor(last / sliceMs) <= Math.floor(beganAt / sliceMs));
  const left = account.began.flatMap(([last, calls], index) => {
    const rest = index === own ? calls - 1 : calls;
    return rest > 0 ? [[last, rest] as const] : [];
  });
  return { ...account, began: countIn(left, 1, sliceMs, now) };
}

/**
 * Answers overtake each other, so the smaller count holds, unless the vendor's is larger by more than overtaking explains: an answer
 * that was long on its way knows of none of the calls that began meanwhile.
 */
function closer(ours: number, theirs: number, meanwhile: number): number {
  const unexplained = theirs - meanwhile - UNCOUNTED;
  return unexplained > ours ? unexplained : Math.min(ours, theirs);
}
