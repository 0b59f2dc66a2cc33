import type { EvidenceId } from '../core/evidence.ts';
import type { Place } from '../core/interpreted.ts';

/** Records that lie together in the store, and what was kept of how they read. */
export interface StoredPage {
  /** Parts of it, each as `core/packing.ts` writes it: those that tell a record that was asked for, and others. */
  readonly texts: readonly string[];
  /** The records that were asked for, in the order of their numbers. */
  readonly places: readonly Place[];
}

/** How some records of one page read, one at least: other parts may tell of those between. */
export interface PagePart {
  /** In their order. */
  readonly numbers: readonly number[];
  readonly text: string;
}

/** A cache of how records read, beside the evidence. */
export interface PageStore {
  /**
   * What was kept of an earlier reading of the same records, some pages at a time: a cache. `reader` names the code that read them.
   * Records that are emptied are not there.
   */
  pages(ids: readonly EvidenceId[], run: number | undefined, reader: string): AsyncIterable<readonly StoredPage[]>;
  /** Keeps parts of pages for the next reading by the same code; one that tells a record which was emptied meanwhile is not kept. */
  keepPages(reader: string, parts: readonly PagePart[]): Promise<void>;
}
