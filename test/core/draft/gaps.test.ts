import { describe, expect, it } from 'vitest';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Gap } from '../../../src/core/timeline/coverage.ts';
import { coverageLineOf, windowOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const forbidden = (path: string, permission: string, window = windowOf('12:00', '16:00')): Gap => ({
  window,
  reason: 'forbidden',
  detail: `the token may not read ${path}: it needs the permission ${permission}`,
});

/** What the coverage section says of the gaps of GitHub's streams. */
function saidOf(gaps: Readonly<Record<string, readonly Gap[]>>): readonly string[] {
  const coverage = Object.entries(gaps).map(([stream, own]) => coverageLineOf('github', stream, { gaps: own, status: 'failed' }));
  const theCase = sampleCase({ coverage });
  const draft = compose(theCase, { ...sampleAnalysis(theCase), coverage }, [], 'sha256:draft');
  const blocks = draft.sections.find(({ key }) => key === 'coverage')?.blocks ?? [];
  expect(draft.analysis.coverage).toEqual(coverage);
  return blocks.flatMap((block) => (block.kind === 'caveat' && /^coverage\.gaps?\./.test(block.key) ? [block.what.text] : []));
}

describe('gaps of one cause are one line', () => {
  it('a permission that is missing is told once, with every stream that needs it', () => {
    const contents = 'contents=read on acme/api';
    const told = saidOf({
      comparisons: ['/repos/acme/api/compare/a...b', '/repos/acme/api/compare/b...c'].map((path) => forbidden(path, contents)),
      pushes: [forbidden('/repos/acme/api/activity', contents, windowOf('11:00', '15:00'))],
      releases: [forbidden('/repos/acme/api/releases', contents)],
    });
    expect(told).toEqual([
      'github/comparisons, pushes and releases, 11:00 to 16:00: reading it is not permitted. Detail: “the token may not read ' +
        '/repos/acme/api/compare/a...b: it needs the permission contents=read on acme/api” and 3 questions more for the same cause',
    ]);
  });

  it('what has to be granted elsewhere, or as another permission, is a line of its own', () => {
    const path = '/repos/acme/api/pulls';
    const needs = ['pull_requests=read on acme/api', 'contents=read on acme/api', 'contents=read on acme/checkout'];
    expect(saidOf({ changes: needs.map((permission) => forbidden(path, permission)) })).toHaveLength(3);
  });

  it('what was lost of another time is a line of its own, since each window says what is missing', () => {
    const lost = (from: string, to: string): Gap => ({ window: windowOf(from, to), reason: 'retention', detail: 'kept for 30 days' });
    expect(saidOf({ alarms: [lost('11:00', '12:00'), lost('13:00', '14:00')] })).toHaveLength(2);
  });

  it('of many questions alike the first five are told, and the others counted', () => {
    const gone = (alarm: number): Gap => ({
      window: windowOf('12:00', '16:00'),
      reason: 'unreadable',
      detail: `the alarm api-${alarm} is gone`,
    });
    const told = saidOf({ alarms: Array.from({ length: 60 }, (_, alarm) => gone(alarm)) });
    expect(told).toHaveLength(6);
    expect(told.at(-1)).toBe('github/alarms, 12:00 to 16:00: records could not be read, in 55 questions more. The JSON has each.');
  });
});
