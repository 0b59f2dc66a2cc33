import { describe, expect, it } from 'vitest';
import { asSent } from '../../../connectors/cloudwatch/as-sent.ts';
import type { Json, RawRecord } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { pullAll } from '../../support/streams.ts';
import { ACCOUNT, alarms, ask, at, ERRORS, INCIDENT, sampleWorld, startScene, tell } from './support.ts';

const PREFIX = { alarm_prefixes: ['api-', 'checkout-'] };
const names = (records: readonly { readonly nativeId: string }[]) =>
  records.map(({ nativeId }) => nativeId.slice(ACCOUNT.length)).toSorted();

const fixture = (over: Readonly<Record<string, Json | undefined>>): RawRecord => ({
  nativeId: `${ACCOUNT}x`,
  request: 'DescribeAlarms',
  body: asSent({
    AlarmName: 'x',
    AlarmArn: `${ACCOUNT}x`,
    StateValue: 'OK',
    StateTransitionedTimestamp: '2024-01-15T14:52:00.000Z',
    EvaluationPeriods: 3,
    ...over,
  }),
});
const factOf = (over: Readonly<Record<string, Json | undefined>>) => tell(alarms, [fixture(over)]).facts[0];

describe('alarms', () => {
  it('U2.1 U2.6-1 composite alarms are found beside metric alarms, which the vendor shows alone unless asked', async () => {
    const { client } = await startScene();
    const { records, gaps, checkpoints } = await pullAll(alarms, client, ask(PREFIX));
    expect(names(records)).toEqual([
      'api-HighErrorRate',
      'api-HighLatency',
      'checkout-Degraded',
      'checkout-HighLatency',
      'checkout-QueueDepth',
    ]);
    expect(gaps).toEqual([]);
    expect(checkpoints).toHaveLength(2);
  });

  it('reads every page, however small', async () => {
    const { client, standIn } = await startScene(sampleWorld(), { pageSize: 1 });
    const { records } = await pullAll(alarms, client, ask({ alarm_prefixes: ['checkout-'] }));
    expect(records).toHaveLength(3);
    expect(standIn.requests).toHaveLength(3);
  });

  it('asks for nothing where neither the scope nor a page names an alarm', async () => {
    const { client, standIn } = await startScene();
    expect(await pullAll(alarms, client, ask({}))).toEqual({ records: [], gaps: [], checkpoints: [], hints: [] });
    expect(standIn.requests).toEqual([]);
  });

  it('an alarm that a page names is found by its ARN, once, and only in its own region', async () => {
    const { client, standIn } = await startScene();
    const keys = [
      `alarm:${ACCOUNT}api-HighErrorRate`,
      `alarm:${ACCOUNT}checkout-Degraded`,
      `alarm:arn:aws:cloudwatch:eu-west-1:123456789012:alarm:api-HighErrorRate`,
    ];
    const { records, gaps } = await pullAll(alarms, client, ask({ alarm_prefixes: ['api-'] }, { keys }));
    expect(names(records)).toEqual(['api-HighErrorRate', 'api-HighLatency', 'checkout-Degraded']);
    expect(gaps).toEqual([]);
    expect(standIn.requests).toHaveLength(2);
  });

  it('a prefix that no alarm has is a hint that names the setting', async () => {
    const { client } = await startScene();
    const { hints } = await pullAll(alarms, client, ask({ alarm_prefixes: ['api-', 'apu-'] }));
    expect(hints).toEqual(['No alarm in us-east-1 begins with apu-: see alarm_prefixes.']);
  });

  it('asks a hundred names at a time', async () => {
    const { client, standIn } = await startScene();
    const keys = Array.from({ length: 201 }, (_, index) => `alarm:${ACCOUNT}gone-${index}`);
    const { gaps } = await pullAll(alarms, client, ask({}, { keys }));
    expect(standIn.requests).toHaveLength(3);
    expect(alarms.estimate(ask({}, { keys })).requests).toBe(3);
    expect(gaps).toHaveLength(201);
  });

  it('U2.1 an alarm that was deleted since is a gap in words, not a shorter list', async () => {
    const { client } = await startScene();
    const { gaps } = await pullAll(alarms, client, ask({}, { keys: [`alarm:${ACCOUNT}api-Deleted`] }));
    expect(gaps).toEqual([
      {
        window: INCIDENT,
        reason: 'unreadable',
        detail: "the alarm api-Deleted is not in this account and region: deleted since, or another account's",
      },
    ]);
  });

  it("another account's alarm is no gap once the answers show whose account this is", async () => {
    const { client } = await startScene();
    const keys = [`alarm:arn:aws:cloudwatch:us-east-1:999999999999:alarm:theirs`];
    expect((await pullAll(alarms, client, ask({ alarm_prefixes: ['api-'] }, { keys }))).gaps).toEqual([]);
  });

  it('tells the rule, and the last change of state as the history would', async () => {
    const { client } = await startScene();
    const { records } = await pullAll(alarms, client, ask({ alarm_prefixes: ['api-HighErrorRate'] }));
    const { events, facts, issues } = tell(alarms, records);
    expect(issues).toEqual([]);
    expect(facts).toEqual([
      {
        kind: 'alarm',
        key: `alarm:${ACCOUNT}api-HighErrorRate`,
        heldFrom: '2023-11-06T09:00:00.000Z',
        comparison: 'above',
        threshold: 100,
        periodMs: 60_000,
        breaching: 2,
        outOf: 2,
        missing: 'notBreaching',
        seriesKeys: [ERRORS],
      },
    ]);
    expect(events).toMatchObject([
      {
        type: 'alert.resolved',
        key: 'api-HighErrorRate@2024-01-15T14:52:00.000Z',
        time: { at: '2024-01-15T14:52:00.000Z', minusMs: 0, plusMs: 1 },
        timeMeaning: 'occurred',
        belongsTo: ['aws-prod/alarm:api-HighErrorRate'],
        correlationKeys: [`alarm:${ACCOUNT}api-HighErrorRate`],
        attributes: { 'alert.rule': 'api-HighErrorRate' },
        url: 'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/api-HighErrorRate',
      },
    ]);
  });

  it('at the height of the incident it fires: the state is that of the world then', async () => {
    const { client } = await startScene(sampleWorld('2024-01-15T14:40:00Z'));
    const { records } = await pullAll(alarms, client, ask({ alarm_prefixes: ['api-HighErrorRate'] }, { now: at('2024-01-15T14:40:00Z') }));
    expect(tell(alarms, records).events).toMatchObject([{ type: 'alert.fired', time: { at: '2024-01-15T14:32:00.000Z' } }]);
  });

  it('a composite alarm compares nothing: its rule is its rule', async () => {
    const { client } = await startScene();
    const { records } = await pullAll(alarms, client, ask({ alarm_prefixes: ['checkout-Degraded'] }));
    expect(tell(alarms, records).facts).toMatchObject([{ comparison: 'rule', periodMs: 0, breaching: 1, outOf: 1, seriesKeys: [] }]);
  });

  it('U2.1 StateTransitionedTimestamp is the change of state; StateUpdatedTimestamp stands in where it is absent', () => {
    const both = { StateUpdatedTimestamp: '2024-01-15T15:00:00.000Z', StateTransitionedTimestamp: '2024-01-15T14:52:00.000Z' };
    expect(tell(alarms, [fixture(both)]).events).toMatchObject([
      { pointer: '/StateTransitionedTimestamp', originalTime: '2024-01-15T14:52:00.000Z' },
    ]);
    const old = { StateUpdatedTimestamp: '2024-01-15T15:00:00.000Z', StateTransitionedTimestamp: undefined };
    expect(tell(alarms, [fixture(old)]).events).toMatchObject([{ pointer: '/StateUpdatedTimestamp' }]);
  });

  it('INSUFFICIENT_DATA tells of no alert', () => {
    expect(tell(alarms, [fixture({ StateValue: 'INSUFFICIENT_DATA' })]).events).toEqual([]);
  });

  it('U2.1 absent members have the meaning that the vendor gives them', () => {
    const metric = { Namespace: 'AWS/SQS', MetricName: 'Age', Dimensions: [], Period: 300, ExtendedStatistic: 'p99', Threshold: 0 };
    expect(factOf({ ...metric, ComparisonOperator: 'LessThanOrEqualToThreshold' })).toMatchObject({
      comparison: 'below',
      threshold: 0,
      breaching: 3,
      outOf: 3,
      missing: 'missing',
      seriesKeys: ['aws-prod/metric:AWS/SQS/Age#p99'],
    });
  });

  it('U2.2 an anomaly alarm watches its metric, outside a band that has no number', () => {
    const Metric = { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions: [{ Name: 'FunctionName', Value: 'a b' }] };
    const Metrics = [
      { Id: 'ad1', Expression: 'ANOMALY_DETECTION_BAND(m1, 2)', ReturnData: true },
      { Id: 'm1', MetricStat: { Metric, Period: 60, Stat: 'Average' }, ReturnData: true },
    ];
    expect(factOf({ Metrics, ThresholdMetricId: 'ad1', ComparisonOperator: 'LessThanLowerOrGreaterThanUpperThreshold' })).toMatchObject({
      comparison: 'outside',
      periodMs: 60_000,
      seriesKeys: ['aws-prod/metric:AWS/Lambda/Errors?FunctionName=a%20b#Average'],
    });
    expect(factOf({ Metrics, ThresholdMetricId: 'ad1', ComparisonOperator: 'GreaterThanUpperThreshold' })).not.toHaveProperty('threshold');
  });

  it('a metric of another account is asked with that account, so its key keeps the query', () => {
    const MetricStat = { Metric: { Namespace: 'N', MetricName: 'M' }, Period: 60, Stat: 'Sum' };
    const fact = factOf({ Metrics: [{ Id: 'm1', MetricStat, AccountId: '222222222222' }], ComparisonOperator: 'GreaterThanThreshold' });
    expect(fact).toMatchObject({ seriesKeys: [expect.stringMatching(/^aws-prod\/math:\[.*"AccountId":"222222222222".*\]#m1$/)] });
  });

  it('a log alarm and a PromQL alarm have no metric series', () => {
    const log = {
      ScheduledQueryConfiguration: {},
      QueryResultsToEvaluate: 5,
      QueryResultsToAlarm: 3,
      Threshold: 10,
      ComparisonOperator: 'GreaterThanThreshold',
    };
    expect(factOf({ ...log, EvaluationPeriods: undefined })).toMatchObject({
      comparison: 'above',
      threshold: 10,
      breaching: 3,
      outOf: 5,
      seriesKeys: [],
    });
    expect(factOf({ EvaluationCriteria: { PromQLCriteria: { Query: 'up' } } })).toMatchObject({ comparison: 'rule', seriesKeys: [] });
  });

  it('what cannot be read is an issue that says where', () => {
    expect(tell(alarms, [{ nativeId: 'x', request: '', body: { AlarmName: 4 } }]).issues).toHaveLength(1);
    expect(tell(alarms, [fixture({ StateTransitionedTimestamp: '2024-01-15 14:52' })])).toMatchObject({
      events: [],
      issues: [{ pointer: '/StateTransitionedTimestamp', problem: 'not a time with an offset' }],
    });
  });

  it('an endpoint that has never heard of log alarms is asked again without them, and the log says so', async () => {
    const { client, kit, standIn } = await startScene(sampleWorld(), {}, { alarmTypes: ['CompositeAlarm', 'MetricAlarm'] });
    const { records, gaps } = await pullAll(alarms, client, ask(PREFIX));
    expect(records).toHaveLength(5);
    expect(gaps).toEqual([]);
    expect(kit.lines).toEqual(['log alarms not known to this endpoint {"region":"us-east-1"}']);
    expect(standIn.requests.map(({ status }) => status)).toEqual([400, 200, 200]);
  });

  it('C4 C6 stops at its budget with a gap, and goes on behind a checkpoint', async () => {
    const { client } = await startScene(sampleWorld(), { pageSize: 2 });
    const first = await pullAll(alarms, client, ask(PREFIX, { calls: atMost(2) }));
    expect(first.gaps).toEqual([
      { window: INCIDENT, reason: 'budget', detail: 'alarms not read from DescribeAlarms AlarmNamePrefix=checkout- on' },
    ]);
    const [cursor = ''] = first.checkpoints;
    const rest = await pullAll(alarms, client, ask(PREFIX, { resumeAfter: cursor }));
    expect(new Set([...names(first.records), ...names(rest.records)]).size).toBe(5);
    expect(names(rest.records)).not.toContain('api-HighLatency');
  });
});
