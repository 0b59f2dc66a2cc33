import { expect, it } from 'vitest';
import type { HeldAgainst, ImpactVoice } from '../../../src/core/analysis/impact-voices.ts';
import type { Milestone } from '../../../src/core/analysis/metrics.ts';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Moment } from '../../../src/core/time.ts';
import { moment, windowOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

type Known = Extract<Milestone, { readonly known: true }>;

const theCase = sampleCase();
const sampled = sampleAnalysis(theCase).milestones.impact_started;
if (!sampled.known) throw new Error('the sample has a start');
const start: Known = sampled;

const AGAINST: HeldAgainst = { value: 484, expected: 5.088, limit: 11.129, points: 30, course: 'day', periodMs: 60_000 };

/** What the draft says of a start at this time that one series told, held against this. */
function told(own: Partial<HeldAgainst>, time: Moment = start.time, more: Partial<ImpactVoice> = {}, basis: Known['basis'] = 'inferred') {
  const voice: ImpactVoice = {
    key: 'aws-prod/metric:AWS/X/Errors#Sum',
    metric: 'Errors',
    dimensions: {},
    basis: 'inferred',
    alarm: 'api-HighErrorRate',
    departed: time,
    against: { ...AGAINST, ...own },
    cites: [{ event: start.cites[0] }],
    ...more,
  };
  const analysis = sampleAnalysis(theCase, {
    impactSeries: [voice],
    milestones: { ...sampleAnalysis(theCase).milestones, impact_started: { ...start, time, basis } },
  });
  const { sections } = compose(theCase, analysis, [], 'sha256:draft');
  const blocks = sections.find(({ key }) => key === 'impact')?.blocks ?? [];
  const wordsOf = (name: string) =>
    blocks
      .filter(({ key }) => key === name)
      .map(textOf)
      .join('');
  return { basis: wordsOf('impact.basis'), method: wordsOf('impact.method') };
}

it('explains in one paragraph how the start was found, with the numbers that a reader can check', () => {
  expect(told({}).method).toBe(
    'How the start was found: each value is held against the middle of the 30 normal values before it and the noise around it. ' +
      'The usual course of the day was taken off first. The first value beyond that noise which led to the alarm is the start: 484 at 14:29. ' +
      'About 5.09 was usual then, and 11.1 the limit. Each value covers 1 min, and the start is no more exact than that. ' +
      'The impact counts as over from the moment after which the metric was normal for 15 min.',
  );
});

it('says nothing of a limit that the first value does not reach', () => {
  expect(told({ value: 9.2 }).method).toContain(': 9.2 at 14:29. About 5.09 was usual then. Each');
});

it.each([
  [moment('14:29', 0, 10_000), 10_000, 'Each value covers 10 s, and the start is no more exact than that.'],
  [moment('14:29', 20_000, 10_000), 10_000, 'so it is known to within 30 s.'],
  [moment('14:29', 120_000, 60_000), 60_000, 'a small or slow start does not show at once, so it lies between 14:27 and 14:30.'],
  [
    moment('14:25', 300_000, 300_000),
    300_000,
    'Each value covers 5 min and a small or slow start does not show at once, so it lies between 14:20 and 14:30.',
  ],
] as const)('says how exact a start is %#', (time, periodMs, words) => {
  expect(told({ periodMs }, time).method).toContain(words);
});

it('explains a start at which the values stopped', () => {
  const { value: _, ...rest } = AGAINST;
  expect(told({}, undefined, { against: rest }).method).toMatch(
    /^How the start was found: the values stopped at 14:29, and the alarm takes a missing value for a bad one\. Each value covers/,
  );
});

it('names the metric that the start rests on, and why it was taken', () => {
  expect(told({}).basis).toBe(
    'The impact start is inferred from Errors, the metric of alarm api-HighErrorRate: the first moment at which it left its normal range.',
  );
  expect(told({}, undefined, {}, 'observed').basis).toBe(
    'The impact starts where Errors, which the policy names as impact, left its normal range.',
  );
});

it('explains nothing where a person stated the start, or no metric told it', () => {
  const stated = told({}, undefined, { cites: [{ coverage: 'aws-prod/series' }] }, 'asserted');
  expect(stated).toEqual({ basis: 'A person stated when the impact started.', method: '' });
});

it('tells of the step of a rollout that can have started it unseen', () => {
  const mayBeginWith = { at: moment('14:10', 0, 1000), change: 'github/deployment:DE_1', cites: [{ event: start.cites[0] }] as const };
  const { method } = told({}, { ...start.time, minusMs: 19 * 60_000 }, { mayBeginWith });
  expect(method).toContain('A rollout was under way: its step at 14:10 is a start that the noise does not rule out.');
});

it('tells of a gap in the record of changes that may hide one', () => {
  const mayBeginIn = { window: windowOf('14:02', '14:28'), cites: [{ coverage: 'github/deployments' }] as const };
  const { method } = told({}, { ...start.time, minusMs: 27 * 60_000 }, { mayBeginIn });
  expect(method).toContain(
    'Changes between 14:02 and 14:28 could not be read: a small first step of one is a start that the noise does not rule out.',
  );
});
