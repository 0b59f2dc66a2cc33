import { CONNECTORS } from '../../connectors/index.ts';
import { cloudWatchVendor } from '../../demo/standins/cloudwatch.ts';
import { gitHubVendor } from '../../demo/standins/github.ts';
import { pagerDutyVendor } from '../../demo/standins/pagerduty.ts';
import type { Asked } from '../../demo/standins/server.ts';
import type { World } from '../../demo/world.ts';
import type { Budget, BudgetLimits } from '../../src/app/ports.ts';
import { type Instant, parseInstant } from '../../src/core/time.ts';
import { wallStopwatch } from '../../src/platform/clock.ts';
import { createLimiter } from '../../src/platform/limiter.ts';
import type { Held } from './held.ts';
import { countAll, countBy, countEach, countInWindows, countSliding, countTokens, type Strict } from './strict-vendors.ts';

/** Every budget, ours and the vendors', is divided by this. */
export const FACTOR = 10;
/** The minute of all of them, shortened so that a measurement takes one. */
export const WINDOW_MS = 20_000;
export const AT_LEAST = 0.9;
/** Whole windows that the use is measured over. */
export const WINDOWS = 3;
/** CloudWatch's own quotas, calls a second. */
export const CLOUDWATCH_RATES = { DescribeAlarmHistory: 3, DescribeAlarms: 9, ListMetrics: 25, GetMetricData: 50 };
/** What a second becomes where budgets are divided and minutes shortened. */
const STRETCH = (FACTOR * WINDOW_MS) / 60_000;
/** GitHub's secondary limit: points a minute, of which a GET is one. Our own budget stays below it. */
const GITHUB_POINTS = 900;

export type VendorId = 'pagerduty' | 'cloudwatch' | 'github';
export type StrictVendors = Readonly<Record<VendorId, Strict>>;
/** How each vendor's answers are made small, so that few records take many calls. */
export type Shrinks = Partial<Readonly<Record<VendorId, (asked: Asked) => Asked>>>;

export function budgetOf(id: string): number {
  return CONNECTORS.find((connector) => connector.id === id)?.limits.requestsPerMinute ?? Number.NaN;
}

/** The three stand-ins, each counting calls as its vendor does, by budgets that are divided by the factor. */
export function strictVendors(world: World, shrinks: Shrinks): StrictVendors {
  const window = (perMinute: number) => [perMinute / FACTOR, WINDOW_MS] as const;
  const asIs = (asked: Asked) => asked;
  const { pagerduty = asIs, cloudwatch = asIs, github = asIs } = shrinks;
  return {
    pagerduty: countBy(pagerDutyVendor(world), countInWindows(...window(budgetOf('pagerduty'))), pagerduty),
    cloudwatch: countBy(
      cloudWatchVendor(world),
      countAll(countTokens(...window(budgetOf('cloudwatch'))), countEach(CLOUDWATCH_RATES, 1_000 * STRETCH)),
      cloudwatch,
    ),
    github: countBy(gitHubVendor(world), countSliding(...window(GITHUB_POINTS)), github),
  };
}

/**
 * The part of the budget that was used from the first call until the budgets of so many whole windows were spent. Whoever comes late
 * to the next window, or leaves some of one unused, takes longer. Nothing where fewer calls were made.
 */
export function useOf(arrived: readonly number[], budget: number): number | undefined {
  const [first, next] = [arrived[0], arrived[WINDOWS * budget]];
  return first === undefined || next === undefined ? undefined : (WINDOWS * WINDOW_MS) / (next - first);
}

export function refusals(id: string, { refused, arrived }: Strict): Held {
  return { text: `${id}: ${refused} of ${arrived.length} calls refused by the stand-in's own count, none may be`, held: refused === 0 };
}

export type Renewed = Budget & { start(): void };

/** With each budget divided by the factor: a minute's by fewer calls, an operation's own by a longer second. */
export function scaledBudget(): Renewed {
  return renewed((limits) =>
    limits.windowMs === undefined
      ? { ...limits, requestsPerMinute: limits.requestsPerMinute / FACTOR }
      : { ...limits, windowMs: limits.windowMs * STRETCH },
  );
}

/** The product's limiter with the short minute; a new one once `start` is called. */
export function renewed(scaled: (limits: BudgetLimits) => BudgetLimits): Renewed {
  let limiter = createLimiter();
  return {
    start: () => {
      limiter = createLimiter(wallStopwatch(), { windowMs: WINDOW_MS });
    },
    limited: (source, limits, task, signal) => limiter.limited(source, scaled(limits), task, signal),
    observe: (source, limits, seen) => limiter.observe(source, scaled(limits), seen),
  };
}

export function timeOf(text: string): Instant {
  const found = parseInstant(text);
  if (!found) throw new Error(`not a time: ${text}`);
  return found;
}

export function configOf(store: string, url: Readonly<Record<VendorId, string>>): object {
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
