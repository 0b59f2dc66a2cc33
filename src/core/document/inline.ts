import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { isMark } from './mark.ts';

/**
 * Words of a person with what their Markdown may do: strong, emphasis, strike, code, links and line breaks. Everything else
 * that they typed is text. A link's address is as it was typed: whoever writes it decides whether it may be followed.
 */
export type Inline =
  | { readonly kind: 'text' | 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'strong' | 'emphasis' | 'strike'; readonly inside: readonly Inline[] }
  | { readonly kind: 'link'; readonly url: string; readonly inside: readonly Inline[] };

/** Addresses that `[words][name]` may name, by that name. */
export type Addresses = ReadonlyMap<string, string>;

/** In a block of its own there is no heading, list or table: what looks like one are words. */
const WORDS_ONLY = {
  disable: {
    null: [
      'blockQuote',
      'codeFenced',
      'codeIndented',
      'definition',
      'gfmFootnoteDefinition',
      'headingAtx',
      'htmlFlow',
      'list',
      'setextUnderline',
      'table',
      'thematicBreak',
    ],
  },
};

/** Reads the words of one block. A line break in them is meant, and an empty line is two. Never throws. */
export function parseInline(markdown: string): readonly Inline[] {
  const tree = fromMarkdown(markdown, { extensions: [gfm(), WORDS_ONLY], mdastExtensions: [gfmFromMarkdown()] });
  const paragraphs = tree.children.map((node): readonly Inline[] => (node.type === 'paragraph' ? readInline(node.children, 'keep') : []));
  const pause: readonly Inline[] = [{ kind: 'break' }, { kind: 'break' }];
  return tidy(paragraphs.flatMap((words, index) => (index === 0 ? words : [...pause, ...words])));
}

/**
 * The words of nodes that the reader found. `lines` says what becomes of the end of a source line: a break, or a space as
 * Markdown has it. Numbers of notes and our own marks are no words; a note of another name stays as it was typed.
 */
export function readInline(nodes: readonly Nodes[], lines: 'keep' | 'join' = 'join', addresses: Addresses = new Map()): readonly Inline[] {
  return tidy(nodes.flatMap((node) => wordsOf(node, lines, addresses)));
}

/** What a reader sees of the words; `\n` for a break. */
export function plainOf(words: readonly Inline[]): string {
  return words
    .map((word) => {
      if ('text' in word) return word.text;
      return word.kind === 'break' ? '\n' : plainOf(word.inside);
    })
    .join('');
}

/** Two texts are the same words where these are equal. */
export function inlineKey(words: readonly Inline[]): string {
  return JSON.stringify(words);
}

function wordsOf(node: Nodes, lines: 'keep' | 'join', addresses: Addresses): readonly Inline[] {
  const inside = () => ('children' in node ? node.children.flatMap((child) => wordsOf(child, lines, addresses)) : []);
  switch (node.type) {
    case 'text':
      return lines === 'keep' ? broken(node.value) : [text(node.value)];
    case 'inlineCode':
      // In a cell of a table there is no way to write a backslash before a bar as code.
      return [/\\\|/.test(node.value) ? text(node.value) : { kind: 'code', text: node.value }];
    case 'break':
      return [{ kind: 'break' }];
    case 'strong':
    case 'emphasis':
      return [{ kind: node.type, inside: inside() }];
    case 'delete':
      return [{ kind: 'strike', inside: inside() }];
    case 'html':
      if (/^<br\s*\/?>$/i.test(node.value)) return [{ kind: 'break' }];
      return isMark(node.value) ? [] : [text(node.value)];
    case 'footnoteReference':
      return /^\d+$/.test(node.identifier) ? [] : [text(`[^${node.label ?? node.identifier}]`)];
    case 'link':
      return linked(node.url, inside(), node.title ?? undefined);
    case 'image':
      // The graph that we put before a figure's caption: nobody typed it.
      if (!node.alt && /-graphs\/[\w-]+\.svg$/.test(node.url)) return [];
      return linked(node.url, [text(node.alt || node.url)], node.title ?? undefined, '!');
    case 'linkReference': {
      const url = addresses.get(node.identifier);
      return url === undefined ? [text('['), ...inside(), text(']')] : linked(url, inside());
    }
    default:
      return inside();
  }
}

function broken(value: string): readonly Inline[] {
  return value.split('\n').flatMap((line, index): readonly Inline[] => [...(index > 0 ? [{ kind: 'break' } as const] : []), text(line)]);
}

/** A link, where it leads to the web; else all of it as it was typed, but for an address that Markdown made a link of by itself. */
function linked(url: string, inside: readonly Inline[], title?: string, before = ''): readonly Inline[] {
  const after = title === undefined ? [] : [text(` (${title})`)];
  if (/^https?:\/\//i.test(url)) return [{ kind: 'link', url, inside }, ...after];
  if (before === '' && url === `mailto:${plainOf(inside)}`) return inside;
  return [text(`${before}[`), ...inside, text(`](${url})`), ...after];
}

function text(value: string): Inline {
  return { kind: 'text', text: value };
}

/** Neighbors joined, spaces as a page shows them, nothing empty, no break at either end. */
function tidy(words: readonly Inline[]): readonly Inline[] {
  const joined = join(words.flatMap(tidied));
  const trimmed = joined.map((word, index): Inline => {
    if (word.kind !== 'text') return word;
    const starts = index === 0 || joined[index - 1]?.kind === 'break';
    const ends = index === joined.length - 1 || joined[index + 1]?.kind === 'break';
    const start = starts ? word.text.trimStart() : word.text;
    return text(ends ? start.trimEnd() : start);
  });
  const told = trimmed.filter((word) => word.kind !== 'text' || word.text !== '');
  const first = told.findIndex(({ kind }) => kind !== 'break');
  return first < 0 ? [] : told.slice(first, told.findLastIndex(({ kind }) => kind !== 'break') + 1);
}

function tidied(word: Inline): readonly Inline[] {
  if (!('inside' in word)) return [word];
  const inside = join(word.inside.flatMap(tidied));
  return inside.length === 0 ? [] : [{ ...word, inside }];
}

function join(words: readonly Inline[]): readonly Inline[] {
  const joined: Inline[] = [];
  for (const word of words) {
    const last = joined.at(-1);
    if (word.kind === 'text' && last?.kind === 'text') joined[joined.length - 1] = text(last.text + word.text);
    else joined.push(word);
  }
  return joined.flatMap((word) => {
    if (word.kind !== 'text') return [word];
    const spaced = text(word.text.replaceAll(/[ \t\r\n]+/g, ' '));
    return spaced.kind === 'text' && spaced.text === '' ? [] : [spaced];
  });
}
