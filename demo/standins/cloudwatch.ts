import type { CloudWatchWorld, World } from '../world.ts';
import { alarmsOf } from './cloudwatch-alarms.ts';
import { listMetrics, metricData, metricStatistics } from './cloudwatch-data.ts';
import { historyOf } from './cloudwatch-history.ts';
import { CONTENT_TYPE, Refusal, readToken, refused, writeToken } from './cloudwatch-wire.ts';
import { type Answer, type Asked, type StandIn, startStandIn, type Vendor } from './server.ts';

const TARGET = 'GraniteServiceVersion20100801.';
const TYPES = ['CompositeAlarm', 'MetricAlarm', 'LogAlarm'] as const;

interface Scene {
  readonly world: CloudWatchWorld;
  readonly nowMs: number;
  /** An older endpoint: it refuses the alarm types that it has never heard of. */
  readonly types: readonly string[];
}

export interface CloudWatchOptions {
  readonly port?: number;
  /** Alarm types that this endpoint knows; all three unless given. */
  readonly alarmTypes?: readonly string[];
}

/**
 * CloudWatch as its clients see it: AWS JSON 1.0 over `POST /`, one region and account. Alarm history is kept for thirty days and
 * values are thinned out with age, both counted from the world's now. Any signature is taken; a request without one is refused.
 */
export async function startCloudWatch(world: World, options: CloudWatchOptions = {}): Promise<StandIn> {
  return startStandIn(cloudWatchVendor(world, options), options.port);
}

/** The vendor alone, for a test that lets it answer one question differently. */
export function cloudWatchVendor({ cloudwatch, now }: World, options: Pick<CloudWatchOptions, 'alarmTypes'> = {}): Vendor {
  const nowMs = Date.parse(now);
  const types = options.alarmTypes ?? TYPES;
  return {
    now,
    contentType: CONTENT_TYPE,
    target: ({ headers }: Asked) => String(headers['x-amz-target'] ?? '').replace(TARGET, '') || undefined,
    answer: (asked: Asked): Answer => {
      try {
        return {
          status: 200,
          headers: { 'x-amzn-requestid': '5b9f0a1e-0000-4000-8000-000000000000' },
          body: dispatch(asked, cloudwatch, nowMs, types),
        };
      } catch (error) {
        if (error instanceof Refusal) return refused(error);
        throw error;
      }
    },
    refuse: (status: number, asked: Asked) => refused(refusalOf(status, asked)),
  };
}

function dispatch(asked: Asked, cloudwatch: CloudWatchWorld, nowMs: number, types: readonly string[]): unknown {
  const target = String(asked.headers['x-amz-target'] ?? '');
  const operation = Object.hasOwn(OPERATIONS, target.replace(TARGET, '')) ? OPERATIONS[target.replace(TARGET, '')] : undefined;
  if (asked.method !== 'POST' || !target.startsWith(TARGET) || !operation) {
    throw new Refusal('UnknownOperationException', `The operation ${target || `${asked.method} ${asked.url.pathname}`} is not known`, 404);
  }
  const [, region] = /Credential=[^/]+\/\d{8}\/([^/]+)\/monitoring\/aws4_request/.exec(String(asked.headers.authorization ?? '')) ?? [];
  if (!region) throw new Refusal('MissingAuthenticationToken', 'Request is missing Authentication Token', 403);
  // One endpoint stands for all regions: what is not in the world's region has nothing in it.
  const world =
    region === cloudwatch.region ? cloudwatch : { ...cloudwatch, metrics: [], alarms: [], composite_alarms: [], log_alarms: [] };
  return operation(readInput(asked.body), { world, nowMs, types });
}

function readInput(body: string): never {
  try {
    // The operations state the shape that they read; the stand-in is driven by clients that keep to the vendor's model.
    return JSON.parse(body || '{}') as never;
  } catch {
    throw new Refusal('SerializationException', 'The body is not JSON');
  }
}

const OPERATIONS: Readonly<Record<string, (input: never, scene: Scene) => unknown>> = {
  DescribeAlarms: describeAlarms,
  DescribeAlarmHistory: describeAlarmHistory,
  GetMetricData: (input: Parameters<typeof metricData>[1], { world, nowMs }: Scene) => metricData(world, input, nowMs),
  GetMetricStatistics: (input: Parameters<typeof metricStatistics>[1], { world, nowMs }: Scene) => metricStatistics(world, input, nowMs),
  ListMetrics: (input: Parameters<typeof listMetrics>[1], { world }: Scene) => listMetrics(world, input),
};

interface AlarmsInput {
  readonly AlarmNames?: readonly string[];
  readonly AlarmNamePrefix?: string;
  readonly AlarmTypes?: readonly string[];
  readonly StateValue?: string;
  readonly ActionPrefix?: string;
  readonly MaxRecords?: number;
  readonly NextToken?: string;
}

