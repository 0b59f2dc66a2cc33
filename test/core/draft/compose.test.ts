import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { eventsOf } from '../../../src/core/draft/material.ts';
import type { Block, Draft, Section } from '../../../src/core/draft/model.ts';
import { renderJson } from '../../../src/render/json.ts';
import { caseOf, coverageLineOf, eventOf, evidenceIdOf, factOf, incidentFactOf, instant, moment } from '../../support/events.ts';
import { pagerDutyAlone, SERIES_KEY, sample, sampleAnalysis, sampleCase, stillOpen, type Told, unknown, withGaps } from './sample.ts';

const draftOf = ({ theCase, analysis }: Told): Draft => compose(theCase, analysis, [], 'sha256:draft');
const blocksOf = (draft: Draft, key: Section['key']): readonly Block[] => draft.sections.find((one) => one.key === key)?.blocks ?? [];
const textsOf = (draft: Draft, key: Section['key']): readonly string[] => blocksOf(draft, key).map(textOf);
const TELLINGS: readonly (readonly [string, () => Told])[] = [
  ['the sample', sample],
  ['PagerDuty alone', pagerDutyAlone],
  ['an open incident', stillOpen],
  ['a record with gaps', withGaps],
];

describe('the table of the sample', () => {
  it('holds what the world says, at its minute, in order, and none of the noise', () => {
    const rows = blocksOf(draftOf(sample()), 'timeline').flatMap((block) =>
      block.kind === 'row' ? [`${block.time} ${block.what.text}`] : [],
    );
    expect(rows.map((row) => row.replace(/“.*”/, '…'))).toEqual([
      '14:15 v2.3.4 deployed to production (started 14:12).',
      "14:29 HTTPCode_Target_5XX_Count left its normal range, at 484; the alarm's threshold is 100.",
      '14:32 Alarm api-HighErrorRate fired.',
      '14:33 The incident was opened and the on-call paged.',
      '14:35 Primary on-call acknowledged the incident.',
      '14:37 Status update: …',
      '14:38 Note by primary on-call: …',
      '14:40 Note by database on-call: …',
      '14:42 Status update: …',
      '14:43 Note by primary on-call: …',
      '14:45 Rollback to v2.3.3 started.',
      '14:47 Rollback to v2.3.3 finished.',
      '14:47 Status update: …',
      '14:50 HTTPCode_Target_5XX_Count was back to normal, at 5.',
      '14:52 Status update: …',
      '14:52 Alarm api-HighErrorRate was OK again.',
      '14:57 Primary on-call closed the incident.',
      '14:57 Status update: …',
      '15:30 Note by primary on-call: …',
    ]);
  });

  it('says under it what it leaves out', () => {
    expect(textsOf(draftOf(sample()), 'timeline').at(-1)).toBe(
      'Left out here, and kept in the JSON: 1 assignment, 1 request for a responder, 2 notifications and 2 merged pull requests. ' +
        '1 entry of other services is there too.',
    );
  });

  it('has a row for the start of a deployment only where no end is in the record', () => {
    const started = eventOf('deployment.started', '14:05', { attributes: { 'vcs.ref.head.name': 'v9' } });
    const theCase = caseOf({ events: [started] });
    const draft = draftOf({ theCase, analysis: { ...sampleAnalysis(theCase), changes: [] } });
    expect(textsOf(draft, 'timeline')[0]).toBe('Deployment of v9 to production started; the record holds no end of it.');
  });

  it('shows nothing from before the window of changes', () => {
    const old = eventOf('note.added', '2024-01-13T10:00:00Z', { attributes: { text: 'long ago' } });
    const theCase = sampleCase({ events: [...sampleCase().events, old] });
    expect(textsOf(draftOf({ theCase, analysis: sampleAnalysis(theCase) }), 'timeline').join()).not.toContain('long ago');
  });

  it('counts the firings of an alarm that flapped', () => {
    const flaps = ['13:40', '13:50', '14:00'].flatMap((at) => [
      eventOf('alert.fired', at),
      eventOf('alert.resolved', at.replace('0', '5').replace('50', '55'), { time: moment(`${at}:30`), key: `${at}-ok` }),
    ]);
    const theCase = caseOf({ events: flaps });
    const rows = textsOf(draftOf({ theCase, analysis: { ...sampleAnalysis(theCase), changes: [] } }), 'timeline');
    expect(rows).toContain('Alarm api-HighErrorRate fired. This happened 3 times until 14:00.');
  });
});

