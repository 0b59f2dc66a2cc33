import type { Calls } from '../contract/calls.ts';
import type { RawRecord, Stream } from '../contract/connector.ts';
import { canonical } from '../core/digest.ts';
import { type EvidenceId, type EvidenceRecord, type Json, seal } from '../core/evidence.ts';
import { cutDeep, hideKnown, redactText } from '../core/redact.ts';
import { addMs, type Window } from '../core/time.ts';
import type { Gap, GapReason } from '../core/timeline/coverage.ts';
import type { Progress } from './app.ts';
import { interpret, toPlanRead } from './interpret.ts';
import type { PlanRead } from './plan-case.ts';
import type { Ask, Source } from './ports.ts';
import type { PullDeps } from './pull.ts';

const BATCH = 100;
/** What a run left behind that died longer ago is asked again: what it read may have changed. */
const RESUME_WITHIN_MS = 3_600_000;

/** What somebody may have put right since: a reading that passed over a part for it begins anew. */
const MENDABLE: ReadonlySet<GapReason> = new Set<GapReason>([
  'unauthorized',
  'forbidden',
  'unavailable',
  'unreadable',
  'budget',
  'cancelled',
]);

/** One question while it is asked. */
export interface Pull {
  readonly deps: PullDeps;
  readonly source: Source;
  readonly stream: Stream<unknown, unknown>;
  /** The question, or the part of it that this one reads. */
  readonly ask: Ask;
  /** The whole question, of which others read the other parts beside this one. */
  readonly whole: Ask;
  /** The calls that the question has, or the piece of its window: all parts take from the same. */
  readonly calls: Calls;
  /** Records of all parts. */
  readonly count: { records: number };
  readonly signal: AbortSignal;
  readonly evidence: { id: EvidenceId; object: string }[];
  readonly read: PlanRead[];
  /** What `read` already says, where a stream says the same of every record. */
  readonly said: Set<string>;
  /** Why the answer is empty; a set, since a second try says the same again. */
  readonly hints: Set<string>;
}

/** Where one window stands between two tries. */
export interface Standing {
  readonly window: Window;
  cursor: string | undefined;
  readonly isDone: boolean;
  readonly gaps: Gap[];
  /** Evidence read since the last mark. */
  unmarked: EvidenceId[];
  isMarked: boolean;
}

/** Where a window's reading begins: where a run that died left it, with all that it had read and nothing passed over, else at the beginning. */
export async function standingOf(pull: Pull, window: Window): Promise<Standing> {
  const { deps, ask } = pull;
  const earlier = deps.refresh ? undefined : await deps.evidence.resume(deps.run, { ...ask, window }, addMs(deps.now, -RESUME_WITHIN_MS));
  const isWhole = earlier?.gaps.every(({ reason }) => !MENDABLE.has(reason));
  const isThere = earlier && isWhole && (await adopt(pull, earlier.evidence, earlier.run));
  if (!isThere) return { window, cursor: undefined, isDone: false, gaps: [], unmarked: [], isMarked: false };
  for (const hint of earlier.hints) pull.hints.add(hint);
  deps.log.info({ source: ask.source, stream: ask.stream, records: earlier.evidence.length }, 'reading resumed');
  return { window, cursor: earlier.cursor, isDone: earlier.isDone, gaps: [...earlier.gaps], unmarked: [], isMarked: true };
}

/** Takes what another run read into this answer, in its order. False where some of it was purged since: then it is no answer. */
export async function adopt(pull: Pull, ids: readonly EvidenceId[], run?: number): Promise<boolean> {
  for (let from = 0; from < ids.length; from += BATCH) {
    const some = ids.slice(from, from + BATCH);
    const records = await pull.deps.evidence.read(some, run);
    await keep(pull, records);
    if (records.length < some.length) return false;
  }
  return true;
}

/** How far one question is. */
export function progressOf({ source, stream, keys, window }: Ask, records: number): Progress {
  return { source, stream, question: [window.from, window.to, ...keys].join(' '), records };
}

