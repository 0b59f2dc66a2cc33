import { blameFindings } from '../document/blame.ts';
import { readDocument } from '../document/reader.ts';
import type { EditedBlock } from './edits.ts';

/** Words that blame somebody or argue with the past, with what could stand in their place. Nothing is changed. */
export interface KinderWording {
  readonly said: string;
  readonly kinder: string;
}

/** The same of a person's block. */
export interface KinderWords extends KinderWording {
  /** The block that they stand in. */
  readonly key: string;
}

/** Looks through what people wrote into a draft. What they hid, and what they quote, is left alone. */
export function kinderWords(edits: readonly EditedBlock[]): readonly KinderWords[] {
  return edits.flatMap((edit) => wordingOf(edit).map((wording) => ({ key: edit.key, ...wording })));
}

/** The same of one block; nothing for ours, and for what was taken out. */
export function wordingOf({ state, text }: Pick<EditedBlock, 'state' | 'text'>): readonly KinderWording[] {
  if (state === 'hidden' || state === 'generated') return [];
  return blameFindings(readDocument(text)).map(({ stated, follows }) => ({ said: stated, kinder: follows }));
}
