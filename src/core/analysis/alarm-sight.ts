import type { Case } from '../case.ts';
import type { EventOf } from '../events.ts';
import { instantAt, type Moment } from '../time.ts';
import { ruleOf } from './alarm-rules.ts';
import type { Firing } from './joined.ts';
import type { AlarmFact } from './onset.ts';

/** What an alarm had before it when it fired: the values, as it saw them then, and the rule that it held them against. */
export interface AlarmSight {
  readonly event: EventOf<'alert.fired'>;
  readonly rule?: AlarmFact;
  /** `[start in ms, value]`, oldest first. */
  readonly points: readonly (readonly [number, number])[];
  readonly periodMs: number;
}

/** One for each firing whose record still holds the values. */
export function sightsOf(firing: Firing, theCase: Case): readonly AlarmSight[] {
  return firing.events.flatMap((event) => {
    const points = event.type === 'alert.fired' ? event.attributes['alert.datapoints'] : undefined;
    if (event.type !== 'alert.fired' || !points || points.length === 0) return [];
    const rule = ruleOf(firing, theCase);
    const periodMs = event.attributes['alert.period_ms'] ?? rule?.periodMs ?? 0;
    return [{ event, ...(rule && { rule }), points, periodMs }];
  });
}

/**
 * The first of those values that lay beyond the threshold. The breach began inside its period, or in a hole before it; where the
 * alarm shows no calm value before, perhaps as far back as one more of its windows, in which it had looked and not fired. Nothing
 * for a rule that compares with no number.
 */
export function breachSeen({ rule, points, periodMs, event }: AlarmSight): Moment | undefined {
  const threshold = event.attributes['alert.threshold'] ?? rule?.threshold;
  if (!rule || threshold === undefined || periodMs <= 0 || (rule.comparison !== 'above' && rule.comparison !== 'below')) return undefined;
  const side = rule.comparison === 'above' ? 1 : -1;
  const beyond = points.findIndex(([, value]) => side * (value - threshold) > 0);
  // The rule's "or equal" is not kept: a value at the threshold counts where none lies beyond it, since the alarm did fire.
  const first = beyond >= 0 ? beyond : points.findIndex(([, value]) => value === threshold);
  const breach = points[first];
  if (!breach) return undefined;
  const calm = points[first - 1];
  const minusMs = calm ? breach[0] - calm[0] - periodMs : rule.outOf * periodMs;
  return { at: instantAt(breach[0]), minusMs: Math.max(0, minusMs), plusMs: periodMs };
}
