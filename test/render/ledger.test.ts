import type { Nodes, Paragraph, Root, TableRow } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import type { Citation } from '../../src/core/citation.ts';
import type { Block } from '../../src/core/draft/model.ts';
import { renderHtml } from '../../src/render/html.ts';
import { renderMarkdown } from '../../src/render/markdown.ts';
import { manyDrafts, type NamedDraft } from '../support/drafts.ts';

const drafts = manyDrafts();

/** Sections that end a chain of reference themselves: notes lead into the table of what was read. */
const ENDS: ReadonlySet<string> = new Set(['Coverage', 'Sources']);

function citationsOf(block: Block): readonly Citation[] {
  switch (block.kind) {
    case 'prose':
      return block.sentences.flatMap(({ cites }) => cites);
    case 'row':
    case 'action':
    case 'caveat':
      return block.what.cites;
    case 'question':
      return block.lookAt;
    case 'metric':
    case 'figure':
    case 'code':
      return block.cites;
  }
}

/** All evidence that a case was made of. */
function evidenceOf({ theCase, draft }: NamedDraft): ReadonlySet<string> {
  const events = [
    ...theCase.events,
    ...draft.analysis.timeline.flatMap(({ event, ...entry }) => [event, ...('members' in entry ? entry.members : [])]),
  ];
  return new Set<string>([
    ...events.flatMap(({ provenance }) => ('rule' in provenance ? provenance.from : [provenance.evidence])),
    ...theCase.series.flatMap(({ evidence }) => evidence),
    ...theCase.facts.map(({ evidence }) => evidence),
    ...theCase.unplacedNames.map(({ evidence }) => evidence),
  ]);
}

describe('each citation of a draft', () => {
  it('is of an event of its timeline, of evidence of its case, or of a line of its coverage', () => {
    const lost = drafts.flatMap((named) => {
      const { draft } = named;
      const events = new Set<string>(
        draft.analysis.timeline
          .flatMap((entry) => [entry.event, ...(entry.kind === 'span' ? entry.members : []), ...entry.corroboratedBy])
          .map(({ id }) => id),
      );
      const evidence = evidenceOf(named);
      const coverage = new Set(draft.analysis.coverage.map(({ source, stream }) => `${source}/${stream}`));
      const exists = (cite: Citation) =>
        'event' in cite ? events.has(cite.event) : 'evidence' in cite ? evidence.has(cite.evidence) : coverage.has(cite.coverage);
      const told = draft.sections.flatMap(({ blocks }) =>
        blocks.flatMap((block) => citationsOf(block).map((cite) => ({ key: block.key, cite }))),
      );
      return told.filter(({ cite }) => !exists(cite)).map((one) => ({ ...one, name: named.name }));
    });
    expect(lost).toEqual([]);
  });
});

function parse(text: string): Root {
  return fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

function textOf(node: Nodes): string {
  if ('value' in node) return node.type === 'html' ? '' : node.value;
  return 'children' in node ? node.children.map(textOf).join('') : '';
}

function referencesIn(node: Nodes): readonly string[] {
  if (node.type === 'footnoteReference') return [node.identifier];
  return 'children' in node ? node.children.flatMap(referencesIn) : [];
}

/** What a reader sees as one statement: a paragraph, an item of a list, a row of a table below its head. */
function statementsIn(node: Nodes): readonly (Paragraph | TableRow)[] {
  if (node.type === 'paragraph') return [node];
  if (node.type === 'table') return node.children.slice(1);
  return 'children' in node && node.type !== 'footnoteDefinition' ? node.children.flatMap((child) => statementsIn(child)) : [];
}

describe('in Markdown', () => {
  it('each statement with a number or a time has a note, and each note leads somewhere', () => {
    for (const { name, draft } of drafts) {
      const { children } = parse(renderMarkdown(draft));
      const notes = new Map(
        children.flatMap((node) => (node.type === 'footnoteDefinition' ? [[node.identifier, textOf(node)] as const] : [])),
      );
      const unreferenced: string[] = [];
      let heading: string | undefined;
      for (const node of children) {
        if (node.type === 'heading') heading = node.depth === 2 ? textOf(node) : undefined;
        // On top stand the case's own name and windows, which are given and not found.
        if (heading === undefined) continue;
        for (const statement of statementsIn(node)) {
          const references = referencesIn(statement);
          expect(references.filter((reference) => !notes.has(reference))).toEqual([]);
          if (references.length === 0 && /\d/.test(textOf(statement)) && !ENDS.has(heading))
            unreferenced.push(`${name}: ${textOf(statement)}`);
        }
      }
      expect(unreferenced).toEqual([]);
      // `Event …` alone is a citation that the timeline does not hold.
      for (const text of notes.values()) expect(text).toMatch(/sha256:[0-9a-f]{64}|^What was read of \S+: (?!not read)/);
    }
  });
});

describe('in HTML', () => {
  it('each statement with a number or a time has a note, and each number of a note is there', () => {
    for (const { name, draft } of drafts) {
      const page = renderHtml(draft);
      const targets = new Set([...page.matchAll(/ id="(source-\d+)"/g)].map(([, id]) => id));
      const referred = [...page.matchAll(/href="#(source-\d+)"/g)].map(([, id]) => id);
      expect(referred.filter((id) => !targets.has(id))).toEqual([]);
      expect(new Set(referred)).toEqual(targets);
      const body = page.slice(page.indexOf('</nav>'), page.indexOf('<section id="coverage">'));
      const statements = [...body.matchAll(/<(p|li|tr|figcaption)(?: [^>]*)?>(.*?)<\/\1>/gs)]
        .map(([, , inner = '']) => inner)
        .filter((inner) => !inner.includes('<th'));
      const uncited = statements.filter((inner) => /\d/.test(inner.replaceAll(/<[^>]*>/g, '')) && !inner.includes('href="#source-'));
      expect(statements.length).toBeGreaterThan(5);
      expect(uncited.map((inner) => `${name}: ${inner}`)).toEqual([]);
    }
  });
});
