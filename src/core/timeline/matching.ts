/** Two that may be one, by their places in two lists, and how far they are apart. */
export interface Edge {
  readonly one: number;
  readonly other: number;
  readonly cost: number;
}

interface Chain extends Edge {
  readonly length: number;
  readonly total: number;
  readonly before?: Chain;
}

/**
 * Of the pairs that may be, those that keep both lists' order, each place in one pair at most: as many as there can be, and of equally
 * many those that are least apart in all. A relay hands on in the order in which it was told, so a late record goes with the
 * happening that it is of and not with the one that came last. Takes edges in any order; in O(n log n), as the heaviest increasing
 * subsequence by a Fenwick tree of prefix bests (Jacobson and Vo, 1992; Fenwick, 1994).
 */
export function matchInOrder(edges: readonly Edge[]): readonly Edge[] {
  const size = edges.reduce((most, { other }) => Math.max(most, other + 1), 0);
  const best: (Chain | undefined)[] = Array.from({ length: size + 1 });
  let longest: Chain | undefined;
  const rows = Map.groupBy(
    edges.toSorted((a, b) => a.one - b.one || a.other - b.other),
    ({ one }) => one,
  );
  for (const row of rows.values()) {
    // What is found in a row cannot go on in it: all of it is found before any is kept.
    const chains = row.map((edge) => extend(bestBefore(best, edge.other), edge));
    for (const chain of chains) {
      keep(best, chain);
      longest = better(longest, chain);
    }
  }
  const found: Edge[] = [];
  for (let chain = longest; chain; chain = chain.before) found.push({ one: chain.one, other: chain.other, cost: chain.cost });
  return found.toReversed();
}

function extend(before: Chain | undefined, edge: Edge): Chain {
  if (!before) return { ...edge, length: 1, total: edge.cost };
  return { ...edge, length: before.length + 1, total: before.total + edge.cost, before };
}

/** The longer, else the cheaper, else the first that was found. */
function better(a: Chain | undefined, b: Chain | undefined): Chain | undefined {
  if (!a || !b) return a ?? b;
  return b.length > a.length || (b.length === a.length && b.total < a.total) ? b : a;
}

/** The best chain that ends before a place. */
function bestBefore(best: readonly (Chain | undefined)[], place: number): Chain | undefined {
  let found: Chain | undefined;
  for (let at = place; at > 0; at -= at & -at) found = better(found, best[at]);
  return found;
}

function keep(best: (Chain | undefined)[], chain: Chain): void {
  for (let at = chain.other + 1; at < best.length; at += at & -at) best[at] = better(best[at], chain);
}
