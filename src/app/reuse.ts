import type { Snapshot } from '../core/case.ts';
import { addMs, durationMs, type Instant, type Window } from '../core/time.ts';
import type { Pulled } from '../core/timeline/coverage.ts';
import type { DraftRequest } from './app.ts';
import type { AppDeps } from './deps.ts';
import type { PlanState } from './plan-case.ts';
import { isPartial, sameConfig } from './snapshot.ts';
import { caseKey } from './start.ts';

/**
 * The stored snapshot that answers a request with nothing asked: offline the newest of the case; else one that is complete, of a
 * closed incident whose last window had passed when it was taken, under the same configuration and code.
 */
export async function findReusable(deps: AppDeps, request: DraftRequest, start: PlanState): Promise<Snapshot | undefined> {
  if (request.refresh && !request.offline) return undefined;
  const found = await deps.drafts.findSnapshot(await caseKey(deps, start));
  if (!found) return undefined;
  const { snapshot } = found;
  if (request.offline) return isOfCase(snapshot, request, start) ? snapshot : undefined;
  if (!isOfCase(snapshot, request, start)) return undefined;
  // What was purged would be asked for again and, as far as its source forgot it too, be missing: only who says so gets that. An
  // incident that was still open has more to tell by now.
  const isMeant = snapshot.asOf === undefined && request.window === undefined && request.asOf === undefined && request.related !== false;
  if (isMeant && (await deps.retention.tombstones(snapshot.evidence)).length > 0) return snapshot;
  return isFinal(snapshot, request) && isSameReading(snapshot, deps, request) ? snapshot : undefined;
}

function isOfCase(snapshot: Snapshot, { with: others = [], offline }: DraftRequest, { select }: PlanState): boolean {
  if (select.kind === 'window') return true;
  // Offline the newest draft of the incident is meant, whatever was joined to it.
  if (offline && others.length === 0) return true;
  const { incidents, joined = [] } = snapshot;
  const [named, asked] = [select.keys.slice(1), incidents.slice(1).filter((key) => !joined.includes(key))];
  return named.every((key) => incidents.includes(key)) && asked.every((key) => named.includes(key));
}

/** Nothing that a new pull could bring belongs to it any more. */
function isFinal(snapshot: Snapshot, { window, asOf, related }: DraftRequest): boolean {
  const { windows, policy, takenAt } = snapshot;
  if (window || asOf || related === false || snapshot.asOf || isPartial(snapshot)) return false;
  return takenAt >= addMs(windows.incident.to, durationMs(policy.settle));
}

/** Whether a draft under today's configuration and code would read the snapshot's evidence as it was read then. */
export function isSameReading(
  snapshot: Snapshot,
  { settings, sources, engine }: AppDeps,
  { authors }: Pick<DraftRequest, 'authors'>,
): boolean {
  const draft = { ...settings.draft, authors: authors ?? settings.draft.authors };
  return (
    snapshot.engine === engine &&
    sources.names.every((name) => snapshot.normalizers[name] === sources.connectorOf(name)?.normalizer) &&
    sameConfig(
      [
        snapshot.policy,
        snapshot.people,
        { ...snapshot.draft, authors: draft.authors },
        snapshot.services.slice(0, settings.services.length),
      ],
      [settings.policy, settings.people, draft, settings.services],
    )
  );
}

/** The snapshot as this request means it: as of another time, by other authors, with the edits made since. */
export function restate(snapshot: Snapshot, { asOf, authors }: Pick<DraftRequest, 'asOf' | 'authors'>, lastEdit: number): Snapshot {
  const stated = { ...snapshot, lastEdit, ...(authors && { draft: { ...snapshot.draft, authors } }) };
  if (asOf === undefined || asOf === snapshot.asOf) return stated;
  return { ...stated, asOf, coverage: cutCoverage(snapshot.coverage, asOf) };
}

/** What could be said of the sources by then: a line or a gap that begins later is not there. */
function cutCoverage(coverage: readonly Pulled[], asOf: Instant): readonly Pulled[] {
  const cut = ({ from, to }: Window): Window => ({ from, to: to < asOf ? to : asOf });
  return coverage
    .filter(({ window }) => window.from < asOf)
    .map((line) => ({
      ...line,
      window: cut(line.window),
      gaps: line.gaps.filter(({ window }) => window.from < asOf).map((gap) => ({ ...gap, window: cut(gap.window) })),
    }));
}