/** Reads to the end of the iterable, or until it throws or the signal fires; what came by then is kept either way. */
export async function drain(pull: Pull, standing: Standing): Promise<void> {
  const { deps, source, stream, ask, signal } = pull;
  const resume = standing.cursor === undefined ? {} : { resumeAfter: standing.cursor };
  const { window } = standing;
  const request = { window, scope: ask.scope, keys: ask.keys, now: deps.now, calls: pull.calls, signal, ...resume };
  const items = stream.pull(source.client, request)[Symbol.asyncIterator]();
  let batch: EvidenceRecord[] = [];
  const flush = async () => {
    standing.unmarked.push(...batch.map(({ id }) => id));
    await keep(pull, batch.splice(0));
  };
  try {
    for (let next = await within(items.next(), signal); !next.done; next = await within(items.next(), signal)) {
      const item = next.value;
      if (item.kind === 'gap') standing.gaps.push({ ...item.gap, detail: cleanWords(source, item.gap.detail) });
      if (item.kind === 'hint') pull.hints.add(cleanWords(source, item.hint));
      if (item.kind === 'record') {
        deps.circuit.answered(ask.source);
        const { nativeId, body, sequence, stream: nested = ask.stream } = cleanRecord(source, item.record);
        const observedTime = deps.clock.now();
        batch.push(seal({ source: ask.source, stream: nested, nativeId, body, observedTime, ...(sequence !== undefined && { sequence }) }));
      }
      if (item.kind === 'checkpoint' || batch.length >= BATCH) await flush();
      if (item.kind === 'checkpoint') {
        standing.cursor = item.cursor;
        await mark(pull, standing, false);
      }
    }
  } finally {
    await flush();
    batch = [];
    // Not awaited: what hangs in its own call would hold us here.
    void Promise.resolve(items.return?.()).catch(() => undefined);
  }
}

/** What a vendor said in an error or beside an answer, without what no draft may show. */
export function cleanWords({ secrets }: Source, text: string): string {
  return redactText(`${hideKnown(text, secrets?.() ?? [])}`);
}

/** What was told is stored as it was sealed; what a vendor sends loses what we sign in with before it is. */
function cleanRecord({ connector, secrets }: Source, record: RawRecord): RawRecord {
  if (connector.told) return record;
  const { nativeId } = record;
  const body = cutDeep(record.body);
  if (!secrets) return { ...record, body };
  return { ...record, body: hideKnown(body, secrets()), nativeId: `${hideKnown(nativeId, secrets())}` };
}

/** Notes how far the window was read, so that a run that dies need not be made again from its beginning. */
export async function mark({ deps, ask, whole, hints }: Pull, standing: Standing, isDone: boolean): Promise<void> {
  const { window, cursor, gaps, unmarked, isMarked } = standing;
  standing.unmarked = [];
  standing.isMarked = true;
  await deps.evidence.mark(
    deps.run,
    whole,
    { ...ask, window },
    {
      at: deps.clock.now(),
      isFirst: !isMarked,
      ...(cursor !== undefined && { cursor }),
      isDone,
      gaps,
      hints: [...hints],
      evidence: unmarked,
    },
  );
}

async function keep(pull: Pull, batch: readonly EvidenceRecord[]): Promise<void> {
  const { deps, source, whole, count, evidence, read } = pull;
  if (batch.length === 0) return;
  const added = await deps.evidence.keep(deps.run, batch);
  for (const record of batch) {
    // Joined, not written as a template: a template would hold its parts apart, for each of a hundred thousand records.
    evidence.push({ id: record.id, object: [record.source, record.stream, record.nativeId].join('/') });
    const no = added.get(record.id);
    const stamped = interpret(no === undefined ? record : asStored(record), source.connector);
    if (no !== undefined) await deps.pages?.add(no, record, stamped, source.connector.normalizer);
    const one = toPlanRead(stamped);
    if (isNews(pull, one)) read.push(one);
  }
  count.records += batch.length;
  deps.onProgress?.(progressOf(whole, count.records));
}

/** As the store gives it back, its members in their order there: what is kept of how it read must be what its body says later. */
function asStored(record: EvidenceRecord): EvidenceRecord {
  const body: Json = JSON.parse(canonical(record.body));
  return { ...record, body };
}

/**
 * The plan takes from log entries what their events are about and what their facts say: a hundred thousand of one incident say one
 * thing, and need not be held. When it was closed, and opened again, tells how it stood at a time.
 */
function isNews({ said }: Pull, { stream, events, facts }: PlanRead): boolean {
  if (stream !== 'log_entries' || events.some(({ type }) => type === 'incident.resolved' || type === 'incident.reopened')) return true;
  const about = events.map(({ type, correlationKeys }) => [type, ...correlationKeys]);
  const text = canonical([about, facts.map(({ key, kind }) => `${kind} ${key}`)]);
  if (said.has(text)) return false;
  said.add(text);
  return true;
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
