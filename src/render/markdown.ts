import type { Block, Draft, Section } from '../core/draft/model.ts';
import { type Item, type Page, renderBlock, renderInserted, renderOrphan } from './blocks.ts';
import { escapeInline, escapeText } from './escape.ts';
import { headerOf } from './header.ts';
import { HEADS } from './labels.ts';
import { placesOf } from './placed.ts';
import { openSources, type Style, writePieces } from './sources.ts';

/** How a document is written. */
export interface MarkdownOptions {
  /**
   * `github` (by default) has footnotes and the marks by which an edited file is read back. `plain` is for pasting into Confluence,
   * Google Docs and the like: no comments, and citations as `[3]` into a numbered list of sources; tables, links and fences stay.
   */
  readonly style?: Style;
  /** By the key of a figure: where its graph lies, relative to the document. Without it graphs are drawn in text. */
  readonly graphs?: ReadonlyMap<string, string>;
}

/** A document in parts, each of them inert Markdown. */
export interface MarkdownParts {
  readonly title: string;
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly sections: readonly MarkdownSection[];
  /** Words of people about something that the record no longer shows. */
  readonly lost: readonly string[];
  /** What the numbers in the text stand for, one a line. */
  readonly sources: readonly string[];
}

export interface MarkdownSection {
  readonly key: Section['key'];
  readonly heading: string;
  /** What stands below the heading, lines and blank lines. */
  readonly body: string;
  readonly blocks: readonly (Item & { readonly key: string; readonly kind: Block['kind'] | 'inserted' })[];
}

/** The draft as Markdown: the same draft gives the same bytes. Every text of others in it is inert. */
export function renderMarkdown(draft: Draft, options: MarkdownOptions = {}): string {
  const { title, facts, sections, lost, sources } = partsOf(draft, options);
  const parts = [
    [`# ${title}`, '', ...facts.map(({ label, value }) => `- **${label}:** ${value}`)],
    ...sections.map(({ heading, body }) => [`## ${heading}`, body]),
    ...(lost.length === 0 ? [] : [['## No longer in the timeline', '', ...lost]]),
    // Last, since GitHub gathers the notes at the end of the page.
    ['## Sources', '', ...sources],
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

/** The parts of a document: a template arranges them, and makes no sentence of its own. */
export function partsOf(draft: Draft, { style = 'github', graphs }: MarkdownOptions = {}): MarkdownParts {
  const page: Page = {
    draft,
    sources: openSources(draft, style),
    edits: new Map(draft.edits.map((edit) => [edit.key, edit])),
    marks: style === 'github',
    ...(graphs && { graphs }),
  };
  const placed = placesOf(draft.edits);
  const { title, facts } = headerOf(draft);
  return {
    title: escapeInline(title),
    facts: facts.map(({ label, pieces }) => ({ label, value: writePieces(pieces) })),
    sections: draft.sections.flatMap((section) => sectionOf(section, page, placed)),
    lost: draft.edits.flatMap(({ state, key, text }) => (state === 'orphaned' && text !== '' ? [renderOrphan(key, text, page)] : [])),
    sources: page.sources.list(),
  };
}

function sectionOf(section: Section, page: Page, placed: ReturnType<typeof placesOf>): readonly MarkdownSection[] {
  const blocks = placed(section)
    .flatMap(({ block, below }): MarkdownSection['blocks'] => [
      ...(block ? renderBlock(block, section.key, page).map((item) => ({ ...item, key: block.key, kind: block.kind })) : []),
      ...below.map((one) => ({ ...renderInserted(one, section.key, page), key: one.key, kind: 'inserted' as const })),
    ])
    .map((item) => (page.marks ? item : { ...item, text: item.text.replace(/ +(?=\n\n|$)/, '').replace(/ +\|$/, ' |') }));
  if (blocks.length === 0) return [];
  return [{ key: section.key, heading: escapeText(section.heading), body: joinItems(blocks, section.key).join('\n'), blocks }];
}

/** Items of one table or list follow each other; everything else has a blank line before it. */
function joinItems(items: readonly Item[], section: Section['key']): readonly string[] {
  let place = 0;
  return items.flatMap(({ group, text: written }, index) => {
    const before = items[index - 1]?.group;
    place = group === 'numbered' ? place + 1 : 0;
    const text = group === 'numbered' ? written.replace(/^1\./, `${place}.`) : written;
    if (group === before && group !== 'plain') return [text];
    if (group === 'row' || group === 'metric' || group === 'action') return ['', ...headOf(group, section), text];
    return ['', text];
  });
}

function headOf(group: 'row' | 'metric' | 'action', section: Section['key']): readonly string[] {
  const names = (group === 'metric' ? HEADS[section] : undefined) ?? HEADS[group] ?? [];
  return [`| ${names.join(' | ')} |`, `|${' --- |'.repeat(names.length)}`];
}
