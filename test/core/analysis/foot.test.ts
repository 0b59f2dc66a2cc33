import { describe, expect, it } from 'vitest';
import { findDepartures } from '../../../src/core/analysis/departures.ts';
import { type Departure, findOnset } from '../../../src/core/analysis/onset.ts';
import { findRecovery } from '../../../src/core/analysis/recovery.ts';
import { epochMs, instantAt } from '../../../src/core/time.ts';
import { seriesOf } from '../../support/events.ts';
import { randomOf } from '../../support/random.ts';

const MINUTE_MS = 60_000;

/** Points of noise about `quiet` until `start`, then a line to `top` that takes `rise` periods, held for half an hour, then quiet again. */
function climbing(seed: number, { start = 300.4, rise = 30, top = 10, before = (_at: number) => 0 }) {
  const random = randomOf(seed);
  const noise = () => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
  const meanIn = (at: number) =>
    Array.from({ length: 20 }, (_, part) => share((at + (part + 0.5) / 20 - start) / rise)).reduce((a, b) => a + b) / 20;
  const share = (way: number) => Math.min(1, Math.max(0, way));
  const end = Math.ceil(start + rise + 30);
  const values = Array.from({ length: end + 60 }, (_, at) => 100 + before(at) + noise() + (at < end ? top * meanIn(at) : 0));
  const series = seriesOf('a#Average', MINUTE_MS, '00:00', values, { unit: 'Seconds' });
  const firstMs = series.startsMs[0] ?? 0;
  return { series, truthMs: firstMs + start * MINUTE_MS, endMs: firstMs + end * MINUTE_MS, untilMs: firstMs + values.length * MINUTE_MS };
}

type Climb = ReturnType<typeof climbing>;

function scanned({ series, untilMs }: Climb): readonly Departure[] {
  const answer = findDepartures({ series, from: instantAt(series.startsMs[0] ?? 0), until: instantAt(untilMs) });
  return 'found' in answer ? [] : answer;
}

const SEEDS = Array.from({ length: 20 }, (_, at) => at + 1);
const errorOf = ({ time }: Departure, { truthMs }: Climb) => (epochMs(time.at) - truthMs) / MINUTE_MS;
const isHeld = ({ time }: Departure, { truthMs }: Climb) =>
  truthMs >= epochMs(time.at) - time.minusMs && truthMs < epochMs(time.at) + time.plusMs;

describe('the foot of a slow rise', () => {
  it('is where the line leaves the level before, not where it is plain, and the bounds lie to both sides of it', () => {
    const found = SEEDS.flatMap((seed) => {
      const climb = climbing(seed, {});
      return scanned(climb).map((one) => ({ error: errorOf(one, climb), isHeld: isHeld(one, climb), plusMs: one.time.plusMs }));
    });
    expect(found.length).toBeGreaterThanOrEqual(16);
    expect(found.filter(({ error }) => Math.abs(error) <= 4).length).toBeGreaterThanOrEqual(0.75 * found.length);
    expect(found.filter((one) => one.isHeld).length).toBeGreaterThanOrEqual(0.85 * found.length);
    expect(found.some(({ plusMs }) => plusMs > MINUTE_MS)).toBe(true);
  });

  it('is seen for an incident, too, from no more than what had come until the alarm', () => {
    const answers = SEEDS.map((seed) => {
      const climb = climbing(seed, {});
      const fired = { at: instantAt(climb.truthMs + 25 * MINUTE_MS), minusMs: 0, plusMs: 1 };
      const onset = findOnset({ series: climb.series, fired, until: instantAt(climb.untilMs), recentMs: 86_400_000 });
      return onset.found && isHeld(onset, climb) && Math.abs(errorOf(onset, climb)) <= 8;
    });
    expect(answers.filter(Boolean).length).toBeGreaterThanOrEqual(17);
  });

  it('has bounds that hold where the rise first shows, too: from there on it is an impact for whoever looks', () => {
    const held = SEEDS.map((seed) => {
      const climb = climbing(seed, { rise: 60, top: 15 });
      const fired = { at: instantAt(climb.truthMs + 63 * MINUTE_MS), minusMs: 0, plusMs: 1 };
      const onset = findOnset({ series: climb.series, fired, until: instantAt(climb.untilMs), recentMs: 86_400_000 });
      // A line of fifteen deviations in an hour is one deviation above the level after four minutes.
      return onset.found && isHeld(onset, { ...climb, truthMs: climb.truthMs + 4 * MINUTE_MS });
    });
    expect(held.filter(Boolean).length).toBeGreaterThanOrEqual(19);
  });

  it('takes the level before it for normal, so that the end is seen though the level had followed the rise', () => {
    const ends = SEEDS.flatMap((seed) => {
      const climb = climbing(seed, { rise: 40 });
      const [first] = scanned(climb);
      const recovery = first && findRecovery([first], 900_000);
      return recovery?.found ? [Math.abs(epochMs(recovery.time.at) - climb.endMs) / MINUTE_MS] : [];
    });
    expect(ends.filter((minutes) => minutes <= 2).length).toBeGreaterThanOrEqual(0.8 * ends.length);
    expect(ends.length).toBeGreaterThanOrEqual(10);
  });

  it('is none before a step, nor where another step or a spike came before one', () => {
    const step = { rise: 0.01, top: 20 };
    const others = [(_: number) => 0, (at: number) => (at > 280 ? 2.5 : 0), (at: number) => (at > 290 && at < 296 ? 30 : 0)];
    for (const before of others) {
      const errors = SEEDS.flatMap((seed) => {
        const climb = climbing(seed, { ...step, before });
        return Math.min(...scanned(climb).map((one) => Math.abs(errorOf(one, climb))));
      });
      expect(errors.filter((error) => error <= 1).length).toBeGreaterThanOrEqual(18);
    }
  });
});
