import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textOf } from '../../../src/core/draft/blocks.ts';
import { compose } from '../../../src/core/draft/compose.ts';
import { eventsOf } from '../../../src/core/draft/material.ts';
import type { Block, Draft, Section } from '../../../src/core/draft/model.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { renderJson } from '../../../src/render/json.ts';
import { caseOf, coverageLineOf, eventOf, evidenceIdOf, factOf, incidentFactOf, instant, moment, windowOf } from '../../support/events.ts';
import { sampleAnalysis, sampleCase, unknown } from './sample.ts';
import { pagerDutyAlone, sample, stillOpen, type Told, withGaps } from './tellings.ts';

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
      'The JSON also holds 1 assignment, 1 request for a responder, 2 notifications and 2 merged pull requests. It holds 1 entry of other services.',
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

  it('has no row where a pager closes its copy of an alarm that was over already, and has one where it is the only word', () => {
    const copy = eventOf('alert.resolved', '14:57', { source: 'pagerduty', stream: 'alerts' });
    const words = (events: readonly RecordedEvent[]) => {
      const theCase = sampleCase({ events });
      return textsOf(draftOf({ theCase, analysis: sampleAnalysis(theCase) }), 'timeline');
    };
    const both = words([...sampleCase().events, copy]);
    expect(both.filter((text) => text.includes('was OK again'))).toHaveLength(1);
    expect(both.at(-1)).toContain('1 repeated end of an alarm');
    const alone = words([...sampleCase().events.filter(({ type }) => type !== 'alert.resolved'), copy]);
    // Only the monitor knows that it was over: PagerDuty's copy is closed with the incident, often by a person.
    expect(alone).toContain('The alert of alarm api-HighErrorRate was closed.');
    expect(alone.join()).not.toContain('OK again');
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

describe('a draft from a part of the record', () => {
  it('from PagerDuty alone says what a source more would add, once for each', () => {
    const draft = draftOf(pagerDutyAlone());
    expect(textsOf(draft, 'summary')[0]).toContain('incident #4821 of the service api was opened and closed after 24 min.');
    const words = textsOf(draft, 'coverage').filter((text) => text.includes('would add'));
    expect(words).toEqual(['No deployments were read. Such a source, GitHub for one, would add suspects, their diffs and the rollback.']);
    expect(textsOf(draft, 'coverage')).toContain(
      'aws/alarm_history and series: no AWS credentials were found; set them to follow the alarm ARNs that the alerts name.',
    );
    expect(blocksOf(draft, 'impact').map(({ key }) => key)).toContain('impact.start');
  });

  it('says it of every matter where the plan asked for nothing and has no word of its own', () => {
    const { theCase, analysis } = pagerDutyAlone();
    const coverage = analysis.coverage.filter(({ source }) => source === 'pagerduty');
    const texts = textsOf(draftOf({ theCase: { ...theCase, coverage }, analysis: { ...analysis, coverage } }), 'coverage');
    expect(texts.filter((text) => text.includes('would add'))).toHaveLength(2);
  });

  it('of a metric that is too coarse states a window, and no length that nobody can know', () => {
    const theCase = sampleCase();
    const { milestones } = sampleAnalysis(theCase);
    const [start, end] = [milestones.impact_started, milestones.recovered];
    if (!start.known || !end.known) throw new Error('the sample knows both');
    const coarse = {
      impact_started: { ...start, time: moment('14:00', 0, 3_600_000) },
      recovered: { ...end, time: moment('15:00', 3_600_000, 1) },
    };
    const draft = draftOf({ theCase, analysis: sampleAnalysis(theCase, {}, coarse) });
    const text = textsOf(draft, 'summary')[0];
    expect(text).toContain('the service api was degraded between 14:00 and 15:00 UTC; the metric is too coarse to say for how long.');
    expect(text).toContain('It was rolled back at 14:47, and the service was normal by 15:00.');
    expect(textsOf(draft, 'impact')[0]).toContain('at most 60 min');
  });

  it('tells an impact that a status update stated from one that a metric shows', () => {
    const theCase = sampleCase();
    const { milestones } = sampleAnalysis(theCase);
    const { communicated } = milestones;
    if (!communicated.known) throw new Error('the sample has posts');
    const stated = { impact_started: { ...communicated, basis: 'inferred', time: moment('14:30', 300_000, 300_000) } } as const;
    const texts = textsOf(draftOf({ theCase, analysis: sampleAnalysis(theCase, {}, stated) }), 'impact');
    expect(texts).toContain('The impact start is inferred from what a status update says; no metric shows it.');
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
      asked: windowOf('14:32', '14:57'),
      facts: [],
      coverage: [coverageLineOf('aws-prod', 'series')],
    });
    const draft = draftOf({ theCase, analysis: sampleAnalysis(theCase, { changes: [], suspects: [], suspectVerdict: 'none' }) });
    expect(draft.case.incidents[0]).toEqual({
      id: 'w~20240115T143200Z~20240115T145700Z~api',
      title: 'api, 15 January 2024, 14:32 to 14:57 UTC',
      status: 'not_opened',
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
