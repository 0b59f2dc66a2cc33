import type { DocumentFinding } from './finding.ts';
import { type Happening, WHOLE_DAY_MS } from './happenings.ts';

/** A day that is off puts its entry at least so far from where it would stand. */
const SLIP_MS = 20 * 3_600_000;

/**
 * The entries that stand out of the order of their list: those outside the longest part of it that is in order, so that one time
 * written wrongly is one finding. A list that as a whole runs backward (newest first) is in order. An entry that lies off by a day
 * or more is a slip of its day.
 */
export function orderFindings(happenings: readonly Happening[]): readonly DocumentFinding[] {
  const lists = Map.groupBy(
    happenings.filter(({ isRough, stepMs }) => !isRough && stepMs < WHOLE_DAY_MS),
    ({ list }) => list,
  );
  return [...lists.values()].flatMap((list) => {
    const kept = longestInOrder(isBackward(list) ? list.toReversed() : list);
    return list.flatMap((entry, index) =>
      kept.has(entry)
        ? []
        : [
            findingOf(
              entry,
              list.slice(0, index).findLast((one) => kept.has(one)),
              list.slice(index).find((one) => kept.has(one)),
            ),
          ],
    );
  });
}

function isBackward(list: readonly Happening[]): boolean {
  const steps = list.slice(1).map((entry, index) => entry.atMs - (list[index]?.atMs ?? entry.atMs));
  return steps.filter((step) => step < 0).length > steps.filter((step) => step > 0).length;
}

function findingOf(entry: Happening, before: Happening | undefined, after: Happening | undefined): DocumentFinding {
  const isLate = before !== undefined && entry.atMs < before.atMs;
  const other = isLate ? before : after;
  const isSlip = other !== undefined && Math.abs(entry.atMs - other.atMs) >= SLIP_MS;
  const follows = other
    ? `Line ${other.line} stands ${isLate ? 'before' : 'after'} it and says ${other.stamp}, which is ${isLate ? 'later' : 'earlier'}.`
    : 'It stands out of the order of its list.';
  return {
    line: entry.line,
    kind: isSlip ? 'midnight_slip' : 'order_wrong',
    stated: `${entry.stamp} ${entry.text}`,
    follows,
    sure: 'likely',
    verdict: 'wrong',
  };
}

/** Patience sorting (Schensted 1961): in n log n, so that a timeline of thousands costs nothing. Equal times are in order. */
function longestInOrder(list: readonly Happening[]): ReadonlySet<Happening> {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [index, { atMs, stepMs }] of list.entries()) {
    // What lies within one written step is not out of order: 14:05 and 14:05:30.
    let low = 0;
    for (let high = tails.length; low < high; ) {
      const middle = (low + high) >> 1;
      const tail = list[tails[middle] ?? 0];
      if ((tail?.atMs ?? 0) <= atMs + (stepMs > (tail?.stepMs ?? 0) ? stepMs - 1 : 0)) low = middle + 1;
      else high = middle;
    }
    previous[index] = tails[low - 1] ?? -1;
    tails[low] = index;
  }
  const kept = new Set<Happening>();
  for (let index = tails.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) {
    const entry = list[index];
    if (entry) kept.add(entry);
  }
  return kept;
}
