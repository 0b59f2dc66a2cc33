import type { NotTaken } from './base-draft.ts';
import type { Part } from './reader.ts';
import { plainType } from './typography.ts';

/** What a file lacks since it begins late or ends early, and not since somebody took it out. */
export interface Cut {
  /** The page as far as it is whole: the line in which it breaks off is not among it. */
  readonly file: readonly Part[];
  /** What stands beyond the cut in the draft: nobody took it out. */
  readonly beyond: ReadonlySet<Part>;
  readonly notTaken: readonly NotTaken[];
}

/**
 * Finds a file that was cut off: all of the draft's page behind a place is gone to its very end, a heading and blocks with it; or all
 * of it before the first block that is there, the title with it. What somebody takes out leaves the page its title and its last heading.
 */
export function readCut(file: readonly Part[], page: readonly Part[]): Cut {
  const there = new Set(file.flatMap(({ mark }) => (mark ? [mark.key] : [])));
  // What stands several times on the page, as the heads of tables do, is there as often as the file has it.
  const texts = Map.groupBy(file, keyOf);
  const found = page.map((part) => (part.mark !== undefined && there.has(part.mark.key)) || texts.get(keyOf(part))?.pop() !== undefined);
  const [first, last] = [found.indexOf(true), found.lastIndexOf(true)];
  const [before, behind] = [page.slice(0, Math.max(0, first)), page.slice(last + 1)];
  const isStartGone = before.some(isBlock) && before.some(({ kind, depth }) => kind === 'heading' && depth === 1);
  const isEndGone = behind.some(isBlock) && behind.some(({ kind }) => kind === 'heading');
  const broken = isEndGone ? brokenLine(file, behind) : undefined;
  const [top, end] = [file[0]?.line ?? 1, broken?.line ?? file.at(-1)?.line ?? 1];
  return {
    file: broken ? file.filter((part) => part !== broken) : file,
    beyond: new Set([...(isStartGone ? before : []), ...(isEndGone ? behind : [])]),
    notTaken: [
      ...(isStartGone ? [{ line: top, text: lost(before, file[0]), why: startGone(before) }] : []),
      ...(isEndGone ? [{ line: end, text: lost(behind, broken ?? file.at(-1)), why: endGone(behind) }] : []),
    ],
  };
}

function keyOf({ kind, text }: Part): string {
  return `${kind} ${plainType(text).trim()}`;
}

function isBlock({ mark }: Part): boolean {
  return mark !== undefined;
}

function lost(gone: readonly Part[], at: Part | undefined): string {
  const count = gone.filter(isBlock).length;
  return `${count} ${count === 1 ? 'block' : 'blocks'} ${at ? `beyond “${at.text}”` : ''}`.trim();
}

function startGone(before: readonly Part[]): string {
  const title = before.find(({ kind }) => kind === 'heading')?.text ?? '';
  return `The file begins late, so nothing before this was taken out. To take it out, begin with the heading “${title}”.`;
}

function endGone(behind: readonly Part[]): string {
  const heading = behind.findLast(({ kind }) => kind === 'heading')?.text ?? '';
  return `The file ends early, so nothing behind this was taken out. To take it out, end with the heading “${heading}”.`;
}

/** The last line of the file, where it is the beginning of what follows in the draft: it broke off there, and nobody typed it. */
function brokenLine(file: readonly Part[], behind: readonly Part[]): Part | undefined {
  const last = file.findLast(({ text, mark }) => text.trim() !== '' || mark);
  if (!last || last.mark) return undefined;
  const begun = wordsOf(withoutBrokenMark(last.text));
  // A comment, a fence or a table's rule that broke off has no words.
  if (begun === '') return last;
  return behind.slice(0, 2).some((part) => wordsOf(part.text).startsWith(begun)) ? last : undefined;
}

/** Without a mark, a number of a note or a link's address that broke off. */
function withoutBrokenMark(text: string): string {
  return text
    .replace(/<!?-{0,2}[^>]*$/, '')
    .replace(/\]\([^)]*$/, '')
    .replace(/\[\^?\d*$/, '');
}

/** What stands in place of the bars of a table and of signs is no difference. */
function wordsOf(text: string): string {
  return plainType(text.replaceAll(/[^\p{L}\p{N}]+/gu, ' ')).trim();
}