describe('every draft', () => {
  it.each(TELLINGS)('%s: every generated sentence cites, and every key stands once', (_, tell) => {
    const draft = draftOf(tell());
    const blocks = draft.sections.flatMap((section) => section.blocks);
    for (const block of blocks) {
      if (block.kind === 'prose') for (const { cites } of block.sentences) expect(cites.length).toBeGreaterThan(0);
      else if (block.kind === 'metric' || block.kind === 'figure' || block.kind === 'code') expect(block.cites.length).toBeGreaterThan(0);
      else if (block.kind !== 'question') expect(block.what.cites.length).toBeGreaterThan(0);
    }
    expect(new Set(blocks.map(({ key }) => key)).size).toBe(blocks.length);
  });

  it.each(TELLINGS)('%s: what a sentence cites is in the timeline or in the coverage', (_, tell) => {
    const { theCase, analysis } = tell();
    const text = renderJson({ ...draftOf({ theCase, analysis }), analysis, series: [] });
    const events = new Set(analysis.timeline.flatMap(eventsOf).map(({ id }) => String(id)));
    const lines = new Set(analysis.coverage.map(({ source, stream }) => `${source}/${stream}`));
    const sections: Pick<Draft, 'sections'> = JSON.parse(text);
    const cited = [...JSON.stringify(sections.sections).matchAll(/\{"(event|coverage)":"([^"]+)"\}/g)].map(([, kind, id]) => ({
      kind,
      id: id ?? '',
    }));
    expect(cited.length).toBeGreaterThan(20);
    expect(cited.filter(({ kind, id }) => !(kind === 'event' ? events : lines).has(id))).toEqual([]);
  });

  it.each(TELLINGS)('%s: at most twelve questions, and sentences of at most 25 words', (_, tell) => {
    const blocks = draftOf(tell()).sections.flatMap((section) => section.blocks);
    expect(blocks.filter(({ kind }) => kind === 'question').length).toBeLessThanOrEqual(12);
    const sentences = blocks.filter(({ kind }) => kind !== 'code' && kind !== 'metric').flatMap((block) => sentencesOf(textOf(block)));
    expect(sentences.filter((sentence) => sentence.split(/\s+/).length > 25)).toEqual([]);
  });

  it.each(TELLINGS)('%s: no hedge, no filler, no placeholder that someone would have to delete', (_, tell) => {
    const own = draftOf(tell())
      .sections.flatMap((section) => section.blocks)
      .map((block) => textOf(block).replaceAll(/“[^”]*”/g, ''))
      .join('\n');
    expect(own).not.toMatch(
      /\b(?:probably|perhaps|maybe|seems?|might|likely|basically|simply|clearly|unfortunately|should have|TODO|TBD|N\/A)\b/i,
    );
    expect(own).not.toMatch(/\[(?:insert|fill|name|date)|\bundefined\b|\bNaN\b|\bnull\b|\[object/i);
  });

  it.each(TELLINGS)('%s: the order of facts, series and events changes nothing', (_, tell) => {
    const { theCase, analysis } = tell();
    const expected = renderJson(draftOf({ theCase, analysis }));
    fc.assert(
      fc.property(fc.shuffledSubarray([...theCase.facts], { minLength: theCase.facts.length }), (facts) => {
        const shuffled = { ...theCase, facts, series: theCase.series.toReversed(), events: theCase.events.toReversed() };
        expect(renderJson(draftOf({ theCase: shuffled, analysis }))).toBe(expected);
      }),
      { numRuns: 20 },
    );
  });
});

