import { digestText } from '../core/digest.ts';
import { MILESTONE_WORDS } from '../core/draft/durations.ts';
import { type EvidenceId, type Json, seal } from '../core/evidence.ts';
import { epochMs, momentOf, type Window } from '../core/time.ts';
import type { AppDeps } from './deps.ts';
import { findStored, rebuild } from './draft.ts';
import { AppError } from './errors.ts';
import { interpret } from './interpret.ts';

/** The source that people's statements are of, and its connector. */
const MANUAL = 'manual';

/** A fact that a person states. Times are as the person wrote them: `14:20Z` is less precise than `14:20:00Z`. */
export type Assertion =
  | { readonly kind: 'milestone'; readonly milestone: string; readonly at: string; readonly plusMinusSeconds?: number }
  | { readonly kind: 'event'; readonly at: string; readonly text: string; readonly plusMinusSeconds?: number }
  | { readonly kind: 'suspect'; readonly change: string; readonly verdict: 'confirmed' | 'rejected' };

/** What a person states of an incident, and why. */
export interface AssertRequest {
  /** The incident, in any form that a draft is asked for by. It must have been drafted. */
  readonly id: string;
  readonly said: Assertion;
  readonly reason: string;
  readonly author: string;
}

/** Where the statement is kept. */
export interface Asserted {
  readonly evidence: EvidenceId;
  /** The key of the incident, or the id of the window, that it is filed under. */
  readonly incident: string;
  /** Milliseconds from the incident to the stated time, below 0 before it; only where that is more than a week: a slip of the pen, likely. */
  readonly farMs?: number;
}

const FAR_MS = 7 * 86_400_000;

const STREAMS = { milestone: 'milestones', event: 'events', suspect: 'judgments' } as const satisfies Record<Assertion['kind'], string>;

/**
 * Keeps a human fact as evidence of the source `manual`: every later draft of the incident rests on it. Nothing is overwritten.
 * `key` is what the case is filed under. Throws AppError('not_stored') for a case never drafted, AppError('usage') for a name or
 * a time that cannot be meant, with the names that can.
 */
export async function assertFact(deps: AppDeps, key: string, { said, reason, author }: AssertRequest): Promise<Asserted> {
  const { clock, evidence, sources } = deps;
  const stored = await findStored(deps, key);
  if (stored.snapshot.origin !== undefined) {
    throw new AppError('usage', 'what was imported from a bundle takes no statements: assert on the incident itself');
  }
  checkWords({ reason, author, ...(said.kind === 'event' && { text: said.text }) });
  if (said.kind === 'milestone') checkMilestone(said.milestone);
  if (said.kind === 'suspect') checkChange(said.change, (await rebuild(deps, stored.draftId, stored.snapshot)).draft.analysis);
  const saidAt = clock.now();
  if (said.kind !== 'suspect') checkTime(said, saidAt);
  const incident = stored.snapshot.incidents[0];
  const { kind, ...fact } = said;
  const body: Json = { ...fact, incident, reason, author, saidAt };
  const nativeId = `${incident.split('/incident:').at(-1)}/${nameOf(said)}/${digestText(JSON.stringify(body)).slice(7, 19)}`;
  const record = seal({ source: MANUAL, stream: STREAMS[kind], nativeId, body, observedTime: saidAt });
  sources.tell(MANUAL, MANUAL);
  const connector = sources.connectorOf(MANUAL);
  const [issue] = connector ? interpret(record, connector).issues : [{ pointer: '', problem: 'this build has no connector `manual`' }];
  if (issue) throw new AppError('usage', `the statement cannot be kept: ${issue.pointer} ${issue.problem}`);
  await evidence.tell(await evidence.startRun(saidAt), MANUAL, [{ record, key: incident }]);
  const farMs = said.kind === 'suspect' ? 0 : distanceMs(said.at, stored.snapshot.windows.incident);
  return { evidence: record.id, incident, ...(Math.abs(farMs) > FAR_MS && { farMs }) };
}

/** From a window to a time outside it. */
function distanceMs(at: string, { from, to }: Window): number {
  const ms = epochMs(momentOf(at)?.at ?? from);
  return ms < epochMs(from) ? ms - epochMs(from) : Math.max(0, ms - epochMs(to));
}

function nameOf(said: Assertion): string {
  if (said.kind === 'milestone') return said.milestone;
  return said.kind === 'event' ? 'event' : said.change;
}

function checkWords(words: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(words)) {
    if (text.trim() === '') throw new AppError('usage', `the ${name} is empty: a statement says its ${name}, since others will rest on it`);
    if (text.length > 10_000) throw new AppError('usage', `the ${name} is longer than 10,000 characters`);
  }
}

function checkMilestone(name: string): void {
  const known = Object.keys(MILESTONE_WORDS);
  if (!known.includes(name)) throw new AppError('usage', `no milestone ${JSON.stringify(name)}: known are ${known.join(', ')}`);
}

function checkChange(
  key: string,
  { changes, suspects }: { readonly changes: readonly { key: string }[]; readonly suspects: readonly { change: string }[] },
): void {
  if (changes.some((change) => change.key === key)) return;
  // The likeliest first: they are what people judge.
  const known = [...new Set([...suspects.map(({ change }) => change), ...changes.map((change) => change.key)])];
  const list = known.length > 0 ? `known are ${known.slice(0, 20).join(', ')}` : 'the draft knows no change';
  throw new AppError('usage', `no change ${JSON.stringify(key)} in this incident's draft: ${list}`);
}

function checkTime({ at, plusMinusSeconds = 0 }: { readonly at: string; readonly plusMinusSeconds?: number }, now: string): void {
  const moment = momentOf(at);
  if (!moment) {
    throw new AppError('usage', `${JSON.stringify(at)} is not a time: write 2024-01-15T14:20Z or 2024-01-15T15:20:00+01:00`);
  }
  if (moment.at > now) throw new AppError('usage', `${at} lies in the future: only what has happened can be stated`);
  if (!(plusMinusSeconds >= 0 && plusMinusSeconds <= 31_536_000)) throw new AppError('usage', 'a time may be off by at most a year');
}
