import type { Citations } from '../citation.ts';
import type { Moment } from '../time.ts';
import { breachedId, type Departed } from './derived-events.ts';
import type { ImpactReading } from './impact-series.ts';
import type { RefusalReason } from './onset.ts';

/** What one series of the impact says of its start: when it left its normal, or why it shows no start. */
export interface ImpactVoice {
  readonly key: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** `observed`: the policy names the metric as impact; `inferred`: an alarm on it fired for the incident. */
  readonly basis: ImpactReading['basis'];
  readonly departed?: Moment;
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
    ...departed.map((one): ImpactVoice => ({ ...commonOf(one), departed: one.onset.time, cites: [{ event: breachedId(one) }] })),
    ...readings.filter(({ key }) => !keys.has(key)).map(silentOf),
  ];
}

function commonOf({
  key,
  basis,
  series: { metric, dimensions },
}: ImpactReading): Pick<ImpactVoice, 'key' | 'metric' | 'dimensions' | 'basis'> {
  return { key, metric, dimensions, basis };
}

function silentOf(reading: ImpactReading): ImpactVoice {
  const { onset, series } = reading;
  const [first, ...rest] = series.evidence;
  const cites: Citations = [{ evidence: first }, ...rest.map((evidence) => ({ evidence }))];
  const silent = onset.found
    ? { reason: 'elsewhere' as const, detail: 'it left its normal outside the window' }
    : { reason: onset.reason, detail: onset.detail };
  return { ...commonOf(reading), silent, cites };
}
