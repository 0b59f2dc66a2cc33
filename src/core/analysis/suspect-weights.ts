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
  | 'reversed_then_cleared'
  | 'reversed_then_relapsed'
  | 'reversed_in_answer'
  | 'fixed_then_recovered'
  | 'stopped_then_recovered'
  | 'confirmed_by_person'
  | 'finished_after_impact'
  | 'steps_without_rise'
  | 'failed_before_impact'
  | 'reversed_before_impact'
  | 'no_new_revision'
  | 'quiet_after_rollout'
  | 'other_service'
  | 'other_environment'
  | 'paths_beside_alarm'
  | 'paths_without_effect'
  | 'automatic_scaling'
  | 'impact_outlived_reversal'
  | 'alarm_outlived_reversal'
  | 'recovered_while_out'
  | 'rejected_by_person'
  | 'rivaled';

/**
 * What each reason adds to the log-odds of a change. The score is the logistic of their sum and of `PRIOR`, the odds of a change of
 * which nothing is known. It is made to be read as a probability: of the changes of generated worlds that get 0.7, seven in ten are guilty.
 *
 * First set by hand from what is known of incidents, then fitted by a conditional logit (one of the changes, or none of them, set it off) on
 * generated worlds that holds each weight to the one set by hand (`test/accuracy/fit-suspects.ts`, seeds that no measurement draws), then
 * rounded. What differs from the fit on purpose: that the impact outlived a reversal weighs more (no less than that nobody touched it), since the worlds have more reversals in vain
 * than post-mortems tell of, and that an alarm did weighs less, since caches and what was written outlive a reversal; a reversal of which
 * nothing tells what it did, one after which the impact stopped and came back, one that came before it, and a redeployment of what was out keep theirs, since no world has one; the environment and the quiet hours, of which the fit leaves next to
 * nothing, keep a little; and what a person says outweighs everything else. `rivaled` is no weight of its own: it is the most that the other
 * changes can take away, see `suspects.ts`.
 */
export const WEIGHTS = {
  finished_before_impact: 0.2,
  under_way_at_impact: 0.8,
  within_look_back: 4.2,
  same_service: 1.7,
  dependency: 1.3,
  same_environment: 0.1,
  paths_match_alarm: 1.3,
  large_change: 0.3,
  rollout_step_matched: 2.2,
  reversed_then_recovered: 2.8,
  reversed_then_cleared: 2.5,
  reversed_then_relapsed: 1,
  reversed_in_answer: 2,
  fixed_then_recovered: 2.5,
  stopped_then_recovered: 2.7,
  confirmed_by_person: 8,
  finished_after_impact: -8,
  failed_before_impact: -2.2,
  reversed_before_impact: -2.5,
  no_new_revision: -1.2,
  steps_without_rise: -1.2,
  quiet_after_rollout: -0.1,
  other_service: -2.6,
  other_environment: -2.9,
  paths_beside_alarm: -1.2,
  paths_without_effect: -2.7,
  automatic_scaling: -1.6,
  impact_outlived_reversal: -1.6,
  alarm_outlived_reversal: -0.6,
  recovered_while_out: -1.5,
  rejected_by_person: -8,
  rivaled: -8,
} as const satisfies Readonly<Record<ReasonCode, number>>;

/** About three in a hundred. */
export const PRIOR = -3.4;
