import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectOf, mildFrom } from '../../../src/core/analysis/mitigation.ts';
import { type Departure, findOnset } from '../../../src/core/analysis/onset.ts';
import { findRecovery } from '../../../src/core/analysis/recovery.ts';
import type { Series } from '../../../src/core/series.ts';
import { addMs, between, epochMs, instantAt, type Moment } from '../../../src/core/time.ts';
import { instant, moment, seriesOf } from '../../support/events.ts';
import { type Episode, generateSeries, randomFrom } from '../../support/generated-series.ts';
import { alarmOf, errorsAt } from '../../support/sample-case.ts';

const MINUTE_MS = 60_000;
const STABLE_MS = 15 * MINUTE_MS;
const PATIENCE = { withinMs: 10 * MINUTE_MS, stableMs: STABLE_MS };
const { threshold: _threshold, ...ALARM } = alarmOf({ missing: 'missing' });

function departureOf(series: Series, until: string, fired: Moment = moment('14:32', 0, 1)): Departure {
  const answer = findOnset({ series, alarm: ALARM, fired, until: instant(until), recentMs: 86_400_000 });
  if (!answer.found) throw new Error(answer.detail);
  return answer;
}

/** Ninety quiet minutes from 13:00, then what is given from 14:30 on. */
function course(then: readonly number[], key = 'a#Average'): Series {
  const quiet = Array.from({ length: 90 }, (_, index) => 1 + (index % 3) / 10);
  return seriesOf(key, MINUTE_MS, '13:00', [...quiet, ...then], { unit: 'Seconds' });
}
const times = (count: number, value: number) => Array.from({ length: count }, () => value);

