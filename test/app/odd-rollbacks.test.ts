import { describe, expect, it } from 'vitest';
import type { World, WorldDeployment } from '../../demo/world.ts';
import { draftVariant, withApi, withErrors, withIncident } from '../support/staged-world.ts';

const GOOD = 'dac31aa679972c25586112cb48db232900b291a4';
const LEAK = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
const FIX = 'a10c94a3e3978fa575d85fa39929a916ca2418c8';
const at = (clock: string) => `2024-01-15T${clock}:00Z`;

/** A deployment of the API to production, from its start to its success. */
function rollout(id: number, sha: string, started: string, done: string, task?: string): WorldDeployment {
  const statuses = [
    { at: at(started), state: 'in_progress' },
    { at: at(done), state: 'success' },
  ];
  const ref = sha === GOOD ? 'v2.3.3' : 'v2.3.4';
  return { id, sha, ref, environment: 'production', creator: 'maria', created_at: at(started), statuses, ...(task && { task }) };
}

/** The sample with these in place of all deployments of its last day, with these errors from 14:29 on, closed at 15:20. */
function worldOf(
  rollouts: readonly WorldDeployment[],
  minutes: readonly number[],
  firings: readonly (readonly [string, string])[],
): (sample: World) => Partial<World> {
  return (sample) => {
    const { pagerduty } = withIncident(sample, ({ log }) => ({
      log: log
        .filter(({ type, at: time }) => type !== 'annotate' && time < at('15:20'))
        .map((entry) => (entry.type === 'resolve' ? { ...entry, at: at('15:20') } : entry)),
    }));
    return {
      ...withErrors(sample, minutes, firings),
      ...withApi(sample, ({ deployments }) => ({
        deployments: [...deployments.filter(({ created_at }) => created_at < at('00:00')), ...rollouts],
      })),
      pagerduty: { ...pagerduty, change_events: [] },
    };
  };
}

/** The sample with no deployment of its last day but two changes of settings, of which the pager was told. */
function settings(...told: readonly (readonly [clock: string, summary: string])[]): (sample: World) => Partial<World> {
  return (sample) => {
    const world = worldOf([], [...errors(18), ...calm(40)], [['14:32', '14:49']])(sample);
    const [change_event] = sample.pagerduty.change_events;
    if (!change_event || !world.pagerduty) throw new Error('the sample holds no change event');
    const change_events = told.map(([clock, summary], index) => ({
      id: `01CONF00000000000000000${index}`,
      at: at(clock),
      service: change_event.service,
      integration: change_event.integration,
      summary,
      source: 'ops',
    }));
    return { ...world, pagerduty: { ...world.pagerduty, change_events } };
  };
}

const errors = (count: number) => Array<number>(count).fill(7_000);
const calm = (count: number) => Array<number>(count).fill(0);

