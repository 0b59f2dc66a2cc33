const ROW = /^\s*\|/;
const RULE = /^\s*\|?[\s:|-]+$/;
const MARKED = /<!-- \S+ [0-9a-f]{10} e\d+ -->/;

/**
 * Rows of ours that lost the head of their table, since a paragraph was typed between two rows: Markdown would read them as one
 * paragraph. They get an empty head. `lineOf` gives the line of the text as it was for one of the text as it is given.
 */
export function mendTables(text: string): { readonly text: string; readonly lineOf: (line: number) => number } {
  const mended: string[] = [];
  const origins: number[] = [];
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (isTorn(lines, index)) {
      const columns = Math.max(1, line.split(/(?<!\\)\|/).length - 2);
      for (const added of ['', `|${'  |'.repeat(columns)}`, `|${' --- |'.repeat(columns)}`]) {
        mended.push(added);
        origins.push(index + 1);
      }
    }
    mended.push(line);
    origins.push(index + 1);
  }
  return { text: mended.join('\n'), lineOf: (line) => origins[line - 1] ?? lines.length };
}

/** Whether rows begin here that have no head, and one of them is ours. */
function isTorn(lines: readonly string[], index: number): boolean {
  if (!ROW.test(lines[index] ?? '') || ROW.test(lines[index - 1] ?? '') || RULE.test(lines[index + 1] ?? '')) return false;
  for (let at = index; ROW.test(lines[at] ?? ''); at += 1) if (MARKED.test(lines[at] ?? '')) return true;
  return false;
}
