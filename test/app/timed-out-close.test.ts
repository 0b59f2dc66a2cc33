import { expect, it } from 'vitest';
import { draftVariant, withIncident } from '../support/staged-world.ts';

it('an incident that its auto-resolve timeout closed was closed by that, and by nobody of the name of its service', async () => {
  const { section, drafted } = await draftVariant({
    world: (sample) =>
      withIncident(sample, ({ log }) => ({
        log: [...log.filter(({ type }) => type !== 'resolve'), { at: '2024-01-15T15:50:00Z', type: 'resolve', automatic: true }],
      })),
  });
  expect(section('timeline')).toContain('The incident was closed by its auto-resolve timeout.');
  expect(section('summary')).toContain('The incident was closed at 15:50, by its auto-resolve timeout.');
  expect(drafted.draft.analysis.milestones.resolved).toMatchObject({ known: true, time: { at: '2024-01-15T15:50:00.000Z' } });
  // The metric alone tells when the service was normal again.
  expect(drafted.draft.analysis.milestones.recovered).toMatchObject({ known: true, rule: 'every_impact_series_normal' });
});
