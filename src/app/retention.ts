import type { Snapshot } from '../core/case.ts';
import type { Draft } from '../core/draft/model.ts';
import type { EvidenceId, EvidenceRecord, Tombstone } from '../core/evidence.ts';
import { addMs, durationMs, epochMs, type Instant, instantAt } from '../core/time.ts';
import type { BackfillStore } from './backfill-ports.ts';
import type { AppDeps } from './deps.ts';
import { rebuild } from './draft.ts';
import { interpret } from './interpret.ts';
import { readingOf } from './snapshot.ts';

/** Between two looks at the clock. */
const LOOK_MS = 600_000;
/** The evidence is gone through once in this time, by one of all processes. */
const ROUND_MS = 6 * 3_600_000;
/** Records whose drafts are looked for together: every snapshot is read once for them. */
const GROUP = 10_000;
/** Records of one write transaction. */
const BATCH = 100;
/** Leaves the process to whoever waits. */
const BREATH_MS = 1;
/** A wall clock that went on so much more or less than time did was set. */
const JUMP_MS = 3_600_000;
/** How long a clock that was set is then not believed. */
const DOUBT_MS = 86_400_000;

/** What a round did. */
export interface Purged {
  readonly records: number;
  /** Those that were kept first, as they stood. */
  readonly drafts: number;
  /** Why the files beside the store may tell it still. */
  readonly unswept?: string;
}

/** What the sweep of old evidence needs. */
export interface RetentionOptions {
  readonly app: AppDeps;
  readonly store: Pick<BackfillStore, 'claimTick'>;
  /** Goes on evenly, whatever the wall clock does. */
  readonly elapsedMs: () => number;
}

/**
 * Purges what `storage.keep_evidence` no longer keeps, until told to stop. Of several processes the one that writes the tick's row
 * goes through the evidence. What is purged cannot be had again, so a clock that was set meanwhile purges nothing for a day.
 */
export async function runRetention({ app, store, elapsedMs }: RetentionOptions, stop: AbortSignal): Promise<void> {
  const { clock, log, settings } = app;
  if (settings.storage.keep_evidence === undefined) return;
  const isSteady = watchClock(() => clock.now(), elapsedMs);
  while (!stop.aborted) {
    try {
      const round = instantAt(Math.floor(epochMs(clock.now()) / ROUND_MS) * ROUND_MS);
      if (!isSteady()) log.warn({ now: clock.now() }, 'nothing purged: the clock was set');
      else if (await store.claimTick('storage.keep_evidence', round)) log.info(await purgeDue(app, stop), 'evidence purged');
    } catch (error) {
      log.warn({ cause: reasonOf(error) }, 'evidence not purged');
    }
    await clock.sleep(LOOK_MS, stop).catch(() => undefined);
  }
}

/** Says whether the wall clock went on as time does since it was asked first, and for a day if it did not. */
export function watchClock(now: () => Instant, elapsedMs: () => number): () => boolean {
  let base = { wall: epochMs(now()), elapsed: elapsedMs() };
  let doubtedUntil = Number.NEGATIVE_INFINITY;
  return () => {
    const at = { wall: epochMs(now()), elapsed: elapsedMs() };
    if (Math.abs(at.wall - base.wall - (at.elapsed - base.elapsed)) > JUMP_MS) doubtedUntil = at.elapsed + DOUBT_MS;
    base = at;
    return at.elapsed >= doubtedUntil;
  };
}

/**
 * One round. A draft that rests on a record is kept as it stands before the record goes, so that a process killed at any point has
 * lost no draft; the next round goes on. Throws what the store throws.
 */