describe('rollbacks that do not look like the sample', () => {
  it('one that was undone by a second rollout of the suspect is not said to have failed: the errors went and came with it', async () => {
    const { drafted, section, markdown } = await draftVariant({
      world: worldOf(
        [
          rollout(11, LEAK, '14:22', '14:26'),
          rollout(12, GOOD, '14:45', '14:47', 'rollback'),
          rollout(13, LEAK, '14:51', '14:53'),
          rollout(14, GOOD, '15:00', '15:02', 'rollback'),
        ],
        [...errors(18), ...calm(6), ...errors(9)],
        [
          ['14:32', '14:50'],
          ['14:56', '15:05'],
        ],
      ),
    });
    expect(drafted.draft.analysis.suspectVerdict).toBe('suspect');
    expect(section('summary')).toContain(
      'It was rolled back at 14:47. It went out again at 14:53 and was rolled back again at 15:02, and the service was normal',
    );
    expect(markdown).not.toContain('the impact went on');
  });

  it('one that set the impact off is the suspect, and not the change that it had taken away', async () => {
    const { drafted, section, markdown } = await draftVariant({
      world: worldOf(
        [rollout(21, LEAK, '10:00', '10:03'), rollout(22, GOOD, '14:24', '14:27', 'rollback'), rollout(23, LEAK, '14:46', '14:49')],
        errors(20),
        [['14:32', '14:51']],
      ),
    });
    const { suspects, changes, durations } = drafted.draft.analysis;
    const rollback = changes.find(({ reverses }) => reverses !== undefined);
    expect(suspects[0]?.change).toBe(rollback?.key);
    const taken = suspects.find(({ change }) => change === rollback?.reverses);
    expect(taken?.score).toBeLessThan(0.2);
    expect(taken?.reasons.map(({ code }) => code)).toContain('reversed_before_impact');
    expect(section('summary')).toContain(
      'The first suspect is the rollback to v2.3.3, which finished at 14:27. It was taken back at 14:49',
    );
    expect(section('root_cause')).toContain('Taking it back was followed by recovery.');
    expect(section('code_fix')).toContain('Deployment of v2.3.4 to production reversed the suspect, from 14:46 to 14:49.');
    expect(durations.time_to_mitigate).toMatchObject({ status: 'measured', span: { ms: 1_200_000 } });
    // The same revision once more is no fix of itself.
    expect(markdown).not.toContain('A later change of the same files');
  });

  it('a redeployment of what was out already is told as one, and brings no suspect by its nearness alone', async () => {
    const { drafted, section } = await draftVariant({
      world: worldOf([rollout(31, GOOD, '14:24', '14:27')], errors(20), [['14:32', '14:51']]),
    });
    expect(drafted.draft.analysis.suspectVerdict).toBe('none');
    expect(section('root_cause')).toContain('Against it: it brought no new revision: the same one was out already.');
  });

  it.each([
    [
      'failed',
      [
        { at: at('14:36'), state: 'in_progress' },
        { at: at('14:37'), state: 'failure' },
      ],
    ],
    ['hung', [{ at: at('14:36'), state: 'in_progress' }]],
  ])('one whose first try %s is the second try, and not a deployment that nobody explains', async (how, statuses) => {
    const first = { ...rollout(12, GOOD, '14:36', '14:37', 'rollback'), statuses };
    const { drafted, section } = await draftVariant({
      world: worldOf(
        [rollout(11, LEAK, '14:22', '14:26'), first, rollout(13, GOOD, '14:45', '14:47', 'rollback')],
        [...errors(18), ...calm(40)],
        [['14:32', '14:49']],
      ),
    });
    expect(section('summary')).toMatch(/It was rolled back at 14:47, and the service was normal (?:at|by) 14:47\./);
    expect(section('timeline')).toContain('| 14:47 | Rollback to v2.3.3 finished. |');
    expect(section('root_cause')).toContain('Rolling it back was followed by recovery.');
    expect(section('root_cause')).not.toContain('Deployment of v2.3.3');
    const told = /- A rollback of the first suspect failed at 14:37, before the one that finished at 14:47\./.test(section('went_wrong'));
    expect(told).toBe(how === 'failed');
    const { milestones } = drafted.draft.analysis;
    expect(milestones.reversed).toMatchObject({ time: { at: '2024-01-15T14:47:00.000Z' } });
    expect(milestones.mitigated).toMatchObject({ time: { at: '2024-01-15T14:47:00.000Z' } });
  });

  it('one to an older revision still, after the first one failed, takes back the same suspect', async () => {
    const failed = {
      ...rollout(12, GOOD, '14:36', '14:37'),
      statuses: [
        { at: at('14:36'), state: 'in_progress' },
        { at: at('14:37'), state: 'error' },
      ],
    };
    const older = { ...rollout(13, '14649769dd50ea10ded291dd2a8754ec823f631b', '14:45', '14:47'), ref: 'v2.3.2' };
    const { section } = await draftVariant({
      world: worldOf([rollout(11, LEAK, '14:22', '14:26'), failed, older], [...errors(18), ...calm(40)], [['14:32', '14:49']]),
    });
    expect(section('summary')).toContain(
      'The first suspect is the deployment of v2.3.4 to production, which finished at 14:26. It was rolled back at 14:47',
    );
  });

  it('one of two steps after which the errors went on has not ended them: the second has', async () => {
    const BETWEEN = '3520679b7605da80ca1d5275c2c6572d96a0ab28';
    const { drafted } = await draftVariant({
      world: worldOf(
        [
          rollout(11, BETWEEN, '14:12', '14:15'),
          rollout(12, LEAK, '14:18', '14:20'),
          rollout(13, BETWEEN, '14:38', '14:39', 'rollback'),
          rollout(14, GOOD, '14:45', '14:47', 'rollback'),
        ],
        [...errors(18), 5_200, 2_600, 700, ...calm(40)],
        [['14:32', '14:52']],
      ),
    });
    const { mitigated } = drafted.draft.analysis.milestones;
    expect(mitigated).toMatchObject({ known: true, time: { at: '2024-01-15T14:47:00.000Z' }, rule: 'impact_halved_after_a_reversal' });
  });

  it.each([
    ['14:27', 'Scaled pool from 200 to 20', '14:46', 'Scaled pool from 20 to 200'],
    ['14:27', 'Config change: pool.max set from 200 to 20', '14:46', 'Set pool.max from 20 to 200, by Maria'],
  ])('a setting put back in its own values took back the change before: %s %s, %s %s', async (set, first, back, second) => {
    const { drafted, section } = await draftVariant({
      world: settings([set, first], [back, second]),
    });
    const { suspects, changes, milestones } = drafted.draft.analysis;
    const reversal = changes.find(({ reverses }) => reverses !== undefined);
    expect(reversal?.began.at).toBe(`2024-01-15T${back}:00.000Z`);
    expect(suspects[0]?.change).toBe(reversal?.reverses);
    expect(suspects[0]?.reasons.map(({ code }) => code)).toContain('reversed_then_recovered');
    expect(milestones.mitigated).toMatchObject({ known: true, time: { at: `2024-01-15T${back}:00.000Z` } });
    expect(section('summary')).toContain(`It was switched back at ${back}, and the service was normal`);
    expect(suspects[0]?.reasons.map(({ code }) => code)).not.toContain('recovered_while_out');
  });

  it.each([
    ['an answer to the load and its end', '14:36', 'Scaled web from 4 to 8', '14:46', 'Scaled web from 8 to 4'],
    ['two values that are not the same', '14:27', 'Scaled pool from 200 to 20', '14:46', 'Scaled pool from 20 to 100'],
    ['two settings', '14:27', 'Scaled pool from 200 to 20', '14:46', 'Scaled cache from 20 to 200'],
    ['one that is only planned', '14:27', 'Scaled pool from 200 to 20', '14:46', 'Planned: scale pool from 20 to 200'],
    ['no values', '14:27', 'Scaled pool down', '14:46', 'Scaled pool up'],
    ['what came after the impact was over', '14:27', 'Scaled pool from 200 to 20', '15:05', 'Scaled pool from 20 to 200'],
  ])('no reversal is made of %s', async (_, set, first, back, second) => {
    const { drafted } = await draftVariant({ world: settings([set, first], [back, second]) });
    expect(drafted.draft.analysis.changes.filter(({ reverses }) => reverses !== undefined)).toEqual([]);
    expect(drafted.draft.analysis.milestones.reversed.known).toBe(false);
  });

  it.each([
    ['Canary aborted, rolled back', 'Rolling out to 25% of production', '25 % ran v2.3.4'],
    ['Canary aborted', 'Rolling out', 'v2.3.4 was being rolled out'],
    ['Error budget spent', 'Rolling out to 25% of production', '25 % ran v2.3.4'],
  ])('a canary that ended with %s ended what it began: its end is the mitigation', async (end, step, beside) => {
    const canary: WorldDeployment = {
      ...rollout(12, LEAK, '14:12', '14:47'),
      statuses: [
        { at: at('14:28'), state: 'in_progress', description: step },
        { at: at('14:47'), state: 'failure', description: end },
      ],
    };
    const { drafted, section } = await draftVariant({
      world: worldOf([rollout(11, GOOD, '10:00', '10:03'), canary], [...errors(18), ...calm(40)], [['14:32', '14:49']]),
    });
    const isSaid = end !== 'Error budget spent';
    const { milestones } = drafted.draft.analysis;
    expect(milestones.mitigated).toMatchObject({ known: true, time: { at: '2024-01-15T14:47:00.000Z' } });
    expect(section('summary')).toContain(`Its rollout ${isSaid ? 'was stopped' : 'failed'} at 14:47, and the service was normal`);
    expect(section('root_cause')).toContain(`Its rollout ${isSaid ? 'was stopped' : 'failed'}, and recovery followed`);
    expect(section('root_cause')).toContain(`api ran v2.3.3, deployed 4 h 26 min before; ${beside}.`);
    // It was out from its first step on, and of its way back the record holds the end alone.
    expect(milestones.suspect_deployed).toMatchObject({ known: true, time: { at: '2024-01-15T14:28:00.000Z' } });
    expect(section('durations')).toMatch(/Deployment to detection: start of the suspect deployment to detection\W+4 min/);
    expect(milestones.reversed).toMatchObject({
      known: true,
      time: { at: '2024-01-15T14:47:00.000Z' },
      basis: isSaid ? 'observed' : 'inferred',
    });
    expect(milestones.reversal_started).toMatchObject({
      known: false,
      wanted: expect.stringContaining(isSaid ? 'only its end' : 'only when it failed'),
    });
    expect(section('durations')).toContain('unknown: no start of the reversal seen, only its end');
  });

  it('a canary whose record says when its stop began gives the time to reverse', async () => {
    const canary: WorldDeployment = {
      ...rollout(12, LEAK, '14:12', '14:47'),
      statuses: [
        { at: at('14:12'), state: 'in_progress', description: 'Waiting at 0%' },
        { at: at('14:28'), state: 'in_progress', description: 'Rolling out to 25%' },
        { at: at('14:43'), state: 'in_progress', description: 'Error budget spent, aborting the canary: rolling back from 25%' },
        { at: at('14:47'), state: 'failure', description: 'Canary could not become healthy; rolled back' },
      ],
    };
    const { drafted, section } = await draftVariant({
      world: worldOf([rollout(11, GOOD, '10:00', '10:03'), canary], [...errors(18), ...calm(40)], [['14:32', '14:49']]),
    });
    const { milestones, durations, changes, suspects } = drafted.draft.analysis;
    expect(milestones.suspect_deployed).toMatchObject({ known: true, time: { at: '2024-01-15T14:28:00.000Z' } });
    expect(durations.time_to_reverse).toMatchObject({ status: 'measured', span: { ms: 240_000 } });
    // A step back is no step to more of the traffic.
    expect(changes.find(({ key }) => key === suspects[0]?.change)?.steps?.map(({ share }) => share)).toEqual([0, 0.25]);
    expect(section('summary')).toContain('Its rollout was stopped at 14:47');
  });

  it.each(['Rolling back would need a person', 'Rollback failed', 'It could not be rolled back'])(
    'a rollout that failed with "%s" was not stopped, and counts from its start still',
    async (end) => {
      const failed: WorldDeployment = {
        ...rollout(12, LEAK, '14:22', '14:47'),
        statuses: [
          { at: at('14:22'), state: 'in_progress', description: 'Rolling out to 25%' },
          { at: at('14:47'), state: 'failure', description: end },
        ],
      };
      const { drafted, markdown } = await draftVariant({
        world: worldOf([rollout(11, GOOD, '10:00', '10:03'), failed], [...errors(18), ...calm(40)], [['14:32', '14:49']]),
      });
      const { milestones } = drafted.draft.analysis;
      expect(milestones.suspect_deployed).toMatchObject({ known: true, time: { at: '2024-01-15T14:22:00.000Z' } });
      expect(milestones.reversed.known).toBe(false);
      expect(markdown).not.toMatch(/rollout was stopped/);
    },
  );

  it('a deployment that failed and says that its rollback failed took nothing back', async () => {
    const failed: WorldDeployment = {
      ...rollout(12, LEAK, '14:22', '14:47'),
      statuses: [
        { at: at('14:22'), state: 'in_progress' },
        { at: at('14:47'), state: 'failure', description: 'Rollback failed' },
      ],
    };
    const { drafted } = await draftVariant({
      world: worldOf([rollout(11, GOOD, '10:00', '10:03'), failed], [...errors(18), ...calm(40)], [['14:32', '14:49']]),
    });
    expect(drafted.draft.analysis.milestones.mitigated.known).toBe(false);
  });

  it('a fix that went out before the end is told as what the end came after, and is no rollback', async () => {
    const fix = { ...rollout(12, FIX, '14:44', '14:47'), ref: 'v2.3.5' };
    const { drafted, section } = await draftVariant({
      world: worldOf([rollout(11, LEAK, '14:12', '14:15'), fix], [...errors(18), ...calm(40)], [['14:32', '14:49']]),
    });
    const { suspects, milestones } = drafted.draft.analysis;
    expect(suspects[0]?.reasons.map(({ code }) => code)).toContain('fixed_then_recovered');
    expect(milestones.mitigated.known).toBe(false);
    expect(section('summary')).toMatch(/The impact ended about when the deployment of \S+ to production finished, at 14:47\./);
  });

  it.each([
    ['after', '14:40', '14:44', /The impact ended after the deployment of v9 to production, which finished at 14:44\./],
    ['during', '14:45', '14:55', /The impact ended during the deployment of v9 to production, before it finished at 14:55\./],
  ])(
    'the end %s what went out in place of the suspect, of which no file tells that it mends, is told beside it',
    async (_, from, to, said) => {
      const { section } = await draftVariant({
        world: worldOf(
          [rollout(11, LEAK, '14:12', '14:15'), { ...rollout(12, '9'.repeat(40), from, to), ref: 'v9' }],
          [...errors(18), ...calm(40)],
          [['14:32', '14:49']],
        ),
      });
      expect(section('summary')).toMatch(said);
      expect(section('root_cause')).toContain('nothing took it back, and the impact ended after a later change of the same service');
    },
  );

  it('one of two environments leaves the other out: what stayed there while the impact ended is no second suspect', async () => {
    const europe = { ...rollout(12, LEAK, '14:20', '14:27'), environment: 'production-eu' };
    const { drafted, section } = await draftVariant({
      environments: [],
      world: worldOf(
        [rollout(11, LEAK, '14:12', '14:15'), europe, rollout(13, GOOD, '14:45', '14:47', 'rollback')],
        [...errors(18), ...calm(40)],
        [['14:32', '14:49']],
      ),
    });
    const { suspects, changes } = drafted.draft.analysis;
    const stayed = changes.find(({ environment }) => environment === 'production-eu');
    expect(suspects.find(({ change }) => change === stayed?.key)?.score).toBeLessThan(0.3);
    expect(section('root_cause')).toContain('api ran v2.3.4 in production-eu, deployed 2 min before.');
  });
});
