import type { EventOf } from '../events.ts';
import { nameOf, type Voice } from './material.ts';

/** An alarm that goes to OK need not have fired: it may be new, or had no data, or fired before all that was read. */
export function wordOver({ attributes, timeMeaning, time, correlationKeys }: EventOf<'alert.resolved'>, material: Voice): string {
  const alarm = nameOf(attributes['alert.rule']);
  if (timeMeaning === 'recorded') return `The alert of alarm ${alarm} was closed.`;
  const keys = correlationKeys.filter((key) => key.startsWith('alarm:'));
  const isKnown = keys.length === 0 || keys.some((key) => material.hadFired(key, time.at));
  return isKnown ? `Alarm ${alarm} was OK again.` : `Alarm ${alarm} went to OK; the record shows no firing of it before.`;
}
