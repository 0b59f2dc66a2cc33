import { ACTION_CELLS, type ActionCell } from '../draft/blocks.ts';
import { type Inline, inlineKey, plainOf } from './inline.ts';
import type { Part } from './reader.ts';

/** What a person can type in a part of the page, and the rest of it, which is computed. */
export interface Typed {
  readonly words: readonly Inline[];
  /** Of an action: owner, due, priority and status; none of a column that its table does not have. */
  readonly cells: Readonly<Partial<Record<ActionCell, readonly Inline[]>>>;
  /** Visible texts that are no words: a time, links to data. */
  readonly fixed: readonly string[];
}

/** The words of a part, by the shape of ours: in a row of the timeline they stand behind the time, in a question behind its sign. */
export function typedOf(part: Part, ours: Part): Typed {
  if (ours.kind !== 'row') return { words: withoutSign(part.words ?? []), cells: {}, fixed: [] };
  // A paragraph in place of a row has words and nothing else.
  if (part.kind !== 'row') return { words: part.words ?? [], cells: {}, fixed: [] };
  const cells = part.cellWords ?? [];
  if (isActionTable(ours)) {
    const filled = ACTION_CELLS.flatMap((cell, index) => (isMissing(cell, part) ? [] : [[cell, cells[index + 1] ?? []] as const]));
    return { words: cells[0] ?? [], cells: Object.fromEntries(filled), fixed: [] };
  }
  const at = wordColumn(ours);
  return { words: cells[at] ?? [], cells: {}, fixed: (part.cells ?? []).flatMap((cell, index) => (index === at ? [] : [cell])) };
}

/** A page of an earlier version has no such column: that its rows say nothing of it is no edit. */
function isMissing(cell: ActionCell, { heads = [] }: Part): boolean {
  return cell === 'status' && heads.length > 0 && !heads.includes('Status');
}

/**
 * The status of an action that stays though its row says nothing of it, since its table has no column for one: a page of an earlier version
 * had none, and whoever takes it out may mean that it is gone. Nothing where it is what every action has at first.
 */
export function statusKept(part: Part, ours: Part): string | undefined {
  if (part.kind !== 'row' || ours.kind !== 'row' || !isActionTable(ours) || !isMissing('status', part)) return undefined;
  const kept = plainOf(typedOf(ours, ours).cells.status ?? []).trim();
  return kept === '' || kept === UNTOUCHED ? undefined : kept;
}

const UNTOUCHED = 'open';

/** The text of a part that is ours, in the form that every version writes: the actions of an earlier page have no column for a status. */
export function steadyText({ text, heads, isHead, kind }: Part): string {
  if (kind !== 'row' || !isActionTable({ heads: isHead ? text.split(' | ') : (heads ?? []) })) return text;
  return isHead ? text.replace(/ \| Status$/, '') : text.replace(/[ |]+$/, '');
}

/** The column in which a row of such a table has its words. */
export function wordColumn({ heads = [] }: Part): number {
  return heads[0]?.startsWith('Time') ? 1 : 0;
}

/** Whether a table is one of action items, by its head. */
export function isActionTable({ heads = [] }: Pick<Part, 'heads'>): boolean {
  return heads.includes('Owner role');
}

/** Whether two texts are the same words, however their lines were broken. */
export function sameWords(a: readonly Inline[], b: readonly Inline[]): boolean {
  return inlineKey(a) === inlineKey(b);
}

/** `**Question:**` and `**Note:**` are ours. */
function withoutSign(words: readonly Inline[]): readonly Inline[] {
  const [first, second, ...rest] = words;
  if (first?.kind !== 'strong' || !/^(?:Question|Note):$/.test(plainOf(first.inside))) return words;
  if (second?.kind !== 'text') return words.slice(1);
  const text = second.text.trimStart();
  return text === '' ? rest : [{ kind: 'text', text }, ...rest];
}
