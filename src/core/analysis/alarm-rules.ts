import type { Case } from '../case.ts';
import type { Fact } from '../facts.ts';
import { epochMs, type Instant, type Window } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { type Firing, firedAt } from './joined.ts';
import type { AlarmFact } from './onset.ts';

/**
 * The rule of an alarm that was in force at a time: of those that are dated the last edit before it; else one of unknown age,
 * such as a deleted alarm's last; else the one that came next after it, which is the nearest that is known.
 */
export function ruleAt(facts: readonly Fact[], alarm: string, at: Instant): AlarmFact | undefined {
  const rules = rulesOf(facts, alarm);
  return rules.findLast(({ heldFrom }) => heldFrom !== undefined && heldFrom <= at) ?? rules[0];
}

/**
 * The rule by which an alarm fired: the one in force then, with the threshold that the firing itself tells, where it does. That
 * wins, since it is what was compared, whatever is known of edits.
 */
export function ruleOf(firing: Firing, theCase: Case): AlarmFact | undefined {
  const rule = ruleAt(theCase.facts, firing.alarm, firedAt(firing, theCase).at);
  const threshold = thresholdThen(firing);
  const isCompared = rule?.comparison === 'above' || rule?.comparison === 'below';
  return rule && isCompared && threshold !== undefined ? { ...rule, threshold } : rule;
}

/** What the alarm compared with when it fired, as the earliest of its firings that says so tells. */
export function thresholdThen({ events }: Firing): number | undefined {
  return events
    .map((event) => (event.type === 'alert.fired' ? event.attributes['alert.threshold'] : undefined))
    .find((one) => one !== undefined);
}

/** The rules of an alarm that were in force at some time of a window, oldest first; where none is known to have been, the nearest. */
export function rulesDuring(facts: readonly Fact[], alarm: string, { from, to }: Window): readonly AlarmFact[] {
  const inForce = rulesOf(facts, alarm).filter(({ heldFrom }) => heldFrom !== undefined && heldFrom < to);
  const first = inForce.findLastIndex(({ heldFrom }) => heldFrom !== undefined && heldFrom <= from);
  const during = inForce.slice(Math.max(0, first));
  const nearest = ruleAt(facts, alarm, from);
  return during.length > 0 || !nearest ? during : [nearest];
}

/** The rule that stands today, as far as the record goes. */
export function newestRule(facts: readonly Fact[], alarm: string): AlarmFact | undefined {
  return rulesOf(facts, alarm).at(-1);
}

/** Whether nothing known of the alarm is certain to have held at the time: its record today is from a later edit. */
export function isEditedSince(facts: readonly Fact[], alarm: string, at: Instant): boolean {
  const rules = rulesOf(facts, alarm);
  return rules.length > 0 && rules.every(({ heldFrom }) => heldFrom !== undefined && heldFrom > at);
}

/** Undated first, then by their start. Two records of one edit differ in the second part of their stamp only: the finer comes last. */
function rulesOf(facts: readonly Fact[], alarm: string): readonly AlarmFact[] {
  const own = facts.filter((fact): fact is AlarmFact => fact.kind === 'alarm' && fact.key === alarm);
  const since = ({ heldFrom }: AlarmFact) => (heldFrom === undefined ? Number.NEGATIVE_INFINITY : epochMs(heldFrom));
  return own.toSorted((a, b) => since(a) - since(b) || compare(a.evidence, b.evidence));
}
