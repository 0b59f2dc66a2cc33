import { expect, it } from 'vitest';
import { instantAt } from '../../src/core/time.ts';
import { standingClock, systemClock, systemStopwatch } from '../../src/platform/clock.ts';

it("the machine's clock says an instant between two readings of the machine", () => {
  const before = instantAt(Date.now());
  const now = systemClock().now();
  expect(now >= before && now <= instantAt(Date.now())).toBe(true);
});

it('a standing clock stands, and its waiting is real', async () => {
  const at = instantAt(Date.UTC(2024, 0, 15, 16));
  const clock = standingClock(at);
  const stopwatch = systemStopwatch();
  const began = stopwatch.elapsedMs();
  await clock.sleep(20);
  expect(stopwatch.elapsedMs() - began).toBeGreaterThanOrEqual(15);
  expect(clock.now()).toBe(at);
});

it('a sleep ends with the reason of the one who interrupts it, before or while it waits', async () => {
  const controller = new AbortController();
  const reason = new Error('interrupted');
  const asleep = systemClock().sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(asleep).rejects.toBe(reason);
  await expect(systemClock().sleep(60_000, controller.signal)).rejects.toBe(reason);
});
