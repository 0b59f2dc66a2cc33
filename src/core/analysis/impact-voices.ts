import type { Citations } from '../citation.ts';
import type { Series } from '../series.ts';
import { type Instant, instantAt, type Moment } from '../time.ts';
import { breachedId, type Departed } from './derived-events.ts';
import { alarmNameOf } from './impact-scan.ts';
import type { ImpactReading } from './impact-series.ts';
import { expectedAt } from './normal.ts';
import type { RefusalReason } from './onset.ts';
import { isCount, startOf } from './track.ts';

/** What a departure was held against, as a reader may check it in the series. */
export interface HeldAgainst {
  /** The value of its first period, or of `valueAt`; absent where the departure is that values stopped. */
  readonly value?: number;
  /** Of a slow rise: when that first plain value came. The departure is dated before it, to where the rise began. */
  readonly valueAt?: Instant;
  /** What was normal in that period, and the furthest from it that still was. */
  readonly expected: number;
  readonly limit: number;
  /** Of how many normal values before it `expected` is the middle. */
  readonly points: number;
  /** The usual course that was taken off first. */
  readonly course?: 'day' | 'week';
  /** So many periods just before it have no value: it may have begun in any of them. */
  readonly absent?: number;
  readonly periodMs: number;
}

/** What one series of the impact says of its start: when it left its normal, or why it shows no start. */
export interface ImpactVoice {
  readonly key: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `observed`: the policy names the metric as impact; `inferred`: an alarm on it fired for the incident, or a scan found it. */
  readonly basis: ImpactReading['basis'];
  readonly departed?: Moment;
  readonly against?: HeldAgainst;
  /** The alarm on it that fired for the incident, by its name. */
  readonly alarm?: string;
  /** No alarm fired, and a scan of that service's series asked it; by its name the alarm that watches it and stayed silent. */
  readonly scan?: { readonly service: string; readonly watchedBy?: string };
  /** A metric of the service beside those of the alarms that tell the impact: it dates nothing. */
  readonly isBeside?: boolean;
  /** A step of a rollout that can have begun the impact unseen, where the onset's interval reaches back to one. */
  readonly mayBeginWith?: NonNullable<ImpactReading['mayBeginWith']>;
  /** A part of the record of changes that could not be read, where the onset's interval reaches back into it: a step may have been there. */
  readonly mayBeginIn?: NonNullable<ImpactReading['mayBeginIn']>;
  readonly silent?: { readonly reason: RefusalReason | 'elsewhere'; readonly detail: string };
  readonly cites: Citations;
}

/**
 * Every series that was asked about the impact: those that departed first, by their onsets, so that the first of them is the one
 * that an inferred or observed `impact_started` rests on; then the silent ones by key.
 */
export function voicesOf(readings: readonly ImpactReading[], departed: readonly Departed[]): readonly ImpactVoice[] {
  const keys = new Set(departed.map(({ key }) => key));
  return [
    ...departed.map(
      (one): ImpactVoice => ({ ...commonOf(one), departed: one.onset.time, against: againstOf(one), cites: [{ event: breachedId(one) }] }),
    ),
    ...readings.filter(({ key, isBeside }) => !keys.has(key) && !isBeside).map(silentOf),
    ...readings.filter(({ isBeside }) => isBeside).map(besideOf),
  ];
}

/** One that left its normal is told by its values: there is no event of what dates nothing. */
function besideOf(reading: ImpactReading): ImpactVoice {
  const { onset, series } = reading;
  if (!onset.found) return { ...silentOf(reading), isBeside: true };
  return {
    ...commonOf(reading),
    isBeside: true,
    departed: onset.time,
    against: againstOf({ ...reading, onset }),
    cites: evidenceOf(series),
  };
}

function evidenceOf({ evidence: [first, ...rest] }: Series): Citations {
  return [{ evidence: first }, ...rest.map((evidence) => ({ evidence }))];
}

function commonOf({ key, basis, series, firing, scan, mayBeginWith, mayBeginIn }: ImpactReading): Omit<ImpactVoice, 'cites'> {
  const alarm = firing?.events[0].attributes['alert.rule'];
  return {
    key,
    metric: series.metric,
    dimensions: series.dimensions,
    basis,
    ...(alarm !== undefined && { alarm }),
    ...(scan && { scan: { service: scan.service, ...(scan.watchedBy && { watchedBy: alarmNameOf(scan.watchedBy.key) }) } }),
    ...(mayBeginWith && { mayBeginWith }),
    ...(mayBeginIn && { mayBeginIn }),
  };
}

function againstOf({ series, onset }: Departed): HeldAgainst {
  const { track, normal, index, side, value, isSilence } = onset;
  const expected = expectedAt(normal, startOf(track, index), track.periodMs);
  const least = isCount(series) ? 0 : Number.NEGATIVE_INFINITY;
  const absent = isSilence ? 0 : index - 1 - track.values.findLastIndex((one, at) => at < index && !Number.isNaN(one));
  const course = normal.shape.length === 0 ? undefined : normal.shape.length > 24 ? 'week' : 'day';
  return {
    ...(value !== undefined && !isSilence && { value, ...plainAt(onset, value) }),
    // The course of a day may take what is counted under nothing.
    expected: Math.max(least, expected),
    limit: Math.max(least, expected + side * normal.reach),
    points: normal.points,
    ...(course && { course }),
    ...(absent > 0 && { absent }),
    periodMs: track.periodMs,
  };
}

/** A slow rise is dated to its foot, where its first plain value was still to come. */
function plainAt({ track, index }: Departed['onset'], value: number): Pick<HeldAgainst, 'valueAt'> {
  const at = track.values.indexOf(value, index);
  return at > index ? { valueAt: instantAt(startOf(track, at)) } : {};
}

function silentOf(reading: ImpactReading): ImpactVoice {
  const { onset, series } = reading;
  const silent = onset.found
    ? { reason: 'elsewhere' as const, detail: 'it left its normal outside the window' }
    : { reason: onset.reason, detail: onset.detail };
  return { ...commonOf(reading), silent, cites: evidenceOf(series) };
}
