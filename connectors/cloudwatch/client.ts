import type { CloudWatchClient, CloudWatchClientConfig, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Instant, Json, Kit } from '../../src/contract/index.ts';
import { asSent } from './as-sent.ts';
import { type TheirClock, watchClock } from './clock.ts';
import type { CloudWatchConfig } from './config.ts';
import { refusesAlarmType, toSourceError } from './errors.ts';
import type { AlarmQuestion, DataQuestion, HistoryQuestion, MetricQuery, MetricsQuestion } from './questions.ts';

/** One page of a list, as sent, and the token of the next. */
export interface Page {
  readonly items: readonly Json[];
  readonly next?: string;
}

/** CloudWatch in one account and region. Every method asks one page, throws SourceError, and never returns part of an answer as the whole. */
export interface CloudWatch {
  readonly region: string;
  /** Metric alarms, then composite alarms, then log alarms. */
  describeAlarms(question: AlarmQuestion, signal: AbortSignal): Promise<Page>;
  /** Of every alarm unless one is named, oldest first. */
  alarmHistory(question: HistoryQuestion, signal: AbortSignal): Promise<Page>;
  /** Every set of dimensions of one metric that had values in the last two weeks. */
  listMetrics(question: MetricsQuestion, signal: AbortSignal): Promise<Page>;
  /** Results by query id, oldest point first; one id may come on several pages. */
  metricData(question: DataQuestion, signal: AbortSignal): Promise<Page>;
  /** Our clock, where the kit has one: how far back a source reaches is told from here. */
  now(): Instant | undefined;
  /** Their clock minus ours, once an answer has shown it; nothing where the kit has no clock. */
  clockOffsetMs(): number | undefined;
}

