import { digestText } from '../digest.ts';
import { ACTION_CELLS, type ActionCell, cellKey, NEW_ACTION } from '../draft/blocks.ts';
import type { BaseDraft, FileEdits, NotTaken, Proposed } from './base-draft.ts';
import { type Inline, parseInline, plainOf } from './inline.ts';
import { markDigest } from './mark.ts';
import type { Part } from './reader.ts';
import { sameWords, type Typed, typedOf } from './typed-words.ts';
import { plainType, plainWords } from './typography.ts';

/** What is not words: it follows from the evidence, and only a fact can change it. */
export const COMPUTED = 'Times and figures are computed: `assert` the milestone instead (hindcast assert ID MILESTONE TIME --reason …).';
const NO_LINKS = 'Links to data are made of the evidence; put a link into the words.';

interface Own {
  readonly own: Part;
  readonly base: BaseDraft;
  /** The person took out the line that said what the record says now: their words hold. */
  readonly isSettled: boolean;
}

/** What came of one block. */
export interface BlockChanges extends Pick<FileEdits, 'proposed' | 'notTaken'> {
  /** Parts in which only the type differs, so that nothing is asked for. */
  readonly retyped?: readonly Part[];
}

/** What was changed in one block, against how the draft has it. */
export function compareBlock(key: string, part: Part, { own, base, isSettled }: Own): BlockChanges {
  const [theirs, ours] = [typedOf(part, own), typedOf(own, own)];
  const { line } = part;
  const block = base.blocks.get(key);
  if (block?.isComputed) {
    // Words under a graph and figures alike.
    if (sameType(own.text, part.text)) return { proposed: [], notTaken: [] };
    return { proposed: [], notTaken: [{ line, text: part.text, why: COMPUTED }] };
  }
  const notTaken = fixedChanges(part, own, theirs.fixed, ours.fixed);
  const cells = cellChanges(key, part, theirs.cells, base, (cell) => ours.cells[cell] ?? []);
  const isSame = sameWords(theirs.words, ours.words) || isUntouched(key, part, theirs.words, base);
  // Signs that a person typed into their own words are theirs; those of ours an editor changes by itself.
  const isRetyped = !isSame && isOurs(key, base) && sameWords(plainWords(theirs.words), plainWords(ours.words));
  if ((isSame || isRetyped) && !isSettled) return { proposed: cells, notTaken, ...(isRetyped && { retyped: [part] }) };
  const after = seenIn(part, base);
  const generated = generatedOf(key, part, base);
  const digest = isSettled ? (block?.digest ?? generated) : generated;
  const words: Proposed =
    theirs.words.length === 0
      ? { kind: 'hide', line, block: key, generated, after }
      : { kind: 'rewrite', line, block: key, generated: digest, after, words: theirs.words };
  return { proposed: [words, ...cells], notTaken };
}

/** What was hidden and stands in the file again: it is shown, with other words and cells where they were changed. */
export function showAgain(key: string, part: Part, base: BaseDraft): readonly Proposed[] {
  const { line } = part;
  const block = base.blocks.get(key);
  const generated = block?.digest ?? 'sha256:none';
  const after = seenIn(part, base);
  const { words, cells } = typedOf(part, part);
  const before = base.edits.get(key)?.text ?? '';
  const isSame = block?.isComputed || sameType(plainOf(words), plainOf(parseInline(before))) || isEarlier(key, words, base);
  return [
    { kind: 'show', line, block: key, generated, after },
    ...(isSame ? [] : [{ kind: 'rewrite' as const, line, block: key, generated, after, words }]),
    ...cellChanges(key, part, cells, base, (cell) => parseInline(base.edits.get(cellKey(key, cell))?.text ?? '')),
  ];
}

function cellChanges(
  key: string,
  part: Part,
  cells: Typed['cells'],
  base: BaseDraft,
  beforeOf: (cell: ActionCell) => readonly Inline[],
): readonly Proposed[] {
  const after = seenIn(part, base);
  return ACTION_CELLS.flatMap((cell): readonly Proposed[] => {
    const name = cellKey(key, cell);
    const now = cells[cell];
    if (now === undefined) return [];
    const generated = base.blocks.get(name)?.digest ?? digestText('');
    const isSame = sameWords(plainWords(now), plainWords(beforeOf(cell))) || digestText(plainOf(now)) === generated;
    // Of a row that a person put in nobody filled it: it shows what a new action has.
    const isUnfilled = !base.blocks.has(name) && !base.edits.has(name) && plainOf(now) === NEW_ACTION[cell];
    if (isSame || isUnfilled || isEarlier(name, now, base)) return [];
    return [{ kind: 'rewrite', line: part.line, block: name, generated, after, words: withoutNow(now, name, base) }];
  });
}

/** Whether two texts are the same but for breaks and signs that an editor changes by itself. */
export function sameType(a: string, b: string): boolean {
  return plainType(a).trim() === plainType(b).trim();
}

/** Nobody has given the block words of their own. */
function isOurs(key: string, { edits }: BaseDraft): boolean {
  const state = edits.get(key)?.state;
  return state === undefined || state === 'generated';
}

/** The last edit that the file's author had seen: that of the draft which it is of; where that is not known, what its mark says. */
function seenIn({ mark }: Part, { isCertain, lastEdit }: BaseDraft): number {
  return isCertain || !mark ? lastEdit : Math.min(mark.lastEdit, lastEdit);
}

function fixedChanges(part: Part, own: Part, theirs: readonly string[], ours: readonly string[]): readonly NotTaken[] {
  if (part.kind !== own.kind) return [];
  const isTimeSame = sameType(theirs[0] ?? '', ours[0] ?? '');
  const isSame = isTimeSame && ours.every((text, index) => sameType(theirs[index] ?? '', text)) && theirs.length === ours.length;
  return isSame ? [] : [{ line: part.line, text: part.text, why: isTimeSame ? NO_LINKS : COMPUTED }];
}

/** Whether the words are as an older draft had them, where the file does not say which it is of: its mark has the digest of ours. */
function isUntouched(key: string, { mark, text }: Part, words: readonly Inline[], base: BaseDraft): boolean {
  if (base.isCertain || !mark) return false;
  const isOurs = [plainOf(words), text].some((said) => markDigest(digestText(said.replaceAll('\n', ' '))) === mark.digest);
  return isOurs || isEarlier(key, words, base);
}

/** Whether a person had given the block these words before the file was written: then nobody typed them into it. */
export function isEarlier(key: string, words: readonly Inline[], base: BaseDraft): boolean {
  return !base.isCertain && (base.earlier.get(key) ?? []).some((before) => sameWords(before, words));
}

/** The digest of our text that the person saw; where only the mark knows it, its ten digits, which no text of now has. */
function generatedOf(key: string, { mark }: Part, base: BaseDraft): string {
  const digest = base.blocks.get(key)?.digest ?? 'sha256:none';
  return base.isCertain || !mark || markDigest(digest) === mark.digest ? digest : `sha256:${mark.digest}`;
}

/** What we wrote into a cell beside a person's words is not theirs. */
function withoutNow(words: readonly Inline[], key: string, { edits }: BaseDraft): readonly Inline[] {
  const edit = edits.get(key);
  if (edit?.state !== 'stale') return words;
  const at = words.findIndex((word) => word.kind === 'text' && word.text.endsWith(edit.generatedNow) && word.text !== edit.generatedNow);
  if (at < 0) return words;
  const before = words.slice(0, at);
  return before.at(-1)?.kind === 'break' ? before.slice(0, -1) : before;
}