describe('recovery', () => {
  it.each([
    [60, '14:50', 60_000],
    [300, '14:50', 300_000],
    [3_600, '15:00', 3_600_000],
  ])('of the sample is the first calm %i s period, and may have come inside the last bad one', (period, at, minusMs) => {
    const departure = departureOf(errorsAt(period, '2024-01-14T14:00:00Z', '2024-01-15T16:00:00Z'), '16:00');
    const recovery = findRecovery([departure], STABLE_MS);
    expect(recovery).toMatchObject({ found: true, time: { at: instant(at), minusMs } });
    // A rest of them may be in the noise of the first calm period: a twentieth of it at most, and of five minutes, which may hide a fade, a tenth.
    expect(recovery.found && recovery.time.plusMs).toBeLessThanOrEqual(minusMs / (period === 300 ? 10 : 20));
  });

  it('is not the first dip: fifteen calm minutes must follow', () => {
    const departure = departureOf(course([...times(5, 90), ...times(8, 1), ...times(4, 90), ...times(20, 1)]), '15:30');
    expect(findRecovery([departure], STABLE_MS)).toMatchObject({ time: { at: instant('14:47') } });
  });

  it('is awaited while the data end too early, and absent where the metric never settles', () => {
    expect(findRecovery([departureOf(course([...times(5, 90), ...times(8, 1)]), '14:43')], STABLE_MS)).toMatchObject({
      found: false,
      why: 'running',
      calm: { at: instant('14:35'), minusMs: MINUTE_MS },
    });
    expect(findRecovery([departureOf(course(times(30, 90)), '15:00')], STABLE_MS)).toEqual({ found: false, why: 'relapsing' });
  });

  it('is seen in a series that lacks a third of its points anyway, and not in a hole of it', () => {
    const holey = (values: readonly number[]) =>
      values.map((value, at) => ([2, 5, 9].includes(at % 10) || at % 20 === 3 ? Number.NaN : value));
    const quiet = Array.from({ length: 90 }, (_, at) => 1 + (at % 3) / 10);
    const series = (then: readonly number[]) => seriesOf('a#Average', MINUTE_MS, '13:00', holey([...quiet, ...then]), { unit: 'Seconds' });
    const back = departureOf(series([...times(12, 90), ...times(40, 1)]), '15:30', moment('14:36', 0, 1));
    expect(findRecovery([back], STABLE_MS)).toMatchObject({ found: true, time: { at: instant('14:44'), minusMs: 3 * MINUTE_MS } });
    const gone = departureOf(series([...times(12, 90), 1, ...times(14, Number.NaN), ...times(25, 90)]), '15:30', moment('14:36', 0, 1));
    expect(findRecovery([gone], STABLE_MS)).toMatchObject({ found: false });
  });

  it('needs its points: a hole is not calm, a few missing ones are', () => {
    const silent = departureOf(course([...times(5, 90), ...times(30, Number.NaN), ...times(20, 1)]), '15:30');
    expect(findRecovery([silent], STABLE_MS)).toMatchObject({ time: { at: instant('15:05'), minusMs: 31 * MINUTE_MS } });
    const patchy = departureOf(course([...times(5, 90), 1, 1, Number.NaN, Number.NaN, ...times(20, 1)]), '15:30');
    expect(findRecovery([patchy], STABLE_MS)).toMatchObject({ time: { at: instant('14:35'), minusMs: MINUTE_MS } });
  });

  it('is not read into a count that fell silent, but is into one that reports only what it counts', () => {
    const alarm = alarmOf();
    const question = { alarm, fired: moment('14:32', 0, 1), until: instant('15:30'), recentMs: 5_400_000 };
    const steady = findOnset({ ...question, series: errorsAt(60, '2024-01-15T13:00:00Z', '2024-01-15T14:45:00Z') });
    if (!steady.found) throw new Error(steady.detail);
    expect(findRecovery([steady], STABLE_MS)).toEqual({ found: false, why: 'relapsing' });
    const sparse = Array.from({ length: 105 }, (_, index) => (index >= 89 ? 900 + index : index % 4 === 0 ? 1 : Number.NaN));
    const counted = findOnset({ ...question, series: seriesOf('a#Sum', MINUTE_MS, '13:00', sparse) });
    if (!counted.found) throw new Error(counted.detail);
    expect(counted.time.at).toBe(instant('14:29'));
    expect(findRecovery([counted], STABLE_MS)).toMatchObject({ time: { at: instant('14:45') } });
  });

  it('of a slow fall may be as late as where its line meets normal, of a steep one only inside the first calm period', () => {
    const fall = Array.from({ length: 15 }, (_, minute) => 4 - 0.2 * minute);
    const slow = findRecovery([departureOf(course([...times(10, 4), ...fall, ...times(30, 1.1)]), '15:25')], STABLE_MS);
    if (!slow.found) throw new Error(slow.why);
    const { at, plusMs } = slow.time;
    expect(at < instant('14:54')).toBe(true);
    expect(epochMs(at) + plusMs).toBeGreaterThanOrEqual(epochMs(instant('14:54')));
    expect(epochMs(at) + plusMs).toBeLessThanOrEqual(epochMs(instant('14:58')));
    const steep = findRecovery([departureOf(course([...times(10, 4), ...times(30, 1.1)]), '15:10')], STABLE_MS);
    expect(steep).toMatchObject({ found: true, time: { at: instant('14:40'), minusMs: MINUTE_MS } });
    expect(steep.found && steep.time.plusMs).toBeLessThan(MINUTE_MS);
  });

  it('most likely came before a rollback that began late in its first calm period, though a length must reckon with more', () => {
    const over = findRecovery([departureOf(course([...times(10, 4), ...times(30, 1.1)]), '15:10')], STABLE_MS);
    if (!over.found) throw new Error(over.why);
    const { time, likely } = over;
    expect(likely).toEqual({ ...time, plusMs: likely.plusMs });
    const rollback = { at: addMs(time.at, likely.plusMs), minusMs: 0, plusMs: 1_000 };
    expect(between(rollback, likely).maxMs).toBeLessThanOrEqual(0);
    expect(between(rollback, time).maxMs).toBeGreaterThan(0);
  });

  it('may have come later in a first calm period that is itself somewhat out than in one that is not', () => {
    const left = departureOf(course([...times(10, 4), 1.35, ...times(30, 1.1)]), '15:11');
    const recovery = findRecovery([left], STABLE_MS);
    expect(recovery).toMatchObject({ time: { at: instant('14:40') } });
    expect(recovery.found && recovery.time.plusMs).toBeGreaterThan(MINUTE_MS / 2);
  });

  it('of several series is that of the last of them', () => {
    const errors = departureOf(course([...times(5, 90), ...times(40, 1)]), '15:15');
    const latency = departureOf(course([...times(12, 9), ...times(33, 1)], 'b#Average'), '15:15');
    expect(findRecovery([errors, latency], STABLE_MS)).toMatchObject({ time: { at: instant('14:42'), minusMs: MINUTE_MS } });
    expect(findRecovery([latency, errors], STABLE_MS)).toEqual(findRecovery([errors, latency], STABLE_MS));
  });

  it('of several series comes after the last of them departed, however calm it was between', () => {
    const blip = departureOf(course([...times(2, 90), ...times(48, 1)]), '15:20');
    const later = departureOf(course([...times(20, 1), ...times(5, 9), ...times(25, 1)], 'b#Average'), '15:20', moment('14:52', 0, 1));
    expect(findRecovery([blip, later], STABLE_MS)).toMatchObject({ time: { at: instant('14:55') } });
  });

  it('may have come before a stray point after it, which lies out no further than chance leads', () => {
    const [quiet, over] = [times(40, 1), [...times(20, 90), 1, 1.1, 1]];
    const { normal } = departureOf(course([...times(20, 90), ...quiet]), '15:30');
    const spanWith = (stray: number) => {
      const recovery = findRecovery([departureOf(course([...over, normal.level + stray * normal.reach, ...quiet]), '15:30')], STABLE_MS);
      if (!recovery.found) throw new Error(recovery.why);
      return { at: recovery.time.at, minusMs: recovery.time.minusMs, likelyMs: recovery.likely.minusMs };
    };
    expect(spanWith(1.2)).toEqual({ at: instant('14:54'), minusMs: 5 * MINUTE_MS, likelyMs: MINUTE_MS });
    // One that lies out twice as far is a relapse.
    expect(spanWith(2.5)).toEqual({ at: instant('14:54'), minusMs: MINUTE_MS, likelyMs: MINUTE_MS });
  });

  it('reaches on into the calm from a last bad count that lies just on the limit', () => {
    const quiet = (count: number) => Array.from({ length: count }, (_, at) => 3 + (at % 3));
    const values = [...quiet(90), 60, 62, 58, 40, 12, 8, 7, 8, ...quiet(40)];
    const found = departureOf(
      seriesOf('a#Sum', MINUTE_MS, '13:00', values, { unit: 'Count', statistic: 'Sum' }),
      '15:20',
      moment('14:36', 0, 1),
    );
    const onLimit = { ...found, normal: { ...found.normal, reach: 12 - found.normal.level } };
    const recovery = findRecovery([onLimit], STABLE_MS);
    expect(recovery).toMatchObject({ time: { at: instant('14:35'), minusMs: MINUTE_MS } });
    expect(recovery.found && recovery.time.plusMs).toBeGreaterThanOrEqual(MINUTE_MS / 2);
  });

  it('is held against the calm after it where normal had followed a small step of what broke', () => {
    /** A canary adds four deviations for an hour, then all of it many times more, which in and before 15:50 falls in a line. */
    const fallen = (seed: number) => {
      const random = randomFrom(seed);
      const noise = () => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
      const [end, length, height] = [random(), 0.3 + 2 * random(), 20 + 40 * random()];
      const meanIn = (at: number) =>
        Array.from({ length: 100 }, (_, part) => height * Math.min(1, Math.max(0, (end - at - (part + 0.5) / 100) / length))).reduce(
          (sum, one) => sum + one / 100,
          0,
        );
      const added = [...times(200, 0), ...times(60, 4), ...Array.from({ length: 81 }, (_, at) => meanIn(at - 20))];
      const series = seriesOf(
        'a#Average',
        MINUTE_MS,
        '11:10',
        added.map((value) => 100 + noise() + value),
        { unit: 'Seconds' },
      );
      const recovery = findRecovery([departureOf(series, '16:50', moment('15:35', 0, 1))], STABLE_MS);
      if (!recovery.found) throw new Error(recovery.why);
      // It is over where less than a deviation is left.
      return { ...recovery.time, truthMs: epochMs(instant('15:50')) + (end - length / height) * MINUTE_MS };
    };
    // Of 3,000 these lay in the noise of the first calm minute, and were called over a few seconds early against the level before.
    for (const seed of [432, 1226, 1296, 1382, 1593, 2004, 2054, 2233, 2379, 2631]) {
      const { at, plusMs, truthMs } = fallen(seed);
      expect(epochMs(at) + plusMs).toBeGreaterThanOrEqual(truthMs);
      expect(plusMs).toBeLessThanOrEqual(1.5 * MINUTE_MS);
    }
  });

  it('holds the true end in 199 of 200 generated worlds at least, and is at most five periods wide in 98 of 100, two in three of four', () => {
    const episodes = fc.record({
      periodMs: fc.constantFrom(60_000, 300_000),
      height: fc.double({ min: 12, max: 400, noNaN: true }),
      end: fc.double({ min: 46, max: 52, noNaN: true }),
      seed: fc.integer(),
    });
    const fromMs = Date.parse('2024-01-14T00:00:00Z');
    const answers = fc.sample(episodes, { numRuns: 400, seed: 15 }).map(({ periodMs, height, end, seed }) => {
      const endMs = Math.round(fromMs + end * periodMs);
      const onsetMs = fromMs + 40 * periodMs;
      const episode: Episode = {
        periodMs,
        level: 100,
        noise: 2,
        step: 2 * height,
        onsetMs,
        endMs,
        fromMs,
        untilMs: fromMs + 120 * periodMs,
        seed,
      };
      const fired = { at: instantAt(onsetMs + 2 * periodMs), minusMs: 0, plusMs: 1 };
      const recovery = findRecovery([departureOf(generateSeries(episode), '2024-01-15T00:00:00Z', fired)], 15 * periodMs);
      if (!recovery.found) throw new Error('no recovery');
      const { at, minusMs, plusMs } = recovery.time;
      expect(recovery.likely).toEqual({ at, minusMs, plusMs: Math.min(plusMs, recovery.likely.plusMs) });
      const isHeld = endMs >= epochMs(at) - minusMs && endMs < epochMs(at) + plusMs;
      return { isHeld, isNarrow: minusMs + plusMs <= 5 * periodMs, isTwo: minusMs + plusMs <= 2 * periodMs };
    });
    expect(answers.filter(({ isHeld }) => isHeld).length).toBeGreaterThanOrEqual(398);
    expect(answers.filter(({ isNarrow }) => isNarrow).length).toBeGreaterThanOrEqual(392);
    expect(answers.filter(({ isTwo }) => isTwo).length).toBeGreaterThanOrEqual(300);
  });
});

