import type { Part } from './reader.ts';

/** A part of a document beside the part of the record's own draft that says the same, or `undefined` where none does. */
export interface Match {
  readonly part: Part;
  readonly ours: Part | undefined;
  /** Where `ours` stands in the draft. */
  readonly at: number;
}

/** Two texts share this much of their words, or they are not about the same. */
export const LEAST_ALIKE = 0.45;
/** In the very place of ours it may be less. */
const LEAST_IN_PLACE = 0.2;
/** How many candidates a part without an equal is compared with. */
const MOST_COMPARED = 40;

/**
 * Finds for each part of a document what the draft says in its place: by the mark, by the same text, by the same text with other
 * numbers, by the words that both share, the most alike first, and last by the place: what stands alone between two that are known.
 * Each part of the draft is taken once.
 */
export function matchParts(parts: readonly Part[], draft: readonly Part[]): readonly Match[] {
  const free = new Set(draft.keys());
  const matched = new Map<Part, number>();
  const take = (part: Part, at: number | undefined) => {
    if (at === undefined || !free.has(at)) return;
    matched.set(part, at);
    free.delete(at);
  };
  const marks = new Map(draft.flatMap(({ mark }, at) => (mark ? [[mark.key, at]] : [])));
  for (const part of parts) if (part.mark) take(part, marks.get(part.mark.key));
  for (const keyOf of [exactKey, maskedKey]) {
    const places = Map.groupBy([...free], (at) => keyOf(draft[at]));
    for (const part of parts)
      if (!matched.has(part))
        take(
          part,
          places.get(keyOf(part))?.find((at) => free.has(at)),
        );
  }
  const unmatched = () => parts.filter((part) => !matched.has(part));
  takeAlike(unmatched(), draft, free, take);
  takeByTime(unmatched(), draft, free, take);
  takeBetween(parts, draft, matched, take);
  return parts.map((part) => {
    const at = matched.get(part) ?? -1;
    return { part, ours: draft[at], at };
  });
}

function exactKey(part: Part | undefined): string {
  return part ? `${part.kind} ${part.text}` : '';
}

/** The text with every number and time masked: what is left names the block. */
function maskedKey(part: Part | undefined): string {
  return part ? `${part.kind} ${part.text.toLowerCase().replaceAll(/\d+/g, '#').replaceAll(/\s+/g, ' ')}` : '';
}

function takeAlike(
  parts: readonly Part[],
  draft: readonly Part[],
  free: ReadonlySet<number>,
  take: (part: Part, at: number) => void,
): void {
  const words = new Map([...free].map((at) => [at, wordsOf(draft[at]?.text ?? '')]));
  const holding = new Map<string, number[]>();
  for (const [at, own] of words) for (const word of own) holding.set(word, [...(holding.get(word) ?? []), at]);
  const pairs = parts.flatMap((part) => {
    const own = wordsOf(part.text);
    // Only what shares a word can be alike, the rarest words say most.
    const rare = [...own].toSorted((a, b) => (holding.get(a)?.length ?? 0) - (holding.get(b)?.length ?? 0));
    const candidates = new Set(rare.flatMap((word) => holding.get(word) ?? []).slice(0, MOST_COMPARED));
    return [...candidates].map((at) => ({ part, at, alike: alikeness(own, words.get(at) ?? new Set()) }));
  });
  const taken = new Set<Part>();
  for (const { part, at, alike } of pairs.toSorted((a, b) => b.alike - a.alike)) {
    if (alike < LEAST_ALIKE || taken.has(part) || !free.has(at) || draft[at]?.kind !== part.kind) continue;
    taken.add(part);
    take(part, at);
  }
}

/** A row that was written anew keeps its time: where only one row on either side is left of it, they are the same. */
function takeByTime(
  parts: readonly Part[],
  draft: readonly Part[],
  free: ReadonlySet<number>,
  take: (part: Part, at: number) => void,
): void {
  const timeOf = (part: Part | undefined) => (/\d/.test(part?.cells?.[0] ?? '') ? part?.cells?.[0] : undefined);
  const rows = Map.groupBy(parts, timeOf);
  const ours = Map.groupBy([...free], (at) => timeOf(draft[at]));
  for (const [time, [part, ...others]] of rows) {
    const [at, ...more] = time === undefined ? [] : (ours.get(time) ?? []);
    if (part && at !== undefined && others.length === 0 && more.length === 0) take(part, at);
  }
}

/** What was written anew between two parts that are known, where ours has one of its kind between the same two, is that. */
function takeBetween(
  parts: readonly Part[],
  draft: readonly Part[],
  matched: ReadonlyMap<Part, number>,
  take: (part: Part, at: number) => void,
): void {
  const places = parts.map((part) => matched.get(part));
  const taken = new Set(places);
  for (const [index, part] of parts.entries()) {
    const [before, after] = [places[index - 1], places[index + 1]];
    if (places[index] !== undefined || before === undefined || (after === undefined && index < parts.length - 1)) continue;
    const between = draft.slice(before + 1, after ?? draft.length).flatMap((ours, offset) => {
      const at = before + 1 + offset;
      return !taken.has(at) && ours.kind === part.kind ? [at] : [];
    });
    const [at, ...others] = between;
    const ours = at === undefined ? undefined : draft[at];
    if (at !== undefined && ours && others.length === 0 && alikeness(wordsOf(part.text), wordsOf(ours.text)) >= LEAST_IN_PLACE)
      take(part, at);
  }
}

/** The words that carry meaning, in lower case; a number is one. */
export function wordsOf(text: string): ReadonlySet<string> {
  return new Set(
    (text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’._:/-]*/gu) ?? [])
      .map((word) => word.replace(/[._:/-]+$/, ''))
      .filter((word) => !STOP.has(word)),
  );
}

const STOP: ReadonlySet<string> = new Set(
  'a an the and or of to in on at by for from with was were is are be been it its this that these those as had has have then so we our they their which who what when where there here into after before'
    .split(' ')
    .filter((word) => word !== 'after' && word !== 'before'),
);

/** Dice 1945: twice the shared words over all words of both. */
export function alikeness(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 0;
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return (2 * shared) / (a.size + b.size);
}
