/** Why a change is likelier than another, or less likely. */
export type ReasonCode =
  | 'finished_before_impact'
  | 'under_way_at_impact'
  | 'within_look_back'
  | 'same_service'
  | 'dependency'
  | 'same_environment'
  | 'paths_match_alarm'
  | 'large_change'
  | 'rollout_step_matched'
  | 'reversed_then_recovered'
  | 'reversed_in_answer'
  | 'fixed_then_recovered'
  | 'stopped_then_recovered'
  | 'confirmed_by_person'
  | 'finished_after_impact'
  | 'steps_without_rise'
  | 'failed_before_impact'
  | 'quiet_after_rollout'
  | 'other_service'
  | 'other_environment'
  | 'paths_beside_alarm'
  | 'paths_without_effect'
  | 'automatic_scaling'
  | 'impact_outlived_reversal'
  | 'recovered_while_out'
  | 'rejected_by_person';

/**
 * What each reason adds to the log-odds of a change. The score is the logistic of their sum and of `PRIOR`, the odds of a change of
 * which nothing is known.
 *
 * First set by hand from what is known of incidents, then fitted by a logistic regression on generated worlds that holds each weight to the
 * one set by hand (`test/accuracy/fit-suspects.ts`, seeds that no measurement draws), then rounded. What differs from the fit on purpose: that the
 * impact outlived a reversal weighs more, since the worlds have more reversals in vain than post-mortems tell of; the environment and the
 * quiet hours, of which the fit leaves next to nothing, keep a little; and what a person says outweighs everything else.
 */
export const WEIGHTS = {
  finished_before_impact: 0.1,
  under_way_at_impact: 0.8,
  within_look_back: 4.2,
  same_service: 1.3,
  dependency: 0.9,
  same_environment: 0.2,
  paths_match_alarm: 1.5,
  large_change: 0.2,
  rollout_step_matched: 2.2,
  reversed_then_recovered: 2.8,
  reversed_in_answer: 2,
  fixed_then_recovered: 2.4,
  stopped_then_recovered: 2.5,
  confirmed_by_person: 8,
  finished_after_impact: -8,
  failed_before_impact: -2,
  steps_without_rise: -1.2,
  quiet_after_rollout: -0.2,
  other_service: -2.6,
  other_environment: -2.5,
  paths_beside_alarm: -1.1,
  paths_without_effect: -2.5,
  automatic_scaling: -1.5,
  impact_outlived_reversal: -1.4,
  recovered_while_out: -1.1,
  rejected_by_person: -8,
} as const satisfies Readonly<Record<ReasonCode, number>>;

/** A little over one in a hundred. */
export const PRIOR = -4.5;
