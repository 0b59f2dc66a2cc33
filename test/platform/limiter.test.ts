import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { SourceLimits } from '../../src/contract/index.ts';
import { createLimiter } from '../../src/platform/limiter.ts';
import { fakeStopwatch } from '../support/stopwatch.ts';

const limitsOf = (requestsPerMinute: number, concurrency: number): SourceLimits => ({ requestsPerMinute, concurrency, pageSize: 100 });

it('a short draft never waits, and the call after the last that a minute allows waits until the first is a minute old', async () => {
  const stopwatch = fakeStopwatch();
  const limiter = createLimiter(stopwatch);
  const began: number[] = [];
  const call = () =>
    limiter.limited('pagerduty', limitsOf(3, 10), async () => {
      began.push(stopwatch.elapsedMs());
    });
  await Promise.all([call(), call()]);
  await stopwatch.advance(10_000);
  const rest = Promise.all([call(), call(), call()]);
  await stopwatch.advance(49_999);
  expect(began).toEqual([0, 0, 10_000]);
  await stopwatch.advance(1);
  await rest;
  expect(began).toEqual([0, 0, 10_000, 60_000, 60_000]);
});

it('no more calls than the concurrency run at once, in the order in which they came', async () => {
  const limiter = createLimiter(fakeStopwatch());
  const log: string[] = [];
  const finish: (() => void)[] = [];
  const call = (name: string) =>
    limiter.limited('github', limitsOf(100, 2), async () => {
      log.push(`${name} began`);
      await new Promise<void>((resolve) => finish.push(resolve));
      log.push(`${name} ended`);
    });
  const all = Promise.all(['a', 'b', 'c'].map(call));
  await settle();
  expect(log).toEqual(['a began', 'b began']);
  finish[0]?.();
  await settle();
  expect(log).toEqual(['a began', 'b began', 'a ended', 'c began']);
  finish[1]?.();
  finish[2]?.();
  await all;
});

it('one source at its limit does not hold up another', async () => {
  const limiter = createLimiter(fakeStopwatch());
  await limiter.limited('pagerduty', limitsOf(1, 1), async () => 'spent');
  void limiter.limited('pagerduty', limitsOf(1, 1), async () => 'waits').catch(() => undefined);
  expect(await limiter.limited('github', limitsOf(1, 1), async () => 'answered')).toBe('answered');
});

it('a call that fails gives its place back, and its error to its caller', async () => {
  const limiter = createLimiter(fakeStopwatch());
  const failed = limiter.limited('github', limitsOf(9, 1), async () => Promise.reject(new Error('503')));
  await expect(failed).rejects.toThrow('503');
  expect(await limiter.limited('github', limitsOf(9, 1), async () => 'next')).toBe('next');
});

it('who gives up while waiting leaves the queue, spends nothing and leaves no timer behind', async () => {
  const stopwatch = fakeStopwatch();
  const limiter = createLimiter(stopwatch);
  const controller = new AbortController();
  await limiter.limited('github', limitsOf(1, 1), async () => undefined);
  let ran = false;
  const task = async () => {
    ran = true;
  };
  const waiting = limiter.limited('github', limitsOf(1, 1), task, controller.signal);
  await settle();
  expect(stopwatch.sleepers()).toBe(1);
  controller.abort(new Error('interrupted'));
  await expect(waiting).rejects.toThrow('interrupted');
  await settle();
  expect(stopwatch.sleepers()).toBe(0);
  await expect(limiter.limited('github', limitsOf(1, 1), task, controller.signal)).rejects.toThrow('interrupted');
  await stopwatch.advance(120_000);
  expect(ran).toBe(false);
  expect(await limiter.limited('github', limitsOf(1, 1), async () => 'free')).toBe('free');
});

it('law: in no 60 seconds more calls begin than allowed, never more run at once, and all run in the end', async () => {
  const plan = fc.record({
    perMinute: fc.integer({ min: 1, max: 6 }),
    concurrency: fc.integer({ min: 1, max: 4 }),
    calls: fc.array(fc.record({ afterMs: fc.nat(20_000), takesMs: fc.nat(15_000) }), { minLength: 1, maxLength: 25 }),
  });
  await fc.assert(
    fc.asyncProperty(plan, async ({ perMinute, concurrency, calls }) => {
      const stopwatch = fakeStopwatch();
      const limiter = createLimiter(stopwatch);
      const began: number[] = [];
      let running = 0;
      let most = 0;
      const pending: Promise<void>[] = [];
      for (const { afterMs, takesMs } of calls) {
        await stopwatch.advance(afterMs);
        pending.push(
          limiter.limited('s', limitsOf(perMinute, concurrency), async () => {
            began.push(stopwatch.elapsedMs());
            running += 1;
            most = Math.max(most, running);
            await stopwatch.sleep(takesMs);
            running -= 1;
          }),
        );
      }
      for (let turn = 0; turn < 200 && began.length < calls.length; turn += 1) await stopwatch.advance(10_000);
      await stopwatch.advance(20_000);
      await Promise.all(pending);
      expect(began).toHaveLength(calls.length);
      expect(most).toBeLessThanOrEqual(concurrency);
      const tooSoon = began.filter((at, index) => at - (began[index - perMinute] ?? Number.NEGATIVE_INFINITY) < 60_000);
      expect(tooSoon).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}
