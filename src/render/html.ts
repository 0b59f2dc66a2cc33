import { ACTION_CELLS, NEW_ACTION } from '../core/draft/blocks.ts';
import type { Block, Draft, Section } from '../core/draft/model.ts';
import { type Group, groupOf, NOW, nowKey } from './blocks.ts';
import { escapeMarkup } from './escape-markup.ts';
import { headerOf } from './header.ts';
import { cellHtml, cellsOf, codeOf, figureOf, type HtmlPage, humanWords, innerOf, writePieces } from './html-blocks.ts';
import { HTML_STYLE } from './html-style.ts';
import { DIFFS, HEADS } from './labels.ts';
import { openNotes } from './notes.ts';
import { placesOf } from './placed.ts';

/** A block as HTML, and the table or list that it is a line of. */
interface Item {
  readonly group: Group;
  readonly html: string;
}

/**
 * The draft as one HTML file: no script, no font, no image from elsewhere, and a policy that forbids them. It reads in light and
 * dark and prints on paper with the addresses of its links. The same draft gives the same bytes; every text of others is inert.
 */
export function renderHtml(draft: Draft): string {
  const page: HtmlPage = { draft, notes: openNotes(draft), edits: new Map(draft.edits.map((edit) => [edit.key, edit])) };
  const placed = placesOf(draft.edits);
  const { title, facts } = headerOf(draft);
  const sections = draft.sections.map((section) => ({ section, html: sectionOf(section, page, placed) })).filter(({ html }) => html !== '');
  const lost = orphansOf(draft);
  const contents = sections.map(({ section }) => `<li><a href="#${section.key}">${escapeMarkup(section.heading)}</a></li>`);
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'">`,
    '<meta name="referrer" content="no-referrer">',
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${HTML_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<header><h1>${escapeMarkup(title)}</h1>`,
    `<dl class="facts">${facts.map(({ label, pieces }) => `<div><dt>${escapeMarkup(label)}</dt><dd>${writePieces(pieces)}</dd></div>`).join('\n')}</dl></header>`,
    `<nav aria-label="Contents"><ul>${contents.join('\n')}</ul></nav>`,
    ...sections.map(({ html }) => html),
    lost,
    notesOf(page),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function sectionOf(section: Section, page: HtmlPage, placed: ReturnType<typeof placesOf>): string {
  const items = placed(section).flatMap(({ block, below }) => [
    ...(block ? itemsOf(block, section.key, page) : []),
    ...below.map(({ group, key, text }) => {
      const filled = group === 'action' ? ACTION_CELLS.map((cell) => cellHtml(key, cell, NEW_ACTION[cell], page)) : [];
      return humanItem({ group, section: section.key, key }, [humanWords(text), ...filled]);
    }),
  ]);
  if (items.length === 0) return '';
  return `<section id="${section.key}"><h2>${escapeMarkup(section.heading)}</h2>\n${joined(items, section.key)}\n</section>`;
}

function itemsOf(block: Block, section: Section['key'], page: HtmlPage): readonly Item[] {
  const edit = page.edits.get(block.key);
  if (edit?.state === 'hidden') return [];
  const group = groupOf(block, section);
  const human = edit?.state === 'edited' || edit?.state === 'stale' ? edit.text : undefined;
  const item = { group, html: itemOf(block, group, human, section, page) };
  if (edit?.state !== 'stale') return [item];
  const now = `<span class="now">${escapeMarkup(`${NOW}${edit.generatedNow}`)}</span>`;
  return [item, humanItem({ group, section, key: nowKey(block.key) }, [now])];
}

function itemOf(block: Block, group: Group, human: string | undefined, section: Section['key'], page: HtmlPage): string {
  const id = escapeMarkup(block.key);
  if (block.kind === 'row' || block.kind === 'metric' || block.kind === 'action') return rowHtml(id, cellsOf(block, human, section, page));
  if (block.kind === 'figure') return figureOf(block, page);
  if (block.kind === 'code') return codeOf(block, DIFFS[section] ?? 'The diff', page);
  const inner = innerOf(block, human, page);
  if (group === 'bullet' || group === 'numbered') return `<li id="${id}">${inner}</li>`;
  if (block.kind === 'question') return `<p class="question" id="${id}"><strong>Question:</strong> ${inner}</p>`;
  if (block.kind === 'caveat') return `<p class="note" id="${id}"><strong>Note:</strong> ${inner}</p>`;
  return `<p id="${id}">${inner}</p>`;
}

function rowHtml(id: string, cells: readonly string[]): string {
  return `<tr id="${id}">${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
}

/** Words that a person put in, in the shape of the block that they stand below; of an action its other cells, too. */
function humanItem(
  { group, section, key }: { readonly group: Group; readonly section: Section['key']; readonly key: string },
  [words = '', ...filled]: readonly string[],
): Item {
  const id = escapeMarkup(key);
  const width = headsOf(group, section).length;
  const place = group === 'row' ? 1 : 0;
  const table = () =>
    rowHtml(
      id,
      Array.from({ length: width }, (_, at) => (at === place ? words : (filled[at - 1] ?? ''))),
    );
  const html = {
    row: table,
    metric: table,
    action: table,
    bullet: () => `<li id="${id}">${words}</li>`,
    numbered: () => `<li id="${id}">${words}</li>`,
    plain: () => `<p id="${id}">${words}</p>`,
  } as const satisfies Record<Group, () => string>;
  return { group, html: html[group]() };
}

function headsOf(group: Group, section: Section['key']): readonly string[] {
  return (group === 'metric' ? HEADS[section] : undefined) ?? HEADS[group] ?? [];
}

/** Neighbors of one table or list stand in one element. */
function joined(items: readonly Item[], section: Section['key']): string {
  const runs: { readonly group: Group; readonly html: string[] }[] = [];
  for (const { group, html } of items) {
    const last = runs.at(-1);
    if (last && last.group === group && group !== 'plain') last.html.push(html);
    else runs.push({ group, html: [html] });
  }
  return runs.map(({ group, html }) => wrapped(group, html.join('\n'), section)).join('\n');
}

function wrapped(group: Group, html: string, section: Section['key']): string {
  if (group === 'plain') return html;
  if (group === 'bullet') return `<ul>\n${html}\n</ul>`;
  if (group === 'numbered') return `<ol>\n${html}\n</ol>`;
  const heads = headsOf(group, section).map((head) => `<th scope="col">${escapeMarkup(head)}</th>`);
  return `<div class="table"><table class="${group}">\n<thead><tr>${heads.join('')}</tr></thead>\n<tbody>\n${html}\n</tbody></table></div>`;
}

/** Words about something that the record no longer shows: kept, since a person wrote them. */
function orphansOf({ edits }: Draft): string {
  const lost = edits.filter(({ state, text }) => state === 'orphaned' && text !== '');
  if (lost.length === 0) return '';
  const items = lost.map(({ key, text }) => `<li id="${escapeMarkup(key)}">${humanWords(text)}</li>`);
  return `<section id="no_longer"><h2>No longer in the timeline</h2><ul>\n${items.join('\n')}\n</ul></section>`;
}

function notesOf({ notes }: HtmlPage): string {
  const items = notes.all().map(({ number, pieces }) => `<li id="source-${number}">${writePieces(pieces)}</li>`);
  return `<section id="sources"><h2>Sources</h2><ol class="sources">\n${items.join('\n')}\n</ol></section>`;
}
