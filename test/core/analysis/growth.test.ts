import { describe, expect, it } from 'vitest';
import { findOnset } from '../../../src/core/analysis/onset.ts';
import { findRecovery } from '../../../src/core/analysis/recovery.ts';
import { epochMs, instantAt, likelyTime } from '../../../src/core/time.ts';
import { seriesOf } from '../../support/events.ts';
import { randomOf } from '../../support/random.ts';
import { alarmOf } from '../../support/sample-case.ts';

const MINUTE_MS = 60_000;
const START = 300.4;
const SEEDS = Array.from({ length: 30 }, (_, at) => at + 1);

/** Noise of one about 100 until `START`, then a rise of `top` that takes `rise` minutes along `wayAt`, and an alarm when it is up. */
function risen(seed: number, wayAt: (share: number) => number, rise = 20, top = 20) {
  const random = randomOf(seed);
  const noise = () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
  const share = (at: number) => Math.min(1, Math.max(0, (at - START) / rise));
  const meanIn = (at: number) => Array.from({ length: 20 }, (_, part) => wayAt(share(at + (part + 0.5) / 20))).reduce((a, b) => a + b) / 20;
  const values = Array.from({ length: 360 }, (_, at) => 100 + noise() + top * meanIn(at));
  const series = seriesOf('a#Average', MINUTE_MS, '00:00', values, { unit: 'Seconds' });
  const firstMs = series.startsMs[0] ?? 0;
  const fired = { at: instantAt(firstMs + Math.ceil(START + rise + 2) * MINUTE_MS), minusMs: 0, plusMs: 1 };
  const onset = findOnset({ series, fired, until: instantAt(firstMs + values.length * MINUTE_MS), recentMs: 86_400_000 });
  if (!onset.found) throw new Error(onset.detail);
  const truthMs = firstMs + START * MINUTE_MS;
  const isIn = ({ at, minusMs, plusMs }: typeof onset.time) => truthMs >= epochMs(at) - minusMs && truthMs < epochMs(at) + plusMs;
  return { isHeld: isIn(onset.time), widthMs: onset.time.minusMs + onset.time.plusMs, onset };
}

describe('a departure that grew', () => {
  it.each([
    ['with the square of its time', (share: number) => share ** 2],
    ['with the cube of it', (share: number) => share ** 3],
    ['by itself, as a queue does', (share: number) => Math.expm1(3 * share) / Math.expm1(3)],
  ])('%s may have begun long before it shows, and its bounds say so', (_, wayAt) => {
    const answers = SEEDS.map((seed) => risen(seed, wayAt));
    expect(answers.filter(({ isHeld }) => isHeld).length).toBeGreaterThanOrEqual(0.85 * SEEDS.length);
  });

  it('has the start that is likely beside the one that is possible, so that an order is not lost by it', () => {
    const wider = SEEDS.map((seed) => risen(seed, (share) => share ** 2).onset).filter(
      ({ time, likely }) => likely && likely.minusMs < time.minusMs,
    );
    expect(wider.length).toBeGreaterThan(SEEDS.length / 2);
    for (const onset of wider) expect(likelyTime(onset).at).toBe(onset.time.at);
  });

  it('at once is not dated back by it', () => {
    const steps = SEEDS.map((seed) => risen(seed, (share) => Math.sign(share)));
    expect(steps.every(({ isHeld }) => isHeld)).toBe(true);
    expect(steps.filter(({ widthMs }) => widthMs <= 2.5 * MINUTE_MS).length).toBeGreaterThanOrEqual(0.9 * SEEDS.length);
  });

  it('that fell back to normal on its way has not grown, nor what stepped and lay still before it stepped again', () => {
    const shapes = { back: [8, 8, 8, 5, 0, 0, 0, 0, 0, 0, 30, 30, 30], stair: [...Array.from({ length: 14 }, () => 20), 40, 40, 40] };
    for (const shape of Object.values(shapes)) {
      const wide = SEEDS.map((seed) => {
        const random = randomOf(seed);
        const noise = () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
        const values = Array.from({ length: 300 + shape.length }, (_, at) => 100 + noise() + (shape[at - 300] ?? 0));
        const series = seriesOf('a#Average', MINUTE_MS, '00:00', values, { unit: 'Seconds' });
        const at = instantAt((series.startsMs[0] ?? 0) + values.length * MINUTE_MS);
        const alarm = alarmOf({ threshold: 125, breaching: 1, outOf: 10, missing: 'missing' });
        const onset = findOnset({ series, alarm, fired: { at, minusMs: 0, plusMs: 1 }, until: at, recentMs: 86_400_000 });
        return onset.found ? onset.time.minusMs : Number.NaN;
      });
      expect(wide.filter((ms) => ms <= 3 * MINUTE_MS).length).toBeGreaterThanOrEqual(0.85 * SEEDS.length);
    }
  });
});

describe('a departure that faded', () => {
  /** An outage of an hour that falls by the same share in every 10 s: less than a deviation of the noise is left after `length` times the logarithm of its height. */
  const faded = (seed: number, length: number, height = 15) => {
    const random = randomOf(seed);
    const noise = () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
    const leftAt = (at: number) => (at < 600 ? 0 : at < 960 ? height : height * Math.exp((960 - at) / length));
    const values = Array.from({ length: 1500 }, (_, at) => 100 + noise() + leftAt(at + 0.5));
    const series = seriesOf('a#Average', 10_000, '00:00', values, { unit: 'Seconds' });
    const firstMs = series.startsMs[0] ?? 0;
    const fired = { at: instantAt(firstMs + 620 * 10_000), minusMs: 0, plusMs: 1 };
    const onset = findOnset({ series, fired, until: instantAt(firstMs + values.length * 10_000), recentMs: 86_400_000 });
    if (!onset.found) throw new Error(onset.detail);
    const recovery = findRecovery([onset], 15 * MINUTE_MS);
    if (!recovery.found) throw new Error(recovery.why);
    const truthMs = firstMs + (960 + length * Math.log(height)) * 10_000;
    const { at, minusMs, plusMs } = recovery.time;
    return { isHeld: truthMs >= epochMs(at) - minusMs && truthMs <= epochMs(at) + plusMs, plusMs };
  };

  it('may last long into the calm, and its bounds say so', () => {
    const answers = SEEDS.map((seed) => faded(seed, 20));
    expect(answers.filter(({ isHeld }) => isHeld).length).toBeGreaterThanOrEqual(0.85 * SEEDS.length);
  });

  it('at once is over at once', () => {
    const answers = SEEDS.map((seed) => faded(seed, 0.001));
    expect(answers.filter(({ isHeld }) => isHeld).length).toBeGreaterThanOrEqual(0.9 * SEEDS.length);
    expect(answers.filter(({ plusMs }) => plusMs <= 10_000).length).toBeGreaterThanOrEqual(0.75 * SEEDS.length);
  });
});