describe('what a reversal did', () => {
  const sample = departureOf(errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z'), '16:00');
  const recovered = moment('14:50', 60_000, 1);

  it('of the sample: the errors fell by half within minutes of its end, and stayed there', () => {
    expect(effectOf(moment('14:47'), [sample], recovered, PATIENCE)).toBe('fell');
    expect(effectOf(moment('14:36'), [sample], recovered, PATIENCE)).toBe('stayed');
  });

  it('a dip of three minutes is none', () => {
    const dipping = departureOf(course([...times(10, 90), ...times(3, 1), ...times(30, 90), ...times(20, 1)]), '15:33');
    const recovery = moment('15:13', 60_000, 1);
    expect(effectOf(moment('14:39'), [dipping], recovery, PATIENCE)).toBe('stayed');
    expect(effectOf(moment('15:12'), [dipping], recovery, PATIENCE)).toBe('fell');
  });

  it('is not told by periods that hold both before and after, nor where all was normal already', () => {
    const hourly = departureOf(errorsAt(3_600, '2024-01-13T14:00:00Z', '2024-01-15T16:00:00Z'), '16:00');
    expect(effectOf(moment('14:47'), [hourly], moment('15:00', 3_600_000, 1), PATIENCE)).toBe('unknown');
    expect(effectOf(moment('14:55'), [sample], recovered, PATIENCE)).toBe('unknown');
  });

  it('is nothing where it began after the recovery, though the same errors had come again by then', () => {
    const twice = departureOf(course([...times(10, 90), ...times(30, 1), ...times(10, 90), ...times(20, 1)]), '15:40');
    expect(effectOf(moment('15:20'), [twice], moment('14:40', 60_000, 1), PATIENCE)).toBe('unknown');
  });

  it('must hold where no recovery was seen, and must be the same for every series', () => {
    const degraded = departureOf(course([...times(10, 90), ...times(40, 20)]), '15:20');
    expect(effectOf(moment('14:40'), [degraded], undefined, PATIENCE)).toBe('fell');
    const early = departureOf(course([...times(10, 90), ...times(12, 20)]), '14:52');
    expect(effectOf(moment('14:40'), [early], undefined, PATIENCE)).toBe('unknown');
    const stuck = departureOf(course(times(50, 90), 'b#Average'), '15:20');
    expect(effectOf(moment('14:40'), [degraded, stuck], undefined, PATIENCE)).toBe('stayed');
  });

  it('the worst is over after the last point at or beyond what the policy calls severe', () => {
    const course1 = departureOf(course([...times(5, 90), 40, 120, ...times(10, 40), ...times(20, 1)]), '15:10');
    const mild = mildFrom(course1, 100, moment('14:47', 60_000, 1), STABLE_MS);
    expect(mild).toMatchObject({ at: instant('14:37'), minusMs: MINUTE_MS });
    // The noise of the metric hides no more than that of a level that fell at once.
    expect(mild?.plusMs).toBeLessThan(1_000);
    expect(mildFrom(course1, 1000, moment('14:47', 60_000, 1), STABLE_MS)).toBeUndefined();
  });

  it('the worst is over within its bounds, at whatever second of a minute it was, and over a hole to the next value', () => {
    fc.assert(
      fc.property(fc.integer({ min: 36, max: 45 * 60 }), fc.constantFrom(0, 20), (afterS, left) => {
        const overMs = epochMs(instant('14:30')) + afterS * 1_000;
        const minutes = Array.from({ length: 80 }, (_, at) => {
          const share = Math.max(0, Math.min(1, afterS / 60 - at));
          return 90 * share + (left + 1) * (1 - share);
        });
        const mild = mildFrom(departureOf(course(minutes), '15:50'), 50, undefined, STABLE_MS);
        if (!mild) throw new Error('it was over');
        expect(overMs).toBeGreaterThanOrEqual(epochMs(mild.at) - mild.minusMs);
        expect(overMs).toBeLessThan(epochMs(mild.at) + mild.plusMs);
      }),
      { numRuns: 60 },
    );
    const hole = departureOf(course([...times(5, 90), Number.NaN, Number.NaN, ...times(30, 1)]), '15:05');
    expect(mildFrom(hole, 50, undefined, STABLE_MS)).toMatchObject({ at: instant('14:35'), minusMs: MINUTE_MS, plusMs: 3 * MINUTE_MS });
  });
});
