import { epochMs, type Instant } from '../core/time.ts';
import type { Gap } from '../core/timeline/coverage.ts';

/** A source is taken to be down after so many failures in a row that span so long: five questions hit by one blip are one failure. */
const FAILURES_TO_STOP = 3;
const FAILING_FOR_MS = 60_000;

/** Calls in a row that met their deadline without an answer, of a source that did answer in this run. */
const SILENCES_TO_STOP = 2;

/** Why nothing more is asked of a source in this run. */
export type Stop = Pick<Gap, 'reason' | 'detail'>;

/** What one run knows of its sources' health: a host that never answers is waited for once, not once for each question. */
export interface Circuit {
  stopped(source: string): Stop | undefined;
  /** Aborted as soon as the source is stopped, so that questions under way end too. */
  signalOf(source: string): AbortSignal;
  /** It answered: with something to read, or with a refusal that is an answer too. */
  answered(source: string): void;
  succeeded(source: string): void;
  /** `isSilent`: it met its deadline with no answer. A source of which nothing ever came in this run is down after the first of these. */
  failed(source: string, why: Stop, at: Instant, isSilent?: boolean): void;
  /** How long the run has waited by now for a source that says "later": what questions wait beside each other counts once. */
  waitedMs(source: string): number;
  /** A question's own count, which began with `waitedMs` of the time when it was put. */
  waited(source: string, ms: number): void;
  /** The run's waiting is used up: where nothing of the source succeeded meanwhile, nothing more is asked of it. */
  exhausted(source: string, why: Stop): void;
  /** Asks nothing more of the source: its token is refused, or a question used all its tries. */
  stop(source: string, why: Stop): void;
}

interface Health {
  readonly controller: AbortController;
  hasAnswered: boolean;
  silences: number;
  failures: number;
  waitedMs: number;
  hasMoved: boolean;
  since: Instant | undefined;
  stop: Stop | undefined;
}

function newHealth(): Health {
  return {
    controller: new AbortController(),
    hasAnswered: false,
    silences: 0,
    failures: 0,
    waitedMs: 0,
    hasMoved: false,
    since: undefined,
    stop: undefined,
  };
}

/** The circuit of one run. Once open for a source it stays open. */
export function openCircuit(): Circuit {
  const bySource = new Map<string, Health>();
  const healthOf = (source: string): Health => {
    const health = bySource.get(source) ?? newHealth();
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
    answered: (source) => {
      Object.assign(healthOf(source), { hasAnswered: true, silences: 0 });
    },
    succeeded: (source) => {
      Object.assign(healthOf(source), { hasAnswered: true, hasMoved: true, silences: 0, failures: 0, since: undefined });
    },
    failed: (source, why, at, isSilent = false) => {
      const health = healthOf(source);
      health.silences = isSilent ? health.silences + 1 : 0;
      if (isSilent && (!health.hasAnswered || health.silences >= SILENCES_TO_STOP)) return stop(source, why);
      health.failures += 1;
      health.since ??= at;
      if (health.failures >= FAILURES_TO_STOP && epochMs(at) - epochMs(health.since) >= FAILING_FOR_MS) stop(source, why);
    },
    waitedMs: (source) => healthOf(source).waitedMs,
    waited: (source, ms) => {
      const health = healthOf(source);
      if (health.waitedMs === 0) health.hasMoved = false;
      health.waitedMs = Math.max(health.waitedMs, ms);
    },
    exhausted: (source, why) => {
      if (!healthOf(source).hasMoved) stop(source, why);
    },
    stop,
  };
}
