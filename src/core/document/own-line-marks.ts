import { parseInline } from './inline.ts';
import type { Part, PartKind } from './reader.ts';

/** What a mark may stand behind; a row has its own on its line, and a heading has none. */
const MARKED: ReadonlySet<PartKind> = new Set(['paragraph', 'item', 'quote']);

/**
 * A mark that an editor wrapped onto a line of its own is HTML to Markdown, and a part of its own: it belongs to the words above it,
 * and so does what stands behind it on its line.
 */
export function joinOwnLineMarks(parts: readonly Part[]): readonly Part[] {
  const joined: Part[] = [];
  for (const part of parts) {
    const above = joined.at(-1);
    if (part.kind === 'markup' && part.mark && above && !above.mark && MARKED.has(above.kind))
      joined[joined.length - 1] = join(above, part);
    else joined.push(part);
  }
  return joined;
}

function join(above: Part, { mark, text: behind }: Part): Part {
  if (!mark || behind === '') return { ...above, ...(mark && { mark }) };
  const words = [...(above.words ?? []), { kind: 'text' as const, text: ' ' }, ...parseInline(behind)];
  return { ...above, mark, text: `${above.text} ${behind}`, source: `${above.source} ${behind}`, words };
}
