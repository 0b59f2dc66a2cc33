import type { Case } from '../../../src/core/case.ts';

/** A change as a simple rule sees it, which knows only when and what. */
export interface Seen {
  /** The event that tells of its begin. */
  readonly event: string;
  readonly isRollout: boolean;
  readonly isGuilty: boolean;
  readonly beganMs: number;
  readonly endedMs: number;
}

/** What truly happened, in milliseconds since 1970. */
export interface Truth {
  /** The events that tell of the guilty change; empty where there was none, or a gap hides it. */
  readonly guilty: readonly string[];
  readonly cause: 'change' | 'hidden_change' | 'no_change';
  /** How the guilty change came to hurt; for reading what was missed. */
  readonly mechanism?: string;
  readonly changes: readonly Seen[];
  readonly alarmMs: number;
  /** How many changes were made in answer. */
  readonly answers: number;
  /** By the milestones' public names. */
  readonly milestones: Readonly<Record<string, number>>;
  /**
   * The revision of the last rollout that was whole when the impact began, and since when; while another went out, that one too: a part of
   * the fleet had it.
   */
  readonly running: readonly { readonly service: string; readonly revision: string; readonly sinceMs: number }[];
}

/** A world: what the connectors would have told of it, and what was so. */
export interface World {
  readonly seed: number;
  readonly theCase: Case;
  readonly truth: Truth;
}
