import type { Change } from '../analysis/changes.ts';
import { takenBackBy } from '../analysis/reversals.ts';
import { stopOf } from '../analysis/stopped.ts';
import { isFirm, type ReasonCode, type Suspect } from '../analysis/suspects.ts';
import { otherOwner } from '../ownership.ts';
import { between, type Moment } from '../time.ts';
import { citeKey } from './cite.ts';
import { formatLength } from './durations.ts';
import { known } from './known.ts';
import { type Material, nameOf } from './material.ts';
import { partedEffect } from './parted-effects.ts';
import { latestOf } from './words.ts';

/** What speaks for a change, or against it. The words say what was seen, never that it was the cause. */
const REASONS = {
  finished_before_impact: 'it finished before the impact started',
  under_way_at_impact: 'it was being rolled out when the impact started',
  same_service: 'it changed the same service',
  dependency: 'it changed a service that this one depends on',
  same_environment: 'it went to the same environment',
  paths_match_alarm: 'what it touched carries a name that the alarm watches',
  large_change: 'it touched many files',
  rollout_step_matched: 'the impact grew with the steps of its rollout',
  within_look_back: 'it lies within the look-back before the impact',
  reversed_then_recovered: 'rolling it back was followed by recovery',
  reversed_then_cleared: 'the alarms went back to normal soon after it was rolled back',
  reversed_then_relapsed: 'the impact stopped when it was rolled back, and came back before it was over',
  reversed_in_answer: 'it was rolled back in response, and no metric shows what that did',
  fixed_then_recovered: 'a later change of the same files was followed by recovery',
  stopped_then_recovered: 'its rollout was stopped, and recovery followed',
  confirmed_by_person: 'a person confirmed it',
  finished_after_impact: 'it began after the impact had started',
  failed_before_impact: 'its rollout had failed before the impact started',
  reversed_before_impact: 'it had been rolled back before the impact started',
  no_new_revision: 'it brought no new revision: the same one was out already',
  steps_without_rise: 'the impact did not grow with the steps of its rollout',
  quiet_after_rollout: 'the metric stayed normal for hours after it',
  other_service: 'it changed another service',
  other_environment: 'it went to an environment before production',
  paths_beside_alarm: 'it touched nothing that carries a name the alarm watches, and another change did',
  paths_without_effect: 'it touched only documentation, tests or the build',
  automatic_scaling: 'it is automatic scaling, which often answers load',
  recovered_while_out: 'the impact ended while it stayed in place',
  impact_outlived_reversal: 'the impact went on after it was rolled back',
  alarm_outlived_reversal: 'an alarm stayed on for long after it was rolled back',
  rejected_by_person: 'a person rejected it',
  rivaled: 'more speaks for another change',
} as const satisfies Record<ReasonCode, string>;

type Reason = Suspect['reasons'][number];

/** Under this the bounds of the two times are as wide as what lies between them. */
const CLOSE_MS = 60_000;

/** What a reason says of a change, in words that begin small; nothing where another reason of the suspect says it already. */
export function wordReason(reason: Reason, suspect: Suspect, change: Change, material: Material): string | undefined {
  const { code } = reason;
  const { reasons } = suspect;
  const has = (other: ReasonCode) => reasons.some((one) => one.code === other);
  if (code === 'within_look_back') return has('under_way_at_impact') ? undefined : nearness(reason, change, material);
  // How long before says that it was before.
  if (code === 'finished_before_impact' && has('within_look_back')) return undefined;
  const words =
    partedWords(reason, suspect, change, material) ??
    reversalWords(reason, change, material) ??
    partWords(reason, change, material) ??
    REASONS[code];
  return ofSetting(
    change,
    change.reverses === undefined ? words : words.replace(/^rolling/, 'taking').replace('rolled back', 'taken back'),
  );
}

/** Where one metric ended with the answer and another did not, each is named. */
function partedWords({ code }: Reason, suspect: Suspect, change: Change, material: Material): string | undefined {
  const parted = partedEffect(suspect, material);
  if (!parted) return undefined;
  const isStopped = suspect.reasons.some((one) => one.code === 'stopped_then_recovered');
  const stopped = stopOf(change, material.theCase.events)?.how === 'said' ? 'its rollout was stopped' : 'its rollout failed';
  const answer = isStopped ? stopped : 'it was rolled back';
  if (code === 'reversed_then_recovered' || code === 'stopped_then_recovered') return `${parted.fell} fell soon after ${answer}`;
  if (code !== 'impact_outlived_reversal') return undefined;
  const end = parted.until ? `, and was normal only ${latestOf(parted.until, material.day)}` : '';
  return `${parted.stayed} went on after ${answer}${end}`;
}

