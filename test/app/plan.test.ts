import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ROUNDS, nextAsks, planGaps } from '../../src/app/plan.ts';
import type { PlanRead, PlanService, PlanState } from '../../src/app/plan-case.ts';
import type { Ask } from '../../src/app/ports.ts';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import type { Json } from '../../src/core/evidence.ts';
import type { Fact } from '../../src/core/facts.ts';
import { eventOf, factOf, incidentFactOf, instant, windowOf } from '../support/events.ts';

const ARN = 'arn:aws:cloudwatch:us-east-1:123456789012:alarm:api-HighErrorRate';
const SERIES = 'aws-prod/metric:AWS/ApplicationELB/HTTPCode_Target_5XX_Count?LoadBalancer=app%2Fapi#Sum';
const V233 = 'd'.repeat(40);
const V234 = '4'.repeat(40);
const FIX = 'a'.repeat(40);

const API: PlanService = {
  name: 'api',
  dependsOn: [],
  owns: ['pagerduty/service:PAPI001', 'aws-prod/alarm:api-*', 'github/repo:acme/api', 'github/repo:acme/api@production'],
  scopes: {
    pagerduty: { service_ids: ['PAPI001'] },
    'aws-prod': { alarm_prefixes: ['api-'] },
    github: { repositories: ['acme/api'], environments: ['production'] },
  },
};
const CHECKOUT: PlanService = {
  name: 'checkout',
  dependsOn: [],
  owns: ['pagerduty/service:PCHK001', 'aws-prod/alarm:checkout-*', 'github/repo:acme/checkout', 'github/repo:acme/checkout@production'],
  scopes: {
    pagerduty: { service_ids: ['PCHK001'] },
    'aws-prod': { alarm_prefixes: ['checkout-'] },
    github: { repositories: ['acme/checkout'], environments: ['production'] },
  },
};

const SOURCES = [
  { name: 'aws-prod', streams: ['alarms', 'alarm_history', 'series'] },
  { name: 'github', streams: ['deployments', 'deployment_statuses', 'comparisons', 'changes', 'releases'] },
  {
    name: 'pagerduty',
    streams: ['incidents', 'log_entries', 'alerts', 'notes', 'change_events', 'past_incidents', 'related_incidents', 'analytics'],
  },
];

function stateOf(overrides: Partial<PlanState> = {}): PlanState {
  return {
    select: { kind: 'incident', keys: ['pagerduty/incident:PABC'] },
    until: instant('16:00'),
    related: true,
    policy: DEFAULT_POLICY,
    services: [API, CHECKOUT],
    sources: SOURCES,
    alarmSources: { [ARN]: 'aws-prod' },
    asked: [],
    read: [],
    ...overrides,
  };
}

function read(source: string, stream: string, said: Partial<PlanRead>): PlanRead {
  return { source, stream, events: [], facts: [], ...said };
}

function alarmOf(name: string, seriesKey: string): Fact {
  return factOf({
    kind: 'alarm',
    key: `alarm:${ARN.replace('api-HighErrorRate', name)}`,
    comparison: 'above',
    threshold: 100,
    periodMs: 60_000,
    breaching: 2,
    outOf: 2,
    missing: 'notBreaching',
    seriesKeys: [seriesKey],
  });
}

function deployed(id: number, at: string, revision: string, repository = 'acme/api'): PlanRead {
  return read('github', 'deployments', {
    events: [
      eventOf('deployment.started', at, {
        key: `${id}`,
        stream: 'deployments',
        belongsTo: [`github/repo:${repository}@production`],
        correlationKeys: [`deployment:${repository}#${id}`, `sha:${revision}`],
        attributes: { 'deployment.id': `${id}`, 'vcs.ref.head.revision': revision },
      }),
    ],
  });
}

function merged(number: number, at: string, revision: string): PlanRead {
  return read('github', 'changes', {
    events: [
      eventOf('change.merged', at, {
        key: `${number}`,
        belongsTo: ['github/repo:acme/api'],
        correlationKeys: [`sha:${revision}`],
        attributes: { 'vcs.change.id': `${number}`, 'vcs.ref.head.revision': revision },
      }),
    ],
  });
}