export async function purgeDue(app: AppDeps, stop?: AbortSignal): Promise<Purged> {
  const { clock, log, retention, settings } = app;
  const { keep_evidence: kept } = settings.storage;
  if (kept === undefined) return { records: 0, drafts: 0 };
  const now = clock.now();
  const before = lastKept(now, kept);
  let records = 0;
  let drafts = 0;
  for await (const group of dueGroups(app, before, (record) => tombstoneOf(record, app, now, `storage.keep_evidence: ${kept}`), stop)) {
    drafts += await keepDrafts(app, new Set(group.map(({ id }) => id)), stop);
    for (let from = 0; from < group.length && !stop?.aborted; from += BATCH) {
      records += await retention.purge(before, group.slice(from, from + BATCH));
      await breathe(app);
    }
  }
  // Again each time: one that a reader or a deadline kept from it is made good by the next round.
  const unswept = await retention.sweep(stop).then(() => undefined, reasonOf);
  if (unswept !== undefined) log.warn({ cause: unswept }, 'purged rows not swept yet');
  return { records, drafts, ...(unswept !== undefined && { unswept }) };
}

/** The first time that is kept still. */
export function lastKept(now: Instant, kept: string): Instant {
  return addMs(now, -durationMs(kept));
}

/** What is due, some thousands at a time, each record made into what is wanted of it as soon as it is read. */
export async function* dueGroups<T>(
  app: AppDeps,
  before: Instant,
  toItem: (record: EvidenceRecord) => T,
  stop: AbortSignal | undefined,
): AsyncGenerator<readonly T[]> {
  const { evidence, retention, sources } = app;
  for (const { source, connector } of await evidence.toldSources()) sources.tell(source, connector);
  for (let after: number | undefined = 0; after !== undefined && !stop?.aborted; ) {
    const group: T[] = [];
    while (after !== undefined && group.length < GROUP) {
      const { due, next } = await retention.look(before, after);
      group.push(...due.map(toItem));
      after = next;
      await breathe(app);
    }
    if (group.length > 0) yield group;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Keeps every draft that rests on one of the records. Stopped before it is through, it leaves no record to be purged. */
async function keepDrafts(app: AppDeps, due: ReadonlySet<EvidenceId>, stop: AbortSignal | undefined): Promise<number> {
  let drafts = 0;
  for await (const { draftId, snapshot } of resting(app, due, stop)) {
    const rendered = await app.drafts.findRendered(draftId);
    const draft: Draft = rendered === undefined ? (await rebuild(app, draftId, snapshot)).draft : JSON.parse(rendered);
    const { edits: _edits, lastEdit: _last, purged: _purged, ...generated } = draft;
    await app.retention.keep(draftId, { reading: readingOf(snapshot), body: JSON.stringify(generated) });
    drafts += 1;
    await breathe(app);
  }
  return drafts;
}

/** The snapshots that rest on one of the records and whose draft is not kept yet, until told to stop. */
export async function* resting(
  app: AppDeps,
  due: ReadonlySet<EvidenceId>,
  stop: AbortSignal | undefined,
): AsyncGenerator<{ readonly draftId: string; readonly snapshot: Snapshot }> {
  for (let page = await app.retention.unkept(0); page.length > 0; ) {
    for (const one of page) {
      if (stop?.aborted) return;
      if (one.snapshot.evidence.some((id) => due.has(id))) yield one;
    }
    // SQLite answers at once, so that nothing else would run until the last snapshot was looked at.
    await breathe(app);
    page = await app.retention.unkept(page.at(-1)?.no ?? 0);
  }
}

async function breathe({ clock }: AppDeps): Promise<void> {
  await clock.sleep(BREATH_MS);
}

function tombstoneOf(record: EvidenceRecord, { sources }: AppDeps, purgedAt: Instant, why: string): Tombstone {
  const { id, source, stream, nativeId, observedTime } = record;
  const connector = sources.connectorOf(source);
  const { events, series, facts } = connector ? interpret(record, connector) : { events: [], series: [], facts: [] };
  const said = events.length > 0 ? events.map(({ type }) => type) : series.length > 0 ? ['series'] : facts.map(({ kind }) => kind);
  const at = events.map(({ time }) => time.at).toSorted()[0] ?? observedTime;
  return { id, source, stream, nativeId, kind: [...new Set(said)].toSorted().join(', ') || 'nothing', at, purgedAt, why };
}
