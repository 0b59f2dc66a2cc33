import { describe, expect, it } from 'vitest';
import { asSent } from '../../../connectors/cloudwatch/as-sent.ts';
import { openCloudWatch } from '../../../connectors/cloudwatch/client.ts';
import { toSourceError } from '../../../connectors/cloudwatch/errors.ts';
import { plainKit, pullAll } from '../../support/streams.ts';
import { alarms, ask, failureOf, openAt, sampleWorld, startScene } from './support.ts';

const signal = new AbortController().signal;

describe('failures have names that say what can be done', () => {
  it.each([
    [400, 'rate_limited', 'CloudWatch throttles DescribeAlarms in us-east-1 (Throttling)'],
    [
      401,
      'unauthorized',
      'the AWS credentials for CloudWatch in us-east-1 were refused: check which account and keys are in use (UnrecognizedClientException)',
    ],
    [403, 'forbidden', 'AWS does not permit cloudwatch:DescribeAlarms in us-east-1: allow it on resource *'],
    [500, 'unavailable', 'CloudWatch failed at DescribeAlarms in us-east-1 (HTTP 500)'],
    [503, 'unavailable', 'CloudWatch failed at DescribeAlarms in us-east-1 (HTTP 503)'],
    ['reset', 'unavailable', 'CloudWatch could not be reached for DescribeAlarms in us-east-1 (ECONNRESET)'],
    [
      'truncate',
      'unexpected_response',
      "DescribeAlarms in us-east-1 was answered with something that is not CloudWatch's JSON (HTTP 200): check the endpoint",
    ],
    [
      'wrong_type',
      'unexpected_response',
      "DescribeAlarms in us-east-1 was answered with something that is not CloudWatch's JSON (HTTP 200): check the endpoint",
    ],
  ] as const)('C8 U2.4 %s is %s', async (mode, reason, message) => {
    const { client, standIn } = await startScene();
    standIn.fail({ path: /DescribeAlarms/, mode });
    const error = await failureOf(client.describeAlarms({}, signal));
    expect(error).toMatchObject({ reason, message });
    expect(error.cause).toBeInstanceOf(Error);
    // The runner retries, since it shares the budget: the SDK must not do so beneath it.
    expect(standIn.requests).toHaveLength(1);
  });

  it('U0-1 a host that never answers is given up at the deadline', async () => {
    const { client, standIn } = await startScene(sampleWorld(), { deadlineMs: 150 });
    standIn.fail({ path: /./, mode: 'hang' });
    expect(await failureOf(client.describeAlarms({}, signal))).toMatchObject({
      reason: 'unavailable',
      message: 'CloudWatch gave no answer to DescribeAlarms in us-east-1 within 0.15 s',
    });
  });

  it('C6 a call stops at once when the signal fires', async () => {
    const { client, standIn } = await startScene();
    standIn.fail({ path: /./, mode: 'hang' });
    const controller = new AbortController();
    const call = client.describeAlarms({}, controller.signal);
    setTimeout(() => controller.abort(), 50);
    expect(await failureOf(call)).toMatchObject({ reason: 'unavailable', message: 'DescribeAlarms in us-east-1 was cancelled' });
    expect(await failureOf(client.describeAlarms({}, AbortSignal.abort()))).toMatchObject({
      message: 'DescribeAlarms in us-east-1 was cancelled',
    });
  });

  it('says how long to wait where the vendor does', async () => {
    const { client, standIn } = await startScene();
    standIn.fail({ path: /./, mode: 400, headers: { 'retry-after': '7' } });
    expect(await failureOf(client.describeAlarms({}, signal))).toMatchObject({ reason: 'rate_limited', retryAfterMs: 7_000 });
  });

  it('a dead host is unavailable', async () => {
    expect(await failureOf(openAt('http://127.0.0.1:1').client.describeAlarms({}, signal))).toMatchObject({
      reason: 'unavailable',
      message: 'CloudWatch could not be reached for DescribeAlarms in us-east-1 (ECONNREFUSED)',
    });
  });

  it('a question that CloudWatch refuses is told in its own words', async () => {
    const { client } = await startScene();
    expect(await failureOf(client.describeAlarms({ token: 'stale' }, signal))).toMatchObject({
      reason: 'unexpected_response',
      message: 'CloudWatch refused DescribeAlarms in us-east-1: InvalidNextToken: The next token specified is invalid.',
    });
  });

  it.each([
    [
      { name: 'ExpiredTokenException', message: 'expired' },
      'unauthorized',
      /have expired: sign in again or renew them \(ExpiredTokenException\)$/,
    ],
    [
      { name: 'CredentialsProviderError', message: 'x' },
      'unauthorized',
      /^no AWS credentials were found for CloudWatch in us-east-1: set AWS_PROFILE/,
    ],
    [
      { name: 'AccessDenied', message: 'User: arn:x is not authorized to perform: sts:AssumeRole on resource: arn:y' },
      'forbidden',
      /sts:AssumeRole .* trust policy of role_arn$/,
    ],
    [{ name: 'OptInRequired', message: 'x' }, 'forbidden', /enable the region/],
    [
      { name: 'SignatureDoesNotMatch', message: 'Signature expired: 20240115T1600 is now earlier than' },
      'unavailable',
      /more than five minutes apart/,
    ],
    [
      { name: 'UnknownOperationException', message: '', $metadata: { httpStatusCode: 404 } },
      'unexpected_response',
      /does not know DescribeAlarms/,
    ],
    [{ name: 'SyntaxError', message: '<', $metadata: { httpStatusCode: 502 } }, 'unavailable', /HTTP 502/],
    ['a text', 'unavailable', /could not be reached/],
  ])('%j is %s', (thrown, reason, message) => {
    const error = typeof thrown === 'string' ? thrown : Object.assign(new Error(thrown.message), thrown);
    const found = toSourceError(error, {
      operation: 'DescribeAlarms',
      region: 'us-east-1',
      deadlineMs: 1_000,
      cancelled: false,
      late: false,
    });
    expect(found).toMatchObject({ reason, message: expect.stringMatching(message) });
  });

  it('a pull that fails half-way throws, with what came before it kept', async () => {
    const { client, standIn } = await startScene(sampleWorld(), { pageSize: 1 });
    const seen: string[] = [];
    const pull = async () => {
      for await (const item of alarms.pull(client, ask({ alarm_prefixes: ['checkout-'] }))) {
        if (item.kind === 'record') seen.push(item.record.nativeId);
        standIn.fail({ path: /./, mode: 500 });
      }
    };
    expect(await failureOf(pull())).toMatchObject({ reason: 'unavailable' });
    expect(seen).toHaveLength(1);
  });
});

