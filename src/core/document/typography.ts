import type { Inline } from './inline.ts';

/** What editors and office programs put in place of what was typed, and the plain sign for it. */
const SIGNS: readonly (readonly [pattern: RegExp, plain: string])[] = [
  [/[“”„‟«»″]/g, '"'],
  [/[‘’‚‛′]/g, "'"],
  [/[‐‑‒–—―−]/g, '-'],
  [/(?<=[\s\d])-{2,3}(?=[\s\d])/g, '-'],
  [/…/g, '...'],
  [/[\u00ad\u200b\u2060\ufeff]/g, ''],
  [/\s+/g, ' '],
];

/** The text as a plain keyboard has it: one kind of quotes, dashes, dots and spaces. Where only these differ, nobody wrote anything. */
export function plainType(text: string): string {
  return SIGNS.reduce((plain, [pattern, sign]) => plain.replaceAll(pattern, sign), text);
}

/** The same of words with their marks. */
export function plainWords(words: readonly Inline[]): readonly Inline[] {
  return words.map((word) => {
    if ('text' in word) return { ...word, text: plainType(word.text) };
    return word.kind === 'break' ? word : { ...word, inside: plainWords(word.inside) };
  });
}
