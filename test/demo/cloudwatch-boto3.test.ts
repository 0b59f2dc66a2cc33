import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { startCloudWatch } from '../../demo/standins/cloudwatch.ts';
import type { StandIn } from '../../demo/standins/server.ts';
import type { World } from '../../demo/world.ts';
import { startCalls, world } from '../support/cloudwatch-calls.ts';

const hasBoto3 = (() => {
  try {
    execFileSync('python3', ['-c', 'import boto3'], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
})();

const START = `
import boto3, json, sys, datetime
client = boto3.client('cloudwatch', region_name='us-east-1', endpoint_url=sys.argv[1])
types = ['MetricAlarm', 'CompositeAlarm', 'LogAlarm']
day = datetime.datetime(2024, 1, 15, tzinfo=datetime.timezone.utc)
window = {'StartTime': day + datetime.timedelta(hours=14), 'EndTime': day + datetime.timedelta(hours=15)}
`;

/** Everything that the stand-in has, through the pages that boto3 makes of it. */
const SCRIPT = `${START}
alarms = [a for p in client.get_paginator('describe_alarms').paginate(AlarmTypes=types, PaginationConfig={'PageSize': 2}) for a in p['MetricAlarms'] + p['CompositeAlarms']]
history = [i for p in client.get_paginator('describe_alarm_history').paginate(AlarmTypes=types, PaginationConfig={'PageSize': 4}) for i in p['AlarmHistoryItems']]
metric = [m for p in client.get_paginator('list_metrics').paginate(MetricName='HTTPCode_Target_5XX_Count') for m in p['Metrics']][0]
stat = {'Metric': metric, 'Period': 60, 'Stat': 'Sum'}
pages = client.get_paginator('get_metric_data').paginate(MetricDataQueries=[{'Id': 'a', 'MetricStat': stat}], PaginationConfig={'PageSize': 25}, **window)
points = {t.isoformat(): v for p in pages for r in p['MetricDataResults'] for t, v in zip(r['Timestamps'], r['Values'])}
old = client.get_metric_statistics(Namespace=metric['Namespace'], MetricName=metric['MetricName'], Dimensions=metric['Dimensions'], Period=60, Statistics=['Sum', 'Maximum'], **window)
statistics = {d['Timestamp'].isoformat(): d['Sum'] for d in old['Datapoints']}
refused = {}
for name, call in {
    'token': lambda: client.describe_alarms(NextToken='stale'),
    'window': lambda: client.get_metric_data(MetricDataQueries=[{'Id': 'a', 'MetricStat': stat}], StartTime=day, EndTime=day),
    'points': lambda: client.get_metric_statistics(Namespace='N', MetricName='M', Period=60, Statistics=['Sum'], StartTime=day, EndTime=day + datetime.timedelta(days=2)),
}.items():
    try:
        call()
    except Exception as error:
        refused[name] = error.response['Error']['Code']
print(json.dumps({'alarms': [[a['AlarmName'], a['StateValue'], a['StateTransitionedTimestamp'].isoformat()] for a in alarms], 'history': [[i['AlarmName'], i['HistorySummary'], i['Timestamp'].isoformat()] for i in history], 'points': points, 'statistics': statistics, 'refused': refused}))
`;

/** The edits of one alarm, and alarms of every kind by state and by name. */
const KINDS = `${START}
edits = client.describe_alarm_history(AlarmName='api-HighErrorRate', HistoryItemType='ConfigurationUpdate', ScanBy='TimestampAscending')['AlarmHistoryItems']
rules = [json.loads(i['HistoryData']) for i in edits]
answer = client.describe_alarms(AlarmTypes=types)
print(json.dumps({
    'edits': [[r['type'], (r.get('updatedAlarm') or r.get('deletedAlarm'))['threshold']] for r in rules],
    'names': [a['AlarmName'] for a in answer['MetricAlarms']],
    'log': [a['AlarmName'] for a in answer.get('LogAlarms', [])],
    'model': 'LogAlarms' in client.meta.service_model.operation_model('DescribeAlarms').output_shape.members,
    'alarm': client.describe_alarms(AlarmTypes=types, StateValue='ALARM').get('MetricAlarms'),
    'wired': [a['AlarmName'] for a in client.describe_alarms(ActionPrefix='arn:aws:sns:us-east-1:123456789012:pagerduty-checkout')['MetricAlarms']],
}))
`;

async function runPython<Said>(script: string, url: string): Promise<Said> {
  const env = { PATH: process.env['PATH'] ?? '', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_EC2_METADATA_DISABLED: 'true' };
  const { stdout } = await promisify(execFile)('python3', ['-c', script, url], { env, timeout: 50_000 });
  return JSON.parse(stdout) as Said;
}

const open: StandIn[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((standIn) => standIn.close()));
});

