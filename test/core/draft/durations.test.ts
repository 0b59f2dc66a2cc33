import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRICS, type Metric, type MetricName } from '../../../src/core/analysis/metrics.ts';
import { formatLength, formatMetric, formatSpan, labelOf } from '../../../src/core/draft/durations.ts';
import { numberOf, quoteOf, roundedOf, rowTimeOf, whenOf } from '../../../src/core/draft/words.ts';
import { derivedId } from '../../../src/core/events.ts';
import { moment } from '../../support/events.ts';
import { sampleAnalysis, sampleCase, unknown } from './sample.ts';

const { milestones } = sampleAnalysis(sampleCase());
const minutes = (ms: number, minMs: number, maxMs: number) => ({ ms: ms * 60_000, minMs: minMs * 60_000, maxMs: maxMs * 60_000 });
const [A, B] = [derivedId('test', 'a', 'metric.breached'), derivedId('test', 'b', 'metric.recovered')];

describe('a duration in words', () => {
  it.each([
    ['17 min', { ms: 1_020_000, minMs: 1_019_000, maxMs: 1_020_001 }],
    ['18 min (17–18 min)', minutes(18, 17, 18)],
    ['2 min', { ms: 120_000, minMs: 119_000, maxMs: 121_000 }],
    ['2 min 34 s', { ms: 154_000, minMs: 153_000, maxMs: 155_000 }],
    ['45 s', { ms: 45_000, minMs: 44_000, maxMs: 46_000 }],
    ['40 s (10 s–1 min 10 s)', { ms: 40_000, minMs: 10_000, maxMs: 70_000 }],
    ['3 h 12 min', minutes(192, 192, 192)],
    ['3 h (2 h 30 min–3 h 30 min)', minutes(180, 150, 210)],
    ['2 d 5 h', minutes(3180, 3180, 3180)],
    ['0 s', { ms: 0, minMs: 0, maxMs: 0 }],
    // Bounds of a minute and the second by which a stamp is cut.
    ['1 min (0–1 min)', { ms: 60_000, minMs: 0, maxMs: 61_000 }],
    ['50 s (20–50 s)', { ms: 50_000, minMs: 20_000, maxMs: 51_000 }],
  ])('%s', (words, span) => {
    expect(formatSpan(span)).toBe(words);
  });

  it.each<[string, Metric]>([
    ['43 min so far', { status: 'running', atLeastMs: 43 * 60_000 + 59_000, cites: [A] }],
    ['within 30 s of each other', { status: 'indistinct', span: { ms: -5_000, minMs: -30_000, maxMs: 20_000 }, cites: [A, B] }],
    ['none: one event is both', { status: 'indistinct', span: { ms: 0, minMs: -1_000, maxMs: 1_000 }, cites: [A, A] }],
    ['the other way round, by 4 min', { status: 'inverted', span: minutes(-4, -4, -4), cites: [A, B] }],
    ['unknown: no recovery seen', { status: 'unknown', missing: ['recovered'] }],
    ['unknown: no suspect found, no recovery seen', { status: 'unknown', missing: ['suspect_deployed', 'recovered'] }],
  ])('%s', (words, metric) => {
    const without = { ...milestones, recovered: unknown(), suspect_deployed: unknown() };
    expect(formatMetric(metric, without)).toBe(words);
  });

  it('says whether an end may still come, or could not be seen', () => {
    const metric = { status: 'unknown', missing: ['acknowledged'] } as const;
    expect(formatMetric(metric, { ...milestones, acknowledged: unknown('not_yet') })).toBe('unknown: no acknowledgement yet');
    expect(formatMetric(metric, { ...milestones, acknowledged: unknown('not_covered') })).toBe(
      'unknown: acknowledgement not covered by what was read',
    );
  });

  it('never prints a negative length or a broken number', () => {
    const spans = fc.tuple(fc.nat(1e9), fc.nat(1e7), fc.nat(1e7)).map(([ms, minus, plus]) => ({ ms, minMs: ms - minus, maxMs: ms + plus }));
    const length = '\\d+ (?:d|h|min|s)(?: \\d+ (?:h|min|s))*';
    const words = new RegExp(`^${length}(?: \\((?:\\d+|${length})–${length}\\))?$`);
    fc.assert(
      fc.property(spans, (span) => {
        expect(formatSpan(span)).toMatch(words);
        expect(formatLength(span.ms)).toMatch(words);
      }),
    );
  });

  it('names both of its ends in the label, since the abbreviations of the field do not agree', () => {
    for (const name of Object.keys(METRICS) as MetricName[]) expect(labelOf(name)).toMatch(/ to /);
    expect(labelOf('time_to_detect')).toBe('Time to detect (TTD): start of the impact to detection');
  });
});

describe('times, numbers and quotations', () => {
  it('shows bounds that are wider than a minute, and the date on another day', () => {
    expect(rowTimeOf(moment('14:29', 0, 60_000), '2024-01-15')).toBe('14:29');
    expect(rowTimeOf(moment('14:25', 0, 300_000), '2024-01-15')).toBe('14:25–14:30');
    expect(rowTimeOf(moment('2024-01-14T09:10:00Z'), '2024-01-15')).toBe('2024-01-14 09:10');
    expect(whenOf(moment('14:25', 0, 300_000), '2024-01-15')).toBe('between 14:25 and 14:30');
    expect(whenOf(moment('2024-01-14T09:10:00Z'), '2024-01-15')).toBe('on 14 January 2024 at 09:10');
  });

  it('groups thousands, keeps what is small, and rounds bounds outward', () => {
    expect([125000, 1234567.5, 0.1236, 0, -1500].map(numberOf)).toEqual(['125,000', '1,234,567.5', '0.124', '0', '-1,500']);
    expect([roundedOf(125013), roundedOf(121402, Math.floor), roundedOf(128941, Math.ceil)]).toEqual([125000, 121000, 129000]);
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (value) => {
        expect(roundedOf(value, Math.floor)).toBeLessThanOrEqual(value);
        expect(roundedOf(value, Math.ceil)).toBeGreaterThanOrEqual(value);
      }),
    );
  });

  it('counts what it cuts from a long text, and never cuts through a character', () => {
    expect(quoteOf('a\n b\tc')).toBe('“a b c”');
    expect(quoteOf('😀'.repeat(10), 4)).toBe('“😀😀😀😀… (6 more characters)”');
  });
});
