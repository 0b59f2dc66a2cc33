/**
 * The text with an empty note for each number that names none, below its last line: where a person or a tool dropped the list of
 * sources, `[^1]` would be read as words that somebody typed. A fence that is still open is closed before. Takes time in proportion to
 * the text.
 */
export function mendNotes(text: string): string {
  const there = new Set(Array.from(text.matchAll(/^[ \t>]{0,20}\[\^(\d+)\]:/gm), ([, number]) => number));
  const named = new Set(Array.from(text.matchAll(/\[\^(\d+)\]/g), ([, number]) => number));
  const lost = [...named].filter((number) => !there.has(number));
  return lost.length === 0 ? text : `${text}${closing(text)}\n\n${lost.map((number) => `[^${number}]: .`).join('\n')}\n`;
}

/** The line that ends a fence which nothing ends. */
function closing(text: string): string {
  let open: string | undefined;
  for (const [, signs = '', rest = ''] of text.matchAll(/^ {0,3}(`{3,}|~{3,})(.*)$/gm)) {
    if (open === undefined) open = signs;
    else if (signs.startsWith(open) && rest.trim() === '') open = undefined;
  }
  return open === undefined ? '' : `\n${open}`;
}
