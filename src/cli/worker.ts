import { openJobs } from './backfill.ts';
import type { Context } from './io.ts';

/**
 * `hindcast worker`: takes jobs, keeps the schedule and makes the drafts that webhooks made due, until an interrupt. What it was at
 * then is given back, with what was read kept.
 */
export async function runWorkerCommand(context: Context, flags: { readonly config?: string }): Promise<number> {
  const { opened, service, close } = await openJobs(context, flags, true);
  const { signal, err } = context.io;
  try {
    err('working on jobs; an interrupt ends it\n');
    const drafting = opened.settings.webhooks?.pagerduty ? opened.app.keepDrafting(signal) : Promise.resolve();
    await Promise.all([service.work(signal), service.keepSchedule(signal), service.keepRetention(signal), drafting]);
    return 0;
  } finally {
    await close();
  }
}
