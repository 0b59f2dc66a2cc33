import { describe, expect, it } from 'vitest';
import { clearedOf } from '../../../src/core/analysis/clearing.ts';
import { firingsOf } from '../../../src/core/analysis/joined.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { caseOf, eventOf, incidentFactOf, instant, moment } from '../../support/events.ts';
import { ALARM, alarmOf } from '../../support/sample-case.ts';

const PAGE = 'pagerduty/incident:PABC';
const OTHER = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-Latency';
const base = [eventOf('incident.triggered', '14:33'), eventOf('incident.resolved', '15:30')];
const fired = (at: string, alarm = ALARM) => eventOf('alert.fired', at, { key: `${alarm} ${at}`, correlationKeys: [alarm] });
const calm = (at: string, alarm = ALARM) =>
  eventOf('alert.resolved', at, { key: `${alarm} ${at}`, correlationKeys: [alarm], time: moment(at, 0, 1) });

function cleared(events: readonly RecordedEvent[], facts = [incidentFactOf(), alarmOf()]) {
  const theCase = caseOf({ events: [...base, ...events], facts });
  return clearedOf(firingsOf(theCase), theCase);
}

describe('when the alarms of a case went back to normal', () => {
  it('is the end of the last to do so, and cites it', () => {
    const found = cleared([fired('14:32'), calm('14:50'), fired('14:35', OTHER), calm('15:02', OTHER)]);
    expect(found?.time.at).toBe(instant('15:02'));
    expect(found?.cites).toEqual([{ event: calm('15:02', OTHER).id }]);
  });

  it('of one that fired again is the end after its last firing', () => {
    expect(cleared([fired('14:32'), calm('14:40'), fired('14:45'), calm('15:10')])?.time.at).toBe(instant('15:10'));
  });

  it('is not known where one of them has no end in the record, or none fired', () => {
    expect(cleared([fired('14:32'), calm('14:50'), fired('14:35', OTHER)])).toBeUndefined();
    expect(cleared([])).toBeUndefined();
  });

  it('is not the time at which somebody closed the pager’s alert', () => {
    const closed = eventOf('alert.resolved', '15:30', {
      source: 'pagerduty',
      stream: 'alerts',
      key: 'Q1',
      belongsTo: ['pagerduty/service:PAPI001'],
      correlationKeys: [PAGE, ALARM],
    });
    expect(cleared([fired('14:32'), closed])).toBeUndefined();
    expect(cleared([fired('14:32'), { ...closed, timeMeaning: 'occurred' }])?.time.at).toBe(instant('15:30'));
  });

  it('comes after the end of the impact by what its rule looks back on', () => {
    const lag = (breaching: number, outOf: number) =>
      cleared([fired('14:32'), calm('14:50')], [incidentFactOf(), alarmOf({ breaching, outOf, periodMs: 300_000 })])?.lagMs ?? 0;
    expect(lag(1, 3)).toBe(3 * 300_000 + 120_000);
    expect(lag(3, 3)).toBe(300_000 + 120_000);
  });
});
