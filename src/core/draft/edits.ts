import type { Instant } from '../time.ts';

/** What every human change carries. `after` is the last edit its author had seen: a newer one is a conflict, never a loss. */
interface Written {
  readonly sequence: number;
  readonly after: number;
  readonly author: string;
  readonly at: Instant;
}

/** `generated` is the digest of our text when the human wrote: it says whether our text moved, whoever wrote last. */
export type Edit = Written &
  (
    | { readonly kind: 'rewrite'; readonly block: string; readonly generated: string; readonly text: string }
    | { readonly kind: 'hide' | 'show'; readonly block: string; readonly generated: string }
    /** `block` is new: `i.` and the edit's sequence. */
    | { readonly kind: 'insert'; readonly block: string; readonly below: string; readonly text: string }
  );

export interface GeneratedBlock {
  readonly key: string;
  readonly text: string;
  readonly digest: string;
}

export type EditedBlock =
  | { readonly state: 'generated'; readonly key: string; readonly text: string }
  /** `below` of an inserted one: what stands below it is still shown. */
  | { readonly state: 'hidden'; readonly key: string; readonly text: string; readonly below?: string }
  | { readonly state: 'edited' | 'orphaned'; readonly key: string; readonly text: string; readonly author: string }
  | { readonly state: 'inserted'; readonly key: string; readonly text: string; readonly author: string; readonly below: string }
  | { readonly state: 'stale'; readonly key: string; readonly text: string; readonly author: string; readonly generatedNow: string };

/** Refuses what was written without having seen the last edit of the same block: the answer is 409 with both texts. */
export function conflictOf(edit: Edit, earlier: readonly Edit[]): Edit | undefined {
  return earlier.findLast((other) => other.block === edit.block && other.sequence > edit.after);
}

/** Every human's words come out, once: in their place, or as an orphan. */
export function applyEdits(generated: readonly GeneratedBlock[], edits: readonly Edit[]): readonly EditedBlock[] {
  const words = new Map(edits.filter((edit) => edit.kind === 'rewrite').map((edit) => [edit.block, edit]));
  const visible = new Map(
    edits.filter((edit) => edit.kind === 'hide' || edit.kind === 'show').map((edit) => [edit.block, edit.kind === 'show']),
  );
  const inserts = Map.groupBy(
    edits.filter((edit) => edit.kind === 'insert'),
    (edit) => edit.below,
  );
  const shown = new Set<string>();

  const withInserts = (block: EditedBlock): readonly EditedBlock[] => {
    const { key, text } = block;
    shown.add(key);
    const below = inserts.get(key) ?? [];
    return [
      visible.get(key) === false ? { state: 'hidden', key, text, ...(block.state === 'inserted' && { below: block.below }) } : block,
      ...below.flatMap((edit) => withInserts(inserted(words.get(edit.block) ?? edit, edit.below))),
    ];
  };
  const blocks = generated.flatMap((block) => withInserts(current(block, words.get(block.key))));
  const human = new Map([...[...inserts.values()].flat(), ...words.values()].map((edit) => [edit.block, edit]));
  const orphans = [...human.values()].filter((edit) => !shown.has(edit.block)).map(orphaned);
  return [...blocks, ...orphans];
}

type Words = Extract<Edit, { readonly text: string }>;

function current({ key, text, digest }: GeneratedBlock, edit: Words | undefined): EditedBlock {
  if (!edit) return { state: 'generated', key, text };
  const { author } = edit;
  if (edit.kind === 'rewrite' && edit.generated !== digest) return { state: 'stale', key, text: edit.text, author, generatedNow: text };
  return { state: 'edited', key, text: edit.text, author };
}

function inserted({ block, text, author }: Words, below: string): EditedBlock {
  return { state: 'inserted', key: block, text, author, below };
}

function orphaned({ block, text, author }: Words): EditedBlock {
  return { state: 'orphaned', key: block, text, author };
}
