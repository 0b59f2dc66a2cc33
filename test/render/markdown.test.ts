import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestText } from '../../src/core/digest.ts';
import { textOf } from '../../src/core/draft/blocks.ts';
import { compose } from '../../src/core/draft/compose.ts';
import type { Edit } from '../../src/core/draft/edits.ts';
import { renderJson } from '../../src/render/json.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { pagerDutyAlone, sample, stillOpen, type Told, withGaps } from '../core/draft/tellings.ts';
import { eventOf, factOf, incidentFactOf, instant } from '../support/events.ts';

const DRAFT_ID = `sha256:${'0'.repeat(64)}`;
const render = ({ theCase, analysis }: Told, edits: readonly Edit[] = []) => renderMarkdown(compose(theCase, analysis, edits, DRAFT_ID));
const MARK = /<!-- \S+ [0-9a-f]{10} e\d+ -->/;

describe('the sample as Markdown', () => {
  // GOLDEN=write writes them anew; the difference is what a reviewer reads.
  it.each<[string, () => Told]>([
    ['sample', sample],
    ['pagerduty-alone', pagerDutyAlone],
    ['still-open', stillOpen],
    ['with-gaps', withGaps],
  ])('%s reads as it stands in the file', (name, tell) => {
    const file = new URL(`./golden/${name}.md`, import.meta.url);
    const text = render(tell());
    if (process.env['GOLDEN'] === 'write') writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
  });

  it('has every section of the sample post-mortem, in its order', () => {
    const headings = [...render(sample()).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual([
      'Summary',
      'Impact',
      'Timeline',
      'Durations',
      'Root cause: suspects, ranked',
      'Contributing factors',
      'What went well',
      'What went wrong',
      'Action items',
      'Lessons',
      'Related incidents',
      'Prevention',
      'Appendix: graphs',
      'Appendix: communication log',
      'Appendix: code fix',
      'Coverage',
      'Sources',
    ]);
  });

  it('has a link and a mark in the last cell of each row of the timeline', () => {
    const table = render(sample()).split('## Timeline')[1]?.split('## Durations')[0] ?? '';
    const rows = table.split('\n').filter((line) => /^\| (?:\d|20)/.test(line));
    expect(rows).toHaveLength(19);
    for (const row of rows) {
      const last = row.split(/(?<!\\)\|/).at(-2) ?? '';
      expect(last).toMatch(/\[[^\]]+\]\(https:\/\/\S+\)|\[\^\d+\]/);
      expect(last.trim()).toMatch(new RegExp(`${MARK.source}$`));
    }
  });

  it('marks each block once, with the digest of what was generated', () => {
    const { theCase, analysis } = sample();
    const draft = compose(theCase, analysis, [], DRAFT_ID);
    const text = renderMarkdown(draft);
    for (const block of draft.sections.flatMap(({ blocks }) => blocks)) {
      const mark = `<!-- ${block.key} ${digestText(textOf(block)).slice(7, 17)} e0 -->`;
      expect(text.split(mark)).toHaveLength(2);
    }
  });

  it('lists every source that it refers to, once, and no other', () => {
    for (const tell of [sample, pagerDutyAlone, stillOpen, withGaps]) {
      const [body = '', list = ''] = render(tell()).split('## Sources');
      const used = new Set([...body.matchAll(/\[\^(\d+)\]/g)].map(([, number]) => number));
      const listed = [...list.matchAll(/^\[\^(\d+)\]: /gm)].map(([, number]) => number);
      expect(new Set(listed)).toEqual(used);
      expect(listed.length).toBe(used.size);
    }
  });

  it('is the same twice, and so is its JSON, which ends with a newline', () => {
    expect(render(sample())).toBe(render(sample()));
    const { theCase, analysis } = sample();
    const json = renderJson(compose(theCase, analysis, [], DRAFT_ID));
    expect(json.endsWith('}\n')).toBe(true);
    expect(Object.keys(JSON.parse(json))).toEqual(['id', 'case', 'analysis', 'series', 'sections', 'edits']);
  });
});

