import { describe, expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant, shifted, withApi, withDeployment, withErrors, withIncident } from '../support/staged-world.ts';

const LEAKED = 1305550234;
const ROLLBACK = 1305550299;
const BETWEEN = '3520679b7605da80ca1d5275c2c6572d96a0ab28';
const GOOD = 'dac31aa679972c25586112cb48db232900b291a4';
const LEAK = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
const at = (clock: string) => `2024-01-15T${clock}:00Z`;
const failedAt = (clock: string) => [
  { at: at('14:09'), state: 'in_progress' },
  { at: at(clock), state: 'failure' },
];

describe('a rollback', () => {
  it('that did not help is not said to have been followed by recovery', async () => {
    const world = await draftVariant({
      world: (sample) => ({
        ...withErrors(sample, [480, 1900, 4100, ...Array(47).fill(7335), 2000, 300], [['14:32', '15:23']]),
        ...withIncident(sample, ({ log }) => ({
          log: log.map((entry) => (entry.type === 'resolve' ? { ...entry, at: at('15:28') } : entry)),
        })),
      }),
    });
    expect(world.section('summary')).toContain(
      'The deployment of v2.3.4 to production was rolled back at 14:47, and the impact went on: the service was normal only at 15:21.',
    );
    expect(world.drafted.draft.analysis.suspectVerdict).toBe('none');
    expect(world.markdown).not.toMatch(/followed by recovery|Recovery followed/);
  });

  it('that ended when the errors were over already has not ended them', async () => {
    const flapping = [480, 1900, 4100, 5000, 20, 10, 4000, 4200, 10, 30, 4000, 5000, 10, 10, 4000, 4000, 10];
    const firings = [
      ['14:32', '14:34'],
      ['14:36', '14:38'],
      ['14:40', '14:42'],
      ['14:44', '14:46'],
    ] as const;
    const { section, markdown } = await draftVariant({ world: (sample) => withErrors(sample, flapping, firings) });
    expect(section('summary')).toContain('It was rolled back at 14:47, when the service was normal already.');
    expect(markdown).not.toMatch(/followed by recovery|Recovery followed/);
  });

  it('begun after somebody had closed the incident too early is still seen', async () => {
    const { drafted, section } = await draftVariant({
      world: (sample) =>
        withIncident(sample, ({ log }) => ({
          log: [...log.filter((entry) => entry.at < at('14:38')), { at: at('14:39'), type: 'resolve', by: 'jane' }],
        })),
    });
    expect(drafted.draft.analysis.durations.time_to_reverse).toMatchObject({ status: 'measured', span: { ms: 120_000 } });
    expect(section('summary')).toContain('It was rolled back at 14:47');
  });

  it('of which no status was ever written is called a rollback, and nothing is said to have ended', async () => {
    const { drafted, markdown, section } = await draftVariant({
      world: (sample) => ({
        ...withApi(sample, ({ deployments }) => ({ deployments: deployments.map((one) => ({ ...one, statuses: [] })) })),
        pagerduty: { ...sample.pagerduty, change_events: [] },
      }),
    });
    const { milestones, durations } = drafted.draft.analysis;
    expect(milestones.suspect_deployed).toMatchObject({ known: false, wanted: expect.stringContaining('only its start') });
    expect(durations.deployment_to_detection).toEqual({ status: 'unknown', missing: ['suspect_deployed'] });
    expect(section('durations')).toContain('unknown: no end of the suspect deployment seen');
    expect(section('durations')).toContain('unknown: no end of the reversal seen');
    expect(section('summary')).toContain('Its rollback began at 14:45; the record holds no end of it.');
    expect(section('code_fix')).toContain('Rollback to v2.3.3 was to reverse the suspect: it started at 14:45');
    expect(markdown).not.toMatch(/the revert in|reversed the suspect/);
  });
});

