import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Edge, matchInOrder } from '../../../src/core/timeline/matching.ts';

const edge = (one: number, other: number, cost = 0): Edge => ({ one, other, cost });
const totalOf = (edges: readonly Edge[]) => edges.reduce((sum, { cost }) => sum + cost, 0);

/** The same by trying every set of edges. */
function bestOf(edges: readonly Edge[]): { readonly length: number; readonly total: number } {
  const [first, ...rest] = edges;
  if (!first) return { length: 0, total: 0 };
  const without = bestOf(rest);
  const isAfter = (b: Edge) => (first.one < b.one && first.other < b.other) || (first.one > b.one && first.other > b.other);
  const withFirst = bestOf(rest.filter(isAfter));
  const own = { length: withFirst.length + 1, total: withFirst.total + first.cost };
  return own.length > without.length || (own.length === without.length && own.total < without.total) ? own : without;
}

describe('pairs that keep the order of both lists', () => {
  it('are the nearest where one record is missing, and each in turn where all are late', () => {
    expect(matchInOrder([edge(0, 0, 65), edge(0, 1, 5)])).toEqual([edge(0, 1, 5)]);
    const late = [edge(0, 0, 80), edge(0, 1, 20), edge(1, 1, 80), edge(1, 2, 20), edge(2, 2, 80)];
    expect(matchInOrder(late)).toEqual([edge(0, 0, 80), edge(1, 1, 80), edge(2, 2, 80)]);
  });

  it('are none where there are no edges', () => {
    expect(matchInOrder([])).toEqual([]);
  });

  it('are as many as any choice gives, the cheapest of them, and cross nowhere', () => {
    const place = fc.integer({ min: 0, max: 5 });
    const edges = fc.uniqueArray(fc.tuple(place, place, fc.integer({ min: 0, max: 9 })), {
      selector: ([one, other]) => `${one} ${other}`,
      maxLength: 12,
    });
    fc.assert(
      fc.property(edges, (triples) => {
        const all = triples.map(([one, other, cost]) => edge(one, other, cost));
        const found = matchInOrder(all);
        expect({ length: found.length, total: totalOf(found) }).toEqual(bestOf(all));
        for (const [at, pair] of found.slice(1).entries()) {
          expect(pair.one).toBeGreaterThan(found[at]?.one ?? Number.NaN);
          expect(pair.other).toBeGreaterThan(found[at]?.other ?? Number.NaN);
        }
      }),
      { numRuns: 500 },
    );
  });
});
