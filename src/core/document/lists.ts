import type { Part } from './reader.ts';

/**
 * Which list or table each part is of. Two below one heading are two where a paragraph stands between them, or the head of a table:
 * a list of status updates starts anew, and so does a table of the times in another order.
 */
export function listsOf(parts: readonly Part[]): ReadonlyMap<Part, string> {
  const lists = new Map<Part, string>();
  const last = new Map<string, { readonly index: number; readonly run: number }>();
  for (const [index, part] of parts.entries()) {
    const key = [part.kind, ...part.under].join(' / ');
    const before = last.get(key);
    const isBroken = before !== undefined && (part.isHead || parts.slice(before.index + 1, index).some((one) => isBetween(one, part)));
    const run = (before?.run ?? 0) + (isBroken ? 1 : 0);
    last.set(key, { index, run });
    lists.set(part, `${key} / ${run}`);
  }
  return lists;
}

/** A paragraph that hangs below an item, or stands between paragraphs, parts nothing. */
function isBetween(one: Part, { kind, under }: Part): boolean {
  return (kind === 'row' || kind === 'item') && one.kind === 'paragraph' && one.under.length <= under.length;
}
