import type { BaseDraft, NotTaken } from './base-draft.ts';
import type { Part } from './reader.ts';
import { longestRising } from './rising.ts';

/** Blocks that stand elsewhere than in the draft. */
export interface MovedBlocks {
  /** People's own, by key: they go where they were put. */
  readonly own: ReadonlySet<string>;
  /** Ours: their order is that of the draft. */
  readonly notTaken: readonly NotTaken[];
}

interface Place {
  readonly key: string;
  readonly part: Part;
  readonly at: number;
}

/** Compares the order of the blocks in a file with that of the draft's page: as few as explain it were moved, people's own before ours. */
export function readOrder(file: readonly Part[], keys: ReadonlyMap<Part, string>, base: BaseDraft): MovedBlocks {
  const places = new Map(base.parts.flatMap(({ mark }, at) => (mark ? [[mark.key, at] as const] : [])));
  const blocks = file.flatMap((part): readonly Place[] => {
    const key = keys.get(part);
    const at = key === undefined ? undefined : places.get(key);
    return key === undefined || at === undefined ? [] : [{ key, part, at }];
  });
  const isOwn = ({ key }: Place) => base.edits.get(key)?.state === 'inserted';
  const kept = inOrder(blocks.filter((place) => !isOwn(place)));
  // People's own stand in order where they fit between those of ours that do.
  const fitting = inOrder(blocks.filter((place, index) => kept.has(place) || (isOwn(place) && isBetween(place, index, blocks, kept))));
  const away = blocks.filter((place) => !kept.has(place) && !fitting.has(place));
  return {
    own: new Set(away.filter(isOwn).map(({ key }) => key)),
    notTaken: away.filter((place) => !isOwn(place)).map(({ part: { line, text } }) => ({ line, text, why: WHY })),
  };
}

const WHY = 'Blocks of ours stand in the draft’s order: it was not moved. To have its words here, type them without the comment behind.';

function inOrder(places: readonly Place[]): ReadonlySet<Place> {
  const kept = longestRising(places.map(({ at }) => at));
  return new Set(places.filter((_, index) => kept.has(index)));
}

function isBetween({ at }: Place, index: number, blocks: readonly Place[], kept: ReadonlySet<Place>): boolean {
  const before = blocks.slice(0, index).findLast((place) => kept.has(place));
  const after = blocks.slice(index + 1).find((place) => kept.has(place));
  return (before?.at ?? -1) < at && at < (after?.at ?? Number.POSITIVE_INFINITY);
}
