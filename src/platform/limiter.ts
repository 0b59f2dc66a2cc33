import type { Budget } from '../app/ports.ts';
import type { SourceLimits } from '../contract/connector.ts';
import { type Stopwatch, systemStopwatch } from './clock.ts';

const MINUTE_MS = 60_000;

interface Waiting {
  readonly limits: SourceLimits;
  readonly begin: () => void;
}

/** What one source has under way. */
interface Lane {
  running: number;
  /** When the calls of the last minute began, oldest first. */
  readonly began: number[];
  readonly queue: Waiting[];
  /** Ends the sleep until the oldest call is a minute old: at most one a lane, and none that nobody waits for. */
  sleeper?: AbortController | undefined;
}

/**
 * The budgets of this process: for each source at most `concurrency` calls at once, and at most `requestsPerMinute` beginnings in
 * any 60 seconds, so that a short draft never waits and a long backfill never passes the vendor's count, wherever its minute begins.
 * First come, first served. A caller whose signal aborts while it waits leaves the queue and spends nothing.
 */
export function createLimiter(stopwatch: Stopwatch = systemStopwatch()): Budget {
  const lanes = new Map<string, Lane>();
  return {
    limited: async (source, limits, task, signal) => {
      const lane = lanes.get(source) ?? { running: 0, began: [], queue: [] };
      lanes.set(source, lane);
      await turn(lane, limits, stopwatch, signal);
      try {
        return await task();
      } finally {
        lane.running -= 1;
        admit(lane, stopwatch);
      }
    },
  };
}

function turn(lane: Lane, limits: SourceLimits, stopwatch: Stopwatch, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const leave = () => {
      lane.queue.splice(lane.queue.indexOf(waiting), 1);
      reject(signal?.reason);
      if (lane.queue.length === 0) lane.sleeper?.abort();
      admit(lane, stopwatch);
    };
    const begin = () => {
      signal?.removeEventListener('abort', leave);
      resolve();
    };
    const waiting: Waiting = { limits, begin };
    signal?.addEventListener('abort', leave, { once: true });
    lane.queue.push(waiting);
    admit(lane, stopwatch);
  });
}

/** Begins as many of the waiting as the limits allow now. */
function admit(lane: Lane, stopwatch: Stopwatch): void {
  for (let next = lane.queue[0]; next && lane.running < Math.max(1, next.limits.concurrency); next = lane.queue[0]) {
    const now = stopwatch.elapsedMs();
    while (lane.began[0] !== undefined && lane.began[0] <= now - MINUTE_MS) lane.began.shift();
    const oldest = lane.began[0];
    if (oldest !== undefined && lane.began.length >= next.limits.requestsPerMinute) {
      sleepUntilFree(lane, stopwatch, oldest + MINUTE_MS - now);
      return;
    }
    lane.queue.shift();
    lane.began.push(now);
    lane.running += 1;
    next.begin();
  }
}

function sleepUntilFree(lane: Lane, stopwatch: Stopwatch, ms: number): void {
  if (lane.sleeper) return;
  const sleeper = new AbortController();
  lane.sleeper = sleeper;
  const wake = () => {
    lane.sleeper = undefined;
    admit(lane, stopwatch);
  };
  void stopwatch.sleep(Math.max(1, Math.ceil(ms)), sleeper.signal).then(wake, wake);
}
