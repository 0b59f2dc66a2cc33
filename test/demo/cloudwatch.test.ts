import { describe, expect, it } from 'vitest';
import { ALL_TYPES, during, ERRORS, listOf, QUEUE, query, type Said, seconds, startCalls, world } from '../support/cloudwatch-calls.ts';
import { readModel } from '../support/cloudwatch-model.ts';
import { sharedFile } from '../support/shared.ts';

describe('the answers', () => {
  const model = sharedFile('specs/cloudwatch-botocore-service-2.json');
  const window = during('2024-01-15T12:00:00Z', '2024-01-15T16:00:00Z');
  it.skipIf(!model).each([
    ['DescribeAlarms', { AlarmTypes: ALL_TYPES }],
    ['DescribeAlarms', { MaxRecords: 1 }],
    ['DescribeAlarmHistory', { AlarmTypes: ALL_TYPES }],
    ['DescribeAlarmHistory', { AlarmTypes: ALL_TYPES, MaxRecords: 2, ScanBy: 'TimestampAscending' }],
    ['GetMetricData', { ...window, MetricDataQueries: [query('a', ERRORS, 60, 'Sum'), query('b', QUEUE, 300, 'p99')] }],
    ['GetMetricData', { ...window, MaxDatapoints: 10, MetricDataQueries: [query('a', ERRORS, 60, 'Sum')] }],
    ['ListMetrics', { Namespace: 'AWS/SQS' }],
    [
      'GetMetricStatistics',
      { ...ERRORS, StartTime: window.StartTime, EndTime: window.EndTime, Period: 300, Statistics: ['Sum', 'Maximum'] },
    ],
  ])("of %s have the shape of the vendor's own model: %j (needs the shared reference folder)", async (operation, input) => {
    const { ask } = await startCalls();
    const { status, body } = await ask(operation, input);
    expect(status).toBe(200);
    const validate = readModel(model ?? '');
    const asked = validate(operation, 'input');
    expect(asked(input) ? [] : asked.errors).toEqual([]);
    const said = validate(operation, 'output');
    expect(said(body) ? [] : said.errors).toEqual([]);
    expect(JSON.stringify(body).length).toBeGreaterThan(100);
  });

  it.skipIf(!model).each(['DescribeAlarms', 'DescribeAlarmHistory'])(
    'of %s have it for anomaly, math and log alarms, edits and deletions too (needs the shared reference folder)',
    async (operation) => {
      const [first, second, third, ...rest] = world.cloudwatch.alarms;
      if (!first || !second || !third) throw new Error('the world has alarms');
      const operands = { m1: { metric: 'api-5xx', statistic: 'Sum' } };
      const alarms = [
        { ...first, edits: [{ at: '2024-01-10T09:00:00Z', rule: { threshold: 250 } }] },
        { ...second, band: 2, comparison: 'LessThanLowerOrGreaterThanUpperThreshold', deleted_at: '2024-01-20T00:00:00Z' },
        { ...third, math: { expression: 'm1 * 2', label: 'twice', operands }, deleted_at: '2024-01-15T15:00:00Z' },
        ...rest,
      ];
      const log = {
        name: 'api-Errors',
        description: '',
        query: 'filter level = "error"',
        results_to_evaluate: 1,
        results_to_alarm: 1,
        threshold: 1,
        comparison: 'GreaterThanThreshold',
        missing: 'missing',
        history: [{ at: '2024-01-15T14:34:00Z', from: 'OK', to: 'ALARM' }],
      };
      const { ask } = await startCalls(undefined, {}, { ...world, cloudwatch: { ...world.cloudwatch, alarms, log_alarms: [log] } });
      const { body } = await ask(operation, { AlarmTypes: ALL_TYPES });
      const said = readModel(model ?? '')(operation, 'output');
      expect(said(body) ? [] : said.errors).toEqual([]);
      const text = JSON.stringify(body);
      const signs =
        operation === 'DescribeAlarms'
          ? ['ThresholdMetricId', 'ScheduledQueryConfiguration']
          : ['updatedAlarm', 'deletedAlarm', 'api-Errors'];
      for (const sign of signs) expect(text).toContain(sign);
    },
  );

  it.skipIf(!model)('the model would refuse a date as text (needs the shared reference folder)', () => {
    const validate = readModel(model ?? '')('DescribeAlarms', 'output');
    expect(validate({ MetricAlarms: [{ AlarmName: 'x', StateUpdatedTimestamp: '2024-01-15T14:32:00Z' }] })).toBe(false);
    expect(validate({ MetricAlarms: [{ AlarmName: 'x', Colour: 'red' }] })).toBe(false);
  });
});

