import { digestText } from '../core/digest.ts';
import { COMPUTED } from '../core/document/block-change.ts';
import { markDigest } from '../core/document/mark.ts';
import { generatedOf, isComputed } from '../core/draft/blocks.ts';
import { type Change, type Edit, type EditedBlock, isCell, lastWordsOf, type NewEdit } from '../core/draft/edits.ts';
import { type KinderWording, wordingOf } from '../core/draft/kinder-words.ts';
import type { Draft } from '../core/draft/model.ts';
import { canonicalWords } from '../render/words.ts';
import type { Drafted } from './app.ts';
import type { AppDeps } from './deps.ts';
import { findStored, keepDraft, rebuild } from './draft.ts';
import { AppError } from './errors.ts';
import { restate } from './reuse.ts';

/** What a person asks for one block. `generated` is the digest of our text on their screen, whole or as a mark has it. */
export type BlockChange =
  | { readonly kind: 'rewrite'; readonly block: string; readonly after: number; readonly generated: string; readonly text: string }
  | { readonly kind: 'hide' | 'show'; readonly block: string; readonly after: number; readonly generated: string }
  | { readonly kind: 'insert'; readonly below: string; readonly text: string };

/** A block as it stands, with what a person must send to change it. */
export interface BlockState {
  readonly key: string;
  readonly state: EditedBlock['state'];
  /** What the document shows: a person's words as Markdown, else ours. */
  readonly text: string;
  /** Ours now, where it is another. */
  readonly generatedNow?: string;
  readonly author?: string;
  /** Words of a person that blame somebody, each with a kinder one: a hint, since theirs are never changed. */
  readonly wording?: readonly KinderWording[];
  /** The digest of our text, and the number of the last edit: `generated` and `after` of the next change. */
  readonly generated: string;
  readonly after: number;
  readonly draft: string;
}

/** In characters, as Markdown. */
export const LONGEST_TEXT = 65_536;
const NONE = digestText('');

/**
 * Makes one edit and the draft with it. Throws AppError('conflict') with both texts where a newer edit of the block was not seen,
 * AppError('computed') for words of what is computed, AppError('not_stored') for a block that the draft does not have.
 */
export async function editBlock(
  deps: AppDeps,
  key: string,
  { change, author }: { readonly change: BlockChange; readonly author: string },
): Promise<BlockState> {
  const stored = await findStored(deps, key);
  const { draft } = await rebuild(deps, stored.draftId, stored.snapshot);
  const home = stored.snapshot.origin ?? stored.snapshot.incidents[0];
  const after = change.kind === 'insert' ? (draft.lastEdit ?? 0) : change.after;
  const edit: NewEdit = { ...toChange(change, draft), after, author, at: deps.clock.now() };
  const { recorded, conflicts } = await deps.drafts.record(home, [edit]);
  const [conflict] = conflicts;
  if (conflict) throw conflictError(conflict.edit, conflict.newer, await deps.drafts.edits(home));
  const drafted = await draftEdited(deps, key);
  const [made] = recorded;
  const state = made && stateOf(drafted, made.block);
  if (!state) throw new RangeError('an edit that was recorded is in the draft');
  return state;
}

/** One block as the newest draft has it. */
export async function readBlock(deps: AppDeps, key: string, block: string): Promise<BlockState> {
  const stored = await findStored(deps, key);
  const state = stateOf(await rebuild(deps, stored.draftId, stored.snapshot), block);
  if (!state) throw unknownBlock(block);
  return state;
}

/** The newest draft of a case with all edits there are: its evidence is the same, and so is what was pinned. */
export async function draftEdited(deps: AppDeps, key: string): Promise<Drafted> {
  const { snapshot } = await findStored(deps, key);
  const edits = await deps.drafts.edits(snapshot.origin ?? snapshot.incidents[0]);
  return await keepDraft(deps, restate(snapshot, {}, edits.at(-1)?.sequence ?? 0));
}

/** The error that says what both wrote. */
function conflictError(edit: NewEdit, newer: Edit, edits: readonly Edit[]): AppError {
  const { block } = newer;
  const theirs = 'text' in newer ? newer.text : newer.kind === 'hide' ? '(hidden)' : (lastWordsOf(block, edits) ?? '(shown again)');
  const yours = 'text' in edit ? edit.text : edit.kind === 'hide' ? '(hidden)' : '(shown again)';
  return new AppError(
    'conflict',
    `${newer.author} edited ${block} meanwhile (edit ${newer.sequence}): read it, and send yours again with after ${newer.sequence}`,
    { details: { block, yours, theirs, author: newer.author, newer: newer.sequence } },
  );
}

function stateOf({ draft, draftId }: Drafted, key: string): BlockState | undefined {
  const edit = draft.edits.find((one) => one.key === key);
  const ours = generatedOf(draft.sections).find((one) => one.key === key && !one.isPlace);
  const found = edit ?? (ours && { state: 'generated' as const, key, text: ours.text });
  if (!found) return undefined;
  const wording = wordingOf(found);
  return {
    key,
    state: found.state,
    text: found.text,
    ...('author' in found && { author: found.author }),
    ...(wording.length > 0 && { wording }),
    ...(ours && ours.text !== found.text && { generatedNow: ours.text }),
    generated: ours?.digest ?? NONE,
    after: draft.lastEdit ?? 0,
    draft: draftId,
  };
}

function toChange(change: BlockChange, draft: Draft): Change {
  if (change.kind === 'insert') {
    const isPlace =
      generatedOf(draft.sections).some(({ key }) => key === change.below) || draft.edits.some(({ key }) => key === change.below);
    if (!isPlace) throw unknownBlock(change.below);
    return { kind: 'insert', block: 'new.1', below: change.below, text: wordsOf(change.text) };
  }
  const { block, generated } = change;
  const ours = generatedOf(draft.sections).find(({ key, isPlace }) => key === block && !isPlace);
  if (!ours && !draft.edits.some(({ key }) => key === block) && !isCellOfInserted(block, draft)) throw unknownBlock(block);
  const digest = ours && (generated === ours.digest || generated === markDigest(ours.digest)) ? ours.digest : asDigest(generated);
  if (change.kind !== 'rewrite') return { kind: change.kind, block, generated: digest };
  const computed = draft.sections.flatMap(({ blocks }) => blocks).find(({ key }) => key === block);
  if (computed && isComputed(computed)) throw new AppError('computed', `${block} is computed. ${COMPUTED}`);
  return { kind: 'rewrite', block, generated: digest, text: isCell(block) ? inLimit(canonicalWords(change.text)) : wordsOf(change.text) };
}

function asDigest(generated: string): string {
  return generated.startsWith('sha256:') ? generated : `sha256:${generated}`;
}

function isCellOfInserted(block: string, { edits }: Draft): boolean {
  return isCell(block) && edits.some(({ key, state }) => state === 'inserted' && block.startsWith(`${key}.`));
}

function wordsOf(text: string): string {
  const words = canonicalWords(text);
  if (words === '') throw new AppError('usage', 'the text is empty: to take a block out, hide it');
  return inLimit(words);
}

function inLimit(words: string): string {
  if (words.length > LONGEST_TEXT) throw new AppError('usage', `the text is longer than ${LONGEST_TEXT} characters`);
  return words;
}

function unknownBlock(block: string): AppError {
  return new AppError(
    'not_stored',
    `the newest draft has no block ${JSON.stringify(block)}: keys stand in the draft's JSON and in the marks of its Markdown`,
  );
}
