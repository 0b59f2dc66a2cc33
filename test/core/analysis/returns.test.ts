import { describe, expect, it } from 'vitest';
import { analyze } from '../../../src/core/analysis/analyze.ts';
import { caseOf, eventOf, instant, moment, seriesOf, windowOf } from '../../support/events.ts';
import { randomOf } from '../../support/random.ts';
import { ALARM, alarmOf, ERRORS } from '../../support/sample-case.ts';

const MINUTES = 14 * 60;

/** A minute's values from midnight on: noise of two about what each stretch adds to 40, in minutes since midnight. */
function valuesOf(stretches: readonly { readonly from: number; readonly until: number; readonly add: number }[]): readonly number[] {
  const random = randomOf(11);
  return Array.from({ length: MINUTES }, (_, at) => {
    const noise = Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6) * 2;
    return 40 + noise + stretches.reduce((sum, { from, until, add }) => (at >= from && at < until ? sum + add : sum), 0);
  });
}

/** What came back after an incident of 03:00 to 03:20, whose record was closed at 03:45. */
function returnsOf(stretches: Parameters<typeof valuesOf>[0], isClosed = true) {
  const series = seriesOf(ERRORS, 60_000, '00:00', valuesOf([{ from: 180, until: 200, add: 100 }, ...stretches]), { statistic: 'Average' });
  const theCase = caseOf({
    series: [series],
    now: instant('14:00'),
    windows: {
      incident: windowOf('01:00', '14:00'),
      changes: windowOf('00:00', '14:00'),
      baseline: windowOf('2024-01-01T03:00:00Z', '01:00'),
    },
    facts: [alarmOf({ threshold: 90 })],
    events: [
      eventOf('alert.fired', '03:03', { time: moment('03:03', 0, 1), correlationKeys: [ALARM, 'pagerduty/incident:PABC'] }),
      eventOf('incident.triggered', '03:04'),
      ...(isClosed ? [eventOf('incident.resolved', '03:45')] : []),
    ],
  });
  const { milestones, impactReturns = [] } = analyze(theCase);
  expect(milestones.recovered).toMatchObject({ known: true, time: { at: instant('03:20') } });
  return impactReturns.map(({ time }) => time.at);
}

describe('a departure that nobody was called for', () => {
  it('is the impact come back as long after the closing as an incident may begin before its page', () => {
    expect(returnsOf([{ from: 330, until: 340, add: 100 }])).toEqual([instant('05:30')]);
    expect(returnsOf([{ from: 360, until: 370, add: 100 }])).toEqual([]);
  });

  it('is the impact come back at any time of an incident that is open', () => {
    expect(returnsOf([{ from: 600, until: 610, add: 100 }], false)).toEqual([instant('10:00')]);
  });

  it('is no return where the level behind the incident had fallen, and comes up again to what was normal before', () => {
    const lower = { from: 200, until: MINUTES, add: -30 };
    expect(returnsOf([lower, { from: 270, until: 280, add: 30 }])).toEqual([]);
    expect(returnsOf([lower, { from: 270, until: 280, add: 130 }])).toEqual([instant('04:30')]);
  });
});
