import { describe, expect, it } from 'vitest';
import type { World, WorldLogEntry } from '../../demo/world.ts';
import { draftVariant, withIncident } from '../support/staged-world.ts';

const at = (clock: string) => `2024-01-15T${clock}:00Z`;

/** A tool has a user of its own in the pager, under this name, and does these things in the incident. */
function withProgram(name: string, ...deeds: readonly WorldLogEntry[]) {
  return (sample: World): Partial<World> => {
    const [jane] = sample.people;
    if (!jane) throw new Error('the sample has people');
    const program = { ...jane, id: 'program', name, pagerduty: 'PPROGRM', github: 'program-of-acme', email: 'x@acme.example' };
    return {
      ...withIncident(sample, ({ log }) => ({ log: [...log, ...deeds] })),
      people: [...sample.people, program],
    };
  };
}

const ACKNOWLEDGED = { at: at('14:33'), type: 'acknowledge', by: 'program' };
const codesOf = ({ drafted }: Awaited<ReturnType<typeof draftVariant>>) => drafted.draft.analysis.findings.map(({ code }) => code);

describe('an account of the pager with a name like a program’s', () => {
  it.each(['deploy-bot', 'Rundeck Automation', 'svc-oncall'])('%s counts as a person, and a finding asks which it is', async (name) => {
    const told = await draftVariant({ world: withProgram(name, ACKNOWLEDGED) });
    expect(told.drafted.draft.analysis.milestones.acknowledged).toMatchObject({ time: { at: '2024-01-15T14:33:00.000Z' } });
    expect(codesOf(told)).toContain('actor_may_be_automation');
    expect(told.markdown).toContain("has a name like a program's and counts as a person.");
    expect(told.markdown).not.toContain(name);
  });

  it('is none where the configuration says so: the first person’s acknowledgement counts', async () => {
    const people = [{ role: 'deploy bot', pagerduty: 'PPROGRM', automation: true }];
    const told = await draftVariant({ world: withProgram('deploy-bot', ACKNOWLEDGED), people });
    expect(told.drafted.draft.analysis.milestones.acknowledged).toMatchObject({ time: { at: '2024-01-15T14:35:00.000Z' } });
    expect(codesOf(told)).not.toContain('actor_may_be_automation');
    expect(told.section('timeline')).toContain('Deploy bot acknowledged the incident.');
  });

  it('is a person where the configuration says that, and by names as by roles', async () => {
    const person = [{ role: 'night shift', pagerduty: 'PPROGRM', automation: false }];
    expect(codesOf(await draftVariant({ world: withProgram('Jan Bot', ACKNOWLEDGED), people: person }))).not.toContain(
      'actor_may_be_automation',
    );
    const named = await draftVariant({ world: withProgram('Jan Bot', ACKNOWLEDGED), policy: { actors: 'names' } });
    expect(codesOf(named)).toContain('actor_may_be_automation');
    expect(named.section('timeline')).toContain('Jan Bot acknowledged the incident.');
  });

  it('is not asked about where its name is a person’s', async () => {
    expect(codesOf(await draftVariant({ world: withProgram('Sibylle Abbot', ACKNOWLEDGED) }))).not.toContain('actor_may_be_automation');
  });
});

describe('a note before any alarm', () => {
  const early = (by: { readonly by: string } | { readonly integration: string }) => ({
    at: at('14:31'),
    type: 'annotate',
    text: 'Latency is up.',
    ...by,
  });

  it('says that people knew where a person wrote it', async () => {
    expect(codesOf(await draftVariant({ world: withProgram('Ada Moss', early({ by: 'program' })) }))).toContain('known_before_alarm');
  });

  it('and not where an integration wrote it, or an account that reads like a program’s', async () => {
    const relay = await draftVariant({ world: withProgram('Ada Moss', early({ integration: 'PINTCW1' })) });
    expect(codesOf(relay)).not.toContain('known_before_alarm');
    expect(codesOf(await draftVariant({ world: withProgram('deploy-bot', early({ by: 'program' })) }))).not.toContain('known_before_alarm');
  });
});
