import type { StreamSpec } from '../contract/connector.ts';
import { SourceError, type SourceErrorReason } from '../contract/errors.ts';
import { canonical } from '../core/digest.ts';
import type { EvidenceId } from '../core/evidence.ts';
import { addMs, epochMs, type Instant, instantAt, type Window } from '../core/time.ts';
import type { Gap, GapReason, Pulled } from '../core/timeline/coverage.ts';
import type { Progress } from './app.ts';
import type { Circuit } from './circuit.ts';
import { adopt, cleanWords, drain, mark, type Pull, progressOf, standingOf } from './drain.ts';
import { AppError } from './errors.ts';
import type { PageKeeper } from './page-keeper.ts';
import { callsOf, type Gathering, joinParts, partsOf } from './parts.ts';
import type { PlanRead } from './plan-case.ts';
import type { Ask, Clock, EvidenceStore, Log, Source } from './ports.ts';
import { count } from './trace.ts';

/** What follows from a failure of a source: the one table (house rule 8). */
export const AFTER = {
  unauthorized: 'stop',
  forbidden: 'gap',
  rate_limited: 'wait',
  unavailable: 'retry',
  unexpected_response: 'gap',
} as const satisfies Record<SourceErrorReason, 'stop' | 'gap' | 'wait' | 'retry'>;

const GAP_OF = {
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  rate_limited: 'budget',
  unavailable: 'unavailable',
  unexpected_response: 'unreadable',
} as const satisfies Record<SourceErrorReason, GapReason>;

const TRIES = 3;
/** Before the second and the third try. */
const BACKOFF_MS = [1_000, 4_000] as const;
/** What a draft waits in all for a source that says "later", whatever it still has to ask of it; and each window of a long pull. */
const PATIENCE_MS = 120_000;
const UNSAID_WAIT_MS = 30_000;
/** A question, with all its pages and tries, ends after this: a host that drips must not hold a draft up. */
const DEADLINE_MS = 300_000;
/** Parts that a window is halved into at most; what is left is the gap that the source told. */
const MAX_PARTS = 64;
const SMALLEST_WINDOW_MS = 1_000;
const DAY_MS = 86_400_000;
const STANDING_MS = 3_600_000;

