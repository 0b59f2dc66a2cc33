import { analyze } from '../core/analysis/analyze.ts';
import { assemble, type Service, type Snapshot } from '../core/case.ts';
import { canonical } from '../core/digest.ts';
import { compose } from '../core/draft/compose.ts';
import type { Edit } from '../core/draft/edits.ts';
import type { Draft } from '../core/draft/model.ts';
import type { EvidenceRecord } from '../core/evidence.ts';
import { interpret } from './interpret.ts';
import type { Sources } from './ports.ts';
import { toJson } from './snapshot.ts';
import { traced } from './trace.ts';

/** What a document is made from, all of it pinned: the same input gives the same draft, on any machine. */
export interface Pinned {
  readonly draftId: string;
  readonly snapshot: Snapshot;
  readonly records: readonly EvidenceRecord[];
  /** Those that the snapshot counts, by number. */
  readonly edits: readonly Edit[];
}

/** Normalize, stamp, assemble, analyze, compose: from pinned evidence to the draft, with no source opened. */
export async function derive({ draftId, snapshot: given, records, edits }: Pinned, sources: Pick<Sources, 'connectorOf'>): Promise<Draft> {
  // The members of a snapshot come in one order, whether it was just taken, stored, or read from a bundle.
  const snapshot: Snapshot = JSON.parse(canonical(toJson(given)));
  const connectorOf = (source: string) => sources.connectorOf(source, snapshot.normalizers[source]);
  const stamped = await traced('normalize', { records: records.length }, async () =>
    records.flatMap((record) => {
      const connector = connectorOf(record.source);
      return connector ? [interpret(record, connector)] : [];
    }),
  );
  const services = snapshot.services.map(({ name, owns, depends_on }): Service => {
    const claims = Object.entries(owns).flatMap(([source, scope]) => connectorOf(source)?.claims(source, scope) ?? []);
    // What was told of a service by its name is its own, with no configuration.
    const told = Object.keys(snapshot.normalizers).flatMap((source) => connectorOf(source)?.told?.claims(source, name) ?? []);
    return { name, owns: [...new Set([...claims, ...told])], dependsOn: depends_on };
  });
  const theCase = assemble(snapshot, stamped, services);
  const analysis = await traced('analyze', { events: theCase.events.length }, async () => analyze(theCase));
  return compose(theCase, analysis, edits, draftId);
}
