import { type Inline, parseInline, plainOf } from '../core/document/inline.ts';
import { escapeInline, escapeText, safeUrl, toLine } from './escape.ts';
import { escapeMarkup } from './escape-markup.ts';

/** Bullets of other programs: at the start of a line the reader of a document takes them for a list. */
const BULLET = /^[•●▪◦‣·–]/;
/** An address that may stand by itself between angle brackets. */
const BARE = /^https?:\/\/[\w\-.~:/?#@!$&'()*+,;=%]+$/;
const SIGNS = { strong: '**', emphasis: '*', strike: '~~' } as const;
const TAGS = { strong: 'strong', emphasis: 'em', strike: 'del' } as const;

/** Words of a person as Markdown on one line. In a cell of a table a bar in code has its own form. */
export function wordsToMarkdown(words: readonly Inline[], place: 'line' | 'cell' = 'line'): string {
  return words
    .map((word, index) => {
      if (word.kind !== 'text') return write(word, place);
      const written = index === 0 ? leading(word.text) : inert(word.text);
      return words[index + 1]?.kind === 'link' ? written.replace(/!$/, '\\!') : written;
    })
    .join('');
}

/** What a person typed for a block, in the one form in which it is kept: reading what we wrote of it gives it again. */
export function canonicalWords(typed: string): string {
  return keptForm(parseInline(typed));
}

/** The words in that form. Marks that cannot be written so that they are read again go; the words themselves never do. */
export function keptForm(words: readonly Inline[]): string {
  const forms = [words, withoutSigns(words), [{ kind: 'text', text: plainOf(words) } as const]];
  const seen = spaced(plainOf(words));
  const written = forms.map((form) => wordsToMarkdown(parseInline(wordsToMarkdown(form))));
  return (
    written.find((form) => wordsToMarkdown(parseInline(form)) === form && spaced(plainOf(parseInline(form))) === seen) ??
    written.at(-1) ??
    ''
  );
}

function leading(text: string): string {
  return withoutAddresses(escapeText(text)).replace(BULLET, (sign) => `&#${sign.codePointAt(0)};`);
}

function inert(text: string): string {
  return withoutAddresses(escapeInline(text));
}

/** What GitHub makes a link of by itself would swallow the escapes behind it. */
function withoutAddresses(escaped: string): string {
  return escaped
    .replaceAll(/(https?):(?=\/\/)/gi, '$1&#58;')
    .replaceAll(/(www)\.(?=\S)/gi, '$1&#46;')
    .replaceAll('@', '&#64;');
}

function withoutSigns(words: readonly Inline[]): readonly Inline[] {
  return words.flatMap((word) => ('inside' in word && word.kind !== 'link' ? withoutSigns(word.inside) : [word]));
}

function spaced(text: string): string {
  return toLine(text).replaceAll(/\s+/g, ' ').trim();
}

function write(word: Inline, place: 'line' | 'cell'): string {
  switch (word.kind) {
    case 'text':
      return inert(word.text);
    case 'code':
      return code(word.text, place);
    case 'break':
      return '<br>';
    case 'link': {
      const url = safeUrl(word.url);
      const seen = plainOf(word.inside);
      // Markdown makes a link of a bare address by itself, whether it can be one or not.
      if (url === undefined && (seen === word.url || `http://${seen}` === word.url)) return inert(seen);
      if (url !== undefined && seen === word.url && BARE.test(seen)) return `<${seen}>`;
      const inside = word.inside.map((each) => write(each, place)).join('');
      return url === undefined ? `\\[${inside}\\](${inert(word.url)})` : `[${inside}](${url.replaceAll('&', '&amp;')})`;
    }
    case 'strong':
    case 'emphasis':
    case 'strike':
      return `${SIGNS[word.kind]}${word.inside.map((each) => write(each, place)).join('')}${SIGNS[word.kind]}`;
  }
}

function code(text: string, place: 'line' | 'cell'): string {
  const line = toLine(text);
  const longest = [...line.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0);
  const ticks = '`'.repeat(longest + 1);
  const isPadded = /^`|`$/.test(line) || (/^ .* $/.test(line) && line.trim() !== '');
  const pad = isPadded ? ' ' : '';
  return `${ticks}${pad}${place === 'cell' ? line.replaceAll('|', '\\|') : line}${pad}${ticks}`;
}

/** Words of a person as HTML: the same marks, and links that may be followed. */
export function wordsToHtml(words: readonly Inline[]): string {
  return words
    .map((word) => {
      if ('text' in word) return word.kind === 'text' ? escapeMarkup(word.text) : `<code>${escapeMarkup(word.text)}</code>`;
      if (word.kind === 'break') return '<br>';
      const inside = wordsToHtml(word.inside);
      if (word.kind !== 'link') return `<${TAGS[word.kind]}>${inside}</${TAGS[word.kind]}>`;
      const url = safeUrl(word.url);
      if (url === undefined) return `[${inside}](${escapeMarkup(word.url)})`;
      return `<a href="${escapeMarkup(url)}" rel="noopener noreferrer">${inside}</a>`;
    })
    .join('');
}
