import type { Change } from '../analysis/changes.ts';
import { outAgain, takenBackBy } from '../analysis/reversals.ts';
import { stopOf } from '../analysis/stopped.ts';
import type { ReasonCode } from '../analysis/suspect-weights.ts';
import type { Suspect } from '../analysis/suspects.ts';
import { between, likelyTime, type Moment } from '../time.ts';
import { citeMilestone, joinCites, say } from './cite.ts';
import { type Known, known } from './known.ts';
import type { Material } from './material.ts';
import type { Cited } from './model.ts';
import { type PartedEffect, partedEffect } from './parted-effects.ts';
import { citeChange } from './patches.ts';
import { changeName } from './sentences.ts';
import { latestOf, type Stamp, whenOf } from './words.ts';

/** The reversal that a milestone speaks of, by the event that it cites. */
function reversalAt({ cites }: Known, { analysis }: Material): Change | undefined {
  const [own] = cites;
  return analysis.changes.find(
    (change) => takenBackBy(change, analysis.changes).length > 0 && change.cites.some((cite) => 'event' in cite && cite.event === own),
  );
}

/** How the suspect was rolled back, and what came of it: never that it helped where it came after, or where the impact went on. */
export function wordReversal(material: Material, stamp: Stamp): readonly Cited[] {
  const started = known(material, 'reversal_started');
  const reversed = known(material, 'reversed');
  const change = reversed ? reversalAt(reversed, material) : started && reversalAt(started, material);
  if (!change || !started) return wordStop(material, stamp);
  const what = subjectOf(change, material);
  if (!reversed) {
    const tail = change.outcome === 'failed' ? 'failed' : 'began';
    const none = change.outcome === 'running' || change.outcome === 'not_reported' ? '; the record holds no end of it' : '';
    const time = change.outcome === 'failed' && change.ended ? change.ended : started.time;
    const rollback = what === 'It' ? 'Its rollback' : `The rollback of ${what}`;
    return [say(`${rollback} ${tail} ${whenOf(time, stamp)}${none}.`, citeMilestone(started))];
  }
  const back = `${what === 'It' ? what : `${what.charAt(0).toUpperCase()}${what.slice(1)}`} was ${backOf(change)} ${whenOf(reversed.time, stamp)}`;
  const recovered = known(material, 'recovered');
  const returned = wordReturn(change, material, stamp);
  if (returned.length > 0) return [say(`${back}.`, citeMilestone(reversed)), ...returned];
  if (!recovered) {
    const parted = partedBy(change, material);
    const tail = parted
      ? `: ${parted.fell} fell, and ${parted.stayed} went on`
      : isOutlived(change, material)
        ? ', and the impact went on'
        : '';
    return [say(`${back}${tail}.`, citeMilestone(reversed))];
  }
  const cites = joinCites(citeMilestone(reversed), citeMilestone(recovered));
  return [say(`${back}${effectOf(change, reversed.time, recovered, material, stamp)}.`, cites)];
}

/** That nothing took the suspect back, but its rollout was stopped or failed, or a fix went out: what the record says came before the end. */
function wordStop(material: Material, stamp: Stamp): readonly Cited[] {
  const { analysis, changes, theCase } = material;
  const [suspect] = analysis.suspects;
  const change = suspect && changes.get(suspect.change);
  if (!change || analysis.suspectVerdict !== 'suspect') return [];
  const recovered = known(material, 'recovered');
  const stop = stopOf(change, theCase.events);
  if (change.ended && stop) {
    // One of which the record says only that it failed may have been stopped by nobody.
    const text = `Its rollout ${stop.how === 'said' ? 'was stopped' : 'failed'} ${whenOf(change.ended, stamp)}`;
    if (!recovered) return [say(`${text}.`, citeChange(change, material))];
    const isVain = suspect.reasons.some(({ code }) => code === 'impact_outlived_reversal');
    const tail = effectAt(change.ended, partedEffect(suspect, material) ?? isVain, recovered, material, stamp);
    return [say(`${text}${tail}.`, joinCites(citeChange(change, material), citeMilestone(recovered)))];
  }
  const later = laterOf(suspect, change, material);
  if (!later?.ended || !recovered) return [];
  const cites = joinCites(citeChange(later, material), citeMilestone(recovered));
  return [say(`The impact ended ${placeIn(changeName(later, material), later.ended, recovered, stamp)}.`, cites)];
}

/** Where an end lies against the end of a rollout, as far as the bounds of both tell. */
function placeIn(name: string, ended: Moment, recovered: Known, stamp: Stamp): string {
  const { minMs, maxMs } = between(ended, likelyTime(recovered));
  if (minMs >= 0) return `after the ${name}, which finished ${whenOf(ended, stamp)}`;
  return maxMs <= 0
    ? `during the ${name}, before it finished ${whenOf(ended, stamp)}`
    : `about when the ${name} finished, ${whenOf(ended, stamp)}`;
}