const RECORD = read('pagerduty', 'incidents', { facts: [incidentFactOf()] });
const ALERT = read('pagerduty', 'alerts', {
  events: [
    eventOf('alert.fired', '14:33', {
      source: 'pagerduty',
      stream: 'alerts',
      correlationKeys: ['pagerduty/incident:PABC', `alarm:${ARN}`],
    }),
  ],
});

/** The sample, as far as the plan looks at it. */
const SECOND_ROUND: readonly PlanRead[] = [
  ALERT,
  read('aws-prod', 'alarms', {
    facts: [alarmOf('api-HighErrorRate', SERIES), alarmOf('checkout-HighLatency', 'aws-prod/metric:A/B#Average')],
  }),
  read('aws-prod', 'alarm_history', {
    events: [
      eventOf('alert.fired', '14:32', { correlationKeys: [`alarm:${ARN}`] }),
      eventOf('alert.fired', '14:10', {
        belongsTo: ['aws-prod/alarm:checkout-HighLatency'],
        correlationKeys: [`alarm:${ARN.replace('api-HighErrorRate', 'checkout-HighLatency')}`],
      }),
    ],
  }),
  deployed(233, '2024-01-11T16:10:00Z', V233),
  deployed(234, '14:12', V234),
  deployed(299, '14:45', V233),
  merged(1234, '13:31', V234),
  merged(1235, '15:21', FIX),
];

/** Asks and answers until the plan is done: each stream answers once with what was given for it, whatever is asked of it. */
function runPlan(
  start: PlanState,
  answers: readonly PlanRead[],
): { readonly rounds: readonly (readonly Ask[])[]; readonly last: PlanState } {
  const rounds: (readonly Ask[])[] = [];
  let state = start;
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const asks = nextAsks(state);
    if (asks.length === 0) break;
    rounds.push(asks);
    const streams = new Set(asks.map(({ source, stream }) => `${source}/${stream}`));
    const given = answers.filter(({ source, stream }) => streams.has(`${source}/${stream}`));
    state = { ...state, asked: [...state.asked, ...asks], read: [...state.read, ...given] };
  }
  return { rounds, last: state };
}

const names = (asks: readonly Ask[] | undefined) => asks?.map(({ source, stream }) => `${source}/${stream}`);
const keysOf = (asks: readonly Ask[] | undefined, stream: string) => asks?.filter((ask) => ask.stream === stream).map(({ keys }) => keys);

describe('the plan of the sample incident', () => {
  const { rounds, last } = runPlan(stateOf(), [RECORD, ...SECOND_ROUND]);

  it('asks for the incident first, by its key and nothing else', () => {
    expect(rounds[0]).toMatchObject([{ source: 'pagerduty', stream: 'incidents', keys: ['pagerduty/incident:PABC'] }]);
  });

  it('then lists what the incident and its windows say, each stream once', () => {
    expect(names(rounds[1])).toEqual([
      'aws-prod/alarm_history',
      'aws-prod/alarms',
      'github/changes',
      'github/deployments',
      'github/releases',
      'pagerduty/alerts',
      'pagerduty/analytics',
      'pagerduty/change_events',
      'pagerduty/incidents',
      'pagerduty/log_entries',
      'pagerduty/notes',
      'pagerduty/past_incidents',
      'pagerduty/related_incidents',
    ]);
  });

  it('asks for the windows that the policy gives around the trigger of 14:33, read at 16:00', () => {
    const windows = Object.fromEntries((rounds[1] ?? []).map(({ stream, window }) => [stream, window]));
    expect(windows['alarm_history']).toEqual(windowOf('12:33', '16:00'));
    expect(windows['deployments']).toEqual(windowOf('2024-01-14T14:33:00Z', '16:00'));
  });

  it('asks for the alarms of all services at once, so that noise is known as noise', () => {
    const scope: Json = { alarm_prefixes: ['api-', 'checkout-'] };
    expect(rounds[1]?.filter(({ stream }) => stream === 'alarms').map((ask) => ask.scope)).toEqual([scope]);
  });

  it('asks once for what a source lists for the whole account, however different the services are', () => {
    const metrics = {
      ...CHECKOUT,
      scopes: { ...CHECKOUT.scopes, 'aws-prod': { alarm_prefixes: ['checkout-'], metrics: ['AWS/SQS/Age'] } },
    };
    const asked = runPlan(stateOf({ services: [API, metrics] }), [RECORD]).rounds[1];
    expect(names(asked)?.filter((name) => name === 'aws-prod/alarms')).toHaveLength(2);
    expect(names(asked)?.filter((name) => name === 'aws-prod/alarm_history')).toHaveLength(1);
  });

  it('then asks for the series of the paged alarm alone: around the incident at its period, over the baseline at five minutes', () => {
    const series = rounds[2]?.filter(({ stream }) => stream === 'series');
    expect(series?.map(({ window, keys }) => ({ window, keys }))).toEqual([
      { window: windowOf('2024-01-01T14:33:00Z', '12:33'), keys: [`${SERIES}@300`] },
      { window: windowOf('2024-01-14T14:33:00Z', '16:00'), keys: [`${SERIES}@60`] },
    ]);
  });

  it('compares neighbors, the newest before the window included, and the fix with the newest revision in history', () => {
    expect(keysOf(rounds[2], 'comparisons')).toEqual([
      [`compare:acme/api#${V233}...${V234}`, `compare:acme/api#${V234}...${FIX}`, `compare:acme/api#${V234}...${V233}`].toSorted(),
    ]);
  });

  it('asks for the statuses of all three deployments and for the pull request that no list gave', () => {
    expect(keysOf(rounds[2], 'deployment_statuses')).toEqual([
      ['deployment:acme/api#233', 'deployment:acme/api#234', 'deployment:acme/api#299'],
    ]);
    expect(keysOf(rounds[2], 'changes')).toEqual([[`sha:${V233}@acme/api`]]);
  });

  it('is done after three rounds, with nothing left out', () => {
    expect(rounds).toHaveLength(3);
    expect(nextAsks(last)).toEqual([]);
    expect(planGaps(last)).toEqual([]);
  });
});