describe('a deployment', () => {
  it('that failed is said to have failed, and not to have finished', async () => {
    const { section } = await draftVariant({
      world: (sample) => ({
        ...withDeployment(sample, LEAKED, () => ({ statuses: failedAt('14:15') })),
        pagerduty: { ...sample.pagerduty, change_events: [] },
      }),
    });
    expect(section('summary')).toContain('the deployment of v2.3.4 to production, which failed at 14:15');
    expect(section('root_cause')).toContain('Deployment of v2.3.4 to production, failed at 14:15');
    expect(section('root_cause')).toContain('Against it: its rollout had failed before the impact started.');
  });

  it('after one that failed carries all that came since the last success, and the failed one was not taken back', async () => {
    const failed = { id: 1305550233, sha: BETWEEN, ref: 'v2.3.3-1', environment: 'production', creator: 'sam' };
    const { drafted, section } = await draftVariant({
      world: (sample) =>
        withApi(sample, ({ deployments }) => ({
          deployments: deployments.flatMap((one) =>
            one.id === LEAKED ? [{ ...failed, created_at: at('14:08'), statuses: failedAt('14:10') }, one] : [one],
          ),
        })),
    });
    const { changes, suspects } = drafted.draft.analysis;
    const leaked = changes.find(({ ref, environment }) => ref === 'v2.3.4' && environment === 'production');
    expect(leaked).toMatchObject({ revision: { from: GOOD, to: LEAK }, pullRequests: [{ number: 1231 }, { number: 1234 }] });
    expect(leaked?.files).toEqual(['docs/api-guide.md', 'src/cache.ts', 'src/routes/user-profile.ts']);
    const second = suspects.find(({ change }) => change === changes.find(({ ref }) => ref === 'v2.3.3-1')?.key);
    expect(second?.reasons.map(({ code }) => code)).not.toContain('reversed_then_recovered');
    expect(section('root_cause')).toContain('It touches 3 files');
  });

  it('of a branch tells which revision went out', async () => {
    const { drafted, section } = await draftVariant({
      world: (sample) => withApi(sample, ({ deployments }) => ({ deployments: deployments.map((one) => ({ ...one, ref: 'main' })) })),
    });
    expect(section('timeline')).toContain('| 14:15 | 4e09993 (main) deployed to production (started 14:12). |');
    expect(section('timeline')).toContain('Rollback to dac31aa (main) started.');
    expect(drafted.draft.analysis.running).toMatchObject([{ service: 'api', revision: LEAK }]);
  });

  it('whose sender names no environment goes to none', async () => {
    const { section } = await draftVariant({
      sources: ['pagerduty', 'aws-prod'],
      world: ({ pagerduty }) => ({
        pagerduty: { ...pagerduty, change_events: pagerduty.change_events.map(({ environment: _, ...event }) => event) },
      }),
    });
    expect(section('timeline')).toContain('| 14:15 | 4e09993 deployed. |');
  });

  it('that went to staging first was not the first step, where staging is read', async () => {
    const sharesUnsaid = (sample: World) =>
      withApi(sample, ({ deployments }) => ({
        deployments: deployments.map((one) => ({ ...one, statuses: one.statuses.map(({ at, state }) => ({ at, state })) })),
      }));
    const question = async (environments: readonly string[]) =>
      (await draftVariant({ environments, world: sharesUnsaid })).section('factors');
    expect(await question(['production', 'staging'])).toContain('The record of production and staging shows it in staging before.');
    expect(await question(['production'])).toContain('The record of production shows no smaller step before it.');
  });

  it('whose record names its share is asked about its steps, and one to all of the traffic about the first', async () => {
    const stepwise = (sample: World) =>
      withDeployment(sample, LEAKED, ({ statuses }) => ({
        statuses: statuses.flatMap((one) =>
          one.state === 'in_progress'
            ? [
                { ...one, description: 'Rolling out to 25% of production' },
                { at: '2024-01-15T14:13:30Z', state: 'in_progress', description: 'Rolling out to 100% of production' },
              ]
            : [one],
        ),
      }));
    expect((await draftVariant({})).section('factors')).toContain(
      'By its record, the deployment took all of the traffic at once. Is a smaller first step possible here, and what would it be watched by?',
    );
    expect((await draftVariant({ world: stepwise })).section('factors')).toContain(
      'Was each step of the rollout watched for long enough? The record shows 25 % and 100 % of the traffic.',
    );
  });

  it('to staging is no suspect beside one to production, also where no environment is configured', async () => {
    const { drafted, section } = await draftVariant({ environments: [] });
    const { changes, suspects } = drafted.draft.analysis;
    const staged = suspects.find(({ change }) => changes.find(({ key }) => key === change)?.environment === 'staging');
    expect(staged?.reasons.map(({ code }) => code)).toContain('other_environment');
    expect(staged?.score).toBeLessThan(0.5);
    expect(section('root_cause')).toContain('Against it: it went to an environment before production.');
    expect(section('root_cause')).toContain('1 reaches the score of 0.7 that makes a suspect');
  });

  it('to staging stays one where staging is the only environment that there is', async () => {
    const { drafted } = await draftVariant({
      environments: [],
      world: (sample) =>
        withApi(sample, ({ deployments }) => ({ deployments: deployments.map((one) => ({ ...one, environment: 'staging' })) })),
    });
    const codes = drafted.draft.analysis.suspects.flatMap(({ reasons }) => reasons.map(({ code }) => code));
    expect(drafted.draft.analysis.suspectVerdict).toBe('suspect');
    expect(codes).not.toContain('other_environment');
  });

  it('began after the impact is no suspect, whatever taking it back did', async () => {
    const { drafted, section } = await draftVariant({
      world: (sample) => ({
        ...withDeployment(sample, LEAKED, () => ({
          created_at: at('14:33'),
          statuses: [
            { at: at('14:33'), state: 'in_progress' },
            { at: at('14:35'), state: 'success' },
          ],
        })),
        pagerduty: { ...sample.pagerduty, change_events: [] },
      }),
    });
    expect(drafted.draft.analysis.suspectVerdict).toBe('none');
    expect(section('summary')).toContain(
      'No change in the record passes as a suspect. The deployment of v2.3.4 to production was rolled back',
    );
  });

  it('of which nobody can read anything leaves the cause unknown, and the mitigation too', async () => {
    const { drafted, section } = await draftVariant({
      world: ({ pagerduty }) => ({ pagerduty: { ...pagerduty, change_events: [] } }),
      standins: ({ github }) => github.fail({ path: /.*/, mode: 500 }),
    });
    expect(drafted.draft.analysis.suspectVerdict).toBe('unknown');
    expect(drafted.draft.analysis.milestones.mitigated).toMatchObject({ known: false, why: 'not_covered' });
    expect(section('summary')).toContain('Whether a change set it off is unknown, since the changes could not all be read.');
  });
});

