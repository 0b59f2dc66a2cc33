import type { Snapshot } from '../core/case.ts';
import { withEdits } from '../core/draft/compose.ts';
import type { Edit } from '../core/draft/edits.ts';
import type { Draft } from '../core/draft/model.ts';
import type { Tombstone } from '../core/evidence.ts';
import { startOnline, startStored } from './answer.ts';
import type { Drafted, DraftRequest } from './app.ts';
import type { AppDeps } from './deps.ts';
import { derive, storedEvidence } from './derive.ts';
import { AppError } from './errors.ts';
import { type Gathered, gather } from './gather.ts';
import { backTo, refuseBefore } from './look-back.ts';
import { broughtNothing } from './news.ts';
import { caseOf, incidentFacts, type PlanState, resolveKey } from './plan-case.ts';
import { describePurged } from './purged.ts';
import { findReusable, restate } from './reuse.ts';
import { bundleKey } from './select.ts';
import { draftIdOf, isPartial, readingOf, takeSnapshot } from './snapshot.ts';
import { startState } from './start.ts';
import { withTold } from './told.ts';

/** The main job: from an incident to its draft. */
export async function draftCase(deps: AppDeps, request: DraftRequest): Promise<Drafted> {
  const imported = request.select.kind === 'incident' ? bundleKey(request.select.id) : undefined;
  if (imported !== undefined) return await redraft(deps, (await findStored(deps, imported)).snapshot, request);
  const now = request.takenAt ?? deps.clock.now();
  const start = startState(deps, request, now);
  const reusable = await findReusable(deps, request, start);
  if (reusable) return await redraft(deps, reusable, request);
  const { gathered, run } = await gatherCase(deps, request, start);
  refuseUnread(gathered, request);
  const input = { settings: deps.settings, authors: request.authors, asOf: request.asOf, takenAt: now, engine: deps.engine };
  const taken = await withTold(deps, takeSnapshot(gathered, deps.sources, { ...input, lastEdit: 0 }), request.asOf);
  const standing = request.onlyIfChanged ? await deps.drafts.findSnapshot(taken.incidents[0]) : undefined;
  if (standing && (await broughtNothing(deps, standing.snapshot, taken))) return await rebuild(deps, standing.draftId, standing.snapshot);
  const lastEdit = lastOf(await deps.drafts.edits(taken.incidents[0]));
  return await keepDraft(deps, { ...taken, lastEdit, run }, request.asOf === undefined ? 'newest' : 'look_back');
}

/** Asks in rounds, of the sources or of the store. Throws AppError('interrupted') where the caller gave up. */
export async function gatherCase(
  deps: AppDeps,
  request: Pick<DraftRequest, 'offline' | 'refresh' | 'takenAt' | 'signal' | 'onProgress'> & { readonly questionMs?: number },
  start: PlanState,
): Promise<{ readonly gathered: Gathered; readonly run: number }> {
  const { signal, onProgress, offline = false, refresh = false } = request;
  const { questionMs, takenAt } = request;
  const watched = {
    refresh,
    ...(takenAt !== undefined && { now: takenAt }),
    ...(questionMs !== undefined && { questionMs }),
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
  };
  const { run, answer } = offline ? await startStored(deps) : await startOnline(deps, watched);
  const gathered = await gather(start, deps.settings.services, deps.sources, answer, !offline);
  if (signal?.aborted) throw new AppError('interrupted', 'interrupted; what was read is kept, run the same command again to go on');
  return { gathered, run };
}

/** A draft from a snapshot that stands, as the request words it. A look back in time is not filed: it is not the newest draft. */
async function redraft(deps: AppDeps, snapshot: Snapshot, request: DraftRequest): Promise<Drafted> {
  const { asOf } = request;
  const gone = await deps.retention.tombstones(snapshot.evidence);
  if (gone.length > 0) return await redraftKept(deps, snapshot, request, gone);
  const records = asOf === undefined ? [] : await deps.evidence.read(snapshot.evidence, snapshot.run);
  const then = asOf === undefined ? snapshot : backTo(asOf, { snapshot, records, sources: deps.sources });
  const edits = await deps.drafts.edits(snapshot.origin ?? snapshot.incidents[0]);
  const stated = await withTold(deps, restate(then, request, lastOf(edits)), asOf);
  return request.asOf === undefined ? await keepDraft(deps, stated) : await rebuild(deps, draftIdOf(stated), stated);
}

/** A draft of which evidence was purged is shown as it stood, with the edits made since: nothing can be computed anew. */
async function redraftKept(
  deps: AppDeps,
  snapshot: Snapshot,
  { asOf, authors }: DraftRequest,
  gone: readonly Tombstone[],
): Promise<Drafted> {
  if (asOf !== undefined && asOf !== snapshot.asOf) {
    const why = describePurged(gone, snapshot.evidence.length);
    throw new AppError('not_stored', `${why}: only the draft as it stands is left, and none as of another time`);
  }
  const edits = await deps.drafts.edits(snapshot.origin ?? snapshot.incidents[0]);
  return await keepDraft(deps, restate(snapshot, authors ? { authors } : {}, lastOf(edits)));
}