describe('a law of the plan', () => {
  it('two plans over the same reads in any order are one', () => {
    const asked = runPlan(stateOf(), [RECORD, ...SECOND_ROUND])
      .rounds.slice(0, 2)
      .flat();
    const expected = nextAsks(stateOf({ asked, read: [RECORD, ...SECOND_ROUND] }));
    expect(expected.length).toBeGreaterThan(4);
    fc.assert(
      fc.property(fc.shuffledSubarray([RECORD, ...SECOND_ROUND], { minLength: SECOND_ROUND.length + 1 }), (shuffled) => {
        expect(nextAsks(stateOf({ asked, read: shuffled }))).toEqual(expected);
      }),
    );
  });

  it('nothing is asked twice, and four rounds are the most', () => {
    const { rounds } = runPlan(stateOf(), [RECORD, ...SECOND_ROUND]);
    const places = rounds
      .flat()
      .flatMap(({ source, stream, window, keys }) =>
        (keys.length > 0 ? keys : ['']).map((key) => `${source} ${stream} ${window.from} ${key}`),
      );
    expect(new Set(places).size).toBe(places.length);
    expect(rounds.length).toBeLessThanOrEqual(MAX_ROUNDS);
  });
});

describe('an alarm', () => {
  const quiet = alarmOf('api-Quiet', 'aws-prod/metric:AWS/ApplicationELB/RequestCount#Sum');

  it('that did not move and that no page names is not asked for', () => {
    const { rounds } = runPlan(stateOf(), [RECORD, ...SECOND_ROUND, read('aws-prod', 'alarms', { facts: [quiet] })]);
    expect(keysOf(rounds[2], 'series')?.flat()).not.toContainEqual(expect.stringContaining('RequestCount'));
  });

  it('that watches a metric which the policy calls impact is asked for, moved or not', () => {
    const policy = { ...DEFAULT_POLICY, impact_metrics: [{ metric: 'AWS/ApplicationELB RequestCount' }] };
    const { rounds } = runPlan(stateOf({ policy }), [RECORD, ...SECOND_ROUND, read('aws-prod', 'alarms', { facts: [quiet] })]);
    expect(keysOf(rounds[2], 'series')?.flat()).toContain('aws-prod/metric:AWS/ApplicationELB/RequestCount#Sum@60');
  });

  it('moved where only its own last change of state says so: the history is gone after thirty days', () => {
    const moved = read('aws-prod', 'alarms', {
      facts: [quiet],
      events: [eventOf('alert.resolved', '14:52', { stream: 'alarms', correlationKeys: [quiet.key] })],
    });
    const { rounds } = runPlan(stateOf(), [RECORD, moved]);
    expect(keysOf(rounds[2], 'series')?.flat()).toHaveLength(2);
  });

  it('that a page names is asked for even where no service owns it', () => {
    const arn = ARN.replace('api-HighErrorRate', 'legacy-Errors');
    const page = read('pagerduty', 'alerts', {
      events: [eventOf('alert.fired', '14:33', { stream: 'alerts', correlationKeys: ['pagerduty/incident:PABC', `alarm:${arn}`] })],
    });
    const alarm = read('aws-prod', 'alarms', { facts: [alarmOf('legacy-Errors', 'aws-prod/metric:Legacy/Errors#Sum')] });
    const { rounds } = runPlan(stateOf({ alarmSources: { [arn]: 'aws-prod' } }), [RECORD, page, alarm]);
    expect(keysOf(rounds[2], 'series')?.flat()).toContain('aws-prod/metric:Legacy/Errors#Sum@60');
  });

  it('of another service moved and is left alone: it is noise, whatever it did', () => {
    const { rounds } = runPlan(stateOf(), [RECORD, ...SECOND_ROUND]);
    expect(keysOf(rounds[2], 'series')?.flat()).not.toContainEqual(expect.stringContaining('A/B'));
  });

  it('that a page names and no list gave is asked for by name, and its series in the fourth round', () => {
    const lists = SECOND_ROUND.filter(({ stream }) => stream !== 'alarms');
    const { rounds, last } = runPlan(stateOf(), [RECORD, ...lists]);
    expect(keysOf(rounds[2], 'alarms')).toEqual([[`alarm:${ARN}`]]);
    const found = read('aws-prod', 'alarms', { facts: [alarmOf('api-HighErrorRate', SERIES)] });
    expect(keysOf(nextAsks({ ...last, read: [...last.read, found] }), 'series')?.flat()).toEqual([`${SERIES}@300`, `${SERIES}@60`]);
  });

  it('that moved and was deleted since is a gap in words, since nothing says what it watched', () => {
    const lists = SECOND_ROUND.filter(({ stream }) => stream !== 'alarms');
    const { last } = runPlan(stateOf(), [RECORD, ...lists]);
    expect(planGaps(last)).toMatchObject([
      { source: 'aws-prod', stream: 'series', gap: { reason: 'not_offered', detail: expect.stringContaining('api-HighErrorRate') } },
    ]);
  });
});

