import type { Case } from '../case.ts';
import type { Citation } from '../citation.ts';
import type { Moment } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { ruleOf } from './alarm-rules.ts';
import { eventsOf, type Firing, isRelay } from './joined.ts';

/** When the last alarm of a case went back to normal, by the word of what watches and not of the pager. */
export interface Cleared {
  readonly time: Moment;
  /** How long after the end of the impact an alarm may say so: what it looks back on, and the time that values take to arrive. */
  readonly lagMs: number;
  readonly cites: readonly Citation[];
}

/** Values take a minute or two to arrive, and an alarm some seconds to act. */
const ARRIVAL_MS = 120_000;
/** Of an alarm whose rule is not known, the period that CloudWatch's console proposes. */
const USUAL_PERIOD_MS = 300_000;

/**
 * The end of the last alarm to clear, each after its last firing. Nothing where one has no end in the record: it may have been edited,
 * deleted, or be in alarm still.
 */
export function clearedOf(firings: readonly Firing[], theCase: Case): Cleared | undefined {
  const ends = eventsOf(theCase.events, 'alert.resolved').filter((event) => !isRelay(event));
  const own = firings.map((firing) => {
    const last = firing.events.findLast(({ type }) => type === 'alert.fired');
    const end = ends.find(({ time, correlationKeys }) => correlationKeys.includes(firing.alarm) && (!last || time.at >= last.time.at));
    return end && { end, lagMs: lagOf(firing, theCase) };
  });
  const known = own.flatMap((one) => one ?? []);
  const [last] = known.toSorted((a, b) => compare(b.end.time.at, a.end.time.at) || compare(a.end.id, b.end.id));
  return last && known.length === own.length
    ? { time: last.end.time, lagMs: Math.max(...known.map(({ lagMs }) => lagMs)), cites: [{ event: last.end.id }] }
    : undefined;
}

/** M of N periods hold an alarm until fewer than M of the last N breach. */
function lagOf(firing: Firing, theCase: Case): number {
  const rule = ruleOf(firing, theCase);
  return (rule ? (rule.outOf - rule.breaching + 1) * rule.periodMs : USUAL_PERIOD_MS) + ARRIVAL_MS;
}
