import { expect, it } from 'vitest';
import type { ImpactSize } from '../../../src/core/analysis/impact-size.ts';
import type { ImpactVoice } from '../../../src/core/analysis/impact-voices.ts';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { evidenceIdOf, moment } from '../../support/events.ts';
import { sampleAnalysis, sampleCase } from './sample.ts';

const voice = (metric: string, said: Pick<ImpactVoice, 'departed' | 'silent'>, dimensions = {}): ImpactVoice => ({
  key: `aws-prod/metric:AWS/X/${metric}#Sum`,
  metric,
  dimensions,
  basis: 'inferred',
  ...said,
  cites: [{ evidence: evidenceIdOf(metric) }],
});
const blocksOf = (overrides: Parameters<typeof sampleAnalysis>[1]) => {
  const theCase = sampleCase();
  const { sections } = compose(theCase, sampleAnalysis(theCase, overrides), [], 'sha256:draft');
  return sections.find(({ key }) => key === 'impact')?.blocks ?? [];
};
const toldOf = (impactSeries: readonly ImpactVoice[]) => {
  const block = blocksOf({ impactSeries }).find(({ key }) => key === 'impact.series');
  return block && textOf(block);
};

const first = voice('Errors', { departed: moment('14:29', 0, 60_000) });
const later = voice('Latency', { departed: moment('14:31', 0, 60_000) });
const calm = voice('Requests', { silent: { reason: 'no_departure', detail: 'no point' } });
const broken = voice('Depth', { silent: { reason: 'constant', detail: 'every point of the series is 3' } });

it('says which of several series left its normal first, by how much the others came later, and which did not', () => {
  expect(toldOf([first, later, calm, broken])).toBe(
    'Of 4 series, Errors left its normal first, at 14:29. Latency left its own 2 min later. Requests did not leave its normal. ' +
      'Depth does not show when: every point of the series is 3.',
  );
  expect(toldOf([first, voice('Latency', { departed: moment('14:29', 0, 60_000) })])).toContain('in the same period');
});

it('says of one series only that it shows none, and of several that show none that they show none', () => {
  expect(toldOf([first])).toBeUndefined();
  expect(toldOf([calm])).toBe('Requests did not leave its normal.');
  expect(toldOf([calm, broken])).toBe(
    'None of 2 series shows when the impact started. Requests did not leave its normal. Depth does not show when: every point of the series is 3.',
  );
});

it('says of a series whose alarm fired that it was asked about the time before: it may well have left its normal later', () => {
  const early = { ...calm, alarm: 'api-Unhealthy' };
  expect(toldOf([first, early])).toBe(
    'Of 2 series, Errors left its normal first, at 14:29. Requests did not leave its normal before its alarm fired.',
  );
  expect(
    toldOf([
      first,
      early,
      { ...voice('Depth', { silent: { reason: 'no_departure', detail: '' } }), alarm: 'api-Depth' },
      voice('Memory', { silent: { reason: 'no_departure', detail: '' } }),
    ]),
  ).toContain('Requests and Depth did not leave their normal before their alarms fired. Memory did not leave its normal.');
});

it('says in one sentence of all that did not leave their normal, by name while that reads well, and cites each', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) =>
    voice('Errors', { silent: { reason: 'no_departure', detail: '' } }, { Queue: name }),
  );
  expect(toldOf([first, ...many])).toBe(
    'Of 7 series, Errors left its normal first, at 14:29. Errors (a), Errors (b), Errors (c), Errors (d) and 2 others did not leave their normal.',
  );
  const block = blocksOf({ impactSeries: [first, calm, ...many] }).find(({ key }) => key === 'impact.series');
  const cites = block?.kind === 'prose' ? block.sentences.map((sentence) => sentence.cites.length) : [];
  expect(cites).toEqual([1, 2]);
});