/** What a pull needs: where records go, the run that they are of, and when it is. */
export interface PullDeps {
  readonly clock: Clock;
  readonly evidence: Pick<EvidenceStore, 'keep' | 'mark' | 'resume' | 'read' | 'finishPull' | 'lastPull'>;
  readonly log: Log;
  readonly run: number;
  /** The time of the run: retention and settling are counted from here. */
  readonly now: Instant;
  readonly circuit: Circuit;
  /** How the records read is kept with them; where it is not, they are read again by who makes a case of them. */
  readonly pages?: PageKeeper;
  /** Nothing that an earlier run read is taken over: the sources are asked again. */
  readonly refresh?: boolean;
  /** How long one question may take with all its pages and tries; who gives such time waits for a source as long. */
  readonly questionMs?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** An ask with what came of it. Bodies are in the store. */
export interface Answered {
  readonly ask: Ask;
  readonly pulled: Pulled;
  /** Of the records, in the order of arrival; an object that came twice is there twice. */
  readonly evidence: readonly { readonly id: EvidenceId; readonly object: string }[];
  readonly read: readonly PlanRead[];
}

/** Asks one stream one question, keeps what comes, and says what did not. Throws for nothing that a source does. */
export async function pullAsk(deps: PullDeps, source: Source, ask: Ask): Promise<Answered> {
  const stream = source.connector.streams.find(({ spec }) => spec.id === ask.stream);
  if (!stream) {
    return answerWith(deps, ask, 'extra', [
      { window: ask.window, reason: 'unsupported', detail: `${source.connector.id} has no stream ${ask.stream}` },
    ]);
  }
  const settled = await settledAnswer(deps, source, stream, ask);
  if (settled) return settled;
  const kept = keptWindow(stream.spec, ask, forgottenBy(deps));
  const signal = AbortSignal.any([
    deps.circuit.signalOf(ask.source),
    AbortSignal.timeout(deps.questionMs ?? DEADLINE_MS),
    ...(deps.signal ? [deps.signal] : []),
  ]);
  const pull = startPull(deps, source, stream, ask, signal);
  const pulls = partsOf(pull);
  const { window } = kept;
  const gaps = window ? await Promise.all(pulls.map((pull) => pullHalves(pull, window))) : [];
  return answerWith(deps, ask, stream.need?.(ask.scope) ?? stream.spec.need, [...kept.gaps, ...gaps.flat()], joinParts(pulls));
}

/** What an earlier run read to its end of a list that only grows, after the time when anything could still have been added to it. */
async function settledAnswer(deps: PullDeps, source: Source, stream: Pull['stream'], ask: Ask): Promise<Answered | undefined> {
  const { mutability, settleSeconds, need, windowField } = stream.spec;
  // Who states no time in which records may still appear has told nothing that could be relied on.
  if (ask.keys.length > 0 || settleSeconds === 0 || windowField === 'none' || windowField === 'keys') return undefined;
  const settledAt = epochMs(ask.window.to) + settleSeconds * 1_000;
  if (deps.refresh || mutability !== 'append-only' || settledAt > epochMs(deps.now)) return undefined;
  const found = await deps.evidence.lastPull(ask, instantAt(settledAt));
  if (found?.pulled.status !== 'complete') return undefined;
  const pull = startPull(deps, source, stream, ask, AbortSignal.any(deps.signal ? [deps.signal] : []));
  if (found.pulled.hint !== undefined) pull.hints.add(found.pulled.hint);
  return (await adopt(pull, found.evidence, found.run)) ? await answerWith(deps, ask, need, [], pull) : undefined;
}

function startPull(deps: PullDeps, source: Source, stream: Pull['stream'], whole: Ask, signal: AbortSignal): Pull {
  const own = { ask: whole, whole, calls: callsOf(deps, 1), count: { records: 0 } };
  return { deps, source, stream, ...own, signal, evidence: [], read: [], said: new Set(), hints: new Set() };
}

/** An answer with nothing in it but gaps, or all that a pull gathered; filed in the store. */
async function answerWith(
  deps: PullDeps,
  ask: Ask,
  need: StreamSpec['need'],
  gaps: readonly Gap[],
  { evidence, read, hints }: Gathering = { evidence: [], read: [], hints: new Set() },
): Promise<Answered> {
  const { source, stream, window } = ask;
  const distinct = [...new Map(gaps.map((gap) => [canonical({ ...gap, window: { ...gap.window } }), gap])).values()];
  const isRetention = distinct.every(({ reason }) => reason === 'retention');
  const status = distinct.length === 0 ? 'complete' : evidence.length > 0 || isRetention ? 'partial' : 'failed';
  const pulled: Pulled = { source, stream, need, window, status, gaps: distinct, ...(hints.size > 0 && { hint: [...hints].join(' ') }) };
  for (const { reason, detail } of distinct) {
    deps.log.info({ source, stream, reason, detail }, 'gap recorded');
    count('gaps', { source, stream, reason });
  }
  await deps.pages?.flush();
  await deps.evidence.finishPull(deps.run, { ask, pulled, evidence: evidence.map(({ id }) => id) });
  deps.onProgress?.(progressOf(ask, evidence.length));
  return { ask, pulled, evidence, read };
}

/**
 * A run stands at one moment, a backfill's at that of its submission, so that the same gap is the same in each of its drafts. What a
 * vendor forgot in the hours since is gone all the same.
 */
function forgottenBy({ now, clock }: PullDeps): Instant {
  const at = clock.now();
  return epochMs(at) - epochMs(now) > STANDING_MS ? at : now;
}

/** What retention has taken is a gap, unasked; keys name records whatever their age. */
function keptWindow(
  { retentionDays, id }: StreamSpec,
  { window, keys, source }: Ask,
  now: Instant,
): { window?: Window; gaps: readonly Gap[] } {
  if (retentionDays === undefined || keys.length > 0) return { window, gaps: [] };
  // Up to the minute, so that what is asked for is surely still there.
  const oldest = instantAt(Math.ceil((epochMs(now) - retentionDays * DAY_MS) / 60_000) * 60_000);
  if (window.from >= oldest) return { window, gaps: [] };
  const isAllGone = window.to <= oldest;
  const gone = { from: window.from, to: isAllGone ? window.to : oldest };
  // Where all is gone the words hold no time, so that the same gap is the same tomorrow.
  const left = isAllGone ? 'all of this is older' : `nothing before ${oldest} is left`;
  const detail = `${source} keeps ${id} for ${retentionDays} days: ${left}`;
  return { ...(isAllGone ? {} : { window: { from: oldest, to: window.to } }), gaps: [{ window: gone, reason: 'retention', detail }] };
}

/** Halves a window at whose whole the source stopped, until each part fits. */
async function pullHalves(pull: Pull, window: Window): Promise<readonly Gap[]> {
  const { maxResults, windowField } = pull.stream.spec;
  const canHalve = maxResults !== undefined && windowField !== 'none' && windowField !== 'keys';
  const gaps: Gap[] = [];
  const waiting = [window];
  let parts = 0;
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    parts += 1;
    const found = await pullWindow(parts === 1 ? pull : { ...pull, calls: callsOf(pull.deps, 1) }, part);
    const isCut = found.some(({ reason }) => reason === 'result_limit');
    const halves = isCut && canHalve && parts + waiting.length + 2 <= MAX_PARTS ? halve(part) : [];
    if (halves.length === 0) gaps.push(...found);
    else gaps.push(...found.filter(({ reason }) => reason !== 'result_limit'));
    waiting.unshift(...halves);
  }
  return gaps;
}

function halve({ from, to }: Window): readonly Window[] {
  const length = epochMs(to) - epochMs(from);
  if (length <= SMALLEST_WINDOW_MS) return [];
  const middle = addMs(from, Math.ceil(length / 2 / SMALLEST_WINDOW_MS) * SMALLEST_WINDOW_MS);
  return middle < to
    ? [
        { from, to: middle },
        { from: middle, to },
      ]
    : [];
}

