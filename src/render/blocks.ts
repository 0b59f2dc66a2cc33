import type { Citation } from '../core/citation.ts';
import { digestText } from '../core/digest.ts';
import { parseInline } from '../core/document/inline.ts';
import { markDigest, writeMark } from '../core/document/mark.ts';
import { ACTION_CELLS, type ActionCell, cellKey, cellTexts, NEW_ACTION, textOf } from '../core/draft/blocks.ts';
import type { EditedBlock } from '../core/draft/edits.ts';
import type { Block, Cited, Draft, Section } from '../core/draft/model.ts';
import { escapeInline, escapeText, fence, linkOf, relativeUrl, safeUrl } from './escape.ts';
import { DIFFS } from './labels.ts';
import { phrasesOf } from './phrases.ts';
import type { Placed } from './placed.ts';
import { linksOf } from './row-links.ts';
import type { Sources } from './sources.ts';
import { drawChart } from './text-chart.ts';
import { wordsToMarkdown } from './words.ts';

/** Before the generated words of a block whose human words were written against older ones. */
export const NOW = 'The record now says: ';

/** How a block stands among its neighbors: those of one table or list are joined without a blank line. */
export type Group = 'row' | 'metric' | 'action' | 'bullet' | 'numbered' | 'plain';

export interface Item {
  readonly group: Group;
  readonly text: string;
}

/** What the rendering of one document shares. */
export interface Page {
  readonly draft: Draft;
  readonly sources: Sources;
  readonly edits: ReadonlyMap<string, EditedBlock>;
  /** Marks are comments by which a file that comes back is read again: other tools show them. */
  readonly marks: boolean;
  /** Where the graph of a figure lies, as a link of the document; without it a graph is drawn in text. */
  readonly graphs?: ReadonlyMap<string, string>;
}

/** Sections whose sentences are points of a list. */
const LISTS: ReadonlySet<Section['key']> = new Set(['went_well', 'went_wrong', 'related', 'communication']);

export function groupOf({ kind, key }: Block, section: Section['key']): Group {
  if (kind === 'row' || kind === 'metric' || kind === 'action') return kind;
  if (key.startsWith('root_cause.suspect.')) return 'numbered';
  if (section === 'coverage' && kind === 'caveat') return 'bullet';
  return kind === 'prose' && LISTS.has(section) ? 'bullet' : 'plain';
}

/** One block, with what people made of its words. A hidden one is not there. */
export function renderBlock(block: Block, section: Section['key'], page: Page): readonly Item[] {
  const edit = page.edits.get(block.key);
  if (edit?.state === 'hidden') return [];
  const group = groupOf(block, section);
  const human = edit?.state === 'edited' || edit?.state === 'stale' ? edit.text : undefined;
  const item = { group, text: textIn(block, section, page, human) };
  if (edit?.state !== 'stale') return [item];
  // Both texts stand: which one holds is for people to say.
  const mark = markIn(page, nowKey(block.key), edit.generatedNow);
  return [item, { group, text: inGroup({ group, section }, [escapeText(`${NOW}${edit.generatedNow}`)], mark) }];
}

/** The key that the mark of a stale block's second line has. */
export function nowKey(key: string): string {
  return `${key}.now`;
}

/** A block that a person put in, in the shape of the block that it stands below. */
export function renderInserted({ group, key, text }: Placed, section: Section['key'], page: Page): Item {
  const isCell = group === 'row' || group === 'metric' || group === 'action';
  const words = wordsToMarkdown(parseInline(text), isCell ? 'cell' : 'line');
  const filled = group === 'action' ? ACTION_CELLS.map((cell) => cellIn(key, cell, NEW_ACTION[cell], page)) : [];
  return { group, text: inGroup({ group, section }, [words, ...filled], markIn(page, key, text)) };
}

/** Words about something that the record no longer shows. */
export function renderOrphan(key: string, text: string, page: Page): string {
  return inGroup({ group: 'bullet', section: 'summary' }, [wordsToMarkdown(parseInline(text))], markIn(page, key, text));
}

/** Words in the shape of a group: in the cell that words have there, and of an action in the cells behind it. */
function inGroup(
  { group, section }: { readonly group: Group; readonly section: Section['key'] },
  words: readonly string[],
  mark: string,
): string {
  const [first = '', owner = '', due = '', priority = '', status = ''] = words;
  const texts = {
    row: cells(['', first, mark]),
    metric: section === 'coverage' ? cells([first, mark]) : cells([first, '', mark]),
    action: cells([first, owner, due, priority, status === '' ? mark : `${status} ${mark}`]),
    bullet: `- ${first} ${mark}`,
    numbered: `1. ${first} ${mark}`,
    plain: `${first} ${mark}`,
  } as const satisfies Record<Group, string>;
  return texts[group].trimEnd();
}

