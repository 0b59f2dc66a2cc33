import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BudgetLimits } from '../../src/app/ports.ts';
import { createLimiter } from '../../src/platform/limiter.ts';
import { fakeStopwatch } from '../support/stopwatch.ts';

const THREE_A_SECOND: BudgetLimits = { requestsPerMinute: 3, windowMs: 1_000, concurrency: 4, pageSize: 100 };

/** Calls of an operation with its own window, one after the other or side by side, each on its way for a while; when each may have arrived. */
async function arrivals(
  onTheWayMs: readonly number[],
  sideBySide: boolean,
): Promise<readonly { readonly from: number; readonly to: number }[]> {
  const stopwatch = fakeStopwatch();
  const limiter = createLimiter(stopwatch);
  const seen: { from: number; to: number }[] = [];
  const call = (ms: number) =>
    limiter.limited('aws/DescribeAlarmHistory', THREE_A_SECOND, async () => {
      const from = stopwatch.elapsedMs();
      await stopwatch.sleep(ms);
      seen.push({ from, to: stopwatch.elapsedMs() });
    });
  const inTurn = async () => {
    for (const ms of onTheWayMs) await call(ms);
  };
  const all = sideBySide ? Promise.all(onTheWayMs.map(call)) : inTurn();
  for (let turn = 0; turn < 400 && seen.length < onTheWayMs.length; turn += 1) await stopwatch.advance(50);
  await all;
  return seen;
}

it('U2.1 three history calls a second: the fourth begins a second after the first has ended, since nobody knows when it arrived', async () => {
  const seen = await arrivals([200, 200, 200, 200, 200, 200], false);
  expect(seen.map(({ from }) => from)).toEqual([0, 200, 400, 1_200, 1_400, 1_600]);
});

it('law: wherever on their way calls arrive, no second sees more than three of them', async () => {
  const way = fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 4, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(way, fc.boolean(), async (onTheWayMs, sideBySide) => {
      const seen = (await arrivals(onTheWayMs, sideBySide)).toSorted((a, b) => a.from - b.from);
      expect(seen).toHaveLength(onTheWayMs.length);
      const ends = seen.map(({ to }) => to).toSorted((a, b) => a - b);
      // The third before the last to end has ended a second ago.
      for (const [index, { from }] of seen.slice(3).entries()) expect(from - (ends[index] ?? 0)).toBeGreaterThanOrEqual(980);
    }),
    { numRuns: 60 },
  );
});
