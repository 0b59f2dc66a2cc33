import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findDepartures, type ScanQuestion, type SeenDeparture } from '../../../src/core/analysis/departures.ts';
import { findServiceDepartures } from '../../../src/core/analysis/service-departures.ts';
import type { Series } from '../../../src/core/series.ts';
import { epochMs, instantAt, type Moment } from '../../../src/core/time.ts';
import { instant, seriesOf } from '../../support/events.ts';
import { type Episode, generateSeries, randomFrom } from '../../support/generated-series.ts';

const MINUTE_MS = 60_000;
const FROM_MS = Date.parse('2024-01-14T00:00:00Z');
const PERIODS_MS = [10_000, MINUTE_MS, 300_000, 3_600_000] as const;

function scan(series: Series, overrides: Partial<ScanQuestion> = {}): readonly SeenDeparture[] {
  const from = instantAt(series.startsMs[0] ?? 0);
  const until = instantAt((series.startsMs.at(-1) ?? 0) + series.periodMs);
  const answer = findDepartures({ series, from, until, ...overrides });
  if ('found' in answer) throw new Error(`refused: ${answer.detail}`);
  return answer;
}

const holds = ({ at, minusMs, plusMs }: Moment, truthMs: number) => truthMs >= epochMs(at) - minusMs && truthMs < epochMs(at) + plusMs;

/** Points of a gauge from 12:00 on, each minute: an hour and a half of quiet, then what is given, then quiet again. */
function gauge(then: readonly number[], key = 'a#Average'): Series {
  const quiet = (count: number) => Array.from({ length: count }, (_, index) => [1, 1.1, 0.9, 1.05, 0.95][(index * 7) % 5] ?? 1);
  return seriesOf(key, MINUTE_MS, '12:00', [...quiet(90), ...then, ...quiet(60)], { unit: 'Seconds' });
}

/** A hundred periods of noise with one step at an odd moment. */
function episodeOf(seed: number, periodMs: number, overrides: Partial<Episode> = {}): Episode {
  const onsetMs = Math.round(FROM_MS + (40 + (((seed * 7919) % 1000) / 1000) * 8) * periodMs);
  const untilMs = FROM_MS + 100 * periodMs;
  return { periodMs, level: 100, noise: 3, step: 60, onsetMs, endMs: onsetMs + 8 * periodMs, fromMs: FROM_MS, untilMs, seed, ...overrides };
}

describe('departures with no firing given', () => {
  it('are found where two neighboring points leave the noise, each once, in order', () => {
    const found = scan(gauge([9, 12, 30, ...Array.from({ length: 30 }, (_, index) => 1 + (index % 3) / 20), 8, 9]));
    expect(found.map(({ time }) => time.at)).toEqual([instant('13:30'), instant('14:03')]);
    expect(found.map(({ side }) => side)).toEqual([1, 1]);
  });

  it('are not made of one stray point, however far', () => {
    expect(scan(gauge([500]))).toEqual([]);
  });

  it('are looked for on the side where the alarm looks, and on both without one', () => {
    const fall = gauge([0.1, 0.1, 0.1]);
    expect(scan(fall)).toMatchObject([{ side: -1, time: { at: instant('13:30') } }]);
    expect(scan(fall, { alarm: { comparison: 'above', periodMs: MINUTE_MS } })).toEqual([]);
  });

  it('of a level that stays are told once, and what comes after is told against the new level', () => {
    const settled = Array.from({ length: 120 }, (_, index) => 20 + (index % 3) / 10);
    const found = scan(gauge([...settled, 40, 42, 41, ...settled.slice(0, 20)]));
    expect(found.slice(0, 2)).toMatchObject([
      { time: { at: instant('13:30') }, hasSettled: true },
      { time: { at: instant('15:30') }, hasSettled: false },
    ]);
  });

  it('are not seen in the first minutes, unless they are ten times what the noise would be', () => {
    const series = gauge([]);
    const weak = { ...series, values: series.values.map((value, index) => (index === 3 || index === 4 ? 2 : value)) };
    const strong = { ...series, values: series.values.map((value, index) => (index >= 3 && index < 6 ? 90 : value)) };
    expect(scan(weak)).toEqual([]);
    expect(scan(strong)).toMatchObject([{ time: { at: instant('12:03') } }]);
  });

  it.each(PERIODS_MS)('hide in no noise of their own, however many %i ms periods they last', (periodMs) => {
    const hours = (periods: number) => FROM_MS + periods * periodMs;
    const lasting = (periods: number): Episode => ({
      ...episodeOf(5, periodMs),
      step: 90,
      onsetMs: hours(400.5),
      endMs: hours(400.5 + periods),
      untilMs: hours(600),
    });
    for (const periods of [3, 9, 12, 20, 30, 45]) {
      const found = scan(generateSeries(lasting(periods)));
      expect(found.map(({ time }) => holds(time, hours(400.5)))).toEqual([true]);
    }
  });

  it('in a broken series are not looked for: the reason is given', () => {
    const question = { from: instant('12:00'), until: instant('15:00') };
    const long = (value: number) =>
      seriesOf(
        'a#Average',
        MINUTE_MS,
        '12:00',
        Array.from({ length: 100 }, () => value),
      );
    expect(findDepartures({ series: long(0), ...question })).toMatchObject({ found: false, reason: 'all_zero' });
    expect(findDepartures({ series: long(7), ...question })).toMatchObject({ found: false, reason: 'constant' });
    const short = seriesOf('a#Average', MINUTE_MS, '12:00', [1, 2, 3, 50]);
    expect(findDepartures({ series: short, ...question })).toMatchObject({ found: false, reason: 'too_short' });
  });
});

