import type { BaseDraft, FileEdits, NotTaken, Proposed } from './base-draft.ts';
import { type BlockChanges, compareBlock, isEarlier, sameType, showAgain } from './block-change.ts';
import { readOrder } from './block-order.ts';
import { readCut } from './cut-file.ts';
import { type Blocks, type Compared, goneOurs, hideGone, NOW } from './gone-parts.ts';
import { matchParts } from './matching.ts';
import { putIn, type Standing } from './put-in.ts';
import type { Part } from './reader.ts';
import { readSwallowed } from './swallowed.ts';
import { sameWords, statusKept, steadyText, typedOf } from './typed-words.ts';
import { plainType, plainWords } from './typography.ts';
import { readUnmarked } from './unmarked-file.ts';

/**
 * What a person changed in a file of ours: words of blocks, blocks that are gone, blocks that are new. What is computed, or ours to
 * write, cannot be changed there: it is listed, and so is all that cannot be told. Pure; takes the file's parts, the whole page.
 */
export function readFileEdits(page: readonly Part[], base: BaseDraft): FileEdits {
  const { file: open, keys: swallowed, notTaken: fences } = readSwallowed(page);
  const ours = new Map(base.parts.flatMap((part) => (part.mark ? [[part.mark.key, part] as const] : [])));
  const isKnown = ({ mark }: Part) => mark !== undefined && (ours.has(mark.key) || base.edits.get(mark.key)?.state === 'hidden');
  if (!open.some(isKnown)) {
    const unmarked = readUnmarked(open, base);
    return { ...unmarked, notTaken: [...fences, ...unmarked.notTaken] };
  }
  const { file, beyond, notTaken: cut } = readCut(open, base.parts);
  const found = findBlocks(file.filter(isKnown), ours);
  const taken = new Set(found.values());
  const rest = file.filter((part) => !taken.has(part));
  const { same: equal, gone } = withoutOurs(rest, base.parts);
  const same = new Set([...equal, ...ofHidden(file, taken, base)]);
  const missing = [...ours].filter(([key, part]) => !found.has(key) && !swallowed.has(key) && !beyond.has(part));
  const fresh = rest.filter((part) => !same.has(part) && !isNothing(part));
  const lost = lostMarks(fresh, missing);
  const keys = new Map([...found, ...lost].map(([key, part]) => [part, key]));
  const order = readOrder(file, keys, base);
  const blocks = new Map([...found, ...lost].filter(([key]) => !order.own.has(key)));
  const compared = { ours, blocks, base };
  const foreign = new Set(fresh.filter((part) => part.mark && !isKnown(part) && !keys.has(part)));
  const standings = file.filter((part) => !isNothing(part)).map((part) => standingOf(part, keys.get(part), compared, same, foreign));
  const changed = withoutEditors(
    [...blocks].map(([key, part]) => changesOf(key, part, compared)),
    ours,
  );
  const added = standings.filter(({ is }) => is === 'new').map(({ part }) => part);
  const removed = goneOurs(
    gone.filter((part) => !beyond.has(part)),
    { ...compared, added },
  );
  const inserted = putIn(
    standings.filter(({ part }) => !removed.replaced.has(part)),
    base,
  );
  const hidden = missing.map(([key]) => key).filter((key) => !lost.has(key));
  return {
    proposed: [...changed.flatMap(({ proposed }) => proposed), ...hideGone([...hidden, ...order.own], compared), ...inserted.proposed],
    notTaken: [
      ...fences,
      ...cut,
      ...changed.flatMap(({ notTaken }) => notTaken),
      ...[...foreign].flatMap((part) => foreignPart(part, base)),
      ...removed.notTaken,
      ...inserted.notTaken,
      ...order.notTaken,
    ].toSorted((a, b) => a.line - b.line),
    told: [
      ...[...lost].map(([, { line, text }]) => ({ line, text, why: 'Its mark was gone; it was found by its words and its place.' })),
      ...withoutStatus(blocks, ours),
      ...retyped(changed.flatMap(({ retyped: parts = [] }) => parts)),
    ],
  };
}

/** Blocks by their marks. Of a mark that stands twice the one is meant that was left as it was, else the first. */
function findBlocks(known: readonly Part[], ours: Blocks): Blocks {
  const marked = Map.groupBy(known, ({ mark }) => mark?.key ?? '');
  return new Map(
    [...marked].flatMap(([key, parts]) => {
      const own = ours.get(key);
      const kept = own && parts.find((part) => sameWords(typedOf(part, own).words, typedOf(own, own).words));
      const part = kept ?? parts[0];
      return part ? [[key, part] as const] : [];
    }),
  );
}

