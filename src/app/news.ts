import type { Snapshot } from '../core/case.ts';
import { canonical } from '../core/digest.ts';
import type { EvidenceRecord } from '../core/evidence.ts';
import type { AppDeps } from './deps.ts';
import { interpret } from './interpret.ts';
import { isPartial } from './snapshot.ts';

/**
 * Whether the second snapshot knows nothing that the first did not: as much was read, and what is new among its evidence says
 * nothing, or just what its earlier version said. A note of ours is such news: it stands in the incident's log, and moves the stamp
 * of the incident's last update. A window that grew since and brought nothing is none either.
 */
export async function broughtNothing(deps: Pick<AppDeps, 'evidence' | 'sources'>, before: Snapshot, now: Snapshot): Promise<boolean> {
  if (isPartial(before) !== isPartial(now)) return false;
  const [was, is] = [new Set(before.evidence), new Set(now.evidence)];
  const [gone, come] = await Promise.all([
    deps.evidence.read(before.evidence.filter((id) => !is.has(id))),
    deps.evidence.read(now.evidence.filter((id) => !was.has(id))),
  ]);
  return saidBy(deps, gone, before) === saidBy(deps, come, now);
}

/** Everything that the records say, each under the object that it is of, in one text. A series is compared by its body: it is numbers. */
function saidBy({ sources }: Pick<AppDeps, 'sources'>, records: readonly EvidenceRecord[], { normalizers }: Snapshot): string {
  const lines = records.flatMap((record) => {
    const { source, stream, nativeId, body } = record;
    const connector = sources.connectorOf(source, normalizers[source]);
    if (!connector) return [canonical([source, stream, nativeId, body])];
    const { events, facts, issues, series } = interpret({ ...record, sequence: 0 }, connector);
    if (series.length > 0) return [canonical([source, stream, nativeId, body])];
    const said = events.map(({ provenance: _provenance, ...event }) => event);
    const told = facts.map(({ evidence: _evidence, ...fact }) => fact);
    if (said.length + told.length + issues.length === 0) return [];
    return [JSON.stringify([source, stream, nativeId, said, told, issues])];
  });
  return lines.toSorted().join('\n');
}
