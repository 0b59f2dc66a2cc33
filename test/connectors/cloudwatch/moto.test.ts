import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addMs, instantAt } from '../../../src/contract/index.ts';
import { pullAll } from '../../support/streams.ts';
import { alarmHistory, alarms, ask, openAt, series, tell } from './support.ts';

/** A CloudWatch that we did not write: moto, an AWS mock in Python. */
const isInstalled = (() => {
  try {
    execFileSync('moto_server', ['--help'], { stdio: 'ignore', timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
})();

const METRIC = { Namespace: 'Acme/Api', MetricName: 'Errors', Dimensions: [{ Name: 'Service', Value: 'api' }] };
const ERRORS = 'aws-prod/metric:Acme/Api/Errors?Service=api#Sum';
// Moto has the machine's clock: so has this test.
const NOW = instantAt(Math.floor(Date.now() / 60_000) * 60_000);
const WINDOW = { from: addMs(NOW, -7_200_000), to: addMs(NOW, 600_000) };

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    const isUp = await fetch(`${url}/moto-api/`, { signal: AbortSignal.timeout(2_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('moto_server did not start');
}

describe.skipIf(!isInstalled)('against moto (needs moto_server)', () => {
  let moto: ChildProcess | undefined;
  let url = '';

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', `${port}`], { stdio: 'ignore' });
    await answers(url);
    await seed(url);
  });
  afterAll(async () => {
    if (moto?.kill('SIGKILL')) await once(moto, 'exit');
  });

  it('reads the alarms of a prefix, with their rule', async () => {
    const { records, gaps } = await pullAll(alarms, openAt(url).client, ask({ alarm_prefixes: ['api-'] }, { window: WINDOW, now: NOW }));
    expect(gaps).toEqual([]);
    expect(tell(alarms, records).facts).toMatchObject([
      {
        key: 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-Errors',
        comparison: 'above',
        threshold: 100,
        periodMs: 60_000,
        breaching: 2,
        outOf: 3,
        missing: 'notBreaching',
        seriesKeys: [ERRORS],
      },
      { key: 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-Quiet' },
    ]);
  });

  it('an alarm counts as moved when its state changed in the window', async () => {
    const keys = ['alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-Errors'];
    const { records } = await pullAll(alarms, openAt(url).client, ask({}, { window: WINDOW, now: NOW, keys }));
    const { events } = tell(alarms, records);
    expect(events).toMatchObject([{ type: 'alert.fired', attributes: { 'alert.rule': 'api-Errors' }, correlationKeys: keys }]);
    expect(events[0]?.time.at && events[0].time.at >= WINDOW.from && events[0].time.at < WINDOW.to).toBe(true);
  });

  it('the history that it does not have is a gap that says unsupported', async () => {
    const { records, gaps } = await pullAll(alarmHistory, openAt(url).client, ask({}, { window: WINDOW, now: NOW }));
    expect(records).toEqual([]);
    expect(gaps).toEqual([{ window: WINDOW, reason: 'unsupported', detail: 'this endpoint has no alarm history' }]);
  });

  it('reads the series that the alarm names', async () => {
    const { records, gaps } = await pullAll(series, openAt(url).client, ask({}, { window: WINDOW, now: NOW, keys: [`${ERRORS}@60`] }));
    expect(gaps).toEqual([]);
    const told = tell(series, records).series;
    expect(told.every(({ key, periodMs }) => key === ERRORS && periodMs === 60_000)).toBe(true);
    expect(told.flatMap(({ values }) => [...values])).toEqual([5, 480, 1900]);
    expect(told.flatMap(({ startsMs }) => [...startsMs])).toEqual(
      [-30, -20, -10].map((minutes) => Date.parse(addMs(NOW, minutes * 60_000))),
    );
  });

  it('an alarm that a page names and that is not there is a gap', async () => {
    const keys = ['alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:gone'];
    const { gaps } = await pullAll(alarms, openAt(url).client, ask({}, { window: WINDOW, now: NOW, keys }));
    expect(gaps).toMatchObject([{ reason: 'unreadable' }]);
  });
});

/** Through the SDK itself: an alarm that fired, one that did not, and three datapoints. */
async function seed(endpoint: string): Promise<void> {
  const client = new CloudWatchClient({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
    disableRequestCompression: true,
  });
  const rule = { ...METRIC, Statistic: 'Sum', Period: 60, EvaluationPeriods: 3, ComparisonOperator: 'GreaterThanThreshold' } as const;
  for (const AlarmName of ['api-Errors', 'api-Quiet']) {
    await client.send(
      new PutMetricAlarmCommand({ ...rule, AlarmName, DatapointsToAlarm: 2, Threshold: 100, TreatMissingData: 'notBreaching' }),
    );
  }
  await client.send(new SetAlarmStateCommand({ AlarmName: 'api-Errors', StateValue: 'ALARM', StateReason: 'testing' }));
  const points = [
    [-30, 5],
    [-20, 480],
    [-10, 1900],
  ] as const;
  for (const [minutes, Value] of points) {
    const Timestamp = new Date(addMs(NOW, minutes * 60_000));
    await client.send(
      new PutMetricDataCommand({
        Namespace: METRIC.Namespace,
        MetricData: [{ MetricName: METRIC.MetricName, Dimensions: METRIC.Dimensions, Timestamp, Value }],
      }),
    );
  }
  client.destroy();
}
