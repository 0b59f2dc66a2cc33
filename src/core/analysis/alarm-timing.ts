import type { Case } from '../case.ts';
import type { Series } from '../series.ts';
import { between, epochMs, type Instant, instantAt, type Moment } from '../time.ts';
import { isEditedSince, ruleOf } from './alarm-rules.ts';
import type { Finding } from './analyze.ts';
import { breachedId } from './derived-events.ts';
import type { ImpactReading } from './impact-series.ts';
import { type Firing, firedAt, isRelay } from './joined.ts';
import type { AlarmFact } from './onset.ts';

/** Values take a minute or two to arrive, and an alarm some seconds to act: less is no delay of the alarm's. */
const USUAL_MS = 180_000;
const MINUTE_MS = 60_000;
const FINE_STEP_MS = 10_000;

/**
 * Alarms that fired later than the values of their metric allowed: the first moment at which M of N periods breached, by the rule
 * in force then, against the firing. None where that rule is not known or not of one number, or where its own periods are no
 * longer kept.
 */
export function alarmTimings(theCase: Case, firings: readonly Firing[], readings: readonly ImpactReading[]): readonly Finding[] {
  return firings.flatMap((firing): readonly Finding[] => {
    const reading = readings.find((one) => one.firing?.alarm === firing.alarm);
    const [event] = firing.events;
    if (!reading || event.type !== 'alert.fired' || isRelay(event)) return [];
    const met = metAt(theCase, firing, reading);
    if (!met) return [];
    const span = between(met, event.time);
    if (span.minMs <= USUAL_MS) return [];
    return [
      { code: 'alarm_slow', subject: event.attributes['alert.rule'], span, cites: [{ event: event.id }, { event: breachedId(reading) }] },
    ];
  });
}

function metAt(theCase: Case, firing: Firing, { key, onset }: ImpactReading): Moment | undefined {
  const fired = firedAt(firing, theCase).at;
  const rule = ruleOf(firing, theCase);
  const series = theCase.series.find((one) => one.key === key && one.periodMs === rule?.periodMs);
  if (!rule || !series || !onset.found || isEditedSince(theCase.facts, firing.alarm, fired)) return undefined;
  const metMs = firstMetMs(rule, series, { fromMs: startOf(theCase, firing, rule, onset.time), untilMs: epochMs(fired) });
  // An edit between the two: what had been met was another rule.
  if (metMs === undefined || (rule.heldFrom !== undefined && epochMs(rule.heldFrom) > metMs)) return undefined;
  // Evaluated each minute over a sliding window, each 10 s for periods under a minute; values are kept by whole periods.
  const stepMs = rule.periodMs < MINUTE_MS ? FINE_STEP_MS : MINUTE_MS;
  return { at: instantAt(metMs), minusMs: Math.max(0, rule.periodMs - stepMs), plusMs: stepMs };
}

/** Not before the departure that led to the firing, and not while the alarm was still in an earlier one. */
function startOf({ events }: Case, { alarm, events: [first] }: Firing, { outOf, periodMs }: AlarmFact, began: Moment): number {
  const ends = events.filter(
    ({ type, time, correlationKeys }) => type === 'alert.resolved' && time.at < first.time.at && correlationKeys.includes(alarm),
  );
  const lastEnd = ends.reduce<Instant | undefined>((last, { time }) => (last === undefined || time.at > last ? time.at : last), undefined);
  const earliest = epochMs(began.at) - began.minusMs - outOf * periodMs;
  return lastEnd === undefined ? earliest : Math.max(earliest, epochMs(lastEnd));
}

/** The end of the period that made it M breaching of the last N; an absent value counts as none, a value at the threshold neither. */
function firstMetMs(
  rule: AlarmFact,
  { startsMs, values }: Series,
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
) {
  const { threshold, comparison, breaching, outOf, periodMs } = rule;
  if (threshold === undefined || (comparison !== 'above' && comparison !== 'below')) return undefined;
  const side = comparison === 'above' ? 1 : -1;
  const bad: number[] = [];
  for (let index = lowerBound(startsMs, fromMs); index < startsMs.length; index += 1) {
    const startMs = startsMs[index] ?? Number.POSITIVE_INFINITY;
    if (startMs + periodMs > untilMs) return undefined;
    if (side * ((values[index] ?? threshold) - threshold) <= 0) continue;
    bad.push(startMs);
    if (bad.filter((ms) => ms > startMs - outOf * periodMs).length >= breaching) return startMs + periodMs;
  }
  return undefined;
}

function lowerBound(sorted: Float64Array, ms: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
