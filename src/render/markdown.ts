import type { EditedBlock } from '../core/draft/edits.ts';
import type { Draft, Section } from '../core/draft/model.ts';
import { type Group, groupOf, type Item, type Page, renderBlock, renderInserted } from './blocks.ts';
import { escapeInline, escapeText } from './escape.ts';
import { headerOf } from './header.ts';
import { HEADS } from './labels.ts';
import { openSources, writePieces } from './sources.ts';

/** A block that a person put in; hidden or not, what was put in below it has its place by it. */
type Inserted = EditedBlock & { readonly below: string };

/** The draft as GitHub's Markdown: the same draft gives the same bytes. Every text of others in it is inert. */
export function renderMarkdown(draft: Draft): string {
  const page: Page = { draft, sources: openSources(draft), edits: new Map(draft.edits.map((edit) => [edit.key, edit])) };
  const sections = draft.sections.map((section) => renderSection(section, page)).filter((lines) => lines.length > 0);
  const parts = [
    headerLines(draft),
    ...sections,
    ...orphans(draft),
    // Last, since GitHub gathers the notes at the end of the page.
    ['## Sources', '', ...page.sources.list()],
  ];
  return `${parts.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function headerLines(draft: Draft): readonly string[] {
  const { title, facts } = headerOf(draft);
  return [`# ${escapeInline(title)}`, '', ...facts.map(({ label, pieces }) => `- **${label}:** ${writePieces(pieces)}`)];
}

function renderSection(section: Section, page: Page): readonly string[] {
  const inserted = Map.groupBy(page.draft.edits.filter(isInserted), ({ below }) => below);
  const below = (key: string, group: Group): readonly Item[] =>
    (inserted.get(key) ?? []).flatMap((edit) => {
      const own = edit.state === 'hidden' ? [] : [renderInserted(group, edit.key, edit.text, page)];
      return [...own, ...below(edit.key, group)];
    });
  const items = section.blocks.flatMap((block) => [
    ...renderBlock(block, section.key, page),
    ...below(block.key, groupOf(block, section.key)),
  ]);
  if (items.length === 0) return [];
  return [`## ${escapeText(section.heading)}`, ...joinItems(items, section.key)];
}

function isInserted(edit: EditedBlock): edit is Inserted {
  return 'below' in edit;
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

/** Words about something that the record no longer shows: kept, since a person wrote them. */
function orphans({ edits }: Draft): readonly (readonly string[])[] {
  const lost = edits.flatMap((edit) => (edit.state === 'orphaned' ? [`- ${escapeText(edit.text)}`] : []));
  return lost.length === 0 ? [] : [['## No longer in the timeline', '', ...lost]];
}
