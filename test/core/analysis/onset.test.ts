import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AlarmFact, type Departure, findOnset, type OnsetQuestion, type Refusal } from '../../../src/core/analysis/onset.ts';
import { findRecovery } from '../../../src/core/analysis/recovery.ts';
import type { Series } from '../../../src/core/series.ts';
import { addMs, epochMs, instantAt, likelyTime, type Moment } from '../../../src/core/time.ts';
import { instant, moment, seriesOf, windowOf } from '../../support/events.ts';
import { type Episode, generateSeries } from '../../support/generated-series.ts';
import { alarmOf, errorsAt, TRUTH } from '../../support/sample-case.ts';

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

function ask(series: Series, overrides: Partial<OnsetQuestion> = {}): Departure | Refusal {
  return findOnset({ series, alarm: alarmOf(), fired: moment('14:32', 0, 1), until: instant('16:00'), recentMs: DAY_MS, ...overrides });
}

function found(answer: Departure | Refusal): Departure {
  if (!answer.found) throw new Error(`refused: ${answer.detail}`);
  return answer;
}

/** An alarm on a gauge: which way it looks, and nothing else. */
function gaugeAlarm(comparison: AlarmFact['comparison'], periodMs = MINUTE_MS): AlarmFact {
  const { threshold: _, ...rest } = alarmOf({ comparison, periodMs, missing: 'missing' });
  return rest;
}

/** Points of a gauge from 12:00 on, each minute: an hour and a half of `before`, then what is given. */
function gauge(before: readonly number[], then: readonly number[], overrides: Partial<Series> = {}): Series {
  const quiet = Array.from({ length: 90 }, (_, index) => before[index % before.length] ?? 0);
  return seriesOf('aws-prod/metric:Test/Latency#Average', MINUTE_MS, '12:00', [...quiet, ...then], { unit: 'Seconds', ...overrides });
}

const holds = ({ at, minusMs, plusMs }: Moment, truthMs: number) => truthMs >= epochMs(at) - minusMs && truthMs < epochMs(at) + plusMs;

describe('one value that is out', () => {
  it('and is back before its alarm fires began in its own minute: the points behind it say nothing of how', () => {
    const series = gauge([0.13, 0.13, 0.07, 0.13, 0.14], [2.3, 0.13, 0.14, 0.13]);
    const { time } = found(ask(series, { alarm: alarmOf({ threshold: 1, breaching: 1, outOf: 1 }), fired: moment('13:32', 0, 1) }));
    expect(time).toMatchObject({ at: instant('13:30'), plusMs: MINUTE_MS });
    expect(time.minusMs).toBeLessThanOrEqual(MINUTE_MS / 4);
  });
});

describe('an error a minute where there was none', () => {
  /** 0 or 1 error a minute from 13:30 to 14:30, none all the day before: `5 of 15 above 0`. */
  const rare = (before: (at: number) => number) => {
    const values = Array.from(
      { length: 930 },
      (_, at) => (at >= 810 && at < 870 ? [1, 0, 1, 1, 0, 1, 0, 1, 0, 1][at % 10] : before(at)) ?? 0,
    );
    return seriesOf('aws-prod/metric:Test/Errors#Sum', MINUTE_MS, '2024-01-15T00:00:00Z', values, { unit: 'Count' });
  };
  const alarm = alarmOf({ threshold: 0, breaching: 5, outOf: 15 });
  const question = { alarm, fired: moment('13:37:25', 0, 1), until: instant('15:30') };

  it('is what its alarm was made for, though the noise of a count reaches further', () => {
    const answer = found(
      ask(
        rare(() => 0),
        question,
      ),
    );
    expect(answer.time.at).toBe(instant('13:30'));
    const recovery = findRecovery([answer], 15 * MINUTE_MS);
    expect(recovery.found && holds(recovery.time, Date.parse('2024-01-15T14:30:00Z'))).toBe(true);
  });

  it('is none where one minute in ten of the day had one, too', () => {
    const answer = ask(
      rare((at) => Number(at % 10 === 3)),
      question,
    );
    expect(answer.found && answer.time.at === instant('13:30') && answer.normal.reach < 1).toBe(false);
  });
});

