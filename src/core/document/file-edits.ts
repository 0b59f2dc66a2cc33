import type { BaseDraft, FileEdits, NotTaken, Proposed } from './base-draft.ts';
import { compareBlock, isEarlier } from './block-change.ts';
import { parseInline, plainOf } from './inline.ts';
import { matchParts } from './matching.ts';
import { putIn, type Standing } from './put-in.ts';
import type { Part } from './reader.ts';
import { longestRising } from './record.ts';
import { readSwallowed } from './swallowed.ts';
import { sameWords, typedOf } from './typed-words.ts';
import { readUnmarked } from './unmarked-file.ts';

/** What the mark of a stale block's second line ends with. */
const NOW = '.now';

/**
 * What a person changed in a file of ours: words of blocks, blocks that are gone, blocks that are new. What is computed, or ours to
 * write, cannot be changed there: it is listed, and so is all that cannot be told. Pure; takes the file's parts, the whole page.
 */
export function readFileEdits(page: readonly Part[], base: BaseDraft): FileEdits {
  const { file, keys: swallowed, notTaken: fences } = readSwallowed(page);
  const ours = new Map(base.parts.flatMap((part) => (part.mark ? [[part.mark.key, part] as const] : [])));
  const isKnown = ({ mark }: Part) => mark !== undefined && (ours.has(mark.key) || base.blocks.has(mark.key));
  if (!file.some(isKnown)) {
    const unmarked = readUnmarked(file, base);
    return { ...unmarked, notTaken: [...fences, ...unmarked.notTaken] };
  }
  const found = findBlocks(file, ours);
  const rest = file.filter((part) => !found.taken.has(part));
  const { same: equal, gone } = withoutOurs(rest, base.parts);
  const same = new Set([...equal, ...ofHidden(file, found.taken, base)]);
  const missing = [...ours].filter(([key]) => !found.blocks.has(key) && !swallowed.has(key));
  const fresh = rest.filter((part) => !same.has(part) && !isNothing(part));
  const lost = lostMarks(fresh, missing);
  const blocks = new Map([...found.blocks, ...lost]);
  const keys = new Map([...blocks].map(([key, part]) => [part, key]));
  const standings = file.filter((part) => !isNothing(part)).map((part): Standing => standingOf(part, keys.get(part), ours, same));
  const changed = [...blocks].map(([key, part]) => changesOf(key, part, { ours, blocks, base }));
  const added = standings.filter(({ is }) => is === 'new').map(({ part }) => part);
  const removed = goneOurs(gone, { ours, blocks, base, added });
  const inserted = putIn(
    standings.filter(({ part }) => !removed.replaced.has(part)),
    base,
  );
  return {
    proposed: [
      ...changed.flatMap(({ proposed }) => proposed),
      ...hidden(
        missing.map(([key]) => key).filter((key) => !lost.has(key)),
        { ours, blocks, base },
      ),
      ...inserted.proposed,
    ],
    notTaken: [
      ...fences,
      ...changed.flatMap(({ notTaken }) => notTaken),
      ...removed.notTaken,
      ...inserted.notTaken,
      ...moved(standings, base),
    ].toSorted((a, b) => a.line - b.line),
    told: [...lost].map(([, { line, text }]) => ({ line, text, why: 'Its mark was gone; it was found by its words and its place.' })),
  };
}

type Blocks = ReadonlyMap<string, Part>;

/** Blocks by their marks. Of a mark that stands twice the one is meant that was left as it was, else the first. */
function findBlocks(file: readonly Part[], ours: Blocks): { readonly blocks: Blocks; readonly taken: ReadonlySet<Part> } {
  const marked = Map.groupBy(
    file.filter(({ mark }) => mark),
    ({ mark }) => mark?.key ?? '',
  );
  const blocks = new Map<string, Part>();
  for (const [key, [first, ...others]] of marked) {
    const own = ours.get(key);
    if (!first) continue;
    const kept = own && [first, ...others].find((part) => sameWords(typedOf(part, own).words, typedOf(own, own).words));
    blocks.set(key, kept ?? first);
  }
  return { blocks, taken: new Set(blocks.values()) };
}

/** What is ours and has no mark: headings, heads of tables, diffs, notes. Each counts as often as it stands in the draft. */
function withoutOurs(rest: readonly Part[], base: readonly Part[]): { readonly same: ReadonlySet<Part>; readonly gone: readonly Part[] } {
  const keyOf = ({ kind, text }: Part) => `${kind} ${text.replaceAll(/\s+/g, ' ').trim()}`;
  const free = Map.groupBy(
    base.filter(({ mark }) => !mark),
    keyOf,
  );
  const same = new Set(rest.filter((part) => free.get(keyOf(part))?.shift() !== undefined));
  return { same, gone: [...free.values()].flat() };
}

