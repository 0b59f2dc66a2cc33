import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cloudWatchVendor } from '../../demo/standins/cloudwatch.ts';
import { gitHubVendor } from '../../demo/standins/github.ts';
import { pagerDutyVendor } from '../../demo/standins/pagerduty.ts';
import { type Asked, startStandIn } from '../../demo/standins/server.ts';
import { readWorld, type World } from '../../demo/world.ts';
import { openApp } from '../../src/compose.ts';
import { DAY, makeBusy } from './busy-world.ts';
import type { Held } from './held.ts';
import {
  AT_LEAST,
  budgetOf,
  CLOUDWATCH_RATES,
  configOf,
  FACTOR,
  type Renewed,
  refusals,
  renewed,
  type StrictVendors,
  scaledBudget,
  strictVendors,
  timeOf,
  useOf,
  WINDOW_MS,
  WINDOWS,
} from './scaled.ts';
import { countBy, countHours, countNothing, withMaxRecords, withPageSize } from './strict-vendors.ts';

const HISTORY = 'DescribeAlarmHistory';
const MERGES_ONE_BY_ONE = withPageSize('per_page', 1, /\/pulls$/);
/** GitHub's 5,000 calls an hour, cut to what a pull of 220 calls meets the end of twice. */
const HOUR = { calls: 100, ms: 15_000 } as const;
const SAMPLE = new URL('../../demo/worlds/connection-pool.yaml', import.meta.url).pathname;

/** A pull of several windows' budgets from vendors that count for themselves: how much of each budget it uses, and what is refused. */
export async function measureBudgets(): Promise<readonly Held[]> {
  const world = makeBusy(readWorld(SAMPLE));
  return [...(await measureMinutes(world)), ...(await measureHours(world))];
}

async function measureMinutes(world: World): Promise<readonly Held[]> {
  const vendors = strictVendors(world, {
    pagerduty: withPageSize('limit', 5, /^\/log_entries$/),
    cloudwatch: withMaxRecords(1, HISTORY),
    github: MERGES_ONE_BY_ONE,
  });
  await pullFrom(world, vendors, scaledBudget());
  return Object.entries(vendors).flatMap(([id, strict]) => {
    // Of CloudWatch the list that is long: its own quota is less than the budget of all calls.
    const isAws = id === 'cloudwatch';
    const budget = (isAws ? CLOUDWATCH_RATES[HISTORY] * 60 : budgetOf(id)) / FACTOR;
    const use = useOf(isAws ? strict.arrivals(HISTORY) : strict.arrived, budget) ?? 0;
    const text = `${id}: a pull of ${strict.arrived.length} calls uses ${(use * 100).toFixed(1)} % of its budget, ${budget} in ${WINDOW_MS / 1_000} s (a minute's, divided by ${FACTOR}), over ${WINDOWS} windows, at least ${AT_LEAST * 100} %`;
    return [{ text, held: use >= AT_LEAST }, refusals(id, strict)];
  });
}

/** GitHub's hour is longer than any pull of a bench, so that both it and its calls are cut: it ends twice while the pull goes on. */
async function measureHours(world: World): Promise<readonly Held[]> {
  const asIs = (asked: Asked) => asked;
  const github = countBy(gitHubVendor(world), countHours(HOUR.calls, HOUR.ms, world.now), MERGES_ONE_BY_ONE);
  const pagerduty = countBy(pagerDutyVendor(world), countNothing, asIs);
  const cloudwatch = countBy(cloudWatchVendor(world), countNothing, asIs);
  await pullFrom(
    world,
    { pagerduty, cloudwatch, github },
    renewed((limits) => limits),
  );
  const { arrived, refused } = github;
  const [first = 0] = arrived;
  const used = arrived.filter((at) => at < first + 2 * HOUR.ms).length / (2 * HOUR.calls);
  const hour = `${HOUR.calls} calls in ${HOUR.ms / 1_000} s`;
  const isLong = arrived.length > 2 * HOUR.calls;
  return [
    {
      text: `github: of an hour's calls (cut to ${hour}) it uses ${(used * 100).toFixed(1)} %, at least ${AT_LEAST * 100} %`,
      held: used >= AT_LEAST,
    },
    { text: `github: ${refused} of ${arrived.length} calls refused by that count, none may be`, held: refused === 0 && isLong },
  ];
}

async function pullFrom(world: World, vendors: StrictVendors, budget: Renewed): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-budgets-'));
  const standIns = await Promise.all(Object.values(vendors).map(({ vendor }) => startStandIn(vendor)));
  const [pagerduty = '', cloudwatch = '', github = ''] = standIns.map(({ url }) => url);
  const config = join(folder, 'hindcast.yaml');
  writeFileSync(config, stringify(configOf(join(folder, 'hindcast.db'), { pagerduty, cloudwatch, github })));
  const env = { PAGERDUTY_TOKEN: world.pagerduty.token, GITHUB_TOKEN: world.github.token, HINDCAST_LOG: 'error' };
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
