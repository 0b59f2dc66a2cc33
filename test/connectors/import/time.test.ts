import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTime } from '../../../connectors/import/time.ts';

const berlin = { path: 't', zone: 'Europe/Berlin' };

describe('the time of a record', () => {
  it.each([
    ['2024-01-15T14:20:05Z', 't', '2024-01-15T14:20:05.000Z', 1_000],
    ['2024-01-15 15:20:05 +0100', 't', '2024-01-15T14:20:05.000Z', 1_000],
    ['2024-01-15 14:20 UTC', 't', '2024-01-15T14:20:00.000Z', 60_000],
    ['2024-01-15T14:20:05,250Z', 't', '2024-01-15T14:20:05.250Z', 1],
    ['1705329120.000200', { path: 't', format: 'epoch_seconds' as const }, '2024-01-15T14:32:00.000Z', 1],
    [1705329120, { path: 't', format: 'epoch_seconds' as const }, '2024-01-15T14:32:00.000Z', 1_000],
    [1705329120.123, { path: 't', format: 'epoch_seconds' as const }, '2024-01-15T14:32:00.123Z', 1],
    [1705329120123, { path: 't', format: 'epoch_ms' as const }, '2024-01-15T14:32:00.123Z', 1],
    ['2024-01-15 15:20:05', berlin, '2024-01-15T14:20:05.000Z', 1_000],
    ['2024-07-15 16:20', berlin, '2024-07-15T14:20:00.000Z', 60_000],
    ['2024-07-15 16:20Z', berlin, '2024-07-15T16:20:00.000Z', 60_000],
  ])('%j by %j is %s', (value, field, at, plusMs) => {
    expect(readTime(value, field)).toEqual({ at, minusMs: 0, plusMs });
  });

  it.each([
    ['2024-01-15 14:20:05', 't', 'has no offset from UTC: state the zone'],
    ['2024-03-31 02:30', berlin, 'never was in Europe/Berlin'],
    ['2024-10-27 02:30', berlin, 'was twice in Europe/Berlin'],
    ['2024-01-15 14:20', { path: 't', zone: 'Mars/Olympus' }, 'is no time zone'],
    ['2024-02-30T14:20Z', 't', 'is not a time'],
    ['yesterday', 't', 'is not a time'],
    [1705329120, 't', 'say `format: epoch_seconds` in a mapping'],
    ['1705329120123', 't', 'say `format: epoch_ms` in a mapping'],
    [1705329120123, { path: 't', format: 'epoch_seconds' as const }, 'is no time in seconds'],
    [1705329120, { path: 't', format: 'epoch_ms' as const }, 'is no time in milliseconds'],
    ['', { path: 't', format: 'epoch_ms' as const }, 'is no time in milliseconds'],
    [true, 't', 'is not a time'],
  ])('%j by %j is refused', (value, field, problem) => {
    expect(readTime(value, field)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('in a zone is the instant at which its clock shows it', () => {
    const times = fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2030, 0) }).map((ms) => Math.floor(ms / 1_000) * 1_000);
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC');
    fc.assert(
      fc.property(times, zones, (ms, zone) => {
        const shown = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }).format(ms);
        const told = readTime(shown, { path: 't', zone });
        // Of the hour that comes twice none is guessed.
        if ('problem' in told) expect(told.problem).toContain('was twice');
        else expect(told.at).toBe(new Date(ms).toISOString());
      }),
    );
  });
});
