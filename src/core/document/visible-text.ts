import type { Nodes } from 'mdast';

/** What a reader sees of a node: no marks, no numbers of notes, of a link its words, `\n` where a line breaks. */
export function visibleText(node: Nodes): string {
  switch (node.type) {
    case 'text':
    case 'inlineCode':
      return node.value;
    case 'break':
      return '\n';
    case 'image':
      return node.alt ?? '';
    case 'html':
      return /^<br\s*\/?>$/i.test(node.value) ? '\n' : '';
    case 'footnoteReference':
      return '';
    default:
      return 'children' in node ? joined(node.children.map(visibleText)) : '';
  }
}

/** The gap that a note's number or a comment leaves is one space. */
function joined(texts: readonly string[]): string {
  return texts
    .join('')
    .replaceAll(/[ \t]{2,}/g, ' ')
    .trim();
}

/** Where the links of a node lead, in its order. */
export function linksOf(node: Nodes): readonly string[] {
  if (node.type === 'link' || node.type === 'image') return [node.url];
  return 'children' in node ? node.children.flatMap(linksOf) : [];
}

/** The text with what others are quoted as saying left blank, so that places in it stay: their words are theirs. */
export function withoutQuotes(text: string): string {
  return text.replaceAll(/“[^”\n]*”|"[^"\n]*"/g, (quote) => ' '.repeat(quote.length));
}