describe('alarms and their history', () => {
  it('U0-7 both speak of metric alarms only, unless asked for others', async () => {
    const { ask } = await startCalls();
    const plain = await ask('DescribeAlarms');
    expect([listOf(plain, 'MetricAlarms').length, listOf(plain, 'CompositeAlarms').length]).toEqual([4, 0]);
    const all = await ask('DescribeAlarms', { AlarmTypes: ALL_TYPES });
    expect(listOf(all, 'CompositeAlarms').map(({ AlarmName }) => AlarmName)).toEqual(['checkout-Degraded']);
    const types = (answer: { readonly body: Said }) => new Set(listOf(answer, 'AlarmHistoryItems').map(({ AlarmType }) => AlarmType));
    expect(types(await ask('DescribeAlarmHistory'))).toEqual(new Set(['MetricAlarm']));
    expect(types(await ask('DescribeAlarmHistory', { AlarmTypes: ALL_TYPES }))).toEqual(new Set(['MetricAlarm', 'CompositeAlarm']));
  });

  it('the state is that of the last change before the world’s now', async () => {
    const stateAt = async (now: string) => {
      const { ask } = await startCalls(now);
      const [alarm] = listOf(await ask('DescribeAlarms', { AlarmNames: ['api-HighErrorRate'] }), 'MetricAlarms');
      return [alarm?.['StateValue'], alarm?.['StateTransitionedTimestamp']];
    };
    expect(await stateAt('2024-01-15T14:00:00Z')).toEqual(['OK', seconds('2023-11-06T09:02:00Z')]);
    expect(await stateAt('2024-01-15T14:40:00Z')).toEqual(['ALARM', seconds('2024-01-15T14:32:00Z')]);
    expect(await stateAt('2024-01-15T16:00:00Z')).toEqual(['OK', seconds('2024-01-15T14:52:00Z')]);
  });

  it('filters by prefix, state and action', async () => {
    const { ask } = await startCalls('2024-01-15T14:40:00Z');
    const names = async (input: object) => listOf(await ask('DescribeAlarms', input), 'MetricAlarms').map(({ AlarmName }) => AlarmName);
    expect(await names({ AlarmNamePrefix: 'api-' })).toEqual(['api-HighErrorRate', 'api-HighLatency']);
    expect(await names({ StateValue: 'ALARM' })).toEqual(['api-HighErrorRate', 'checkout-QueueDepth']);
    expect(await names({ ActionPrefix: 'arn:aws:sns:us-east-1:123456789012:pagerduty-checkout' })).toEqual(['checkout-HighLatency']);
  });

  it('history comes newest first unless asked otherwise, page by page, each once', async () => {
    const { ask } = await startCalls();
    const newest = listOf(await ask('DescribeAlarmHistory', { AlarmTypes: ALL_TYPES }), 'AlarmHistoryItems');
    const stamps = newest.map(({ Timestamp }) => Number(Timestamp));
    expect(stamps).toEqual(stamps.toSorted((a, b) => b - a));
    const paged: Said[] = [];
    let token: unknown;
    do {
      const page = await ask('DescribeAlarmHistory', {
        AlarmTypes: ALL_TYPES,
        ScanBy: 'TimestampAscending',
        MaxRecords: 7,
        ...(token !== undefined && { NextToken: token }),
      });
      paged.push(...listOf(page, 'AlarmHistoryItems'));
      token = page.body['NextToken'];
    } while (token !== undefined);
    expect(paged).toEqual(newest.toReversed());
  });

  it('filters by name, type and dates', async () => {
    const { ask } = await startCalls();
    const items = async (input: object) =>
      listOf(await ask('DescribeAlarmHistory', input), 'AlarmHistoryItems').map(({ HistorySummary }) => HistorySummary);
    const alarm = { AlarmName: 'api-HighErrorRate', ScanBy: 'TimestampAscending' };
    expect(await items(alarm)).toEqual([
      'Alarm updated from OK to ALARM',
      'Successfully executed action arn:aws:sns:us-east-1:123456789012:pagerduty-api',
      'Alarm updated from ALARM to OK',
    ]);
    expect(await items({ ...alarm, HistoryItemType: 'StateUpdate', StartDate: seconds('2024-01-15T14:40:00Z') })).toEqual([
      'Alarm updated from ALARM to OK',
    ]);
    expect(await items({ ...alarm, EndDate: seconds('2024-01-15T14:32:00Z') })).toEqual(['Alarm updated from OK to ALARM']);
  });

  it('U2.1 a change of state carries what the alarm saw: start, datapoints and threshold, dates without a colon', async () => {
    const { ask } = await startCalls();
    const [item] = listOf(
      await ask('DescribeAlarmHistory', { AlarmName: 'api-HighErrorRate', EndDate: seconds('2024-01-15T14:32:00Z') }),
      'AlarmHistoryItems',
    );
    const data = JSON.parse(String(item?.['HistoryData'])) as {
      readonly newState: { readonly stateReason: string; readonly stateReasonData: Said };
    };
    const { evaluatedDatapoints, recentDatapoints, ...rest } = data.newState.stateReasonData;
    expect(rest).toEqual({
      version: '1.0',
      queryDate: '2024-01-15T14:32:00.000+0000',
      startDate: '2024-01-15T14:29:00.000+0000',
      statistic: 'Sum',
      period: 60,
      threshold: 100,
    });
    expect(recentDatapoints).toEqual([expect.any(Number), expect.any(Number)]);
    expect(evaluatedDatapoints).toMatchObject([
      { timestamp: '2024-01-15T14:30:00.000+0000' },
      { timestamp: '2024-01-15T14:29:00.000+0000' },
    ]);
    expect(data.newState.stateReason).toMatch(
      /^Threshold Crossed: 2 datapoints \[.*\(15\/01\/24 14:29:00\)\] were greater than the threshold \(100\.0\)\.$/,
    );
  });

  it('U0-6 history is gone after thirty days, counted from the world’s now', async () => {
    const { ask } = await startCalls('2024-02-14T14:20:00Z');
    const left = listOf(await ask('DescribeAlarmHistory', { AlarmTypes: ALL_TYPES, ScanBy: 'TimestampAscending' }), 'AlarmHistoryItems');
    expect(left[0]?.['Timestamp']).toBe(seconds('2024-01-15T14:24:30Z'));
    expect(
      listOf(await (await startCalls('2024-02-24T16:00:00Z')).ask('DescribeAlarmHistory', { AlarmTypes: ALL_TYPES }), 'AlarmHistoryItems'),
    ).toEqual([]);
  });
});

