import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planChunks } from '../../../connectors/cloudwatch/retention.ts';
import { addMs, epochMs, instantAt } from '../../../src/contract/index.ts';
import { at, windowOf } from './support.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = at('2024-01-15T16:00:00Z');

describe('which chunks answer a window', () => {
  it('whole chunks of six hours, and nothing later than now', () => {
    const { stretches, losses } = planChunks(windowOf('2024-01-15T12:33:00Z', '2024-01-16T12:00:00Z'), 60, NOW);
    expect(losses).toEqual([]);
    expect(stretches).toEqual([{ periodSeconds: 60, chunks: [windowOf('2024-01-15T12:00:00Z', '2024-01-15T18:00:00Z')], until: NOW }]);
  });

  it('a period that is not over is not read: half a sum looks like a drop', () => {
    const { stretches } = planChunks(windowOf('2024-01-15T12:00:00Z', '2024-01-16T00:00:00Z'), 300, at('2024-01-15T15:59:59Z'));
    expect(stretches[0]?.until).toBe('2024-01-15T15:55:00.000Z');
  });

  it.each([
    ['2024-01-15T16:00:00Z', 10, [10], []],
    ['2024-01-15T20:00:00Z', 10, [60], ['kept at 1 min only: CloudWatch keeps values finer than a minute for 3 hours']],
    ['2024-01-20T16:00:00Z', 60, [60], []],
    ['2024-02-24T16:00:00Z', 60, [300], ['kept at 5 min only: CloudWatch keeps 1-minute values for 15 days']],
    ['2024-02-24T16:00:00Z', 300, [300], []],
    ['2024-04-24T16:00:00Z', 60, [3600], ['kept at 1 h only: CloudWatch keeps 5-minute values for 63 days']],
    ['2024-04-24T16:00:00Z', 3600, [3600], []],
    ['2024-04-24T16:00:00Z', 86400, [86400], []],
    ['2024-02-24T16:00:00Z', 120, [300], ['kept at 5 min only: CloudWatch keeps 1-minute values for 15 days']],
    ['2024-02-24T16:00:00Z', 900, [900], []],
    ['2025-06-01T00:00:00Z', 60, [], ['no values are left: CloudWatch keeps 1-hour values for 455 days']],
  ])('read at %s, wanted at %d s: %j', (now, wanted, periods, words) => {
    const { stretches, losses } = planChunks(windowOf('2024-01-15T14:00:00Z', '2024-01-15T15:00:00Z'), wanted, at(now));
    expect(stretches.map(({ periodSeconds }) => periodSeconds)).toEqual(periods);
    expect(losses.map(({ detail }) => detail)).toEqual(words);
  });

  it('where the limit falls inside the window, each side comes at its own period and only the older side is a loss', () => {
    const now = at('2024-01-30T14:33:20Z');
    const { stretches, losses } = planChunks(windowOf('2024-01-15T13:00:00Z', '2024-01-15T20:00:00Z'), 60, now);
    expect(losses.map(({ window }) => window)).toEqual([windowOf('2024-01-15T13:00:00Z', '2024-01-15T14:33:20Z')]);
    expect(stretches.map(({ periodSeconds, chunks }) => [periodSeconds, chunks])).toEqual([
      // The rest of the chunk that is still kept goes by its own start, so that it never stands in for the whole chunk.
      [60, [windowOf('2024-01-15T14:34:00Z', '2024-01-15T18:00:00Z'), windowOf('2024-01-15T18:00:00Z', '2024-01-16T00:00:00Z')]],
      [300, [windowOf('2024-01-15T00:00:00Z', '2024-01-16T00:00:00Z')]],
    ]);
  });

  it('a month of hourly values is a month of the calendar', () => {
    const { stretches } = planChunks(windowOf('2024-02-28T10:00:00Z', '2024-03-02T00:00:00Z'), 3600, at('2024-04-01T00:30:00Z'));
    expect(stretches[0]?.chunks).toEqual([
      windowOf('2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'),
      windowOf('2024-03-01T00:00:00Z', '2024-04-01T00:00:00Z'),
    ]);
  });

  it('a window of the future asks nothing', () => {
    expect(planChunks(windowOf('2024-01-15T16:00:00Z', '2024-01-15T18:00:00Z'), 60, NOW)).toEqual({ stretches: [], losses: [] });
  });

  const wanted = fc.constantFrom(1, 10, 30, 60, 120, 300, 600, 900, 3_600, 21_600, 86_400);
  it('every moment of the past is answered once at its finest, or lost; what is asked is kept, aligned and over', () => {
    fc.assert(
      fc.property(
        wanted,
        fc.integer({ min: 0, max: 500 * 24 }),
        fc.integer({ min: 1, max: 20 * 24 * 60 }),
        fc.integer({ min: 0, max: DAY }),
        (seconds, ageHours, minutes, shift) => {
          const now = addMs(NOW, shift);
          const from = addMs(now, -ageHours * HOUR);
          const window = { from, to: addMs(from, minutes * 60_000) };
          const { stretches, losses } = planChunks(window, seconds, now);
          const keptMs = (period: number) => (period < 60 ? 3 * HOUR : period < 300 ? 15 * DAY : period < 3_600 ? 63 * DAY : 455 * DAY);
          // A wish that two ages serve alike is one stretch: no chunk is asked twice.
          expect(new Set(stretches.map(({ periodSeconds }) => periodSeconds)).size).toBe(stretches.length);
          for (const { periodSeconds, chunks, until } of stretches) {
            expect(periodSeconds).toBeGreaterThanOrEqual(seconds);
            expect(epochMs(until)).toBeLessThanOrEqual(epochMs(now));
            for (const [index, chunk] of chunks.entries()) {
              expect(epochMs(chunk.from)).toBeGreaterThanOrEqual(epochMs(now) - keptMs(periodSeconds));
              if (index > 0) expect(chunk.from).toBe(chunks[index - 1]?.to);
            }
          }
          // Sampled moments, but not those in a period that is still running or at the edge of one.
          for (let step = 0; step < 20; step += 1) {
            const ms = epochMs(from) + (step / 20) * minutes * 60_000;
            const inside = stretches.filter(({ chunks, until }) =>
              chunks.some((chunk) => epochMs(chunk.from) <= ms && ms < Math.min(epochMs(chunk.to), epochMs(until))),
            );
            const isLost = losses.some(({ window: lost }) => epochMs(lost.from) <= ms && ms < epochMs(lost.to));
            const isAsWanted = inside.some(({ periodSeconds }) => periodSeconds === seconds);
            const slackMs = 2 * Math.max(seconds, ...stretches.map(({ periodSeconds }) => periodSeconds)) * 1_000;
            if (ms < epochMs(now) - slackMs && !isNearEdge(ms, epochMs(now), slackMs))
              expect(isAsWanted !== isLost, `${instantAt(ms)} ${JSON.stringify(stretches)}`).toBe(true);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

function isNearEdge(ms: number, nowMs: number, slackMs: number): boolean {
  return [3 * HOUR, 15 * DAY, 63 * DAY, 455 * DAY].some((kept) => Math.abs(nowMs - kept - ms) <= slackMs);
}
