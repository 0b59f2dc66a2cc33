import type { AnyConnector } from '../contract/connector.ts';
import type { EvidenceId, EvidenceRecord } from '../core/evidence.ts';
import { openPage, type Page, type Place } from '../core/interpreted.ts';
import { type Shared, startShared } from '../core/shared.ts';
import type { Stamped } from '../core/timeline/normalize.ts';
import type { PinnedEvidence } from './derive.ts';
import { interpret } from './interpret.ts';
import type { StoredPage } from './ports.ts';

export type ConnectorOf = (source: string) => AnyConnector | undefined;

/** Pages that are kept in one transaction. */
const KEEP = 2;
/** Characters of a page. A longer one, of a thousand large diffs, would cost more to hold than their bodies some at a time. */
const MAX_PAGE = 32_000_000;

/**
 * What each record says, in any order: by what was kept of an earlier reading, else by its body, and then that is kept. Records of a
 * source that nobody can read say nothing. A body is dropped as soon as it was read.
 */
export async function readEach(evidence: PinnedEvidence, connectorOf: ConnectorOf, take: (stamped: Stamped) => unknown): Promise<void> {
  const shared = startShared();
  const { kept } = evidence;
  if (!kept) {
    for await (const batch of evidence.batches()) for (const record of batch) sayOf(record, connectorOf, shared, take);
    return;
  }
  const keeper = startKeeper(kept.keep);
  const normalizerOf = (source: string) => connectorOf(source)?.normalizer;
  for await (const pages of kept.pages()) {
    for (const stored of pages) {
      const page = openPage(stored.text, shared);
      const unread: Place[] = [];
      for (const place of stored.places) {
        const said = page.say(place, normalizerOf);
        if (said === 'unread') unread.push(place);
        else if (said !== 'unknown') take(said);
      }
      if (unread.length > 0) await readUnread(evidence, { stored, page, unread }, { connectorOf, shared, take, keeper });
    }
  }
  await keeper.flush();
}

function sayOf(record: EvidenceRecord, connectorOf: ConnectorOf, shared: Shared, take: (stamped: Stamped) => unknown): Stamped | undefined {
  const connector = connectorOf(record.source);
  const stamped = connector && interpret(record, connector, shared);
  if (stamped) take(stamped);
  return stamped;
}

interface Opened {
  readonly stored: StoredPage;
  readonly page: Page;
  readonly unread: readonly Place[];
}

interface Reading {
  readonly connectorOf: ConnectorOf;
  readonly shared: Shared;
  readonly take: (stamped: Stamped) => unknown;
  readonly keeper: Keeper;
}

/** By their bodies, those of a page that nothing was kept of. The page is then written with them. */
async function readUnread(evidence: PinnedEvidence, { stored, page, unread }: Opened, reading: Reading): Promise<void> {
  const { connectorOf, shared, take, keeper } = reading;
  const numbers = new Map<EvidenceId, number>(unread.map(({ id, no }) => [id, no]));
  let isNew = false;
  for (const record of await evidence.read(unread.map(({ id }) => id))) {
    const stamped = sayOf(record, connectorOf, shared, take);
    const normalizer = connectorOf(record.source)?.normalizer;
    const no = numbers.get(record.id);
    if (!stamped || normalizer === undefined || no === undefined) continue;
    page.add(no, stamped, { normalizer, nativeId: record.nativeId });
    isNew = true;
  }
  if (isNew) await keeper.add(stored.block, page);
}

interface Keeper {
  add(block: number, page: Page): Promise<void>;
  flush(): Promise<void>;
}

/** A cache that cannot be written, since the store is busy or only to be read, is none the worse: the records were read all the same. */
function startKeeper(keep: (pages: readonly Pick<StoredPage, 'block' | 'text'>[]) => Promise<void>): Keeper {
  let waiting: Pick<StoredPage, 'block' | 'text'>[] = [];
  let isOpen = true;
  const flush = async () => {
    const pages = waiting;
    waiting = [];
    if (pages.length === 0 || !isOpen) return;
    await keep(pages).catch(() => {
      isOpen = false;
    });
  };
  return {
    add: async (block, page) => {
      const text = textOf(page);
      if (text === undefined) return;
      waiting.push({ block, text });
      if (waiting.length >= KEEP) await flush();
    },
    flush,
  };
}

/** Nothing where the page is longer than is kept, or than any text can be. */
function textOf(page: Page): string | undefined {
  try {
    const text = page.text();
    return text.length > MAX_PAGE ? undefined : text;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
