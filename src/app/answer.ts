import type { Instant } from '../core/time.ts';
import type { Gap, Pulled } from '../core/timeline/coverage.ts';
import type { Progress } from './app.ts';
import { openCircuit } from './circuit.ts';
import type { AppDeps } from './deps.ts';
import { interpret, toPlanRead } from './interpret.ts';
import { startPageKeeper } from './page-keeper.ts';
import type { Ask } from './ports.ts';
import { type Answered, pullAsk } from './pull.ts';
import { traced } from './trace.ts';

/** How a run's questions are answered. */
export type Answer = (ask: Ask) => Promise<Answered>;

interface Watched {
  /** In place of the clock's: what retention has taken is counted from it. */
  readonly now?: Instant;
  readonly refresh?: boolean;
  readonly questionMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Asks the sources. All are opened first: throws AppError('config') where a secret is missing, before anything is asked. */
export async function startOnline(deps: AppDeps, watched: Watched): Promise<{ readonly run: number; readonly answer: Answer }> {
  for (const name of deps.sources.names) deps.sources.open(name);
  const now = watched.now ?? deps.clock.now();
  const run = await deps.evidence.startRun(now, deps.clock.now());
  const { clock, evidence, log } = deps;
  const pull = { clock, evidence, log, run, now, circuit: openCircuit(), pages: startPageKeeper(evidence, deps.engine), ...watched };
  return {
    run,
    answer: (ask) =>
      traced('pull', { source: ask.source, stream: ask.stream }, async () => pullAsk(pull, deps.sources.open(ask.source), ask)),
  };
}

/** Answers from what earlier runs stored of the very same questions; what was never asked is a gap. */
export async function startStored(deps: AppDeps): Promise<{ readonly run: number; readonly answer: Answer }> {
  const run = await deps.evidence.startRun(deps.clock.now());
  return { run, answer: (ask) => answerStored(deps, run, ask) };
}

/** The stored answer to one question; linked to the run, if there is one, with the order that its records came in. */
export async function answerStored(deps: AppDeps, run: number | undefined, ask: Ask): Promise<Answered> {
  const connector = deps.sources.connectorOf(ask.source);
  const need = connector?.streams.find(({ spec }) => spec.id === ask.stream)?.spec.need ?? 'extra';
  const found = await deps.evidence.lastPull(ask);
  if (!found || !connector) {
    const gap: Gap = { window: ask.window, reason: 'unavailable', detail: 'not in the store, and nothing was asked (offline)' };
    return {
      ask,
      pulled: { source: ask.source, stream: ask.stream, need, window: ask.window, status: 'failed', gaps: [gap] },
      evidence: [],
      read: [],
    };
  }
  const records = await deps.evidence.read(found.evidence, found.run);
  if (run !== undefined) await deps.evidence.keep(run, records);
  return {
    ask,
    pulled: withPurged(found.pulled, new Set(found.evidence).size - new Set(records.map(({ id }) => id)).size),
    evidence: records.map(({ id, source, stream, nativeId }) => ({ id, object: `${source}/${stream}/${nativeId}` })),
    read: records.map((record) => toPlanRead(interpret(record, connector))),
  };
}

/** Records of the answer that were purged since are a gap of it. */
function withPurged(pulled: Pulled, purged: number): Pulled {
  if (purged === 0) return pulled;
  const detail = `${purged} records of what was read were purged from the store (storage.keep_evidence)`;
  return { ...pulled, status: 'partial', gaps: [...pulled.gaps, { window: pulled.window, reason: 'retention', detail }] };
}
