import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { runDraft } from '../src/cli/draft.ts';
import type { Io } from '../src/cli/io.ts';
import { runServe } from '../src/cli/serve.ts';
import { openApp } from '../src/compose.ts';
import { parseInstant } from '../src/core/time.ts';
import { packageRoot } from '../src/platform/package-root.ts';
import { startCloudWatch } from './standins/cloudwatch.ts';
import { startGitHub } from './standins/github.ts';
import { startPagerDuty } from './standins/pagerduty.ts';
import type { StandIn } from './standins/server.ts';
import { readWorld, type World } from './world.ts';

/** A world with its three stand-ins up, and a configuration that points at them. */
export interface Staged {
  readonly world: World;
  readonly pagerduty: StandIn;
  readonly cloudwatch: StandIn;
  readonly github: StandIn;
  /** The configuration's path; the store lies beside it. */
  readonly config: string;
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly now?: string;
  readonly folder?: string;
  /** What is otherwise in this world than in the file. */
  readonly change?: (world: World) => World;
}

/** Starts the stand-ins of a world, in a folder of its own, whose `now` may be moved. */
export async function stage(options: StageOptions = {}): Promise<Staged> {
  const read = readWorld(join(packageRoot(), 'demo/worlds/connection-pool.yaml'), options.now);
  const world = options.change?.(read) ?? read;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'hindcast-demo-'));
  const [pagerduty, cloudwatch, github] = await Promise.all([startPagerDuty(world), startCloudWatch(world), startGitHub(world)]);
  const config = join(folder, 'hindcast.yaml');
  writeFileSync(config, stringify(configOf(folder, pagerduty.url, cloudwatch.url, github.url)));
  return {
    world,
    pagerduty,
    cloudwatch,
    github,
    config,
    env: { PAGERDUTY_TOKEN: world.pagerduty.token, GITHUB_TOKEN: world.github.token },
    close: async () => {
      await Promise.all([pagerduty.close(), cloudwatch.close(), github.close()]);
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function configOf(folder: string, pagerduty: string, cloudwatch: string, github: string): object {
  return {
    sources: {
      pagerduty: { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN', base_url: pagerduty },
      'aws-prod': { connector: 'cloudwatch', region: 'us-east-1', endpoint: cloudwatch },
      github: { connector: 'github', token_env: 'GITHUB_TOKEN', base_url: github },
    },
    services: [
      {
        name: 'api',
        owns: {
          pagerduty: { service_ids: ['PAPI001'] },
          'aws-prod': { alarm_prefixes: ['api-'] },
          github: { repositories: ['acme/api'], environments: ['production'] },
        },
      },
      {
        name: 'checkout',
        owns: {
          pagerduty: { service_ids: ['PCHK001'] },
          'aws-prod': { alarm_prefixes: ['checkout-'] },
          github: { repositories: ['acme/checkout'], environments: ['production'] },
        },
      },
    ],
    people: [{ role: 'database on-call', pagerduty: 'PJSMITH', github: 'jsmith', names: ['John Smith'] }],
    draft: { code: 'patch' },
    storage: { url: `sqlite:${join(folder, 'hindcast.db')}` },
  };
}

/** `hindcast demo`: the real connectors over HTTP against the stand-ins; the clock is the world's. */
export async function runDemo(
  io: Io,
  flags: { readonly serve?: boolean; readonly format?: 'markdown' | 'json' | 'html' },
): Promise<number> {
  const staged = await stage();
  const now = parseInstant(staged.world.now);
  if (!now) throw new Error(`the world's now is not a time: ${staged.world.now}`);
  const env = { ...io.env, ...staged.env };
  const open = () => openApp({ config: staged.config, env, cwd: io.cwd, now });
  try {
    const context = { io: { ...io, env }, open };
    const code = await runDraft(context, staged.world.truth.incident, { format: flags.format ?? 'markdown' });
    if (!flags.serve) return code;
    io.err(`\nthe API is up: POST /incidents/${staged.world.truth.incident}/draft\n`);
    return await runServe(context, { config: staged.config, host: '127.0.0.1' });
  } finally {
    await staged.close();
  }
}