describe("AWS's own Python client", () => {
  it.skipIf(!hasBoto3)('drives every operation of the stand-in, through all its pages (needs python3 with boto3)', async () => {
    const { standIn } = await startCalls();
    const said = await runPython<{
      readonly alarms: readonly string[][];
      readonly history: readonly string[][];
      readonly points: Readonly<Record<string, number>>;
      readonly statistics: Readonly<Record<string, number>>;
      readonly refused: Readonly<Record<string, string>>;
    }>(SCRIPT, standIn.url);
    expect(said.alarms).toContainEqual(['api-HighErrorRate', 'OK', '2024-01-15T14:52:00+00:00']);
    expect(said.alarms).toContainEqual(['checkout-Degraded', 'OK', '2024-01-15T14:18:01.250000+00:00']);
    expect(said.alarms).toHaveLength(5);
    expect(said.history).toHaveLength(18);
    expect(said.history[0]).toEqual(['api-HighErrorRate', 'Alarm updated from ALARM to OK', '2024-01-15T14:52:00+00:00']);
    expect(Object.keys(said.points)).toHaveLength(60);
    expect(said.points['2024-01-15T14:29:00+00:00']).toBeGreaterThanOrEqual(480);
    expect(said.statistics).toEqual(said.points);
    expect(said.refused).toEqual({ token: 'InvalidNextToken', window: 'ValidationError', points: 'InvalidParameterCombination' });
    const source = readFileSync(new URL('../../demo/standins/cloudwatch.ts', import.meta.url), 'utf8');
    const operations = [...((source.split('OPERATIONS:')[1] ?? '').split('\n};')[0]?.matchAll(/^ {2}(\w+):/gm) ?? [])].map(
      ([, name]) => name,
    );
    expect(operations.length).toBeGreaterThan(4);
    expect(new Set(standIn.requests.map(({ target }) => target))).toEqual(new Set(operations));
  });

  it.skipIf(!hasBoto3)('reads edits, a deletion, log alarms and filters as it reads the vendor (needs python3 with boto3)', async () => {
    const [first, ...rest] = world.cloudwatch.alarms;
    if (!first) throw new Error('the world has alarms');
    const edited = { ...first, edits: [{ at: '2024-01-10T09:00:00Z', rule: { threshold: 250 } }], deleted_at: '2024-01-15T15:30:00Z' };
    const log = {
      name: 'api-Errors',
      description: '',
      query: 'filter level = "error"',
      results_to_evaluate: 1,
      results_to_alarm: 1,
      threshold: 1,
      comparison: 'GreaterThanThreshold',
      missing: 'missing',
      history: [],
    };
    const other: World = { ...world, cloudwatch: { ...world.cloudwatch, alarms: [edited, ...rest], log_alarms: [log] } };
    const standIn = await startCloudWatch(other);
    open.push(standIn);
    const said = await runPython<{
      readonly edits: readonly (readonly [string, number])[];
      readonly names: readonly string[];
      readonly log: readonly string[];
      readonly model: boolean;
      readonly alarm: readonly unknown[];
      readonly wired: readonly string[];
    }>(KINDS, standIn.url);
    expect(said.edits).toEqual([
      ['Update', 250],
      ['Delete', 250],
    ]);
    expect(said.names).not.toContain('api-HighErrorRate');
    expect(said.log).toEqual(said.model ? ['api-Errors'] : []);
    expect(said.alarm).toEqual([]);
    expect(said.wired).toEqual(['checkout-HighLatency']);
  });
});