describe('times', () => {
  it('after midnight carry their day once, and again only where it changes', async () => {
    const { section } = await draftVariant({ world: (sample) => shifted(sample, (16 * 24 + 9.45) * 3_600_000) });
    expect(section('summary')).toMatch(/degraded from 23:5[56](?:–23:57)? to 00:17 UTC on 1 February, for 21 min/);
    expect(section('summary')).toContain(
      'fired at 23:59 on 31 January, the on-call was paged at 00:00 on 1 February and the page was acknowledged at 00:02.',
    );
    expect(section('went_wrong')).toContain('between 00:02 and 00:12 on 1 February 2024?');
  });

  it('that a metric of an hour cannot tell apart are not told apart', async () => {
    const { section, markdown } = await draftVariant({
      world: ({ now }) => ({ now: new Date(Date.parse(now) + 100 * 86_400_000).toISOString() }),
    });
    expect(section('root_cause')).toContain(
      'It was rolled back, and recovery came at about that time; the record does not tell whether one led to the other.',
    );
    expect(markdown).not.toMatch(/followed by recovery|Recovery followed/);
  });
});

describe('an end of the impact', () => {
  it('that no metric was read of is not called unseen', async () => {
    const { drafted, section } = await draftVariant({ sources: ['pagerduty', 'github'] });
    expect(section('summary')).toContain('degraded from about 14:30 UTC on; no metric was read that would show its end.');
    expect(drafted.draft.analysis.milestones.recovered).toMatchObject({ known: false, why: 'not_covered' });
  });

  it('that a flat metric does not show is not called unseen either', async () => {
    const flat = { mean: 0, daily: 0, noise: 0 };
    const { section } = await draftVariant({
      world: ({ cloudwatch }) => ({
        cloudwatch: {
          ...cloudwatch,
          metrics: cloudwatch.metrics.map((one) => (one.id === 'api-5xx' ? { ...one, shape: flat, episodes: [] } : one)),
        },
      }),
    });
    expect(section('summary')).toContain('degraded from about 14:30 UTC on; no metric shows its end.');
    expect(section('graphs')).toContain('Values, times in UTC: 0 from 14:00 to 15:11.');
  });
});

