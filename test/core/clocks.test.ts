import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { assemble } from '../../src/core/case.ts';
import { readOffset } from '../../src/core/clocks.ts';
import { API_SERVICE, eventOf, incidentFactOf, instant, moment, recordOf, snapshotOf } from '../support/events.ts';

const ALERT = {
  source: 'pagerduty',
  stream: 'alerts',
  correlationKeys: ['pagerduty/incident:PABC', 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate'],
} as const;
const records = [
  recordOf('R1', {
    events: [eventOf('incident.triggered', '14:32:15', { key: 'R1' })],
    facts: [incidentFactOf({ triggeredAt: instant('14:32:15') })],
  }),
  recordOf(
    'A1',
    {
      events: [
        eventOf('alert.fired', '14:32', {
          ...ALERT,
          key: 'A1',
          time: moment('14:32', 0, 1),
          timeMeaning: 'occurred',
          knowableAt: instant('14:32:15'),
        }),
      ],
    },
    { stream: 'alerts' },
  ),
  recordOf('H1', { events: [eventOf('alert.fired', '14:32', { key: 'H1' })] }, { source: 'aws-prod', stream: 'alarm_history' }),
  recordOf(
    'C1',
    { events: [eventOf('deployment.succeeded', '14:15:03', { key: 'C1', source: 'pagerduty', stream: 'change_events' })] },
    { stream: 'change_events' },
  ),
];

function timesUnder(clock_offsets?: Readonly<Record<string, string>>) {
  const policy = { ...DEFAULT_POLICY, ...(clock_offsets && { clock_offsets }) };
  const { events, facts } = assemble(snapshotOf(records, { policy }), records, [API_SERVICE]);
  const of = (key: string) => events.find(({ provenance }) => provenance.nativeId === key);
  return { trigger: of('R1'), alert: of('A1'), alarm: of('H1'), report: of('C1'), fact: facts.find(({ kind }) => kind === 'incident') };
}

describe('a clock that the policy sets right', () => {
  it('moves the times of its source, with bounds as wide as the offset is written, and no other', () => {
    const asFound = timesUnder();
    const corrected = timesUnder({ pagerduty: '-45s' });
    expect(corrected.trigger).toMatchObject({ time: moment('14:33', 500, 1500), knowableAt: instant('14:33') });
    expect(corrected.fact).toMatchObject({ triggeredAt: instant('14:33') });
    expect(corrected.alarm).toEqual(asFound.alarm);
  });

  it('leaves the evidence and the time as it was found', () => {
    const asFound = timesUnder();
    expect(timesUnder({ pagerduty: '-45s' }).trigger?.provenance).toEqual(asFound.trigger?.provenance);
  });

  it("moves when an alert was recorded, and not the alarm's own time that it hands on", () => {
    expect(timesUnder({ pagerduty: '-45s' }).alert).toMatchObject({ time: moment('14:32', 0, 1), knowableAt: instant('14:33') });
  });

  it("leaves what bears its sender's stamp, unless that clock is named", () => {
    expect(timesUnder({ pagerduty: '-45s' }).report?.time).toEqual(moment('14:15:03'));
    expect(timesUnder({ 'pagerduty/change_events': '3s' }).report?.time).toEqual(moment('14:15', 500, 1500));
  });

  it('is no other than the one found where nothing is stated of it', () => {
    expect(timesUnder({ github: '2m' })).toEqual(timesUnder());
  });
});

describe('an offset as the policy writes it', () => {
  it.each([
    ['-45s', { ms: -45_000, withinMs: 500 }],
    ['+30s', { ms: 30_000, withinMs: 500 }],
    ['1500ms', { ms: 1500, withinMs: 1 }],
    ['2m', { ms: 120_000, withinMs: 30_000 }],
    ['-1h', { ms: -3_600_000, withinMs: 1_800_000 }],
  ])('%s is read with the bounds of its unit', (text, offset) => {
    expect(readOffset(text)).toEqual(offset);
  });

  it.each(['', '45', '-', '1.5s', '45 s', '--45s', '3d'])('%j is refused', (text) => {
    expect(() => readOffset(text)).toThrow(RangeError);
  });

  it('gives back the seconds that were written, to either side', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), (seconds) => {
        expect(readOffset(`${seconds}s`).ms + 0).toBe(seconds * 1_000);
      }),
    );
  });
});
