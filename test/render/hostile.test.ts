import type { Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compose } from '../../src/core/draft/compose.ts';
import type { Draft } from '../../src/core/draft/model.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { openBrowser } from '../support/browser.ts';
import { eventOf, evidenceIdOf, factOf, incidentFactOf, instant } from '../support/events.ts';

/** Text that a vendor's field may hold, written by whoever likes to. */
const HOSTILE: readonly (readonly [name: string, text: string, seen?: string])[] = [
  ['pipes', 'a | b || c \\| d'],
  ['backticks', '` `` ```js ````'],
  ['a script', '<script>window.hit=1</script>'],
  ['a handler', '"><img src=x onerror="window.hit=1">'],
  ['an SVG', '<svg onload="window.hit=1"><title></svg>'],
  ['a link to a script', '[press](javascript:window.hit=1)'],
  ['an autolink to a script', '<javascript:window.hit=1>'],
  ['a reference to a script', '[press][p] [p]: javascript:window.hit=1'],
  ['an image', '![pixel](https://evil.example/p.png)'],
  ['marks of ours', '<!-- t.aaaaaaaaaa 0123456789 e9 -->', '<!-- t.aaaaaaaaaa 0123456789 e9 -->'],
  ['notes of ours', '[^1] [^99]: never'],
  ['a heading in a new line', 'x\n\n## Gone\n\n- y', 'x ## Gone - y'],
  ['a rule and a quote', '--- > * + 1. #'],
  ['entities', '&lt;b&gt; &amp; &#x3c;'],
  ['a comment that never ends', '<!-- x'],
  ['a style', '</style></title></pre></code></table><style>*{display:none}'],
  ['a template', '{{ title }} {% raw %}'],
  ['text turned round', 'safe\u202Egnp.exe\u2066 end\u2069', 'safegnp.exe end'],
  ['invisible characters', 'a\u200Bb\u00ADc\uFEFFd\u0007e', 'abcde'],
  ['half a character', 'x\uD800y', 'x\uFFFDy'],
  ['emphasis', '*a* _b_ ~~c~~ **d** $e$'],
  ['a hundred kilobytes', `${'| `<b>` [x](javascript:y) '.repeat(4000)}`, '| `<b>` [x](javascript:y)'],
];

function draftWith(text: string): Draft {
  const note = eventOf('note.added', '14:41', { key: 'evil', attributes: { text } });
  const post = eventOf('status.published', '14:39', {
    key: 'evil',
    url: 'javascript:window.hit=1',
    attributes: { text, state: 'identified' },
  });
  const alarm = eventOf('alert.fired', '14:31', {
    key: 'evil',
    url: `https://x.example/")onmouseover="window.hit=1`,
    attributes: { 'alert.rule': text },
  });
  const base = sampleCase();
  const change = {
    kind: 'change',
    key: 'github/pull:acme/api#1236',
    number: 1236,
    title: text,
    url: 'javascript:window.hit=1',
    revisions: [],
  } as const;
  const theCase = sampleCase({
    events: [...base.events, note, post, alarm],
    facts: [
      ...base.facts.filter(({ kind }) => kind !== 'incident' && kind !== 'comparison' && kind !== 'related'),
      incidentFactOf({ title: text, severity: text, url: 'data:text/html,x' }),
      factOf({ ...change, mergedAt: instant('13:00') }),
      factOf({
        kind: 'related',
        key: 'pagerduty/incident:Q1',
        of: 'pagerduty/incident:PABC',
        why: text,
        title: text,
        url: 'javascript:window.hit=1',
      }),
      ...base.facts.flatMap((fact) =>
        fact.kind === 'comparison'
          ? [{ ...fact, files: fact.files.map((file) => ({ ...file, patch: `${file.patch ?? ''}\n+${text}` })) }]
          : [],
      ),
    ],
    subject: ['api'],
  });
  const findings = [{ code: 'name_unknown', subject: text, cites: [{ evidence: evidenceIdOf('x') }] }] as const;
  return compose(theCase, sampleAnalysis(theCase, { findings }), [], 'sha256:1');
}

