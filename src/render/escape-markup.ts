import { toLine } from './escape.ts';

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Any text as inert text or attribute of HTML and SVG, on one line; what no reader could see goes. */
export function escapeMarkup(text: string): string {
  return toLine(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
