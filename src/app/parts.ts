import { atMost, type Calls } from '../contract/calls.ts';
import type { Json } from '../core/evidence.ts';
import type { Pull } from './drain.ts';
import type { PullDeps } from './pull.ts';

/** A question's calls: beyond so many a list is taken to have no end. Each further part adds some, and all parts take from the same. */
const MAX_CALLS = 500;
const CALLS_OF_PART = 5;
/** Who gives a question hours gives it so many times the calls. */
const LONG = 10;

/** What a question of so many parts may cost, and each piece of a window that had to be halved. */
export function callsOf({ questionMs }: Pick<PullDeps, 'questionMs'>, parts: number): Calls {
  return atMost((MAX_CALLS + CALLS_OF_PART * (parts - 1)) * (questionMs === undefined ? 1 : LONG));
}

/** What a pull gathers besides gaps. */
export type Gathering = Pick<Pull, 'evidence' | 'read' | 'hints'>;

/**
 * A pull for each part of the question, with what it reads kept apart: they run side by side, as many at once as the source's budget
 * lets, and each has its own tries and its own place to go on from. A question that is not parted is its own only part.
 */
export function partsOf(pull: Pull): readonly Pull[] {
  const parts = pull.stream.parts?.(pull.whole) ?? [];
  if (parts.length < 2) return [pull];
  const calls = callsOf(pull.deps, parts.length);
  return parts.map((part) => ({
    ...pull,
    calls,
    ask: { ...pull.whole, keys: part.keys, scope: asJson(part.scope) },
    evidence: [],
    read: [],
    said: new Set(),
    hints: new Set(),
  }));
}

/** What all parts gathered, in their order: which of them was answered first makes no difference. */
export function joinParts(pulls: readonly Pull[]): Gathering {
  return {
    evidence: pulls.flatMap(({ evidence }) => evidence),
    read: pulls.flatMap(({ read }) => read),
    hints: new Set(pulls.flatMap(({ hints }) => [...hints])),
  };
}

function asJson(scope: unknown): Json {
  const json: Json = JSON.parse(JSON.stringify(scope ?? null));
  return json;
}
