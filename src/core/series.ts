import type { EvidenceId } from './evidence.ts';
/** Numbers over time. Onset, graphs, recovery and the size of the impact are read from it. */
export interface SeriesSeed {
  readonly key: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: string;
  readonly unit?: string;
  /** A point covers [start, start + periodMs): the start is what CloudWatch stamps. */
  readonly periodMs: number;
  readonly startsMs: Float64Array;
  readonly values: Float64Array;
}

/** The chunks of one metric, statistic and period, joined. */
export type Series = SeriesSeed & { readonly source: string; readonly evidence: readonly [EvidenceId, ...EvidenceId[]] };
