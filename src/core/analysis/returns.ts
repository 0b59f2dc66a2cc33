import type { Case } from '../case.ts';
import type { Citations } from '../citation.ts';
import { addMs, durationMs, epochMs, type Moment } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { leastReachOf } from './alarm-reach.ts';
import { breachedId, type Departed, recoveredId } from './derived-events.ts';
import { isStillCounted } from './impact-scan.ts';
import { readAt } from './impact-series.ts';
import { incidentSpan } from './joined.ts';
import { type Departure, departureOf, excessAt, isDeparting } from './onset.ts';
import { findRecovery } from './recovery.ts';
import { scan } from './scan.ts';
import { LATE_MS, startOf } from './track.ts';

/** That the impact came back after it had counted as over: while the incident's record went on, or later with no alarm that told of it. */
export interface ImpactReturn {
  /** The metric that left its normal first. */
  readonly metric: string;
  readonly time: Moment;
  /** When all that had left its normal again was back; absent while that is not seen. */
  readonly until?: Moment;
  readonly cites: Citations;
}

/**
 * The further departures of each departed series: after it was normal for `stable_for` it left its normal once more, whether its alarm
 * fired for that or not. `recovered` stays the first stretch of normal values, as it is defined; what came after is told beside it.
 */
export function findReturns(departed: readonly Departed[], theCase: Case): readonly Departed[] {
  return departed.flatMap((reading) => returnsOf(reading, theCase));
}

function returnsOf(reading: Departed, theCase: Case): readonly Departed[] {
  const alarmed = alarmedReturns(reading, theCase);
  const silent = silentReturns(reading, theCase).filter((one) => !alarmed.some((other) => isSame(one.onset, other.onset)));
  return apart(reading, [...alarmed, ...silent], theCase).map((one, at) => ({ ...one, again: at + 2 }));
}

/** Those that began when the one before was over. */
function apart(reading: Departed, found: readonly Departed[], { policy }: Case): readonly Departed[] {
  const stableMs = durationMs(policy.stable_for);
  const told: Departed[] = [];
  let recovery = findRecovery([reading.onset], stableMs);
  for (const one of found.toSorted((a, b) => compare(a.onset.time.at, b.onset.time.at))) {
    if (!recovery.found) break;
    if (one.onset.time.at < recovery.time.at) continue;
    told.push(one);
    recovery = findRecovery([one.onset], stableMs);
  }
  return told;
}

/** Its alarm fired again for this incident, and a departure led to that firing. */
function alarmedReturns(reading: Departed, theCase: Case): readonly Departed[] {
  const stableMs = durationMs(theCase.policy.stable_for);
  const returned: Departed[] = [];
  let recovery = findRecovery([reading.onset], stableMs);
  for (const { type, time } of reading.firing?.events ?? []) {
    if (!recovery.found) break;
    if (type !== 'alert.fired' || time.at <= recovery.time.at) continue;
    const [again] = readAt(time, reading, theCase);
    if (!again?.onset.found || again.onset.time.at < recovery.time.at) continue;
    returned.push({ ...again, onset: again.onset });
    recovery = findRecovery([again.onset], stableMs);
  }
  return returned;
}

/** A smaller one may be a rest of the first: a queue that drains, callers that try again. */
const LEAST_SHARE = 0.25;

/**
 * Nothing fired for them: an alarm may ask for more periods, have been edited, or watch something else. They are looked for as where
 * nothing had fired (`findDepartures`), to the side of the first, while the incident was open and so long after it as it may have begun
 * before it. Later nothing but the name of the metric joins them: of a day after one fault of the data in `false-returns.ts` one in
 * nine held a departure of its own.
 */
