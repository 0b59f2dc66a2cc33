import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { epochMs, momentOf } from '../../src/core/time.ts';

describe('a time as a person writes it', () => {
  it.each([
    ['2024-01-15T14:20Z', '2024-01-15T14:20:00.000Z', 60_000],
    ['2024-01-15T15:20+01:00', '2024-01-15T14:20:00.000Z', 60_000],
    ['2024-01-15T14:20:31Z', '2024-01-15T14:20:31.000Z', 1_000],
    ['2024-01-15T14:20:31.5Z', '2024-01-15T14:20:31.500Z', 100],
    ['2024-01-15T14:20:31.512Z', '2024-01-15T14:20:31.512Z', 1],
    ['2024-01-15T14:20:31.512345Z', '2024-01-15T14:20:31.512Z', 1],
  ])('%s is as precise as it is written', (text, at, plusMs) => {
    expect(momentOf(text)).toEqual({ at, minusMs: 0, plusMs });
  });

  it.each([
    '2024-01-15T14:20',
    '2024-01-15T14:20:31',
    '2024-02-30T14:20Z',
    '2024-01-15T24:00Z',
    '14:20Z',
    '2024-01-15',
    '2024-01-15T14:20.5Z',
    'noon',
    '',
  ])('%j is refused: a guessed zone or day is a wrong timeline', (text) => {
    expect(momentOf(text)).toBeUndefined();
  });

  it('holds the truth that was cut to be written', () => {
    const times = fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true });
    fc.assert(
      fc.property(times, fc.constantFrom(16, 19, 21, 23), (truth, length) => {
        const moment = momentOf(`${truth.toISOString().slice(0, length)}Z`);
        if (!moment) throw new Error('it is a time');
        const off = truth.getTime() - epochMs(moment.at);
        expect(off).toBeGreaterThanOrEqual(-moment.minusMs);
        expect(off).toBeLessThan(moment.plusMs);
      }),
    );
  });
});
