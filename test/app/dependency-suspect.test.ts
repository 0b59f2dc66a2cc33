import { expect, it } from 'vitest';
import type { World } from '../../demo/world.ts';
import { draftVariant, withApi } from '../support/staged-world.ts';

const NEW = '6b954571b84337d86cbfd4426505200362675e99';
const OLD = '0c1da8e10835f3854db255e143796d2fadf074b0';
const at = (clock: string) => `2024-01-15T${clock}:00Z`;

/** Nothing of the API was deployed that day; the checkout went to 118 at 14:26, and back to 117 at 14:47. */
function ofCheckout(sample: World): Partial<World> {
  const { github } = withApi(sample, ({ deployments }) => ({
    deployments: deployments.filter(({ created_at }) => created_at < '2024-01-15'),
  }));
  const deployment = (id: number, sha: string, ref: string, from: string, to: string) => ({
    id,
    sha,
    ref,
    environment: 'production',
    creator: 'sam',
    created_at: at(from),
    statuses: [
      { at: at(from), state: 'in_progress' },
      { at: at(to), state: 'success' },
    ],
  });
  const told = [deployment(1305550301, NEW, '118', '14:24', '14:26'), deployment(1305550302, OLD, '117', '14:45', '14:47')];
  const repositories = github.repositories.map((one) =>
    one.full_name === 'acme/checkout'
      ? { ...one, deployments: [...one.deployments.filter(({ created_at }) => created_at < '2024-01-15'), ...told] }
      : one,
  );
  return { github: { ...github, repositories }, pagerduty: { ...sample.pagerduty, change_events: [] } };
}

it('a suspect of a service that ours depends on names that service, and it and its rollback stand in the timeline with the reason', async () => {
  const { section, drafted } = await draftVariant({ world: ofCheckout, dependsOn: ['checkout'] });
  expect(drafted.draft.analysis.suspectVerdict).toBe('suspect');
  expect(section('summary')).toContain('The first suspect is the deployment of 118 of checkout to production, which finished at 14:26.');
  expect(section('timeline')).toMatch(/\| 14:26 \| 118 of checkout deployed to production/);
  expect(section('timeline')).toMatch(/\| 14:47 \| Rollback to 117 of checkout finished/);
  expect(section('timeline')).toContain('rows of checkout: the first suspect, its reversal or a milestone is told there.');
  expect(section('root_cause')).toContain('1. Deployment of 118 of checkout to production, finished at 14:26');
  expect(section('root_cause')).toContain('It changed checkout, which this service depends on.');
});

it('a change of another service that is no suspect has no row: it is counted, and named where it is weighed', async () => {
  const { section } = await draftVariant({});
  expect(section('timeline')).not.toContain('checkout deployed');
  expect(section('timeline')).toMatch(/\d+ entries of other services/);
  expect(section('root_cause')).toContain('Against it: it changed another service, checkout.');
});
