import { describe, expect, it } from 'vitest';
import { type AlarmFact, type Departure, findOnset, type OnsetQuestion, type Refusal } from '../../../src/core/analysis/onset.ts';
import { findRecovery } from '../../../src/core/analysis/recovery.ts';
import type { Series } from '../../../src/core/series.ts';
import { epochMs, instantAt } from '../../../src/core/time.ts';
import { instant, moment, seriesOf, windowOf } from '../../support/events.ts';
import { randomFrom } from '../../support/generated-series.ts';
import { alarmOf } from '../../support/sample-case.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function found(answer: Departure | Refusal): Departure {
  if (!answer.found) throw new Error(`refused: ${answer.detail}`);
  return answer;
}

describe('points that stop', () => {
  const heartbeat = (last: number, then: readonly number[] = []) =>
    seriesOf('a#Average', MINUTE_MS, '13:00', [...Array.from({ length: 90 }, () => 1), last, ...then], { unit: 'None' });
  const gone = Array.from({ length: 30 }, () => Number.NaN);
  const back = Array.from({ length: 30 }, () => 1);
  function ask(series: Series, missing: AlarmFact['missing'], overrides: Partial<OnsetQuestion> = {}): Departure | Refusal {
    const alarm = alarmOf({ missing, comparison: 'below', threshold: 1 });
    return findOnset({ series, alarm, fired: moment('14:34', 0, 1), until: instant('15:30'), recentMs: DAY_MS, ...overrides });
  }

  it('are the departure where the alarm takes absent points as breaching, from the last period that had one on', () => {
    const answer = found(ask(heartbeat(1, gone), 'breaching'));
    expect(answer.time).toEqual({ at: instant('14:31'), minusMs: MINUTE_MS, plusMs: MINUTE_MS });
    expect(answer.value).toBeUndefined();
  });

  it('are over with the first point that is there again and stays', () => {
    const answer = found(ask(heartbeat(1, [...gone, ...back]), 'breaching'));
    const recovery = findRecovery([answer], 15 * MINUTE_MS);
    expect(recovery).toMatchObject({ found: true, time: { at: instant('15:01'), minusMs: MINUTE_MS } });
  });

  it('are none for an alarm that takes them otherwise, nor where they were not read, nor in a series that has holes anyway', () => {
    expect(ask(heartbeat(1, gone), 'missing')).toMatchObject({ found: false });
    const read = { from: instant('13:00'), blind: [windowOf('14:31', '15:00')] };
    expect(ask(heartbeat(1, gone), 'breaching', { read })).toMatchObject({ found: false });
    const holey = heartbeat(1, gone);
    const keeps = (_value: number, index: number) => index % 3 === 0;
    const rare = { ...holey, startsMs: holey.startsMs.filter(keeps), values: holey.values.filter(keeps) };
    expect(ask(rare, 'breaching')).toMatchObject({ found: false });
  });
});

/** Noise around a level from midnight on, and from `onsetMs` on a straight rise of `slope` noises a period. */
function rising(
  seed: number,
  periodMs: number,
  slope: number,
): { readonly series: Series; readonly onsetMs: number; readonly firedMs: number } {
  const random = randomFrom(seed);
  const fromMs = Date.parse('2024-01-14T00:00:00Z');
  const onsetMs = fromMs + Math.round((200 + random() * 20) * periodMs);
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  const values = Array.from({ length: 270 }, (_, index) => {
    const middleMs = fromMs + (index + 0.5) * periodMs;
    return 100 + normal() + Math.max(0, ((middleMs - onsetMs) / periodMs) * slope);
  });
  const startsMs = Float64Array.from(values, (_value, index) => fromMs + index * periodMs);
  const series = seriesOf('a#Average', periodMs, '2024-01-14T00:00:00Z', [], {
    unit: 'Seconds',
    startsMs,
    values: Float64Array.from(values),
  });
  return { series, onsetMs, firedMs: onsetMs + Math.ceil(24 / slope) * periodMs };
}

it('may have begun with any of its first points until one is wholly out: two that lie out less may be chance', () => {
  const { threshold: _, ...alarm } = alarmOf({ missing: 'missing' });
  const faint = (seed: number) => {
    const random = randomFrom(seed);
    const noise = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
    const values = Array.from({ length: 420 }, (_value, at) => 100 + (at === 400 || at === 401 ? 3.6 : noise() + (at > 401 ? 40 : 0)));
    const series = seriesOf('a#Average', MINUTE_MS, '07:00', values, { unit: 'Seconds' });
    return found(findOnset({ series, alarm, fired: moment('13:45', 0, 1), until: instant('14:00'), recentMs: DAY_MS }));
  };
  const answers = Array.from({ length: 20 }, (_value, seed) => faint(seed + 1)).filter(({ time }) => time.at === instant('13:40'));
  expect(answers.length).toBeGreaterThanOrEqual(10);
  for (const { time, likely } of answers) {
    expect(time.plusMs).toBe(3 * MINUTE_MS);
    // What came first is asked of the narrower bounds: two faint points are no likelier chance for that.
    expect(likely?.plusMs).toBe(MINUTE_MS);
  }
});

describe('a slow rise', () => {
  it.each([10_000, MINUTE_MS, 300_000, 3_600_000])('of %i ms periods is stated back to where it began, in nine of ten', (periodMs) => {
    const { threshold: _, ...alarm } = alarmOf({ missing: 'missing', periodMs });
    const answers = Array.from({ length: 200 }, (_value, seed) => {
      const { series, onsetMs, firedMs } = rising(seed + 1, periodMs, 1 + (seed % 4) / 4);
      const fired = { at: instantAt(firedMs), minusMs: 0, plusMs: 1 };
      const until = instantAt(firedMs + periodMs);
      return { onsetMs, answer: found(findOnset({ series, alarm, fired, until, recentMs: 400 * periodMs })) };
    });
    const held = answers.filter(({ onsetMs, answer: { time } }) => {
      return onsetMs >= epochMs(time.at) - time.minusMs && onsetMs < epochMs(time.at) + time.plusMs;
    });
    expect(held.length).toBeGreaterThanOrEqual(180);
    const widths = answers.map(({ answer: { time } }) => (time.minusMs + time.plusMs) / periodMs).toSorted((a, b) => a - b);
    // A rise that bends may have begun earlier than its line says.
    expect(widths[100]).toBeLessThanOrEqual(10);
  });

  it('is not seen in a step, however noisy', () => {
    const { threshold: _, ...alarm } = alarmOf({ missing: 'missing' });
    const random = randomFrom(7);
    const values = Array.from({ length: 120 }, (_value, index) => (index < 90 ? 100 : 160) + random() * 10);
    const series = seriesOf('a#Average', MINUTE_MS, '13:00', values, { unit: 'Seconds' });
    const answer = found(findOnset({ series, alarm, fired: moment('14:45', 0, 1), until: instant('15:00'), recentMs: DAY_MS }));
    expect(answer.time).toMatchObject({ at: instant('14:30') });
    expect(answer.time.minusMs).toBeLessThanOrEqual(MINUTE_MS);
  });
});
