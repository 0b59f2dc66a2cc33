import { toLine } from './escape.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** A name this long and more may be broken where its words end: on a narrow page it would be broken anywhere. */
const LONG_NAME = /\w{16,}/g;

/** Words as inert text of HTML, never of an attribute: a long name in one piece may be broken behind its underscores. */
export function escapeWords(text: string): string {
  return escapeMarkup(text).replaceAll(LONG_NAME, (name) => name.replaceAll(/_(?=\w)/g, '_<wbr>'));
}

/** Any text as inert text or attribute of HTML and SVG, on one line; what no reader could see goes. */
export function escapeMarkup(text: string): string {
  return toLine(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
