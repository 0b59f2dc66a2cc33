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
export function joinSeries(parts: readonly Series[], keeps: Keeps): readonly Series[] {
  const groups = Map.groupBy(parts, ({ key, periodMs }) => `${key}@${periodMs}`);
  const shared = startSharingStarts();
  return [...groups.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, chunks]) => joinChunks(chunks, keeps, shared));
}

type Keeps = (startMs: number, periodMs: number) => boolean;
type Points = Pick<Series, 'startsMs' | 'values'>;

function joinChunks(chunks: readonly Series[], keeps: Keeps, shared: (startsMs: Float64Array) => Float64Array): readonly Series[] {
  const last = chunks.at(-1);
  if (!last) return [];
  // By the time they hold and not by their hashes, which a chunk that has grown since changes.
  const inTime = chunks.toSorted((a, b) => (a.startsMs[0] ?? 0) - (b.startsMs[0] ?? 0));
  const { startsMs, values } = isChain(inTime) ? chain(inTime, keeps) : merge(chunks, keeps);
  const [first, ...others] = new Set(inTime.flatMap(({ evidence }) => evidence));
  return first === undefined ? [] : [{ ...last, startsMs: shared(startsMs), values, evidence: [first, ...others] }];
}

/** Whether every point starts after the one before, in the next chunk too, as of chunks that are aligned. */
function isChain(inTime: readonly Series[]): boolean {
  let before = Number.NEGATIVE_INFINITY;
  for (const { startsMs, values } of inTime) {
    if (startsMs.length !== values.length) return false;
    for (const start of startsMs) {
      if (!(start > before)) return false;
      before = start;
    }
  }
  return true;
}

/** Counted first: of a million points a list of pairs is six times what they say. */
function chain(inTime: readonly Series[], keeps: Keeps): Points {
  let count = 0;
  for (const { startsMs, periodMs } of inTime) for (const start of startsMs) if (keeps(start, periodMs)) count += 1;
  const joined = { startsMs: new Float64Array(count), values: new Float64Array(count) };
  let to = 0;
  for (const { startsMs, values, periodMs } of inTime) {
    for (let at = 0; at < startsMs.length; at += 1) {
      const start = startsMs[at] ?? Number.NaN;
      if (!keeps(start, periodMs)) continue;
      joined.startsMs[to] = start;
      joined.values[to] = values[at] ?? Number.NaN;
      to += 1;
    }
  }
  return joined;
}

function merge(chunks: readonly Series[], keeps: Keeps): Points {
  const points = new Map<number, number>();
  for (const { startsMs, values, periodMs } of chunks) {
    startsMs.forEach((start, index) => {
      const value = values[index];
      if (value !== undefined && keeps(start, periodMs)) points.set(start, value);
    });
  }
  const startsMs = Float64Array.from(points.keys()).sort();
  return { startsMs, values: startsMs.map((start) => points.get(start) ?? Number.NaN) };
}

/** Of equal starts one list: the metrics of a service are read in the same minutes. */
function startSharingStarts(): (startsMs: Float64Array) => Float64Array {
  const known = new Map<string, Float64Array>();
  return (startsMs) => {
    const ends = [startsMs.length, startsMs[0], startsMs.at(-1)].join('/');
    const other = known.get(ends) ?? startsMs;
    known.set(ends, other);
    return other.every((start, at) => start === startsMs[at]) ? other : startsMs;
  };
}
