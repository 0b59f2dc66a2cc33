import { digestText } from '../digest.ts';
import type { GeneratedBlock } from './edits.ts';
import type { Block, Section } from './model.ts';

/** The generated words of a block: what a rewrite replaces, and what tells that they moved since someone rewrote them. */
export function textOf(block: Block): string {
  switch (block.kind) {
    case 'prose':
      return block.sentences.map(({ text }) => text).join(' ');
    case 'row':
    case 'action':
    case 'caveat':
      return block.what.text;
    case 'metric':
      return `${block.label}: ${block.value}`;
    case 'figure':
      return `${block.title}. ${block.alt}`;
    case 'code':
    case 'question':
      return block.text;
  }
}

/** Cells of an action that people fill: each is a block of its own, so that what they fill in outlives the next draft. */
export const ACTION_CELLS = ['owner', 'due', 'priority', 'status'] as const;

/** A cell of an action item that people fill in. */
export type ActionCell = (typeof ACTION_CELLS)[number];

/** The key of a cell of an action, ours or one that a person put in. */
export function cellKey(action: string, cell: ActionCell): string {
  return `${action}.${cell}`;
}

/** Times, metrics, graphs and diffs are computed: words cannot change them, only facts can. */
export function isComputed({ kind }: Block): boolean {
  return kind === 'metric' || kind === 'figure' || kind === 'code';
}

/** The blocks of a draft in the order in which a reader meets them, as `applyEdits` takes them, with the start of each section. */
export function generatedOf(sections: readonly Section[]): readonly GeneratedBlock[] {
  return sections.flatMap(({ key, blocks }) => [
    { ...generated(key, ''), isPlace: true as const },
    ...blocks.flatMap((block) => [generated(block.key, textOf(block)), ...cellsOf(block)]),
  ]);
}

/** What stands in the cells of an action until people fill them: whose it would be, and that it is open. */
export function cellTexts({ ownerRole }: Pick<Extract<Block, { readonly kind: 'action' }>, 'ownerRole'>): Record<ActionCell, string> {
  return { owner: ownerRole, due: '', priority: '', status: 'open' };
}

/** The same of an action that a person put in. */
export const NEW_ACTION = cellTexts({ ownerRole: '' });

function cellsOf(block: Block): readonly GeneratedBlock[] {
  if (block.kind !== 'action') return [];
  const texts = cellTexts(block);
  return ACTION_CELLS.map((cell) => generated(cellKey(block.key, cell), texts[cell]));
}

function generated(key: string, text: string): GeneratedBlock {
  return { key, text, digest: digestText(text) };
}