function describeAlarms(input: AlarmsInput, { world, nowMs, types: known }: Scene): unknown {
  if (input.AlarmNames && input.AlarmNamePrefix !== undefined) {
    throw new Refusal('InvalidParameterCombination', 'AlarmNames and AlarmNamePrefix cannot be used together');
  }
  if ((input.AlarmNames ?? []).length > 100) throw new Refusal('ValidationError', 'AlarmNames may hold at most 100 names');
  const types = typesOf(input.AlarmTypes, known);
  const found = alarmsOf(world, nowMs).filter(
    ({ type, name, state, actions }) =>
      types.includes(type) &&
      (!input.AlarmNames?.length || input.AlarmNames.includes(name)) &&
      name.startsWith(input.AlarmNamePrefix ?? '') &&
      (input.StateValue ?? state) === state &&
      (input.ActionPrefix === undefined || actions.some((action) => action.startsWith(input.ActionPrefix ?? ''))),
  );
  const { page, next } = cut(found, input, 50);
  const bodies = (type: string) => page.filter((entry) => entry.type === type).map(({ body }) => body);
  return {
    MetricAlarms: bodies('MetricAlarm'),
    CompositeAlarms: bodies('CompositeAlarm'),
    ...(known.includes('LogAlarm') && { LogAlarms: bodies('LogAlarm') }),
    ...next,
  };
}

interface HistoryInput {
  readonly AlarmName?: string;
  readonly AlarmTypes?: readonly string[];
  readonly HistoryItemType?: string;
  readonly StartDate?: number;
  readonly EndDate?: number;
  readonly ScanBy?: string;
  readonly MaxRecords?: number;
  readonly NextToken?: string;
}

function describeAlarmHistory(input: HistoryInput, { world, nowMs, types: known }: Scene): unknown {
  const types = typesOf(input.AlarmTypes, known);
  const found = historyOf(world, nowMs).filter(
    ({ type, name, kind, atMs }) =>
      types.includes(type) &&
      (input.AlarmName ?? name) === name &&
      (input.HistoryItemType ?? kind) === kind &&
      atMs >= (input.StartDate ?? 0) * 1_000 &&
      atMs <= (input.EndDate ?? Number.POSITIVE_INFINITY) * 1_000,
  );
  const { page, next } = cut(input.ScanBy === 'TimestampAscending' ? found : found.toReversed(), input, 100);
  return { AlarmHistoryItems: page.map(({ body }) => body), ...next };
}

/** Without AlarmTypes both operations speak of metric alarms only. */
function typesOf(asked: readonly string[] | undefined, known: readonly string[]): readonly string[] {
  const unknown = asked?.filter((type) => !known.includes(type)) ?? [];
  if (unknown.length > 0) {
    const constraint = `failed to satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [${known.join(', ')}]]`;
    throw new Refusal('ValidationError', `1 validation error detected: Value '[${unknown.join(', ')}]' at 'alarmTypes' ${constraint}`);
  }
  return asked?.length ? asked : ['MetricAlarm'];
}

function cut<Entry>(
  entries: readonly Entry[],
  input: { readonly MaxRecords?: number; readonly NextToken?: string },
  usual: number,
): { readonly page: readonly Entry[]; readonly next: { readonly NextToken?: string } } {
  const size = input.MaxRecords ?? usual;
  if (!Number.isInteger(size) || size < 1 || size > 100)
    throw new Refusal('ValidationError', `Value '${size}' at 'maxRecords' must be between 1 and 100`);
  const from = readToken(input.NextToken, input);
  return {
    page: entries.slice(from, from + size),
    next: from + size < entries.length ? { NextToken: writeToken(from + size, input) } : {},
  };
}

function refusalOf(status: number, asked: Asked): Refusal {
  const operation = String(asked.headers['x-amz-target'] ?? '').replace(TARGET, '');
  const user = 'User: arn:aws:sts::123456789012:assumed-role/hindcast-read/session';
  const action = `cloudwatch:${operation}`;
  const byStatus: Readonly<Record<number, Refusal>> = {
    // CloudWatch throttles with 400, not with 429, and answers a wrong key with 403.
    400: new Refusal('Throttling', 'Rate exceeded', 400),
    429: new Refusal('Throttling', 'Rate exceeded', 400),
    401: new Refusal('UnrecognizedClientException', 'The security token included in the request is invalid.', 403),
    403: new Refusal(
      'AccessDenied',
      `${user} is not authorized to perform: ${action} because no identity-based policy allows the ${action} action`,
      403,
    ),
    500: new Refusal('InternalServiceError', 'The request processing has failed because of an unknown error, exception or failure.', 500),
  };
  return byStatus[status] ?? new Refusal('ServiceUnavailable', 'The request has failed due to a temporary failure of the server.', status);
}
