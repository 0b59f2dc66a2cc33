import { describe, expect, it } from 'vitest';
import { findDepartures } from '../../../src/core/analysis/departures.ts';
import type { Series } from '../../../src/core/series.ts';
import { instantAt } from '../../../src/core/time.ts';
import { instant, seriesOf } from '../../support/events.ts';
import { randomFrom } from '../../support/generated-series.ts';

const MINUTE_MS = 60_000;

/** A gauge that strays about 10 by about 1, each minute from midnight on for a day, but where something else is put. */
function gauge(put: Readonly<Record<string, readonly number[]>>, key = 'a#Average'): Series {
  const random = randomFrom(11);
  const values = Array.from({ length: 1440 }, () => 10 + (random() * 2 - 1) * Math.sqrt(3));
  for (const [time, points] of Object.entries(put)) {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    values.splice(60 * hours + minutes, points.length, ...points);
  }
  return seriesOf(key, MINUTE_MS, '00:00', values, { unit: 'Seconds' });
}

function onsets(series: Series, alarm?: { readonly comparison: 'above'; readonly periodMs: number }): readonly string[] {
  const from = instantAt(series.startsMs[0] ?? 0);
  const until = instantAt((series.startsMs.at(-1) ?? 0) + MINUTE_MS);
  const answer = findDepartures({ series, from, until, ...(alarm && { alarm }) });
  if ('found' in answer) throw new Error(answer.detail);
  return answer.map(({ time }) => time.at);
}

describe('what a metric does many times a day', () => {
  const burst = [25, 26, 24];
  const habit = { '08:00': burst, '09:00': burst, '10:10': burst, '11:30': burst, '12:40': burst };

  it('is no departure at any of those times', () => {
    expect(onsets(gauge(habit))).toEqual([]);
  });

  it('still lets one be seen that goes half as far again', () => {
    expect(onsets(gauge({ ...habit, '13:50': [40, 45, 42] }))).toEqual([instant('13:50')]);
  });

  it('is a departure each time where it happens four times or fewer, so that an outage that comes back is told', () => {
    const times = Object.keys(habit).slice(0, 4);
    expect(onsets(gauge(Object.fromEntries(times.map((time) => [time, burst]))))).toEqual(times.map((time) => instant(time)));
  });

  it('on one side says nothing of the other', () => {
    expect(onsets(gauge({ ...habit, '13:50': [-5, -6, -5] }))).toEqual([instant('13:50')]);
  });
});

describe('what swings back past normal', () => {
  it('right after a stronger departure is part of it', () => {
    expect(onsets(gauge({ '12:00': [60, 70, 65, -5, -6, -5] }))).toEqual([instant('12:00')]);
  });

  it('is a departure of its own where it is the stronger one, or comes later', () => {
    expect(onsets(gauge({ '12:00': [20, 20, -60, -70, -65] }))).toContain(instant('12:02'));
    expect(onsets(gauge({ '12:00': [60, 70, 65], '12:30': [-5, -6, -5] }))).toEqual([instant('12:00'), instant('12:30')]);
  });
});

describe('a job that runs every hour', () => {
  it('is a habit in periods of 10 s too, of which noise is learned from two hours only', () => {
    const burst = (at: number) => (at % 360 < 30 ? 20 : 0);
    const values = Array.from({ length: 360 * 8 }, (_, at) => 20 + ((at * 7) % 5) / 5 + burst(at + 180));
    const startsMs = Float64Array.from(values, (_value, at) => Date.parse('2024-01-15T00:00:00Z') + at * 10_000);
    const series = seriesOf('a#Average', 10_000, '00:00', [], { unit: 'Percent', startsMs, values: Float64Array.from(values) });
    expect(findDepartures({ series, from: instant('00:00'), until: instant('08:00') })).toEqual([]);
  });
});

describe('a level that came to stay', () => {
  const stays = (level: number) => Array.from({ length: 90 }, (_, at) => level + (at % 3) / 2);

  it('is told once: its way back, hours later, is no departure', () => {
    expect(onsets(gauge({ '10:00': stays(30) }))).toEqual([instant('10:00')]);
  });

  it('is followed by a departure where it goes somewhere else', () => {
    expect(onsets(gauge({ '10:00': stays(30), '11:30': [-20, -22, -21] }))).toEqual([instant('10:00'), instant('11:30')]);
  });
});

describe('a level that moves to the side that is not watched', () => {
  const above = { comparison: 'above', periodMs: MINUTE_MS } as const;
  /** Two minutes at 5, then three that are far above these and hardly above the half hour before. */
  const low = { '12:00': [5, 5.2, 13.6, 13.7, 13.5] };

  it('is followed after two points where only the other side is bad', () => {
    expect(onsets(gauge(low), above)).toEqual([instant('12:02')]);
    expect(onsets(gauge({ '12:02': [13.6, 13.7, 13.5] }), above)).toEqual([]);
  });

  it('is followed once: what comes after the departure is held against the half hour again', () => {
    expect(onsets(gauge({ '12:00': [5, 5.2, 13.6, 13.7, 12, 12.1, 12] }), above)).toEqual([instant('12:02')]);
  });

  it('is not followed for one point, which may be chance', () => {
    expect(onsets(gauge({ '12:01': [5.2, 13.6, 13.7, 13.5] }), above)).toEqual([]);
  });
});

describe('a metric that lies still and then steps', () => {
  /** Memory in MiB: it lies at one level for long, moves on to the next, and strays by nothing in between. */
  function memory(put: Readonly<Record<string, readonly number[]>>, key = 'a#Average'): Series {
    const level = (at: number) => 20 + Math.floor(at / 45) * 0.2;
    const lying = gauge(put, key);
    const calm = gauge({}, key);
    const values = lying.values.map((value, at) => (value === calm.values[at] ? level(at) : value));
    return { ...lying, values };
  }

  it('shows a jump of a twentieth that lasts three minutes, since it has no noise to hide it', () => {
    expect(onsets(memory({ '05:10': [22, 22, 22] }))).toEqual([instant('05:10')]);
  });

  it('shows the next jump too, minutes after it came to lie at another level', () => {
    expect(onsets(memory({ '05:10': [24, 24, 24, 24, 24, 24, 24, 24, 26, 26, 26] }))).toEqual([instant('05:10'), instant('05:18')]);
  });

  it('has no departure in its own small steps up', () => {
    expect(onsets(memory({}))).toEqual([]);
  });
});
