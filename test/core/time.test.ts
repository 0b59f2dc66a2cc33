import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMs, between, durationMs, epochMs, instantAt, parseInstant } from '../../src/core/time.ts';
import { moment } from '../support/events.ts';

describe('an instant', () => {
  it.each([
    ['2024-01-15T14:32:00Z', '2024-01-15T14:32:00.000Z'],
    ['2024-01-15T09:32:00-05:00', '2024-01-15T14:32:00.000Z'],
    ['2022-11-03T06:23:06.000000Z', '2022-11-03T06:23:06.000Z'],
    ['2024-02-29T23:59:59.999+00:00', '2024-02-29T23:59:59.999Z'],
  ])('reads %s as %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it('U2.1 reads the offset without a colon that alarm history carries', () => {
    expect(parseInstant('2014-04-09T18:44:00.000+0000')).toBe('2014-04-09T18:44:00.000Z');
  });

  it.each([
    ['2024-01-15T14:32:00', 'no offset: a guessed zone is a wrong timeline'],
    ['2023-05-31T10:05:00', 'U1.5 analytics stamps name no zone'],
    ['2023-02-30T00:00:00Z', 'a day that V8 rolls over into March'],
    ['2023-02-29T00:00:00Z', 'no leap year'],
    ['2024-01-15T24:00:00Z', 'an hour that is the next day'],
    ['2024-13-01T00:00:00Z', 'a month that is none'],
    ['2024-00-10T00:00:00Z', 'a month that is none'],
    ['2024-01-15T14:60:00Z', 'a minute that is none'],
    ['9999-12-31T23:59:59-01:00', 'the year 10000 once the offset is applied'],
    ['Jan 1 2026 Z', 'what only V8 calls a date'],
    ['2024-01-15', 'a day alone'],
    ['2024-01-15T14:32:00Z ', 'trailing space'],
    ['15/01/24 14:32:00', 'U2.1 the form inside stateReason'],
    ['', 'nothing'],
  ])('refuses %s (%s)', (text) => {
    expect(parseInstant(text)).toBeUndefined();
  });

  it('says the same moment whatever offset it was written with, and compares as text', () => {
    const moments = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9998, 11, 31) });
    fc.assert(
      fc.property(moments, moments, fc.integer({ min: -23 * 60, max: 23 * 60 }), (a, b, offset) => {
        const sign = offset < 0 ? '-' : '+';
        const [hours, minutes] = [Math.trunc(Math.abs(offset) / 60), Math.abs(offset) % 60].map((part) => String(part).padStart(2, '0'));
        const local = `${new Date(a + offset * 60_000).toISOString().slice(0, -1)}${sign}${hours}:${minutes}`;
        expect(parseInstant(local)).toBe(instantAt(a));
        expect(instantAt(a) < instantAt(b)).toBe(a < b);
        expect(epochMs(addMs(instantAt(a), 1))).toBe(a + 1);
      }),
    );
  });

  it('is as many milliseconds as a parser of dates reads, from the first year to the last', () => {
    const [first, last] = ['0000-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z'].map((text) => Date.parse(text));
    const days = fc.oneof(fc.integer({ min: first ?? 0, max: last ?? 0 }), fc.integer({ min: first ?? 0, max: Date.UTC(1, 0, 1) }));
    const ends = ['0000-02-29', '0099-12-31', '0100-01-01', '1900-02-28', '2000-02-29', '9999-12-31'].map((day) => Date.parse(day));
    const lasts = fc.constantFrom(...ends).chain((day) => fc.integer({ min: day, max: day + 86_399_999 }));
    fc.assert(
      fc.property(fc.oneof(days, lasts), (ms) => {
        expect(epochMs(instantAt(ms))).toBe(Date.parse(instantAt(ms)));
      }),
    );
  });

  it('is read from UTC as the calendar has it, whatever stands in each place', () => {
    const part = (max: number) => fc.integer({ min: 0, max }).map((value) => String(value).padStart(2, '0'));
    const year = fc.integer({ min: 0, max: 9999 }).map((value) => String(value).padStart(4, '0'));
    const fraction = fc.constantFrom('', '.000', '.123', '.1', '.123456');
    fc.assert(
      fc.property(year, part(13), part(32), part(24), part(60), part(60), fraction, (y, month, day, hour, minute, second, rest) => {
        const text = `${y}-${month}-${day}T${hour}:${minute}:${second}${rest}`;
        // A date that the calendar does not have comes back as another one.
        const ms = Date.UTC(2000, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
        const shifted = new Date(ms).setUTCFullYear(Number(y));
        const isReal = Number(day) > 0 && new Date(shifted).toISOString().startsWith(`${y}-${month}-${day}T${hour}:${minute}:${second}`);
        const expected = `${y}-${month}-${day}T${hour}:${minute}:${second}.${rest.slice(1, 4).padEnd(3, '0')}Z`;
        if (Number(y) >= 100) expect(parseInstant(`${text}Z`)).toBe(isReal ? expected : undefined);
        else expect([expected, undefined]).toContain(parseInstant(`${text}Z`));
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuses to say a year that has five digits', () => {
    expect(() => instantAt(Date.UTC(10_000, 0, 1))).toThrow(RangeError);
  });
});

describe('the distance of two moments', () => {
  it('holds the true distance, whatever the truth inside the two bounds is', () => {
    const bound = fc.integer({ min: 1, max: 600_000 });
    const share = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(fc.tuple(bound, bound, share), fc.tuple(bound, bound, share), fc.integer({ min: -1e9, max: 1e9 }), (from, to, apart) => {
        const start = Date.UTC(2024, 0, 15);
        const truth = (at: number, [minus, plus, where]: readonly [number, number, number]) => at - minus + where * (minus + plus);
        const span = between(
          { at: instantAt(start), minusMs: from[0], plusMs: from[1] },
          { at: instantAt(start + apart), minusMs: to[0], plusMs: to[1] },
        );
        const real = truth(start + apart, to) - truth(start, from);
        // The sums of fractions carry a rounding error of far less than a millisecond.
        expect(real).toBeGreaterThanOrEqual(span.minMs - 1e-3);
        expect(real).toBeLessThanOrEqual(span.maxMs + 1e-3);
        expect(span.ms).toBe(apart);
      }),
    );
  });

  it('is no wider than the precisions of its ends', () => {
    const span = between(moment('14:33'), moment('14:35'));
    expect(span).toEqual({ ms: 120_000, minMs: 119_000, maxMs: 121_000 });
  });
});

describe('a duration', () => {
  it.each([
    ['30s', 30_000],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['14d', 1_209_600_000],
    ['0s', 0],
  ])('reads %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each(['15', '15 m', '1.5h', '-1h', 'PT15M', '15M', '1w', ''])('refuses %s', (text) => {
    expect(() => durationMs(text)).toThrow(RangeError);
  });
});
