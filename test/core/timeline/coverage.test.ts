import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverageOf, type Gap } from '../../../src/core/timeline/coverage.ts';
import { eventOf, factOf, pulledOf, recordOf, seriesOf, windowOf } from '../../support/events.ts';

const LATENCY = 'aws-prod/metric:AWS/ApplicationELB/TargetResponseTime?LoadBalancer=app%2Fapi#Average';
const alarm = factOf({
  kind: 'alarm',
  key: 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighLatency',
  comparison: 'above',
  threshold: 2,
  periodMs: 60_000,
  breaching: 5,
  outOf: 5,
  missing: 'missing',
  seriesKeys: [LATENCY],
});
const gap: Gap = { window: windowOf('12:33', '13:00'), reason: 'retention', detail: 'CloudWatch keeps alarm history for 30 days' };

describe('the coverage table', () => {
  it('counts a record once, by the first of what it gave', () => {
    const records = [
      recordOf('both', {
        events: [eventOf('note.added', '14:38')],
        facts: [factOf({ kind: 'person', key: 'pagerduty:user:P1', names: [] })],
      }),
      recordOf('person', { facts: [factOf({ kind: 'person', key: 'pagerduty:user:P2', names: [] })] }),
      recordOf('broken', { issues: [{ pointer: '/created_at', problem: 'not a time with an offset' }] }),
      recordOf('half', { events: [eventOf('note.added', '14:40')], issues: [{ pointer: '/user', problem: 'no id' }] }),
      recordOf('link', {}),
    ];
    const [line] = coverageOf([pulledOf('pagerduty', 'log_entries')], records);
    expect(line).toMatchObject({ records: 5, gave: { events: 2, series: 0, facts: 1, issues: 1, nothing: 1 } });
    expect(line?.issues.map(({ pointer, problem }) => [pointer, problem]).toSorted()).toEqual([
      ['/created_at', 'not a time with an offset'],
      ['/user', 'no id'],
    ]);
  });

  it('sums to the records, whatever they gave and in whatever order they came', () => {
    const record = fc.record({
      events: fc.nat(2),
      facts: fc.nat(2),
      issues: fc.nat(2),
      stream: fc.constantFrom('log_entries', 'notes', 'alerts'),
    });
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (said) => {
        const records = said.map(({ events, facts, issues, stream }, index) =>
          recordOf(
            `R${index}`,
            {
              events: Array.from({ length: events }, (_, at) => eventOf('note.added', '14:38', { key: `${index}.${at}` })),
              facts: Array.from({ length: facts }, (_, at) => factOf({ kind: 'person', key: `pagerduty:user:P${index}${at}`, names: [] })),
              issues: Array.from({ length: issues }, (_, at) => ({ pointer: `/${at}`, problem: 'unreadable' })),
            },
            { stream },
          ),
        );
        const pulls = [pulledOf('pagerduty', 'log_entries'), pulledOf('pagerduty', 'notes', { need: 'extra' })];
        const lines = coverageOf(pulls, records);
        for (const { records: count, gave } of lines) expect(Object.values(gave).reduce((sum, part) => sum + part, 0)).toBe(count);
        expect(lines.reduce((sum, { records: count }) => sum + count, 0)).toBe(records.length);
        expect(lines.flatMap(({ issues }) => issues)).toHaveLength(records.flatMap(({ issues }) => issues).length);
        expect(coverageOf(pulls.toReversed(), records.toReversed())).toEqual(lines);
      }),
    );
  });

  it('has one line for a stream, however often it was asked, and keeps each gap once', () => {
    const lines = coverageOf(
      [
        pulledOf('aws-prod', 'alarm_history', { window: windowOf('13:00', '16:00') }),
        pulledOf('aws-prod', 'alarm_history', {
          window: windowOf('12:33', '13:00'),
          status: 'failed',
          gaps: [gap],
          need: 'extra',
          hint: 'none',
        }),
        pulledOf('aws-prod', 'alarm_history', { window: windowOf('12:33', '13:00'), status: 'failed', gaps: [gap], need: 'extra' }),
      ],
      [],
    );
    expect(lines).toEqual([
      {
        source: 'aws-prod',
        stream: 'alarm_history',
        need: 'needed',
        window: windowOf('12:33', '16:00'),
        status: 'partial',
        gaps: [gap],
        hint: 'none',
        records: 0,
        gave: { events: 0, series: 0, facts: 0, issues: 0, nothing: 0 },
        issues: [],
      },
    ]);
  });

  it('says the resolution that the alarm wanted and the finest that came', () => {
    const records = [
      recordOf('alarm', { facts: [alarm] }, { source: 'aws-prod', stream: 'alarms' }),
      recordOf('hour', { series: [seriesOf(LATENCY, 300_000, '14:00', [1])] }, { source: 'aws-prod', stream: 'series' }),
      recordOf('day', { series: [seriesOf(LATENCY, 3_600_000, '14:00', [1])] }, { source: 'aws-prod', stream: 'series' }),
      recordOf(
        'other',
        { series: [seriesOf('aws-prod/metric:AWS/SQS/Depth#Sum', 3_600_000, '14:00', [1])] },
        { source: 'aws-prod', stream: 'series' },
      ),
    ];
    const lines = coverageOf([pulledOf('aws-prod', 'series'), pulledOf('aws-prod', 'alarms')], records);
    expect(lines.map(({ stream, resolutionMs }) => [stream, resolutionMs])).toEqual([
      ['alarms', undefined],
      ['series', { asked: 60_000, got: 300_000 }],
    ]);
  });

  it('has a line for records that another stream nests, so that none is lost', () => {
    const nested = recordOf(
      'status',
      { events: [eventOf('deployment.succeeded', '14:15')] },
      { source: 'github', stream: 'deployment_statuses' },
    );
    const lines = coverageOf([pulledOf('github', 'deployments')], [nested]);
    expect(lines.map(({ stream, need, records }) => [stream, need, records])).toEqual([
      ['deployment_statuses', 'extra', 1],
      ['deployments', 'needed', 0],
    ]);
  });
});

it('what no service claims was not asked, whatever else the line says', () => {
  const unmapped: Gap = { window: windowOf('12:33', '16:00'), reason: 'not_mapped', detail: 'no service owns anything at github' };
  const planned = { ...pulledOf('github', 'deployments'), window: unmapped.window, status: 'partial' as const, gaps: [unmapped] };
  expect(coverageOf([planned], [])[0]).toMatchObject({ status: 'not_asked', gaps: [unmapped], records: 0 });
  const half = { ...planned, gaps: [{ ...unmapped, window: windowOf('12:33', '13:00') }] };
  expect(coverageOf([half], [])[0]).toMatchObject({ status: 'partial' });
});
