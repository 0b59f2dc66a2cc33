import { type ClientOptions, type GitHub, openGitHub } from '../../connectors/github/client.ts';
import type { GitHubScope } from '../../connectors/github/config.ts';
import { gitHubVendor } from '../../demo/standins/github.ts';
import type { InstalledApp } from '../../demo/standins/github-account.ts';
import { type Answer, type Asked, type StandIn, startStandIn, type Vendor } from '../../demo/standins/server.ts';
import type { World } from '../../demo/world.ts';
import type { EvidenceRecord, Normalized, PullRequest, RawRecord, Stream } from '../../src/contract/index.ts';
import { atMost } from '../../src/contract/index.ts';
import { type Stamped, stamp } from '../../src/core/timeline/normalize.ts';
import { evidenceOf, instant, windowOf } from './events.ts';
import { sampleWorld } from './github-world.ts';
import { plainKit } from './streams.ts';

export interface GitHubSource {
  readonly standIn: StandIn;
  readonly client: GitHub;
  readonly kit: ReturnType<typeof plainKit>;
  close(): Promise<void>;
}

export interface SourceOptions extends ClientOptions {
  readonly world?: World;
  readonly token?: string;
  /** Signs in as this app, by the private key given, in place of the token. */
  readonly app?: InstalledApp & { readonly privateKey: string };
  /** Lets the vendor answer some paths otherwise; nothing for the rest. */
  readonly answer?: (asked: Asked) => Answer | undefined;
}

/** A stand-in and the real client against it. */
export async function openSource({
  world = sampleWorld(),
  token = world.github.token,
  answer,
  app,
  ...options
}: SourceOptions = {}): Promise<GitHubSource> {
  const vendor = gitHubVendor(world, app);
  const changed: Vendor = { ...vendor, answer: (asked, base) => answer?.(asked) ?? vendor.answer(asked, base) };
  const standIn = await startStandIn(changed);
  const kit = plainKit({ GITHUB_TOKEN: token, GITHUB_APP_KEY: app?.privateKey ?? '' });
  const signIn = app
    ? { app: { app_id: app.appId, installation_id: app.installationId, private_key_env: 'GITHUB_APP_KEY' } }
    : { token_env: 'GITHUB_TOKEN' };
  const client = openGitHub({ connector: 'github', ...signIn, base_url: standIn.url }, kit, options);
  return { standIn, client, kit, close: () => standIn.close() };
}

/** A question about the day of the sample incident. */
export function requestOf(overrides: Partial<PullRequest<GitHubScope>> = {}): PullRequest<GitHubScope> {
  return {
    window: windowOf('2024-01-14T14:33:00Z', '16:00'),
    scope: { repositories: ['acme/api'] },
    keys: [],
    now: instant('16:00'),
    calls: atMost(100),
    signal: new AbortController().signal,
    ...overrides,
  };
}

/** What a record says, stamped as the core does: a pointer that does not resolve would be an issue. */
export function readWith(stream: Stream<GitHub, GitHubScope>, record: Pick<RawRecord, 'nativeId' | 'body' | 'sequence'>): Stamped {
  const { nativeId, body, sequence } = record;
  const evidence: EvidenceRecord = evidenceOf(nativeId, body, {
    source: 'github',
    stream: stream.spec.id,
    ...(sequence !== undefined && { sequence }),
  });
  const once: Normalized = stream.normalize(Object.freeze(evidence));
  const stamped = stamp(evidence, once, 'github/1');
  for (const { type } of stamped.events) {
    if (!stream.spec.emits.includes(type)) throw new Error(`${stream.spec.id} does not declare ${type}`);
  }
  return stamped;
}
