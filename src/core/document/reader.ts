import type { List, ListItem, Nodes, Parents, RootContent, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { type Addresses, type Inline, readInline } from './inline.ts';
import { type Mark, readMark } from './mark.ts';
import { joinOwnLineMarks } from './own-line-marks.ts';
import { preparedText } from './prepared-text.ts';
import { linksOf, visibleText } from './visible-text.ts';

/** `markup` is a block of HTML or a comment that stands alone: only who asks for the whole page is told of it. */
export type PartKind = 'front' | 'heading' | 'paragraph' | 'item' | 'row' | 'quote' | 'code' | 'note' | 'markup';

/** One thing that a reader of the page sees as one: a heading, a paragraph, a list item, a row of a table. */
export interface Part {
  readonly kind: PartKind;
  /** The line of the document that it begins in, counted from 1. */
  readonly line: number;
  /** What a reader sees, with `\n` where the source breaks the line; of a row its cells with ` | ` between them. */
  readonly text: string;
  /** Headings above, the outermost first; of an item also the items that it hangs below. */
  readonly under: readonly string[];
  /** Of a heading its level from 1, of an item how deep it is nested, from 0; else 0. */
  readonly depth: number;
  /** Of a row. */
  readonly cells?: readonly string[];
  /** Of a row: what stands above the cells; empty texts where the table has no head. */
  readonly heads?: readonly string[];
  /** The head of a table is a part as well: it may be all that a table holds. */
  readonly isHead?: boolean;
  /** Of an item, where a box stands before it: whether it is ticked. */
  readonly checked?: boolean;
  readonly links: readonly string[];
  /** The comment by which one of our own drafts names the block. */
  readonly mark?: Mark;
  /** The Markdown that it was read from, without the mark; of a row that of its cells. */
  readonly source: string;
  /** What a person may have typed: of a heading, a paragraph, an item or a quote, without our mark and numbers of notes. */
  readonly words?: readonly Inline[];
  /** The same of each cell of a row. */
  readonly cellWords?: readonly (readonly Inline[])[];
}

interface Place {
  readonly text: string;
  readonly under: readonly string[];
  readonly depth: number;
  readonly addresses: Addresses;
}

/**
 * Reads any Markdown, ours or another's, as the parts that a reader of the page sees, in the order of the page. Bullets that
 * are no Markdown (`•`) and a block of metadata at the top are understood. Never throws: what is no Markdown is a paragraph.
 * Takes time in proportion to the text. The whole page also has what a reader does not see.
 */
export function readDocument(source: string, what: 'seen' | 'whole' = 'seen'): readonly Part[] {
  const { text, front } = preparedText(source);
  const tree = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  const parts: Part[] = front.map(({ line, text: words }) => ({
    kind: 'front',
    line,
    text: words,
    under: [],
    depth: 0,
    links: [],
    source: words,
  }));
  const headings: string[] = [];
  const addresses = new Map(tree.children.flatMap((node) => (node.type === 'definition' ? [[node.identifier, node.url] as const] : [])));
  for (const node of tree.children) {
    if (node.type === 'heading') headings.length = Math.min(headings.length, node.depth - 1);
    const place = { text, under: headings.filter((heading) => heading !== undefined), depth: 0, addresses };
    parts.push(...partsOf(node, place));
    if (node.type === 'heading') headings[node.depth - 1] = visibleText(node);
  }
  return joinOwnLineMarks(parts).filter(({ kind }) => what === 'whole' || kind !== 'markup');
}

function partsOf(node: RootContent, place: Place): readonly Part[] {
  switch (node.type) {
    case 'heading':
      return [{ ...partOf('heading', node, place), depth: node.depth }];
    case 'paragraph':
      return [partOf('paragraph', node, place)];
    case 'code':
      return [{ ...partOf('code', node, place), text: node.value }];
    case 'list':
      return itemsOf(node, place);
    case 'table':
      return rowsOf(node, place);
    case 'blockquote':
      return node.children.flatMap((child) => (child.type === 'paragraph' ? [partOf('quote', child, place)] : partsOf(child, place)));
    case 'footnoteDefinition':
      return [partOf('note', node, place)];
    case 'html': {
      const part = partOf('markup', node, place);
      return [{ ...part, text: part.source.trim() }];
    }
    default:
      return [];
  }
}

/** Kinds whose words a person may have typed. */
const WORDED: ReadonlySet<PartKind> = new Set(['heading', 'paragraph', 'item', 'quote']);

function partOf(kind: PartKind, node: Nodes, { text, under, depth, addresses }: Place): Part {
  const { mark, source } = markedSource(node, text);
  return {
    kind,
    line: node.position?.start.line ?? 1,
    text: visibleText(node),
    under,
    depth,
    links: linksOf(node),
    source,
    ...(WORDED.has(kind) && { words: wordsOf(node, addresses) }),
    ...(mark && { mark }),
  };
}

function wordsOf(node: Nodes, addresses: Addresses): readonly Inline[] {
  const children: Parents['children'] = 'children' in node ? node.children : [];
  return readInline(children, 'join', addresses);
}

function markedSource(node: Nodes, text: string): { readonly mark: Mark | undefined; readonly source: string } {
  const source = text.slice(node.position?.start.offset ?? 0, node.position?.end.offset ?? 0);
  return readMark(source);
}

function itemsOf(list: List, place: Place): readonly Part[] {
  return list.children.flatMap((item) => {
    const own = itemOf(item, place);
    const below = { ...place, under: [...place.under, own.text], depth: place.depth + 1 };
    const rest = item.children.slice(item.children[0]?.type === 'paragraph' ? 1 : 0);
    return [own, ...rest.flatMap((child) => partsOf(child, below))];
  });
}

/** The item's own words; what hangs below it are parts of their own. */
function itemOf(item: ListItem, place: Place): Part {
  const [first] = item.children;
  const words = first?.type === 'paragraph' ? first : undefined;
  const part = words ? partOf('item', words, place) : { ...partOf('item', { ...item, children: [] }, place), text: '', source: '' };
  return { ...part, line: item.position?.start.line ?? part.line, ...(typeof item.checked === 'boolean' && { checked: item.checked }) };
}

function rowsOf(table: Table, place: Place): readonly Part[] {
  const heads = (table.children[0]?.children ?? []).map(visibleText);
  return table.children.map((row, index) => {
    const marked = row.children.map((cell) => markedSource(cell, place.text));
    const cells = row.children.map(visibleText);
    const mark = marked.findLast((cell) => cell.mark)?.mark;
    return {
      ...partOf('row', row, place),
      text: cells.join(' | '),
      cells,
      cellWords: row.children.map((cell) => wordsOf(cell, place.addresses)),
      heads,
      source: marked.map(({ source }) => source.replace(/^\s*\|?\s*/, '').trim()).join(' | '),
      ...(index === 0 && { isHead: true }),
      ...(mark && { mark }),
    };
  });
}
