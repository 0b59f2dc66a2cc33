import type { EventOf } from '../events.ts';
import { isMetric } from '../metric-keys.ts';
import { addMs, between, type Dated, durationMs, type Moment, parseInstant } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { breachSeen, sightsOf } from './alarm-sight.ts';
import type { Change } from './changes.ts';
import { breachedId, type Departed, recoveredId } from './derived-events.ts';
import { type Firing, incidentEventsOf } from './joined.ts';
import type { Milestones } from './metrics.ts';
import type { Findable, Known } from './milestones.ts';
import { effectOf, mildFrom } from './mitigation.ts';
import { findRecovery, seenUntil } from './recovery.ts';
import { endEventOf } from './reversal-milestones.ts';
import { takenBackBy } from './reversals.ts';
import { stopOf } from './stopped.ts';

/**
 * The onset of each series of the impact, earliest first; where no series shows one, what the alarms themselves saw; then a start that
 * a status update states.
 */
export function findImpactStart({ theCase, departed, firings }: Findable): readonly Known[] {
  const onsets = departed.map((reading): Known => {
    const inferred = reading.scan ? 'onset_in_a_scan_of_the_service' : 'onset_of_the_series_of_an_alarm';
    const rule = reading.basis === 'observed' ? 'onset_of_an_impact_metric' : inferred;
    return { known: true, ...datedOf(reading.onset), basis: reading.basis, rule, cites: [breachedId(reading)] };
  });
  const seen = onsets.length > 0 ? [] : breachesSeen(firings, theCase);
  return [...onsets, ...seen, ...incidentEventsOf(theCase, 'status.published').flatMap(statedStart).slice(0, 1)];
}

/** Both bounds of a departure or a recovery, where they differ. */
function datedOf({ time, likely }: Dated): Dated {
  const isNarrower = likely !== undefined && (likely.minusMs < time.minusMs || likely.plusMs < time.plusMs);
  return { time, ...(isNarrower && { likely }) };
}

/** The first value beyond the threshold that each alarm had before it when it fired, earliest first. */
function breachesSeen(firings: readonly Firing[], theCase: Findable['theCase']): readonly Known[] {
  const sights = firings.flatMap((firing) => sightsOf(firing, theCase));
  const seen = sights.flatMap((sight): readonly Known[] => {
    const time = breachSeen(sight);
    return time ? [{ known: true, time, basis: 'inferred', rule: 'first_breach_that_the_alarm_saw', cites: [sight.event.id] }] : [];
  });
  return seen.toSorted((a, b) => compare(a.time.at, b.time.at) || compare(a.cites[0], b.cites[0])).slice(0, 1);
}

const SINCE =
  /\b(?:since|began at|started at|beginning at|starting at)\s+(about|around|approximately|approx\.?|~)?\s*(\d{1,2}):(\d{2})\s*(?:UTC|GMT|Z)\b/i;
const DAY_MS = 86_400_000;
const ROUGHLY_MS = 300_000;

/** "Since about 14:30 UTC" in a status update: of its own day, or of the day before where that hour is still to come. */
function statedStart(event: EventOf<'status.published'>): readonly Known[] {
  const [, roughly, hour, minute] = SINCE.exec(event.attributes.text) ?? [];
  const sameDay = hour && minute && parseInstant(`${event.time.at.slice(0, 10)}T${hour.padStart(2, '0')}:${minute}:00Z`);
  if (!sameDay) return [];
  const at = sameDay > event.time.at ? addMs(sameDay, -DAY_MS) : sameDay;
  const time = roughly ? { at, minusMs: ROUGHLY_MS, plusMs: ROUGHLY_MS } : { at, minusMs: 0, plusMs: 60_000 };
  return [{ known: true, time, basis: 'inferred', rule: 'start_stated_in_a_status_update', cites: [event.id] }];
}

/**
 * Since when every departed series has been normal, where that may become the recovery: the data reach up to now, or up to less than
 * `stable_for` before it, so that what would show it is still to come, though the incident's record may be closed already.
 */