it('a metric that fell shows its lowest value', async () => {
  const { section } = await draftVariant({
    world: (sample) => {
      const { metrics, alarms } = withErrors(sample, [-3, -6, -8, ...Array(15).fill(-9), -6, -4, -2], [['14:32', '14:52']]).cloudwatch;
      const healthy = { name: 'HealthyHostCount', kind: 'gauge' as const, shape: { mean: 12, daily: 0, noise: 0.02 } };
      const below = { comparison: 'LessThanThreshold', threshold: 8, statistic: 'Average' };
      return {
        cloudwatch: {
          ...sample.cloudwatch,
          metrics: metrics.map((one) => (one.id === 'api-5xx' ? { ...one, ...healthy } : one)),
          alarms: alarms.map((one) => (one.name === 'api-HighErrorRate' ? { ...one, ...below } : one)),
        },
      };
    },
  });
  expect(section('graphs')).toContain('lowest 3 at 14:32');
});

it('two services: only the one whose metric departed was degraded, and each change says whose it is', async () => {
  const second = 'Q1CHKSECOND001';
  const { section } = await draftVariant({
    world: ({ pagerduty }) => {
      const log = [
        { at: at('14:36'), type: 'trigger', by: 'sam' },
        { at: at('14:37'), type: 'acknowledge', by: 'sam' },
        { at: at('14:58'), type: 'resolve', by: 'sam' },
      ];
      const page = {
        id: second,
        number: 4822,
        title: 'Checkout',
        service: 'PCHK001',
        urgency: 'high' as const,
        status: 'resolved' as const,
      };
      return { pagerduty: { ...pagerduty, incidents: [...pagerduty.incidents, { ...page, created_at: at('14:36'), log }] } };
    },
    request: { with: [second] },
  });
  expect(section('summary')).toContain('the service api was degraded');
  expect(section('timeline')).toContain('118 of checkout deployed to production');
  expect(section('root_cause')).toMatch(/118 of checkout to production, finished at 14:21: .*Against it: it changed another service\./);
  expect(section('actions')).toContain('| service owner of api |');
});