describe('refusals', () => {
  it.each([
    ['DescribeAnything', {}, 404, 'UnknownOperationException;Sender'],
    ['DescribeAlarms', { NextToken: 'x' }, 400, 'InvalidNextToken;Sender'],
    ['DescribeAlarms', { MaxRecords: 101 }, 400, 'ValidationError;Sender'],
    ['DescribeAlarms', { AlarmTypes: ['Alarm'] }, 400, 'ValidationError;Sender'],
    ['DescribeAlarms', { AlarmNames: ['a'], AlarmNamePrefix: 'a' }, 400, 'InvalidParameterCombination;Sender'],
    ['GetMetricData', {}, 400, 'MissingParameter;Sender'],
    ['GetMetricData', { StartTime: 2, EndTime: 1, MetricDataQueries: [] }, 400, 'ValidationError;Sender'],
    ['GetMetricData', { StartTime: 1, EndTime: 2, MetricDataQueries: [query('Upper', ERRORS, 60, 'Sum')] }, 400, 'ValidationError;Sender'],
    ['GetMetricData', { StartTime: 1, EndTime: 2, MetricDataQueries: [query('a', ERRORS, 90, 'Sum')] }, 400, 'ValidationError;Sender'],
  ])('%s %j', async (operation, input, status, code) => {
    const { ask } = await startCalls();
    const answer = await ask(operation, input);
    expect([answer.status, answer.headers.get('x-amzn-query-error')]).toEqual([status, code]);
    expect(answer.body['message']).toEqual(expect.any(String));
  });

  it('a request without a signature, and one that is signed for another region, which has nothing', async () => {
    const { ask } = await startCalls();
    expect(await ask('DescribeAlarms', {}, { authorization: '' })).toMatchObject({ status: 403 });
    const authorization = 'AWS4-HMAC-SHA256 Credential=x/20240115/eu-west-1/monitoring/aws4_request, SignedHeaders=host, Signature=0';
    expect(listOf(await ask('DescribeAlarms', {}, { authorization }), 'MetricAlarms')).toEqual([]);
  });

  it('U2.4 throttling is a 400, and the Date is the world’s', async () => {
    const { standIn, ask } = await startCalls();
    standIn.fail({ path: /DescribeAlarms/, mode: 429, times: 1 });
    const answer = await ask('DescribeAlarms');
    expect(answer).toMatchObject({ status: 400, body: { __type: 'com.amazonaws.cloudwatch#Throttling', message: 'Rate exceeded' } });
    expect(answer.headers.get('x-amzn-query-error')).toBe('Throttling;Sender');
    expect(answer.headers.get('date')).toBe('Mon, 15 Jan 2024 16:00:00 GMT');
    expect((await ask('DescribeAlarms')).status).toBe(200);
  });
});
