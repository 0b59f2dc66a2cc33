import type { Dice } from './dice.ts';

/** How a service says that it was rolled out. */
export type Way = 'deployments' | 'workflow_runs' | 'releases';

/** A service of the world, its repository and what is in it. */
export interface Place {
  readonly name: string;
  readonly repository: string;
  readonly pagerId: string;
  readonly way: Way;
  /** The parts of it that files, flags, queues and functions are named after. */
  readonly parts: readonly [string, ...string[]];
  /** Whether its rollouts go by steps. */
  readonly hasCanary: boolean;
  readonly hasStaging: boolean;
}

/** What the alarm that pages watches. */
export interface Watch {
  readonly kind: 'errors' | 'latency' | 'queue' | 'database' | 'function' | 'orders';
  /** The part of the service that it watches, where it watches one alone. */
  readonly part?: string;
  readonly name: string;
  readonly namespace: string;
  readonly metric: string;
  readonly statistic: string;
  readonly unit: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly comparison: 'above' | 'below';
  readonly periodMs: number;
  readonly breaching: number;
  readonly outOf: number;
}

export interface Stage {
  readonly subject: Place;
  readonly dependencies: readonly Place[];
  readonly others: readonly Place[];
  /** Whether the configuration names the dependencies. */
  readonly isDependencyKnown: boolean;
  readonly watch: Watch;
}

const SERVICES = ['checkout', 'search', 'orders', 'billing', 'profile', 'inventory', 'catalog', 'gateway', 'notify', 'ledger'] as const;
const PARTS = [
  'payments',
  'cart',
  'export',
  'login',
  'invoices',
  'images',
  'webhooks',
  'sessions',
  'pricing',
  'refunds',
  'reports',
  'coupons',
  'tax',
  'shipping',
] as const;

export function drawStage(dice: Dice): Stage {
  const names = dice.some(SERVICES, 6);
  const [first = 'api', ...rest] = names;
  const subject = drawPlace(first, dice);
  const dependencies = rest.slice(0, dice.whole(0, 2)).map((name) => drawPlace(name, dice));
  const others = rest.slice(2, 3 + dice.whole(0, 2)).map((name) => drawPlace(name, dice));
  return { subject, dependencies, others, isDependencyKnown: dice.chance(0.85), watch: drawWatch(subject, dice) };
}

function drawPlace(name: string, dice: Dice): Place {
  const [first = 'core', ...more] = dice.some(PARTS, dice.whole(3, 6));
  const way = dice.weighted({ deployments: 75, workflow_runs: 15, releases: 10 });
  return {
    name,
    repository: `acme/${name}`,
    pagerId: `P${name.toUpperCase().slice(0, 5)}`,
    way,
    parts: [first, ...more],
    hasCanary: way === 'deployments' && dice.chance(0.4),
    hasStaging: way === 'deployments' && dice.chance(0.5),
  };
}

function drawWatch({ name, parts }: Place, dice: Dice): Watch {
  const kind = dice.weighted({ errors: 40, latency: 20, queue: 11, database: 11, function: 9, orders: 9 });
  const isOfPart = kind === 'queue' || kind === 'function' || dice.chance(0.4);
  const part = isOfPart ? dice.pick(parts) : undefined;
  const scope = part ? `${name}-${part}` : name;
  const group = { LoadBalancer: `app/${name}/${dice.hex(16)}`, TargetGroup: `targetgroup/${scope}/${dice.hex(16)}` };
  const KINDS = {
    errors: ['AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', 'Sum', 'Count', group, 'HighErrorRate'],
    latency: ['AWS/ApplicationELB', 'TargetResponseTime', 'p99', 'Seconds', group, 'HighLatency'],
    queue: ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'Maximum', 'Seconds', { QueueName: `${scope}-events` }, 'QueueStuck'],
    database: ['AWS/RDS', 'DatabaseConnections', 'Average', 'Count', { DBInstanceIdentifier: `${scope}-db-1` }, 'TooManyConnections'],
    function: ['AWS/Lambda', 'Errors', 'Sum', 'Count', { FunctionName: scope }, 'FunctionErrors'],
    orders: ['Acme/Business', 'Completed', 'Sum', 'Count', { Service: name, ...(part && { Operation: part }) }, 'FewCompleted'],
  } as const;
  const [namespace, metric, statistic, unit, dimensions, suffix] = KINDS[kind];
  const [breaching, outOf] = dice.pick([
    [2, 2],
    [3, 3],
    [1, 1],
    [2, 3],
    [3, 5],
  ]);
  return {
    kind,
    ...(part && { part }),
    name: `${scope}-${suffix}`,
    namespace,
    metric,
    statistic,
    unit,
    dimensions,
    comparison: kind === 'orders' ? 'below' : 'above',
    periodMs: dice.chance(0.75) ? 60_000 : 300_000,
    breaching,
    outOf,
  };
}

/** What a change of a service touches: mostly one or two parts, and what comes along. Risky changes are larger (Mockus & Weiss 2000). */
export function drawFiles(place: Place, dice: Dice, isGuilty = false, watch?: Watch): readonly string[] {
  const part = watch?.part !== undefined && dice.chance(0.65) ? watch.part : dice.pick(place.parts);
  const extra = dice.chance(0.35) ? [dice.pick(place.parts)] : [];
  const isData = watch?.kind === 'database' ? dice.chance(0.55) : dice.chance(0.15);
  const files = [part, ...extra].flatMap((one) =>
    dice.some([`src/${one}/handler.ts`, `src/${one}/client.ts`, `src/${one}/model.ts`, `lib/${one}_view.ts`], dice.whole(1, 3)),
  );
  const beside = ['src/http/server.ts', 'package.json', 'package-lock.json', 'README.md', 'config/default.yaml', 'src/metrics.ts'];
  return [
    ...files,
    ...(isData ? [`db/migrations/${dice.whole(100, 999)}_${part}.sql`] : []),
    ...dice.some(beside, dice.whole(0, 2)),
    ...(dice.chance(0.5) ? [`test/${part}.test.ts`] : []),
    ...(dice.chance(isGuilty ? 0.2 : 0.1) ? Array.from({ length: dice.whole(15, 60) }, (_, at) => `src/generated/type-${at}.ts`) : []),
  ];
}

/** A change that nothing runs. */
export function drawIdleFiles(dice: Dice): readonly string[] {
  return dice.some(['README.md', 'docs/runbook.md', '.github/workflows/ci.yml', 'test/smoke.test.ts', 'CHANGELOG.md'], dice.whole(1, 3));
}
