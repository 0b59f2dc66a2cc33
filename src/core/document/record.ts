import { differenceOf } from './differences.ts';
import type { DocumentFinding } from './finding.ts';
import { type Match, matchParts } from './matching.ts';
import type { Part } from './reader.ts';

/**
 * Holds a document against the draft that the record gives now, both as parts. A part that says the same in other words is fine; one
 * that states another time, number, name or direction is not, nor is one that stands in another order. What the document leaves out
 * of the timeline is told once for each entry. `draft` is the rendered draft of the same case, read by `readDocument`.
 */
export function recordFindings(parts: readonly Part[], draft: readonly Part[]): readonly DocumentFinding[] {
  const told = parts.filter(isTold);
  const matches = matchParts(told, draft.filter(isTold));
  return [...matches.flatMap(contentFinding), ...orderFindings(matches), ...missingFindings(matches, draft.filter(isTold))];
}

/** Heads of tables, diffs and lists of sources say nothing of what happened. */
function isTold({ kind, isHead, text }: Part): boolean {
  return kind !== 'code' && kind !== 'note' && kind !== 'front' && isHead !== true && text.trim() !== '';
}

function contentFinding({ part, ours }: Match): readonly DocumentFinding[] {
  if (!ours) return [];
  const follows = differenceOf(part, ours);
  if (follows === undefined) return [];
  return [{ line: part.line, kind: 'differs_from_record', stated: part.text, follows, sure: 'likely', verdict: 'wrong' }];
}

/** Rows of one table that stand otherwise than in the draft, as few as explain the order. */
function orderFindings(matches: readonly Match[]): readonly DocumentFinding[] {
  const tables = Map.groupBy(
    matches.filter(({ part, ours }) => ours && (part.kind === 'row' || part.kind === 'item')),
    ({ part }) => [part.kind, ...part.under].join(' / '),
  );
  return [...tables.values()].flatMap((rows) => {
    const kept = longestRising(rows.map(({ at }) => at));
    return rows.flatMap(({ part }, index) =>
      kept.has(index)
        ? []
        : [
            {
              line: part.line,
              kind: 'order_wrong' as const,
              stated: part.text,
              follows: 'In the record it stands elsewhere in this order.',
              sure: 'likely' as const,
              verdict: 'wrong' as const,
            },
          ],
    );
  });
}

/** Indices of the longest rising part (Schensted 1961). */
function longestRising(values: readonly number[]): ReadonlySet<number> {
  const tails: number[] = [];
  const before: number[] = [];
  for (const [index, value] of values.entries()) {
    let low = 0;
    for (let high = tails.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[index] = tails[low - 1] ?? -1;
    tails[low] = index;
  }
  const kept = new Set<number>();
  for (let index = tails.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) kept.add(index);
  return kept;
}

/** A row of the draft's timeline that no part tells: where a person took it out, the document should know that it did. */
function missingFindings(matches: readonly Match[], draft: readonly Part[]): readonly DocumentFinding[] {
  const told = new Set(matches.map(({ ours }) => ours));
  return draft.flatMap((ours, at) => {
    if (told.has(ours) || !(ours.mark?.key.startsWith('t.') ?? false)) return [];
    // It would stand below the last told one before it.
    const above = matches.filter((match) => match.ours && match.at < at).toSorted((a, b) => b.at - a.at)[0];
    return [
      {
        line: above?.part.line ?? 1,
        kind: 'event_missing' as const,
        stated: ours.text,
        follows: 'The record has this event and the document does not.',
        sure: 'possible' as const,
        verdict: 'wrong' as const,
      },
    ];
  });
}