describe('in planted series, at every period', () => {
  it.each(PERIODS_MS)(
    'of %i ms a step is found, and its interval holds the truth in nine of ten and is at most two periods wide and a tenth in as many',
    (periodMs) => {
      const runs = Array.from({ length: 200 }, (_, seed) => episodeOf(seed + 1, periodMs, { tails: 'heavy', step: seed % 2 ? 60 : -60 }));
      const answers = runs.map((episode) => ({ episode, near: scan(generateSeries(episode)).find(({ time }) => isNear(time, episode)) }));
      const held = answers.filter(({ episode, near }) => near && holds(near.time, episode.onsetMs));
      expect(held.length).toBeGreaterThanOrEqual(180);
      const wide = answers.filter(({ near }) => (near?.time.minusMs ?? 0) + (near?.time.plusMs ?? 0) > 2.1 * periodMs);
      expect(wide.length).toBeLessThanOrEqual(20);
    },
  );

  it.each(PERIODS_MS)('of %i ms quiet noise, thick tails and all, gives a departure in fewer than one of twenty', (periodMs) => {
    const quiet = Array.from({ length: 200 }, (_, seed) => generateSeries(episodeOf(seed + 1, periodMs, { tails: 'heavy', step: 0 })));
    expect(quiet.filter((series) => scan(series).length > 0).length).toBeLessThan(10);
  });

  it('holes and points in any number missing move the interval, never past the truth', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.constantFrom(...PERIODS_MS),
        fc.integer({ min: 1, max: 5 }),
        (seed, periodMs, holes) => {
          const episode = episodeOf(seed, periodMs, { step: 200 });
          const random = randomFrom(seed);
          const gone = new Set(Array.from({ length: holes }, () => Math.floor(random() * 39)));
          const whole = generateSeries(episode);
          const keeps = (_value: number, index: number) => !gone.has(index);
          const series = { ...whole, startsMs: whole.startsMs.filter(keeps), values: whole.values.filter(keeps) };
          const near = scan(series).find(({ time }) => isNear(time, episode));
          expect(near && holds(near.time, episode.onsetMs)).toBe(true);
        },
      ),
      { numRuns: 200, seed: 4 },
    );
  });

  const planted = fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.constantFrom(...PERIODS_MS), fc.boolean());

  it('the order in which points came changes nothing', () => {
    fc.assert(
      fc.property(planted, ([seed, periodMs, falls]) => {
        const series = generateSeries(episodeOf(seed, periodMs, { step: falls ? -60 : 60 }));
        const random = randomFrom(seed);
        const order = Array.from(series.startsMs, (_, at) => ({ at, key: random() })).toSorted((a, b) => a.key - b.key);
        const taken = (values: Float64Array) => Float64Array.from(order, ({ at }) => values[at] ?? 0);
        const shuffled = { ...series, startsMs: taken(series.startsMs), values: taken(series.values) };
        const question = { from: instantAt(FROM_MS), until: instantAt(FROM_MS + 100 * periodMs) };
        expect(scan(shuffled, question)).toEqual(scan(series, question).map((one) => ({ ...one, series: shuffled })));
      }),
    );
  });

  it('with quiet days before them, one is still found once, on its side, and its interval holds the truth', () => {
    fc.assert(
      fc.property(planted, fc.integer({ min: 0, max: 1000 }), ([seed, periodMs, falls], more) => {
        const episode = episodeOf(seed, periodMs, { step: falls ? -200 : 200, fromMs: FROM_MS - more * periodMs });
        const found = scan(generateSeries(episode));
        expect(found.map(({ time, side }) => [holds(time, episode.onsetMs), side])).toEqual([[true, falls ? -1 : 1]]);
      }),
      { numRuns: 200, seed: 6 },
    );
  });

  it('upside down, scaled or moved by days says the same', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: -30, max: 30 }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (seed, days, scale) => {
          const series = generateSeries(episodeOf(seed, MINUTE_MS));
          const moved = {
            ...series,
            startsMs: series.startsMs.map((at) => at + days * 86_400_000),
            values: series.values.map((value) => -value * scale),
          };
          const told = ({ index, side }: SeenDeparture, sign: number) => ({ index, side: side * sign });
          expect(scan(moved).map((one) => told(one, -1))).toEqual(scan(series).map((one) => told(one, 1)));
        },
      ),
    );
  });
});

