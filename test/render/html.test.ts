import { describe, expect, it } from 'vitest';
import { compose } from '../../src/core/draft/compose.ts';
import type { Edit } from '../../src/core/draft/edits.ts';
import { renderHtml } from '../../src/render/html.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { pagerDutyAlone, sample, type Told, withGaps } from '../core/draft/tellings.ts';
import { eventOf, instant } from '../support/events.ts';

const DRAFT_ID = `sha256:${'0'.repeat(64)}`;
const draftOf = ({ theCase, analysis }: Told, edits: readonly Edit[] = []) => compose(theCase, analysis, edits, DRAFT_ID);
const render = (told: Told, edits: readonly Edit[] = []) => renderHtml(draftOf(told, edits));

describe('the draft as a page', () => {
  it.each<[string, () => Told]>([
    ['the sample', sample],
    ['PagerDuty alone', pagerDutyAlone],
    ['one with gaps', withGaps],
  ])('of %s has every section and every block once, each with an address of its own', (_, tell) => {
    const draft = draftOf(tell());
    const html = renderHtml(draft);
    for (const { key, blocks } of draft.sections) {
      if (blocks.length > 0) expect(html.split(`<section id="${key}">`)).toHaveLength(2);
    }
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const { key } of draft.sections.flatMap(({ blocks }) => blocks)) expect(ids).toContain(key.replaceAll('&', '&amp;'));
  });

  it('leads from each number behind a sentence to the note that it names', () => {
    const html = render(sample());
    const asked = [...html.matchAll(/href="#(source-\d+)"/g)].map(([, id]) => id);
    expect(asked.length).toBeGreaterThan(40);
    for (const id of new Set(asked)) expect(html).toContain(`<li id="${id}">`);
  });

  it('loads nothing from elsewhere and runs nothing', () => {
    const html = render(sample());
    expect(html).toContain("default-src 'none'");
    expect(html).not.toMatch(/<script|<link|<iframe|<img|\son\w+=|url\(|@import/i);
  });

  it('is the same bytes twice', () => {
    expect(render(sample())).toBe(render(sample()));
  });
});

describe('text of others', () => {
  const HOSTILE = '</td><script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) `a` | "q" \u202Eevil &amp;';

  it('is inert and readable wherever it stands', () => {
    const note = eventOf('note.added', '14:41', { key: 'hostile', actor: { kind: 'unknown' }, attributes: { text: HOSTILE } });
    const theCase = { ...sampleCase(), events: [...sampleCase().events, note] };
    const html = render({ theCase, analysis: sampleAnalysis(theCase) });
    expect(html).not.toMatch(/<script|<img|onerror=alert\(1\)>(?!.*&gt;)/i);
    expect(html).not.toContain('\u202E');
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(html).not.toMatch(/href="javascript:/i);
  });

  it('of people stands in its place, marked as theirs and as inert', () => {
    const at = instant('16:00');
    const edits: readonly Edit[] = [
      {
        sequence: 1,
        after: 0,
        author: 'Ada',
        at,
        kind: 'rewrite',
        block: 'impact.basis',
        generated: 'sha256:other',
        text: `Kinder ${HOSTILE}`,
      },
      { sequence: 2, after: 1, author: 'Ada', at, kind: 'insert', block: 'i.2', below: 'impact.basis', text: 'And <b>more</b>.' },
    ];
    const html = render(sample(), edits);
    expect(html).toContain('<span class="human">Kinder &lt;/td&gt;');
    expect(html).toContain('<span class="human">And &lt;b&gt;more&lt;/b&gt;.</span>');
    // What we say now stands beside what was rewritten on an older text.
    expect(html).toContain('The record now says:');
  });
});
