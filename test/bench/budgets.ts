import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startStandIn } from '../../demo/standins/server.ts';
import { readWorld, type World } from '../../demo/world.ts';
import { openApp } from '../../src/compose.ts';
import { DAY, makeBusy } from './busy-world.ts';
import type { Held } from './held.ts';
import {
  AT_LEAST,
  budgetOf,
  configOf,
  FACTOR,
  refusals,
  type StrictVendors,
  scaledBudget,
  strictVendors,
  timeOf,
  useOf,
  WINDOW_MS,
  WINDOWS,
} from './scaled.ts';
import { withMaxRecords, withPageSize } from './strict-vendors.ts';

const SAMPLE = new URL('../../demo/worlds/connection-pool.yaml', import.meta.url).pathname;

/** A pull of several windows' budgets from vendors that count for themselves: how much of each budget it uses, and what is refused. */
export async function measureBudgets(): Promise<readonly Held[]> {
  const world = makeBusy(readWorld(SAMPLE));
  const vendors = strictVendors(world, {
    pagerduty: withPageSize('limit', 5, /^\/log_entries$/),
    cloudwatch: withMaxRecords(1, 'DescribeAlarmHistory'),
    github: withPageSize('per_page', 1, /\/pulls$/),
  });
  await pullFrom(world, vendors);
  return Object.entries(vendors).flatMap(([id, strict]) => {
    const budget = budgetOf(id) / FACTOR;
    const use = useOf(strict.arrived, budget) ?? 0;
    const text = `${id}: a pull of ${strict.arrived.length} calls uses ${(use * 100).toFixed(1)} % of its budget, ${budget} in ${WINDOW_MS / 1_000} s (a minute's, divided by ${FACTOR}), over ${WINDOWS} windows, at least ${AT_LEAST * 100} %`;
    return [{ text, held: use >= AT_LEAST }, refusals(id, strict)];
  });
}

async function pullFrom(world: World, vendors: StrictVendors): Promise<void> {
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
