import { describe, expect, it } from 'vitest';
import { alerts } from '../../../connectors/pagerduty/streams/alerts.ts';
import type { Json } from '../../../src/contract/index.ts';
import { instant } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { ALARM, KEY, openSource, requestOf, SERVICE, sampleWorld, say, sayBody } from './support.ts';

const SCOPE = { scope: {} };
const SNS = {
  AlarmName: 'api-HighErrorRate',
  AlarmArn: ALARM.slice('alarm:'.length),
  NewStateValue: 'ALARM',
  StateChangeTime: '2024-01-15T14:32:00.000+0000',
};

function alertOf(more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  return {
    id: 'QA1',
    type: 'alert',
    summary: 'Disk full on db-1',
    created_at: '2024-01-15T14:33:00Z',
    service: { id: 'PAPI001', type: 'service_reference' },
    integration: { id: 'PI', type: 'inbound_integration_reference', summary: 'CloudWatch' },
    incident: { id: 'Q1', type: 'incident_reference' },
    suppressed: false,
    body: null,
    ...more,
  };
}

describe('the alerts of the sample incident', () => {
  it("U1.6 fired at the alarm's own time and are tied to the alarm", async () => {
    await using source = await openSource();
    const { records, gaps, checkpoints } = await pullAll(alerts, source.client, requestOf(SCOPE));
    expect([records.length, gaps, checkpoints]).toEqual([1, [], [KEY]]);
    const said = records.map((record) => say(alerts, record));
    expect(said[0]?.issues).toEqual([]);
    expect(said[0]?.events).toMatchObject([
      {
        type: 'alert.fired',
        time: { at: instant('14:32'), minusMs: 0, plusMs: 1 },
        timeMeaning: 'occurred',
        knowableAt: instant('14:33'),
        correlationKeys: [KEY, ALARM],
        belongsTo: [SERVICE],
        url: 'https://acme.pagerduty.com/alerts/Q1ALERT0HIGHERR',
        actor: { kind: 'automation', name: 'CloudWatch' },
        attributes: { 'alert.rule': 'api-HighErrorRate' },
        provenance: { pointer: '/body/cef_details/details/StateChangeTime', originalTime: '2024-01-15T14:32:00.000+0000' },
      },
      { type: 'alert.resolved', time: { at: instant('14:57'), plusMs: 1000 }, timeMeaning: 'recorded', correlationKeys: [KEY, ALARM] },
    ]);
  });

  it('are not over before they are', async () => {
    await using source = await openSource({ world: sampleWorld('2024-01-15T14:40:00Z') });
    const { records } = await pullAll(alerts, source.client, requestOf(SCOPE));
    expect(records.flatMap((record) => say(alerts, record).events).map(({ type }) => type)).toEqual(['alert.fired']);
  });

  it('U1.2 are none where the service makes incidents without alerts', async () => {
    await using source = await openSource();
    const { records, gaps } = await pullAll(alerts, source.client, requestOf({ ...SCOPE, keys: ['pagerduty/incident:Q0CPUSPIKE2023'] }));
    expect([records, gaps]).toEqual([[], []]);
  });
});

describe('where the message stands', () => {
  it.each([
    ['/body/cef_details/details/StateChangeTime', { cef_details: { details: SNS } }],
    ['/body/details/StateChangeTime', { details: SNS }],
    ['/body/details/StateChangeTime', { cef_details: null, details: SNS }],
    ['/body/details', { details: JSON.stringify(SNS) }],
    ['/body/details/Message', { details: { Message: JSON.stringify(SNS) } }],
  ])('%s', (pointer, body) => {
    const { events, issues } = sayBody(alerts, alertOf({ body }));
    expect(issues).toEqual([]);
    expect(events).toMatchObject([
      { time: { at: instant('14:32') }, correlationKeys: ['pagerduty/incident:Q1', ALARM], provenance: { pointer } },
    ]);
  });

  it.each([
    ['another monitor', { details: { host: 'db-1' } }],
    ['text', { details: 'disk full' }],
    ['nothing', null],
    ['a list', { details: [SNS] }],
  ])('%s: the alert counts from when PagerDuty recorded it', (_, body) => {
    const { events, issues } = sayBody(alerts, alertOf({ body }));
    expect(issues).toEqual([]);
    expect(events).toMatchObject([
      {
        type: 'alert.fired',
        time: { at: instant('14:33'), plusMs: 1000 },
        timeMeaning: 'recorded',
        correlationKeys: ['pagerduty/incident:Q1'],
        attributes: { 'alert.rule': 'Disk full on db-1' },
        provenance: { pointer: '/created_at' },
      },
    ]);
  });

  it.each([
    ['tells of the end', { NewStateValue: 'OK' }],
    ['has no time', { StateChangeTime: null }],
    ['has a time without an offset', { StateChangeTime: '2024-01-15T14:32:00' }],
  ])('a message that %s names the alarm and dates nothing', (_, change) => {
    const { events } = sayBody(alerts, alertOf({ body: { details: { ...SNS, ...change } } }));
    expect(events).toMatchObject([
      { time: { at: instant('14:33') }, timeMeaning: 'recorded', correlationKeys: ['pagerduty/incident:Q1', ALARM] },
    ]);
  });
});

describe('what an alert says', () => {
  it('a suppressed one did not page', () => {
    expect(sayBody(alerts, alertOf({ suppressed: true, incident: null })).events).toMatchObject([
      { type: 'alert.suppressed', correlationKeys: [] },
    ]);
  });

  it('a rule is the alarm, the summary, the key or the id', () => {
    const rule = (more: { readonly [name: string]: Json }) => sayBody(alerts, alertOf(more)).events[0]?.attributes;
    expect(rule({ summary: null, alert_key: 'disk/db-1' })).toEqual({ 'alert.rule': 'disk/db-1' });
    expect(rule({ summary: null, alert_key: null })).toEqual({ 'alert.rule': 'QA1' });
  });

  it('a time that cannot be read is an issue, and the other still counts', () => {
    const { events, issues } = sayBody(alerts, alertOf({ created_at: 'once', resolved_at: '2024-01-15T14:57:00Z' }));
    expect(events.map(({ type }) => type)).toEqual(['alert.resolved']);
    expect(issues).toEqual([{ pointer: '/created_at', problem: 'not a time with an offset' }]);
    expect(sayBody(alerts, { id: 'QA1' }).issues).toHaveLength(1);
  });
});
