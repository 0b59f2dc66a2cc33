import type { EvidenceRecord } from '../core/evidence.ts';
import { pageOf } from '../core/packed.ts';
import { type Packing, startPacking } from '../core/packing.ts';
import type { Stamped } from '../core/timeline/normalize.ts';
import type { PagePart, PageStore } from './page-ports.ts';

/** Keeps how records read while they are read, so that the next reading of them need not look into their bodies. */
export interface PageKeeper {
  /** Takes in what the code with the id `normalizer` read of a record, whose number in the store is `no`. */
  add(no: number, record: Pick<EvidenceRecord, 'nativeId'>, stamped: Stamped, normalizer: string): Promise<void>;
  /** Writes what was taken in and is not written yet. */
  flush(): Promise<void>;
}

/** Records that wait to be written: of a hundred thousand not all are held. */
const WAITING = 256;
/** Characters of a part. A longer one, of a thousand large diffs, would cost more to hold than their bodies some at a time. */
const MAX_PART = 32_000_000;

/** A cache that cannot be written, since the store is busy or only to be read, is none the worse: the records were read all the same. */
export function keepWhileItWorks(keep: (parts: readonly PagePart[]) => Promise<void>): (parts: readonly PagePart[]) => Promise<void> {
  let isOpen = true;
  return async (parts) => {
    if (parts.length === 0 || !isOpen) return;
    await keep(parts).catch(() => {
      isOpen = false;
    });
  };
}

/** A keeper for what `engine` reads while it is pulled. */
export function startPageKeeper(store: Pick<PageStore, 'keepPages'>, engine: string): PageKeeper {
  const keep = keepWhileItWorks((parts) => store.keepPages(engine, parts));
  let pages = new Map<number, Packing>();
  let waiting = 0;
  const flush = async () => {
    const parts = [...pages.values()].flatMap((page) => partOf(page) ?? []);
    pages = new Map();
    waiting = 0;
    await keep(parts);
  };
  return {
    add: async (no, { nativeId }, stamped, normalizer) => {
      const page = pages.get(pageOf(no)) ?? startPacking();
      pages.set(pageOf(no), page);
      page.add(no, stamped, { normalizer, nativeId });
      waiting += 1;
      if (waiting >= WAITING) await flush();
    },
    flush,
  };
}

/** Nothing where nothing was taken in, or more than is kept, or than any text can hold. */
export function partOf(page: Packing): PagePart | undefined {
  const numbers = page.numbers();
  if (numbers.length === 0) return undefined;
  try {
    const text = page.text();
    return text.length > MAX_PART ? undefined : { numbers, text };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
