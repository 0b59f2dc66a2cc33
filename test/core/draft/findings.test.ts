import { expect, it } from 'vitest';
import type { Finding } from '../../../src/core/analysis/analyze.ts';
import { digestText } from '../../../src/core/digest.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { evidenceIdOf, incidentFactOf, instant } from '../../support/events.ts';
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
  [
    'clock_offset',
    'pagerduty is 40 s to 52 s behind aws-prod',
    'Clocks differ: pagerduty is 40 s to 52 s behind aws-prod. This is measured, not applied; policy.clock_offsets corrects a clock.',
  ],
  ['name_unknown', 'Mary Watson', 'A name in the record could not be turned into a role: Mary Watson. Give it one under people.'],
  [
    'incident_overlaps',
    'pagerduty/incident:PDEF',
    'Another incident overlaps this one: pagerduty/incident:PDEF. Add it by --with PDEF if it is the same outage.',
  ],
  [
    'impact_metric_unread',
    'AWS/SQS NumberOfMessagesSent',
    'No values were read of AWS/SQS NumberOfMessagesSent, though policy.impact_metrics names it: the impact is judged without it.',
  ],
  ['source_empty', 'pagerduty/alerts', 'A source answered with nothing: pagerduty/alerts.'],
] as const)('a finding of %s is one sentence that says what to do', (code, subject, sentence) => {
  expect(said(code, subject)).toEqual([sentence]);
});

it('milestones in the wrong order are worded beside the durations, and not twice', () => {
  expect(said('milestones_inverted', 'detected before impact_started')).toEqual([]);
});

it('a clock that the policy corrects is told, and one of which nothing was read', () => {
  const theCase = sampleCase();
  const policy = { ...theCase.policy, clock_offsets: { pagerduty: '-45s', 'aws-prod': '1500ms', 'aws-dr': '2m' } };
  const draft = compose({ ...theCase, policy }, sampleAnalysis(theCase), [], 'sha256:draft');
  const blocks = draft.sections.find(({ key }) => key === 'coverage')?.blocks ?? [];
  const told = blocks.flatMap((block) => (block.kind === 'caveat' && block.key.startsWith('coverage.clock.') ? [block.what.text] : []));
  expect(told).toEqual([
    'pagerduty is corrected by policy.clock_offsets: its clock is taken to be 45 s behind. The sources show each time as it was found.',
    'aws-prod is corrected by policy.clock_offsets: its clock is taken to be 1,500 ms ahead. The sources show each time as it was found.',
    'policy.clock_offsets names aws-dr, of which nothing was read.',
  ]);
});

it('an incident that was merged into this one says what its own record would add, and how', () => {
  const theCase = sampleCase();
  const merged = incidentFactOf({
    key: 'pagerduty/incident:PDEF',
    number: 4822,
    title: 'Checkout slow',
    status: 'merged',
    mergedInto: theCase.incidents[0],
    resolvedAt: instant('14:36'),
  });
  const finding: Finding = { code: 'incident_overlaps', subject: merged.key, cites: [{ evidence: merged.evidence }] };
  const draft = compose(
    { ...theCase, facts: [...theCase.facts, merged] },
    { ...sampleAnalysis(theCase), findings: [finding] },
    [],
    'sha256:draft',
  );
  const told = draft.sections.flatMap(({ blocks }) => blocks.flatMap((block) => (block.kind === 'caveat' ? [block.what.text] : [])));
  expect(told).toContain(
    'Another incident was merged into this one: #4822 “Checkout slow”, opened 14:33, closed 14:36. ' +
      'What its own record tells from before is not read here: add it by --with PDEF.',
  );
});

it('hundreds of incidents that overlap are twenty lines and a number, and one that somebody wrote about stays', () => {
  const theCase = sampleCase();
  const others = Array.from({ length: 300 }, (_, number) => incidentFactOf({ key: `pagerduty/incident:P${1_000 + number}`, number }));
  const findings = others.map(({ key, evidence }): Finding => ({ code: 'incident_overlaps', subject: key, cites: [{ evidence }] }));
  const draftOf = (edits: Parameters<typeof compose>[2]) =>
    compose({ ...theCase, facts: [...theCase.facts, ...others] }, { ...sampleAnalysis(theCase), findings }, edits, 'sha256:draft');
  const linesOf = (draft: ReturnType<typeof draftOf>) =>
    draft.sections.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'caveat' && /^coverage\.findings?\./.test(block.key) ? [block] : [])),
    );
  const lines = linesOf(draftOf([]));
  expect(lines).toHaveLength(21);
  expect(lines.at(-1)?.what.text).toBe('There are 280 more of the kind incident_overlaps; the JSON has each.');
  const last = `coverage.finding.incident_overlaps.${digestText(others.at(-1)?.key ?? '').slice(7, 17)}`;
  const written = { sequence: 1, after: 0, author: 'Ann', at: instant('16:00'), generated: 'x', text: 'The same outage.' };
  const later = draftOf([{ ...written, kind: 'rewrite', block: last }]);
  expect(linesOf(later)).toHaveLength(22);
  expect(later.edits).toMatchObject([{ key: last, state: 'stale' }]);
});
