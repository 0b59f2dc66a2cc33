import type { RecordedCourse } from './course.ts';
import { type Difference, differenceOf, type KnownFacts, knownFacts, plainOf } from './differences.ts';
import type { DocumentFinding } from './finding.ts';
import { type Match, matchParts } from './matching.ts';
import type { Part } from './reader.ts';
import { longestRising } from './rising.ts';

/** What the record says of an incident: the draft that it gives now, as a reader of its page sees it, and the course behind it. */
export interface DocumentRecord {
  /** With what people made of it: their words are the record's as well. */
  readonly parts: readonly Part[];
  /** As it was generated, where people edited it; a document may still hold these words. */
  readonly generated: readonly Part[];
  readonly course: RecordedCourse;
}

type Texts = Omit<DocumentRecord, 'course'>;

/** What holding a document against the record's draft came to. */
export interface Compared {
  readonly findings: readonly DocumentFinding[];
  /** Parts that stand as the draft has them: nothing in them is a person's to answer for. */
  readonly asRecorded: ReadonlySet<Part>;
}

/**
 * Holds a document against the draft that the record gives now. A part that says the same in other words is fine; one that states
 * another time, number, name or direction is not, nor is one that stands in another order. What the document leaves out of the
 * timeline is told once for each entry.
 */
export function compareWithDraft(parts: readonly Part[], { parts: current, generated }: Texts): Compared {
  const draft = current.filter(isTold);
  const texts = new Set(draft.map(({ text }) => text));
  const earlier = generated.filter((part) => isTold(part) && !texts.has(part.text));
  const matches = matchParts(parts.filter(isTold), [...draft, ...earlier]);
  const known = knownFacts([...draft, ...earlier]);
  const inOrder = matches.filter(({ at }) => at < draft.length);
  return {
    asRecorded: new Set(matches.flatMap(({ part, ours }) => (ours && plainOf(ours.text) === plainOf(part.text) ? [part] : []))),
    findings: [
      ...matches.flatMap((match) => contentFinding(match, known)),
      ...codeFindings(parts, [...current, ...generated]),
      ...orderFindings(inOrder),
      ...missingFindings(matches, draft),
    ],
  };
}

/** Whether the document is one of ours, edited or not: then it is compared part by part. */
export function isOurs(parts: readonly Part[], { parts: current, generated }: Texts): boolean {
  const rows = new Set([...current, ...generated].filter(isRow).map(({ mark, text }) => mark?.key ?? text));
  const texts = new Set([...current, ...generated].filter(isRow).map(({ cells }) => maskedWords(cells)));
  const found = parts.filter(({ mark, cells }) => (mark && rows.has(mark.key)) || texts.has(maskedWords(cells)));
  return found.length >= Math.max(2, texts.size / 5);
}

function isRow({ mark }: Part): boolean {
  return mark?.key.startsWith('t.') ?? false;
}

function maskedWords(cells: readonly string[] | undefined): string {
  return (cells?.[1] ?? '').replaceAll(/\d+/g, '#');
}

/** Heads of tables, diffs and lists of sources say nothing of what happened. */
function isTold({ kind, isHead, text }: Part): boolean {
  return kind !== 'code' && kind !== 'note' && kind !== 'front' && isHead !== true && text.trim() !== '';
}

function contentFinding({ part, ours }: Match, known: KnownFacts): readonly DocumentFinding[] {
  const difference: Difference | undefined = ours && differenceOf(part, ours, known);
  if (!difference) return [];
  const { follows, how, sure } = difference;
  const kind = how === 'adds' ? 'claim_unsupported' : 'differs_from_record';
  return [{ line: part.line, kind, stated: part.text, follows, sure, verdict: 'wrong' }];
}

/** A diff, a graph and a source are evidence: each of their lines stands in the record, or someone changed it. */
function codeFindings(parts: readonly Part[], draft: readonly Part[]): readonly DocumentFinding[] {
  const lines = new Set(draft.filter(isEvidence).flatMap(({ text }) => text.split('\n').map((line) => line.trim())));
  return parts.filter(isEvidence).flatMap(({ text, line, kind }) => {
    const all = text.split('\n');
    const own = all.filter((one) => lines.has(one.trim())).length;
    // A block of a person's own has nothing to do with ours.
    if (kind === 'code' && own * 2 < all.length) return [];
    return all.flatMap((stated, index) => {
      if (lines.has(stated.trim())) return [];
      const at = line + index + (kind === 'code' ? 1 : 0);
      return [
        {
          line: at,
          kind: 'differs_from_record' as const,
          stated,
          follows: 'The record has no such line here.',
          sure: 'likely' as const,
          verdict: 'wrong' as const,
        },
      ];
    });
  });
}

function isEvidence({ kind }: Part): boolean {
  return kind === 'code' || kind === 'note';
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

/** A row of the draft's timeline that no part tells: where a person took it out, the document should know that it did. */
function missingFindings(matches: readonly Match[], draft: readonly Part[]): readonly DocumentFinding[] {
  const told = new Set(matches.map(({ ours }) => ours));
  return draft.flatMap((ours, at) => {
    if (told.has(ours) || !isRow(ours)) return [];
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
