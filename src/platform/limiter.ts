import { AsyncLocalStorage } from 'node:async_hooks';
import type { Budget, BudgetLimits, Leases } from '../app/ports.ts';
import type { ObservedLimits } from '../contract/connector.ts';
import { SourceError } from '../contract/errors.ts';
import { type Account, type Grant, NEW_ACCOUNT, note, noteEnd, take, widthOf } from './account.ts';
import { type Stopwatch, wallStopwatch } from './clock.ts';
import { noteBudget } from './telemetry.ts';

const MINUTE_MS = 60_000;
/** What a call waits at most for a vendor that named a time; a draft goes on without what comes later. */
const PATIENCE_MS = 120_000;

export interface LimiterOptions {
  /** Where accounts are shared with other processes, once it is open; else each process counts its own. */
  readonly leases?: () => Leases | undefined;
  /** The "minute" of `requestsPerMinute`. A test scales it down. */
  readonly windowMs?: number;
}

interface Waiting {
  readonly limits: BudgetLimits;
  readonly begin: () => void;
  readonly refuse: (error: SourceError) => void;
}

interface Noted {
  readonly seen: ObservedLimits;
  readonly underWay: number;
  readonly at: number;
  readonly beganAt: number;
}

/** What one source has under way in this process. */
interface Lane {
  readonly source: string;
  running: number;
  readonly queue: Waiting[];
  /** What headers said since the account was written last. */
  noted: Noted[];
  /** When calls began that ended since then, and when they ended: of an operation that has a window of its own. */
  ended: (readonly [beganAt: number, endedAt: number])[];
  /** As it was seen last; where nothing is shared, this is the account. */
  account: Account;
  isAdmitting: boolean;
  /** Ends the sleep until more may begin: at most one a lane, and none that nobody waits for. */
  sleeper?: AbortController | undefined;
}

interface Deps {
  readonly stopwatch: Stopwatch;
  readonly leases: () => Leases | undefined;
  readonly windowMs: number;
}

/**
 * The budgets of the accounts: for each source at most `concurrency` calls at once in this process, and at most `requestsPerMinute`
 * beginnings in any 60 seconds in all processes that share the store, so that a short draft never waits and a long pull never passes
 * the vendor's count, wherever its minute begins. What the vendor's headers say is obeyed before it refuses; for a window after a
 * refusal calls go one at a time. First come, first served. A caller whose signal aborts while it waits leaves the queue and spends nothing; one that would wait for longer than a
 * draft can is refused with SourceError('rate_limited').
 */
export function createLimiter(stopwatch: Stopwatch = wallStopwatch(), options: LimiterOptions = {}): Budget {
  const deps: Deps = { stopwatch, leases: options.leases ?? (() => undefined), windowMs: options.windowMs ?? MINUTE_MS };
  const lanes = new Map<string, Lane>();
  /** When the call began whose answer is being read. */
  const beginning = new AsyncLocalStorage<number>();
  const laneOf = (source: string): Lane => {
    const lane = lanes.get(source) ?? { source, running: 0, queue: [], noted: [], ended: [], account: NEW_ACCOUNT, isAdmitting: false };
    lanes.set(source, lane);
    return lane;
  };
  return {
    limited: async (source, limits, task, signal) => {
      const lane = laneOf(source);
      await turn(lane, limits, deps, signal);
      const beganAt = stopwatch.elapsedMs();
      try {
        return await beginning.run(beganAt, task);
      } finally {
        lane.running -= 1;
        if (limits.windowMs !== undefined) lane.ended.push([beganAt, stopwatch.elapsedMs()]);
        admit(lane, deps);
      }
    },
    observe: (source, limits, seen) => {
      const lane = laneOf(source);
      const at = stopwatch.elapsedMs();
      lane.noted.push({ seen, underWay: Math.max(0, lane.running - 1), at, beganAt: beginning.getStore() ?? at });
      // Others must hear of a refusal at once; all else goes with the next call.
      if (seen.throttled) void takeFrom(lane, 0, limits, deps);
    },
  };
}

function turn(lane: Lane, limits: BudgetLimits, deps: Deps, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stopListening = () => signal?.removeEventListener('abort', leave);
    const leave = () => {
      lane.queue.splice(lane.queue.indexOf(waiting), 1);
      reject(signal?.reason);
      if (lane.queue.length === 0) lane.sleeper?.abort();
      admit(lane, deps);
    };
    const waiting: Waiting = {
      limits,
      begin: () => {
        stopListening();
        resolve();
      },
      refuse: (error) => {
        stopListening();
        reject(error);
      },
    };
    signal?.addEventListener('abort', leave, { once: true });
    lane.queue.push(waiting);
    admit(lane, deps);
  });
}