describe('another incident of the service at the same time', () => {
  const second = 'Q1API0SECOND01';
  const world = ({ pagerduty }: World) => {
    const log = [
      { at: at('14:41'), type: 'trigger', by: 'sam' },
      { at: at('14:55'), type: 'resolve', by: 'sam' },
    ];
    const page = {
      id: second,
      number: 4823,
      title: 'Logins fail',
      service: 'PAPI001',
      urgency: 'high' as const,
      status: 'resolved' as const,
    };
    return { pagerduty: { ...pagerduty, incidents: [...pagerduty.incidents, { ...page, created_at: at('14:41'), log }] } };
  };

  it('is offered with its reason, and does not join by itself', async () => {
    const { drafted, section } = await draftVariant({ world });
    expect(section('coverage')).toContain(
      `Another incident overlaps this one: #4823 “Logins fail”, opened 14:41, closed 14:55. It is of the same service, api. Add it by --with ${second} if it is the same outage.`,
    );
    expect(drafted.snapshot.incidents).toEqual(['pagerduty/incident:Q1POOL0EXHAUST']);
    expect(drafted.draft.analysis.findings).toMatchObject([{ code: 'incident_overlaps', subject: `pagerduty/incident:${second}` }]);
  });

  it('that was added is not offered again, and none is looked for where no related ones are wanted', async () => {
    const added = await draftVariant({ world, request: { with: [second] } });
    const unwanted = await draftVariant({ world, request: { related: false } });
    for (const { drafted } of [added, unwanted]) {
      expect(drafted.draft.analysis.findings.map(({ code }) => code)).not.toContain('incident_overlaps');
    }
    expect(added.drafted.snapshot.incidents).toHaveLength(2);
  });
});

it('two services that broke one after the other: each change is weighed against the impact of its own', async () => {
  const { drafted, section } = await draftVariant({ request: { with: ['Q1CHKLATENCY01'] } });
  const { changes, suspects, suspectVerdict } = drafted.draft.analysis;
  const codesOf = (ref: string) => {
    const change = changes.find((one) => one.ref === ref && one.reverses === undefined && one.environment === 'production');
    return suspects.find(({ change: key }) => key === change?.key)?.reasons.map(({ code }) => code);
  };
  expect(suspectVerdict).toBe('suspect');
  expect(section('summary')).toContain('The first suspect is the deployment of v2.3.4 of api to production, which finished at 14:15.');
  expect(codesOf('v2.3.4')).toEqual(expect.arrayContaining(['finished_before_impact', 'same_service', 'reversed_then_recovered']));
  expect(codesOf('118')).toContain('finished_after_impact');
});

it('an acknowledgement that lapsed links to the pager, not to an alarm', async () => {
  const { section } = await draftVariant({
    world: (sample) => withIncident(sample, ({ log }) => ({ log: [...log, { at: at('14:39'), type: 'assign', by: 'jane', to: 'maria' }] })),
  });
  expect(section('timeline')).toMatch(/lapsed, since it was handed on\. \| \[pagerduty\]/);
});

it('a page that nobody took says so, in the summary and in what went wrong', async () => {
  const only = (types: readonly string[]) =>
    draftVariant({
      world: (sample) =>
        withIncident(sample, ({ log }) => ({
          responders: [],
          log: [...log.filter(({ type }) => types.includes(type)), { at: at('14:57'), type: 'resolve', integration: 'PINTCW1' }],
        })),
    });
  const called = await only(['trigger', 'assign', 'notify']);
  expect(called.section('summary')).toContain('the on-call was paged at 14:33; no person acknowledged the page.');
  expect(called.section('went_wrong')).toContain('No person acknowledged the page.');
  const nobody = await only(['trigger']);
  expect(nobody.section('timeline')).toContain('The incident was opened; the record shows nobody whom the page reached.');
  expect(nobody.markdown).not.toContain('the on-call was paged');
  expect(nobody.section('actions')).toContain('Check how the page reaches the on-call');
});

it('without a rollback of the leak nothing was rolled back', async () => {
  const { drafted, markdown } = await draftVariant({ world: (sample) => withDeployment(sample, ROLLBACK, undefined) });
  expect(drafted.draft.analysis.milestones.reversed).toMatchObject({ known: false, why: 'not_seen' });
  expect(markdown).not.toMatch(/rolled back|The reversal/);
});
