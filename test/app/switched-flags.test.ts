import { expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant, withApi, withIncident } from '../support/staged-world.ts';

/** A tool of feature flags tells the pager in words what was switched; nothing was deployed that day. */
function withFlags(sample: World, ...told: readonly (readonly [at: string, summary: string])[]): Partial<World> {
  const { pagerduty } = sample;
  const flag = { service: 'PAPI001', integration: 'PINTFLAG', source: 'flags' };
  const change_events = told.map(([at, summary], index) => ({ ...flag, id: `01HM6Z8FLAG${index}`, at: `2024-01-15T${at}:00Z`, summary }));
  const integrations = [...pagerduty.integrations, { id: 'PINTFLAG', name: 'LaunchDarkly', service: 'PAPI001' }];
  const isOld = ({ created_at }: { readonly created_at: string }) => created_at < '2024-01-15';
  return {
    pagerduty: { ...pagerduty, integrations, change_events },
    ...withApi(sample, ({ deployments }) => ({ deployments: deployments.filter(isOld) })),
  };
}

it('a flag that is told to be turned on and then off is a change and its reversal: the mitigation and the reasons follow', async () => {
  const { section, drafted } = await draftVariant({
    world: (sample) =>
      withFlags(
        sample,
        ['14:15', 'new-cache turned on for 100 %'],
        ['14:31', 'dark-mode enabled for everyone'],
        ['14:47', 'new-cache turned off'],
      ),
  });
  const { suspects, changes, milestones } = drafted.draft.analysis;
  const [first] = suspects;
  expect(changes.find(({ key }) => key === first?.change)?.began.at).toBe('2024-01-15T14:15:00.000Z');
  expect(first?.reasons.map(({ code }) => code)).toContain('reversed_then_recovered');
  expect(milestones.reversed).toMatchObject({ known: true, time: { at: '2024-01-15T14:47:00.000Z' } });
  expect(milestones.mitigated).toMatchObject({ known: true, rule: 'impact_halved_after_a_reversal' });
  expect(section('summary')).toMatch(/It was switched back at 14:47/);
});

it('a flag that is turned up by shares is one suspect with all of its steps, named by the last of them and by no time of the first', async () => {
  const { section, drafted } = await draftVariant({
    world: (sample) =>
      withFlags(
        sample,
        ['13:30', 'Flag new-cart on for 1 %'],
        ['14:00', 'Flag new-cart on for 5 %'],
        ['14:28', 'Flag new-cart on for 25 %'],
        ['14:31', 'Flag new-cart on for 50 %'],
        ['14:47', 'Flag new-cart off'],
      ),
  });
  const { suspects, changes, suspectVerdict } = drafted.draft.analysis;
  expect(suspectVerdict).toBe('suspect');
  expect(suspects.filter(({ change }) => change.includes('/config:'))).toHaveLength(1);
  expect(changes.find(({ key }) => key === suspects[0]?.change)?.steps).toHaveLength(4);
  expect(suspects[0]?.reasons.map(({ code }) => code)).toContain('reversed_then_recovered');
  expect(section('summary')).toContain(
    'The first suspect is the change by flags in 4 steps up to “Flag new-cart on for 50 %”, which ended at 14:31.',
  );
  expect(section('summary')).toContain('It was switched back at 14:47');
});

it('a rollback that only tidied up after a flag had ended the impact is not denied where the suspect is weighed', async () => {
  const at = (clock: string) => `2024-01-15T${clock}:00Z`;
  const tidied = (sample: World): Partial<World> => {
    const { pagerduty } = withFlags(sample, ['14:47', 'Flag profile-cache turned off']);
    const closed = withIncident({ ...sample, ...(pagerduty && { pagerduty }) }, ({ log }) => ({
      log: log.map((entry) => (entry.type === 'resolve' ? { ...entry, at: at('15:40') } : entry)),
    }));
    const { github } = withApi(sample, ({ deployments }) => ({
      deployments: deployments.map((one) => {
        if (one.id === 1305550234) return { ...one, statuses: one.statuses.filter(({ state }) => state !== 'inactive') };
        if (one.id !== 1305550299) return one;
        const statuses = [
          { at: at('15:20'), state: 'in_progress' },
          { at: at('15:22'), state: 'success' },
        ];
        return { ...one, created_at: at('15:20'), statuses };
      }),
    }));
    return { ...closed, github };
  };
  const { section } = await draftVariant({ world: tidied });
  expect(section('summary')).toContain('It was rolled back at 15:22, when the service was normal already.');
  expect(section('root_cause')).toContain('nothing had taken it back yet, and the impact ended after a later change of the same service');
});
