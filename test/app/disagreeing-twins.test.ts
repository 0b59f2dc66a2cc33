import { expect, it } from 'vitest';
import { draftVariant } from '../support/staged-world.ts';

/** The pager hears of the deployment of 14:15 at another time. */
const heardAt = (clock: string) =>
  draftVariant({
    world: ({ pagerduty }) => ({
      pagerduty: {
        ...pagerduty,
        change_events: pagerduty.change_events.map((one) => (one.service === 'PAPI001' ? { ...one, at: `2024-01-15T${clock}Z` } : one)),
      },
    }),
  });

it.each(['14:19:03', '14:11:00'])(
  'a deployment that the pager tells at %s and GitHub at 14:15 is one row, and that they disagree is said',
  async (clock) => {
    const { section, drafted } = await heardAt(clock);
    const [finding, ...others] = drafted.draft.analysis.findings.filter(({ code }) => code === 'clocks_disagree');
    expect(others).toEqual([]);
    expect(finding?.subject).toBe(`the end of a deployment at 14:15 by github and at ${clock.slice(0, 5)} by pagerduty/change_events`);
    expect(finding?.cites).toHaveLength(2);
    expect(section('timeline').match(/v2\.3\.4 deployed to production/g)).toHaveLength(1);
    expect(section('coverage')).toContain('Two sources tell one happening at two times: the end of a deployment at 14:15 by github');
  },
);

it('what a relay may take is no disagreement', async () => {
  const { drafted } = await heardAt('14:16:20');
  expect(drafted.draft.analysis.findings.map(({ code }) => code)).not.toContain('clocks_disagree');
});
