import { randomUUID } from 'node:crypto';
import type { JobQueue } from '../app/backfill-ports.ts';
import type { Log } from '../app/ports.ts';
import type { Database } from './tables.ts';

/** The queue of a store: PostgreSQL's own, or a table in the file. What the other needs is not loaded. */
export async function openJobQueue(url: string, db: Database, log: Pick<Log, 'warn'>): Promise<JobQueue> {
  if (/^postgres(?:ql)?:/i.test(url)) return (await import('./job-queue-pgboss.ts')).createBossQueue(url, log);
  return (await import('./job-queue-local.ts')).createLocalQueue(db, { nowMs: () => Date.now(), newLease: () => randomUUID() });
}
