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

/**
 * Joins the chunks of each metric, statistic and period: points sorted by start, one for each start. Where two chunks hold
 * one start, the later in `parts` wins, so the caller fixes the order. `keeps` says which points the case may see.
 * A series of which nothing is left stays, empty: that it was read is known.
 */
export function joinSeries(parts: readonly Series[], keeps: (startMs: number, periodMs: number) => boolean): readonly Series[] {
  const groups = Map.groupBy(parts, ({ key, periodMs }) => `${key}@${periodMs}`);
  return [...groups.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, chunks]) => joinChunks(chunks, keeps));
}

function joinChunks(chunks: readonly Series[], keeps: (startMs: number, periodMs: number) => boolean): readonly Series[] {
  const last = chunks.at(-1);
  if (!last) return [];
  const points = new Map<number, number>();
  for (const { startsMs, values, periodMs } of chunks) {
    startsMs.forEach((start, index) => {
      const value = values[index];
      if (value !== undefined && keeps(start, periodMs)) points.set(start, value);
    });
  }
  const startsMs = Float64Array.from(points.keys()).sort();
  const values = startsMs.map((start) => points.get(start) ?? Number.NaN);
  // By the time they hold and not by their hashes, which a chunk that has grown since changes.
  const inTime = chunks.toSorted((a, b) => (a.startsMs[0] ?? 0) - (b.startsMs[0] ?? 0));
  const [first, ...others] = new Set(inTime.flatMap(({ evidence }) => evidence));
  return first === undefined ? [] : [{ ...last, startsMs, values, evidence: [first, ...others] }];
}
