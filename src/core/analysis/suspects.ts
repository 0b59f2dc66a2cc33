import type { Citations } from '../citation.ts';
export type ReasonCode =
  | 'finished_before_impact'
  | 'same_service'
  | 'dependency'
  | 'same_environment'
  | 'within_look_back'
  | 'reversed_then_recovered'
  | 'confirmed_by_person'
  | 'finished_after_impact'
  | 'other_service'
  | 'impact_outlived_reversal'
  | 'rejected_by_person';

/** Never a bare score: each point has a reason, and each reason cites. `change` is a Change's key. */
export interface Suspect {
  readonly change: string;
  readonly score: number;
  readonly reasons: readonly { readonly code: ReasonCode; readonly weight: number; readonly cites: Citations }[];
}

/** 'unknown' where a needed change stream has a gap in the look-back and nothing passed the threshold. */
export type SuspectVerdict = 'suspect' | 'none' | 'unknown';
