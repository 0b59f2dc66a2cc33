import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import type { Case } from '../../../src/core/case.ts';
import type { Series } from '../../../src/core/series.ts';
import { API_SERVICE, CHECKOUT_SERVICE, caseOf, coverageLineOf, eventOf, incidentFactOf, instant } from '../../support/events.ts';
import { generateSeries } from '../../support/generated-series.ts';

const MINUTE = 60_000;
const KEYS = ['Latency', 'Queue', 'Memory'] as const;
type Name = (typeof KEYS)[number] | 'Orders';
const CHECKOUT = { ...CHECKOUT_SERVICE, owns: [...CHECKOUT_SERVICE.owns, 'aws-prod/metric:Test/Orders'] };
const API = { ...API_SERVICE, owns: [...API_SERVICE.owns, ...KEYS.map((name) => `aws-prod/metric:Test/${name}`)] };

interface Step {
  readonly from: string;
  readonly to: string;
  readonly by?: number;
}

/** A metric of a day and a half at a minute, which is at 100 ± 5, and in a step far out. */
function metric(name: Name, seed: number, step: Step = { from: '14:00', to: '14:00' }): Series {
  const key = `aws-prod/metric:Test/${name}#Average`;
  const { from, to, by = 300 } = step;
  const span = { fromMs: Date.parse('2024-01-14T12:00:00Z'), untilMs: Date.parse('2024-01-15T16:00:00Z') };
  const shape = { periodMs: MINUTE, level: 100, noise: 5, step: by, onsetMs: Date.parse(instant(from)), endMs: Date.parse(instant(to)) };
  return generateSeries({ ...shape, ...span, seed, tails: 'heavy' }, { key, metric: name, source: 'aws-prod' });
}

/** Somebody opens an incident of the API at 14:33; no alarm fired. */
function reported(series: readonly Series[], more: Partial<Case> = {}): Case {
  return caseOf({
    services: [API, CHECKOUT],
    series,
    events: [eventOf('incident.triggered', '14:33'), eventOf('incident.resolved', '15:20')],
    facts: [incidentFactOf({ resolvedAt: instant('15:20') })],
    coverage: [
      coverageLineOf('pagerduty', 'log_entries'),
      coverageLineOf('aws-prod', 'alarm_history'),
      coverageLineOf('aws-prod', 'series'),
    ],
    ...more,
  });
}

const startOf = (theCase: Case) => analyze(theCase).milestones.impact_started;

describe('an incident with no alarm', () => {
  it('begins where a metric of its service left its normal, within its bounds', () => {
    const start = startOf(reported([metric('Latency', 1, { from: '14:20:40', to: '15:05' }), metric('Queue', 2)]));
    if (!start.known) throw new Error(start.wanted);
    expect(start.rule).toBe('onset_in_a_scan_of_the_service');
    const [truth, at] = [Date.parse(instant('14:20:40')), Date.parse(start.time.at)];
    expect(at - start.time.minusMs).toBeLessThanOrEqual(truth);
    expect(at + start.time.plusMs).toBeGreaterThanOrEqual(truth);
  });

  it('has no start in quiet metrics: under 5 of 100 services with three each', () => {
    const seeds = Array.from({ length: 100 }, (_, seed) => seed);
    const invented = seeds.filter((seed) => startOf(reported(KEYS.map((name, at) => metric(name, 1000 + 3 * seed + at)))).known);
    expect(invented.length).toBeLessThan(5);
  });

  it.each([
    ['was over more than an hour before', { from: '12:40', to: '13:10' }],
    ['began after the incident was opened', { from: '14:50', to: '15:10' }],
    ['is how the service has been for half a day', { from: '02:00', to: '23:00' }],
  ])('does not begin with a departure that %s', (_, step) => {
    expect(startOf(reported([metric('Latency', 1, step), metric('Queue', 2)]))).toMatchObject({ known: false, why: 'not_seen' });
  });

  it('begins with one that nobody reported for an hour and a half, though the metric had grown used to it', () => {
    const start = startOf(reported([metric('Latency', 1, { from: '13:05', to: '15:05' }), metric('Queue', 2)]));
    expect(start).toMatchObject({ known: true, time: { at: instant('13:05') } });
  });

  it('does not begin where a metric got better by its name, and does where the name does not say', () => {
    const fallen = { from: '14:20', to: '15:05', by: -80 };
    expect(startOf(reported([metric('Latency', 1, fallen), metric('Queue', 2)]))).toMatchObject({ known: false });
    expect(startOf(reported([metric('Memory', 1, fallen), metric('Queue', 2)]))).toMatchObject({ known: true });
  });

  it('begins with a departure that is too weak for a window that nobody reported', () => {
    const weak = [metric('Latency', 1, { from: '14:20', to: '15:05', by: 70 }), metric('Queue', 2)];
    expect(startOf(reported(weak))).toMatchObject({ known: true, time: { at: instant('14:20') } });
    const asked = { from: instant('14:00'), to: instant('15:20') };
    const quiet = { incidents: ['w~1'] as const, asked, facts: [], events: [], now: asked.to };
    expect(startOf(reported(weak, quiet))).toMatchObject({ known: false });
  });

  it('is told of what left with the first, what left apart and what did not leave', () => {
    const series = [
      metric('Latency', 1, { from: '14:20', to: '15:05' }),
      metric('Queue', 2, { from: '14:21', to: '15:05' }),
      metric('Memory', 3, { from: '14:40', to: '15:00' }),
    ];
    expect(analyze(reported(series)).impactSeries).toMatchObject([
      { metric: 'Latency', departed: { at: instant('14:20') }, scan: {} },
      { metric: 'Queue', departed: { at: instant('14:21') } },
      { metric: 'Memory', silent: { reason: 'apart', detail: 'it left its normal at 14:40 UTC, apart from the first' } },
    ]);
  });

  it('asks no metric of another service, and none that nobody owns', () => {
    const [orders, loose] = [metric('Orders', 1, { from: '14:20', to: '15:05' }), metric('Latency', 2, { from: '14:20', to: '15:05' })];
    expect(startOf(reported([orders])).known).toBe(false);
    expect(startOf(reported([loose], { services: [API_SERVICE, CHECKOUT] })).known).toBe(false);
  });

  it('goes by the metric that the policy names, and scans nothing beside it', () => {
    const series = [metric('Latency', 1, { from: '14:20', to: '15:05' }), metric('Queue', 2)];
    const policy = { ...reported([]).policy, impact_metrics: [{ metric: 'Test Queue' }] };
    expect(analyze(reported(series, { policy })).impactSeries.map(({ metric: name, scan }) => [name, scan])).toEqual([
      ['Queue', undefined],
    ]);
  });

  it('finds that no alarm watched it, unless the history of the alarms has a hole', () => {
    const series = [metric('Latency', 1, { from: '14:20', to: '15:05' })];
    const codes = (more: Partial<Case> = {}) => analyze(reported(series, more)).findings.filter(({ code }) => code === 'alarm_missing');
    expect(codes()).toMatchObject([{ subject: 'Latency', span: { ms: 13 * MINUTE } }]);
    const window = { from: instant('12:00'), to: instant('13:00') };
    const hole = coverageLineOf('aws-prod', 'alarm_history', { status: 'partial', gaps: [{ window, reason: 'retention', detail: '' }] });
    expect(codes({ coverage: [coverageLineOf('pagerduty', 'log_entries'), hole] })).toEqual([]);
  });
});
