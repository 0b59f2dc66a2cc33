import type { Stopwatch } from '../../src/platform/clock.ts';

interface Sleeper {
  readonly until: number;
  readonly wake: () => void;
}

/** Time that passes only when a test says so. `advance` wakes every sleeper on its way at its own moment, the earliest first. */
export function fakeStopwatch(): Stopwatch & { advance(ms: number): Promise<void>; sleepers(): number } {
  let now = 0;
  const asleep: Sleeper[] = [];

  const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const sleeper: Sleeper = { until: now + ms, wake: resolve };
      asleep.push(sleeper);
      signal?.addEventListener('abort', () => {
        const place = asleep.indexOf(sleeper);
        if (place >= 0) asleep.splice(place, 1);
        reject(signal.reason);
      });
    });

  const advance = async (ms: number): Promise<void> => {
    const end = now + ms;
    for (;;) {
      await drain();
      const next = asleep.toSorted((a, b) => a.until - b.until)[0];
      if (!next || next.until > end) break;
      asleep.splice(asleep.indexOf(next), 1);
      now = next.until;
      next.wake();
    }
    now = end;
    await drain();
  };

  return { elapsedMs: () => now, sleep, advance, sleepers: () => asleep.length };
}

/** Lets everything run that waits for nothing but its turn. */
async function drain(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
