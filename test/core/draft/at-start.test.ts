import { expect, it } from 'vitest';
import type { Running } from '../../../src/core/analysis/running.ts';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { coverageLineOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';
import { pagerDutyAlone } from './tellings.ts';

const [api] = sampleAnalysis(sampleCase()).running;
if (!api) throw new Error('the sample says what ran');
const runs = (service: string, revision: string, ageMs: number): Running => ({ ...api, service, revision, ageMs });

function blockOf(theCase: ReturnType<typeof sampleCase>, analysis: ReturnType<typeof sampleAnalysis>) {
  const { sections } = compose(theCase, analysis, [], 'sha256:draft');
  return sections.flatMap(({ blocks }) => blocks).find(({ key }) => key === 'root_cause.running');
}

function told(running: readonly Running[], overrides: Parameters<typeof sampleCase>[0] = {}) {
  const theCase = sampleCase(overrides);
  const block = blockOf(theCase, sampleAnalysis(theCase, { running }));
  return block && textOf(block);
}

it('says for each service what ran when the impact began, and for how long it had', () => {
  expect(told([api])).toBe('When the impact started, api ran v2.3.4, deployed 14 min before.');
  expect(told([api, runs('checkout', '6b954571b84337d86cbfd4426505200362675e99', 5 * 86_400_000)], { subject: ['api', 'checkout'] })).toBe(
    'When the impact started, api ran v2.3.4, deployed 14 min before. Checkout ran 6b95457, deployed 5 d before.',
  );
  expect(told([runs('api', 'v2.3.4', 0)])).toBe('When the impact started, api ran v2.3.4, deployed less than a minute before.');
});

it('cites the end of the deployment, not its diff', () => {
  const theCase = sampleCase();
  const block = blockOf(theCase, sampleAnalysis(theCase));
  expect(block).toMatchObject({ sentences: [{ cites: [{ event: expect.stringMatching(/#deployment\.succeeded$/) }] }] });
});

it('says of a service whose record holds nothing that it does not show it, and why that may be', () => {
  expect(told([])).toBe('The record of changes does not show what api ran when the impact started.');
  expect(told([api], { subject: ['api', 'checkout'] })).toContain(' The record of changes does not show what checkout ran then.');
  const cut = sampleCase().coverage.map((line) =>
    line.stream === 'deployments' ? coverageLineOf('github', 'deployments', { status: 'partial' }) : line,
  );
  expect(told([], { coverage: cut })).toBe(
    'The record of changes, which was not read in whole, does not show what api ran when the impact started.',
  );
});

it('says nothing where no changes were read', () => {
  const { theCase, analysis } = pagerDutyAlone();
  expect(blockOf(theCase, analysis)).toBeUndefined();
});
