import { expect, it } from 'vitest';
import type { Finding } from '../../../src/core/analysis/analyze.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { evidenceIdOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

/** What the coverage section says of a finding. */
function said(code: Finding['code'], subject: string): readonly string[] {
  const theCase = sampleCase();
  const finding: Finding = { code, subject, cites: [{ evidence: evidenceIdOf('finding') }] };
  const draft = compose(theCase, { ...sampleAnalysis(theCase), findings: [finding] }, [], 'sha256:draft');
  const blocks = draft.sections.find(({ key }) => key === 'coverage')?.blocks ?? [];
  return blocks.flatMap((block) => (block.kind === 'caveat' && block.key.startsWith('coverage.finding.') ? [block.what.text] : []));
}

it.each([
  ['clock_offset', 'github is 4 s ahead', 'Clocks differ: github is 4 s ahead. Times are shown as each source gave them.'],
  ['name_unknown', 'Mary Watson', 'A name in the record could not be turned into a role: Mary Watson. Give it one under people.'],
  [
    'incident_overlaps',
    'pagerduty/incident:PDEF',
    'Another incident overlaps this one: pagerduty/incident:PDEF. Add it by --with PDEF if it is the same outage.',
  ],
  ['source_empty', 'pagerduty/alerts', 'A source answered with nothing: pagerduty/alerts.'],
] as const)('a finding of %s is one sentence that says what to do', (code, subject, sentence) => {
  expect(said(code, subject)).toEqual([sentence]);
});

it('milestones in the wrong order are worded beside the durations, and not twice', () => {
  expect(said('milestones_inverted', 'detected before impact_started')).toEqual([]);
});