describe('a deployment', () => {
  it('of the revision that already ran is compared with nothing', () => {
    const again = [deployed(233, '2024-01-11T16:10:00Z', V233), deployed(234, '14:12', V233), deployed(235, '14:20', V234)];
    const { rounds } = runPlan(stateOf(), [RECORD, ...again]);
    expect(keysOf(rounds[2], 'comparisons')).toEqual([[`compare:acme/api#${V233}...${V234}`]]);
  });
});

describe('a change that was merged and not deployed', () => {
  it('before the newest deployment began is in it already, and is compared with nothing', () => {
    const { rounds } = runPlan(stateOf(), [RECORD, deployed(234, '14:12', V234), merged(1230, '13:00', FIX)]);
    expect(keysOf(rounds[2], 'comparisons')).toEqual([]);
  });
});

describe('an incident', () => {
  it('asked for by its number goes on under its id', () => {
    const { rounds } = runPlan(stateOf({ select: { kind: 'incident', keys: ['pagerduty/incident:4821'] } }), [RECORD]);
    expect(rounds[0]?.[0]?.keys).toEqual(['pagerduty/incident:4821']);
    expect(keysOf(rounds[1], 'log_entries')).toEqual([['pagerduty/incident:PABC']]);
  });

  it('that was merged is followed to its target, which decides when it ended', () => {
    const source = incidentFactOf({ status: 'merged', mergedInto: 'pagerduty/incident:PXYZ', resolvedAt: instant('15:40') });
    const target = incidentFactOf({
      key: 'pagerduty/incident:PXYZ',
      number: 4822,
      triggeredAt: instant('14:35'),
      resolvedAt: instant('15:10'),
    });
    const first = stateOf();
    const second = { ...first, asked: nextAsks(first), read: [read('pagerduty', 'incidents', { facts: [source] })] };
    expect(nextAsks(second)).toMatchObject([{ stream: 'incidents', keys: ['pagerduty/incident:PXYZ'] }]);
    const third = {
      ...second,
      asked: [...second.asked, ...nextAsks(second)],
      read: [...second.read, read('pagerduty', 'incidents', { facts: [target] })],
    };
    expect(keysOf(nextAsks(third), 'log_entries')).toEqual([['pagerduty/incident:PABC', 'pagerduty/incident:PXYZ']]);
    expect(nextAsks({ ...third, until: instant('2024-01-18T00:00:00Z') }).find(({ stream }) => stream === 'alarms')?.window.to).toBe(
      instant('2024-01-16T15:10:00Z'),
    );
  });

  it('whose merge target cannot be read is drafted without it, and the gap says so', () => {
    const source = incidentFactOf({ status: 'merged', mergedInto: 'pagerduty/incident:PXYZ' });
    const { last } = runPlan(stateOf(), [read('pagerduty', 'incidents', { facts: [source] })]);
    expect(planGaps(last)).toMatchObject([{ stream: 'incidents', gap: { reason: 'unreadable', detail: expect.stringContaining('PXYZ') } }]);
    expect(last.asked.map(({ stream }) => stream)).toContain('log_entries');
  });

  it('still open ends at the time of the pull', () => {
    const { resolvedAt: _, ...open } = incidentFactOf({ status: 'open' });
    const { rounds } = runPlan(stateOf(), [read('pagerduty', 'incidents', { facts: [open] })]);
    expect(rounds[1]?.find(({ stream }) => stream === 'alarms')?.window.to).toBe(instant('16:00'));
  });

  it('that is not read stops the plan: there is no window to ask for', () => {
    expect(runPlan(stateOf(), []).rounds).toHaveLength(1);
  });

  it('lists the incidents around it, once, of its service and of what that depends on, and of no other', () => {
    const listed = (services: PlanState['services']) =>
      runPlan(stateOf({ services }), [RECORD, ...SECOND_ROUND])
        .rounds.flat()
        .filter(({ stream, keys }) => stream === 'incidents' && keys.length === 0)
        .map(({ window, scope }) => ({ window, scope }));
    const window = windowOf('12:33', '16:00');
    expect(listed([API, CHECKOUT])).toEqual([{ window, scope: { service_ids: ['PAPI001'] } }]);
    expect(listed([{ ...API, dependsOn: ['checkout'] }, CHECKOUT])).toEqual([{ window, scope: { service_ids: ['PAPI001', 'PCHK001'] } }]);
  });

  it('drafted without related incidents asks for none, and for everything else', () => {
    const [all, some] = [true, false].map((related) => names(runPlan(stateOf({ related }), [RECORD]).rounds[1]) ?? []);
    expect(all?.filter((name) => !some?.includes(name))).toEqual([
      'pagerduty/incidents',
      'pagerduty/past_incidents',
      'pagerduty/related_incidents',
    ]);
    expect(some).toContain('pagerduty/analytics');
  });
});

