import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseEvidenceId } from '../../src/core/evidence.ts';
import { joinSeries, type Series } from '../../src/core/series.ts';

/** A chunk of points in their order, or in any; in two chunks a start may stand with two values. */
const points = fc.uniqueArray(fc.tuple(fc.nat(9), fc.integer()), { selector: ([start]) => start, maxLength: 3 });
const chunks = fc.array(fc.record({ key: fc.constantFrom('a', 'b'), points, isSorted: fc.boolean() }), { maxLength: 4 });

function chunkOf(key: string, own: readonly (readonly [number, number])[], at: number): Series {
  const evidence = parseEvidenceId(`sha256:${String(at).padStart(64, '0')}`);
  if (!evidence) throw new RangeError('not an id');
  return {
    key,
    metric: key,
    dimensions: {},
    statistic: 'Sum',
    periodMs: 1,
    startsMs: Float64Array.from(own, ([start]) => start),
    values: Float64Array.from(own, ([, value]) => value),
    source: 'aws-prod',
    evidence: [evidence],
  };
}

it('chunks join to each start once, in time, with the value of the last chunk that has it, whether they overlap or follow one another', () => {
  fc.assert(
    fc.property(chunks, fc.nat(9), (given, least) => {
      const parts = given.map(({ key, points: own, isSorted }, at) => chunkOf(key, isSorted ? own.toSorted(([a], [b]) => a - b) : own, at));
      const joined = joinSeries(parts, (start) => start >= least);
      const keys = [...new Set(given.map(({ key }) => key))].toSorted();
      expect(joined.map(({ key }) => key)).toEqual(keys);
      for (const { key, startsMs, values } of joined) {
        const last = new Map(given.filter((chunk) => chunk.key === key).flatMap((chunk) => chunk.points));
        const expected = [...last].filter(([start]) => start >= least).toSorted(([a], [b]) => a - b);
        expect([...startsMs].map((start, at) => [start, values[at]])).toEqual(expected);
      }
    }),
    { numRuns: 500 },
  );
});

it('metrics that are read in the same minutes hold their starts once, others their own', () => {
  const day = (key: string, starts: readonly number[], at: number) =>
    chunkOf(
      key,
      starts.map((start) => [start, at]),
      at,
    );
  const [a, b, c, d] = joinSeries(
    [day('a', [1, 2, 4], 1), day('b', [1, 2, 4], 2), day('c', [1, 3, 4], 3), day('d', [1, 2, 4], 4)],
    () => true,
  );
  expect(b?.startsMs).toBe(a?.startsMs);
  expect(d?.startsMs).toBe(a?.startsMs);
  expect([...(c?.startsMs ?? [])]).toEqual([1, 3, 4]);
});
