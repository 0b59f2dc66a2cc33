import type { AppDeps } from './deps.ts';
import type { DraftStore, EvidenceStore } from './ports.ts';
import type { Retention } from './retention-ports.ts';
import type { Deliveries, Notes } from './webhook-ports.ts';

/** What the use cases keep and find again. */
export type StorePorts = Pick<AppDeps, 'evidence' | 'drafts' | 'deliveries' | 'notes' | 'retention'>;

type OpenStore = () => Promise<StorePorts>;

/** The ports of a store that is opened by whoever asks it first: a command that needs none opens none. */
export function deferStore(open: OpenStore): StorePorts {
  return {
    evidence: deferEvidence(open),
    drafts: deferDrafts(open),
    deliveries: deferDeliveries(open),
    notes: deferNotes(open),
    retention: deferRetention(open),
  };
}

function deferEvidence(open: OpenStore): EvidenceStore {
  return {
    startRun: async (at, begunAt) => (await open()).evidence.startRun(at, begunAt),
    keep: async (run, records) => (await open()).evidence.keep(run, records),
    mark: async (run, whole, ask, mark) => (await open()).evidence.mark(run, whole, ask, mark),
    resume: async (run, ask, since) => (await open()).evidence.resume(run, ask, since),
    finishPull: async (run, pull) => (await open()).evidence.finishPull(run, pull),
    lastPull: async (ask, from) => (await open()).evidence.lastPull(ask, from),
    read: async (ids, run) => (await open()).evidence.read(ids, run),
    batches: async function* (ids, run) {
      yield* (await open()).evidence.batches(ids, run);
    },
    pages: async function* (ids, run, reader) {
      yield* (await open()).evidence.pages(ids, run, reader);
    },
    keepPages: async (reader, pages) => (await open()).evidence.keepPages(reader, pages),
    tell: async (run, connector, told) => (await open()).evidence.tell(run, connector, told),
    told: async (question) => (await open()).evidence.told(question),
    toldSources: async () => (await open()).evidence.toldSources(),
  };
}

function deferDeliveries(open: OpenStore): Deliveries {
  return {
    note: async (event, at, drafts) => (await open()).deliveries.note(event, at, drafts),
    take: async (now, until, latest) => (await open()).deliveries.take(now, until, latest),
    keep: async (due, until) => (await open()).deliveries.keep(due, until),
    done: async (no) => (await open()).deliveries.done(no),
    postpone: async (no, at, reason) => (await open()).deliveries.postpone(no, at, reason),
  };
}

function deferNotes(open: OpenStore): Notes {
  return {
    add: async (note, at) => (await open()).notes.add(note, at),
    take: async (now, until, latest) => (await open()).notes.take(now, until, latest),
    end: async (draft, state, reason) => (await open()).notes.end(draft, state, reason),
    postpone: async (draft, at, reason) => (await open()).notes.postpone(draft, at, reason),
    newest: async (incident) => (await open()).notes.newest(incident),
  };
}

function deferDrafts(open: OpenStore): DraftStore {
  return {
    saveSnapshot: async (draftId, snapshot, as) => (await open()).drafts.saveSnapshot(draftId, snapshot, as),
    findSnapshot: async (key) => (await open()).drafts.findSnapshot(key),
    newestDraft: async (incident) => (await open()).drafts.newestDraft(incident),
    saveRendered: async (draftId, text) => (await open()).drafts.saveRendered(draftId, text),
    findRendered: async (draftId) => (await open()).drafts.findRendered(draftId),
    edits: async (incident) => (await open()).drafts.edits(incident),
    record: async (incident, edits) => (await open()).drafts.record(incident, edits),
    keepEdits: async (incident, edits) => (await open()).drafts.keepEdits(incident, edits),
    draftsOf: async (incident, limit) => (await open()).drafts.draftsOf(incident, limit),
    listIncidents: async (filter) => (await open()).drafts.listIncidents(filter),
  };
}

function deferRetention(open: OpenStore): Retention {
  return {
    look: async (before, after) => (await open()).retention.look(before, after),
    purge: async (before, records) => (await open()).retention.purge(before, records),
    bury: async (records) => (await open()).retention.bury(records),
    tombstones: async (ids) => (await open()).retention.tombstones(ids),
    unkept: async (after) => (await open()).retention.unkept(after),
    keep: async (draftId, kept) => (await open()).retention.keep(draftId, kept),
    kept: async (reading) => (await open()).retention.kept(reading),
    sweep: async (stop) => (await open()).retention.sweep(stop),
  };
}
