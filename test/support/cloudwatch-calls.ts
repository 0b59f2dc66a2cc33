import { afterEach } from 'vitest';
import { type CloudWatchOptions, startCloudWatch } from '../../demo/standins/cloudwatch.ts';
import type { StandIn } from '../../demo/standins/server.ts';
import { readWorld, type World } from '../../demo/world.ts';

const WORLD = new URL('../../demo/worlds/connection-pool.yaml', import.meta.url);
export const world = readWorld(WORLD);
export const seconds = (time: string) => Date.parse(time) / 1_000;

const open: StandIn[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((standIn) => standIn.close()));
});

export type Said = Readonly<Record<string, unknown>>;
type Asking = (
  operation: string,
  input?: object,
  headers?: Readonly<Record<string, string>>,
) => Promise<{ readonly status: number; readonly headers: Headers; readonly body: Said }>;

/** Plain calls to a stand-in of the sample world, as any HTTP client would make them; closed after the test. */
export async function startCalls(
  now?: string,
  options?: CloudWatchOptions,
  given: World = readWorld(WORLD, now),
): Promise<{ readonly standIn: StandIn; readonly ask: Asking }> {
  const standIn = await startCloudWatch(given, options);
  open.push(standIn);
  const ask: Asking = async (operation, input = {}, headers = {}) => {
    const response = await fetch(standIn.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `GraniteServiceVersion20100801.${operation}`,
        authorization: 'AWS4-HMAC-SHA256 Credential=x/20240115/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0',
        ...headers,
      },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(20_000),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Said };
  };
  return { standIn, ask };
}

export const ALL_TYPES = ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'];
export const ERRORS = { Namespace: 'AWS/ApplicationELB', MetricName: 'HTTPCode_Target_5XX_Count', Dimensions: dimensionsOf('api-5xx') };
export const QUEUE = { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Dimensions: dimensionsOf('checkout-queue') };

function dimensionsOf(id: string) {
  const { dimensions = {} } = world.cloudwatch.metrics.find((candidate) => candidate.id === id) ?? {};
  return Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
}

export const query = (Id: string, Metric: object, Period: number, Stat: string) => ({ Id, MetricStat: { Metric, Period, Stat } });
export const during = (from: string, to: string) => ({ StartTime: seconds(from), EndTime: seconds(to), ScanBy: 'TimestampAscending' });
interface Result {
  readonly Id: string;
  readonly StatusCode: string;
  readonly Timestamps: readonly number[];
  readonly Values: readonly number[];
}
export const resultsOf = ({ body }: { readonly body: Said }) => body['MetricDataResults'] as readonly Result[];
export const listOf = ({ body }: { readonly body: Said }, name: string) => body[name] as readonly Said[];
