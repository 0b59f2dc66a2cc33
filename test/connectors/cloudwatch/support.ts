import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from 'vitest';
import { type ClientOptions, type CloudWatch, openCloudWatch } from '../../../connectors/cloudwatch/client.ts';
import { cloudwatch } from '../../../connectors/cloudwatch/index.ts';
import type { CloudWatchOptions } from '../../../demo/standins/cloudwatch.ts';
import { startCloudWatch } from '../../../demo/standins/cloudwatch.ts';
import type { StandIn } from '../../../demo/standins/server.ts';
import { readWorld, type World } from '../../../demo/world.ts';
import type { Instant, Kit, Normalized, PullRequest, RawRecord, Stream, Window } from '../../../src/contract/index.ts';
import { atMost, parseInstant, SourceError } from '../../../src/contract/index.ts';
import { type EvidenceRecord, seal } from '../../../src/core/evidence.ts';
import { plainKit } from '../../support/streams.ts';

export const ACCOUNT = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:';
export const ERRORS =
  'aws-prod/metric:AWS/ApplicationELB/HTTPCode_Target_5XX_Count?LoadBalancer=app%2Fapi%2F50dc6c495c0c9188&TargetGroup=targetgroup%2Fapi%2F943f017f100becff#Sum';

/** The sample incident's world, at its own now or a later one. */
export function sampleWorld(now?: string): World {
  return readWorld(new URL('../../../demo/worlds/connection-pool.yaml', import.meta.url), now);
}

export function at(text: string): Instant {
  const instant = parseInstant(text);
  if (!instant) throw new Error(`${text} is no instant`);
  return instant;
}

export function windowOf(from: string, to: string): Window {
  return { from: at(from), to: at(to) };
}

/** The window of the sample incident, two hours before its page to the world's now. */
export const INCIDENT = windowOf('2024-01-15T12:33:00Z', '2024-01-15T16:00:00Z');

export function ask<Scope>(scope: Scope, over: Partial<PullRequest<Scope>> = {}): PullRequest<Scope> {
  const signal = new AbortController().signal;
  return { window: INCIDENT, scope, keys: [], now: at('2024-01-15T16:00:00Z'), calls: atMost(100), signal, ...over };
}

export interface Scene {
  readonly standIn: StandIn;
  readonly client: CloudWatch;
  readonly kit: Kit & { readonly lines: readonly string[] };
}

const open: Pick<StandIn, 'close'>[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((standIn) => standIn.close()));
});

/** A stand-in of a world and a client on it; closed after the test. */
export async function startScene(
  world: World = sampleWorld(),
  options: ClientOptions = {},
  standInOptions: CloudWatchOptions = {},
): Promise<Scene> {
  const standIn = await startCloudWatch(world, standInOptions);
  open.push(standIn);
  return { standIn, ...openAt(standIn.url, options) };
}

export function openAt(endpoint: string, options: ClientOptions = {}): Omit<Scene, 'standIn'> {
  const kit = plainKit();
  return { kit, client: openCloudWatch({ connector: 'cloudwatch', region: 'us-east-1', endpoint }, kit, options) };
}

export function toEvidence(stream: string, { nativeId, body, sequence }: RawRecord): EvidenceRecord {
  const observedTime = at('2024-01-15T16:00:00Z');
  return seal({ source: 'aws-prod', stream, nativeId, body, observedTime, ...(sequence !== undefined && { sequence }) });
}

/** What a stream's records say, all together. */
export function tell(
  stream: Pick<Stream<never, never>, 'spec' | 'normalize'>,
  records: readonly RawRecord[],
): Required<Omit<Normalized, 'knowableAt'>> {
  const said = records.map((record) => stream.normalize(toEvidence(stream.spec.id, record)));
  return {
    events: said.flatMap(({ events }) => events),
    series: said.flatMap(({ series = [] }) => series),
    facts: said.flatMap(({ facts = [] }) => facts),
    issues: said.flatMap(({ issues }) => issues),
  };
}

export const { alarms, alarmHistory, series } = streamsOf();

function streamsOf() {
  const [alarms, alarmHistory, series] = cloudwatch.streams;
  if (!alarms || !alarmHistory || !series) throw new Error('a stream is missing');
  return { alarms, alarmHistory, series };
}

/** The SourceError that a call ends in; any other outcome is thrown. */
export async function failureOf(promise: Promise<unknown>): Promise<SourceError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SourceError)) throw error;
  return error;
}

/** A bare HTTP server on this machine that answers every request alike, and what it was sent. */
export async function startServer(status: number, contentType: string, body: (headers: IncomingHttpHeaders) => string) {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(status, { 'content-type': contentType }).end(body(request.headers));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  open.push({ close });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}