it('names the service of those that did not leave where the case has several', () => {
  const still = (metric: string, service: string): ImpactVoice => ({
    ...voice(metric, { silent: { reason: 'no_departure', detail: '' } }),
    scan: { service },
  });
  const theCase = sampleCase({ subject: ['api', 'checkout'] });
  const impactSeries = [still('Requests', 'api'), still('Memory', 'api'), still('Depth', 'checkout')];
  const { sections } = compose(theCase, sampleAnalysis(theCase, { impactSeries }), [], 'sha256:draft');
  const block = sections.flatMap(({ blocks }) => blocks).find(({ key }) => key === 'impact.series');
  expect(block && textOf(block)).toBe(
    'None of 3 series shows when the impact started. Requests and Memory of api did not leave their normal. ' +
      'Depth of checkout did not leave its normal.',
  );
});

it('tells the first of many that came later, and counts the rest', () => {
  const many = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => voice(`Errors_${name}`, { departed: moment('14:31', 0, 60_000) }));
  expect(toldOf([first, ...many, calm])).toMatch(
    /Errors_d left its own 2 min later\. Requests did not leave its normal\. 2 more are in the JSON\.$/,
  );
});

it('calls a series that an alarm computes by its whole label', () => {
  const share = voice('Errors / requests in %', { departed: moment('14:29', 0, 60_000) });
  expect(toldOf([share, calm])).toContain('Of 2 series, Errors / requests in % left its normal first');
});

it('words the size by what was counted, and says so far while the impact lasts', () => {
  const size: ImpactSize = {
    key: 'aws-prod/metric:AWS/X/ErrorRate#Average',
    metric: 'ErrorRate',
    value: 6_040,
    min: 5_800,
    max: 6_300,
    unit: 'failed requests',
    countedBy: 'RequestCount',
    cites: [{ evidence: evidenceIdOf('series') }],
  };
  const wordsOf = (impactSize: ImpactSize) => blocksOf({ impactSize }).find(({ key }) => key === 'impact.size');
  expect(wordsOf(size)).toMatchObject({
    label: 'Failed requests above normal, by ErrorRate and RequestCount, start of the impact to recovery',
    value: 'about 6,040 failed requests (5,800–6,300)',
  });
  const { countedBy: _, ...counted } = size;
  expect(wordsOf({ ...counted, metric: 'RequestCount', unit: 'requests', fewer: true })).toMatchObject({
    label: 'RequestCount below normal, start of the impact to recovery',
    value: 'about 6,040 requests fewer (5,800–6,300)',
  });
  expect(wordsOf({ ...size, soFar: true })).toMatchObject({
    label: expect.stringMatching(/to the last value read$/),
    value: 'about 6,040 failed requests so far (5,800–6,300)',
  });
});

it('asks how much it was where no metric counts it', () => {
  const theCase = sampleCase();
  const { impactSize: _, ...analysis } = sampleAnalysis(theCase);
  const { sections } = compose(theCase, analysis, [], 'sha256:draft');
  expect(JSON.stringify(sections.find(({ key }) => key === 'impact'))).toContain(
    'how many, and what could they not do? No metric that was read counts it.',
  );
  expect(JSON.stringify(blocksOf({}))).not.toContain('No metric that was read counts it');
});

it('counts what it does not tell of the metrics beside those of the alarms: the rest stands in the JSON', () => {
  const beside = (metric: string, said: Pick<ImpactVoice, 'departed' | 'silent'>) => ({ ...voice(metric, said), isBeside: true });
  const left = ['A', 'B', 'C', 'D', 'E'].map((name) => beside(name, { departed: moment('14:30', 0, 60_000) }));
  const short = beside('F', { silent: { reason: 'too_short', detail: 'it has 3 points' } });
  const block = blocksOf({ impactSeries: [first, ...left, short] }).find(({ key }) => key === 'impact.beside');
  expect(block && textOf(block)).toMatch(/^A, on which no alarm fired, .* D, on which no alarm fired, [^A-Z]*\. 2 more are in the JSON\.$/);
});
