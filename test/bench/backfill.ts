import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { startStandIn } from '../../demo/standins/server.ts';
import type { World } from '../../demo/world.ts';
import { isFinished } from '../../src/app/backfill.ts';
import { openApp } from '../../src/compose.ts';
import { manyIncidents } from '../support/backfill-world.ts';
import { measureServer } from './backfill-server.ts';
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

/** Enough to spend the budgets of the windows that are measured. */
const INCIDENTS = 30;
const SERVED_INCIDENTS = 60;
const HOURS_APART = 5;
const FROM = '2023-12-01T00:00:00Z';

export async function measureBackfill(main: string): Promise<readonly Held[]> {
  return [...(await measureUse()), ...(await measureServer(main, manyIncidents(SERVED_INCIDENTS, HOURS_APART)))];
}

/**
 * What a backfill takes of its budgets, where vendors count for themselves. The source that it waits for is the one whose budget must be
 * used: what it asks of the others hangs on that one's answers.
 */
async function measureUse(): Promise<readonly Held[]> {
  const world = manyIncidents(INCIDENTS, HOURS_APART);
  const vendors = strictVendors(world, {});
  await backfillFrom(world, vendors);
  const uses = Object.entries(vendors).map(([id, strict]) => {
    const budget = budgetOf(id) / FACTOR;
    return { id, strict, budget, use: useOf(strict.arrived, budget) };
  });
  const most = Math.max(...uses.map(({ use }) => use ?? 0));
  const shares = uses.map(({ id, strict, budget, use }) => {
    const part = use === undefined ? `under ${WINDOWS} windows of calls` : `${(use * 100).toFixed(1)} %`;
    return `${id} ${part} (${strict.arrived.length} calls, ${budget} in ${WINDOW_MS / 1_000} s)`;
  });
  const text = `a backfill of ${INCIDENTS} incidents uses of its budgets, divided by ${FACTOR}: ${shares.join(', ')}; of the one it waits for at least ${AT_LEAST * 100} %`;
  return [{ text, held: most >= AT_LEAST }, ...uses.map(({ id, strict }) => refusals(id, strict))];
}

async function backfillFrom(world: World, vendors: StrictVendors): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hindcast-backfill-'));
  const standIns = await Promise.all(Object.values(vendors).map(({ vendor }) => startStandIn(vendor)));
  const [pagerduty = '', cloudwatch = '', github = ''] = standIns.map(({ url }) => url);
  const config = join(folder, 'hindcast.yaml');
  writeFileSync(config, stringify(configOf(join(folder, 'hindcast.db'), { pagerduty, cloudwatch, github })));
  const env = { PAGERDUTY_TOKEN: world.pagerduty.token, GITHUB_TOKEN: world.github.token, HINDCAST_LOG: 'error' };
  const budget = scaledBudget();
  const { app, service, close } = await openApp({ config, env, cwd: folder, now: timeOf(world.now), budget });
  try {
    // Loads the SDKs.
    await app.check();
    for (const strict of Object.values(vendors)) strict.isCounting = true;
    budget.start();
    const { backfills, work } = await service();
    const { id } = await backfills.submit({ window: { from: timeOf(FROM), to: timeOf(world.now) } });
    await work(new AbortController().signal, async () => isFinished(await backfills.find(id)));
    const failed = (await backfills.find(id)).items.filter(({ state }) => state !== 'drafted');
    if (failed.length > 0) throw new Error(`${failed.length} incidents were not drafted`);
  } finally {
    await close();
    await Promise.all(standIns.map((standIn) => standIn.close()));
    rmSync(folder, { recursive: true, force: true });
  }
}
