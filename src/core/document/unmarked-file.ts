import type { BaseDraft, FileEdits, NotTaken, Proposed } from './base-draft.ts';
import { compareBlock } from './block-change.ts';
import type { Inline } from './inline.ts';
import { matchParts } from './matching.ts';
import type { Part } from './reader.ts';
import { steadyText } from './typed-words.ts';

const UNMATCHED =
  'Nothing in the draft is like it, so it is not known where it belongs: put it into a file with marks, or through the API.';

/**
 * A file that lost its marks, pasted through another tool: its parts are found by their text. What matches nothing is listed and
 * not guessed, and nothing is hidden because the file lacks it.
 */
export function readUnmarked(file: readonly Part[], base: BaseDraft): FileEdits {
  const parts = file.filter(isWords).map(withoutNumbers);
  const draft = base.parts.filter(isWords).map(withoutNumbers);
  const matches = matchParts(parts, draft);
  const compared = matches.map(({ part, ours }): Pick<FileEdits, 'proposed' | 'notTaken'> => {
    if (!ours) return { proposed: [], notTaken: [{ line: part.line, text: part.text, why: UNMATCHED }] };
    const key = ours.mark?.key;
    if (plain(part) === plain(ours)) return { proposed: [], notTaken: [] };
    if (key === undefined)
      return {
        proposed: [],
        notTaken: [{ line: part.line, text: part.text, why: 'Headings, heads of tables and the facts on top are ours.' }],
      };
    return compareBlock(key, part, { own: ours, base, isSettled: false });
  });
  const found = new Set(matches.map(({ ours }) => ours));
  const missing = draft.filter((ours) => ours.mark && !found.has(ours));
  const proposed: readonly Proposed[] = compared.flatMap((one) => one.proposed);
  return {
    proposed,
    notTaken: compared.flatMap((one) => one.notTaken),
    told: missing.map(({ text }): NotTaken => ({ line: 1, text, why: 'It is not in the file. Without marks nothing is hidden.' })),
  };
}

/** What a line of the list of sources says, whatever a tool made of the list. */
const SOURCE = /\bsha256:|\bevidence\b|What was read of|see Coverage/;

/** Notes and the list of sources are no words of a person, and a diff has no words. */
function isWords({ kind, text, under }: Part): boolean {
  return (
    kind !== 'code' &&
    kind !== 'note' &&
    kind !== 'front' &&
    kind !== 'markup' &&
    text.trim() !== '' &&
    !(under.includes('Sources') && SOURCE.test(text))
  );
}

/** Other tools write the numbers of notes as text. */
function withoutNumbers(part: Part): Part {
  return {
    ...part,
    text: bare(part.text),
    ...(part.cells && { cells: part.cells.map(bare) }),
    ...(part.words && { words: part.words.map(bareWord) }),
    ...(part.cellWords && { cellWords: part.cellWords.map((cell) => cell.map(bareWord)) }),
  };
}

function bare(text: string): string {
  return text
    .replaceAll(/ ?\[\^?\d{1,4}\]/g, '')
    .replaceAll(/ {2,}/g, ' ')
    .trim();
}

function bareWord(word: Inline): Inline {
  return word.kind === 'text' ? { ...word, text: word.text.replaceAll(/ ?\[\^?\d{1,4}\]/g, '') } : word;
}

function plain(part: Part): string {
  const { text, cells } = part;
  const words = (cells ?? [text]).join(' | ').replaceAll(/\s+/g, ' ').trim();
  return part.isHead ? steadyText({ ...part, text: words }) : words;
}