describe('a window that never paged', () => {
  const select = { kind: 'window', window: windowOf('14:00', '15:00'), service: 'api' } as const;

  it('lists the incidents of its service first, then asks as an incident does', () => {
    const { rounds } = runPlan(stateOf({ select }), SECOND_ROUND);
    expect(rounds[0]).toMatchObject([
      { stream: 'incidents', window: windowOf('12:00', '15:00'), keys: [], scope: { service_ids: ['PAPI001'] } },
    ]);
    expect(names(rounds[1])).toContain('aws-prod/alarm_history');
    expect(names(rounds[1])).not.toContain('pagerduty/alerts');
    expect(keysOf(rounds[2], 'series')?.flat()).toEqual([`${SERIES}@300`, `${SERIES}@60`]);
  });

  it('U1.2 asks for the log of the whole account, once, since incidents that began before it show nowhere else', () => {
    const logs = runPlan(stateOf({ select }), SECOND_ROUND)
      .rounds.flat()
      .filter(({ stream }) => stream === 'log_entries');
    expect(logs).toMatchObject([{ source: 'pagerduty', keys: [], scope: { service_ids: [] } }]);
    expect(logs.every(({ window }) => window.from <= select.window.from && window.to >= select.window.to)).toBe(true);
  });

  it('takes the incidents that were open at some time of it, the earliest first, and leaves those of other services and hours', () => {
    const facts = [
      incidentFactOf({ key: 'pagerduty/incident:PLATE', number: 2, triggeredAt: instant('14:50') }),
      incidentFactOf(),
      incidentFactOf({ key: 'pagerduty/incident:POTHER', number: 3, belongsTo: ['pagerduty/service:PCHK001'] }),
      incidentFactOf({ key: 'pagerduty/incident:PEARLY', number: 4, triggeredAt: instant('13:10'), resolvedAt: instant('13:59') }),
      incidentFactOf({ key: 'pagerduty/incident:PMERGED', number: 5, status: 'merged', triggeredAt: instant('13:50') }),
      incidentFactOf({ key: 'pagerduty/incident:PSINCE', number: 6, triggeredAt: instant('13:30') }),
    ];
    const { rounds } = runPlan(stateOf({ select }), [read('pagerduty', 'incidents', { facts })]);
    expect(keysOf(rounds[1], 'alerts')).toEqual([['pagerduty/incident:PSINCE', 'pagerduty/incident:PABC', 'pagerduty/incident:PLATE']]);
    expect(keysOf(rounds[1], 'log_entries')).toEqual([[]]);
  });
});

