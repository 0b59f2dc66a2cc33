import type { Snapshot } from '../core/case.ts';
import type { EvidenceId, EvidenceRecord, Tombstone } from '../core/evidence.ts';
import type { Instant } from '../core/time.ts';

/** A draft as it was made while all its evidence was there: what is generated of it is shown on, with whatever edits come. */
export interface KeptDraft {
  /** What drafts have in common that differ in nothing but their edits and authors. */
  readonly reading: string;
  /** The draft as JSON. */
  readonly body: string;
}

/** What purges evidence, and what stays of it. Every method is one or more short transactions. */
export interface Retention {
  /**
   * Looks at some records behind the number `after`, and gives those that no run has read since `before`, that no unfinished
   * reading counts on, and that are no person's statement; `next` is where to go on, absent at the end.
   */
  look(before: Instant, after: number): Promise<{ readonly due: readonly EvidenceRecord[]; readonly next?: number }>;
  /** Empties those of the records that are still due, and leaves their tombstones, in one transaction. Returns how many. */
  purge(before: Instant, records: readonly Tombstone[]): Promise<number>;
  /** Keeps tombstones of what was purged elsewhere. A record that is stored stays. */
  bury(records: readonly Tombstone[]): Promise<void>;
  /** What is known of those of these records that were purged, and were not read again since. */
  tombstones(ids: readonly EvidenceId[]): Promise<readonly Tombstone[]>;
  /** Some snapshots behind the number `after` whose draft is not kept, in the order of their filing. */
  unkept(after: number): Promise<readonly { readonly no: number; readonly draftId: string; readonly snapshot: Snapshot }[]>;
  /** Keeps a draft for good, once for each reading. */
  keep(draftId: string, kept: KeptDraft): Promise<void>;
  /** The draft that was kept of a reading. */
  kept(reading: string): Promise<string | undefined>;
  /** Leaves nothing of what was purged in the files beside the store, as far as the engine lets us: it may take hours. Throws where it is stopped. */
  sweep(stop?: AbortSignal): Promise<void>;
}