/** A recovery that came before the reversal had ended, or long after, or in periods too long to tell, says only what may be. */
function reversalWords(reason: Reason, change: Change, material: Material): string | undefined {
  const isFailed = change.outcome === 'failed' && stopOf(change, material.theCase.events)?.how !== 'said';
  if (reason.code === 'reversed_then_recovered' && !isFirm(reason)) {
    return 'it was rolled back, and recovery came at about that time; the record does not tell whether one led to the other';
  }
  if (reason.code === 'reversed_then_recovered' && !known(material, 'recovered')) return 'the impact fell after it was rolled back';
  if (reason.code === 'stopped_then_recovered' && isFailed) return 'its rollout failed, and recovery followed';
  if (change.outcome === 'failed' && reason.code === 'impact_outlived_reversal') {
    return `the impact went on after its rollout ${isFailed ? 'failed' : 'was stopped'}`;
  }
  return undefined;
}

/** What holds in part, or is seen from elsewhere than usual, is said as such. */
function partWords(reason: Reason, { key, belongs }: Change, material: Material): string | undefined {
  const { code } = reason;
  if (code === 'rollout_step_matched' && !isFirm(reason)) return 'the impact began with a step of its rollout';
  if (code === 'recovered_while_out' && !isFirm(reason)) {
    const over = known(material, 'recovered') ? 'the impact ended' : 'the alarms went back to normal';
    const { changes } = material.analysis;
    const isBack = changes.some((change) => takenBackBy(change, changes).includes(key));
    return `nothing ${isBack ? 'had taken it back yet' : 'took it back'}, and ${over} after a later change of the same service`;
  }
  if (code === 'recovered_while_out' && !known(material, 'recovered')) return 'the alarms went back to normal while it stayed in place';
  const owner = otherOwner(belongs);
  const far = isFirm(reason) ? '' : ' indirectly';
  if (code === 'dependency' && owner !== undefined) return `it changed ${nameOf(owner)}, which this service depends on${far}`;
  if (code === 'other_service' && owner !== undefined) return `it changed another service, ${nameOf(owner)}`;
  const isFirst = material.analysis.suspects[0]?.change === key;
  return code === 'rivaled' && isFirst ? 'something speaks for another change, too' : undefined;
}

/** The start that the reason itself rests on: that of the case, or of several services the change's own. */
function startFor({ cites }: Reason, change: Change, material: Material): Moment | undefined {
  const start = known(material, 'impact_started') ?? known(material, 'detected');
  if (start && cites.some((cite) => 'event' in cite && cite.event === start.cites[0])) return start.time;
  const own = new Set(change.cites.map(citeKey));
  const [first] = cites
    .filter((cite) => !own.has(citeKey(cite)))
    .flatMap((cite) => ('event' in cite ? (material.events.get(cite.event) ?? []) : []));
  return first?.time ?? start?.time;
}

function nearness(reason: Reason, change: Change, material: Material): string {
  const start = startFor(reason, change, material);
  const isOfCase = start?.at === (known(material, 'impact_started') ?? known(material, 'detected'))?.time.at;
  // Of several services each has its own start, and the length must not be read against that of the case.
  const impact = isOfCase ? 'the impact' : `the impact on ${nameOf(change.belongs.service)}`;
  const what = known(material, 'impact_started') ? `${impact} started` : 'it was detected';
  const { began, ended, outcome } = change;
  const last = ended && start && ended.at <= start.at ? ended : began;
  const verb = ended?.at === began.at ? 'came' : last === began ? 'began' : outcome === 'failed' ? 'ended' : 'finished';
  const ms = start ? between(last, start).ms : 0;
  return ms < CLOSE_MS ? `it ${verb} about when ${what}` : `it ${verb} ${formatLength(ms)} before ${what}`;
}

/** A flag and a setting are switched back. */
function ofSetting({ kind }: Change, words: string): string {
  if (kind !== 'flag' && kind !== 'config') return words;
  return words.replace(/^rolling/, 'switching').replace('rolled back', 'switched back');
}
