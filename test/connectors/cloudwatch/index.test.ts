import { describe, expect, it } from 'vitest';
import { consoleUrl } from '../../../connectors/cloudwatch/arn.ts';
import { openCloudWatch } from '../../../connectors/cloudwatch/client.ts';
import { credentialSign } from '../../../connectors/cloudwatch/credential-chain.ts';
import { cloudwatch } from '../../../connectors/cloudwatch/index.ts';
import { seriesKey } from '../../../connectors/cloudwatch/series-key.ts';
import { reader } from '../../../src/contract/index.ts';
import { claimKeyOf } from '../../../src/core/metric-keys.ts';
import { plainKit } from '../../support/streams.ts';
import { at, startScene } from './support.ts';

const config = reader(cloudwatch.config);
const scope = reader(cloudwatch.scope);
const plain = { connector: 'cloudwatch', region: 'us-east-1' };
const signal = new AbortController().signal;

describe('the configuration', () => {
  it.each([
    plain,
    { ...plain, region: 'us-gov-west-1' },
    { ...plain, role_arn: 'arn:aws:iam::123456789012:role/hindcast-read', external_id_env: 'HINDCAST_EXTERNAL_ID' },
    { ...plain, endpoint: 'http://127.0.0.1:5055' },
    { ...plain, endpoint: 'https://vpce-1.monitoring.us-east-1.vpce.amazonaws.com' },
  ])('takes %j', (value) => {
    expect(config.read(value)).toEqual(value);
  });

  it.each([
    [{ ...plain, regoin: 'x' }, ''],
    [{ connector: 'cloudwatch' }, ''],
    [{ ...plain, region: 'Virginia' }, '/region'],
    [{ ...plain, endpoint: 'http://monitoring.example' }, '/endpoint'],
    [{ ...plain, endpoint: 'https://user:secret@example.com' }, '/endpoint'],
    [{ ...plain, role_arn: 'hindcast-read' }, '/role_arn'],
    [{ ...plain, external_id_env: 'X' }, ''],
  ])('C2 refuses %j', (value, pointer) => {
    expect(config.read(value)).toBeUndefined();
    expect(config.problem(value).pointer.startsWith(pointer)).toBe(true);
  });

  it('names the variable of a secret that is missing when it is opened, and asks nothing', () => {
    const role = { role_arn: 'arn:aws:iam::123456789012:role/r', external_id_env: 'NOT_SET' };
    expect(() => cloudwatch.open({ connector: 'cloudwatch', region: 'us-east-1', ...role }, plainKit())).toThrow('NOT_SET');
  });
});

describe('what a service owns', () => {
  it('as claims, and back', () => {
    const owned = { alarm_prefixes: ['api-'], metrics: ['AWS/SQS NumberOfMessagesSent', 'Acme/Orders'] };
    expect(scope.read(owned)).toEqual(owned);
    expect(cloudwatch.claims('aws-prod', owned)).toEqual([
      'aws-prod/alarm:api-*',
      'aws-prod/metric:AWS/SQS/NumberOfMessagesSent',
      'aws-prod/metric:Acme/Orders',
    ]);
    expect(cloudwatch.claims('aws-prod', {})).toEqual([]);
    expect(cloudwatch.scopeFor?.('aws-prod', ['aws-prod/alarm:api-5xx', 'pagerduty/service:P1', 'aws-prod/metric:Acme/Orders'])).toEqual({
      alarm_prefixes: ['api-5xx'],
      metrics: ['Acme/Orders'],
    });
    expect(cloudwatch.scopeFor?.('aws-prod', ['aws-dr/alarm:api-5xx'])).toBeUndefined();
  });

  it('by a name that holds spaces: the first one ends the namespace', () => {
    const owned = { metrics: ['Acme/Shop orders paid late'] };
    expect(scope.read(owned)).toEqual(owned);
    const [claim] = cloudwatch.claims('aws-prod', owned);
    const series = seriesKey({
      kind: 'metric',
      namespace: 'Acme/Shop',
      metric: 'orders paid late',
      dimensions: { Region: 'eu' },
      statistic: 'Sum',
    });
    expect(claimKeyOf(`aws-prod/${series}`)).toBe(claim);
    expect(cloudwatch.scopeFor?.('aws-prod', [claim ?? ''])).toEqual(owned);
  });

  it.each([
    { alarm_prefixes: [''] },
    { alarms: ['api-'] },
    { metrics: ['Orders'] },
    { metrics: ['Acme orders '] },
    { metrics: [' Acme orders'] },
    { alarm_prefixes: 'api-' },
  ])('refuses %j', (value) => {
    expect(scope.read(value)).toBeUndefined();
  });
});

describe("an alarm's page", () => {
  it.each([
    [
      'arn:aws:cloudwatch:us-east-1:1:alarm:a b',
      'https://us-east-1.console.aws.amazon.com/cloudwatch/home?region=us-east-1#alarmsV2:alarm/a%20b',
    ],
    [
      'arn:aws-cn:cloudwatch:cn-north-1:1:alarm:a',
      'https://cn-north-1.console.amazonaws.cn/cloudwatch/home?region=cn-north-1#alarmsV2:alarm/a',
    ],
    [
      'arn:aws-us-gov:cloudwatch:us-gov-west-1:1:alarm:a',
      'https://us-gov-west-1.console.amazonaws-us-gov.com/cloudwatch/home?region=us-gov-west-1#alarmsV2:alarm/a',
    ],
    ['arn:aws:sns:us-east-1:1:topic', undefined],
    ['arn:aws:cloudwatch:evil.example/:1:alarm:a', undefined],
  ])('%s', (arn, url) => {
    expect(consoleUrl(arn)).toBe(url);
  });
});

