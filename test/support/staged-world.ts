import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startCloudWatch } from '../../demo/standins/cloudwatch.ts';
import { startGitHub } from '../../demo/standins/github.ts';
import { startPagerDuty } from '../../demo/standins/pagerduty.ts';
import type { StandIn } from '../../demo/standins/server.ts';
import type { World } from '../../demo/world.ts';
import type { Drafted, DraftRequest } from '../../src/app/app.ts';
import { openApp } from '../../src/compose.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { instant } from './events.ts';
import { sampleWorld } from './github-world.ts';

export interface Variant {
  /** What is otherwise than in the sample: members are replaced, never written through. */
  readonly world?: (world: World) => Partial<World>;
  /** Sources that the configuration names; all three where absent. */
  readonly sources?: readonly ('pagerduty' | 'aws-prod' | 'github')[];
  /** Environments of the API that count; production where absent, all where empty. */
  readonly environments?: readonly string[];
  /** Metrics that the API claims by name; none where absent. */
  readonly metrics?: readonly string[];
  /** Metrics that the checkout claims by name; none where absent. */
  readonly checkoutMetrics?: readonly string[];
  /** Entries of `people` beside the sample's one. */
  readonly people?: readonly object[];
  /** What the API depends on; nothing where absent. */
  readonly dependsOn?: readonly string[];
  /** The policy, where it is not the default. */
  readonly policy?: object;
  readonly standins?: (standins: { readonly pagerduty: StandIn; readonly cloudwatch: StandIn; readonly github: StandIn }) => void;
  readonly request?: Partial<DraftRequest>;
}

/** A draft of a variant with its text, the marks and the numbers of sources taken out, and what stands in each section. */
export interface Told {
  readonly drafted: Drafted;
  readonly markdown: string;
  section(key: string): string;
}