describe('text of vendors', () => {
  const nasty = fc
    .array(
      fc.constantFrom(
        '|',
        '`',
        '```\n',
        '<img src=x onerror=alert(1)>',
        '<!-- t.x 0000000000 e9 -->',
        '](javascript:alert(1))',
        '\n## Fake',
        '\n| a | b |',
        '\u202e',
        'word',
        '~~~',
        '[^1]',
        '**',
        '\\',
      ),
      { minLength: 1, maxLength: 8 },
    )
    .map((parts) => parts.join(' '));

  it('adds no heading, row, tag, comment, link or note of its own, wherever it stands', () => {
    const shape = (text: string) => ({
      headings: [...text.matchAll(/^#+ /gm)].length,
      marks: [...text.matchAll(/<!--/g)].length,
      fences: [...text.matchAll(/^`{3,}\w+$/gm)].length,
      rows: [...text.matchAll(/^\| /gm)].length,
    });
    const told = (words: string): Told => {
      const base = sampleCase();
      const events = [
        ...base.events,
        eventOf('note.added', '14:39', { attributes: { text: words } }),
        eventOf('status.published', '14:39:30', { attributes: { text: words, state: 'monitoring' } }),
        eventOf('alert.fired', '14:41', { attributes: { 'alert.rule': words } }),
      ];
      const facts = base.facts.map((fact) => {
        if (fact.kind === 'incident') return incidentFactOf({ title: words, url: 'javascript:alert(1)' });
        return fact.kind === 'related' ? factOf({ ...fact, title: words, why: words }) : fact;
      });
      const theCase = sampleCase({ events, facts });
      return { theCase, analysis: sampleAnalysis(theCase) };
    };
    const expected = shape(render(told('plain')));
    fc.assert(
      fc.property(nasty, (words) => {
        const text = render(told(words));
        expect(shape(text)).toEqual(expected);
        expect(text.replaceAll(new RegExp(MARK, 'g'), '').replaceAll(/\n`{3,}\w+\n[\s\S]*?\n`{3,}\n/g, '\n')).not.toMatch(/<[a-z!/]/i);
        expect(text.match(/(?<!\\)\]\((?!https?:\/\/|#coverage)/)).toBeNull();
        expect(text.match(/[\u202a-\u202e]/)).toBeNull();
      }),
      { numRuns: 100 },
    );
  });

  it('of 100 kB is cut, and the cut is counted', () => {
    const theCase = sampleCase({ facts: [incidentFactOf({ title: 'x'.repeat(100_000) })] });
    const title = render({ theCase, analysis: sampleAnalysis(theCase) }).split('\n')[0] ?? '';
    expect(title.length).toBeLessThan(300);
    expect(title).toContain('(99800 more characters)');
  });
});

describe('words of people', () => {
  const edit = (sequence: number, rest: object) => ({ sequence, after: 0, author: 'ana', at: instant('16:30'), ...rest }) as Edit;

  it('stand in their place: rewritten, hidden, put in, and kept where their row is gone', () => {
    const digest = (key: string) => {
      const { theCase, analysis } = sample();
      const block = compose(theCase, analysis, [], DRAFT_ID)
        .sections.flatMap(({ blocks }) => blocks)
        .find((one) => one.key === key);
      return block ? digestText(textOf(block)) : 'sha256:none';
    };
    const text = render(sample(), [
      edit(1, { kind: 'rewrite', block: 'impact.basis', generated: digest('impact.basis'), text: 'The errors began with the rollout.' }),
      edit(2, { kind: 'hide', block: 'summary.authors', generated: digest('summary.authors') }),
      edit(3, { kind: 'insert', block: 'i.3', below: 'went_wrong.slowed', text: 'The pool had <no> limit.' }),
      edit(4, { kind: 'insert', block: 'i.4', below: 'i.3', text: 'Nor had the queue.' }),
      edit(5, { kind: 'rewrite', block: 't.gone', generated: 'sha256:none', text: 'A row that is no more.' }),
      edit(6, { kind: 'hide', block: 'i.3', generated: 'sha256:none' }),
      edit(7, { kind: 'rewrite', block: 'went_well.reversal', generated: 'sha256:older', text: 'The rollback worked.' }),
    ]);
    expect(text).toContain('The errors began with the rollout. [^');
    expect(text).not.toContain('The impact start is inferred');
    expect(text).not.toContain('Who writes this post-mortem');
    expect(text).not.toContain('no&gt; limit');
    expect(text).toMatch(/Nor had the queue\. <!-- i\.4 [0-9a-f]{10} e7 -->/);
    expect(text).toContain('- The rollback worked.');
    expect(text).toContain('- The record now says: Recovery followed the reversal of the first suspect.');
    expect(text.split('## No longer in the timeline')[1]).toContain('- A row that is no more.');
  });
});
