import type { Citation } from '../core/citation.ts';
import { parseInline } from '../core/document/inline.ts';
import { ACTION_CELLS, type ActionCell, cellKey, cellTexts } from '../core/draft/blocks.ts';
import type { EditedBlock } from '../core/draft/edits.ts';
import type { Block, Cited, Draft, Section } from '../core/draft/model.ts';
import { NOW } from './blocks.ts';
import { safeUrl } from './escape.ts';
import { escapeMarkup, escapeWords } from './escape-markup.ts';
import { drawPlotted } from './figure.ts';
import type { Notes, Piece } from './notes.ts';
import { phrasesOf } from './phrases.ts';
import { linksOf } from './row-links.ts';
import { wordsToHtml } from './words.ts';

/** What the rendering of one page shares. */
export interface HtmlPage {
  readonly draft: Draft;
  readonly notes: Notes;
  readonly edits: ReadonlyMap<string, EditedBlock>;
}

/** `[3]` small behind a sentence, each leading to its note. */
export function refer(cites: readonly Citation[], { notes }: HtmlPage): string {
  const numbers = notes.numbersOf(cites);
  if (numbers.length === 0) return '';
  return `<sup class="cites">${numbers.map((number) => `<a href="#source-${number}">${number}</a>`).join(' ')}</sup>`;
}

/** The same behind words, of which it begins no line. */
function referBehind(cites: readonly Citation[], page: HtmlPage): string {
  const numbers = refer(cites, page);
  return numbers === '' ? '' : `&#8288;${numbers}`;
}

/** Pieces of a note or of the header as HTML. */
export function writePieces(pieces: readonly Piece[]): string {
  return pieces.map(write).join('');
}

function write(piece: Piece): string {
  if ('text' in piece) return escapeMarkup(piece.text);
  if ('code' in piece) return `<code>${escapeMarkup(piece.code)}</code>`;
  return 'anchor' in piece ? `<a href="#${piece.to}">${escapeMarkup(piece.anchor)}</a>` : link(piece.link, piece.url);
}

/** A link where the address may be followed, else the words alone. */
export function link(text: string, url: string | undefined): string {
  const safe = url === undefined ? undefined : safeUrl(url);
  return safe === undefined ? escapeMarkup(text) : `<a href="${escapeMarkup(safe)}" rel="noopener noreferrer">${escapeMarkup(text)}</a>`;
}

function sentence(cited: Cited, page: HtmlPage): string {
  const words = phrasesOf(cited).map(({ text, url }) => (url === undefined ? escapeWords(text) : link(text, url)));
  return `${words.join('')}${referBehind(cited.cites, page)}`;
}

/** Words of a person, told apart from ours. */
export function humanWords(text: string): string {
  return `<span class="human">${wordsToHtml(parseInline(text))}</span>`;
}

/** A cell of an action that people fill; where ours moved since they did, both. */
export function cellHtml(action: string, cell: ActionCell, generated: string, { edits }: HtmlPage): string {
  const edit = edits.get(cellKey(action, cell));
  if (edit?.state === 'hidden') return '';
  if (edit?.state !== 'edited' && edit?.state !== 'stale') return escapeMarkup(generated);
  const now = edit.state === 'stale' ? `<br><span class="now">${escapeMarkup(`${NOW}${edit.generatedNow}`)}</span>` : '';
  return `${humanWords(edit.text)}${now}`;
}

/** The words of a block, ours or a person's, without the element that they stand in. */
export function innerOf(block: Block, human: string | undefined, page: HtmlPage): string {
  if (human !== undefined) return `${humanWords(human)}${referBehind(citesOf(block), page)}`;
  switch (block.kind) {
    case 'prose':
      return block.sentences.map((one) => sentence(one, page)).join(' ');
    case 'row':
    case 'action':
    case 'caveat':
      return sentence(block.what, page);
    case 'metric':
      return `${escapeMarkup(block.value)}`;
    case 'question':
      return `${escapeWords(block.text)}${referBehind(block.lookAt, page)}`;
    case 'figure':
    case 'code':
      return '';
  }
}

function citesOf(block: Block): readonly Citation[] {
  if (block.kind === 'prose') return block.sentences.flatMap(({ cites }) => cites);
  if (block.kind === 'question') return block.lookAt;
  return 'what' in block ? block.what.cites : block.cites;
}

/** The cells of a row of a table. */
export function cellsOf(
  block: Extract<Block, { readonly kind: 'row' | 'metric' | 'action' }>,
  human: string | undefined,
  section: Section['key'],
  page: HtmlPage,
): readonly string[] {
  if (block.kind === 'row')
    return [
      `<time>${escapeMarkup(block.time)}</time>`,
      innerOf(block, human, page),
      linksOf(block, page.notes)
        .map(({ label, url }) => link(label, url))
        .join(' '),
    ];
  if (block.kind === 'action') {
    const filled = cellTexts(block);
    return [innerOf(block, human, page), ...ACTION_CELLS.map((cell) => cellHtml(block.key, cell, filled[cell], page))];
  }
  const value = human === undefined ? boundedOf(block.value) : humanWords(human);
  return section === 'coverage' ? [escapeWords(block.label), value] : [escapeWords(block.label), value, refer(block.cites, page)];
}

/** Bounds in brackets stand on one line. */
function boundedOf(value: string): string {
  return escapeMarkup(value).replaceAll(/\(\d[^()]{0,30}\)/g, '<span class="whole">$&</span>');
}

/** A graph, with its numbers in words below it. */
export function figureOf({ key, title, alt, series, cites }: Extract<Block, { readonly kind: 'figure' }>, page: HtmlPage): string {
  const { draft } = page;
  const drawn = draft.series
    .filter((plotted) => series.includes(plotted.key))
    .map((plotted) => drawPlotted(plotted, { title, alt }, draft));
  return `<figure id="${escapeMarkup(key)}">${drawn.join('\n')}<figcaption>${escapeMarkup(alt)}${refer(cites, page)}</figcaption></figure>`;
}

/** A diff, its lines marked by what they do, so that color is not all that tells. */
export function codeOf(
  { key, text, url, cutLines, cites }: Extract<Block, { readonly kind: 'code' }>,
  caption: string,
  page: HtmlPage,
): string {
  const lines = text.split('\n').map((line) => {
    const kind = /^(?:---|\+\+\+) /.test(line) ? 'b' : line.startsWith('+') ? 'ins' : line.startsWith('-') ? 'del' : undefined;
    const inert = escapeLine(line);
    return kind ? `<${kind}>${inert}</${kind}>` : inert;
  });
  const cut = cutLines > 0 ? `; ${cutLines} more ${cutLines === 1 ? 'line is' : 'lines are'} not shown here` : '';
  return `<figure class="code" id="${escapeMarkup(key)}"><figcaption>${escapeMarkup(caption)} (${link('source', url)})${cut}.${refer(cites, page)}</figcaption><pre><code>${lines.join('\n')}</code></pre></figure>`;
}

/** Leading spaces and tabs of code stay. */
function escapeLine(line: string): string {
  const [indent = ''] = /^[+\- ]?[ \t]*/.exec(line) ?? [];
  return `${escapeMarkup(indent.replaceAll('\t', '    '))}${escapeMarkup(line.slice(indent.length))}`;
}