/** A cell that people fill; where ours moved since they did, both. */
function cellIn(action: string, cell: ActionCell, generated: string, { edits }: Page): string {
  const edit = edits.get(cellKey(action, cell));
  if (edit?.state === 'hidden') return '';
  if (edit?.state !== 'edited' && edit?.state !== 'stale') return escapeText(generated);
  const words = wordsToMarkdown(parseInline(edit.text), 'cell');
  return edit.state === 'stale' ? [words, escapeText(`${NOW}${edit.generatedNow}`)].filter(Boolean).join('<br>') : words;
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

/** `<!-- t.4k2m9x7qpd 9f3a1c22b0 e17 -->`: which block this is, what we had generated, which edits it had seen. */
function markIn({ draft: { lastEdit = 0 }, marks }: Page, key: string, generated: string): string {
  return marks ? writeMark({ key, digest: markDigest(digestText(generated)), lastEdit }) : '';
}

function textIn(block: Block, section: Section['key'], page: Page, human: string | undefined): string {
  const mark = markIn(page, block.key, textOf(block));
  switch (block.kind) {
    case 'prose': {
      const words = human === undefined ? block.sentences.map((one) => sentence(one, page)).join(' ') : edited(human, citesOf(block), page);
      const group = groupOf(block, section);
      return `${group === 'bullet' ? '- ' : group === 'numbered' ? '1. ' : ''}${words} ${mark}`;
    }
    case 'row':
      return cells([
        escapeText(block.time),
        human === undefined ? words(block.what) : wordsToMarkdown(parseInline(human), 'cell'),
        `${links(block, page)} ${mark}`,
      ]);
    case 'metric': {
      const value = human === undefined ? escapeText(block.value) : wordsToMarkdown(parseInline(human), 'cell');
      if (section === 'coverage') return cells([escapeText(block.label), `${value} ${mark}`]);
      return cells([escapeText(block.label), value, `${page.sources.refer(block.cites)} ${mark}`]);
    }
    case 'action': {
      const what = human === undefined ? sentence(block.what, page) : edited(human, block.what.cites, page, 'cell');
      const filled = cellTexts(block);
      return inGroup(
        { group: 'action', section },
        [what, ...ACTION_CELLS.map((cell) => cellIn(block.key, cell, filled[cell], page))],
        mark,
      );
    }
    case 'caveat':
      return `${section === 'coverage' ? '- ' : '> **Note:** '}${human === undefined ? sentence(block.what, page) : edited(human, block.what.cites, page)} ${mark}`;
    case 'question':
      return `> **Question:** ${human === undefined ? escapeInline(block.text) : wordsToMarkdown(parseInline(human))}${block.lookAt.length > 0 ? ` ${page.sources.refer(block.lookAt)}` : ''} ${mark}`;
    case 'figure':
      return figure(block, page, mark);
    case 'code':
      return code(block, section, page, mark);
  }
}

function sentence(cited: Cited, { sources }: Page): string {
  return `${words(cited)} ${sources.refer(cited.cites)}`;
}

function edited(text: string, cites: readonly Citation[], { sources }: Page, place: 'line' | 'cell' = 'line'): string {
  return `${wordsToMarkdown(parseInline(text), place)} ${sources.refer(cites)}`;
}

function citesOf(block: Extract<Block, { readonly kind: 'prose' }>): readonly Citation[] {
  return block.sentences.flatMap(({ cites }) => cites);
}

/** The sentence with its phrases linked. */
function words(cited: Cited): string {
  return phrasesOf(cited)
    .map(({ text, url }, index) => (url === undefined ? (index === 0 ? escapeText(text) : escapeInline(text)) : linkOf(text, url)))
    .join('');
}

/** A link for each source that saw it, then the numbers of its entries in the list of sources. */
function links(block: Extract<Block, { readonly kind: 'row' }>, { sources }: Page): string {
  const led = linksOf(block, sources).map(({ label, url }) => linkOf(label, url));
  return [...led, sources.refer(block.what.cites)].join(' ');
}

function figure(
  { key, title, alt, series, cites }: Extract<Block, { readonly kind: 'figure' }>,
  { draft, sources, graphs }: Page,
  mark: string,
): string {
  const drawn = draft.series.filter(({ key }) => series.includes(key)).map((plotted) => drawChart(plotted, draft.analysis.milestones));
  const path = graphs?.get(key);
  // In the caption's own paragraph, so that a file that comes back has no paragraph that nobody wrote.
  const image = path === undefined ? '' : `![](${relativeUrl(path)}) `;
  const caption = `${image}**${escapeInline(title)}.** ${escapeInline(alt)} ${sources.refer(cites)} ${mark}`;
  if (image !== '') return caption;
  return [caption, '', fence(drawn.join('\n\n'), 'text')].join('\n');
}

type Code = Extract<Block, { readonly kind: 'code' }>;

function code({ text, language, url, cutLines, cites }: Code, section: Section['key'], page: Page, mark: string): string {
  const whole = safeUrl(url) === undefined ? '' : ` (${linkOf('source', url)})`;
  const cut = cutLines > 0 ? `; ${cutLines} more ${cutLines === 1 ? 'line is' : 'lines are'} not shown here` : '';
  return [`${DIFFS[section] ?? 'The diff'}${whole}${cut}. ${page.sources.refer(cites)} ${mark}`, '', fence(text, language)].join('\n');
}
