import { describe, expect, it } from 'vitest';
import { openCloudWatch } from '../../../connectors/cloudwatch/client.ts';
import { cloudwatch } from '../../../connectors/cloudwatch/index.ts';
import { groupAlarms } from '../../../connectors/cloudwatch/propose.ts';
import { plainKit } from '../../support/streams.ts';
import { at, sampleWorld, startScene } from './support.ts';

const signal = new AbortController().signal;

describe('what init proposes', () => {
  it('the alarms of the account, composite ones too, by the service that their names begin with', async () => {
    const { client, standIn } = await startScene(sampleWorld(), { pageSize: 2 });
    expect(await cloudwatch.propose?.(client, signal)).toEqual([
      { name: 'api', scope: { alarm_prefixes: ['api-'] } },
      { name: 'checkout', scope: { alarm_prefixes: ['checkout-'] } },
    ]);
    expect(standIn.requests).toHaveLength(3);
  });

  it.each([
    [
      ['prod-api-5xx', 'prod-web-5xx', 'staging-api-5xx'],
      ['api: prod-api- staging-api-', 'web: prod-web-'],
    ],
    [['api/errors', 'api_latency', 'API errors'], ['api: API  api/ api_']],
    [['HighErrorRate', 'prod-errors', '', '-x'], []],
    [['billing.prod.queue'], ['billing: billing.']],
  ])('%j gives %j', (names, expected) => {
    expect(groupAlarms(names).map(({ name, scope }) => `${name}: ${scope.alarm_prefixes?.join(' ')}`)).toEqual(expected);
  });

  it('each proposal is a scope that the connector takes, and finds what it was made of', () => {
    const names = ['prod-api-5xx', 'web_latency', 'prod-api-latency'];
    for (const { scope } of groupAlarms(names)) {
      expect(names.some((name) => scope.alarm_prefixes?.some((prefix) => name.startsWith(prefix)))).toBe(true);
    }
  });
});

describe('check', () => {
  it('U2.6-10 says how far back the account can still tell', async () => {
    const { standIn } = await startScene();
    const kit = { ...plainKit(), now: () => at('2024-01-15T16:00:00Z') };
    const client = openCloudWatch({ connector: 'cloudwatch', region: 'us-east-1', endpoint: standIn.url }, kit);
    const { checks } = await cloudwatch.check(client, [], signal);
    expect(checks.at(-1)).toEqual({
      name: 'retention',
      ok: true,
      detail:
        'alarm history reaches back to 2023-12-16, 1-minute values to 2023-12-31, 5-minute values to 2023-11-13, 1-hour values to 2022-10-17',
    });
    expect(checks.slice(0, 3).map(({ name }) => name)).toEqual([
      'cloudwatch:DescribeAlarms',
      'cloudwatch:DescribeAlarmHistory',
      'cloudwatch:GetMetricData',
    ]);
  });
});
