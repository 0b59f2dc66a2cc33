import type { Citation } from '../core/citation.ts';
import { digestText } from '../core/digest.ts';
import { textOf } from '../core/draft/blocks.ts';
import type { EditedBlock } from '../core/draft/edits.ts';
import type { Block, Cited, Draft, Section } from '../core/draft/model.ts';
import { escapeInline, escapeText, fence, linkOf, safeUrl } from './escape.ts';
import { DIFFS } from './labels.ts';
import { phrasesOf } from './phrases.ts';
import { linksOf } from './row-links.ts';
import type { Sources } from './sources.ts';
import { drawChart } from './text-chart.ts';

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
  return [item, inGroup(group, `The record now says: ${edit.generatedNow}`, '')];
}

/** A block that a person put in, in the shape of the block that it stands below. */
export function renderInserted(group: Group, key: string, text: string, page: Page): Item {
  return inGroup(group, text, markOf(key, text, page.draft));
}

function inGroup(group: Group, text: string, mark: string): Item {
  const words = escapeText(text);
  const texts = {
    row: cells(['', words, mark]),
    metric: cells([words, '', mark]),
    action: cells([words, '', '', mark]),
    bullet: `- ${words} ${mark}`,
    numbered: `1. ${words} ${mark}`,
    plain: `${words} ${mark}`,
  } as const satisfies Record<Group, string>;
  return { group, text: texts[group].trimEnd() };
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

/** `<!-- t.4k2m9x7qpd 9f3a1c22b0 e17 -->`: which block this is, what we had generated, which edits it had seen. */
export function markOf(key: string, generated: string, { lastEdit = 0 }: Draft): string {
  const name = key.replaceAll('--', '%2D%2D').replaceAll('>', '%3E').replaceAll(/\s/g, '%20');
  return `<!-- ${name} ${digestText(generated).slice('sha256:'.length).slice(0, 10)} e${lastEdit} -->`;
}

function textIn(block: Block, section: Section['key'], page: Page, human: string | undefined): string {
  const mark = markOf(block.key, textOf(block), page.draft);
  switch (block.kind) {
    case 'prose': {
      const words = human === undefined ? block.sentences.map((one) => sentence(one, page)).join(' ') : edited(human, citesOf(block), page);
      const group = groupOf(block, section);
      return `${group === 'bullet' ? '- ' : group === 'numbered' ? '1. ' : ''}${words} ${mark}`;
    }
    case 'row':
      return cells([escapeText(block.time), human === undefined ? words(block.what) : escapeText(human), `${links(block, page)} ${mark}`]);
    case 'metric': {
      const value = escapeText(human ?? block.value);
      if (section === 'coverage') return cells([escapeText(block.label), `${value} ${mark}`]);
      return cells([escapeText(block.label), value, `${page.sources.refer(block.cites)} ${mark}`]);
    }
    case 'action': {
      const what = human === undefined ? sentence(block.what, page) : edited(human, block.what.cites, page);
      return cells([what, escapeText(block.ownerRole), '', mark]);
    }
    case 'caveat':
      return `${section === 'coverage' ? '- ' : '> **Note:** '}${human === undefined ? sentence(block.what, page) : edited(human, block.what.cites, page)} ${mark}`;
    case 'question':
      return `> **Question:** ${escapeInline(human ?? block.text)}${block.lookAt.length > 0 ? ` ${page.sources.refer(block.lookAt)}` : ''} ${mark}`;
    case 'figure':
      return figure(block, page, mark);
    case 'code':
      return code(block, section, page, mark);
  }
}

function sentence(cited: Cited, { sources }: Page): string {
  return `${words(cited)} ${sources.refer(cited.cites)}`;
}

function edited(text: string, cites: readonly Citation[], { sources }: Page): string {
  return `${escapeText(text)} ${sources.refer(cites)}`;
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
  { title, alt, series, cites }: Extract<Block, { readonly kind: 'figure' }>,
  { draft, sources }: Page,
  mark: string,
): string {
  const drawn = draft.series.filter(({ key }) => series.includes(key)).map((plotted) => drawChart(plotted, draft.analysis.milestones));
  const caption = `**${escapeInline(title)}.** ${escapeInline(alt)} ${sources.refer(cites)} ${mark}`;
  return [caption, '', fence(drawn.join('\n\n'), 'text')].join('\n');
}

type Code = Extract<Block, { readonly kind: 'code' }>;

function code({ text, language, url, cutLines, cites }: Code, section: Section['key'], page: Page, mark: string): string {
  const whole = safeUrl(url) === undefined ? '' : ` (${linkOf('source', url)})`;
  const cut = cutLines > 0 ? `; ${cutLines} more ${cutLines === 1 ? 'line is' : 'lines are'} not shown here` : '';
  return [`${DIFFS[section] ?? 'The diff'}${whole}${cut}. ${page.sources.refer(cites)} ${mark}`, '', fence(text, language)].join('\n');
}