/** Headings and heads of what was hidden whole, where it is back on the page. */
function ofHidden(file: readonly Part[], blocks: ReadonlySet<Part>, { sections }: BaseDraft): readonly Part[] {
  return file.filter((part, at) => {
    const next = file[at + 1];
    if (part.isHead) return next !== undefined && blocks.has(next) && next.kind === 'row' && !next.isHead;
    return part.kind === 'heading' && sections.some(({ heading }) => heading === part.text);
  });
}

function isNothing({ text, mark }: Part): boolean {
  return text.trim() === '' && !mark;
}

/** A block that was written anew and lost its mark with that: by its words, or since nothing else can stand there. */
function lostMarks(fresh: readonly Part[], missing: readonly (readonly [string, Part])[]): Blocks {
  const wanted = missing.filter(([key]) => !key.endsWith(NOW));
  const keys = new Map(wanted.map(([key, part]) => [part, key]));
  const candidates = fresh.filter(({ kind, isHead }) => !isHead && kind !== 'heading' && kind !== 'code' && kind !== 'note');
  const plain = candidates.map(({ mark: _, ...part }) => part);
  return new Map(
    matchParts(
      plain,
      wanted.map(([, part]) => part),
    ).flatMap(({ ours }, index) => {
      const part = candidates[index];
      const key = ours && keys.get(ours);
      return part && key !== undefined ? [[key, part] as const] : [];
    }),
  );
}

function standingOf(part: Part, key: string | undefined, ours: Blocks, same: ReadonlySet<Part>): Standing {
  const own = key === undefined ? undefined : (ours.get(key) ?? part);
  if (key !== undefined && own) return { part, is: 'block', key: key.endsWith(NOW) ? key.slice(0, -NOW.length) : key, ours: own };
  return { part, is: same.has(part) ? 'ours' : 'new' };
}

interface Compared {
  readonly ours: Blocks;
  readonly blocks: Blocks;
  readonly base: BaseDraft;
}

function changesOf(key: string, part: Part, { ours, blocks, base }: Compared): Pick<FileEdits, 'proposed' | 'notTaken'> {
  if (key.endsWith(NOW)) return { proposed: [], notTaken: nowChanges(part, ours.get(key)) };
  const own = ours.get(key);
  if (own) {
    const isSettled = ours.has(`${key}${NOW}`) && !blocks.has(`${key}${NOW}`);
    return compareBlock(key, part, { own, base, isSettled });
  }
  const block = base.blocks.get(key);
  const after = part.mark?.lastEdit ?? base.lastEdit;
  const { line } = part;
  const words = typedOf(part, part).words;
  // What was hidden and is there again was brought back by a person; what the record no longer has keeps their words only.
  if (block) {
    const shown: Proposed = { kind: 'show', line, block: key, generated: block.digest, after };
    const before = base.edits.get(key)?.text;
    const isSame =
      block.isComputed ||
      before === undefined ||
      plainOf(words) === before ||
      sameWords(words, parseInline(before)) ||
      isEarlier(key, words, base);
    return {
      proposed: [shown, ...(isSame ? [] : [{ kind: 'rewrite' as const, line, block: key, generated: block.digest, after, words }])],
      notTaken: [],
    };
  }
  if (isEarlier(key, words, base)) return { proposed: [], notTaken: [] };
  return {
    proposed: [],
    notTaken: [{ line, text: part.text, why: 'The draft has no such block: it is of another draft, or the record has changed since.' }],
  };
}

function nowChanges(part: Part, own: Part | undefined): readonly NotTaken[] {
  if (!own || own.text === part.text) return [];
  return [
    { line: part.line, text: part.text, why: 'This line says what the record says; change the line above it, or take one of the two out.' },
  ];
}

/** Blocks that are gone from the file. Of a block that stood in two texts, taking one out says which holds. */
function hidden(missing: readonly string[], { ours, blocks, base }: Compared): readonly Proposed[] {
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
function goneOurs(
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

/** Blocks of ours that stand elsewhere: their order is that of the draft. */
function moved(standings: readonly Standing[], base: BaseDraft): readonly NotTaken[] {
  const places = new Map(base.parts.flatMap(({ mark }, at) => (mark ? [[mark.key, at] as const] : [])));
  const blocks = standings.flatMap((standing) => (standing.is === 'block' && places.has(standing.key) ? [standing] : []));
  const kept = longestRising(blocks.map(({ key, part }) => places.get(part.mark?.key ?? key) ?? places.get(key) ?? 0));
  return blocks.flatMap(({ part }, index) =>
    kept.has(index) ? [] : [{ line: part.line, text: part.text, why: 'Blocks stand in the order of the draft; it was not moved.' }],
  );
}
