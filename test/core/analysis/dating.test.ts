import { describe, expect, it } from 'vitest';
import { raisedFor } from '../../../src/core/analysis/creep.ts';
import { type Edge, hiddenPeriods } from '../../../src/core/analysis/dating.ts';
import { randomFrom } from '../../support/generated-series.ts';

/** A departure of `inside` (the first is its plain period) beside noise of standard deviation 1, and what lies outside, nearest first. */
function edgeOf(inside: readonly number[], outside: readonly number[] = [], seed = 1): Edge {
  const quiet = noiseOf(800, seed);
  const excessAt = (step: number) => (step >= 0 ? (inside[step] ?? Number.NaN) : (outside[-step - 1] ?? quiet[-step - 1] ?? Number.NaN));
  return { excessAt, spread: 1, last: inside.length - 1, use: 'order', periodMs: 60_000 };
}

function noiseOf(count: number, seed: number): readonly number[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6));
}

const times = (count: number, value: number) => Array.from({ length: count }, () => value);

describe('how early a departure may have begun', () => {
  it('is at its plain period where that stands a thousand times above the noise, and a part of one further where it stands ten times', () => {
    expect(hiddenPeriods(edgeOf(times(6, 1000), [0, 0, 0]))).toBeLessThanOrEqual(0.02);
    const weak = hiddenPeriods(edgeOf(times(6, 10), [0, 0, 0]));
    expect(weak).toBeGreaterThan(0.1);
    expect(weak).toBeLessThan(1);
  });

  it('of a rise is where its line leaves normal, though the points there lie in the noise', () => {
    // It began two and a half periods before its plain one, and grows by 4 in each.
    const areaOf = (until: number) => (until > 0 ? 2 * until ** 2 : 0);
    const rising = (step: number) => areaOf(step + 3.5) - areaOf(step + 2.5);
    const hidden = hiddenPeriods(edgeOf([0, 1, 2, 3].map(rising), [-1, -2, -3, -4].map(rising)));
    expect(hidden).toBeGreaterThanOrEqual(2.5);
    expect(hidden).toBeLessThan(4);
  });

  it('of a rise that bends is before its line, where lengths are counted from it; of a step only where the periods are as long as growth takes', () => {
    // It began a period and a half before its plain one, and grows with the third power of its time until the third.
    const areaOf = (until: number) => (until > 0 ? Math.min(until, 3.5) ** 4 / (4 * 3.5 ** 3) + Math.max(0, until - 3.5) : 0);
    const bent = (step: number) => 40 * (areaOf(step + 2.5) - areaOf(step + 1.5));
    const curve = edgeOf([0, 1, 2, 3, 4, 5].map(bent), [-1, -2, -3].map(bent));
    expect(hiddenPeriods({ ...curve, use: 'figures' })).toBeGreaterThanOrEqual(1.5);
    expect(hiddenPeriods({ ...curve, use: 'figures' })).toBeGreaterThan(hiddenPeriods(curve));
    const step = { ...edgeOf([12, 40, 40, 40, 40], [0, 0, 0, 0]), use: 'figures' } as const;
    expect(hiddenPeriods(step)).toBeLessThan(0.5);
    expect(hiddenPeriods({ ...step, periodMs: 3_600_000 })).toBeLessThan(0.5);
    expect(hiddenPeriods({ ...step, periodMs: 300_000 })).toBeGreaterThan(0.5);
  });

  it('of a rollout by steps may be as far back as its first step could hide, however high the second stands', () => {
    const hidden = hiddenPeriods(edgeOf([8, 60, 200, 200], [3.5, 0, 0]));
    expect(hidden).toBeGreaterThanOrEqual(3.5 / 8);
    expect(hidden).toBeLessThanOrEqual(1);
  });

  it('is as far back as the last point where none are there', () => {
    const hidden = hiddenPeriods(edgeOf(times(6, 1000), [Number.NaN, Number.NaN, Number.NaN, 0, 0]));
    expect(hidden).toBeGreaterThanOrEqual(3);
    expect(hidden).toBeLessThan(3.2);
  });

  it('is doubted less where an order is asked than where a length is, and least where no incident asks', () => {
    const edge = edgeOf(times(6, 10), [0, 0, 0]);
    expect(hiddenPeriods({ ...edge, use: 'scan' })).toBeLessThan(hiddenPeriods({ ...edge, use: 'order' }));
    expect(hiddenPeriods({ ...edge, use: 'order' })).toBeLessThan(hiddenPeriods({ ...edge, use: 'figures' }));
  });

  it('of a slope that runs out through the noise is where its line ends, further on than the points that show to be raised', () => {
    // Twelve periods of a line that falls from 5.5 to nothing, beside 6 and more.
    const sloped = Array.from({ length: 12 }, (_, at) => 5.5 - (at + 0.5) * (5.5 / 12));
    const held = Array.from({ length: 100 }, (_, seed) => {
      const noisy = noiseOf(12, seed + 900).map((one, at) => one + (sloped[at] ?? 0));
      return hiddenPeriods({ ...edgeOf([6, 6.4, 6.9, 7.3], noisy, seed), use: 'figures' }) >= 12;
    });
    expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(95);
  });

  it('holds the start of a canary that stayed within the noise for twenty periods, in nine of ten', () => {
    const held = Array.from({ length: 100 }, (_, seed) => {
      const raised = noiseOf(20, seed + 500).map((one) => one + 2);
      const hidden = hiddenPeriods(edgeOf(times(6, 30), raised, seed));
      return hidden >= 20 && hidden <= 32;
    });
    expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(90);
  });
});

describe('a canary of six periods within the noise', () => {
  const heldIn = (use: Edge['use']) =>
    Array.from({ length: 200 }, (_, seed) => {
      const raised = noiseOf(6, seed + 500).map((one) => one + 2);
      const hidden = hiddenPeriods({ ...edgeOf(times(6, 30), raised, seed), use });
      return hidden >= 6;
    }).filter(Boolean).length;

  it('is held by the bounds that lengths are counted from in nineteen of twenty, by those that say what came first in fewer', () => {
    expect(heldIn('figures')).toBeGreaterThanOrEqual(190);
    expect(heldIn('order')).toBeLessThan(heldIn('figures'));
  });
});

describe('a raised stretch', () => {
  it.each(['surely', 'maybe'] as const)('is %s seen in fewer than one of twenty where there is only noise', (sure) => {
    const found = Array.from({ length: 200 }, (_, seed) => {
      const quiet = noiseOf(800, seed + 1);
      return raisedFor((away) => quiet[away - 1] ?? Number.NaN, sure);
    });
    expect(found.filter((length) => length > 0).length).toBeLessThan(10);
  });

  it('is no news in a metric that wanders as much all day', () => {
    const wandering = (away: number) => 2 * Math.sin(away / 9) + (noiseOf(800, 7)[away - 1] ?? Number.NaN);
    const early = (away: number) => (away <= 700 ? wandering(away) : Number.NaN);
    expect(raisedFor(early, 'maybe')).toBe(0);
  });

  it('is not claimed where too little lies before to compare with', () => {
    expect(raisedFor((away) => (away <= 10 ? 5 : away <= 30 ? 0 : Number.NaN), 'maybe')).toBe(0);
  });
});
