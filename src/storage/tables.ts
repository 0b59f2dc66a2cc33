import type { Generated, Kysely } from 'kysely';

/** The table that says how far a store's schema has come; a database with other tables and without this one is not ours. */
export const MIGRATION_TABLE = 'hindcast_migration';

/**
 * The tables. Instants are text of 24 characters and compare as such; `Json` is canonical text (RFC 8785). Rows of evidence, pulls,
 * snapshots and edits are only ever added, but for one thing: a purge may empty `evidence.body`, and the row stays as its tombstone.
 */
export interface Tables {
  readonly [MIGRATION_TABLE]: { readonly version: number; readonly name: string };
  /** `started_at` is the moment that the run stands at, `begun_at` the one in which it reads: null in what older versions wrote. */
  readonly run: { readonly id: Generated<number>; readonly started_at: string; readonly begun_at: string | null };
  /** `no` stands for the 71 characters of `id` wherever records are linked. */
  readonly evidence: {
    readonly no: Generated<number>;
    readonly id: string;
    readonly source: string;
    readonly stream: string;
    readonly native_id: string;
    /** SQL null is a tombstone; a JSON null is the text `null`. */
    readonly body: string | null;
    readonly observed_time: string;
  };
  /** One row for each run that read the record; `no` counts in the order of arrival. */
  readonly run_evidence: {
    readonly no: Generated<number>;
    readonly evidence_no: number;
    readonly run_id: number;
    readonly sequence: number | null;
  };
  readonly pull: {
    readonly id: Generated<number>;
    readonly run_id: number;
    /** Digest of what was asked, its keys sorted: two askings of one question are found under it. */
    readonly question: string;
    readonly ask: string;
    readonly pulled: string;
    /** 1 once all of `pull_evidence` is there. A pull whose process died before is never read. */
    readonly finished: number;
  };
  readonly pull_evidence: { readonly pull_id: number; readonly position: number; readonly evidence_no: number };
  /** What people and files told: one row for each time that an object got a new version. The last row of an object is its newest. */
  readonly told: {
    readonly no: Generated<number>;
    readonly evidence_no: number;
    readonly connector: string;
    readonly source: string;
    readonly stream: string;
    readonly native_id: string;
    /** The incident that it is of; else it is found by its time, from `from_at` up to and not including `to_at`. */
    readonly incident: string | null;
    readonly from_at: string | null;
    readonly to_at: string | null;
  };
  /** How far an unfinished question was read: not truth, it only saves calls. Gone once the question is answered in full. */
  readonly reading: {
    readonly id: Generated<number>;
    readonly run_id: number;
    /** Digests of the question as it was put, and of the one that it is a part of. */
    readonly question: string;
    readonly whole: string;
    readonly at: string;
    readonly progressed: string;
  };
  readonly reading_evidence: { readonly reading_id: number; readonly position: number; readonly evidence_no: number };
  readonly snapshot: {
    readonly no: Generated<number>;
    readonly draft_id: string;
    /** Key of the first incident, which is the one that was asked for. */
    readonly incident: string;
    readonly window_from: string;
    readonly window_to: string;
    readonly body: string;
  };
  /** One row for each time that a draft was made: the last one of an incident is what it shows. */
  readonly drafting: { readonly no: Generated<number>; readonly incident: string; readonly snapshot_no: number };
  readonly edit: { readonly incident: string; readonly sequence: number; readonly body: string };
  /** What is known of the calls of an account, shared by all processes: of use for a minute or until the vendor's reset. */
  readonly budget: { readonly source: string; readonly account: string };
  /** Events that a vendor delivered, for as long as it may repeat them. */
  readonly delivery: { readonly event: string; readonly at: string };
  /** Drafts that an event made due; gone once they are made. */
  readonly due_draft: {
    readonly no: Generated<number>;
    readonly incident: string;
    readonly due_at: string;
    readonly taken_until: string | null;
    readonly attempts: number;
    readonly reason: string | null;
  };
  /** What stays known of a purged record, a row for each time: one that is read again later has its body back. */
  readonly tombstone: {
    readonly no: Generated<number>;
    readonly evidence_no: number;
    readonly kind: string;
    readonly told_at: string;
    readonly purged_at: string;
    readonly why: string;
  };
  /** Drafts whose evidence was purged, as they stood; the body is with one row of each reading. */
  readonly kept_draft: { readonly draft_id: string; readonly reading: string; readonly body: string | null };
  /** Notes that go back to the incident of a draft, one a draft: due, written, or given up. */
  readonly draft_note: {
    readonly no: Generated<number>;
    readonly draft: string;
    readonly incident: string;
    readonly state: 'due' | 'written' | 'failed';
    readonly due_at: string;
    readonly taken_until: string | null;
    readonly attempts: number;
    readonly reason: string | null;
  };
  /** A cache: what the records of one block of numbers say, as the code that `reader` names read them. */
  readonly interpretation: {
    readonly block: number;
    readonly reader: string;
    readonly first: number;
    readonly last: number;
    readonly body: string;
  };
  /** A cache: every row can be made again from its snapshot, or from the draft that was kept. */
  readonly rendered: { readonly draft_id: string; readonly body: string };
  /** Past incidents to be drafted, as they were asked for; `listing` is what was found of them. */
  readonly backfill: {
    readonly id: Generated<number>;
    readonly request: string;
    readonly taken_at: string;
    readonly state: 'listing' | 'listed' | 'cancelled' | 'failed';
    readonly reason: string | null;
    readonly listing: string | null;
    readonly round: Generated<number>;
  };
  /** The drafts that a backfill is about to make, the newest incident first, and what came of each. */
  readonly backfill_item: {
    readonly backfill_id: number;
    readonly position: number;
    readonly keys: string;
    readonly began: string;
    readonly state: 'waiting' | 'drafted' | 'failed' | 'cancelled';
    readonly round: number;
    readonly outcome: string;
  };
  /** The jobs of one file; PostgreSQL has its own queue. A row is gone once its job is done. Times are milliseconds since 1970. */
  readonly job: {
    readonly no: Generated<number>;
    readonly key: string;
    readonly body: string;
    readonly priority: number;
    readonly attempts: number;
    readonly ready_at: number;
    readonly leased_until: number;
    readonly lease: string | null;
    readonly dead: number;
    readonly reason: string | null;
  };
  /** One row for each time that a schedule came round, written by the process that took it. */
  readonly tick: { readonly schedule: string; readonly at: string };
}

export type Database = Kysely<Tables>;