export function calmSoFar({ theCase, departed }: Findable): Moment | undefined {
  const [first, ...rest] = departed;
  const onsets = departed.map(({ onset }) => onset);
  const stableMs = durationMs(theCase.policy.stable_for);
  if (!first || onsets.some((onset) => addMs(seenUntil(onset), stableMs) <= theCase.now)) return undefined;
  const recovery = findRecovery([first.onset, ...rest.map(({ onset }) => onset)], stableMs);
  return recovery.found ? undefined : recovery.calm;
}

/** The first stretch of `stable_for` in which every departed series is normal. */
export function findRecovered({ theCase, departed }: Findable): readonly Known[] {
  const [first, ...rest] = departed;
  if (!first) return [];
  const recovery = findRecovery([first.onset, ...rest.map(({ onset }) => onset)], durationMs(theCase.policy.stable_for));
  if (!recovery.found) return [];
  const cites = [recoveredId(first), ...rest.map(recoveredId)] as const;
  return [{ known: true, ...datedOf(recovery), basis: basisOf(departed), rule: 'every_impact_series_normal', cites }];
}

function basisOf(departed: readonly Departed[]): 'observed' | 'inferred' {
  return departed.every(({ basis }) => basis === 'observed') ? 'observed' : 'inferred';
}

/** The end of the first reversal, or of the first rollout that was stopped, after which the impact halved and stayed so; then the impact under the policy's `severe`. */
export function findMitigation({ theCase, departed, changes }: Findable, found: Partial<Milestones>): readonly Known[] {
  const { policy, events } = theCase;
  const [first] = departed;
  if (!first) return [];
  const recovery = found.recovered?.known ? found.recovered.time : undefined;
  const onsets = departed.map(({ onset }) => onset);
  const patience = { withinMs: durationMs(policy.mitigation_within), stableMs: durationMs(policy.stable_for) };
  const isStopped = (change: Change) => !('why' in change.belongs) && stopOf(change, events) !== undefined;
  const reversals = changes
    .filter((change) => (change.outcome === 'succeeded' && takenBackBy(change, changes).length > 0) || isStopped(change))
    .toSorted((a, b) => compare(a.ended?.at ?? '', b.ended?.at ?? '') || compare(a.key, b.key))
    .flatMap((change, at, all): readonly Known[] => {
      const end = endEventOf(change, events);
      if (!change.ended || !end) return [];
      // What fell only once the next reversal of the service had begun is the effect of that one, or of both: it was not over before.
      const { ended, belongs } = change;
      const next = all.slice(at + 1).find((other) => other.belongs.service === belongs.service && other.began.at > ended.at);
      const withinMs = next ? Math.min(patience.withinMs, between(ended, next.began).ms) : patience.withinMs;
      if (effectOf(ended, onsets, recovery, { ...patience, withinMs }) !== 'fell') return [];
      const cites = [end, ...departed.map(breachedId)] as const;
      return [{ known: true, time: change.ended, basis: 'inferred', rule: ruleOf(change, events), cites }];
    });
  return [...reversals.slice(0, 1), ...mildRule(departed, theCase, recovery, patience.stableMs)];
}

function ruleOf(change: Change, events: Findable['theCase']['events']): string {
  const stop = stopOf(change, events);
  if (!stop) return 'impact_halved_after_a_reversal';
  return stop.how === 'said' ? 'impact_halved_after_a_rollout_was_stopped' : 'impact_halved_after_a_rollout_failed';
}

/** The last of the impact metrics to come under its `severe`, where the policy sets any. */
function mildRule(
  departed: readonly Departed[],
  { policy }: Findable['theCase'],
  recovery: Known['time'] | undefined,
  stableMs: number,
): readonly Known[] {
  const limited = departed.flatMap((reading) => {
    const severe = policy.impact_metrics.find(({ metric }) => isMetric(reading.series, metric))?.severe;
    return severe === undefined ? [] : [{ reading, mild: mildFrom(reading.onset, severe, recovery, stableMs) }];
  });
  const last = limited.toSorted((a, b) => compare(a.mild?.at ?? '', b.mild?.at ?? '')).at(-1);
  if (!last?.mild || limited.some(({ mild }) => mild === undefined)) return [];
  return [{ known: true, time: last.mild, basis: 'observed', rule: 'impact_under_severe', cites: [breachedId(last.reading)] }];
}
