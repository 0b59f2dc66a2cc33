import { blameFindings } from '../document/blame.ts';
import { readDocument } from '../document/reader.ts';
import type { EditedBlock } from './edits.ts';

/** Words of a person that blame somebody or argue with the past, with what could stand in their place. Nothing is changed. */
export interface KinderWords {
  /** The block that they stand in. */
  readonly key: string;
  readonly said: string;
  readonly kinder: string;
}

/** Looks through what people wrote into a draft. What they hid, and what they quote, is left alone. */
export function kinderWords(edits: readonly EditedBlock[]): readonly KinderWords[] {
  return edits
    .filter(({ state }) => state !== 'hidden' && state !== 'generated')
    .flatMap(({ key, text }) => blameFindings(readDocument(text)).map(({ stated, follows }) => ({ key, said: stated, kinder: follows })));
}
