import type { Policy } from '../core/analysis/policy.ts';
import type { Json } from '../core/evidence.ts';
import type { Instant, Window } from '../core/time.ts';
import type { Gap } from '../core/timeline/coverage.ts';

/** One piece of work, done once in effect by whichever process comes to it: doing it again changes nothing. */
export interface Job {
  /** A key that stands in the queue is not sent again. */
  readonly key: string;
  readonly body: Json;
  /** The highest first; of equals the one sent first. */
  readonly priority: number;
}

/** A job in somebody's hands. */
export interface TakenJob extends Pick<Job, 'key' | 'body'> {
  /** From 1; a worker that died counts. */
  readonly attempt: number;
  /** Names this taking: who lost it can no longer settle the job. */
  readonly lease: string;
}

/** A job that will not be tried again, and why. */
export interface DeadJob extends Pick<Job, 'key' | 'body'> {
  readonly reason: string;
}

/** Jobs that outlive their workers: one that says nothing for a while loses its job to the next. */
export interface JobQueue {
  send(jobs: readonly Job[]): Promise<void>;
  take(): Promise<TakenJob | undefined>;
  /** Says that it is still worked on. False where it was lost meanwhile. */
  keep(job: TakenJob): Promise<boolean>;
  done(job: TakenJob): Promise<void>;
  /** Tried again later, or a dead letter after the last try. */
  fail(job: TakenJob, reason: string): Promise<void>;
  /** Untried, for the next one. */
  giveBack(job: TakenJob): Promise<void>;
  /** Takes jobs out that nobody has taken yet. */
  drop(keys: readonly string[]): Promise<void>;
  /**
   * Tells of a job that failed, or whose worker died, as often as it may, and takes it out of the queue once that is settled: where it
   * could not be, it is told again. False where there is none.
   */
  takeDead(settle: (dead: DeadJob) => Promise<void>): Promise<boolean>;
  /** How long a job stands without a word before it is another's: who works says so three times in it. */
  readonly leaseMs: number;
  close(): Promise<void>;
}

/** Past incidents to be drafted. What it is about is fixed when it is submitted, and so is the time that it looks from. */
export interface BackfillRequest {
  readonly window: Window;
  readonly service?: string;
  readonly join: Policy['join'];
}

/** Incidents that become one draft: the first names it. */
export interface BackfillCase {
  readonly keys: readonly [string, ...string[]];
  readonly began: Instant;
}

/** What came of one case. */
export interface BackfillOutcome {
  readonly draftId?: string;
  readonly partial?: boolean;
  /** What retention had taken, by `source/stream`. */
  readonly taken?: readonly string[];
  /** Why there is no draft. */
  readonly reason?: string;
}

/** One case of a backfill, and how far it is. */
export interface BackfillItem extends BackfillCase, BackfillOutcome {
  readonly position: number;
  readonly state: 'waiting' | 'drafted' | 'failed' | 'cancelled';
  /** How often its failures were sent again. */
  readonly round: number;
}

/** What was found when the incidents were listed. */
export interface BackfillListing {
  /** Cases with a draft that stands: nothing is written for them. */
  readonly already: readonly (BackfillCase & BackfillOutcome)[];
  /** Parts of the window whose incidents could not be listed. */
  readonly gaps: readonly Gap[];
  /** Calls that the waiting cases are about to take of each source, and how long its budget makes that last. */
  readonly estimate: readonly { readonly source: string; readonly calls: number; readonly minutes: number }[];
}

/** A backfill as it is stored. */
export interface Backfill {
  readonly id: number;
  readonly request: BackfillRequest;
  /** `asOf` of open incidents, and `takenAt` of all. */
  readonly takenAt: Instant;
  readonly state: 'listing' | 'listed' | 'cancelled' | 'failed';
  /** How often its listing, having failed, was sent again. */
  readonly round: number;
  readonly reason?: string;
  readonly listing?: BackfillListing;
  readonly items: readonly BackfillItem[];
}

/** Where backfills are kept; several processes work on one at a time. */
export interface BackfillStore {
  /** The backfill of the same request that is not finished, else a new one. */
  begin(request: BackfillRequest, takenAt: Instant): Promise<number>;
  find(id: number): Promise<Backfill | undefined>;
  /** Their numbers, the newest first. */
  newest(limit: number): Promise<readonly number[]>;
  /** Files what was found, once: a second listing of the same backfill changes nothing. */
  list(id: number, listing: BackfillListing, cases: readonly BackfillCase[]): Promise<void>;
  /** The listing of this round failed, or of any: one that was sent again since goes on. */
  failListing(id: number, round: number | undefined, reason: string): Promise<void>;
  settle(id: number, position: number, outcome: BackfillOutcome): Promise<void>;
  /** The item failed in this round, or in any, where it has no draft: one that was sent again since goes on. */
  failItem(id: number, position: number, round: number | undefined, reason: string): Promise<void>;
  /** Failed items wait again, in their next round. */
  retry(id: number): Promise<void>;
  cancel(id: number): Promise<void>;
  /** Whether anybody claimed this tick of a schedule. */
  isClaimed(schedule: string, at: Instant): Promise<boolean>;
  /** True for the first who claims this tick of a schedule, of however many processes. */
  claimTick(schedule: string, at: Instant): Promise<boolean>;
}