interface Failure extends Pick<Gap, 'reason' | 'detail'> {
  readonly after: (typeof AFTER)[SourceErrorReason];
  readonly retryAfterMs?: number | undefined;
  readonly isSilent?: boolean;
}

/** One window, with the tries that the table allows. */
async function pullWindow(pull: Pull, window: Window): Promise<readonly Gap[]> {
  const { deps, ask } = pull;
  const standing = await standingOf(pull, window);
  if (standing.isDone) return standing.gaps;
  let tries = 0;
  let ownMs = 0;
  const beforeMs = deps.circuit.waitedMs(ask.source);
  for (;;) {
    const stop = deps.circuit.stopped(ask.source);
    if (stop) return [...standing.gaps, { window, ...stop }];
    try {
      await drain(pull, standing);
      deps.circuit.succeeded(ask.source);
      // Of a whole question the answer itself is filed next.
      if (window !== ask.window || ask !== pull.whole) await mark(pull, standing, true);
      return standing.gaps;
    } catch (error) {
      // What cannot be kept is no gap of the source: the run ends, and what asked for it tries again.
      if (error instanceof AppError && error.code === 'store') throw error;
      const failure = failureOf(error, pull);
      if (failure.after === 'retry') tries += 1;
      const waitMs = waitOf(failure, tries, { ownMs, runMs: beforeMs + ownMs, patienceMs: deps.questionMs ?? PATIENCE_MS });
      report(pull, failure, waitMs);
      if (waitMs === undefined || deps.circuit.stopped(ask.source)) {
        const why = { reason: failure.reason, detail: wordsOf(failure, beforeMs + ownMs) };
        if (failure.after === 'wait' && beforeMs + ownMs > 0 && deps.questionMs === undefined) deps.circuit.exhausted(ask.source, why);
        return [...standing.gaps, { window, ...why }];
      }
      if (failure.after === 'wait') {
        ownMs += waitMs;
        deps.circuit.waited(ask.source, beforeMs + ownMs);
        deps.onProgress?.({ ...progressOf(pull.whole, pull.count.records), waitMs });
      }
      await deps.clock.sleep(waitMs, pull.signal).catch(() => undefined);
    }
  }
}

function failureOf(error: unknown, { deps, source, ask, signal }: Pull): Failure {
  if (deps.signal?.aborted) return { after: 'gap', reason: 'cancelled', detail: 'interrupted before it was read' };
  const stop = deps.circuit.stopped(ask.source);
  if (stop) return { after: 'gap', ...stop };
  if (signal.aborted)
    return {
      after: 'gap',
      reason: 'unavailable',
      detail: `${ask.source} gave no complete answer in ${(deps.questionMs ?? DEADLINE_MS) / 60_000} minutes`,
    };
  if (error instanceof SourceError) {
    return {
      after: AFTER[error.reason],
      reason: GAP_OF[error.reason],
      detail: cleanWords(source, error.message),
      retryAfterMs: error.retryAfterMs,
      isSilent: error.isSilent,
    };
  }
  deps.log.error({ source: ask.source, stream: ask.stream, cause: error instanceof Error ? error.stack : String(error) }, 'stream failed');
  return { after: 'gap', reason: 'unreadable', detail: 'a fault of ours while reading it: the log has it' };
}

interface Waited {
  /** By this question, by the run for this source, and what the run has for it. */
  readonly ownMs: number;
  readonly runMs: number;
  readonly patienceMs: number;
}

/** How long to wait before the next try, or nothing where there is none. */
function waitOf({ after, retryAfterMs }: Failure, tries: number, { ownMs, runMs, patienceMs }: Waited): number | undefined {
  if (after === 'wait') {
    const waitMs = Math.max(retryAfterMs ?? UNSAID_WAIT_MS, 1);
    return ownMs + waitMs <= PATIENCE_MS && runMs + waitMs <= patienceMs ? waitMs : undefined;
  }
  return after === 'retry' && tries < TRIES ? BACKOFF_MS[tries - 1] : undefined;
}

/** The source's own words, and how long it was waited for. */
function wordsOf({ after, detail }: Failure, waitedMs: number): string {
  return after === 'wait' && waitedMs > 0 ? `${detail}; this run waited ${Math.ceil(waitedMs / 1_000)} s for it and no longer` : detail;
}

/** Tells the run's circuit what a failure means for the source's other questions. */
function report({ deps, ask, signal }: Pull, { after, reason, detail, isSilent }: Failure, waitMs: number | undefined): void {
  if (signal.aborted) return;
  if (after === 'stop' || (after === 'retry' && waitMs === undefined)) deps.circuit.stop(ask.source, { reason, detail });
  if (after === 'retry') deps.circuit.failed(ask.source, { reason, detail }, deps.clock.now(), isSilent);
  else deps.circuit.answered(ask.source);
}