describe('check', () => {
  it('C16 makes the calls that pull makes and writes nothing', async () => {
    const { client, standIn } = await startScene();
    const { checks } = await cloudwatch.check(client, [{ alarm_prefixes: ['api-'] }, { alarm_prefixes: ['apu-'] }], signal);
    expect(checks).toEqual([
      { name: 'cloudwatch:DescribeAlarms', ok: true, detail: 'permitted' },
      { name: 'cloudwatch:DescribeAlarmHistory', ok: true, detail: 'permitted' },
      { name: 'cloudwatch:GetMetricData', ok: true, detail: 'permitted' },
      { name: 'cloudwatch:ListMetrics', ok: true, detail: 'permitted' },
      { name: 'alarms api-*', ok: true, detail: 'found' },
      { name: 'alarms apu-*', ok: false, detail: 'no alarm in us-east-1 begins with apu-: see alarm_prefixes' },
    ]);
    expect(new Set(standIn.requests.map(({ target }) => target))).toEqual(
      new Set(['DescribeAlarms', 'DescribeAlarmHistory', 'GetMetricData', 'ListMetrics']),
    );
  });

  it('names the action that is not permitted, and goes on', async () => {
    const { client, standIn } = await startScene();
    standIn.fail({ path: /GetMetricData/, mode: 403 });
    const { checks } = await cloudwatch.check(client, [], signal);
    expect(checks.map(({ ok }) => ok)).toEqual([true, true, false, true]);
    expect(checks[2]?.detail).toBe('AWS does not permit cloudwatch:GetMetricData in us-east-1: allow it on resource *');
  });

  it('says what the listing of metrics is for, since most drafts do without it', async () => {
    const { client, standIn } = await startScene();
    standIn.fail({ path: /ListMetrics/, mode: 403 });
    const { checks } = await cloudwatch.check(client, [], signal);
    expect(checks[3]?.detail).toBe(
      'AWS does not permit cloudwatch:ListMetrics in us-east-1: allow it on resource *; only metrics of policy.impact_metrics that no alarm watches need it',
    );
    expect(checks.map(({ ok, extra }) => ok || extra === true)).toEqual([true, true, true, true]);
  });

  it('asks nothing else once the credentials are refused', async () => {
    const { client, standIn } = await startScene();
    standIn.fail({ path: /./, mode: 401 });
    const { checks } = await cloudwatch.check(client, [{ alarm_prefixes: ['api-'] }], signal);
    expect(checks).toHaveLength(1);
    expect(standIn.requests).toHaveLength(1);
  });

  it('waits once for a host that never answers, and asks it nothing else', async () => {
    const { client, standIn } = await startScene(undefined, { deadlineMs: 100 });
    standIn.fail({ path: /./, mode: 'hang' });
    const { checks } = await cloudwatch.check(client, [{ alarm_prefixes: ['api-'] }], signal);
    expect(checks).toMatchObject([{ name: 'cloudwatch:DescribeAlarms', ok: false, detail: expect.stringContaining('gave no answer') }]);
    expect(standIn.requests).toHaveLength(1);
  });

  it("tells how far AWS's clock is from ours, where we have one", async () => {
    const { client, standIn } = await startScene();
    expect(await cloudwatch.check(client, [], signal)).not.toHaveProperty('clockOffsetMs');
    const kit = { ...plainKit(), now: () => at('2024-01-15T15:59:00Z') };
    const withClock = openCloudWatch({ connector: 'cloudwatch', region: 'us-east-1', endpoint: standIn.url }, kit);
    const { clockOffsetMs = 0 } = await cloudwatch.check(withClock, [], signal);
    expect(Math.abs(60_000 - clockOffsetMs)).toBeLessThan(1_000);
  });
});

describe('what the default credential chain has to offer', () => {
  it.each([
    [{}, undefined],
    [{ AWS_ACCESS_KEY_ID: 'a' }, undefined],
    [{ AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }, 'AWS_ACCESS_KEY_ID'],
    [{ AWS_PROFILE: 'prod' }, 'AWS_PROFILE'],
    [{ AWS_WEB_IDENTITY_TOKEN_FILE: '/t', AWS_ROLE_ARN: 'arn' }, 'AWS_WEB_IDENTITY_TOKEN_FILE'],
    [{ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/x' }, 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'],
    [{ AWS_REGION: 'us-east-1' }, undefined],
  ])('%j: %s', (environment, expected) => {
    expect(credentialSign(environment)).toBe(expected);
  });

  it('a shared file counts where it exists', () => {
    const exists = (path: string) => path === '/home/jane/.aws/config';
    expect(credentialSign({ HOME: '/home/jane' }, exists)).toBe('/home/jane/.aws/config');
    expect(credentialSign({ HOME: '/home/john' }, exists)).toBeUndefined();
    expect(credentialSign({ AWS_SHARED_CREDENTIALS_FILE: '/c' }, (path) => path === '/c')).toBe('/c');
  });
});
