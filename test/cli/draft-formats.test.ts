import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { App, Drafted } from '../../src/app/app.ts';
import type { Settings } from '../../src/app/ports.ts';
import { main } from '../../src/cli/command-line.ts';
import type { Open } from '../../src/cli/io.ts';
import { DEFAULT_DRAFT, DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { readDocument } from '../../src/core/document/reader.ts';
import { compose } from '../../src/core/draft/compose.ts';
import type { Edit } from '../../src/core/draft/edits.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { sampleAnalysis, sampleCase } from '../core/draft/sample.ts';
import { instant, snapshotOf } from '../support/events.ts';
import { openTerminal } from '../support/terminal.ts';

const theCase = sampleCase();
const draft = compose(theCase, sampleAnalysis(theCase), [], 'sha256:1');
const drafted: Drafted = { draftId: draft.id, snapshot: snapshotOf([]), draft, partial: false };

/** An app that has drafted the sample, and answers nothing else. */
function openDrafted(template?: string, own = drafted): Open {
  const refuse = () => Promise.reject(new Error('not asked here'));
  const hasUnsavedWords = async (text: string) => text.includes('typed');
  const app = new Proxy({ draft: async () => own, hasUnsavedWords } as Partial<App>, {
    get: (own, name) => Reflect.get(own, name) ?? refuse,
  }) as App;
  const settings: Settings = {
    sources: {},
    services: [],
    people: [],
    policy: DEFAULT_POLICY,
    draft: DEFAULT_DRAFT,
    storage: { url: 'sqlite::memory:' },
    server: { host: '127.0.0.1', port: 0, tokens_env: 'HINDCAST_TOKENS' },
    ...(template !== undefined && { template: { main: 'own.liquid', files: { 'own.liquid': template } } }),
  };
  const silent = () => undefined;
  return async () => ({
    app,
    settings,
    tokens: [],
    log: { debug: silent, info: silent, warn: silent, error: silent },
    close: async () => {},
  });
}

async function runDraft(words: string, template?: string, own = drafted) {
  const { io, printed, files } = openTerminal();
  const code = await main(['draft', 'PABC', ...words.split(' ').filter(Boolean)], io, openDrafted(template, own));
  return { code, ...printed, files };
}

describe('a file that a draft is written over', () => {
  it('is kept beside it, each time under a new name, where it has words that no draft has', async () => {
    const { io, printed, files } = openTerminal();
    const write = async () => await main(['draft', 'PABC', '--out', 'notes/pm.md'], io, openDrafted());
    for (const words of ['typed on Monday', 'typed on Tuesday', 'ours']) {
      files.set('notes/pm.md', words);
      expect(await write()).toBe(0);
      expect(files.get('notes/pm.md')).toMatch(/^# Post-mortem/);
    }
    expect([files.get('notes/pm.kept-1.md'), files.get('notes/pm.kept-2.md')]).toEqual(['typed on Monday', 'typed on Tuesday']);
    expect(files.has('notes/pm.kept-3.md')).toBe(false);
    expect(printed.err).toContain(
      'notes/pm.md had words that no draft has: it is kept as notes/pm.kept-1.md; take them in with: hindcast edits import notes/pm.kept-1.md\n',
    );
  });
});

describe('a draft in Markdown', () => {
  it('has its graphs in text where it is printed', async () => {
    const { out } = await runDraft('');
    expect(out).toBe(renderMarkdown(draft));
    expect(out).toContain('```text');
  });

  it('has them as files beside it where it is written, by relative path, with the figure’s mark', async () => {
    const { files } = await runDraft('--out notes/api-outage.md');
    expect([...files.keys()]).toEqual(['notes/api-outage-graphs/graphs-1.svg', 'notes/api-outage.md']);
    expect(files.get('notes/api-outage-graphs/graphs-1.svg')).toMatch(/^<svg /);
    const written = files.get('notes/api-outage.md') ?? '';
    expect(written).toContain('![](api-outage-graphs/graphs-1.svg) **');
    expect(written).not.toContain('```text');
    const captions = [written, renderMarkdown(draft)].map((text) => readDocument(text).find(({ mark }) => mark?.key === 'graphs.1'));
    expect(captions[0]?.words).toEqual(captions[1]?.words);
    expect(captions[0]?.mark).toEqual(captions[1]?.mark);
  });
});

describe('plain Markdown', () => {
  it('has no comments and no footnotes, and each number leads to a line of the list', async () => {
    const { out } = await runDraft('--format plain');
    expect(out).not.toMatch(/<!--|\[\^|[ \t]$/m);
    const [text = '', sources = ''] = out.split('\n## Sources\n');
    const numbers = new Set([...text.matchAll(/\\\[(\d+)\\\]/g)].map(([, number]) => Number(number)));
    const listed = [...sources.matchAll(/^(\d+)\. /gm)].map(([, number]) => Number(number));
    expect(listed).toEqual(listed.map((_, at) => at + 1));
    expect([...numbers].toSorted((a, b) => a - b)).toEqual(listed);
  });

  it('says what the other says, in the same words and rows', async () => {
    const { out } = await runDraft('--format plain');
    const words = (text: string) =>
      readDocument(text)
        .filter(({ kind }) => kind !== 'note' && kind !== 'item')
        .map(({ text: seen }) => seen.replaceAll(/ ?\[\d+\]/g, '').trim());
    expect(words(out)).toEqual(words(renderMarkdown(draft)));
  });
});

describe('a template of the configuration', () => {
  it('arranges the Markdown, with the graphs beside it', async () => {
    const { files } = await runDraft('--out d.md', '# {{ title }}\n{{ section.graphs.body }}');
    expect(files.get('d.md')).toMatch(/^# Post-mortem/);
    expect(files.get('d.md')).toContain('(d-graphs/graphs-1.svg)');
  });

  it('has no part in JSON and HTML', async () => {
    const { code, out } = await runDraft('--format json', '{{ broken');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ id: 'sha256:1' });
  });

  it('that cannot be used exits 2 with its file, line and variable', async () => {
    const { code, err } = await runDraft('', '# {{ title }}\n{{ nobody }}');
    expect(code).toBe(2);
    expect(err).toBe('hindcast: draft.template: own.liquid:2: undefined variable: nobody\n');
  });
});

it('the shipped template gives the document that is written without one, with its graphs beside it', async () => {
  const shipped = readFileSync(new URL('../../config/templates/default.liquid', import.meta.url), 'utf8');
  const [with_, without] = [await runDraft('--out d.md', shipped), await runDraft('--out d.md')];
  expect(with_.files.get('d.md')).toBe(without.files.get('d.md'));
});

it('blame in people’s words is said beside the draft with a kinder way, and the words stay as they are', async () => {
  const words = ['The reviewer should have seen it, if only the check had run.', 'We saw “you should have known” in the chat.'] as const;
  const edits = words.map((text, index): Edit => {
    const written = { after: 0, author: 'ana', at: instant('16:00'), sequence: index + 1, text } as const;
    return { ...written, kind: 'insert', block: `i.${index + 1}`, below: 'summary.what' };
  });
  const own = { ...drafted, draft: compose(theCase, sampleAnalysis(theCase), edits, 'sha256:1') };
  const { out, err } = await runDraft('', undefined, own);
  for (const text of words) expect(out).toContain(text);
  expect(err.split('\n').filter(Boolean)).toEqual([
    'wording: i.1 has “should have”. Say what was known and done; move the wish to an action item.',
    'wording: i.1 has “if only”. Say what was seen and when; move the wish to an action item.',
  ]);
});