/** Sentences without what they quote: a vendor's words are not ours to shorten. */
function sentencesOf(text: string): readonly string[] {
  return text.replaceAll(/“[^”]*”/g, 'quote').split(/(?<=[.?!])\s+/);
}

describe('people in a draft', () => {
  it("appear by their roles: a vendor's own sentence and the author of a stated fact are never printed", () => {
    const events = [
      ...sampleCase().events,
      eventOf('incident.escalated', '14:34', {
        attributes: { 'source.summary': 'Escalated to Jane Doe by John Smith', 'responder.name': 'secondary on-call' },
      }),
      eventOf('milestone.asserted', '14:28', {
        attributes: { author: 'jane.doe', reason: 'a customer rang' },
        belongsTo: ['pagerduty/service:PAPI001'],
      }),
    ];
    const theCase = sampleCase({
      events,
      facts: [...sampleCase().facts, factOf({ kind: 'person', key: 'pagerduty:user:PJANED1', names: ['Jane Doe'] })],
    });
    const { sections, series } = draftOf({ theCase, analysis: sampleAnalysis(theCase) });
    expect(JSON.stringify({ sections, series }).match(/\bjane\b|\bdoe\b|\bsmith\b/i)).toBeNull();
    const rows = sections.find(({ key }) => key === 'timeline')?.blocks.map(textOf);
    expect(rows).toContain('The incident was escalated to secondary on-call.');
    expect(rows).toContain('A person stated this time for the start of the impact: “a customer rang”');
  });
});

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
    const [verdict, suspect, diff] = blocksOf(draftOf(sample()), 'root_cause');
    expect(verdict && textOf(verdict)).toContain('1 change was weighed, and 1 reaches the score of 0.5 that makes a suspect.');
    expect(suspect && textOf(suspect)).toBe(
      'Deployment of v2.3.4 to production, finished at 14:15: score 0.98 of 1. Taking it back was followed by recovery. ' +
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
    const [, , diff] = blocksOf(draftOf({ theCase, analysis: sampleAnalysis(theCase) }), 'root_cause');
    expect(diff).toMatchObject({ kind: 'code', cutLines: 45 });
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
    const text = textsOf(draftOf({ theCase: sampleCase(), analysis }), 'root_cause')[2];
    expect(text).toContain('Deployment of v2.3.4 to production (belongs to checkout), finished at 14:15: score 0.04 of 1.');
    expect(text).toContain('Against it: it changed another service.');
  });

  it('holds durations against the targets of the policy, and only where the bounds leave no doubt', () => {
    const draft = draftOf(sample());
    expect(textsOf(draft, 'went_well')[0]).toBe(
      'Detection came 3 min (2–3 min) after the start of the impact, within the target of 5 min.',
    );
    expect(textsOf(draft, 'went_wrong')[0]).toBe(
      'Detection came 17 min after the suspect deployment had finished, over the target of 15 min.',
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

describe('a draft from a part of the record', () => {
  it('from PagerDuty alone says what a source more would add, once for each', () => {
    const draft = draftOf(pagerDutyAlone());
    expect(textsOf(draft, 'summary')[0]).toContain('incident #4821 of the service api was opened and closed after 24 min.');
    const words = textsOf(draft, 'coverage').filter((text) => text.includes('would add'));
    expect(words).toHaveLength(2);
    expect(textsOf(draft, 'coverage')).toContain(
      'aws/alarm_history and series: no AWS credentials were found; set them to follow the alarm ARNs that the alerts name.',
    );
    expect(blocksOf(draft, 'impact').map(({ key }) => key)).toContain('impact.start');
  });

  it('names every gap in words, beside what it could overturn', () => {
    const draft = draftOf(withGaps());
    expect(textsOf(draft, 'summary')).toContain(
      'This draft is partial: 2 needed streams could not be read in full (aws-prod/alarm_history and github/deployments).',
    );
    expect(textsOf(draft, 'root_cause')).toContain(
      'The ranking may change: github/deployments could not be read in full, so a change may be missing.',
    );
    expect(textsOf(draft, 'coverage').filter((text) => text.includes('Detail:'))).toEqual([
      'aws-prod/alarm_history, 12:33 to 16:00: the source no longer keeps this part. Detail: “alarm history is kept for 30 days”',
      'github/deployments and changes, 12:33 to 16:00: the source did not answer. Detail: “api.github.com answered 502 to three tries”',
    ]);
    expect(textsOf(draft, 'coverage').join()).toContain('could not be turned into a role: Johnny');
  });

  it('of an open incident counts on, and says nothing of an end', () => {
    const draft = draftOf(stillOpen());
    expect(textsOf(draft, 'summary')[0]).toContain('has been degraded since 14:29 UTC on 15 January 2024: 14 min so far.');
    expect(draft.case).toMatchObject({ asOf: instant('14:44'), incidents: [{ status: 'open' }] });
    expect(JSON.stringify(draft.sections)).not.toMatch(/was closed|back to normal/);
  });

  it('of a window that never paged has a title, and no record that it could cite', () => {
    const theCase = caseOf({
      incidents: ['w~20240115T143200Z~20240115T145700Z~api'],
      facts: [],
      coverage: [coverageLineOf('aws-prod', 'series')],
    });
    const draft = draftOf({ theCase, analysis: sampleAnalysis(theCase, { changes: [], suspects: [], suspectVerdict: 'none' }) });
    expect(draft.case.incidents[0]).toEqual({
      id: 'w~20240115T143200Z~20240115T145700Z~api',
      title: 'api, 2024-01-15T12:33:00.000Z to 2024-01-15T16:00:00.000Z',
      status: 'resolved',
    });
  });

  it('keeps to twelve questions where all of them could be asked, the best first', () => {
    const theCase = sampleCase();
    const draft = draftOf({ theCase, analysis: sampleAnalysis(theCase, {}, { impact_started: unknown() }) });
    const asked = draft.sections.flatMap((section) => section.blocks).filter(({ kind }) => kind === 'question');
    expect(asked).toHaveLength(12);
    expect(asked.map(({ key }) => key)).toContain('impact.start');
    expect(asked.map(({ key }) => key)).not.toContain('related.shared');
  });
});

describe('words of people', () => {
  it('are laid over the generated ones, and counted in the marks', () => {
    const { theCase, analysis } = sample();
    const written = { author: 'ana', at: instant('16:30'), after: 0 };
    const draft = compose(
      theCase,
      analysis,
      [
        { ...written, sequence: 2, kind: 'insert', block: 'i.2', below: 'lessons.surprise', text: 'The pool had no limit.' },
        { ...written, sequence: 1, kind: 'hide', block: 'summary.authors', generated: 'sha256:any' },
      ],
      'sha256:draft',
    );
    expect(draft.lastEdit).toBe(2);
    expect(draft.edits).toEqual([
      { state: 'hidden', key: 'summary.authors', text: 'Who writes this post-mortem, and who reviews it?' },
      { state: 'inserted', key: 'i.2', text: 'The pool had no limit.', author: 'ana', below: 'lessons.surprise' },
    ]);
  });

  it('need none of the evidence to be named as authors', () => {
    const theCase = sampleCase({ draft: { authors: ['Ana'], code: 'files', template: null }, facts: [incidentFactOf()] });
    const draft = draftOf({ theCase, analysis: sampleAnalysis(theCase) });
    expect(draft.case.authors).toEqual(['Ana']);
    expect(blocksOf(draft, 'summary').map(({ key }) => key)).not.toContain('summary.authors');
    expect(evidenceIdOf('x')).toMatch(/^sha256:/);
  });
});
