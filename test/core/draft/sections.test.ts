import { describe, expect, it } from 'vitest';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import type { Block, Draft, Section } from '../../../src/core/draft/model.ts';
import { coverageLineOf, factOf, incidentFactOf, instant } from '../../support/events.ts';
import { SERIES_KEY, sampleAnalysis, sampleCase, unknown } from './sample.ts';
import { sample, type Told, withGaps } from './tellings.ts';

const draftOf = ({ theCase, analysis }: Told): Draft => compose(theCase, analysis, [], 'sha256:draft');
const blocksOf = (draft: Draft, key: Section['key']): readonly Block[] => draft.sections.find((one) => one.key === key)?.blocks ?? [];
const textsOf = (draft: Draft, key: Section['key']): readonly string[] => blocksOf(draft, key).map(textOf);

describe('what the record supports', () => {
  it('says the durations of the sample, with bounds only where the ends have them', () => {
    const values = blocksOf(draftOf(sample()), 'durations').flatMap((block) => (block.kind === 'metric' ? [[block.key, block.value]] : []));
    expect(Object.fromEntries(values)).toMatchObject({
      'durations.deployment_to_detection': '17 min',
      'durations.time_to_detect': '3 min (2–3 min)',
      'durations.time_to_acknowledge': '2 min',
      'durations.time_to_reverse': '2 min',
      'durations.detection_to_recovery': '18 min (17–18 min)',
      'durations.reference.seconds_to_resolve': '24 min',
    });
  });

  it('ranks the suspect with its reasons, names its pull request and shows its diff', () => {
    const [verdict, running, suspect, diff] = blocksOf(draftOf(sample()), 'root_cause');
    expect(verdict && textOf(verdict)).toContain('1 change was weighed, and 1 reaches the score of 0.7 that makes a suspect.');
    expect(running && textOf(running)).toBe('When the impact started, api ran v2.3.4, deployed 14 min before.');
    expect(suspect && textOf(suspect)).toBe(
      'Deployment of v2.3.4 to production, finished at 14:15: score 0.98 of 1. Rolling it back was followed by recovery. ' +
        'It changed the same service. It finished before the impact started. ' +
        'It carries #1234 “Cache user profiles in the profile endpoint”. It touches 2 files: src/routes/user-profile.ts and src/cache.ts.',
    );
    expect(diff).toMatchObject({ kind: 'code', cutLines: 0, url: 'https://github.com/acme/api/pull/1234' });
  });

  it.each([
    ['none', 0, false],
    ['files', 0, true],
    ['patch', 2, true],
  ] as const)('prints as much of a diff as `draft.code: %s` allows', (code, blocks, named) => {
    const theCase = sampleCase({ draft: { authors: [], code, template: null } });
    const draft = draftOf({ theCase, analysis: sampleAnalysis(theCase) });
    const all = draft.sections.flatMap((section) => section.blocks);
    expect(all.filter(({ kind }) => kind === 'code')).toHaveLength(blocks);
    expect(JSON.stringify(draft.sections).includes('src/cache.ts')).toBe(named);
  });

  it('cuts a long diff and says by how much', () => {
    const base = sampleCase();
    const patch = Array.from({ length: 100 }, (_, line) => `+line ${line}`).join('\n');
    const facts = base.facts.map((fact) =>
      fact.kind === 'comparison' ? { ...fact, files: [{ path: 'a.ts', patch }, { path: 'b.bin' }] } : fact,
    );
    const theCase = sampleCase({ facts });
    const [, , , diff] = blocksOf(draftOf({ theCase, analysis: sampleAnalysis(theCase) }), 'root_cause');
    expect(diff).toMatchObject({ kind: 'code', cutLines: 45 });
  });

  it('shows first what the fix mends, where a deployment carried more', () => {
    const base = sampleCase();
    const docs = { path: 'docs/guide.md', patch: '+a line' };
    const facts = base.facts.map((fact) => (fact.kind === 'comparison' ? { ...fact, files: [docs, ...fact.files] } : fact));
    const theCase = sampleCase({ facts });
    const diff = blocksOf(draftOf({ theCase, analysis: sampleAnalysis(theCase) }), 'root_cause').find(({ kind }) => kind === 'code');
    expect(diff && textOf(diff).split('\n')[0]).toBe('--- a/src/routes/user-profile.ts');
  });

  it('tells "no change passes" from "the changes could not be read"', () => {
    const theCase = sampleCase();
    const none = draftOf({ theCase, analysis: sampleAnalysis(theCase, { suspects: [], suspectVerdict: 'none' }) });
    expect(textsOf(none, 'root_cause')[0]).toContain('The record holds no change that could be a suspect.');
    expect(textsOf(draftOf(withGaps()), 'root_cause')[0]).toContain('Whether a change is a suspect is unknown: no changes were read.');
  });

  it('finds the pull request that mends the suspect, and that no one has deployed it', () => {
    const draft = draftOf(sample());
    expect(textsOf(draft, 'code_fix')).toContain(
      '#1235 “Fix connection leak in user profile endpoint” was merged at 15:21 and names #1234. The record shows no deployment of it.',
    );
    expect(textsOf(draft, 'actions')[0]).toContain('Deploy #1235');
  });

  it('finds it by the files too, and does not take a pull request of another repository for it', () => {
    const base = sampleCase();
    const later = {
      kind: 'change',
      number: 77,
      title: 'Tidy up',
      revisions: ['f'.repeat(40)],
      mergedAt: instant('15:40'),
      files: [{ path: 'src/cache.ts' }],
    } as const;
    const facts = [
      ...base.facts.filter(({ key }) => !key.endsWith('#1235')),
      factOf({ ...later, key: 'github/pull:acme/other#77', url: 'https://github.com/acme/other/pull/77', mentions: [1234] }),
      factOf({ ...later, key: 'github/pull:acme/api#77', url: 'https://github.com/acme/api/pull/77' }),
    ];
    const theCase = sampleCase({ facts });
    const texts = textsOf(draftOf({ theCase, analysis: sampleAnalysis(theCase) }), 'code_fix');
    expect(texts.at(-1)).toContain('#77 “Tidy up” was merged at 15:40 and touches the same files.');
  });

  it('takes no pull request for the fix that was merged before the suspect went out', () => {
    const base = sampleCase();
    const facts = base.facts.map((fact) =>
      fact.kind === 'change' && fact.number === 1235 ? { ...fact, mergedAt: instant('14:00') } : fact,
    );
    const theCase = sampleCase({ facts });
    const texts = textsOf(draftOf({ theCase, analysis: sampleAnalysis(theCase) }), 'code_fix');
    expect(texts.at(-1)).toBe('The record shows no later pull request that names the suspect or touches its files.');
  });

  it('leads to a related incident that its source names by its id alone', () => {
    const related = { kind: 'related', of: 'pagerduty/incident:PABC', why: 'similar', title: 'CPU spike' } as const;
    const facts = [
      incidentFactOf(),
      factOf({ ...related, key: 'pagerduty/incident:Q0CPU' }),
      factOf({ ...related, key: 'other/incident:Q1' }),
    ];
    const theCase = sampleCase({ facts });
    const blocks = blocksOf(draftOf({ theCase, analysis: sampleAnalysis(theCase) }), 'related');
    const links = blocks.flatMap((block) => (block.kind === 'prose' ? block.sentences.map((one) => one.links ?? []) : []));
    expect(links).toEqual([[], [{ text: 'Q0CPU', url: 'https://acme.pagerduty.com/incidents/Q0CPU' }]]);
  });

  it('says of a change that others weighed in on whose it is, and cites its beginning and end', () => {
    const base = sampleAnalysis(sampleCase());
    const [change] = base.changes;
    if (!change) throw new Error('the sample has a change');
    const other = { ...change, key: 'github/deployment:OTHER', belongs: { service: 'other', why: 'belongs to checkout' } } as const;
    const weak = { change: other.key, score: 0.04, reasons: [{ code: 'other_service', weight: -2.5, cites: other.cites }] } as const;
    const analysis = { ...base, changes: [...base.changes, other], suspects: [...base.suspects, weak] };
    const text = textsOf(draftOf({ theCase: sampleCase(), analysis }), 'root_cause')[3];
    expect(text).toContain('Deployment of v2.3.4 of checkout to production, finished at 14:15: score 0.04 of 1.');
    expect(text).toContain('Against it: it changed another service, checkout.');
  });

  it('holds durations against the targets of the policy, and only where the bounds leave no doubt', () => {
    const draft = draftOf(sample());
    expect(textsOf(draft, 'went_well')[0]).toBe(
      'Detection came 3 min (2–3 min) after the start of the impact, within the target of 5 min.',
    );
    expect(textsOf(draft, 'went_wrong')[0]).toBe(
      'Detection came 17 min after the end of the suspect deployment, over the target of 15 min.',
    );
    const policy = { ...sampleCase().policy, targets: { time_to_recover: '20m' } };
    const theCase = sampleCase({ policy });
    const doubtful = draftOf({ theCase, analysis: sampleAnalysis(theCase) });
    expect([...textsOf(doubtful, 'went_well'), ...textsOf(doubtful, 'went_wrong')].join()).not.toContain('target');
  });

  it('says that nothing was posted only where the record was read in whole', () => {
    const events = sampleCase().events.filter(({ type }) => type !== 'status.published');
    const quiet = (status: 'complete' | 'partial') => {
      const theCase = sampleCase({ events, coverage: [coverageLineOf('pagerduty', 'log_entries', { status })] });
      return draftOf({ theCase, analysis: sampleAnalysis(theCase, {}, { communicated: unknown() }) });
    };
    expect(textsOf(quiet('complete'), 'communication')).toEqual(['No status update was posted.']);
    expect(textsOf(quiet('complete'), 'went_wrong')).toContain('No status update was posted.');
    expect(textsOf(quiet('partial'), 'communication')[0]).toContain('in the part of the record that could be read');
    expect(textsOf(quiet('partial'), 'went_wrong')).not.toContain('No status update was posted.');
  });

  it('logs the communication with the time between two posts', () => {
    const [overview, first, second] = textsOf(draftOf(sample()), 'communication');
    expect(overview).toBe('5 status updates were posted from 14:37 to 14:57; the longest wait between two was 5 min 30 s.');
    expect(first).toMatch(/^14:37: “Investigating/);
    expect(second).toMatch(/^14:42, 5 min after the one before: “Identified/);
  });

  it('draws a period without a point as a gap, never as a zero', () => {
    const base = sampleCase();
    const series = base.series.map((one) => ({
      ...one,
      startsMs: one.startsMs.filter((_, at) => at !== 10),
      values: one.values.filter((_, at) => at !== 10),
    }));
    const theCase = sampleCase({ series });
    const [plotted] = draftOf({ theCase, analysis: sampleAnalysis(theCase) }).series;
    expect(plotted?.key).toBe(SERIES_KEY);
    expect(plotted?.points.find(([at]) => at === Date.parse(instant('14:10')))).toEqual([Date.parse(instant('14:10')), null]);
    expect(plotted?.points.every(([, value]) => value !== 0)).toBe(true);
  });
});
