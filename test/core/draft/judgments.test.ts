import { expect, it } from 'vitest';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Block } from '../../../src/core/draft/model.ts';
import { eventOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

type Judged = { readonly change: string; readonly verdict: 'confirmed' | 'rejected'; readonly reason: string };

/** What the root cause section says of judgments, in a draft whose ranking is as given. */
function saidOf(judged: readonly Judged[], ranked: 'ranked' | 'not ranked'): readonly string[] {
  const theCase = sampleCase();
  const analysis = sampleAnalysis(theCase);
  const events = judged.map((attributes, index) =>
    eventOf('suspect.judged', `15:0${index}`, {
      attributes,
      actor: { kind: 'person', id: 'manual:person:ann', name: 'service owner' },
    }),
  );
  const rows = events.map((event) => ({
    kind: 'single' as const,
    event,
    belongs: { service: 'api' },
    corroboratedBy: [],
  }));
  const suspects = ranked === 'ranked' ? analysis.suspects : [];
  const draft = compose(theCase, { ...analysis, suspects, timeline: [...analysis.timeline, ...rows] }, [], 'sha256:draft');
  const blocks = draft.sections.find(({ key }) => key === 'root_cause')?.blocks ?? [];
  return blocks.flatMap((block: Block) => (block.kind === 'caveat' && block.key.includes('.judged.') ? [block.what.text] : []));
}

const [first] = sampleAnalysis(sampleCase()).changes;
const change = first?.key ?? '';

it.each(['ranked', 'not ranked'] as const)('a rejection is told with who said it and why, of a suspect that is %s', (ranked) => {
  const [told, ...more] = saidOf([{ change, verdict: 'rejected', reason: 'the flag was off' }], ranked);
  expect(told).toMatch(/^Service owner rejected the .+: “the flag was off”\.$/);
  expect(more).toEqual([]);
});

it('of two judgments of one change the later counts, and a change that the record lacks is named by its key', () => {
  const told = saidOf(
    [
      { change, verdict: 'confirmed', reason: 'it was it' },
      { change, verdict: 'rejected', reason: 'it was not' },
      { change: 'jenkins/deployment:7', verdict: 'rejected', reason: 'It was a dry run.' },
    ],
    'ranked',
  );
  expect(told.map((text) => text.replace(/the deployment .*:/, 'it:'))).toEqual([
    'Service owner rejected it: “it was not”.',
    'Service owner rejected the change jenkins/deployment:7: “It was a dry run.”',
  ]);
});
