import type { BaseDraft, NotTaken, Proposed } from './base-draft.ts';
import type { Part } from './reader.ts';

/** What the mark of a stale block's second line ends with. */
export const NOW = '.now';

/** Blocks by their keys. */
export type Blocks = ReadonlyMap<string, Part>;

/** The blocks of the draft's page, those of the file, and the draft itself. */
export interface Compared {
  readonly ours: Blocks;
  readonly blocks: Blocks;
  readonly base: BaseDraft;
}

/** Blocks that are gone from the file. Of a block that stood in two texts, taking one out says which holds. */
export function hideGone(missing: readonly string[], { ours, blocks, base }: Compared): readonly Proposed[] {
  const after = base.lastEdit;
  return missing.flatMap((key): readonly Proposed[] => {
    if (key.endsWith(NOW)) return [];
    const generated = base.blocks.get(key)?.digest ?? 'sha256:none';
    const now = blocks.get(`${key}${NOW}`);
    const line = lineNear(key, ours, blocks);
    const edit = base.edits.get(key);
    if (now && edit?.state === 'stale') {
      return [{ kind: 'rewrite', line: now.line, block: key, generated, after, words: [{ kind: 'text', text: edit.generatedNow }] }];
    }
    return [{ kind: 'hide', line, block: key, generated, after }];
  });
}

/** The line of what stands before a block that is gone. */
function lineNear(key: string, ours: Blocks, blocks: Blocks): number {
  const order = [...ours.keys()];
  const before = order.slice(0, order.indexOf(key)).findLast((one) => blocks.has(one));
  return (before === undefined ? undefined : blocks.get(before)?.line) ?? 1;
}

/** What of ours is gone or was changed: nobody can change it in a file, unless its whole block or section went. */
export function goneOurs(
  gone: readonly Part[],
  { ours, blocks, base, added }: Compared & { readonly added: readonly Part[] },
): { readonly notTaken: readonly NotTaken[]; readonly replaced: ReadonlySet<Part> } {
  const replaced = new Set<Part>();
  const lines = [...base.parts];
  const notTaken = gone.flatMap((part): readonly NotTaken[] => {
    const at = lines.indexOf(part);
    const owner = ownerOf(part, lines, at);
    if (owner && !owner.some((key) => blocks.has(key))) return [];
    // Beside a file graphs may lie as images of their own.
    if (part.kind === 'code' && owner?.some((key) => blocks.get(key)?.source.includes('![]('))) return [];
    const change =
      part.kind === 'note'
        ? undefined
        : added.find((one) => one.kind === part.kind && one.isHead === part.isHead && !replaced.has(one) && isNear(one, part));
    if (change) replaced.add(change);
    const line = change?.line ?? lineOf(at, lines, blocks);
    return [{ line, text: change?.text ?? part.text, why: WHY[part.kind] ?? 'It is ours to write.' }];
  });
  const notes = notTaken.filter(({ why }) => why === WHY.note);
  const [first] = notes;
  if (!first || ours.size === 0) return { notTaken, replaced };
  const all = { line: first.line, text: `${notes.length} sources`, why: WHY.note ?? '' };
  return { notTaken: [...notTaken.filter(({ why }) => why !== WHY.note), all], replaced };
}

const WHY: Readonly<Partial<Record<Part['kind'], string>>> = {
  heading: 'Headings are ours; a template arranges sections.',
  row: 'Heads of tables are ours.',
  code: 'A diff or a graph is made of the evidence: take out its whole block, or none of it.',
  note: 'The list of sources is made of what the draft rests on.',
  item: 'The facts on top are made of the record; authors come from --author.',
};

/** The blocks without which it has no place: of a heading those of its section, of a head those of its table, of a diff its caption. */
function ownerOf(part: Part, lines: readonly Part[], at: number): readonly string[] | undefined {
  if (part.kind === 'code')
    return lines
      .slice(0, at)
      .findLast(({ mark }) => mark)
      ?.mark?.key.split('\n');
  if (part.kind === 'heading' && part.depth > 1) {
    return lines.flatMap(({ mark, under }) => (mark && under.includes(part.text) ? [mark.key] : []));
  }
  if (!part.isHead) return undefined;
  const end = lines.findIndex(({ kind, isHead }, index) => index > at && (kind !== 'row' || isHead));
  return lines.slice(at + 1, end < 0 ? undefined : end).flatMap(({ mark }) => (mark ? [mark.key] : []));
}

/** Of the same place on the page: below the same headings; of a heading on the same level. */
function isNear(one: Part, part: Part): boolean {
  if (part.kind === 'heading') return one.depth === part.depth;
  return one.under.at(-1) === part.under.at(-1) || part.isHead === true;
}

function lineOf(at: number, lines: readonly Part[], blocks: Blocks): number {
  const before = lines.slice(0, at).findLast(({ mark }) => mark && blocks.has(mark.key));
  return (before?.mark && blocks.get(before.mark.key)?.line) ?? 1;
}