/** Drafts a variant of the sample through the whole pipe: stand-ins over HTTP, the real connectors, a store of its own. */
export async function draftVariant(variant: Variant): Promise<Told> {
  const { world: change, standins, request } = variant;
  const sample = sampleWorld();
  const world: World = { ...sample, ...change?.(sample) };
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-variant-'));
  const [pagerduty, cloudwatch, github] = await Promise.all([startPagerDuty(world), startCloudWatch(world), startGitHub(world)]);
  standins?.({ pagerduty, cloudwatch, github });
  const config = join(folder, 'hindcast.yaml');
  const urls = { pagerduty: pagerduty.url, 'aws-prod': cloudwatch.url, github: github.url };
  writeFileSync(config, JSON.stringify(configOf(folder, urls, variant)));
  const env = { PAGERDUTY_TOKEN: world.pagerduty.token, GITHUB_TOKEN: world.github.token };
  const { app, close } = await openApp({ config, env, cwd: folder, now: instant(world.now) });
  try {
    const drafted = await app.draft({ select: { kind: 'incident', id: world.truth.incident }, ...request });
    return toldOf(drafted);
  } finally {
    await close();
    await Promise.all([pagerduty.close(), cloudwatch.close(), github.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}

function toldOf(drafted: Drafted): Told {
  const whole = renderMarkdown(drafted.draft);
  const markdown = (whole.split('\n## Sources')[0] ?? '').replaceAll(/ ?<!--.*?-->/g, '').replaceAll(/ ?\[\^\d+\]/g, '');
  const section = (key: string) => {
    const heading = drafted.draft.sections.find((one) => one.key === key)?.heading;
    return markdown.split(/\n(?=## )/).find((part) => part.startsWith(`## ${heading}\n`)) ?? '';
  };
  return { drafted, markdown, section };
}

function configOf(
  folder: string,
  urls: Readonly<Record<'pagerduty' | 'aws-prod' | 'github', string>>,
  {
    sources = ['pagerduty', 'aws-prod', 'github'],
    environments = ['production'],
    metrics = [],
    checkoutMetrics = [],
    dependsOn = [],
    people = [],
    policy,
  }: Variant,
): object {
  const all = {
    pagerduty: { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN', base_url: urls.pagerduty },
    'aws-prod': { connector: 'cloudwatch', region: 'us-east-1', endpoint: urls['aws-prod'] },
    github: { connector: 'github', token_env: 'GITHUB_TOKEN', base_url: urls.github },
  };
  const isWanted = (name: string) => sources.some((source) => source === name);
  const only = (record: object) => Object.fromEntries(Object.entries(record).filter(([name]) => isWanted(name)));
  const service = (name: string, id: string, claimed: readonly string[]) => ({
    name,
    owns: only({
      pagerduty: { service_ids: [id] },
      'aws-prod': { alarm_prefixes: [`${name}-`], ...(claimed.length > 0 && { metrics: claimed }) },
      github: { repositories: [`acme/${name}`], ...(environments.length > 0 && { environments }) },
    }),
  });
  return {
    sources: only(all),
    services: [{ ...service('api', 'PAPI001', metrics), depends_on: dependsOn }, service('checkout', 'PCHK001', checkoutMetrics)],
    people: [{ role: 'database on-call', pagerduty: 'PJSMITH', github: 'jsmith', names: ['John Smith'] }, ...people],
    ...(policy && { policy }),
    draft: { code: 'patch' },
    storage: { url: `sqlite:${join(folder, 'hindcast.db')}` },
  };
}

/** The API's repository changed; the others as they stand. */
export function withApi(world: World, change: (api: World['github']['repositories'][number]) => object): Pick<World, 'github'> {
  const repositories = world.github.repositories.map((one) => (one.full_name === 'acme/api' ? { ...one, ...change(one) } : one));
  return { github: { ...world.github, repositories } };
}

/** One deployment of the API changed; `undefined` takes it out. */
export function withDeployment(
  world: World,
  id: number,
  change: ((deployment: World['github']['repositories'][number]['deployments'][number]) => object) | undefined,
): Pick<World, 'github'> {
  return withApi(world, ({ deployments }) => ({
    deployments: deployments.flatMap((one) => (one.id === id ? (change ? [{ ...one, ...change(one) }] : []) : [one])),
  }));
}

/** The sample's incident changed, its log in the order of time. */
export function withIncident(
  world: World,
  change: (incident: World['pagerduty']['incidents'][number]) => Partial<World['pagerduty']['incidents'][number]>,
): Pick<World, 'pagerduty'> {
  const incidents = world.pagerduty.incidents.map((one) => {
    if (one.id !== world.truth.incident) return one;
    const changed = { ...one, ...change(one) };
    return { ...changed, log: changed.log.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)) };
  });
  return { pagerduty: { ...world.pagerduty, incidents } };
}

/** The errors of the API, for each minute from 14:29 on, and what the alarm made of them: pairs of a firing and its end. */
export function withErrors(
  world: World,
  minutes: readonly number[],
  firings: readonly (readonly [from: string, to: string])[],
): Pick<World, 'cloudwatch'> {
  const at = (clock: string) => `2024-01-15T${clock}:00.000Z`;
  const history = firings.flatMap(([from, to]) => [
    { at: at(from), from: 'OK', to: 'ALARM', start: at(from), actions: true },
    { at: at(to), from: 'ALARM', to: 'OK', start: at(to) },
  ]);
  return {
    cloudwatch: {
      ...world.cloudwatch,
      metrics: world.cloudwatch.metrics.map((one) =>
        one.id === 'api-5xx' ? { ...one, episodes: [{ from: '2024-01-15T14:29:00Z', minutes }] } : one,
      ),
      alarms: world.cloudwatch.alarms.map((one) => (one.name === 'api-HighErrorRate' ? { ...one, history } : one)),
    },
  };
}

/** Every time of the world later by so much. */
export function shifted(world: World, ms: number): World {
  return JSON.parse(
    JSON.stringify(world).replaceAll(/"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g, (_, at: string) => {
      const later = new Date(Date.parse(at) + ms).toISOString();
      return JSON.stringify(at.includes('.') ? later : later.replace('.000Z', 'Z'));
    }),
  );
}
