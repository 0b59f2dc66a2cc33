import type { Stream, StreamSpec } from '../contract/connector.ts';
import { SourceError, type SourceErrorReason } from '../contract/errors.ts';
import { canonical } from '../core/digest.ts';
import { type EvidenceId, type EvidenceRecord, seal } from '../core/evidence.ts';
import { addMs, epochMs, type Instant, instantAt, type Window } from '../core/time.ts';
import type { Gap, GapReason, Pulled } from '../core/timeline/coverage.ts';
import type { Progress } from './app.ts';
import type { Circuit } from './circuit.ts';
import { interpret, toPlanRead } from './interpret.ts';
import type { PlanRead } from './plan-case.ts';
import type { Ask, Clock, EvidenceStore, Log, Source } from './ports.ts';

/** What follows from a failure of a source: the one table (house rule 8). */
export const AFTER = {
  unauthorized: 'stop',
  forbidden: 'gap',
  rate_limited: 'wait',
  unavailable: 'retry',
  unexpected_response: 'gap',
} as const satisfies Record<SourceErrorReason, 'stop' | 'gap' | 'wait' | 'retry'>;

const GAP_OF = {
  unauthorized: 'forbidden',
  forbidden: 'forbidden',
  rate_limited: 'budget',
  unavailable: 'unavailable',
  unexpected_response: 'unreadable',
} as const satisfies Record<SourceErrorReason, GapReason>;

const BATCH = 100;
const TRIES = 3;
/** Before the second and the third try. */
const BACKOFF_MS = [1_000, 4_000] as const;
/** What one question waits in all for a source that says "later". */
const PATIENCE_MS = 120_000;
const UNSAID_WAIT_MS = 30_000;
/** A question, with all its pages and tries, ends after this: a host that drips must not hold a draft up. */
const DEADLINE_MS = 300_000;
const MAX_REQUESTS = 500;
/** Parts that a window is halved into at most; what is left is the gap that the source told. */
const MAX_PARTS = 64;
const SMALLEST_WINDOW_MS = 1_000;
const DAY_MS = 86_400_000;

