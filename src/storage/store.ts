import type { BackfillStore, JobQueue } from '../app/backfill-ports.ts';
import { AppError } from '../app/errors.ts';
import type { DraftStore, EvidenceStore, Leases, Log } from '../app/ports.ts';
import type { Retention } from '../app/retention-ports.ts';
import type { Deliveries, Notes } from '../app/webhook-ports.ts';
import { createBackfillStore } from './backfill-store.ts';
import { createLeases } from './budget.ts';
import { isThere, openDatabase, ping, tryWriting } from './database.ts';
import { createDeliveries } from './deliveries.ts';
import { createDraftStore } from './draft-store.ts';
import { createEvidenceStore } from './evidence-store.ts';
import { openJobQueue } from './job-queue.ts';
import { createNotes } from './notes.ts';
import { once } from './once.ts';
import { createRetention } from './retention.ts';
import { createUpkeep, type Upkeep } from './upkeep.ts';

/** One store, by the ports that it is behind. */
export interface Store {
  readonly evidence: EvidenceStore;
  readonly drafts: DraftStore;
  readonly deliveries: Deliveries;
  readonly notes: Notes;
  readonly retention: Retention;
  readonly leases: Leases;
  readonly backfills: BackfillStore;
  readonly upkeep: Upkeep;
  readonly jobs: () => Promise<JobQueue>;
  /** Resolves when it answers, and after a failure when it takes writing again: a full disk still answers. Throws AppError('store'). */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Opens the store that `storage.url` names, its queue once somebody asks for it. With `isExisting` no file is made: where there is none, an
 * empty store in memory stands for it. Throws AppError, as `openDatabase` does.
 */
export async function openStore(url: string, log: Log, isExisting = false): Promise<Store> {
  const failures = { isTold: false };
  const db = await openDatabase(isExisting && !isThere(url) ? 'sqlite::memory:' : url, (error) => {
    if (error instanceof AppError && error.code === 'store') failures.isTold = true;
  });
  const jobs = once(() => openJobQueue(url, db, log));
  return {
    leases: createLeases(db),
    evidence: createEvidenceStore(db),
    drafts: createDraftStore(db),
    deliveries: createDeliveries(db),
    notes: createNotes(db),
    retention: createRetention(db),
    backfills: createBackfillStore(db),
    upkeep: createUpkeep(db),
    jobs: jobs.open,
    ping: shared(async () => {
      await ping(db);
      if (!failures.isTold) return;
      await tryWriting(db);
      failures.isTold = false;
    }),
    close: async () => {
      await (await jobs.opened())?.close();
      await db.destroy();
    },
  };
}

/** Who asks while another's question is under way is given its answer. */
function shared(ask: () => Promise<void>): () => Promise<void> {
  let asking: Promise<void> | undefined;
  return () => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
}
