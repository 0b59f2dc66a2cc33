import { digestText } from '../digest.ts';
import { ACTION_CELLS, cellKey } from '../draft/blocks.ts';
import type { BaseDraft, FileEdits, NotTaken, Proposed } from './base-draft.ts';
import { type Inline, plainOf } from './inline.ts';
import { markDigest } from './mark.ts';
import type { Part } from './reader.ts';
import { sameWords, typedOf } from './typed-words.ts';

/** What is not words: it follows from the evidence, and only a fact can change it. */
export const COMPUTED = 'Times and figures are computed: `assert` the milestone instead (hindcast assert ID MILESTONE TIME --reason …).';
const NO_LINKS = 'Links to data are made of the evidence; put a link into the words.';

interface Own {
  readonly own: Part;
  readonly base: BaseDraft;
  /** The person took out the line that said what the record says now: their words hold. */
  readonly isSettled: boolean;
}

/** What was changed in one block, against how the draft has it. */
export function compareBlock(key: string, part: Part, { own, base, isSettled }: Own): Pick<FileEdits, 'proposed' | 'notTaken'> {
  const [theirs, ours] = [typedOf(part, own), typedOf(own, own)];
  const { line } = part;
  const after = part.mark?.lastEdit ?? base.lastEdit;
  const block = base.blocks.get(key);
  if (block?.isComputed) {
    // Words under a graph and figures alike.
    if (own.text === part.text) return { proposed: [], notTaken: [] };
    return { proposed: [], notTaken: [{ line, text: part.text, why: COMPUTED }] };
  }
  const generated = generatedOf(key, part, base);
  const notTaken = fixedChanges(part, own, theirs.fixed, ours.fixed);
  const isSame = sameWords(theirs.words, ours.words) || isUntouched(key, part, theirs.words, base);
  const words: readonly Proposed[] =
    isSame && !isSettled
      ? []
      : theirs.words.length === 0
        ? [{ kind: 'hide', line, block: key, generated, after }]
        : [
            {
              kind: 'rewrite',
              line,
              block: key,
              generated: isSettled ? (block?.digest ?? generated) : generated,
              after,
              words: theirs.words,
            },
          ];
  const cells = ACTION_CELLS.flatMap((cell): readonly Proposed[] => {
    const name = cellKey(key, cell);
    const [now, before] = [theirs.cells[cell] ?? [], ours.cells[cell] ?? []];
    const own = { generated: base.blocks.get(name)?.digest ?? digestText(''), after };
    if (sameWords(now, before) || isEarlier(name, now, base)) return [];
    return [{ kind: 'rewrite', line, block: name, ...own, words: withoutNow(now, name, base) }];
  });
  return { proposed: [...words, ...cells], notTaken };
}

function fixedChanges(part: Part, own: Part, theirs: readonly string[], ours: readonly string[]): readonly NotTaken[] {
  if (part.kind !== own.kind) return [];
  const [time, ...links] = ours;
  const why = theirs[0] === time ? NO_LINKS : COMPUTED;
  const isSame = theirs[0] === time && links.every((text, index) => (theirs[index + 1] ?? '') === text) && theirs.length === ours.length;
  return isSame ? [] : [{ line: part.line, text: part.text, why }];
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
