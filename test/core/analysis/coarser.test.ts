import { describe, expect, it } from 'vitest';
import { type AlarmFact, findOnset, type OnsetQuestion } from '../../../src/core/analysis/onset.ts';
import type { Series } from '../../../src/core/series.ts';
import { epochMs, instantAt, type Moment } from '../../../src/core/time.ts';
import { seriesOf } from '../../support/events.ts';
import { randomFrom } from '../../support/generated-series.ts';
import { alarmOf } from '../../support/sample-case.ts';

const FROM_MS = Date.parse('2024-01-14T00:00:00Z');
const HOUR_MS = 3_600_000;
const SEEDS = Array.from({ length: 40 }, (_, seed) => seed + 1);

/** Six hours of noise of standard deviation 1 around 100, and what is added to it in each period. */
function noisy(seed: number, periodMs: number, added: (middleMs: number) => number): Series {
  const random = randomFrom(seed);
  const normal = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  const startsMs = Float64Array.from({ length: (6 * HOUR_MS) / periodMs }, (_, at) => FROM_MS + at * periodMs);
  const values = startsMs.map((startMs) => 100 + normal() + added(startMs + periodMs / 2));
  return seriesOf('a#Average', periodMs, '2024-01-14T00:00:00Z', [], { unit: 'Seconds', startsMs, values });
}

const onsetOf = (seed: number) => FROM_MS + 4 * HOUR_MS + Math.round(randomFrom(seed + 100)() * 600_000);

function ask(series: Series, firedMs: number, more: Partial<OnsetQuestion> = {}) {
  const fired = { at: instantAt(firedMs), minusMs: 0, plusMs: 1 };
  return findOnset({ series, fired, until: instantAt(FROM_MS + 6 * HOUR_MS), recentMs: 24 * HOUR_MS, ...more });
}

const holds = ({ at, minusMs, plusMs }: Moment, truthMs: number) => truthMs >= epochMs(at) - minusMs && truthMs < epochMs(at) + plusMs;

describe.each([10_000, 60_000])('in periods of %i ms', (periodMs) => {
  it('a step of three standard deviations is seen in longer ones, in nine of ten, and held', () => {
    const answers = SEEDS.map((seed) => {
      const answer = ask(
        noisy(seed, periodMs, (ms) => (ms >= onsetOf(seed) ? 3 : 0)),
        onsetOf(seed) + 1_500_000,
      );
      return { seed, answer };
    });
    const held = answers.filter(({ seed, answer }) => answer.found && holds(answer.time, onsetOf(seed)));
    expect(held.length).toBeGreaterThanOrEqual(36);
  });

  it('a rise of half an hour is found, and held from where it began in three of four', () => {
    const { threshold: _, ...alarm }: AlarmFact = alarmOf({ missing: 'missing', periodMs });
    const answers = SEEDS.map((seed) => {
      const onsetMs = onsetOf(seed);
      const rise = (ms: number) => (10 * Math.min(Math.max(0, ms - onsetMs), HOUR_MS / 2)) / (HOUR_MS / 2);
      return { onsetMs, answer: ask(noisy(seed, periodMs, rise), onsetMs + 1_500_000, { alarm }) };
    });
    expect(answers.filter(({ answer }) => answer.found)).toHaveLength(SEEDS.length);
    expect(answers.filter(({ onsetMs, answer }) => answer.found && holds(answer.time, onsetMs)).length).toBeGreaterThanOrEqual(30);
  });

  it('quiet hours have no departure in longer ones either', () => {
    const quiet = SEEDS.map((seed) =>
      ask(
        noisy(seed, periodMs, () => 0),
        onsetOf(seed),
      ),
    );
    expect(quiet.filter(({ found }) => found)).toEqual([]);
  });
});

it('an outage that was over twenty minutes before is not taken for the beginning of the next', () => {
  const answers = SEEDS.map((seed) => {
    const onsetMs = onsetOf(seed);
    const isOut = (ms: number) => ms >= onsetMs || (ms >= onsetMs - 1_800_000 && ms < onsetMs - 1_200_000);
    const series = noisy(seed, 60_000, (ms) => (isOut(ms) ? 15 : 0));
    return { onsetMs, answer: ask(series, onsetMs + 600_000) };
  });
  const held = answers.filter(({ onsetMs, answer }) => answer.found && holds(answer.time, onsetMs));
  const narrow = held.filter(({ answer }) => answer.found && answer.time.minusMs <= 300_000);
  expect(held.length).toBeGreaterThanOrEqual(36);
  expect(narrow.length).toBeGreaterThanOrEqual(36);
});
