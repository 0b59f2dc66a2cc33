import type { Backfills } from './app/backfill.ts';
import type { BackfillStore, JobQueue, TakenJob } from './app/backfill-ports.ts';
import { AppError } from './app/errors.ts';
import type { Clock, Log, Settings } from './app/ports.ts';
import { traced } from './app/trace.ts';
import type { Json } from './core/evidence.ts';
import { addMs, durationMs, type Instant } from './core/time.ts';

/** Drafts that one process makes beside each other: what they wait for is their sources' budgets. */
const LANES = 4;
/** Between two looks into an empty queue. */
const IDLE_MS = 500;
/** Between two tries while the store is away. */
const AWAY_MS = 2_000;

export interface WorkerOptions {
  readonly jobs: JobQueue;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly log: Log;
  /** Does one job; the signal is aborted where the process is told to stop, or the job became another's. */
  work(body: Json, signal: AbortSignal): Promise<void>;
  /** A job that failed as often as it may. */
  bury(body: Json, reason: string): Promise<void>;
  /** Asked before the next job once the store has failed: resolves when it can be worked with again. */
  ready?(): Promise<void>;
  /** Asked where the queue is empty: true ends the worker. */
  isOver?(): Promise<boolean>;
}

/**
 * Takes jobs until told to stop, or until it is over. A stop gives back what is under way: what was read of it is kept. A store that is
 * away is waited for.
 */
export async function runWorker(options: WorkerOptions, stop: AbortSignal): Promise<void> {
  const over = new AbortController();
  const signal = AbortSignal.any([stop, over.signal]);
  // Of all lanes: what one found is no better for the others.
  const store = { isAway: false };
  const lane = async () => {
    while (!signal.aborted) {
      try {
        // A full disk lets a job be taken, and its vendors be asked, only to keep nothing of it.
        if (store.isAway) await options.ready?.();
        store.isAway = false;
        if (await step(options, stop)) continue;
      } catch (error) {
        store.isAway = true;
        await rest(options, error, stop);
        continue;
      }
      if (signal.aborted) continue;
      if (await options.isOver?.().catch(() => false)) over.abort();
      else await options.clock.sleep(IDLE_MS, signal).catch(() => undefined);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** True where there was something to do. */
async function step(options: WorkerOptions, stop: AbortSignal): Promise<boolean> {
  const { jobs, bury, log } = options;
  const job = await jobs.take();
  if (job) {
    await doJob(options, job, stop);
    return true;
  }
  return await jobs.takeDead(async ({ key, body, reason }) => {
    log.error({ job: key, reason }, 'job given up');
    await bury(body, reason);
  });
}

async function rest({ clock, log }: WorkerOptions, error: unknown, stop: AbortSignal): Promise<void> {
  log.warn({ cause: reasonOf(error) }, 'store or queue not reached');
  await clock.sleep(AWAY_MS, stop).catch(() => undefined);
}

async function doJob({ jobs, clock, log, work }: WorkerOptions, job: TakenJob, stop: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const ended = new AbortController();
  const beating = beat(jobs, clock, job, ended.signal, () => lost.abort(new AppError('interrupted', 'another worker has the job')));
  try {
    await traced('job', { attempt: job.attempt }, () => work(job.body, AbortSignal.any([stop, lost.signal])));
    await jobs.done(job);
  } catch (error) {
    if (lost.signal.aborted) log.warn({ job: job.key }, 'job lost');
    else if (stop.aborted) await jobs.giveBack(job);
    else if (error instanceof AppError && error.code === 'store') {
      // Not the job's fault: it stays untried.
      await jobs.giveBack(job);
      throw error;
    } else {
      log.warn({ job: job.key, attempt: job.attempt, reason: reasonOf(error) }, 'job failed');
      await jobs.fail(job, reasonOf(error));
    }
  } finally {
    ended.abort();
    await beating;
  }
}

async function beat(jobs: JobQueue, clock: WorkerOptions['clock'], job: TakenJob, ended: AbortSignal, onLost: () => void): Promise<void> {
  while (!ended.aborted) {
    await clock.sleep(jobs.leaseMs / 3, ended).catch(() => undefined);
    if (ended.aborted) return;
    // A store that is away for a moment tells nothing about the job.
    const isOurs = await jobs.keep(job).catch(() => true);
    if (!isOurs) return onLost();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Between two looks at the clock. */
const LOOK_MS = 15_000;
/** A time that came round while no process ran is made good this long after it. */
const LATE_MS = 600_000;

export interface ScheduleOptions {
  readonly schedule: NonNullable<Settings['schedule']>;
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Pick<BackfillStore, 'claimTick' | 'isClaimed'>;
  readonly backfills: Pick<Backfills, 'submit'>;
  lastTick(cron: string, now: Instant): Instant | undefined;
}

/** Submits what is due until told to stop, once, of however many processes. */
export async function runSchedule(options: ScheduleOptions, stop: AbortSignal): Promise<void> {
  const { schedule, clock, log } = options;
  while (schedule.length > 0 && !stop.aborted) {
    await submitDue(options).catch((error: unknown) => log.warn({ cause: reasonOf(error) }, 'schedule not kept'));
    await clock.sleep(LOOK_MS, stop).catch(() => undefined);
  }
}

/**
 * One look at the clock. The tick is claimed behind the submission, which is one however often it is made while it is not finished: a
 * process that dies between leaves it to the next look, and not to nobody.
 */
export async function submitDue({ schedule, clock, log, store, backfills, lastTick }: ScheduleOptions): Promise<void> {
  const now = clock.now();
  for (const { cron, backfill } of schedule) {
    const at = lastTick(cron, now);
    const name = `${cron} last ${backfill.last}`;
    if (at === undefined || at < addMs(now, -LATE_MS) || (await store.isClaimed(name, at))) continue;
    const { id } = await backfills.submit({ window: { from: addMs(at, -durationMs(backfill.last)), to: at } });
    if (await store.claimTick(name, at)) log.info({ backfill: id, cron, at }, 'backfill scheduled');
  }
}