/** What mended the same files before the end; else what went out in place of the suspect by then. That it ended the impact is not said. */
function laterOf({ reasons }: Suspect, { key, place, environment }: Change, { analysis }: Material): Change | undefined {
  const reason = reasons.find(({ code }) => code === 'fixed_then_recovered' || code === 'recovered_while_out');
  const cited = new Set(reason?.cites.flatMap((cite) => ('event' in cite ? [cite.event] : [])));
  const isCited = ({ cites: [own] }: Change) => 'event' in own && cited.has(own.event);
  const isInPlace = (one: Change) => one.key !== key && place !== undefined && one.place === place && one.environment === environment;
  return analysis.changes.findLast((one) => isInPlace(one) && isCited(one));
}

/** Which came first is asked of the likelier bounds; what is printed are those that every other place prints. */
function effectOf(change: Change, reversed: Moment, recovered: Known, material: Material, stamp: Stamp): string {
  const how =
    partedBy(change, material) ?? (isSaid(change, 'reversed_then_relapsed', material) ? 'relapsed' : isOutlived(change, material));
  return effectAt(reversed, how, recovered, material, stamp);
}

/** In vain or not; or that one metric ended with it and another did not; or that the impact stopped and came back. */
type How = boolean | 'relapsed' | PartedEffect;

function effectAt(reversed: Moment, how: How, recovered: Known, material: Material, stamp: Stamp): string {
  const service = material.theCase.subject.length > 1 ? 'the services were' : 'the service was';
  if (between(reversed, likelyTime(recovered)).maxMs <= 0) return `, when ${service} normal already`;
  if (typeof how === 'object') return `: ${how.fell} fell, and ${service} normal ${latestOf(recovered.time, stamp)}`;
  if (how === 'relapsed') return `, the impact stopped and came back, and ${service} normal only ${latestOf(recovered.time, stamp)}`;
  if (how) return `, and the impact went on: ${service} normal only ${latestOf(recovered.time, stamp)}`;
  return `, and ${service} normal ${latestOf(recovered.time, stamp)}`;
}

/** That what was taken back went out again while the impact went on, and when it was taken back for the second time. */
function wordReturn(reversal: Change, material: Material, stamp: Stamp): readonly Cited[] {
  const { analysis, changes } = material;
  const recovered = known(material, 'recovered');
  const taken = changes.get(takenOf(reversal, analysis) ?? '');
  const again = taken && outAgain(taken, reversal, analysis.changes);
  if (!again?.ended || again.outcome !== 'succeeded' || (recovered && again.began.at > recovered.time.at)) return [];
  const last = analysis.changes.find((one) => one.outcome === 'succeeded' && takenBackBy(one, analysis.changes).includes(again.key));
  const out = `It went out again ${whenOf(again.ended, stamp)}`;
  if (!last?.ended) return [say(`${out}.`, citeChange(again, material))];
  const effect = recovered ? effectOf(last, last.ended, recovered, material, stamp) : '';
  const cites = joinCites(citeChange(again, material), citeChange(last, material), recovered ? citeMilestone(recovered) : []);
  return [say(`${out} and was ${backOf(last)} again ${whenOf(last.ended, stamp)}${effect}.`, cites)];
}

/** Of all that a reversal took back the suspect, else what it names. */
function takenOf(reversal: Change, { suspects, changes }: Material['analysis']): string | undefined {
  const taken = takenBackBy(reversal, changes);
  return suspects.map(({ change }) => change).find((key) => taken.includes(key)) ?? taken[0];
}

/** A flag and a setting are switched back, a rollback is taken back, everything else is rolled back. */
function backOf({ kind, reverses }: Change): string {
  if (kind === 'flag' || kind === 'config') return 'switched back';
  return reverses === undefined ? 'taken back' : 'rolled back';
}

/** `It` where the sentence before named the suspect; else the change that was rolled back. */
function subjectOf(change: Change, material: Material): string {
  const { analysis, changes } = material;
  const [suspect] = analysis.suspects;
  const taken = takenBackBy(change, analysis.changes);
  if (analysis.suspectVerdict === 'suspect' && suspect && taken.includes(suspect.change)) return 'It';
  const named = changes.get(change.reverses ?? taken[0] ?? '');
  return named ? `the ${changeName(named, material)}` : 'a change';
}

function isOutlived(reversal: Change, material: Material): boolean {
  return isSaid(reversal, 'impact_outlived_reversal', material);
}

function isSaid(reversal: Change, what: ReasonCode, material: Material): boolean {
  return judgedBy(reversal, material).some(({ reasons }) => reasons.some(({ code }) => code === what));
}

/** Of what was taken back, which metrics ended with that, and which did not. */
function partedBy(reversal: Change, material: Material): PartedEffect | undefined {
  return judgedBy(reversal, material).flatMap((suspect) => partedEffect(suspect, material) ?? [])[0];
}

function judgedBy(reversal: Change, { analysis }: Material): Material['analysis']['suspects'] {
  const taken = takenBackBy(reversal, analysis.changes);
  return analysis.suspects.filter(({ change }) => taken.includes(change));
}
