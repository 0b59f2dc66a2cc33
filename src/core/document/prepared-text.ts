const FRONT = /^---[ \t]*\n([\s\S]*?)\n---[ \t]*(?:\n|$)/;
/** Bullets of text pasted from elsewhere. Each is one character, so that lines and columns stay. */
const BULLET = /^([ \t]*)[•●▪◦‣·–](?=[ \t])/gm;

/** Names of places that pandoc and other programs leave, where a link may lead to; a reader of the page sees nothing of them. */
const ANCHORS: readonly RegExp[] = [
  /(?<!`)\[\]\{#[^{}\n]{1,200}\}/g,
  /(?<!`)<(span|a) (?:id|name)="[^"<>\n]{1,200}"(?: class="[^"<>\n]{0,200}")?(?:><\/\1>| ?\/>)/g,
  // Behind a heading alone: elsewhere braces are a person's.
  / \{#[^{}\n]{1,200}\}(?=[ \t]*$)(?<=^#{1,6}[ \t][^\n]*)/gm,
];

/** No person nests so deep; a reader of Markdown takes time by the square of it. */
const DEEPEST = 32;
const DEEP_INDENT = new RegExp(`^[ \\t]{${2 * DEEPEST + 1},}(?=(?:[-*+>]|\\d{1,9}[.)]))`, 'gm');
const MARKER = '[ \\t]{0,3}(?:[-*+](?=[ \\t])|\\d{1,9}[.)](?=[ \\t])|>)[ \\t]{0,3}';
const DEEP_MARKERS = new RegExp(`^([ \\t]*(?:${MARKER}){${DEEPEST}})(?:${MARKER})+`, 'gm');
/** A paragraph with more marks of emphasis and links than this is none that a person wrote. */
const MOST_MARKS = 1_000;

/**
 * The text with what is no Markdown, but meant like it, written as Markdown: a block of metadata at the top is lifted out and
 * leaves empty lines, names of places go, and bullets of other programs become `*`. No line is added or taken, so numbers of lines hold.
 */
export function preparedText(source: string): {
  readonly text: string;
  readonly front: readonly { readonly line: number; readonly text: string }[];
} {
  const plain = source.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n');
  const found = FRONT.exec(plain);
  const front = (found?.[1] ?? '')
    .split('\n')
    .flatMap((text, index) => (text.trim() === '' ? [] : [{ line: index + 2, text: text.trim() }]));
  const body = found ? found[0].replaceAll(/[^\n]/g, '') + plain.slice(found[0].length) : plain;
  const shallow = ANCHORS.reduce((text, anchor) => text.replaceAll(anchor, ''), body)
    .replaceAll(BULLET, '$1*')
    .replaceAll(DEEP_INDENT, ' '.repeat(2 * DEEPEST))
    .replaceAll(DEEP_MARKERS, '$1');
  return { text: withoutFloods(shallow), front };
}

/** Paragraphs that hold nothing but marks by the thousand lose them, since pairing them takes time by the square. */
function withoutFloods(text: string): string {
  if ((text.match(/[*_[~]/g) ?? []).length <= MOST_MARKS) return text;
  return text
    .split(/(\n(?=[ \t]*(?:\n|$|[|>#]|[-*+][ \t]|\d{1,9}[.)][ \t])))/)
    .map((block) => ((block.match(/[*_[~]/g) ?? []).length > MOST_MARKS ? block.replaceAll(/[*_[~\]]/g, ' ') : block))
    .join('');
}
