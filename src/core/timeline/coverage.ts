import type { EvidenceId } from '../evidence.ts';
import type { Window } from '../time.ts';
export type GapReason =
  | 'retention'
  | 'result_limit'
  | 'forbidden'
  | 'unavailable'
  | 'budget'
  | 'unreadable'
  | 'cancelled'
  | 'not_offered'
  | 'not_mapped'
  | 'unsupported';

/** A part of a window that we know we cannot see. */
export interface Gap {
  readonly window: Window;
  readonly reason: GapReason;
  readonly detail: string;
}

/** What one pull says of one stream: asked what, of when, and what it could not get. Pinned by a snapshot. */
export interface Pulled {
  readonly source: string;
  readonly stream: string;
  readonly need: 'needed' | 'extra';
  readonly window: Window;
  readonly status: 'complete' | 'partial' | 'failed' | 'not_asked';
  readonly gaps: readonly Gap[];
  /** Why a complete answer is empty, and what to set: "no deployments in 90 days, 37 runs of deploy.yml: set `deploys: workflow_runs`". */
  readonly hint?: string;
}

/** What we asked one stream, what came, and what the reader cannot see. */
export interface Coverage extends Pulled {
  readonly resolutionMs?: { readonly asked: number; readonly got: number };
  readonly records: number;
  /** Records by what they gave: a record is counted once, so the five sum to `records`. */
  readonly gave: {
    readonly events: number;
    readonly series: number;
    readonly facts: number;
    readonly issues: number;
    readonly nothing: number;
  };
  readonly issues: readonly { readonly evidence: EvidenceId; readonly pointer: string; readonly problem: string }[];
}