function silentReturns(reading: Departed, theCase: Case): readonly Departed[] {
  const { series, alarm, side, track, normal, index, end } = reading.onset;
  const recovery = findRecovery([reading.onset], durationMs(theCase.policy.stable_for));
  if (!recovery.found || reading.onset.isSilence) return [];
  const leastReach = (level: number) => leastReachOf(level, series, alarm);
  const last = track.values.length - 1;
  const least = LEAST_SHARE * peakOf(reading.onset, index, end);
  const latestMs = stillOursUntil(recovery.time, theCase);
  return scan(track, series, { shape: normal.shape, side, until: last + 1, leastReach })
    .filter((one) => one.strength >= 1 && startOf(track, one.index) >= epochMs(recovery.time.at) && startOf(track, one.index) <= latestMs)
    .map((one): Departed => {
      const again = departureOf(series, track, normal.shape, one, { last, use: 'figures' });
      return { ...reading, onset: { ...again, ...(alarm && { alarm }) } };
    })
    .filter(({ onset }) => peakOf(onset, onset.index, onset.end) >= least && leavesAgain(reading.onset, onset))
    .filter(({ onset }) => !isStillCounted(onset, theCase.now) && !isAnothers(onset, reading, theCase));
}

/** Until when a departure that nobody was called for may be the incident's: from its closing, or from its end where that came later. */
function stillOursUntil({ at }: Moment, theCase: Case): number {
  const { to } = incidentSpan(theCase);
  return epochMs(to > at ? to : at) + durationMs(theCase.policy.windows.alarms_before);
}

/** Whether it leaves the normal that the first was held against: by that the impact was over, and a level below it may rise within it. */
function leavesAgain(first: Departure, { index, end }: Departure): boolean {
  return Array.from({ length: end + 1 - index }, (_, at) => index + at).some((at) => isDeparting(first, at));
}

/** How far the worst of its points lies beyond normal. */
function peakOf(departure: Departure, from: number, to: number): number {
  let peak = 0;
  for (let at = from; at <= to; at += 1) {
    const excess = excessAt(departure, at);
    if (excess > peak) peak = excess;
  }
  return peak;
}

/** Whether an alarm of the series fired for it and not for this incident: then it is told where that was answered. */
function isAnothers({ track, index, end }: Departure, { alarm, firing }: Departed, { events }: Case): boolean {
  if (!alarm) return false;
  const fromMs = startOf(track, index);
  const toMs = startOf(track, end + 1) + alarm.outOf * alarm.periodMs + LATE_MS;
  const own = new Set(firing?.events.map(({ id }) => id));
  return events.some(({ id, type, time, correlationKeys }) => {
    const isFiring = type === 'alert.fired' && correlationKeys.includes(alarm.key) && !own.has(id);
    return isFiring && epochMs(time.at) >= fromMs && epochMs(time.at) <= toMs;
  });
}

/** Whether two readings of a series tell of the same stretch. */
function isSame(one: Departure, other: Departure): boolean {
  return endMs(one) > startOf(other.track, other.index) && endMs(other) > startOf(one.track, one.index);
}

function endMs({ track, end }: Departure): number {
  return startOf(track, end + 1);
}

/** The stretches in which any of the series was out again after the impact counted as over, the earliest first. */
export function impactReturns(returned: readonly Departed[], recovered: Moment | undefined, theCase: Case): readonly ImpactReturn[] {
  if (!recovered) return [];
  const stableMs = durationMs(theCase.policy.stable_for);
  const all = returned
    .filter(({ onset }) => onset.time.at > recovered.at)
    .toSorted((a, b) => compare(a.onset.time.at, b.onset.time.at) || compare(a.key, b.key));
  const told: ImpactReturn[] = [];
  for (const reading of all) {
    const recovery = findRecovery([reading.onset], stableMs);
    const until = recovery.found ? recovery.time : undefined;
    const cites: Citations = [{ event: breachedId(reading) }, ...(until ? [{ event: recoveredId(reading) }] : [])];
    const own = { metric: reading.series.metric, time: reading.onset.time, ...(until && { until }), cites };
    const last = told.at(-1);
    if (last && isOn(last, own.time)) told[told.length - 1] = joined(last, own);
    else told.push(own);
  }
  return told;
}

/** Whether the stretch was not over when another series left its normal. */
function isOn({ until }: ImpactReturn, { at }: Moment): boolean {
  return until === undefined || addMs(until.at, until.plusMs) >= at;
}

function joined({ until: one, ...first }: ImpactReturn, { until: other, cites }: ImpactReturn): ImpactReturn {
  const until = one && other && (one.at > other.at ? one : other);
  return { ...first, ...(until && { until }), cites: [...first.cites, ...cites] };
}
