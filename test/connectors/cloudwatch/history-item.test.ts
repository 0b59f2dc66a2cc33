import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Json, RawRecord } from '../../../src/contract/index.ts';
import { sharedFile } from '../../support/shared.ts';
import { ACCOUNT, alarmHistory, tell } from './support.ts';

/** An item as the vendor sends it, with its data as the JSON text that it is. */
function item(over: { readonly [key: string]: Json }, data: Json | string): RawRecord {
  const body = {
    AlarmName: 'api-5xx',
    AlarmType: 'MetricAlarm',
    Timestamp: '2024-01-15T14:32:00.000Z',
    HistoryItemType: 'StateUpdate',
    HistorySummary: 'Alarm updated from OK to ALARM',
    HistoryData: typeof data === 'string' ? data : JSON.stringify(data),
    ...over,
  };
  return { nativeId: `${ACCOUNT}api-5xx@${body.Timestamp}#StateUpdate:OK>ALARM`, body, request: 'DescribeAlarmHistory' };
}
const transition = (from: string, to: string, over: { readonly [key: string]: Json } = {}) =>
  item(
    { HistorySummary: `Alarm updated from ${from} to ${to}` },
    { version: '1.0', oldState: { stateValue: from }, newState: { stateValue: to, ...over } },
  );
const types = (record: RawRecord) => tell(alarmHistory, [record]).events.map(({ type }) => type);

