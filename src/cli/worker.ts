import { openJobs } from './backfill.ts';
import type { Context } from './io.ts';

/** `hindcast worker`: takes jobs until an interrupt; what it was at then is given back, with what was read kept. */
export async function runWorkerCommand(context: Context, flags: { readonly config?: string }): Promise<number> {
  const { service, close } = await openJobs(context, flags, true);
  const { signal, err } = context.io;
  try {
    err('working on jobs; an interrupt ends it\n');
    await Promise.all([service.work(signal), service.keepSchedule(signal)]);
    return 0;
  } finally {
    await close();
  }
}
