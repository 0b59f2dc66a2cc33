import type { AnyConnector } from '../contract/connector.ts';
import type { EvidenceId, EvidenceRecord } from '../core/evidence.ts';
import { type Place, readPage } from '../core/interpreted.ts';
import { type Shared, startShared } from '../core/shared.ts';
import type { Stamped } from '../core/timeline/normalize.ts';
import type { PinnedEvidence } from './derive.ts';
import { interpret } from './interpret.ts';
import { type PageKeeper, startPageKeeper } from './page-keeper.ts';

export type ConnectorOf = (source: string) => AnyConnector | undefined;

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
  const keeper = startPageKeeper(kept.keep);
  const reading = { shared, normalizerOf: (source: string) => connectorOf(source)?.normalizer };
  for await (const pages of kept.pages()) {
    for (const { texts, places } of pages) {
      let unread = places;
      for (const text of texts) if (unread.length > 0) unread = readPage(text, unread, reading, take);
      if (unread.length > 0) await readUnread(evidence, unread, { connectorOf, shared, take, keeper });
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

interface Reading {
  readonly connectorOf: ConnectorOf;
  readonly shared: Shared;
  readonly take: (stamped: Stamped) => unknown;
  readonly keeper: PageKeeper;
}

/** By their bodies, those of a page that nothing was kept of. That is kept then. */
async function readUnread(evidence: PinnedEvidence, unread: readonly Place[], reading: Reading): Promise<void> {
  const { connectorOf, shared, take, keeper } = reading;
  const numbers = new Map<EvidenceId, number>(unread.map(({ id, no }) => [id, no]));
  for (const record of await evidence.read(unread.map(({ id }) => id))) {
    const stamped = sayOf(record, connectorOf, shared, take);
    const normalizer = connectorOf(record.source)?.normalizer;
    const no = numbers.get(record.id);
    if (stamped && normalizer !== undefined && no !== undefined) await keeper.add(no, record, stamped, normalizer);
  }
}
