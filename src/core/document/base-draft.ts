import type { ActionCell } from '../draft/blocks.ts';
import type { EditedBlock } from '../draft/edits.ts';
import type { Inline } from './inline.ts';
import type { Part } from './reader.ts';

/** The draft that a file was written from, as it stood on the page, and what its marks stand for. */
export interface BaseDraft {
  /** The whole page, read as any document is. */
  readonly parts: readonly Part[];
  /** Every block and cell of it by key, with the digest of what was generated. */
  readonly blocks: ReadonlyMap<string, { readonly digest: string; readonly isComputed: boolean }>;
  readonly sections: readonly { readonly key: string; readonly heading: string }[];
  readonly edits: ReadonlyMap<string, EditedBlock>;
  readonly lastEdit: number;
  /** What people wrote before: the texts that each block has had, in the kept form read again. */
  readonly earlier: ReadonlyMap<string, readonly (readonly Inline[])[]>;
  /** False where the file does not say which draft it is of: then this is the newest, and marks may be of an older one. */
  readonly isCertain: boolean;
}

/** A change that a file asks for, with the line that asks. */
export type Proposed = { readonly line: number } & (
  | {
      readonly kind: 'rewrite';
      readonly block: string;
      readonly generated: string;
      readonly after: number;
      readonly words: readonly Inline[];
    }
  | { readonly kind: 'hide' | 'show'; readonly block: string; readonly generated: string; readonly after: number }
  | {
      readonly kind: 'insert';
      /** `new.1`, `new.2` …: what others of the file may stand below. */
      readonly block: string;
      readonly below: string;
      readonly words: readonly Inline[];
      readonly shape?: 'plain' | 'bullet';
      /** Of a row of the actions what stands in its other cells. */
      readonly cells?: Readonly<Partial<Record<ActionCell, readonly Inline[]>>>;
    }
);

/** A change that cannot be taken from a file, and what to do instead. */
export interface NotTaken {
  readonly line: number;
  readonly text: string;
  readonly why: string;
}

/** What a file came to. */
export interface FileEdits {
  readonly proposed: readonly Proposed[];
  readonly notTaken: readonly NotTaken[];
  /** Said beside: what was done otherwise than it looks, such as a block that was found by its words. */
  readonly told: readonly NotTaken[];
}
