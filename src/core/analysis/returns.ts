import type { Case } from '../case.ts';
import type { Citations } from '../citation.ts';
import { addMs, durationMs, type Moment } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { breachedId, type Departed, recoveredId } from './derived-events.ts';
import { readAt } from './impact-series.ts';
import { findRecovery } from './recovery.ts';

/** That the impact came back after it had counted as over, while the incident's record went on. */
export interface ImpactReturn {
  /** The metric that left its normal first. */
  readonly metric: string;
  readonly time: Moment;
  /** When all that had left its normal again was back; absent while that is not seen. */
  readonly until?: Moment;
  readonly cites: Citations;
}

/**
 * The further departures of each departed series: after it was normal for `stable_for` its alarm fired again for this incident, and
 * a departure led to that firing. `recovered` stays the first stretch of normal values, as it is defined; what came after is told beside it.
 */
export function findReturns(departed: readonly Departed[], theCase: Case): readonly Departed[] {
  return departed.flatMap((reading) => returnsOf(reading, theCase));
}

function returnsOf(reading: Departed, theCase: Case): readonly Departed[] {
  const stableMs = durationMs(theCase.policy.stable_for);
  const returned: Departed[] = [];
  let recovery = findRecovery([reading.onset], stableMs);
  for (const { type, time } of reading.firing?.events ?? []) {
    if (!recovery.found) break;
    if (type !== 'alert.fired' || time.at <= recovery.time.at) continue;
    const [again] = readAt(time, reading, theCase);
    if (!again?.onset.found || again.onset.time.at < recovery.time.at) continue;
    returned.push({ ...again, onset: again.onset, again: returned.length + 2 });
    recovery = findRecovery([again.onset], stableMs);
  }
  return returned;
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