export interface PullDeps {
  readonly clock: Clock;
  readonly evidence: Pick<EvidenceStore, 'keep' | 'checkpoint' | 'finishPull'>;
  readonly log: Log;
  readonly run: number;
  /** The time of the run: retention and settling are counted from here. */
  readonly now: Instant;
  readonly circuit: Circuit;
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

interface Pull {
  readonly deps: PullDeps;
  readonly source: Source;
  readonly stream: Stream<unknown, unknown>;
  readonly ask: Ask;
  readonly signal: AbortSignal;
  readonly evidence: { id: EvidenceId; object: string }[];
  readonly read: PlanRead[];
  /** Why the answer is empty; a set, since a second try says the same again. */
  readonly hints: Set<string>;
}

/** Asks one stream one question, keeps what comes, and says what did not. Throws for nothing that a source does. */
export async function pullAsk(deps: PullDeps, source: Source, ask: Ask): Promise<Answered> {
  const stream = source.connector.streams.find(({ spec }) => spec.id === ask.stream);
  if (!stream) {
    return answerWith(deps, ask, 'extra', [
      { window: ask.window, reason: 'unsupported', detail: `${source.connector.id} has no stream ${ask.stream}` },
    ]);
  }
  const kept = keptWindow(stream.spec, ask, deps.now);
  const signal = AbortSignal.any([
    deps.circuit.signalOf(ask.source),
    AbortSignal.timeout(DEADLINE_MS),
    ...(deps.signal ? [deps.signal] : []),
  ]);
  const pull: Pull = { deps, source, stream, ask, signal, evidence: [], read: [], hints: new Set() };
  const gaps = kept.window ? await pullParts(pull, kept.window) : [];
  return answerWith(deps, ask, stream.spec.need, [...kept.gaps, ...gaps], pull);
}

/** An answer with nothing in it but gaps, or all that a pull gathered; filed in the store. */
async function answerWith(
  deps: PullDeps,
  ask: Ask,
  need: StreamSpec['need'],
  gaps: readonly Gap[],
  { evidence, read, hints }: Pick<Pull, 'evidence' | 'read' | 'hints'> = { evidence: [], read: [], hints: new Set() },
): Promise<Answered> {
  const { source, stream, window } = ask;
  const distinct = [...new Map(gaps.map((gap) => [canonical({ ...gap, window: { ...gap.window } }), gap])).values()];
  const isRetention = distinct.every(({ reason }) => reason === 'retention');
  const status = distinct.length === 0 ? 'complete' : evidence.length > 0 || isRetention ? 'partial' : 'failed';
  const pulled: Pulled = { source, stream, need, window, status, gaps: distinct, ...(hints.size > 0 && { hint: [...hints].join(' ') }) };
  for (const { reason, detail } of distinct) deps.log.info({ source, stream, reason, detail }, 'gap recorded');
  await deps.evidence.finishPull(deps.run, { ask, pulled, evidence: evidence.map(({ id }) => id) });
  deps.onProgress?.({ source, stream, records: evidence.length });
  return { ask, pulled, evidence, read };
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
async function pullParts(pull: Pull, window: Window): Promise<readonly Gap[]> {
  const { maxResults, windowField } = pull.stream.spec;
  const canHalve = maxResults !== undefined && windowField !== 'none' && windowField !== 'keys';
  const gaps: Gap[] = [];
  const waiting = [window];
  let parts = 0;
  for (let part = waiting.shift(); part; part = waiting.shift()) {
    parts += 1;
    const found = await pullWindow(pull, part);
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

/** Where a window stands between two tries. */
interface Standing {
  cursor: string | undefined;
  readonly gaps: Gap[];
}

/** One window, with the tries that the table allows. */
async function pullWindow(pull: Pull, window: Window): Promise<readonly Gap[]> {
  const { deps, ask } = pull;
  const standing: Standing = { cursor: undefined, gaps: [] };
  let tries = 0;
  let waitedMs = 0;
  for (;;) {
    const stop = deps.circuit.stopped(ask.source);
    if (stop) return [...standing.gaps, { window, ...stop }];
    try {
      await drain(pull, window, standing);
      deps.circuit.succeeded(ask.source);
      return standing.gaps;
    } catch (error) {
      const failure = failureOf(error, pull);
      if (failure.after === 'retry') tries += 1;
      const waitMs = waitOf(failure, tries, waitedMs);
      report(pull, failure, waitMs);
      if (waitMs === undefined || deps.circuit.stopped(ask.source))
        return [...standing.gaps, { window, reason: failure.reason, detail: failure.detail }];
      waitedMs += waitMs;
      await deps.clock.sleep(waitMs, pull.signal).catch(() => undefined);
    }
  }
}

function failureOf(error: unknown, { deps, ask, signal }: Pull): Failure {
  if (deps.signal?.aborted) return { after: 'gap', reason: 'cancelled', detail: 'interrupted before it was read' };
  const stop = deps.circuit.stopped(ask.source);
  if (stop) return { after: 'gap', ...stop };
  if (signal.aborted)
    return { after: 'gap', reason: 'unavailable', detail: `${ask.source} gave no complete answer in ${DEADLINE_MS / 60_000} minutes` };
  if (error instanceof SourceError) {
    return {
      after: AFTER[error.reason],
      reason: GAP_OF[error.reason],
      detail: error.message,
      retryAfterMs: error.retryAfterMs,
      isSilent: error.isSilent,
    };
  }
  deps.log.error({ source: ask.source, stream: ask.stream, cause: error instanceof Error ? error.stack : String(error) }, 'stream failed');
  return { after: 'gap', reason: 'unreadable', detail: 'a fault of ours while reading it: the log has it' };
}

/** How long to wait before the next try, or nothing where there is none. */
function waitOf({ after, retryAfterMs }: Failure, tries: number, waitedMs: number): number | undefined {
  if (after === 'wait') {
    const waitMs = Math.max(retryAfterMs ?? UNSAID_WAIT_MS, 1);
    return waitedMs + waitMs <= PATIENCE_MS ? waitMs : undefined;
  }
  return after === 'retry' && tries < TRIES ? BACKOFF_MS[tries - 1] : undefined;
}

/** Tells the run's circuit what a failure means for the source's other questions. */
function report({ deps, ask, signal }: Pull, { after, reason, detail, isSilent }: Failure, waitMs: number | undefined): void {
  if (signal.aborted) return;
  if (after === 'stop' || (after === 'retry' && waitMs === undefined)) deps.circuit.stop(ask.source, { reason, detail });
  if (after === 'retry') deps.circuit.failed(ask.source, { reason, detail }, deps.clock.now(), isSilent);
  else deps.circuit.answered(ask.source);
}

/** Reads to the end of the iterable, or until it throws or the signal fires; what came by then is kept either way. */
async function drain(pull: Pull, window: Window, standing: Standing): Promise<void> {
  const { deps, source, stream, ask, signal } = pull;
  const resume = standing.cursor === undefined ? {} : { resumeAfter: standing.cursor };
  const request = { window, scope: ask.scope, keys: ask.keys, now: deps.now, maxRequests: MAX_REQUESTS, signal, ...resume };
  const items = stream.pull(source.client, request)[Symbol.asyncIterator]();
  let batch: EvidenceRecord[] = [];
  try {
    for (let next = await within(items.next(), signal); !next.done; next = await within(items.next(), signal)) {
      const item = next.value;
      if (item.kind === 'gap') standing.gaps.push(item.gap);
      if (item.kind === 'hint') pull.hints.add(item.hint);
      if (item.kind === 'record') {
        deps.circuit.answered(ask.source);
        const { nativeId, body, sequence, stream: nested = ask.stream } = item.record;
        const observedTime = deps.clock.now();
        batch.push(seal({ source: ask.source, stream: nested, nativeId, body, observedTime, ...(sequence !== undefined && { sequence }) }));
      }
      if (item.kind === 'checkpoint' || batch.length >= BATCH) await keep(pull, batch.splice(0));
      if (item.kind === 'checkpoint') {
        standing.cursor = item.cursor;
        await deps.evidence.checkpoint(deps.run, ask, item.cursor);
      }
    }
  } finally {
    batch = batch.splice(0);
    await keep(pull, batch);
    // Not awaited: what hangs in its own call would hold us here.
    void Promise.resolve(items.return?.()).catch(() => undefined);
  }
}

async function keep({ deps, source, ask, evidence, read }: Pull, batch: readonly EvidenceRecord[]): Promise<void> {
  if (batch.length === 0) return;
  await deps.evidence.keep(deps.run, batch);
  for (const record of batch) {
    evidence.push({ id: record.id, object: `${record.source}/${record.stream}/${record.nativeId}` });
    read.push(toPlanRead(interpret(record, source.connector)));
  }
  deps.onProgress?.({ source: ask.source, stream: ask.stream, records: evidence.length });
}

/** The promise's value, or the signal's reason as soon as it fires: a call that ignores its signal must not hold a draft up. */
async function within<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    throw signal.reason;
  }
  let leave: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    if (leave) signal.removeEventListener('abort', leave);
  }
}