/** Files the snapshot under its draft's id and makes the draft: of one that was filed before, the one that stands. */
export async function keepDraft(deps: AppDeps, taken: Snapshot, as: 'newest' | 'look_back' = 'newest'): Promise<Drafted> {
  const draftId = draftIdOf(taken);
  const snapshot = await deps.drafts.saveSnapshot(draftId, taken, as);
  const drafted = await rebuild(deps, draftId, snapshot);
  await deps.drafts.saveRendered(draftId, JSON.stringify(drafted.draft));
  return drafted;
}

/** The draft of a stored snapshot, from stored evidence alone. Where some of that was purged, the draft that was kept stands for it. */
export async function rebuild(deps: AppDeps, draftId: string, snapshot: Snapshot): Promise<Drafted> {
  const gone = await deps.retention.tombstones(snapshot.evidence);
  const edits = await editsOf(deps, snapshot);
  const partial = isPartial(snapshot);
  if (gone.length === 0) {
    const draft = await deriveStored(deps, draftId, snapshot, edits);
    // What was purged while it was read is missing without a word: then the draft stands that was kept before that.
    const isWhole = (await deps.retention.tombstones(snapshot.evidence)).length === 0;
    return isWhole ? { draftId, snapshot, draft, partial } : await rebuild(deps, draftId, snapshot);
  }
  const kept = await deps.retention.kept(readingOf(snapshot));
  if (kept === undefined)
    return { draftId, snapshot, draft: { ...(await deriveStored(deps, draftId, snapshot, edits)), purged: gone }, partial };
  const generated: Draft = JSON.parse(kept);
  const header = { ...generated.case, authors: snapshot.draft.authors, takenAt: snapshot.takenAt };
  return { draftId, snapshot, draft: { ...withEdits({ ...generated, id: draftId, case: header }, edits), purged: gone }, partial };
}

async function deriveStored(deps: AppDeps, draftId: string, snapshot: Snapshot, edits: readonly Edit[]): Promise<Draft> {
  const evidence = storedEvidence(deps.evidence, snapshot, deps.engine);
  return await derive({ draftId, snapshot, evidence, edits }, deps.sources);
}

/** The edits that a snapshot counts. */
export async function editsOf(deps: AppDeps, { origin, incidents, lastEdit }: Snapshot): Promise<readonly Edit[]> {
  const edits = await deps.drafts.edits(origin ?? incidents[0]);
  return edits.filter(({ sequence }) => sequence <= lastEdit);
}

function lastOf(edits: readonly Edit[]): number {
  return edits.reduce((last, { sequence }) => Math.max(last, sequence), 0);
}

/** The newest snapshot under a key, or the one with that draft id. Throws AppError('not_stored'). */
export async function findStored(deps: AppDeps, key: string): Promise<{ readonly draftId: string; readonly snapshot: Snapshot }> {
  const found = await deps.drafts.findSnapshot(key);
  const advice = bundleKey(key) ? 'keep one with `hindcast bundle import`' : 'make one with `hindcast draft`';
  if (!found) throw new AppError('not_stored', `no draft of ${key} is stored: ${advice}`);
  return found;
}

/** Exit 4: without the incident's own record, or with no answer at all, there is nothing to write. */
function refuseUnread({ state, answers }: Gathered, { offline = false }: DraftRequest): void {
  const facts = incidentFacts(state.read);
  const keys = state.select.kind === 'incident' ? state.select.keys : [];
  const unread = keys.filter((key) => !facts.has(resolveKey(key, facts)));
  if (offline && unread.length > 0) refuseUnstored(keys);
  for (const key of unread) refuse(key, answers);
  if (answers.length > 0 && answers.every(({ pulled }) => pulled.status === 'failed')) {
    const details = new Set(answers.flatMap(({ pulled }) => pulled.gaps).map(({ detail }) => detail));
    throw new AppError(offline ? 'not_stored' : 'unreadable', `no source answered: ${[...details].join('; ')}`);
  }
  const theCase = caseOf(state);
  if (!theCase && state.select.kind === 'window' && answers.length === 0) {
    throw new AppError('usage', 'no service is configured, so that nothing says whose records a window is about: add `services:`');
  }
  if (!theCase) throw new AppError('unreadable', `${keys.join(', ') || 'the window'}: its record does not say when it began`);
  refuseBefore(state.until, theCase.began);
}

/** Several incidents were asked for in one question, which the store answers as a whole: that one of them was read is not enough. */
function refuseUnstored(keys: readonly string[]): never {
  const ids = keys.map((key) => key.split('/incident:')[1]);
  const [one, many] = [
    `incident ${ids[0]} is not in the store: draft it`,
    `incidents ${ids.join(', ')} are not in the store as one case: draft them together`,
  ];
  throw new AppError('not_stored', `${ids.length === 1 ? one : many} once without --offline`);
}

function refuse(key: string, answers: Gathered['answers']): never {
  const [source = '', id = ''] = key.split('/incident:');
  const pulled = answers.filter(({ ask }) => ask.stream === 'incidents' && ask.keys.includes(key)).map((answer) => answer.pulled);
  const gap = pulled.flatMap(({ gaps }) => gaps)[0];
  if (gap) throw new AppError('unreadable', `incident ${id} could not be read: ${gap.detail}`);
  const said = pulled.find(({ hint }) => hint !== undefined)?.hint ?? `${source} knows no incident ${id}.`;
  throw new AppError('unknown_incident', `${said} Take the id from the incident's URL, and check that the token is of that account`);
}
