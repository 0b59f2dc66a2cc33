import { type ClientOptions, openPagerDuty, type PagerDuty } from '../../../connectors/pagerduty/client.ts';
import { pagerduty } from '../../../connectors/pagerduty/index.ts';
import { pagerDutyVendor } from '../../../demo/standins/pagerduty.ts';
import { type Answer, type Asked, type StandIn, startStandIn, type Vendor } from '../../../demo/standins/server.ts';
import { readWorld, type World, type WorldIncident } from '../../../demo/world.ts';
import type { Json, Kit, PullRequest, RawRecord, Stream } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { type Stamped, stamp } from '../../../src/core/timeline/normalize.ts';
import { evidenceOf, instant, windowOf } from '../../support/events.ts';
import { plainKit } from '../../support/streams.ts';

export const INCIDENT = 'Q1POOL0EXHAUST';
export const KEY = `pagerduty/incident:${INCIDENT}`;
export const SERVICE = 'pagerduty/service:PAPI001';
export const ALARM = 'alarm:arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate';
export const TOKEN = 'demo-pagerduty-token';

export function sampleWorld(now?: string): World {
  return readWorld(new URL('../../../demo/worlds/connection-pool.yaml', import.meta.url), now);
}

/** The sample world with one incident more, of which the test says what matters. */
export function worldWith(incident: Partial<WorldIncident> & Pick<WorldIncident, 'id' | 'log'>): World {
  const world = sampleWorld();
  const added: WorldIncident = {
    number: 5001,
    title: 'Disk full',
    service: 'PAPI001',
    urgency: 'high',
    created_at: '2024-01-15T10:00:00Z',
    status: 'triggered',
    ...incident,
  };
  return { ...world, pagerduty: { ...world.pagerduty, incidents: [...world.pagerduty.incidents, added] } };
}

export interface Source {
  readonly standIn: StandIn;
  readonly client: PagerDuty;
  readonly kit: ReturnType<typeof plainKit>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface SourceOptions extends ClientOptions {
  readonly world?: World;
  readonly token?: string;
  readonly tokenType?: 'token' | 'bearer';
  /** In place of the stand-in's address. */
  readonly baseUrl?: string;
  readonly kit?: Partial<Kit>;
  /** Lets PagerDuty answer some questions otherwise; nothing for the rest. */
  readonly answer?: (asked: Asked) => Answer | undefined;
}

/** A stand-in and the real client against it. */
export async function openSource(options: SourceOptions = {}): Promise<Source> {
  const { world = sampleWorld(), token = TOKEN, tokenType, answer, baseUrl, kit: own, ...rest } = options;
  const vendor = pagerDutyVendor(world);
  const changed: Vendor = { ...vendor, answer: (asked, base) => answer?.(asked) ?? vendor.answer(asked, base) };
  const standIn = await startStandIn(changed);
  const kit = { ...plainKit({ PAGERDUTY_TOKEN: token }), ...own };
  const config = {
    connector: 'pagerduty',
    token_env: 'PAGERDUTY_TOKEN',
    base_url: baseUrl ?? standIn.url,
    ...(tokenType && { token_type: tokenType }),
  } as const;
  const client = openPagerDuty(config, kit, { deadlineMs: 5_000, ...rest });
  return { standIn, client, kit, [Symbol.asyncDispose]: () => standIn.close() };
}

/** A question of the sample's day, for its incident unless said otherwise. */
export function requestOf<Scope = { readonly service_ids: readonly string[] }>(
  overrides: Partial<PullRequest<Scope>> & { readonly scope: Scope },
): PullRequest<Scope> {
  return {
    window: windowOf('12:33', '16:00'),
    keys: [KEY],
    now: instant('16:00'),
    calls: atMost(500),
    signal: new AbortController().signal,
    ...overrides,
  };
}

/** What a record says, stamped: a pointer that does not resolve would be an issue. */
export function say(
  stream: Pick<Stream<PagerDuty, never>, 'spec' | 'normalize'>,
  { nativeId, body, sequence }: Pick<RawRecord, 'nativeId' | 'body' | 'sequence'>,
): Stamped {
  const record = evidenceOf(nativeId, body, { stream: stream.spec.id, ...(sequence !== undefined && { sequence }) });
  return stamp(record, stream.normalize(record), pagerduty.normalizer);
}

/** A record as a test writes it. */
export function sayBody(stream: Pick<Stream<PagerDuty, never>, 'spec' | 'normalize'>, body: Json, nativeId = 'R1'): Stamped {
  return say(stream, { nativeId, body });
}