export interface ClientOptions {
  /** How long one call may take, credentials included. */
  readonly deadlineMs?: number;
  /** Records of a page: 100, the most that CloudWatch gives. */
  readonly pageSize?: number;
  /** Points of a page of GetMetricData: 100,800, the most that CloudWatch gives. */
  readonly maxDatapoints?: number;
  /** In place of the default chain. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string };
}

const DEADLINE_MS = 20_000;
const CONNECT_MS = 5_000;
const PAGE = 100;
const MAX_DATAPOINTS = 100_800;
const ALL_TYPES = ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'] as const;
/** What signs requests to a stand-in on this machine, so that no real key is ever sent there. */
const STAND_IN_KEY = { accessKeyId: 'stand-in', secretAccessKey: 'stand-in' } as const;

type Sdk = typeof import('@aws-sdk/client-cloudwatch');

interface Opened {
  readonly sdk: Sdk;
  readonly client: CloudWatchClient;
}

type AlarmType = (typeof ALL_TYPES)[number];

/** Makes one call: within the budget, before its deadline, and with every failure as a SourceError. */
type Call = <Answer>(
  operation: string,
  send: (client: CloudWatchClient, sdk: Sdk, abortSignal: AbortSignal) => Promise<Answer>,
  signal: AbortSignal,
) => Promise<Answer>;

/** Asks with every alarm type that the endpoint knows. */
type OfEveryType = <Answer>(ask: (types: AlarmType[]) => Promise<Answer>) => Promise<Answer>;

/** Makes the client and asks nothing; the SDK is loaded by the first call. */
export function openCloudWatch(config: CloudWatchConfig, kit: Kit, options: ClientOptions = {}): CloudWatch {
  const { pageSize = PAGE, maxDatapoints = MAX_DATAPOINTS } = options;
  const { call, clockOffsetMs } = makeCall(config, kit, { ...options, deadlineMs: options.deadlineMs ?? kit.deadlineMs ?? DEADLINE_MS });
  const ofEveryType = rememberTypes(kit, config.region);
  return {
    region: config.region,
    now: () => kit.now?.(),
    clockOffsetMs,
    describeAlarms: ({ limit = pageSize, ...question }, signal) => describeAlarms(call, ofEveryType, { ...question, limit }, signal),
    alarmHistory: ({ limit = pageSize, ...question }, signal) => alarmHistory(call, ofEveryType, { ...question, limit }, signal),
    listMetrics: (question, signal) => listMetrics(call, question, signal),
    metricData: (question, signal) => metricData(call, question, maxDatapoints, signal),
  };
}

async function describeAlarms(call: Call, ofEveryType: OfEveryType, question: AlarmQuestion, signal: AbortSignal): Promise<Page> {
  const { names, prefix, token, limit } = question;
  const input = {
    MaxRecords: limit,
    ...(names && { AlarmNames: [...names] }),
    ...(prefix !== undefined && { AlarmNamePrefix: prefix }),
    ...(token !== undefined && { NextToken: token }),
  };
  const answer = await ofEveryType((AlarmTypes) =>
    call(
      'DescribeAlarms',
      (client, sdk, abortSignal) => client.send(new sdk.DescribeAlarmsCommand({ ...input, AlarmTypes }), { abortSignal }),
      signal,
    ),
  );
  const { MetricAlarms = [], CompositeAlarms = [], LogAlarms = [], NextToken } = answer;
  return toPage([...MetricAlarms, ...CompositeAlarms, ...LogAlarms], NextToken);
}

async function alarmHistory(call: Call, ofEveryType: OfEveryType, question: HistoryQuestion, signal: AbortSignal): Promise<Page> {
  const { name, kind, from, to, token, limit } = question;
  const input = {
    MaxRecords: limit,
    ...(name !== undefined && { AlarmName: name }),
    ...(kind && { HistoryItemType: kind }),
    ScanBy: 'TimestampAscending' as const,
    ...(from && { StartDate: new Date(from) }),
    ...(to && { EndDate: new Date(to) }),
    ...(token !== undefined && { NextToken: token }),
  };
  const answer = await ofEveryType((AlarmTypes) =>
    call(
      'DescribeAlarmHistory',
      (client, sdk, abortSignal) => client.send(new sdk.DescribeAlarmHistoryCommand({ ...input, AlarmTypes }), { abortSignal }),
      signal,
    ),
  );
  return toPage(answer.AlarmHistoryItems ?? [], answer.NextToken);
}

async function listMetrics(call: Call, { namespace, name, token }: MetricsQuestion, signal: AbortSignal): Promise<Page> {
  const input = {
    ...(namespace !== undefined && { Namespace: namespace }),
    ...(name !== undefined && { MetricName: name }),
    ...(token !== undefined && { NextToken: token }),
  };
  const answer = await call(
    'ListMetrics',
    (client, sdk, abortSignal) => client.send(new sdk.ListMetricsCommand(input), { abortSignal }),
    signal,
  );
  return toPage(answer.Metrics ?? [], answer.NextToken);
}

async function metricData(call: Call, question: DataQuestion, maxDatapoints: number, signal: AbortSignal): Promise<Page> {
  const { queries, from, to, token } = question;
  const input = {
    MetricDataQueries: queries.map(toSdk),
    StartTime: new Date(from),
    EndTime: new Date(to),
    ScanBy: 'TimestampAscending' as const,
    MaxDatapoints: maxDatapoints,
    ...(token !== undefined && { NextToken: token }),
  };
  const answer = await call(
    'GetMetricData',
    (client, sdk, abortSignal) => client.send(new sdk.GetMetricDataCommand(input), { abortSignal }),
    signal,
  );
  return toPage(answer.MetricDataResults ?? [], answer.NextToken);
}

function makeCall(
  config: CloudWatchConfig,
  kit: Kit,
  options: ClientOptions & { readonly deadlineMs: number },
): { readonly call: Call; readonly clockOffsetMs: () => number | undefined } {
  const { region } = config;
  const { deadlineMs } = options;
  const externalId = config.external_id_env === undefined ? undefined : kit.secret(config.external_id_env);
  const clock = watchClock(kit);
  let opening: Promise<Opened> | undefined;
  const call: Call = async (operation, send, signal) => {
    opening ??= open(config, options, externalId, clock);
    const { client, sdk } = await opening;
    const task = async () => {
      const deadline = AbortSignal.timeout(deadlineMs);
      const either = AbortSignal.any([signal, deadline]);
      try {
        return await orAborted(send(client, sdk, either), either);
      } catch (error) {
        const failure = toSourceError(error, { operation, region, deadlineMs, cancelled: signal.aborted, late: deadline.aborted });
        // CloudWatch tells no limits in its headers: that it throttles is all that the shared budget can learn.
        if (failure.reason === 'rate_limited') {
          kit.observe?.({ throttled: true, ...(failure.retryAfterMs !== undefined && { resetMs: failure.retryAfterMs }) });
        }
        throw failure;
      }
    };
    try {
      return await kit.limited(task, signal, operation);
    } catch (error) {
      // The wait for the budget ends with the signal's own reason.
      throw signal.aborted ? toSourceError(error, { operation, region, deadlineMs, cancelled: true, late: false }) : error;
    }
  };
  return { call, clockOffsetMs: clock.offsetMs };
}

/** An older endpoint that has never heard of log alarms has none: it is asked again without them, and the log says so. */
function rememberTypes(kit: Kit, region: string): OfEveryType {
  let types: readonly AlarmType[] = ALL_TYPES;
  return async (ask) => {
    const asked = types;
    try {
      return await ask([...asked]);
    } catch (error) {
      if (!refusesAlarmType(error) || !asked.includes('LogAlarm')) throw error;
      // A call beside this one may have heard it first.
      if (types === asked) kit.log.warn({ region }, 'log alarms not known to this endpoint');
      types = types.filter((type) => type !== 'LogAlarm');
      return ask([...types]);
    }
  };
}

async function open(
  config: CloudWatchConfig,
  options: ClientOptions & { readonly deadlineMs: number },
  externalId: string | undefined,
  clock: TheirClock,
): Promise<Opened> {
  const sdk = await import('@aws-sdk/client-cloudwatch');
  const credentials = options.credentials ?? (await credentialsOf(config, externalId));
  const client = new sdk.CloudWatchClient({
    region: config.region,
    // Retries are the runner's: it shares the budget and knows how long a draft may wait.
    maxAttempts: 1,
    requestHandler: {
      requestTimeout: options.deadlineMs,
      throwOnRequestTimeout: true,
      connectionTimeout: Math.min(CONNECT_MS, options.deadlineMs),
    },
    ...(config.endpoint !== undefined && { endpoint: config.endpoint }),
    ...(credentials && { credentials }),
  });
  client.middlewareStack.add((next) => (args) => clock.around(() => next(args)), { step: 'deserialize', priority: 'low' });
  return { sdk, client };
}

/** A role to assume, else dummy keys for a stand-in on this machine, else nothing: then the SDK's default chain decides. */
async function credentialsOf(
  { role_arn, region, endpoint }: CloudWatchConfig,
  externalId: string | undefined,
): Promise<CloudWatchClientConfig['credentials']> {
  if (role_arn === undefined) return endpoint?.startsWith('http:') ? STAND_IN_KEY : undefined;
  const { fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const params = { RoleArn: role_arn, RoleSessionName: 'hindcast', ...(externalId !== undefined && { ExternalId: externalId }) };
  return fromTemporaryCredentials({ params, clientConfig: { region, maxAttempts: 1 } });
}

/** The SDK looks at its signal only while a request is on the way, not while it gathers credentials. */
async function orAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  answer.catch(() => undefined);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  aborted.catch(() => undefined);
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function toPage(items: readonly unknown[], next: string | undefined): Page {
  return { items: items.map((item) => asSent(item)), ...(next !== undefined && { next }) };
}

/** Without the unit: one that the sender never used gives an empty answer instead of an error. */
function toSdk({ MetricStat, ...query }: MetricQuery): MetricDataQuery {
  if (!MetricStat) return query;
  const { Metric, Unit, ...stat } = MetricStat;
  const metric = { Namespace: Metric.Namespace, MetricName: Metric.MetricName, Dimensions: [...(Metric.Dimensions ?? [])] };
  return { ...query, MetricStat: { ...stat, Metric: metric } };
}
