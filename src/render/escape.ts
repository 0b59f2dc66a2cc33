/**
 * Controls, direction marks and what hides itself: no reader sees them, and a vendor's text must not break a line or turn it
 * round. Joiners stay, which emoji and Persian need, and so do the few format characters that have a shape of their own.
 */
const UNSEEN = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u0600-\u0605\u06dd\u070f\u200c\u200d])\p{Cf}/gu;
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

const PLAIN = /^[\x20-\x7e]*$/;
const SIGNS = /[\\`*[\]|~$&<>]/;
/** An underscore that is not between two plain letters or digits. */
const LOOSE = /(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/;
const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** One line of readable text: breaks become spaces, what cannot be seen goes, half characters become U+FFFD. */
export function toLine(text: string): string {
  // Most texts are plain, and a document has thousands.
  if (PLAIN.test(text)) return text;
  return text.toWellFormed().replaceAll(BREAKS, ' ').replaceAll(UNSEEN, '');
}

/**
 * Any text as inert Markdown, on one line, in a paragraph, a heading or a cell of a table: nothing in it is markup, a tag, an
 * entity, a link or the start of a block. An underscore inside a word is left alone, since GitHub's Markdown does so too.
 */
export function escapeText(text: string): string {
  return escapeInline(text)
    .replace(/^(\s*)([#+\-=])/, '$1\\$2')
    .replace(/^(\s*\d{1,9})([.)])/, '$1\\$2');
}

/** The same for text that never begins a line. */
export function escapeInline(text: string): string {
  const line = toLine(text);
  const signs = SIGNS.test(line) ? line.replaceAll(/[\\`*[\]|~$&<>]/g, (sign) => ENTITIES[sign] ?? `\\${sign}`) : line;
  return LOOSE.test(signs) ? signs.replaceAll(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_') : signs;
}

/** The address where it is plain http or https with no user in it, encoded so that it cannot end the link; else nothing. */
export function safeUrl(url: string): string | undefined {
  const parsed = URL.parse(url.trim());
  if (!parsed || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) return undefined;
  if (parsed.username !== '' || parsed.password !== '') return undefined;
  return parsed.href.replaceAll(
    /[()<>|\\`*[\]{}"'^\s]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** The path of a file beside the document as a link's address: a file may be called anything. */
export function relativeUrl(path: string): string {
  const parts = path
    .split('/')
    .map((part) => encodeURIComponent(part).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`));
  return parts.join('/');
}

/** `[text](url)`, or the text alone where the address is none that may be followed. `text` is escaped here. */
export function linkOf(text: string, url: string | undefined): string {
  const safe = url === undefined ? undefined : safeUrl(url);
  return safe === undefined ? escapeText(text) : `[${escapeInline(text)}](${safe})`;
}

/** Text in a code span: a run of backticks longer than any inside, and no pipe that a table could see. */
export function codeSpan(text: string): string {
  const line = toLine(text).replaceAll('|', '\u2502');
  const ticks = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}

/** A fenced block that its text cannot close. Line breaks and tabs stay; characters that turn text round are shown by their number. */
export function fence(text: string, language: string): string {
  const lines = text.toWellFormed().replaceAll(/\r\n?|[\u2028\u2029\u0085]/g, '\n');
  const visible = lines.replaceAll(UNSEEN, (character) =>
    character === '\n' || character === '\t'
      ? character
      : `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
  );
  const ticks = '`'.repeat(Math.max(3, longestRun(visible) + 1));
  return `${ticks}${language}\n${visible}\n${ticks}`;
}

function longestRun(text: string): number {
  if (!text.includes('`')) return 0;
  return [...text.matchAll(/`+/g)].reduce((longest, [run]) => Math.max(longest, run.length), 0);
}
