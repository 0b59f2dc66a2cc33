import { expect, it } from 'vitest';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Fact } from '../../../src/core/facts.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const LOCK = { path: 'package-lock.json', patch: `@@ -1,3 +1,3 @@\n${Array.from({ length: 40 }, (_, at) => `+line ${at}`).join('\n')}` };

/** The fix of the sample with one more file, which the suspect never touched. */
function diffOf(code: 'none' | 'files' | 'patch', change: (files: readonly object[]) => readonly object[] = (files) => [LOCK, ...files]) {
  const base = sampleCase({ draft: { authors: [], code, template: null } });
  const facts = base.facts.map((fact) => (fact.kind === 'change' && fact.files ? ({ ...fact, files: change(fact.files) } as Fact) : fact));
  const draft = compose({ ...base, facts }, sampleAnalysis(base), [], 'sha256:0');
  return draft.sections.flatMap(({ blocks }) => blocks).find(({ key }) => key === 'code_fix.diff');
}

it('the diff of a fix shows the files that the suspect touched, and counts the lines of the others', () => {
  expect(diffOf('patch')).toMatchObject({
    kind: 'code',
    cutLines: 43,
    text: expect.stringMatching(/^--- a\/src\/routes\/user-profile\.ts\n/),
  });
  expect(JSON.stringify(diffOf('patch'))).not.toContain('package-lock');
});

it('it shows all where the suspect touched none of them', () => {
  expect(diffOf('patch', () => [LOCK])).toMatchObject({ cutLines: 0, text: expect.stringContaining('+line 39') });
});

it.each(['none', 'files'] as const)('no line of it is printed under draft.code: %s', (code) => {
  expect(diffOf(code)).toBeUndefined();
});