/**
 * What is ours and has no mark: headings, heads of tables, diffs, notes. Each counts as often as it stands in the draft, but for notes:
 * some tools write one anew for each of its numbers.
 */
function withoutOurs(rest: readonly Part[], base: readonly Part[]): { readonly same: ReadonlySet<Part>; readonly gone: readonly Part[] } {
  const keyOf = (part: Part) => `${part.kind} ${plainType(steadyText(part)).trim()}`;
  const free = Map.groupBy(
    base.filter(({ mark }) => !mark),
    keyOf,
  );
  const notes = new Set(base.filter(({ kind }) => kind === 'note').map(keyOf));
  const same = new Set(rest.filter((part) => free.get(keyOf(part))?.shift() !== undefined || notes.has(keyOf(part))));
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

function standingOf(
  part: Part,
  key: string | undefined,
  { ours, blocks }: Compared,
  same: ReadonlySet<Part>,
  foreign: ReadonlySet<Part>,
): Standing {
  const own = key === undefined || !blocks.has(key) ? undefined : (ours.get(key) ?? part);
  if (key !== undefined && own) return { part, is: 'block', key: key.endsWith(NOW) ? key.slice(0, -NOW.length) : key, ours: own };
  return { part, is: same.has(part) || foreign.has(part) ? 'ours' : 'new' };
}

/** Where an editor changed the signs of ours, it did so in people's words as well: nobody wrote those anew. */
function withoutEditors(changed: readonly BlockChanges[], ours: Blocks): readonly BlockChanges[] {
  if (!changed.some(({ retyped: parts }) => parts)) return changed;
  const isTyped = (one: Proposed) => {
    const own = one.kind === 'rewrite' ? ours.get(one.block) : undefined;
    return !own || one.kind !== 'rewrite' || !sameWords(plainWords(one.words), plainWords(typedOf(own, own).words));
  };
  return changed.map((one) => ({ ...one, proposed: one.proposed.filter(isTyped) }));
}

function changesOf(key: string, part: Part, { ours, blocks, base }: Compared): BlockChanges {
  if (key.endsWith(NOW)) return { proposed: [], notTaken: nowChanges(part, ours.get(key)) };
  const own = ours.get(key);
  // What was hidden and is there again was brought back by a person.
  if (!own) return { proposed: showAgain(key, part, base), notTaken: [] };
  const isSettled = ours.has(`${key}${NOW}`) && !blocks.has(`${key}${NOW}`);
  return compareBlock(key, part, { own, base, isSettled });
}

function nowChanges(part: Part, own: Part | undefined): readonly NotTaken[] {
  if (!own || sameType(steadyText(own), steadyText(part))) return [];
  return [
    { line: part.line, text: part.text, why: 'This line says what the record says; change the line above it, or take one of the two out.' },
  ];
}

/** A mark of no block of ours: its words are listed, unless a person had written them before. */
function foreignPart(part: Part, base: BaseDraft): readonly NotTaken[] {
  const { mark, line, text } = part;
  if (mark && isEarlier(mark.key, typedOf(part, part).words, base)) return [];
  return [{ line, text, why: 'The draft has no such block: it is of another draft, or the record has changed since.' }];
}

/** Rows of a table whose column for the status is gone: what stays as it was is told. */
function withoutStatus(blocks: Blocks, ours: Blocks): readonly NotTaken[] {
  return [...blocks].flatMap(([key, part]) => {
    const own = ours.get(key);
    const kept = own && statusKept(part, own);
    if (kept === undefined) return [];
    return [{ line: part.line, text: part.text, why: `Its table has no column Status: the status “${kept}” stays as it was.` }];
  });
}

/** Said once for the whole file: an editor does it to all of it. */
function retyped(parts: readonly Part[]): readonly NotTaken[] {
  const [first] = parts.toSorted((a, b) => a.line - b.line);
  if (!first) return [];
  const text = parts.length === 1 ? first.text : `${parts.length} blocks, the first “${first.text}”`;
  return [{ line: first.line, text, why: 'Only quotes, dashes, dots or spaces differ, as editors change them: it stays as it was.' }];
}
