import { expect, it } from 'vitest';
import type { ObservedLimits, SourceLimits } from '../../src/contract/index.ts';
import { NEW_ACCOUNT, note, take } from '../../src/platform/account.ts';
import { createLimiter } from '../../src/platform/limiter.ts';
import { fakeStopwatch } from '../support/stopwatch.ts';

const LIMITS: SourceLimits = { requestsPerMinute: 1_000, concurrency: 4, pageSize: 100 };

/** A limiter, and a vendor whose answers say what a test lets them say. */
function bench(answers: readonly ObservedLimits[] = []) {
  const stopwatch = fakeStopwatch();
  const limiter = createLimiter(stopwatch);
  const began: number[] = [];
  const said = [...answers];
  const call = async () => {
    await limiter.limited('github', LIMITS, async () => {
      began.push(stopwatch.elapsedMs());
      const seen = said.shift();
      if (seen) limiter.observe('github', LIMITS, seen);
    });
  };
  return { stopwatch, limiter, began, call };
}

it('waits for the reset before the vendor refuses, and leaves some of a told budget to others', async () => {
  const { stopwatch, began, call } = bench([{ remaining: 4, resetMs: 20_000, limit: 100 }]);
  await call();
  const rest = Promise.all([call(), call(), call(), call()]);
  await stopwatch.advance(19_999);
  expect(began).toEqual([0, 0, 0]);
  await stopwatch.advance(1);
  await rest;
  expect(began).toEqual([0, 0, 0, 20_000, 20_000]);
});

it('a draft of thirty calls never waits, whatever the vendor counts down', async () => {
  const { stopwatch, began, call } = bench(Array.from({ length: 30 }, (_, index) => ({ remaining: 4_999 - index, resetMs: 3_600_000 })));
  for (let made = 0; made < 30; made += 1) await call();
  expect(began).toHaveLength(30);
  expect(stopwatch.elapsedMs()).toBe(0);
});

it('a refusal closes the gate for every call of that source until the vendor said, and for no other source', async () => {
  const { stopwatch, limiter, began, call } = bench([{ throttled: true, resetMs: 7_000 }]);
  await call();
  const next = call();
  expect(await limiter.limited('pagerduty', LIMITS, async () => 'answered')).toBe('answered');
  await stopwatch.advance(6_999);
  expect(began).toHaveLength(1);
  await stopwatch.advance(1);
  await next;
  expect(began).toEqual([0, 7_000]);
});

it('a refusal that names no time closes it for a second, then twice as long, and an answer ends the count', async () => {
  const { stopwatch, began, call } = bench([{ throttled: true }, { throttled: true }, {}, { throttled: true }]);
  for (let made = 0; made < 5; made += 1) {
    const one = call();
    await stopwatch.advance(10_000);
    await one;
  }
  const { began: again, call: fast, stopwatch: other } = bench([{ throttled: true }, { throttled: true }, {}, { throttled: true }]);
  const all = (async () => {
    for (let made = 0; made < 5; made += 1) await fast();
  })();
  await other.advance(60_000);
  await all;
  expect(began).toHaveLength(5);
  expect(again).toEqual([0, 1_000, 3_000, 3_000, 4_000]);
});

it('what comes back too late for any draft is refused at once, and says for how long', async () => {
  const { call } = bench([{ remaining: 0, resetMs: 3_000_000, limit: 5_000 }]);
  await call();
  await expect(call()).rejects.toMatchObject({ reason: 'rate_limited', retryAfterMs: 3_000_000 });
});

it('answers that cost nothing are not counted against what the vendor says is left', async () => {
  const { stopwatch, began, call } = bench(Array.from({ length: 150 }, () => ({ remaining: 200, resetMs: 50_000, limit: 5_000 })));
  for (let made = 0; made < 150; made += 1) await call();
  expect(began).toHaveLength(150);
  expect(stopwatch.elapsedMs()).toBe(0);
});

