import { expect, it } from 'vitest';
import type { Change } from '../../../src/core/analysis/changes.ts';
import type { Suspect } from '../../../src/core/analysis/suspects.ts';
import { gather } from '../../../src/core/draft/material.ts';
import { wordReason } from '../../../src/core/draft/reason-words.ts';
import { moment } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const theCase = sampleCase();
const analysis = sampleAnalysis(theCase);
const [first] = analysis.changes;
if (!first || !analysis.milestones.impact_started.known) throw new Error('the sample has a change and a start');
const [start] = analysis.milestones.impact_started.cites;
const deployment: Change = first;
const material = gather(theCase, analysis);

/** What the reasons of a change say, each resting on the change and on the start of the impact. */
function said(codes: readonly Suspect['reasons'][number]['code'][], own: Partial<Change> = {}): readonly (string | undefined)[] {
  const change = { ...deployment, ...own };
  const reasons = codes.map((code) => ({ code, weight: 3, cites: [...change.cites, { event: start }] as const }));
  const suspect: Suspect = { change: change.key, score: 0.9, reasons };
  return suspect.reasons.map((reason) => wordReason(reason, suspect, change, material));
}

it('says how long before the impact a change came, and that it came before only once', () => {
  expect(said(['within_look_back', 'finished_before_impact'])).toEqual(['it finished 14 min before the impact started', undefined]);
  expect(said(['finished_before_impact'])).toEqual(['it finished before the impact started']);
});

it('counts from the beginning of what had not ended, and says nothing of nearness while it was rolled out', () => {
  const { ended: _, ...open } = deployment;
  expect(said(['within_look_back'], { ...open, ended: moment('14:35') })).toEqual(['it began 17 min before the impact started']);
  expect(said(['within_look_back', 'under_way_at_impact'])).toEqual([undefined, 'it was being rolled out when the impact started']);
});

it('counts to the start of the impact, and not to the alarm that it was read from', () => {
  const [firing] = material.ours.filter(({ event }) => event.type === 'alert.fired');
  if (!firing || !analysis.milestones.impact_started.known) throw new Error('the sample has a firing');
  const impact_started = { ...analysis.milestones.impact_started, cites: [firing.event.id] } as const;
  const read = gather(theCase, { ...analysis, milestones: { ...analysis.milestones, impact_started } });
  const reason = { code: 'within_look_back', weight: 1, cites: [...deployment.cites, { event: firing.event.id }] } as const;
  const suspect: Suspect = { change: deployment.key, score: 0.9, reasons: [reason] };
  expect(wordReason(reason, suspect, deployment, read)).toBe('it finished 14 min before the impact started');
});

it('names the service whose own start it counts to, where that is not the start of the case', () => {
  const [later] = material.ours.filter(({ event }) => event.type === 'alert.fired');
  if (!later) throw new Error('the sample has a firing');
  const reason = { code: 'within_look_back', weight: 1, cites: [...deployment.cites, { event: later.event.id }] } as const;
  const suspect: Suspect = { change: deployment.key, score: 0.9, reasons: [reason] };
  expect(wordReason(reason, suspect, deployment, material)).toBe('it finished 17 min before the impact on api started');
});

it('calls times that lie within the bounds of each other about the same', () => {
  expect(said(['within_look_back'], { ended: moment('14:28:40') })).toEqual(['it finished about when the impact started']);
});

it('says of a flag that it was switched back, of everything else that it was rolled back', () => {
  expect(said(['reversed_then_recovered', 'impact_outlived_reversal'], { kind: 'flag' })).toEqual([
    'switching it back was followed by recovery',
    'the impact went on after it was switched back',
  ]);
  expect(said(['reversed_then_recovered'])).toEqual(['rolling it back was followed by recovery']);
});
