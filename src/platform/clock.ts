import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../app/ports.ts';
import { type Instant, instantAt } from '../core/time.ts';

/** Measures lengths of time: it never jumps when the wall clock is set. */
export interface Stopwatch {
  /** Milliseconds since some moment of its own choice. */
  elapsedMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export function systemClock(): Clock {
  return { now: () => instantAt(Date.now()), sleep };
}

/** A clock that stands at one instant: the demo's, whose world has its own now. Waiting still takes real time. */
export function standingClock(at: Instant): Clock {
  return { now: () => at, sleep };
}

export function systemStopwatch(): Stopwatch {
  return { elapsedMs: () => performance.now(), sleep };
}

/** Time that all processes of this machine agree on, for what they share. It may jump when the wall clock is set. */
export function wallStopwatch(): Stopwatch {
  return { elapsedMs: () => Date.now(), sleep };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    await wait(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    // Node rejects with an AbortError of its own; the port promises the reason that the caller gave.
    signal?.throwIfAborted();
    throw error;
  }
}