it('an answer that was overtaken raises no count, and one of the window before says nothing of this one', () => {
  const terms = { windowMs: 60_000, now: 0 };
  const known = note(NEW_ACCOUNT, { remaining: 10, resetMs: 30_000 }, 0, terms);
  expect(note(known, { remaining: 12, resetMs: 30_000 }, 0, terms).told?.left).toBe(10);
  expect(note(known, { remaining: 9, resetMs: 30_000 }, 3, terms).told?.left).toBe(6);
  expect(note(known, { remaining: 0, resetMs: 10 }, 0, terms).told?.left).toBe(10);
  expect(note(known, { remaining: 99, resetMs: 60_000 }, 0, terms).told?.left).toBe(99);
});

it('an answer that was long on its way knows nothing of the calls that began meanwhile', () => {
  const terms = { limits: LIMITS, windowMs: 60_000, now: 0 };
  const known = note(NEW_ACCOUNT, { remaining: 89, resetMs: 30_000 }, 0, terms);
  const used = take(known, 60, { ...terms, now: 2_500 }).account;
  expect(used.told?.left).toBe(29);
  const late = { windowMs: 60_000, now: 5_000, beganAt: 1_000 };
  expect(note(used, { remaining: 85, resetMs: 29_000 }, 0, late).told).toMatchObject({ left: 29, resetsAt: 30_000 });
  expect(note(used, { remaining: 85, resetMs: 25_000 }, 0, { ...late, beganAt: 4_000 }).told?.left).toBe(53);
});

it('calls that others began before a window was told are taken off what it has left, until it ends', () => {
  const terms = { limits: LIMITS, windowMs: 60_000, now: 0 };
  const blind = take(take(NEW_ACCOUNT, 3, terms).account, 6, { ...terms, now: 10 }).account;
  const told = note(blind, { remaining: 89, resetMs: 30_000 }, 2, { windowMs: 60_000, now: 50, beganAt: 10 });
  expect(told.told?.left).toBe(81);
  expect(note(told, { remaining: 70, resetMs: 55_000 }, 0, { windowMs: 60_000, now: 60, beganAt: 40 }).told?.left).toBe(62);
  const next = take(told, 2, { ...terms, now: 56_000 }).account;
  expect(note(next, { remaining: 89, resetMs: 29_900 }, 0, { windowMs: 60_000, now: 56_100, beganAt: 56_000 }).told?.left).toBe(88);
});

it('a clock that was set back holds nobody up for longer than a window', () => {
  const later = { limits: LIMITS, windowMs: 60_000, now: 1e12 };
  const written = take(note(NEW_ACCOUNT, { throttled: true, resetMs: 90_000_000 }, 0, later), 0, later).account;
  const full = { ...written, began: [[1e12, 1_000]] as const };
  expect(take(full, 1, { ...later, now: 0 }).granted).toBe(1);
  const usedUp = note(NEW_ACCOUNT, { remaining: 0, resetMs: 60_000 }, 0, later);
  expect(take(usedUp, 1, later).granted).toBe(0);
  expect(take(usedUp, 1, { ...later, now: 0 }).granted).toBe(1);
});

it('for a minute after a refusal calls go one at a time, then as many as before', async () => {
  const stopwatch = fakeStopwatch();
  const limiter = createLimiter(stopwatch);
  const finish: (() => void)[] = [];
  const call = () => limiter.limited('pagerduty', LIMITS, () => new Promise<void>((resolve) => finish.push(resolve)));
  await limiter.limited('pagerduty', LIMITS, async () => limiter.observe('pagerduty', LIMITS, { throttled: true, resetMs: 5_000 }));
  const all = Array.from({ length: 4 }, call);
  await stopwatch.advance(5_000);
  expect(finish).toHaveLength(1);
  limiter.observe('pagerduty', LIMITS, { remaining: 900, resetMs: 50_000 });
  finish[0]?.();
  await stopwatch.advance(1);
  expect(finish).toHaveLength(2);
  await stopwatch.advance(60_000);
  finish[1]?.();
  await stopwatch.advance(1);
  expect(finish).toHaveLength(4);
  for (const end of finish) end();
  await Promise.all(all);
});