describe('what one item of history says', () => {
  it.each([
    ['OK', 'ALARM', ['alert.fired']],
    ['INSUFFICIENT_DATA', 'ALARM', ['alert.fired']],
    ['ALARM', 'OK', ['alert.resolved']],
    ['ALARM', 'INSUFFICIENT_DATA', ['alert.data_lost']],
    ['OK', 'INSUFFICIENT_DATA', []],
    ['INSUFFICIENT_DATA', 'OK', []],
  ])('U2.6-7 from %s to %s: %j', (from, to, expected) => {
    expect(types(transition(from, to))).toEqual(expected);
    expect(tell(alarmHistory, [transition(from, to)]).issues).toEqual([]);
  });

  it('U2.2 a composite alarm whose actions a suppressor held back fired, and was suppressed', () => {
    expect(types(transition('OK', 'ALARM', { actionsSuppressedBy: 'Alarm' }))).toEqual(['alert.fired', 'alert.suppressed']);
  });

  it('an action that was carried out or failed is evidence; one that was held back is told', () => {
    const done = item(
      { HistoryItemType: 'Action', HistorySummary: 'Successfully executed action arn:aws:sns:x' },
      { actionState: 'Succeeded' },
    );
    const failed = item({ HistoryItemType: 'Action', HistorySummary: 'Failed to execute action arn:aws:sns:x' }, { actionState: 'Failed' });
    const held = item({ HistoryItemType: 'Action', HistorySummary: 'Action was not executed' }, { actionState: 'Suppressed' });
    expect([done, failed, held].map(types)).toEqual([[], [], ['alert.suppressed']]);
  });

  it("a contributor's change of state is evidence: the alarm's own says when it fired", () => {
    expect(types(item({ HistoryItemType: 'AlarmContributorStateUpdate', AlarmContributorId: 'c1' }, {}))).toEqual([]);
  });

  it('U2.1 data that was cut at 4,095 characters still tells both states, and says what is not known', () => {
    const cut = tell(alarmHistory, [item({}, '{"version":"1.0","oldState":{"stateValue":"OK","stateReason":"Thresh')]);
    expect(cut.events).toMatchObject([{ type: 'alert.fired' }]);
    expect(cut.issues).toEqual([{ pointer: '/HistoryData', problem: 'cut or not JSON: what the alarm compared is not known' }]);
    const blank = tell(alarmHistory, [item({ HistorySummary: 'changed' }, 'x')]);
    expect(blank).toMatchObject({ events: [], issues: [{ pointer: '/HistoryData' }] });
  });

  it('U2.1 a state that a person set has no evaluated period', () => {
    const [event] = tell(alarmHistory, [transition('OK', 'ALARM', { stateReason: 'testing purposes' })]).events;
    expect(event?.attributes).toEqual({ 'alert.rule': 'api-5xx' });
  });

  it('U2.1 missing data treated as breaching: no startDate, values absent, and still a firing', () => {
    const stateReasonData = {
      version: '1.0',
      period: 10,
      recentDatapoints: [],
      threshold: 2,
      evaluatedDatapoints: [{ timestamp: '2025-09-19T21:11:00.000+0000' }],
    };
    const [event] = tell(alarmHistory, [transition('INSUFFICIENT_DATA', 'ALARM', { stateReasonData })]).events;
    expect(event?.attributes).toEqual({ 'alert.rule': 'api-5xx', 'alert.threshold': 2 });
  });

  it('an edit leaves the rule that held from then on; a deletion tells the last rule', () => {
    const alarm = {
      alarmName: 'api-5xx',
      namespace: 'N',
      metricName: 'M',
      dimensions: [{ name: 'D', value: 'v' }],
      statistic: 'Sum',
      period: 60,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      threshold: 50,
      comparisonOperator: 'GreaterThanThreshold',
      treatMissingData: 'notBreaching',
    };
    const edit = item({ HistoryItemType: 'ConfigurationUpdate' }, { version: '1.0', type: 'Update', updatedAlarm: alarm });
    const expected = {
      kind: 'alarm',
      key: `alarm:${ACCOUNT}api-5xx`,
      comparison: 'above',
      threshold: 50,
      periodMs: 60_000,
      breaching: 2,
      outOf: 3,
      missing: 'notBreaching',
    };
    const held = { ...expected, seriesKeys: ['aws-prod/metric:N/M?D=v#Sum'] };
    const named = { ...edit, nativeId: `${ACCOUNT}api-5xx@2024-01-15T14:32:00.000Z#ConfigurationUpdate:0` };
    expect(tell(alarmHistory, [named]).facts).toEqual([{ ...held, heldFrom: '2024-01-15T14:32:00.000Z' }]);
    const gone = item({ HistoryItemType: 'ConfigurationUpdate' }, { version: '1.0', type: 'Delete', deletedAlarm: alarm });
    expect(tell(alarmHistory, [{ ...gone, nativeId: named.nativeId }]).facts).toEqual([held]);
    expect(tell(alarmHistory, [item({ HistoryItemType: 'ConfigurationUpdate' }, { type: 'Update' })]).facts).toEqual([]);
  });

  it('an alarm name may hold marks that the record name uses', () => {
    const name = 'a@b#c:d/é';
    const record = transition('OK', 'ALARM');
    const body = { ...(record.body as { readonly [key: string]: Json }), AlarmName: name };
    const nativeId = `${ACCOUNT}${name}@2024-01-15T14:32:00.000Z#StateUpdate:OK>ALARM`;
    expect(tell(alarmHistory, [{ ...record, body, nativeId }]).events).toMatchObject([
      { correlationKeys: [`alarm:${ACCOUNT}${name}`], url: expect.stringMatching(/alarm\/a%40b%23c%3Ad%2F%C3%A9$/) },
    ]);
  });

  it('C9 a time without an offset is an issue', () => {
    const record = transition('OK', 'ALARM');
    const body = { ...(record.body as { readonly [key: string]: Json }), Timestamp: '2024-01-15T14:32:00' };
    expect(tell(alarmHistory, [{ ...record, body }])).toMatchObject({ events: [], issues: [{ pointer: '/Timestamp' }] });
    expect(tell(alarmHistory, [{ nativeId: 'x', request: '', body: [] }]).issues).toHaveLength(1);
  });

  const example = sharedFile('data/cloudwatch/aws+aws-cli/describe-alarm-history.json');
  it.skipIf(!example)("reads the items of AWS's own example (needs the shared reference folder)", () => {
    const { AlarmHistoryItems } = JSON.parse(readFileSync(example ?? '', 'utf8')) as { readonly AlarmHistoryItems: readonly Json[] };
    const said = AlarmHistoryItems.map((body) => tell(alarmHistory, [{ nativeId: 'n', body, request: '' }]));
    expect(said.flatMap(({ events }) => events)).toMatchObject([
      {
        type: 'alert.resolved',
        time: { at: '2014-04-09T18:59:06.442Z' },
        attributes: { 'alert.threshold': 70, 'alert.evaluated_from': '2014-04-09T18:44:00.000Z' },
      },
      { type: 'alert.fired', time: { at: '2014-04-09T18:59:05.805Z' } },
    ]);
    expect(said.flatMap(({ issues }) => issues)).toEqual([]);
  });
});
