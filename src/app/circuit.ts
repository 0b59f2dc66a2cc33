import { epochMs, type Instant } from '../core/time.ts';
import type { Gap } from '../core/timeline/coverage.ts';

/** A source is taken to be down after so many failures in a row that span so long: five questions hit by one blip are one failure. */
const FAILURES_TO_STOP = 3;
const FAILING_FOR_MS = 60_000;

/** Why nothing more is asked of a source in this run. */
export type Stop = Pick<Gap, 'reason' | 'detail'>;

/** What one run knows of its sources' health: a host that never answers is waited for once, not once for each question. */
export interface Circuit {
  stopped(source: string): Stop | undefined;
  /** Aborted as soon as the source is stopped, so that questions under way end too. */
  signalOf(source: string): AbortSignal;
  succeeded(source: string): void;
  failed(source: string, why: Stop, at: Instant): void;
  /** Asks nothing more of the source: its token is refused, or a question used all its tries. */
  stop(source: string, why: Stop): void;
}

interface Health {
  readonly controller: AbortController;
  failures: number;
  since: Instant | undefined;
  stop: Stop | undefined;
}

/** The circuit of one run. Once open for a source it stays open. */
export function openCircuit(): Circuit {
  const bySource = new Map<string, Health>();
  const healthOf = (source: string): Health => {
    const health = bySource.get(source) ?? { controller: new AbortController(), failures: 0, since: undefined, stop: undefined };
    bySource.set(source, health);
    return health;
  };
  const stop = (source: string, why: Stop) => {
    const health = healthOf(source);
    health.stop ??= why;
    health.controller.abort();
  };
  return {
    stopped: (source) => healthOf(source).stop,
    signalOf: (source) => healthOf(source).controller.signal,
    succeeded: (source) => {
      Object.assign(healthOf(source), { failures: 0, since: undefined });
    },
    failed: (source, why, at) => {
      const health = healthOf(source);
      health.failures += 1;
      health.since ??= at;
      if (health.failures >= FAILURES_TO_STOP && epochMs(at) - epochMs(health.since) >= FAILING_FOR_MS) stop(source, why);
    },
    stop,
  };
}