function isNear(time: Moment, { onsetMs, periodMs }: Episode): boolean {
  return Math.abs(epochMs(time.at) - onsetMs) <= 3 * periodMs;
}

describe('the departures of a service', () => {
  const ask = (...series: readonly Series[]) =>
    findServiceDepartures(series.map((one) => ({ series: one, from: instant('12:00'), until: instant('16:00') })));

  it('need two measures, or one that is far out', () => {
    const weak = gauge([1.5, 1.5, 1.5], 's/cpu#Average');
    expect(ask(weak, gauge([], 's/latency#p90')).departures).toEqual([]);
    const both = ask(gauge([3, 3, 3], 's/cpu#Average'), gauge([1, 3, 3, 3], 's/latency#p90')).departures;
    expect(both).toMatchObject([{ time: { at: instant('13:30') }, members: [{}, {}] }]);
    expect(ask(gauge([90, 90], 's/cpu#Average'), gauge([], 's/latency#p90')).departures).toHaveLength(1);
  });

  it('do not take the percentiles of one metric for two witnesses', () => {
    const p90 = gauge([2.05, 2.05, 2.05], 's/latency#p90');
    const other = gauge([2.05, 2.05, 2.05], 's/cpu#Average');
    expect(ask(p90, { ...p90, key: 's/latency#p99' }).departures).toEqual([]);
    expect(ask(p90, other).departures).toHaveLength(1);
  });

  it('begin at most a quarter of a minute before their first series shows, since what is sampled may be that old', () => {
    const [found] = ask(gauge([90, 90], 's/cpu#Average'), gauge([], 's/latency#p90')).departures;
    expect(found?.time.minusMs).toBe((found?.first.time.minusMs ?? 0) + 15_000);
  });

  it('are two where one measure leaves as another comes back, and one where a new level is still building', () => {
    const after = ask(gauge([30, 30, 30, 1, 1, 1, 1], 's/cpu#Average'), gauge([1, 1, 1, 30, 30, 30, 1], 's/latency#p90')).departures;
    expect(after.map(({ time }) => time.at)).toEqual([instant('13:30'), instant('13:33')]);
    const memory = gauge(
      Array.from({ length: 70 }, (_, index) => 30 + (index % 3) / 10),
      's/memory#Average',
    );
    const building = ask(memory, gauge([1, 1, 1, 30, 30, 30, 1], 's/latency#p90')).departures;
    expect(building[0]?.time.at).toBe(instant('13:30'));
    expect(building.map(({ time }) => time.at)).not.toContain(instant('13:33'));
  });

  it('tell which series were refused, and why', () => {
    const zero = seriesOf(
      's/rate#Average',
      MINUTE_MS,
      '12:00',
      Array.from({ length: 100 }, () => 0),
    );
    expect(ask(zero, gauge([])).refused).toMatchObject([{ key: 's/rate#Average', refusal: { reason: 'all_zero' } }]);
  });
});
