import { analyze } from '../core/analysis/analyze.ts';
import { assemble, assembleGathered, type Case, isWeighed, type Service, type Snapshot } from '../core/case.ts';
import { canonical } from '../core/digest.ts';
import { compose } from '../core/draft/compose.ts';
import type { Edit } from '../core/draft/edits.ts';
import type { Draft } from '../core/draft/model.ts';
import type { EvidenceId, EvidenceRecord } from '../core/evidence.ts';
import { startGathering } from '../core/gathered.ts';
import { remembered } from '../core/remembered.ts';
import type { Stamped } from '../core/timeline/normalize.ts';
import { locateNames } from '../core/unplaced-names.ts';
import type { PagePart, StoredPage } from './page-ports.ts';
import type { EvidenceStore, Sources } from './ports.ts';
import { type ConnectorOf, readEach } from './read-records.ts';
import { toJson } from './snapshot.ts';
import { traced } from './trace.ts';

/** What a document is made from, all of it pinned: the same input gives the same draft, on any machine. */
export interface Pinned {
  readonly draftId: string;
  readonly snapshot: Snapshot;
  readonly evidence: PinnedEvidence;
  /** Those that the snapshot counts, by number. */
  readonly edits: readonly Edit[];
}

/** The evidence of a snapshot, and no other: of a hundred thousand records the bodies are never all held at once. */
export interface PinnedEvidence {
  /** Every record once, some at a time, in any order. */
  batches(): AsyncIterable<readonly EvidenceRecord[]>;
  /** Again the few whose bodies are looked into. */
  read(ids: readonly EvidenceId[]): Promise<readonly EvidenceRecord[]>;
  /** What a store keeps of how they read. Without it every record is read anew. */
  readonly kept?: KeptReadings;
}

/** A cache of how records read: with it dropped the same is read. */
export interface KeptReadings {
  pages(): AsyncIterable<readonly StoredPage[]>;
  keep(parts: readonly PagePart[]): Promise<void>;
}

/** The evidence of a snapshot as the store has it, with what it keeps of how `engine` read it. */
export function storedEvidence(store: EvidenceStore, { evidence, run }: Snapshot, engine: string): PinnedEvidence {
  return {
    batches: () => store.batches(evidence, run),
    read: (ids) => store.read(ids, run),
    kept: { pages: () => store.pages(evidence, run, engine), keep: (parts) => store.keepPages(engine, parts) },
  };
}

/** Evidence that is at hand, as a bundle's is. */
export function evidenceIn(records: readonly EvidenceRecord[]): PinnedEvidence {
  return {
    batches: async function* () {
      yield records;
    },
    read: async (ids) => {
      const wanted = new Set(ids);
      return records.filter(({ id }) => wanted.has(id));
    },
  };
}

/** From pinned evidence to the draft, with no source opened. */
export async function derive(pinned: Pinned, sources: Pick<Sources, 'connectorOf'>): Promise<Draft> {
  const theCase = await readCase(pinned, sources);
  const analysis = await traced('analyze', { events: theCase.events.length }, async () => analyze(theCase));
  return compose(theCase, analysis, pinned.edits, pinned.draftId);
}

/** Normalize, stamp, assemble: from pinned evidence to the case. Each body is dropped as soon as it was read. */
export async function readCase(
  { snapshot: given, evidence }: Pick<Pinned, 'snapshot' | 'evidence'>,
  sources: Pick<Sources, 'connectorOf'>,
): Promise<Case> {
  // The members of a snapshot come in one order, whether it was just taken, stored, or read from a bundle.
  const said: Snapshot = JSON.parse(canonical(toJson({ ...given, evidence: [] })));
  const snapshot = { ...said, evidence: given.evidence };
  const connectorOf = remembered((source) => sources.connectorOf(source, snapshot.normalizers[source]));
  const theCase = await assembleFrom(snapshot, evidence, connectorOf);
  return { ...theCase, unplacedNames: await placeNames(theCase.unplacedNames, evidence) };
}

/** What the records say is put together while they are read; where they are weighed against each other, all are read before. */
async function assembleFrom(snapshot: Snapshot, evidence: PinnedEvidence, connectorOf: ConnectorOf): Promise<Case> {
  const services = servicesOf(snapshot, connectorOf);
  const records = { records: snapshot.evidence.length };
  if (!isWeighed(snapshot)) {
    const gathering = startGathering(true, snapshot.evidence.length);
    await traced('normalize', records, () => readEach(evidence, connectorOf, gathering.add));
    if (!gathering.hasRepeats()) return assembleGathered(snapshot, gathering.gathered(), services);
  }
  const stamped: Stamped[] = [];
  await traced('normalize', records, () => readEach(evidence, connectorOf, (one) => stamped.push(one)));
  return assemble(snapshot, stamped, services);
}

/** Names whose records are looked into at a time. */
const NAMES = 500;

async function placeNames(names: Case['unplacedNames'], evidence: PinnedEvidence): Promise<Case['unplacedNames']> {
  const placed: Case['unplacedNames'][number][] = [];
  for (let from = 0; from < names.length; from += NAMES) {
    const some = names.slice(from, from + NAMES);
    placed.push(...locateNames(some, await evidence.read([...new Set(some.map((name) => name.evidence))])));
  }
  return placed;
}

/** The services of the snapshot, by the claims that each source's connector makes of their scopes. */
function servicesOf(snapshot: Snapshot, connectorOf: ConnectorOf): readonly Service[] {
  return snapshot.services.map(({ name, owns, depends_on }): Service => {
    const claims = Object.entries(owns).flatMap(([source, scope]) => connectorOf(source)?.claims(source, scope) ?? []);
    // What was told of a service by its name is its own, with no configuration.
    const told = Object.keys(snapshot.normalizers).flatMap((source) => connectorOf(source)?.told?.claims(source, name) ?? []);
    return { name, owns: [...new Set([...claims, ...told])], dependsOn: depends_on };
  });
}