/** Begins as many of the waiting as the limits allow now. One admission of a lane runs at a time; it sees who comes meanwhile. */
function admit(lane: Lane, deps: Deps): void {
  if (lane.isAdmitting || lane.sleeper) return;
  lane.isAdmitting = true;
  void admitAll(lane, deps).finally(() => {
    lane.isAdmitting = false;
    // Who came after the last look.
    if (!lane.sleeper && wantedOf(lane, deps) > 0) admit(lane, deps);
  });
}

async function admitAll(lane: Lane, deps: Deps): Promise<void> {
  for (let wanted = wantedOf(lane, deps); wanted > 0; wanted = wantedOf(lane, deps)) {
    const limits = lane.queue[0]?.limits;
    if (!limits) return;
    const { granted, wait } = await takeFrom(lane, wanted, limits, deps);
    noteBudget(lane.source, lane.account.began.reduce((sum, [, calls]) => sum + calls, 0) / limits.requestsPerMinute);
    for (const next of lane.queue.splice(0, granted)) {
      lane.running += 1;
      next.begin();
    }
    if (wait && wait.why === 'vendor' && wait.ms > PATIENCE_MS) refuseAll(lane, wait.ms);
    else if (wait && lane.queue.length > 0) return sleepUntilFree(lane, deps, wait.ms);
  }
}

function wantedOf({ queue, running, account, noted }: Lane, { stopwatch }: Deps): number {
  const limits = queue[0]?.limits;
  if (!limits) return 0;
  // A refusal that is not in the account yet narrows all the same.
  const width = noted.some(({ seen }) => seen.throttled) ? 1 : widthOf(account, limits, stopwatch.elapsedMs());
  return Math.max(0, Math.min(queue.length, width - running));
}

/** Takes from the shared account; where it cannot be reached, from this process's own count: the store's own calls say what is wrong. */
async function takeFrom(
  lane: Lane,
  wanted: number,
  limits: BudgetLimits,
  { stopwatch, leases, ...deps }: Deps,
): Promise<Omit<Grant, 'account'>> {
  const { noted, ended } = lane;
  const { windowMs = deps.windowMs } = limits;
  lane.noted = [];
  lane.ended = [];
  const change = (account: Account): { account: Account; result: Omit<Grant, 'account'> } => {
    const settled = ended.reduce((known, [beganAt, now]) => noteEnd(known, beganAt, { windowMs, now }), account);
    const heard = noted.reduce(
      (known, { seen, underWay, at, beganAt }) => note(known, seen, underWay, { windowMs, now: at, beganAt }),
      settled,
    );
    const { account: taken, ...result } = take(heard, wanted, { limits, windowMs, now: stopwatch.elapsedMs() });
    return { account: taken, result };
  };
  const shared = leases();
  try {
    if (shared)
      return await shared.change(lane.source, (text) => {
        const { account, result } = change(readAccount(text));
        lane.account = account;
        return { text: JSON.stringify(account), result };
      });
  } catch {
    // The count of this process goes on.
  }
  const { account, result } = change(lane.account);
  lane.account = account;
  return result;
}

/** What a row says; a row that another version wrote differently counts as new. */
function readAccount(text: string | undefined): Account {
  if (text === undefined) return NEW_ACCOUNT;
  const { began, told, untold, closedUntil, refusals, narrowUntil }: Partial<Account> = JSON.parse(text);
  if (!Array.isArray(began) || typeof closedUntil !== 'number' || typeof refusals !== 'number') return NEW_ACCOUNT;
  return {
    began,
    closedUntil,
    refusals,
    ...(told && { told: { ...told, unseen: told.unseen ?? 0 } }),
    ...(untold !== undefined && { untold }),
    ...(narrowUntil !== undefined && { narrowUntil }),
  };
}

function refuseAll({ source, queue }: Lane, retryAfterMs: number): void {
  const text = `${source} allows no more calls for now: its budget is used up, and what is left of it comes back too late for this draft`;
  for (const { refuse } of queue.splice(0)) refuse(new SourceError('rate_limited', text, { retryAfterMs }));
}

function sleepUntilFree(lane: Lane, deps: Deps, ms: number): void {
  const sleeper = new AbortController();
  lane.sleeper = sleeper;
  const wake = () => {
    lane.sleeper = undefined;
    admit(lane, deps);
  };
  void deps.stopwatch.sleep(Math.max(1, Math.ceil(ms)), sleeper.signal).then(wake, wake);
}
