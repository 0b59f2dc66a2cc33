import { parseEvidenceId, type Tombstone } from '../core/evidence.ts';
import { epochMs } from '../core/time.ts';
import type { App } from './app.ts';
import { assertFact } from './assert.ts';
import { draftBundle, exportBundle, importBundle, reproduce, reproduceBundle } from './bundle-cases.ts';
import { checkSettings, checkSources } from './check.ts';
import { compareStored } from './compare.ts';
import type { AppDeps } from './deps.ts';
import { findStored, rebuild } from './draft.ts';
import { editBlock, readBlock } from './edit-blocks.ts';
import { AppError } from './errors.ts';
import { importFile } from './import.ts';
import { proposeServices } from './init.ts';
import { pullWindow } from './pull-window.ts';
import { bundleKey, pathIdOf } from './select.ts';
import { shareDrafts } from './share.ts';
import { caseKey, startState } from './start.ts';
import { summarizeStored } from './summary.ts';
import { noteSeconds } from './trace.ts';
import { keepDrafting, receive } from './webhook.ts';

/** The use cases over their ports. */
export function buildApp(deps: AppDeps): App {
  const keys = new Map<string, string>();
  const draft = shareDrafts(deps);
  return {
    draft,
    stored: async (id) => {
      const key = await storedKey(deps, id);
      const { draftId, snapshot } = await findStored(deps, key);
      remember(keys, id, key);
      noteSeconds('hindcast.draft.age', Math.max(0, epochMs(deps.clock.now()) - epochMs(snapshot.takenAt)) / 1_000);
      return await rebuild(deps, draftId, snapshot);
    },
    newest: async (id) => {
      const key = keys.get(id);
      return key === undefined ? undefined : await deps.drafts.newestDraft(key);
    },
    pull: (request) => pullWindow(deps, request),
    check: (signal) => checkSources(deps, signal),
    checkSettings: () => checkSettings(deps.settings),
    propose: (signal) => proposeServices(deps, signal),
    reproduce: async (id) => reproduce(deps, await storedKey(deps, id)),
    exportBundle: async (id, options) => exportBundle(deps, await storedKey(deps, id), options),
    importBundle: (text) => importBundle(deps, text),
    draftBundle: (text, asOf) => draftBundle(deps, text, asOf),
    reproduceBundle: (text) => reproduceBundle(deps, text),
    assert: async (request) => assertFact(deps, await storedKey(deps, request.id), request),
    importFile: async ({ incident, ...request }) =>
      importFile(deps, request, incident === undefined ? [] : [await incidentKey(deps, incident)]),
    block: async (id, block) => readBlock(deps, await homeOf(deps, id), block),
    editBlock: async (id, edit) => editBlock(deps, await homeOf(deps, id), edit),
    hasUnsavedWords: async (text) => (await import('./edit-files.ts')).hasUnsavedWords(deps, text),
    importEdits: async ({ incident, ...file }) =>
      (await import('./edit-files.ts')).importEdits(deps, {
        ...file,
        ...(incident !== undefined && { key: await homeOf(deps, incident) }),
      }),
    compare: async (id, drafts) => compareStored(deps, await homeOf(deps, id), drafts),
    summary: (request) => summarizeStored(deps, request),
    receive: (delivery) => receive(deps, delivery),
    noteOf: async (id) => deps.notes.newest(pathIdOf(await homeOf(deps, id))),
    keepDrafting: (signal) => keepDrafting(deps, draft, signal),
    purge: async (request) => (await import('./purge.ts')).purge(deps, request),
    evidence: async (id) => {
      const known = parseEvidenceId(id);
      if (!known) throw new AppError('usage', `${JSON.stringify(id)} is no evidence id: it is sha256: and 64 hex digits`);
      const [record] = await deps.evidence.read([known]);
      if (!record) refusePurged(await deps.retention.tombstones([known]));
      return record;
    },
    incidents: (filter) => listIncidents(deps, filter),
    ready: () => deps.ping(),
    close: () => deps.close(),
  };
}

/** What is known of a record that was there is told, in words and as members. */
function refusePurged([gone]: readonly Tombstone[]): void {
  if (!gone) return;
  const { source, stream, nativeId, kind, at, purgedAt, why } = gone;
  const what = `${source}/${stream} ${nativeId} (${kind}, ${at})`;
  throw new AppError('not_stored', `${what} was purged at ${purgedAt}, by ${why}: drafts that cite it stand as they were made`, {
    details: { purged: { source, stream, nativeId, kind, at, purgedAt, why } },
  });
}

const MAX_KEYS = 1_000;

/** How a stored incident was written, and its key: a draft that is there stays under it. A draft's own id is no incident's. */
function remember(keys: Map<string, string>, id: string, key: string): void {
  if (/^sha256:/.test(key)) return;
  if (keys.size >= MAX_KEYS) keys.clear();
  keys.set(id, key);
}

/** What a stored draft is asked for by: its own id, a bundle's key, a case's key, or whatever a person may write for an incident. */
async function storedKey(deps: AppDeps, id: string): Promise<string> {
  const key = bundleKey(id) ?? id;
  if (/^(?:sha256|bundle):/.test(key) || (await deps.drafts.findSnapshot(key))) return key;
  return await caseKey(deps, startState(deps, { select: { kind: 'incident', id } }, deps.clock.now()));
}

/** What a case's edits are filed under, even where one draft of it was named. */
async function homeOf(deps: AppDeps, id: string): Promise<string> {
  const key = await storedKey(deps, id);
  if (!key.startsWith('sha256:')) return key;
  const { snapshot } = await findStored(deps, key);
  return snapshot.origin ?? snapshot.incidents[0];
}

/** The key of an incident that records are told of. Throws AppError('usage') where a number cannot be told, or no incident is meant. */
async function incidentKey(deps: AppDeps, id: string): Promise<string> {
  const key = await storedKey(deps, id);
  if (/\/incident:\D/.test(key)) return key;
  throw new AppError('usage', `${JSON.stringify(id)} is the id of no incident that is known: draft it once, or write its id (PABC123)`);
}

/** Pages through the store until enough incidents of the service are found; whose they are is in what was rendered. */
async function listIncidents(deps: AppDeps, { service, ...filter }: Parameters<App['incidents']>[0]): ReturnType<App['incidents']> {
  if (service === undefined) return await deps.drafts.listIncidents(filter);
  const found: Awaited<ReturnType<App['incidents']>>[number][] = [];
  for (let before = filter.before; ; ) {
    const page = await deps.drafts.listIncidents({ ...filter, ...(before !== undefined && { before }) });
    for (const listed of page) {
      const { draft } = await rebuild(deps, listed.draftId, listed.snapshot);
      if (draft.case.services.includes(service)) found.push(listed);
      if (found.length >= filter.limit) return found;
    }
    before = page.at(-1)?.draftId;
    if (before === undefined || page.length < filter.limit) return found;
  }
}