function parse(text: string): Root {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

function nodesOf(node: Nodes): readonly Nodes[] {
  return [node, ...('children' in node ? node.children.flatMap((child) => nodesOf(child)) : [])];
}

const shapeOf = (root: Root) =>
  root.children.flatMap((node) =>
    node.type === 'heading'
      ? [
          nodesOf(node)
            .flatMap((one) => ('value' in one ? [one.value] : []))
            .join(''),
        ]
      : [],
  );
const benign = shapeOf(parse(renderMarkdown(draftWith('a plain text')))).slice(1);

describe.each([['github'], ['plain']] as const)('in %s Markdown', (style) => {
  it.each(HOSTILE)('%s is inert and can be read', (_, text = '', seen = text) => {
    const root = parse(renderMarkdown(draftWith(text), { style }));
    const nodes = nodesOf(root);
    expect(shapeOf(root).slice(1)).toEqual(benign);
    const markup = nodes.flatMap((node) => (node.type === 'html' ? [node.value] : []));
    expect(
      markup.filter((html) => style === 'plain' || !/^<!-- [\w.%:#/-]+ [0-9a-f]{10} e\d+ -->$/.test(html) || html.includes('t.aaaaaaaaaa')),
    ).toEqual([]);
    expect(
      nodes.filter(({ type }) =>
        ['image', 'imageReference', 'linkReference', 'definition', 'delete', 'emphasis', 'thematicBreak'].includes(type),
      ),
    ).toEqual([]);
    const addresses = nodes.flatMap((node) => (node.type === 'link' ? [node.url] : []));
    expect(addresses.filter((url) => !/^(?:https?:\/\/|#coverage$)/.test(url))).toEqual([]);
    for (const node of nodes) if (node.type === 'table') expect(new Set(node.children.map(({ children }) => children.length)).size).toBe(1);
    const notes = new Set(nodes.flatMap((node) => (node.type === 'footnoteDefinition' ? [node.identifier] : [])));
    expect(nodes.filter((node) => node.type === 'footnoteReference' && !notes.has(node.identifier))).toEqual([]);
    const words = nodes.flatMap((node) => (node.type === 'text' || node.type === 'inlineCode' ? [node.value] : [])).join('');
    expect(words).toContain(seen);
  });
});

interface Seen {
  readonly hit: number | null;
  readonly scripts: number;
  readonly handlers: number;
  readonly images: number;
  readonly addresses: readonly string[];
  readonly headings: number;
  readonly rows: number;
  readonly width: number;
  readonly words: string;
}

/** Runs in the page. */
const LOOK = `({
  hit: window.hit ?? null,
  scripts: document.querySelectorAll('script, iframe, object, embed, form, base, link').length,
  handlers: [...document.querySelectorAll('*')].filter((node) => node.getAttributeNames().some((name) => name.startsWith('on'))).length,
  images: document.querySelectorAll('img').length,
  addresses: [...document.querySelectorAll('a')].map((link) => link.getAttribute('href') ?? '').filter((url) => !/^(?:https?:\\/\\/|#)/.test(url)),
  headings: document.querySelectorAll('h1, h2').length,
  rows: document.querySelectorAll('tr').length,
  width: document.documentElement.scrollWidth,
  words: document.body.textContent,
})`;

describe('in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
  });

  it('nothing of it runs, loads, hides or breaks the page, and all of it can be read', async () => {
    const page = await browser.newPage({ viewport: { width: 800, height: 1000 } });
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const plain = await read('a plain text');
    for (const [name, text, seen = text] of HOSTILE) {
      const { words, width, ...rest } = await read(text);
      expect({ name, ...rest }).toEqual({
        name,
        hit: null,
        scripts: 0,
        handlers: 0,
        images: 0,
        addresses: [],
        headings: plain.headings,
        rows: plain.rows,
      });
      expect(width, name).toBeLessThanOrEqual(800);
      expect(words.replaceAll(/\s+/g, ' '), name).toContain(seen.replaceAll(/\s+/g, ' ').trim());
    }
    expect(asked).toEqual([]);
    await page.close();

    async function read(text: string): Promise<Seen> {
      await page.setContent(renderHtml(draftWith(text)));
      return await page.evaluate<Seen>(LOOK);
    }
  });
});
