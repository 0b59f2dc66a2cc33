import { derivedId, type EventId, type EventOf } from '../events.ts';
import { claimKeyOf } from '../metric-keys.ts';
import { addMs, epochMs, type Moment } from '../time.ts';
import type { ImpactReading } from './impact-series.ts';
import type { Departure } from './onset.ts';
import { findRecovery } from './recovery.ts';
import { indexAt } from './track.ts';

/** The rule of a departure that came after a first one was over. */
export const RETURN = 'return';

type Breached = EventOf<'metric.breached'>;
type Recovered = EventOf<'metric.recovered'>;

/** A series that left its normal. */
export type Departed = ImpactReading & { readonly onset: Departure };

/**
 * One `metric.breached` for each departed series and one `metric.recovered` where it came back for `stableMs`. They join the
 * timeline like any other event: they carry the alarm's keys, so that the onset stands with the firing that it led to.
 */
export function deriveMetricEvents(departed: readonly Departed[], stableMs: number): readonly (Breached | Recovered)[] {
  return departed.flatMap((reading) => {
    const recovery = findRecovery([reading.onset], stableMs);
    return [toBreached(reading), ...(recovery.found ? [toRecovered(reading, recovery.time)] : [])];
  });
}

/** The id of the derived event that says when a series left its normal. */
export function breachedId(reading: Pick<ImpactReading, 'key' | 'again'>): Breached['id'] {
  return derivedId('onset', subjectOf(reading), 'metric.breached');
}

/** The id of the derived event that says when it was back. */
export function recoveredId(reading: Pick<ImpactReading, 'key' | 'again'>): Recovered['id'] {
  return derivedId('recovery', subjectOf(reading), 'metric.recovered');
}

/** Whether a derived event is of that series: its departure, its recovery, or a later one of them. */
export function isOfSeries(id: EventId, key: string): boolean {
  const [, , ...subject] = id.slice(0, id.lastIndexOf('#')).split('/');
  const own = subject.join('/');
  return own === key || (own.startsWith(`${key}@`) && /^@\d+$/.test(own.slice(key.length)));
}

function subjectOf({ key, again }: Pick<ImpactReading, 'key' | 'again'>): string {
  return again === undefined ? key : `${key}@${again}`;
}

function toBreached(reading: Departed): Breached {
  return {
    ...commonOf(reading, reading.onset.time, reading.onset.value),
    id: breachedId(reading),
    type: 'metric.breached',
    timeMeaning: 'started',
    provenance: { rule: reading.again === undefined ? 'onset' : RETURN, from: reading.series.evidence },
  };
}

function toRecovered(reading: Departed, time: Moment): Recovered {
  const { track } = reading.onset;
  const value = track.values[indexAt(track, epochMs(time.at))] ?? 0;
  return {
    ...commonOf(reading, time, value),
    id: recoveredId(reading),
    type: 'metric.recovered',
    timeMeaning: 'ended',
    provenance: { rule: 'recovery', from: reading.series.evidence },
  };
}

/** Whose the departure is: what its metric, and the alarm that fired on it or watches it, belong to. */
export function belongingsOf({ key, firing, scan }: ImpactReading): readonly string[] {
  return [...new Set([...(firing?.events.flatMap(({ belongsTo }) => belongsTo) ?? []), claimKeyOf(key), ...(scan?.belongsTo ?? [])])];
}

/** A datapoint is there to be seen once its period is over. */
function commonOf(
  reading: Departed,
  time: Moment,
  value: number | undefined,
): Omit<Breached, 'id' | 'type' | 'timeMeaning' | 'provenance'> {
  const { series, alarm } = reading;
  // What is counted in five minutes is not to be held against a limit on what an hour counts.
  const isOfPeriod = alarm?.periodMs === series.periodMs || (series.statistic !== 'Sum' && series.statistic !== 'SampleCount');
  const threshold = isOfPeriod ? alarm?.threshold : undefined;
  return {
    time,
    knowableAt: addMs(time.at, series.periodMs),
    belongsTo: belongingsOf(reading),
    correlationKeys: alarm ? [alarm.key] : [],
    attributes: {
      'metric.name': series.metric,
      ...(value !== undefined && { 'metric.value': value }),
      ...(threshold !== undefined && { 'metric.threshold': threshold }),
    },
  };
}
