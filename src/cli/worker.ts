import { openJobs } from './backfill.ts';
import type { Context, Io } from './io.ts';

export interface WorkerFlags {
  readonly alive?: string;
  readonly config?: string;
}

/**
 * `hindcast worker`: takes jobs, keeps the schedule and makes the drafts that webhooks made due, until an interrupt. What it was at
 * then is given back, with what was read kept.
 */
export async function runWorkerCommand(context: Context, flags: WorkerFlags): Promise<number> {
  const { opened, service, close } = await openJobs(context, flags, true);
  const { signal, err } = context.io;
  let beat: NodeJS.Timeout | undefined;
  try {
    if (flags.alive !== undefined) beat = startBeating(context.io, flags.alive);
    err('working on jobs; an interrupt ends it\n');
    const drafting = opened.settings.webhooks?.pagerduty ? opened.app.keepDrafting(signal) : Promise.resolve();
    await Promise.all([service.work(signal), service.keepSchedule(signal), service.keepRetention(signal), drafting]);
    return 0;
  } finally {
    clearInterval(beat);
    await close();
  }
}

/** Between two writings of the file: `compose.yaml` and docs/operations.md take one that is half a minute old for dead. */
const BEAT_MS = 5_000;

/** Throws AppError('usage') where the file cannot be written at all. Later a disk that is full is no reason to end: the file grows old. */
function startBeating({ writeFile, now }: Io, path: string): NodeJS.Timeout {
  const write = () => writeFile(path, `${now()}\n`);
  write();
  return setInterval(() => {
    try {
      write();
    } catch {
      // Whoever looks at the file sees it.
    }
  }, BEAT_MS);
}
