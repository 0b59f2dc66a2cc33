import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { CONNECTORS } from '../../connectors/index.ts';
import { cloudWatchVendor } from '../../demo/standins/cloudwatch.ts';
import { gitHubVendor } from '../../demo/standins/github.ts';
import { pagerDutyVendor } from '../../demo/standins/pagerduty.ts';
import { startStandIn } from '../../demo/standins/server.ts';
import { readWorld, type World } from '../../demo/world.ts';
import type { Budget } from '../../src/app/ports.ts';
import { openApp } from '../../src/compose.ts';
import { type Instant, parseInstant } from '../../src/core/time.ts';
import { wallStopwatch } from '../../src/platform/clock.ts';
import { createLimiter } from '../../src/platform/limiter.ts';
import { DAY, makeBusy } from './busy-world.ts';
import type { Held } from './held.ts';
import { countBy, countInWindows, countSliding, countTokens, type Strict, withMaxRecords, withPageSize } from './strict-vendors.ts';

const SAMPLE = new URL('../../demo/worlds/connection-pool.yaml', import.meta.url).pathname;
/** Every budget, ours and the vendors', is divided by this. */
const FACTOR = 10;
/** The minute of all of them, shortened so that the measurement takes one. */
const WINDOW_MS = 20_000;
const AT_LEAST = 0.9;
/** Whole windows that the use is measured over. */
const WINDOWS = 3;
/** GitHub's secondary limit: points a minute, of which a GET is one. Our own budget stays below it. */
const GITHUB_POINTS = 900;

/** A pull of several windows' budgets from vendors that count for themselves: how much of each budget it uses, and what is refused. */
export async function measureBudgets(): Promise<readonly Held[]> {
  const world = makeBusy(readWorld(SAMPLE));
  const vendors = strictVendors(world);
  await pullFrom(world, vendors);
  return Object.entries(vendors).flatMap(([id, { arrived, refused }]) => {
    const budget = budgetOf(id) / FACTOR;
    const use = useOf(arrived, budget);
    const text = `${id}: a pull of ${arrived.length} calls uses ${(use * 100).toFixed(1)} % of its budget, ${budget} in ${WINDOW_MS / 1_000} s (a minute's, divided by ${FACTOR}), over ${WINDOWS} windows, at least ${AT_LEAST * 100} %`;
    return [
      { text, held: use >= AT_LEAST },
      { text: `${id}: ${refused} of ${arrived.length} calls refused by the stand-in's own count, none may be`, held: refused === 0 },
    ];
  });
}

function budgetOf(id: string): number {
  return CONNECTORS.find((connector) => connector.id === id)?.limits.requestsPerMinute ?? Number.NaN;
}

function strictVendors(world: World): Readonly<Record<string, Strict>> {
  const window = (perMinute: number) => [perMinute / FACTOR, WINDOW_MS] as const;
  return {
    pagerduty: countBy(
      pagerDutyVendor(world),
      countInWindows(...window(budgetOf('pagerduty'))),
      withPageSize('limit', 5, /^\/log_entries$/),
    ),
    cloudwatch: countBy(cloudWatchVendor(world), countTokens(...window(budgetOf('cloudwatch'))), withMaxRecords(1, 'DescribeAlarmHistory')),
    github: countBy(gitHubVendor(world), countSliding(...window(GITHUB_POINTS)), withPageSize('per_page', 1, /\/pulls$/)),
  };
}

/**
 * The part of the budget that was used from the first call until the budgets of so many whole windows were spent. Whoever comes late
 * to the next window, or leaves some of one unused, takes longer.
 */
function useOf(arrived: readonly number[], budget: number): number {
  const [first, next] = [arrived[0], arrived[WINDOWS * budget]];
  return first === undefined || next === undefined ? 0 : (WINDOWS * WINDOW_MS) / (next - first);
}

async function pullFrom(world: World, vendors: Readonly<Record<string, Strict>>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-budgets-'));
  const standIns = await Promise.all(Object.values(vendors).map(({ vendor }) => startStandIn(vendor)));
  const [pagerduty = '', cloudwatch = '', github = ''] = standIns.map(({ url }) => url);
  const config = join(folder, 'hindcast.yaml');
  writeFileSync(config, stringify(configOf(join(folder, 'hindcast.db'), { pagerduty, cloudwatch, github })));
  const env = { PAGERDUTY_TOKEN: world.pagerduty.token, GITHUB_TOKEN: world.github.token, HINDCAST_LOG: 'error' };
  const budget = scaledBudget();
  const { app, close } = await openApp({ config, env, cwd: folder, now: timeOf(world.now), budget });
  try {
    // Loads the SDKs.
    await app.check();
    for (const strict of Object.values(vendors)) strict.isCounting = true;
    budget.start();
    await app.pull({ window: { from: timeOf(DAY.from), to: timeOf(DAY.to) } });
  } finally {
    await close();
    await Promise.all(standIns.map((standIn) => standIn.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The product's limiter, with each budget divided by the factor and the short minute; a new one once `start` is called. */
function scaledBudget(): Budget & { start(): void } {
  let limiter = createLimiter();
  const scaled = <Limits extends { readonly requestsPerMinute: number }>(limits: Limits): Limits => ({
    ...limits,
    requestsPerMinute: limits.requestsPerMinute / FACTOR,
  });
  return {
    start: () => {
      limiter = createLimiter(wallStopwatch(), { windowMs: WINDOW_MS });
    },
    limited: (source, limits, task, signal) => limiter.limited(source, scaled(limits), task, signal),
    observe: (source, limits, seen) => limiter.observe(source, scaled(limits), seen),
  };
}

function timeOf(text: string): Instant {
  const found = parseInstant(text);
  if (!found) throw new Error(`not a time: ${text}`);
  return found;
}

function configOf(store: string, url: Readonly<Record<'pagerduty' | 'cloudwatch' | 'github', string>>): object {
  return {
    sources: {
      pagerduty: { connector: 'pagerduty', token_env: 'PAGERDUTY_TOKEN', base_url: url.pagerduty },
      'aws-prod': { connector: 'cloudwatch', region: 'us-east-1', endpoint: url.cloudwatch },
      github: { connector: 'github', token_env: 'GITHUB_TOKEN', base_url: url.github },
    },
    services: [
      {
        name: 'api',
        owns: {
          pagerduty: { service_ids: ['PAPI001'] },
          'aws-prod': { alarm_prefixes: ['api-'] },
          github: { repositories: ['acme/api', 'acme/checkout'], environments: ['production'] },
        },
      },
    ],
    storage: { url: `sqlite:${store}` },
  };
}
