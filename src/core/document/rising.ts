/**
 * Indices of the longest part of a list that stands in order (Schensted 1961), in n log n: what lies outside it are as few as explain
 * the rest. `isBefore` says whether the first may stand before the second.
 */
export function longestInOrder<Item>(list: readonly Item[], isBefore: (earlier: Item, later: Item) => boolean): ReadonlySet<number> {
  const ends: { readonly item: Item; readonly index: number }[] = [];
  const previous: number[] = [];
  for (const [index, item] of list.entries()) {
    let low = 0;
    for (let high = ends.length; low < high; ) {
      const middle = (low + high) >> 1;
      const end = ends[middle];
      if (end && isBefore(end.item, item)) low = middle + 1;
      else high = middle;
    }
    previous[index] = ends[low - 1]?.index ?? -1;
    ends[low] = { item, index };
  }
  const kept = new Set<number>();
  for (let index = ends.at(-1)?.index ?? -1; index >= 0; index = previous[index] ?? -1) kept.add(index);
  return kept;
}

/** The same of numbers that must rise. */
export function longestRising(values: readonly number[]): ReadonlySet<number> {
  return longestInOrder(values, (earlier, later) => earlier < later);
}
