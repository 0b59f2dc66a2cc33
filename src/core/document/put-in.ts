import type { BaseDraft, NotTaken, Proposed } from './base-draft.ts';
import type { Inline } from './inline.ts';
import type { Part } from './reader.ts';
import { isActionTable, wordColumn } from './typed-words.ts';

/** What a file's parts are, once they were compared with ours: a block of ours, another thing of ours, or new. */
export type Standing = { readonly part: Part } & (
  | { readonly is: 'block'; readonly key: string; readonly ours: Part }
  | { readonly is: 'ours' }
  | { readonly is: 'new' }
);

interface Anchor {
  readonly key: string;
  readonly kind: 'row' | 'item' | 'plain';
  /** Of a row: ours, with the heads of its table. */
  readonly row?: Part;
}

const NOT_KEPT = {
  note: 'Sources are made of what the draft rests on; put it into the text as a link.',
  front: 'Metadata at the top is not kept.',
  markup: 'HTML and comments are not kept; write it as text.',
} as const;

/** Parts that are new, as blocks to be put in: each right below what stands before it on the page. */
export function putIn(
  standings: readonly Standing[],
  base: BaseDraft,
): { readonly proposed: readonly Proposed[]; readonly notTaken: readonly NotTaken[] } {
  const proposed: Proposed[] = [];
  const notTaken: NotTaken[] = [];
  let anchor = startOf(base.sections[0]?.key, base);
  let ownTable = false;
  for (const standing of standings) {
    const { part } = standing;
    if (standing.is === 'block')
      anchor = { key: standing.key, kind: kindOf(standing.ours), ...(standing.ours.kind === 'row' && { row: standing.ours }) };
    if (standing.is === 'ours' && part.kind === 'heading') anchor = sectionStart(part, base) ?? anchor;
    if (part.isHead) ownTable = standing.is === 'new';
    if (standing.is !== 'new') continue;
    if (part.kind === 'note' || part.kind === 'front' || part.kind === 'markup') {
      notTaken.push({ line: part.line, text: part.text, why: NOT_KEPT[part.kind] });
      continue;
    }
    const { words, shape, kind, cells } = placed(part, anchor, ownTable);
    if (words.length === 0) continue;
    const block = `new.${proposed.length + 1}`;
    proposed.push({ kind: 'insert', line: part.line, block, below: anchor.key, words, ...(shape && { shape }), ...(cells && { cells }) });
    anchor = { key: block, kind, ...(kind === 'row' && anchor.row && { row: anchor.row }) };
  }
  return { proposed, notTaken };
}

function kindOf({ kind }: Part): Anchor['kind'] {
  return kind === 'row' || kind === 'item' ? kind : 'plain';
}

function sectionStart({ text }: Part, base: BaseDraft): Anchor | undefined {
  const section = base.sections.find(({ heading }) => heading === text);
  return section && startOf(section.key, base);
}

/** The start of a section: what is put in there stands as its first block does. */
function startOf(key: string | undefined, base: BaseDraft): Anchor {
  const heading = base.sections.find((section) => section.key === key)?.heading;
  const first = base.parts.find(({ mark, under }) => mark && under.includes(heading ?? ''));
  const kind = first ? kindOf(first) : 'plain';
  return { key: key ?? 'summary', kind, ...(first?.kind === 'row' && { row: first }) };
}

type Placing = Pick<Anchor, 'kind'> & Pick<Extract<Proposed, { kind: 'insert' }>, 'words' | 'shape' | 'cells'>;

/** In which shape a part is put in, and with what words: nothing that was typed is left out. */
function placed(part: Part, anchor: Anchor, ownTable: boolean): Placing {
  if (part.kind === 'row' && anchor.kind === 'row' && anchor.row && !ownTable) return rowOf(part, anchor.row);
  const words = wordsIn(part);
  if (part.kind === 'item' || part.kind === 'row') return { words, kind: 'item', ...(anchor.kind !== 'item' && { shape: 'bullet' }) };
  return { words, kind: 'plain', ...(anchor.kind !== 'plain' && { shape: 'plain' }) };
}

function rowOf(part: Part, ours: Part): Placing {
  const cells = part.cellWords ?? [];
  if (isActionTable(ours)) {
    const [words = [], owner = [], due = [], priority = [], status = []] = cells;
    return { words, kind: 'row', cells: { owner, due, priority, status } };
  }
  // A time that a person states is their word until they assert it.
  const at = wordColumn(ours);
  const before = cells.slice(0, at).filter((cell) => cell.length > 0);
  const after = cells.slice(at).filter((cell) => cell.length > 0);
  return {
    words: [...joined(before, ' '), ...(before.length > 0 && after.length > 0 ? [words(': ')] : []), ...joined(after, ' ')],
    kind: 'row',
  };
}

function wordsIn(part: Part): readonly Inline[] {
  if (part.kind === 'row')
    return joined(
      (part.cellWords ?? []).filter((cell) => cell.length > 0),
      ' | ',
    );
  if (part.kind === 'code') {
    const lines = part.text.split('\n').map((line): readonly Inline[] => (line.trim() === '' ? [] : [{ kind: 'code', text: line }]));
    return lines.flatMap((line, index): readonly Inline[] => (index === 0 ? line : [{ kind: 'break' }, ...line]));
  }
  if (part.kind === 'heading') return part.words && part.words.length > 0 ? [{ kind: 'strong', inside: part.words }] : [];
  const box = part.checked === undefined ? [] : [words(part.checked ? '[x] ' : '[ ] ')];
  return [...box, ...(part.words ?? [])];
}

function joined(cells: readonly (readonly Inline[])[], between: string): readonly Inline[] {
  return cells.flatMap((cell, index) => (index === 0 ? cell : [words(between), ...cell]));
}

function words(text: string): Inline {
  return { kind: 'text', text };
}