describe('what the plan leaves out, it says', () => {
  it('a source that no service owns anything at', () => {
    const { github: _, ...scopes } = API.scopes;
    const services = [{ ...API, scopes, owns: API.owns.filter((claim) => !claim.startsWith('github/')) }];
    const { last } = runPlan(stateOf({ services }), [RECORD]);
    expect(planGaps(last).map(({ source, stream, gap }) => `${source}/${stream} ${gap.reason}`)).toEqual([
      'github/deployments not_mapped',
      'github/releases not_mapped',
      'github/changes not_mapped',
    ]);
  });

  it('more than twenty pairs of revisions: the newest twenty are compared', () => {
    const many = Array.from({ length: 24 }, (_, index) => deployed(index, `13:${10 + index}`, `${index}`.padStart(40, '0')));
    const { rounds, last } = runPlan(stateOf(), [RECORD, ...many]);
    expect(keysOf(rounds[2], 'comparisons')?.flat()).toHaveLength(20);
    expect(keysOf(rounds[2], 'comparisons')?.flat()).toContain(`compare:acme/api#${'22'.padStart(40, '0')}...${'23'.padStart(40, '0')}`);
    expect(planGaps(last)).toContainEqual(
      expect.objectContaining({ stream: 'comparisons', gap: expect.objectContaining({ reason: 'budget' }) }),
    );
  });

  it('more than twenty repositories: the subject and what it depends on come first', () => {
    const far = Array.from({ length: 25 }, (_, index): PlanService => {
      const repository = `acme/far-${index}`;
      return {
        name: `far-${index}`,
        dependsOn: [],
        owns: [`github/repo:${repository}`],
        scopes: { github: { repositories: [repository] } },
      };
    });
    const last25 = far.at(-1)?.name ?? '';
    const { rounds, last } = runPlan(stateOf({ services: [...far, { ...API, dependsOn: [last25] }] }), [RECORD]);
    const listed = JSON.stringify(rounds[1]?.filter(({ stream }) => stream === 'deployments').map(({ scope }) => scope));
    expect(listed).toContain('acme/api');
    expect(listed).toContain('acme/far-24');
    expect(listed.match(/acme\//g)).toHaveLength(20);
    expect(planGaps(last)).toContainEqual(
      expect.objectContaining({ stream: 'deployments', gap: expect.objectContaining({ reason: 'budget' }) }),
    );
  });

  it('more than twenty commits without a pull request, asked for once', () => {
    const commits = Array.from({ length: 30 }, (_, index) => `${index}`.padStart(40, 'c'));
    const comparison = factOf({
      kind: 'comparison',
      key: `github/compare:acme/api#${V233}...${V234}`,
      base: V233,
      head: V234,
      status: 'ahead',
      commits,
      files: [],
      filesCut: false,
    });
    const { rounds, last } = runPlan(stateOf(), [RECORD, ...SECOND_ROUND, read('github', 'comparisons', { facts: [comparison] })]);
    expect(keysOf(rounds[3], 'changes')?.flat()).toHaveLength(20);
    expect(planGaps(last)).toMatchObject([{ stream: 'changes', gap: { reason: 'budget', detail: expect.stringContaining('10 more') } }]);
  });
});
