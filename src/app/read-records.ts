import type { AnyConnector } from '../contract/connector.ts';
import type { EvidenceId } from '../core/evidence.ts';
import { type Place, readPage } from '../core/interpreted.ts';
import { startPacking } from '../core/packing.ts';
import { type Shared, startShared } from '../core/shared.ts';
import type { Stamped } from '../core/timeline/normalize.ts';
import type { PinnedEvidence } from './derive.ts';
import { interpret } from './interpret.ts';
import { keepWhileItWorks, partOf } from './page-keeper.ts';
import type { PagePart } from './page-ports.ts';

/** Which connector reads the records of a source, by the source's name. */
export type ConnectorOf = (source: string) => AnyConnector | undefined;

/**
 * What each record says, in any order: by what was kept of an earlier reading, else by its body, and then that is kept. Records of a
 * source that nobody can read say nothing. A body is dropped as soon as it was read.
 */
export async function readEach(evidence: PinnedEvidence, connectorOf: ConnectorOf, take: (stamped: Stamped) => unknown): Promise<void> {
  const shared = startShared();
  const { kept } = evidence;
  if (!kept) {
    for await (const batch of evidence.batches())
      for (const record of batch) {
        const connector = connectorOf(record.source);
        if (connector) take(interpret(record, connector, shared));
      }
    return;
  }
  const reading = {
    connectorOf,
    shared,
    normalizerOf: (source: string) => connectorOf(source)?.normalizer,
    take,
    keep: keepWhileItWorks(kept.keep),
  };
  for await (const pages of kept.pages()) {
    for (const { texts, places } of pages) {
      let unread = places;
      for (const text of texts) if (unread.length > 0) unread = readPage(text, unread, reading, take);
      if (unread.length > 0) await readUnread(evidence, unread, reading);
    }
  }
}

/** Bodies that are held at once. */
const BODIES = 100;

interface Reading {
  readonly connectorOf: ConnectorOf;
  readonly normalizerOf: (source: string) => string | undefined;
  readonly shared: Shared;
  readonly take: (stamped: Stamped) => unknown;
  readonly keep: (parts: readonly PagePart[]) => Promise<void>;
}

/**
 * By their bodies, those of a page that nothing was kept of. That is kept then, and told by what was kept, as every later reading will
 * have it: what the records share is held once, and not once for each.
 */
async function readUnread(evidence: PinnedEvidence, unread: readonly Place[], reading: Reading): Promise<void> {
  const { connectorOf, take } = reading;
  const read = new Map<Place, Stamped>();
  const page = startPacking();
  for (let from = 0; from < unread.length; from += BODIES) {
    const places = new Map<EvidenceId, Place>(unread.slice(from, from + BODIES).map((place) => [place.id, place]));
    for (const record of await evidence.read([...places.keys()])) {
      const connector = connectorOf(record.source);
      const place = places.get(record.id);
      if (!connector || !place) continue;
      const stamped = interpret(record, connector);
      read.set(place, stamped);
      page.add(place.no, stamped, { normalizer: connector.normalizer, nativeId: record.nativeId });
    }
  }
  const part = partOf(page);
  const found = unread.filter((place) => read.has(place));
  for (const place of part ? readPage(part.text, found, reading, take) : found) {
    const stamped = read.get(place);
    if (stamped) take(stamped);
  }
  if (part) await reading.keep([part]);
}
