const FRONT = /^---[ \t]*\n([\s\S]*?)\n---[ \t]*(?:\n|$)/;
/** Bullets of text pasted from elsewhere. Each is one character, so that lines and columns stay. */
const BULLET = /^([ \t]*)[•●▪◦‣·–](?=[ \t])/gm;

/**
 * The text with what is no Markdown, but meant like it, written as Markdown: a block of metadata at the top is lifted out and
 * leaves empty lines, and bullets of other programs become `*`. No line is added or taken, so numbers of lines hold.
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
  return { text: body.replaceAll(BULLET, '$1*'), front };
}
