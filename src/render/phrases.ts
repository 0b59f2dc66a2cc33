import type { Cited } from '../core/draft/model.ts';
import { safeUrl } from './escape.ts';

/** A sentence in parts: words, and phrases that lead somewhere, each where it first stands as a whole. */
export function phrasesOf({ text, links: phrases = [] }: Cited): readonly { readonly text: string; readonly url?: string }[] {
  const places = phrases
    .map((phrase) => ({ ...phrase, at: placeOf(phrase.text, text) }))
    .filter(({ at, url }) => at >= 0 && safeUrl(url) !== undefined)
    .toSorted((a, b) => a.at - b.at);
  const parts: { readonly text: string; readonly url?: string }[] = [];
  let done = 0;
  for (const { text: phrase, url, at } of places) {
    if (at < done) continue;
    parts.push({ text: text.slice(done, at) }, { text: phrase, url });
    done = at + phrase.length;
  }
  return [...parts, { text: text.slice(done) }].filter((part) => part.text !== '');
}

/** `#12` does not stand in `#123`. */
function placeOf(phrase: string, text: string): number {
  let at = text.indexOf(phrase);
  while (at >= 0 && /\d/.test(text.charAt(at + phrase.length))) at = text.indexOf(phrase, at + 1);
  return at;
}
