import type { Instant } from '../time.ts';

/** What every human change carries. `after` is the last edit its author had seen: a newer one is a conflict, never a loss. */
interface Written {
  readonly sequence: number;
  readonly after: number;
  readonly author: string;
  readonly at: Instant;
}

/** How a block that a person put in stands, where that is not how its neighbor above stands: under a table, say. */
export type Shape = 'plain' | 'bullet';

/** What an edit says, whoever made it and when. `generated` is the digest of our text when the human wrote: it tells whether ours moved. */
export type Change =
  | { readonly kind: 'rewrite'; readonly block: string; readonly generated: string; readonly text: string }
  | { readonly kind: 'hide' | 'show'; readonly block: string; readonly generated: string }
  /** `block` is new: `i.` and the edit's sequence. It stands right below `below`, which may be a section: then it comes first in it. */
  | { readonly kind: 'insert'; readonly block: string; readonly below: string; readonly text: string; readonly shape?: Shape };

/** What a person did to one block, numbered in the order of writing. */
export type Edit = Written & Change;

/** An edit that has no number yet. Blocks that are put in together name each other `new.1`, `new.2` … until they have. */
export type NewEdit = Omit<Written, 'sequence'> & Change;

/** A block as we wrote it, with the digest of its text and citations. */
export interface GeneratedBlock {
  readonly key: string;
  readonly text: string;
  readonly digest: string;
  /** The start of a section: no block, only a place below which one may be put in. */
  readonly isPlace?: true;
}

interface Placed {
  readonly below: string;
  readonly shape?: Shape;
}

/** A block as it stands after all edits. */
export type EditedBlock =
  | { readonly state: 'generated'; readonly key: string; readonly text: string }
  /** An inserted one keeps its place: what stands below it is still shown. */
  | ({ readonly state: 'hidden'; readonly key: string; readonly text: string } & Partial<Placed>)
  | { readonly state: 'edited' | 'orphaned'; readonly key: string; readonly text: string; readonly author: string }
  | ({ readonly state: 'inserted'; readonly key: string; readonly text: string; readonly author: string } & Placed)
  | { readonly state: 'stale'; readonly key: string; readonly text: string; readonly author: string; readonly generatedNow: string };

const CELL = /\.(?:owner|due|priority|status)$/;

/** Whether a key names one cell of an action (`actions.deploy_fix.owner`), which people fill by itself. */
export function isCell(key: string): boolean {
  return CELL.test(key);
}

/**
 * Refuses what was written without having seen the last edit of the same block: the answer is 409 with both texts. A row that is taken
 * out takes its cells along, so words in a cell and the hiding of its row count as edits of one block.
 */
export function conflictOf(edit: Pick<NewEdit, 'block' | 'after' | 'kind'>, earlier: readonly Edit[]): Edit | undefined {
  return earlier.findLast(
    (other) => other.sequence > edit.after && (other.block === edit.block || takesAlong(edit, other) || takesAlong(other, edit)),
  );
}

type Kind = Pick<NewEdit, 'block' | 'kind'>;

function takesAlong(row: Kind, cell: Kind): boolean {
  return row.kind === 'hide' && cell.kind === 'rewrite' && isCell(cell.block) && cell.block.replace(CELL, '') === row.block;
}

/** The last words that a person gave a block; nothing where nobody did. */
export function lastWordsOf(block: string, edits: readonly Edit[]): string | undefined {
  return edits.flatMap((edit) => (edit.block === block && 'text' in edit ? [edit.text] : [])).at(-1);
}

/** What became of edits that were handed in together: those that stand, numbered, and those whose author had not seen a newer one. */
export interface Admitted {
  readonly recorded: readonly Edit[];
  readonly conflicts: readonly { readonly edit: NewEdit; readonly newer: Edit }[];
}