describe('the budget', () => {
  it('every call waits for it, and a call that nobody waits for any more is not made', async () => {
    const { standIn } = await startScene();
    let waited = 0;
    const controller = new AbortController();
    const kit = {
      ...plainKit(),
      limited: <T>(task: () => Promise<T>, stop?: AbortSignal) => {
        waited += 1;
        if (stop?.aborted) return Promise.reject(stop.reason);
        return task();
      },
    };
    const client = openCloudWatch({ connector: 'cloudwatch', region: 'us-east-1', endpoint: standIn.url }, kit);
    await pullAll(alarms, client, ask({ alarm_prefixes: ['api-', 'checkout-'] }));
    expect(waited).toBe(standIn.requests.length);
    controller.abort();
    expect(await failureOf(client.describeAlarms({}, controller.signal))).toMatchObject({ reason: 'unavailable' });
    expect(standIn.requests).toHaveLength(2);
  });
});

describe('as sent', () => {
  it('dates become UTC text, what is undefined or of the transport goes, and no number becomes null', () => {
    const answer = {
      At: new Date(1_705_329_120_125),
      Big: 12n,
      Gone: undefined,
      $metadata: { requestId: 'r' },
      List: [1, Number.NaN, { Zero: 0 }],
      No: null,
    };
    expect(asSent(answer)).toEqual({ At: '2024-01-15T14:32:00.125Z', Big: '12', List: [1, 'NaN', { Zero: 0 }], No: null });
  });

  it('C10 an alarm is handed over with every member that the vendor sent', async () => {
    const { client } = await startScene();
    const { items } = await client.describeAlarms({ names: ['api-HighErrorRate'] }, signal);
    expect(items).toMatchObject([
      {
        AlarmDescription: "Errors answered by the API's targets",
        StateTransitionedTimestamp: '2024-01-15T14:52:00.000Z',
        StateReasonData: expect.stringContaining('"startDate":"2024-01-15T14:49:00.000+0000"'),
        Dimensions: [{ Name: 'LoadBalancer' }, { Name: 'TargetGroup' }],
      },
    ]);
  });
});
