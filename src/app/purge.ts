import type { EvidenceId } from '../core/evidence.ts';
import type { Instant } from '../core/time.ts';
import type { AppDeps } from './deps.ts';
import { AppError } from './errors.ts';
import { dueGroups, lastKept, type Purged, purgeDue, resting } from './retention.ts';

/** How the store is purged. */
export interface PurgeRequest {
  /** Says what would go, and purges nothing. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** What `storage.keep_evidence` took of the store now, or would take. */
export interface PurgeReport extends Purged {
  readonly keepEvidence: string;
  /** What nobody read since then is no longer kept. */
  readonly before: Instant;
  /** Of a dry run: whose records would go, by `source/stream`. */
  readonly streams?: readonly { readonly stream: string; readonly records: number }[];
}

/**
 * The round that `serve` and `worker` make every six hours, at once. Beside one of theirs it takes what that one has not taken. Throws
 * AppError('config') where nothing says how long evidence is kept, AppError('interrupted') where it was told to stop.
 */
export async function purge(app: AppDeps, { dryRun, signal }: PurgeRequest): Promise<PurgeReport> {
  const { keep_evidence: keepEvidence } = app.settings.storage;
  if (keepEvidence === undefined) {
    throw new AppError(
      'config',
      '`storage.keep_evidence` is not set, so records stay for good and none was purged: set how long they are kept, ' +
        'such as `storage: { keep_evidence: 400d }`',
    );
  }
  const before = lastKept(app.clock.now(), keepEvidence);
  const done = dryRun ? await preview(app, before, signal) : await purgeDue(app, signal);
  if (signal?.aborted) {
    const far = dryRun ? 'nothing was purged' : `${done.records} records were purged`;
    throw new AppError('interrupted', `interrupted: ${far}; run the same command again to go on`);
  }
  return { keepEvidence, before, ...done };
}

async function preview(
  app: AppDeps,
  before: Instant,
  stop: AbortSignal | undefined,
): Promise<Omit<PurgeReport, 'keepEvidence' | 'before'>> {
  const streams = new Map<string, number>();
  const drafts = new Set<string>();
  const toItem = ({ id, source, stream }: { readonly id: EvidenceId; readonly source: string; readonly stream: string }) => ({
    id,
    stream: `${source}/${stream}`,
  });
  for await (const group of dueGroups(app, before, toItem, stop)) {
    for (const { stream } of group) streams.set(stream, (streams.get(stream) ?? 0) + 1);
    for await (const { draftId } of resting(app, new Set(group.map(({ id }) => id)), stop)) drafts.add(draftId);
  }
  const rows = [...streams].map(([stream, records]) => ({ stream, records })).toSorted((a, b) => (a.stream < b.stream ? -1 : 1));
  return { records: rows.reduce((sum, { records }) => sum + records, 0), drafts: drafts.size, streams: rows };
}
