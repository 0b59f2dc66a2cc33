import { ACTION_CELLS, cellKey } from '../core/draft/blocks.ts';
import type { EditedBlock } from '../core/draft/edits.ts';
import type { Block, Section } from '../core/draft/model.ts';
import { type Group, groupOf } from './blocks.ts';

/** A block that a person put in, and how it stands. */
export interface Placed {
  readonly key: string;
  readonly text: string;
  readonly group: Group;
}

/** A block of ours, and what people put in below it; of the start of a section only the latter. */
export interface Place {
  readonly block?: Block;
  readonly below: readonly Placed[];
}

type Inserted = Extract<EditedBlock, { readonly state: 'inserted' | 'hidden' }> & { readonly below: string };

/** The blocks of each section with what people put in below them, in the order of the page. A hidden one only holds its place. */
export function placesOf(edits: readonly EditedBlock[]): (section: Section) => readonly Place[] {
  const above = new Map<string, string>();
  const lists = new Map<string, Inserted[]>();
  for (const edit of edits) {
    if (!isInserted(edit)) continue;
    // What it stands below came before it.
    const root = above.get(edit.below) ?? edit.below;
    above.set(edit.key, root);
    lists.set(root, [...(lists.get(root) ?? []), edit]);
  }
  const below = (keys: readonly string[], group: Group) => keys.flatMap((key) => grouped(lists.get(key) ?? [], group));
  return (section) => {
    const [first] = section.blocks;
    const start = first ? groupOf(first, section.key) : 'plain';
    return [
      { below: below([section.key], start) },
      ...section.blocks.map((block) => ({ block, below: below(keysOf(block), groupOf(block, section.key)) })),
    ];
  };
}

function isInserted(edit: EditedBlock): edit is Inserted {
  return (edit.state === 'inserted' || edit.state === 'hidden') && edit.below !== undefined;
}

function keysOf({ kind, key }: Block): readonly string[] {
  return kind === 'action' ? [key, ...ACTION_CELLS.map((cell) => cellKey(key, cell))] : [key];
}

function grouped(list: readonly Inserted[], start: Group): readonly Placed[] {
  const groups = new Map<string, Group>();
  return list.flatMap(({ key, text, state, shape, below }) => {
    const group = shape ?? groups.get(below) ?? start;
    groups.set(key, group);
    return state === 'hidden' ? [] : [{ key, text, group }];
  });
}