/** Numbers new edits behind the earlier ones, which are in order. One in conflict is left out; it loses nothing, since it was not written. */
export function admitEdits(fresh: readonly NewEdit[], earlier: readonly Edit[]): Admitted {
  const names = new Map<string, string>();
  const recorded: Edit[] = [];
  const conflicts: Admitted['conflicts'][number][] = [];
  let sequence = earlier.at(-1)?.sequence ?? 0;
  for (const edit of fresh) {
    const newer = conflictOf(edit, earlier);
    if (newer) {
      conflicts.push({ edit, newer });
      continue;
    }
    sequence += 1;
    if (edit.kind === 'insert') {
      names.set(edit.block, `i.${sequence}`);
      recorded.push({ ...edit, block: `i.${sequence}`, below: names.get(edit.below) ?? edit.below, sequence });
    } else recorded.push({ ...edit, block: renamed(edit.block, names), sequence });
  }
  return { recorded, conflicts };
}

/** A cell of a block that is put in goes by that block's name. */
function renamed(key: string, names: ReadonlyMap<string, string>): string {
  const [, block, cell] = CELL_OF_NEW.exec(key) ?? [];
  const name = names.get(block ?? key);
  return name === undefined ? key : block === undefined ? name : `${name}.${cell}`;
}

const CELL_OF_NEW = /^(new\.\d+)\.(owner|due|priority|status)$/;

/** Every human's words come out, once: in their place, or as an orphan. Takes edits in their order. */
export function applyEdits(generated: readonly GeneratedBlock[], edits: readonly Edit[]): readonly EditedBlock[] {
  const words = new Map(edits.filter((edit) => edit.kind === 'rewrite').map((edit) => [edit.block, edit]));
  const switched = edits.filter((edit) => edit.kind === 'hide' || edit.kind === 'show');
  const visible = new Map(switched.map((edit) => [edit.block, edit.kind === 'show']));
  const all = edits.filter((edit) => edit.kind === 'insert');
  const inserts = Map.groupBy(all, ({ below }) => below);
  const cells = Map.groupBy(words.values(), ({ block }) => (isCell(block) ? block.replace(CELL, '') : undefined));
  const shown = new Set<string>();

  const seen = (block: EditedBlock): EditedBlock => {
    shown.add(block.key);
    // A cell is gone with its row.
    if (visible.get(block.key) !== false && visible.get(block.key.replace(CELL, '')) !== false) return block;
    const { key, text } = block;
    const place = 'below' in block ? { below: block.below, ...(block.shape && { shape: block.shape }) } : {};
    return { state: 'hidden', key, text, ...place };
  };
  const below = (key: string): readonly EditedBlock[] => {
    const found: EditedBlock[] = [];
    // The one that was put in last stands right below, so it is taken first.
    for (const waiting = [...(inserts.get(key) ?? [])]; waiting.length > 0; ) {
      const edit = waiting.pop();
      if (!edit || shown.has(edit.block)) continue;
      const own = (cells.get(edit.block) ?? []).map((cell) => seen(edited(cell)));
      found.push(seen(inserted(words.get(edit.block) ?? edit, edit)), ...own);
      waiting.push(...(inserts.get(edit.block) ?? []));
    }
    return found;
  };
  const blocks = generated.flatMap((block) => [
    ...(block.isPlace ? [] : [seen(current(block, words.get(block.key)))]),
    ...below(block.key),
  ]);
  const human = new Map([...all, ...words.values()].map((edit) => [edit.block, edit]));
  const orphans = [...human.values()].filter((edit) => !shown.has(edit.block)).map((edit) => seen(orphaned(edit)));
  return [...blocks, ...orphans];
}

type Words = Extract<Edit, { readonly text: string }>;

function current({ key, text, digest }: GeneratedBlock, edit: Words | undefined): EditedBlock {
  if (!edit) return { state: 'generated', key, text };
  const { author } = edit;
  if (edit.kind === 'rewrite' && edit.generated !== digest) return { state: 'stale', key, text: edit.text, author, generatedNow: text };
  return edited(edit);
}

function edited({ block, text, author }: Words): EditedBlock {
  return { state: 'edited', key: block, text, author };
}

function inserted({ text, author }: Words, { block, below, shape }: Extract<Edit, { kind: 'insert' }>): EditedBlock {
  return { state: 'inserted', key: block, text, author, below, ...(shape && { shape }) };
}

function orphaned({ block, text, author }: Words): EditedBlock {
  return { state: 'orphaned', key: block, text, author };
}