describe('the sample incident', () => {
  it.each([
    [60, '14:29', 60_000],
    [300, '14:25', 300_000],
    [3_600, '14:00', 3_600_000],
  ])('leaves its normal in the %i s period that holds the true start of the errors', (period, at, plusMs) => {
    const { time } = found(ask(errorsAt(period, '2024-01-14T14:00:00Z', '2024-01-15T16:00:00Z')));
    expect(time).toMatchObject({ at: instant(at), plusMs });
    // The noise of the period before could hide a twentieth of it at most: the errors rose to hundreds of times as many.
    expect(time.minusMs).toBeLessThanOrEqual(plusMs / 20);
    expect(holds(time, Date.parse(TRUTH.milestones['impact_started'] ?? ''))).toBe(true);
  });

  it('is dated alike with two weeks of the metric, at another period, for the shape of the day', () => {
    const weeks = errorsAt(300, '2024-01-01T14:30:00Z', '2024-01-15T12:30:00Z');
    const answer = found(ask(errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z'), { weeks }));
    expect(answer.time.at).toBe(instant('14:29'));
    expect(answer.normal.shape).toHaveLength(24);
  });

  it('is dated alike where the alarm is gone and only its page is left', () => {
    const { alarm: _, ...question } = { series: errorsAt(60, '2024-01-14T14:33:00Z', '2024-01-15T16:00:00Z'), alarm: 0 };
    const answer = found(findOnset({ ...question, fired: moment('14:33'), until: instant('16:00'), recentMs: DAY_MS }));
    expect(answer.time.at).toBe(instant('14:29'));
  });
});

describe('a departure', () => {
  it('begins with the first point of the run, not with the one that crossed the threshold', () => {
    const series = gauge([1, 1.1, 0.9], [9, 12, 30, 200, 200, 200]);
    expect(found(ask(series, { fired: moment('13:35'), until: instant('13:36') })).time.at).toBe(instant('13:30'));
  });

  it('goes down where the alarm looks down', () => {
    const series = gauge([1000, 1010, 990], [400, 100, 90, 80]);
    const answer = found(ask(series, { alarm: gaugeAlarm('below'), fired: moment('13:33'), until: instant('13:34') }));
    expect(answer).toMatchObject({ side: -1, time: { at: instant('13:30') } });
  });

  it('goes either way where an alarm looks both ways, and stays on its side', () => {
    const series = gauge([1000, 1010, 990], [1500, 400, 100, 90]);
    const answer = found(ask(series, { alarm: gaugeAlarm('outside'), fired: moment('13:34'), until: instant('13:34') }));
    expect(answer).toMatchObject({ side: -1, time: { at: instant('13:31') } });
  });

  it('does not reach back over an earlier blip that normal points set apart', () => {
    const series = gauge([1, 1.1, 0.9], [50, 1, 1, 50, 60, 70]);
    expect(found(ask(series, { fired: moment('13:36'), until: instant('13:36') })).time.at).toBe(instant('13:33'));
  });

  it('does not reach back over one normal point where the alarm tolerates none', () => {
    const series = gauge([1, 1.1, 0.9], [50, 1, 50, 60, 70]);
    const answer = found(ask(series, { alarm: gaugeAlarm('above'), fired: moment('13:35'), until: instant('13:35') }));
    expect(answer.time.at).toBe(instant('13:32'));
  });

  it('reaches back over as many normal points as the alarm tolerates', () => {
    const series = gauge([1, 1.1, 0.9], [50, 1, 50, 60, 70]);
    const alarm = { ...gaugeAlarm('above'), breaching: 3, outOf: 4 };
    expect(found(ask(series, { alarm, fired: moment('13:35'), until: instant('13:35') })).time.at).toBe(instant('13:30'));
  });

  it('is stated back to the last point that was there where points are missing before it', () => {
    const series = gauge([1, 1.1, 0.9], [Number.NaN, Number.NaN, 80, 90, 90]);
    const { time } = found(ask(series, { alarm: gaugeAlarm('above'), fired: moment('13:35'), until: instant('13:35') }));
    expect(time).toMatchObject({ at: instant('13:32'), plusMs: MINUTE_MS });
    expect(time.minusMs).toBeGreaterThanOrEqual(2 * MINUTE_MS);
    expect(time.minusMs).toBeLessThanOrEqual(2.2 * MINUTE_MS);
  });

  it('is stated back into the period before it where that could hide a part of a weak one', () => {
    const weak = found(
      ask(gauge([1, 1.2, 0.8], [3, 3.2, 3.1]), { alarm: gaugeAlarm('above'), fired: moment('13:33'), until: instant('13:33') }),
    );
    expect(weak.time.at).toBe(instant('13:30'));
    expect(likelyTime(weak).minusMs).toBeGreaterThan(0);
    expect(likelyTime(weak).minusMs).toBeLessThanOrEqual(MINUTE_MS);
    // Where a length is counted from it, it must hold by three standard errors.
    expect(weak.time.minusMs).toBeGreaterThan(likelyTime(weak).minusMs);
    expect(weak.time.minusMs).toBeLessThanOrEqual(1.25 * MINUTE_MS);
  });

  it('of a percentage near 100 is found however little it strays', () => {
    const series = gauge([100, 99.99, 100, 99.98], [97, 80, 75]);
    expect(found(ask(series, { alarm: gaugeAlarm('below'), fired: moment('13:33'), until: instant('13:33') })).time.at).toBe(
      instant('13:30'),
    );
  });

  it('is found though one old outage lies in the hours before, and most points are equal', () => {
    const series = gauge([100], [100, 97, 80, 75]);
    const values = series.values.map((value, index) => (index === 20 ? 40 : index % 9 === 0 ? 99.6 : value));
    const alarm = gaugeAlarm('below');
    expect(found(ask({ ...series, values }, { alarm, fired: moment('13:34'), until: instant('13:34') })).time.at).toBe(instant('13:31'));
  });

  it('of a count that reports nothing when there is nothing begins with its first points', () => {
    const sparse = seriesOf('a#Sum', MINUTE_MS, '13:30', [300, 900, 900, 900, 900, 900, 900, 900, 900, 900, 900, 900, 901]);
    const read = { from: instant('2024-01-14T13:30:00Z'), blind: [] };
    const answer = found(ask(sparse, { fired: moment('13:33'), until: instant('14:00'), read }));
    expect(answer.time).toMatchObject({ at: instant('13:30'), plusMs: MINUTE_MS });
    expect(likelyTime(answer).minusMs).toBeLessThanOrEqual(0.05 * MINUTE_MS);
    expect(answer.time.minusMs).toBeLessThanOrEqual(0.1 * MINUTE_MS);
  });

  it('is held against the last half hour: a day that drifts is no departure, and one on top of it is dated right', () => {
    const drift = Array.from({ length: 600 }, (_, minute) => 100 + minute / 4 + (minute % 7));
    const series = (then: readonly number[]) => seriesOf('a#Average', MINUTE_MS, '04:30', [...drift, ...then], { unit: 'Seconds' });
    const question = { alarm: gaugeAlarm('above'), fired: moment('14:34', 0, 1), until: instant('14:35') };
    expect(found(ask(series([300, 310, 305, 320, 300]), question)).time.at).toBe(instant('14:30'));
    expect(ask(series([250, 253, 251, 255, 252]), question)).toMatchObject({ found: false, reason: 'no_departure' });
  });

  it('takes one point where an alarm vouches for it, and two where only a page does', () => {
    const series = gauge([1, 1.1, 0.9], [1, 1, 1, 9]);
    const { alarm: _, ...question } = { series, alarm: 0 };
    const common = { ...question, fired: moment('13:34'), until: instant('13:34'), recentMs: DAY_MS };
    expect(found(findOnset({ ...common, alarm: gaugeAlarm('above') })).time.at).toBe(instant('13:33'));
    expect(findOnset(common)).toMatchObject({ found: false, reason: 'no_departure' });
  });

  it('follows the page where the page was of something else', () => {
    const series = gauge([1, 1.1, 0.9], [1, 1, 1, 80, 90, 90]);
    const { alarm: _, ...question } = { series, alarm: 0 };
    const common = { ...question, fired: moment('13:31'), until: instant('13:36'), recentMs: DAY_MS };
    expect(found(findOnset({ ...common, mayFollow: true })).time.at).toBe(instant('13:33'));
    expect(findOnset(common)).toMatchObject({ found: false, reason: 'no_departure' });
  });
});

describe('a series is refused, with the reason', () => {
  const long = (value: number) => Array.from({ length: 200 }, () => value);
  it.each([
    ['all_zero', seriesOf('a#Sum', MINUTE_MS, '12:00', long(0))],
    ['constant', seriesOf('a#Average', MINUTE_MS, '12:00', long(7))],
    ['too_short', seriesOf('a#Average', MINUTE_MS, '14:24', [1, 2, 1, 2, 1, 50, 60])],
    ['no_departure', gauge([1, 1.1, 0.9], [...long(1)])],
    [
      'unsettled',
      seriesOf(
        'a#Average',
        MINUTE_MS,
        '11:00',
        long(0).map((_, index) => (index % 40 < 12 ? 500 + index * 40 : 1 + (index % 5) / 10)),
      ),
    ],
  ] as const)('%s', (reason, series) => {
    const answer = ask(series, { alarm: gaugeAlarm('above') });
    expect(answer).toMatchObject({ found: false, reason });
    expect(!answer.found && answer.detail.length).toBeGreaterThan(20);
  });

  it('where it begins inside the departure, so that nothing says what was normal', () => {
    const series = seriesOf('a#Average', MINUTE_MS, '14:25', [90, 91, 90, 92, 90, 93, 90, 95, 1, 1.1, 1, 0.9, 1, 1, 1.1, 1, 0.9, 1]);
    expect(ask(series, { alarm: gaugeAlarm('above'), until: instant('14:45') })).toMatchObject({ found: false, reason: 'too_short' });
  });

  it('where what was not read would have to be taken for zeros', () => {
    const sparse = seriesOf('a#Sum', MINUTE_MS, '14:29', [300, 900, 900, 900, 900, 900, 900, 900, 900, 900, 900, 900, 901]);
    const read = { from: instant('2024-01-14T14:00:00Z'), blind: [windowOf('2024-01-14T14:00:00Z', '14:29')] };
    expect(ask(sparse, { read })).toMatchObject({ found: false });
  });
});

const FROM_MS = Date.parse('2024-01-14T00:00:00Z');

const episodes = fc
  .record({
    periodMs: fc.constantFrom(10_000, 60_000, 300_000, 3_600_000),
    level: fc.double({ min: 1, max: 1000, noNaN: true }),
    noise: fc.double({ min: 0.02, max: 0.2, noNaN: true }),
    height: fc.double({ min: 12, max: 400, noNaN: true }),
    up: fc.boolean(),
    offset: fc.double({ min: 40, max: 48, noNaN: true }),
    length: fc.double({ min: 6, max: 12, noNaN: true }),
    seed: fc.integer(),
  })
  .map(({ periodMs, level, noise, height, up, offset, length, seed }): Episode => {
    const sigma = level * noise;
    const onsetMs = Math.round(FROM_MS + offset * periodMs);
    const endMs = Math.round(onsetMs + length * periodMs);
    const step = (up ? 1 : -1) * height * sigma;
    return { periodMs, level, noise: sigma, step, onsetMs, endMs, fromMs: FROM_MS, untilMs: FROM_MS + 100 * periodMs, seed };
  });

function askEpisode(episode: Episode, series = generateSeries(episode)): Departure | Refusal {
  const fired = { at: instantAt(episode.onsetMs + 3 * episode.periodMs), minusMs: 0, plusMs: 1 };
  const alarm = gaugeAlarm(episode.step > 0 ? 'above' : 'below', episode.periodMs);
  return findOnset({ series, alarm, fired, until: instantAt(episode.untilMs), recentMs: 60 * episode.periodMs });
}

describe('in generated worlds', () => {
  it.each([
    { bounds: 'that lengths are counted from', boundsOf: ({ time }: Departure) => time, held: 398, two: 300 },
    { bounds: 'in which it most likely lies', boundsOf: likelyTime, held: 392, two: 360 },
  ])('the interval $bounds holds the true onset in $held of 400 at least, and is seldom wider than five periods or two', (expected) => {
    const { boundsOf, held, two } = expected;
    const drawn = fc.sample(episodes, { numRuns: 400, seed: 15 });
    const answers = drawn.map((episode) => ({ episode, time: boundsOf(found(askEpisode(episode))) }));
    const within = (periods: number) => answers.filter(({ episode, time }) => time.minusMs + time.plusMs <= periods * episode.periodMs);
    expect(answers.filter(({ episode, time }) => holds(time, episode.onsetMs)).length).toBeGreaterThanOrEqual(held);
    expect(within(5).length).toBeGreaterThanOrEqual(392);
    expect(within(2).length).toBeGreaterThanOrEqual(two);
  });

  it('with heavy tails it holds the truth in at least nine of ten, and half of the likely intervals are one period wide', () => {
    let held = 0;
    let narrow = 0;
    for (let seed = 1; seed <= 400; seed += 1) {
      const onsetMs = FROM_MS + 40 * 60_000 + ((seed * 7_919) % 480_000);
      const episode: Episode = {
        periodMs: 60_000,
        level: 50,
        noise: 4,
        step: 120,
        onsetMs,
        endMs: onsetMs + 600_000,
        fromMs: FROM_MS,
        untilMs: FROM_MS + 6_000_000,
        seed,
        tails: 'heavy',
      };
      const answer = askEpisode(episode);
      if (!answer.found) continue;
      if (holds(answer.time, onsetMs)) held += 1;
      if (likelyTime(answer).minusMs <= 30_000) narrow += 1;
    }
    expect(held).toBeGreaterThanOrEqual(360);
    expect(narrow).toBeGreaterThanOrEqual(200);
  });

  it('a metric turned upside down, scaled or moved by whole days is dated alike', () => {
    fc.assert(
      fc.property(
        episodes,
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        fc.integer({ min: -300, max: 300 }),
        (episode, scale, days) => {
          const answer = found(askEpisode(episode));
          const shiftMs = days * DAY_MS;
          const series = generateSeries(episode);
          const moved = {
            ...series,
            startsMs: series.startsMs.map((at) => at + shiftMs),
            values: series.values.map((value) => -value * scale),
          };
          const shifted = { ...episode, step: -episode.step, onsetMs: episode.onsetMs + shiftMs, untilMs: episode.untilMs + shiftMs };
          expect(found(askEpisode(shifted, moved)).time.at).toBe(addMs(answer.time.at, shiftMs));
        },
      ),
    );
  });

  it('what comes after the firing changes nothing', () => {
    fc.assert(
      fc.property(episodes, fc.double({ min: -1e6, max: 1e6, noNaN: true }), (episode, later) => {
        const series = generateSeries(episode);
        const values = series.values.map((value, index) =>
          (series.startsMs[index] ?? 0) > episode.onsetMs + 4 * episode.periodMs ? later : value,
        );
        expect(found(askEpisode(episode, { ...series, values })).time).toEqual(found(askEpisode(episode)).time);
      }),
    );
  });
});
