import { METRICS, type Metric, type MetricName } from './analysis/metrics.ts';
import type { Instant, Span, Window } from './time.ts';

/** By what incidents are counted together. */
export const SUMMARY_BY = ['service', 'severity', 'month'] as const;

/** What incidents may be grouped by. */
export type SummaryBy = (typeof SUMMARY_BY)[number];

/** What a summary knows of one drafted incident. */
export interface SummaryCase {
  /** As a path or a command takes it. */
  readonly incident: string;
  readonly draft: string;
  readonly title: string;
  /** When it was paged, else the earliest that is known of it. */
  readonly began: Instant;
  readonly severity?: string;
  readonly services: readonly string[];
  /** Something that its draft needs could not be read. */
  readonly isPartial: boolean;
  /** Its onset is known, by a person's word or from metrics. */
  readonly isOnsetKnown: boolean;
  readonly durations: Readonly<Record<MetricName, Metric>>;
}

/** A duration of one incident, in milliseconds, with the bounds that its two ends allow. */
export interface SummaryValue extends Span {
  readonly incident: string;
}

/** One duration over the incidents of a group. Only what was measured is counted: what was not is told beside it, by why. */
export interface SummaryDuration {
  readonly name: MetricName;
  readonly label: string;
  readonly measured: number;
  readonly indistinct: number;
  readonly inverted: number;
  readonly running: number;
  readonly unknown: number;
  /** In milliseconds; absent where fewer than `FEWEST` were measured, since a middle of so few says nothing. */
  readonly median?: number;
  /** The middle half: from the first to the third quartile. */
  readonly quartiles?: readonly [number, number];
  /** Every measured one, shortest first. */
  readonly list: readonly SummaryValue[];
}

/** The incidents of one service, severity or month, or all, with their durations. */
export interface SummaryGroup {
  /** The service, the severity or the month (`2024-01`, in UTC); absent over all. */
  readonly key?: string;
  readonly incidents: number;
  readonly partial: number;
  /** Of how many the onset is known: the durations that begin there stand for these alone. */
  readonly onsetKnown: number;
  /** Whether this group has enough incidents to be set beside another. */
  readonly comparable: boolean;
  readonly durations: readonly SummaryDuration[];
}

/** Durations over the incidents that began in a window, in groups. */
export interface Summary {
  readonly window: Window;
  readonly by?: SummaryBy;
  /** An incident of two services is in both of their groups, so that groups may count more than there are. */
  readonly incidents: number;
  readonly groups: readonly SummaryGroup[];
  /** Drafts that are of no incident of their own. */
  readonly leftOut: { readonly bundles: number; readonly windows: number; readonly merged: number };
}

/** Below this many there is no middle and no comparison. */
export const FEWEST = 5;

const NAMES = Object.keys(METRICS).filter((name): name is MetricName => Object.hasOwn(METRICS, name));

/** The groups of the incidents, or one over all of them; by the name of the group. */
export function summarize(cases: readonly SummaryCase[], by?: SummaryBy): readonly SummaryGroup[] {
  if (by === undefined) return [groupOf(cases)];
  const groups = new Map<string, SummaryCase[]>();
  for (const one of cases) {
    for (const key of KEYS[by](one)) groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, members]) => ({ key, ...groupOf(members) }));
}

const KEYS: Readonly<Record<SummaryBy, (one: SummaryCase) => readonly string[]>> = {
  service: ({ services }) => (services.length > 0 ? [...new Set(services)] : ['no service']),
  severity: ({ severity }) => [severity ?? 'no severity'],
  month: ({ began }) => [began.slice(0, 7)],
};

function groupOf(cases: readonly SummaryCase[]): SummaryGroup {
  return {
    incidents: cases.length,
    partial: cases.filter(({ isPartial }) => isPartial).length,
    onsetKnown: cases.filter(({ isOnsetKnown }) => isOnsetKnown).length,
    comparable: cases.length >= FEWEST,
    durations: NAMES.map((name) => durationOf(name, cases)),
  };
}

function durationOf(name: MetricName, cases: readonly SummaryCase[]): SummaryDuration {
  const list = cases
    .flatMap(({ incident, durations }): readonly SummaryValue[] => {
      const duration = durations[name];
      return duration.status === 'measured' ? [{ incident, ...duration.span }] : [];
    })
    .toSorted((a, b) => a.ms - b.ms || (a.incident < b.incident ? -1 : 1));
  const count = (status: Metric['status']) => cases.filter(({ durations }) => durations[name].status === status).length;
  const lengths = list.map(({ ms }) => ms);
  return {
    name,
    label: METRICS[name].label,
    measured: list.length,
    indistinct: count('indistinct'),
    inverted: count('inverted'),
    running: count('running'),
    unknown: count('unknown'),
    ...(list.length >= FEWEST && {
      median: quantile(lengths, 0.5),
      quartiles: [quantile(lengths, 0.25), quantile(lengths, 0.75)] as const,
    }),
    list,
  };
}

/** Of ascending values, by the line between the two nearest (Hyndman and Fan, type 7): what R, NumPy and spreadsheets do unasked. */
function quantile(ascending: readonly number[], share: number): number {
  const place = (ascending.length - 1) * share;
  const [low = 0, high = low] = [ascending[Math.floor(place)], ascending[Math.ceil(place)]];
  return low + (high - low) * (place - Math.floor(place));
}
