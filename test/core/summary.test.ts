import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRICS, type Metric, type MetricName } from '../../src/core/analysis/metrics.ts';
import { FEWEST, type SummaryCase, summarize } from '../../src/core/summary.ts';
import { instant } from '../support/events.ts';

const unknown: Metric = { status: 'unknown', missing: ['impact_started'] };
const measured = (minutes: number): Metric => ({
  status: 'measured',
  span: { ms: minutes * 60_000, minMs: minutes * 60_000, maxMs: minutes * 60_000 },
  cites: [],
});

function caseOf(incident: string, acknowledge: Metric, more: Partial<SummaryCase> = {}): SummaryCase {
  const none = Object.fromEntries(Object.keys(METRICS).map((name) => [name, unknown])) as Record<MetricName, Metric>;
  return {
    incident,
    draft: `sha256:${incident}`,
    title: incident,
    began: instant('2024-01-15T14:33:00Z'),
    services: ['api'],
    isPartial: false,
    isOnsetKnown: false,
    durations: { ...none, time_to_acknowledge: acknowledge },
    ...more,
  };
}
const acknowledged = (cases: readonly SummaryCase[]) => summarize(cases)[0]?.durations.find(({ name }) => name === 'time_to_acknowledge');

describe('durations over incidents', () => {
  it('are a count, a median, the middle half and the list: one night of nine hours moves the list and not the middle', () => {
    const found = acknowledged([2, 540, 3, 1, 4].map((minutes, index) => caseOf(`P${index}`, measured(minutes))));
    expect(found).toMatchObject({ measured: 5, median: 180_000, quartiles: [120_000, 240_000] });
    expect(found?.list.map(({ incident }) => incident)).toEqual(['P3', 'P0', 'P2', 'P4', 'P1']);
    expect(JSON.stringify(summarize([]))).not.toMatch(/mean|average/i);
  });

  it('between two values the median lies in the middle', () => {
    expect(acknowledged([1, 2, 3, 10, 20, 30].map((minutes, index) => caseOf(`P${index}`, measured(minutes))))?.median).toBe(390_000);
  });

  it('of fewer than five are a list and nothing else, and the group compares with none', () => {
    const cases = [1, 2, 3, 4].map((minutes) => caseOf(`P${minutes}`, measured(minutes)));
    expect(acknowledged(cases)).toMatchObject({ measured: 4 });
    expect(acknowledged(cases)).not.toHaveProperty('median');
    expect(acknowledged(cases)).not.toHaveProperty('quartiles');
    expect(summarize(cases)[0]?.comparable).toBe(false);
  });

  it('that were not measured are counted by why, never as zero', () => {
    const span = { ms: -30_000, minMs: -60_000, maxMs: 0 };
    const cases = [
      caseOf('P1', { status: 'running', atLeastMs: 1, cites: [] }),
      caseOf('P2', { status: 'inverted', span, cites: [] }),
      caseOf('P3', { status: 'indistinct', span, cites: [] }),
      caseOf('P4', unknown, { isPartial: true, isOnsetKnown: true }),
    ];
    expect(acknowledged(cases)).toMatchObject({ measured: 0, running: 1, inverted: 1, indistinct: 1, unknown: 1, list: [] });
    expect(summarize(cases)[0]).toMatchObject({ incidents: 4, partial: 1, onsetKnown: 1 });
  });

  it('by service, severity and month: of two services in both, of none said so', () => {
    const cases = [
      caseOf('P1', unknown, { services: ['api', 'checkout'], severity: 'P1' }),
      caseOf('P2', unknown, { services: [], began: instant('2024-02-01T00:00:00Z') }),
    ];
    const keys = (by: 'service' | 'severity' | 'month') => summarize(cases, by).map(({ key, incidents }) => [key, incidents]);
    expect(keys('service')).toEqual([
      ['api', 1],
      ['checkout', 1],
      ['no service', 1],
    ]);
    expect(keys('severity')).toEqual([
      ['P1', 1],
      ['no severity', 1],
    ]);
    expect(keys('month')).toEqual([
      ['2024-01', 1],
      ['2024-02', 1],
    ]);
  });

  it('do not hang on the order of the incidents; half of the values lie on either side of the median', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10_000 }), { maxLength: 30 }), (minutes) => {
        const cases = minutes.map((value, index) => caseOf(`P${String(index).padStart(2, '0')}`, measured(value)));
        expect(summarize(cases.toReversed())).toEqual(summarize(cases));
        const { median, quartiles, list } = acknowledged(cases) ?? { list: [] };
        expect(median !== undefined).toBe(minutes.length >= FEWEST);
        if (median === undefined || quartiles === undefined) return;
        expect(2 * list.filter(({ ms }) => ms < median).length).toBeLessThanOrEqual(list.length);
        expect(2 * list.filter(({ ms }) => ms > median).length).toBeLessThanOrEqual(list.length);
        expect([quartiles[0] <= median, median <= quartiles[1]]).toEqual([true, true]);
      }),
    );
  });
});
