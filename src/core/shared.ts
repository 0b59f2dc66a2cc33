import type { Actor } from './events.ts';
import type { FactSeed } from './facts.ts';

/** Gives of what is equal one and the same: a hundred thousand events belong to a few services and are done by a few people. */
export interface Shared {
  text(text: string): string;
  list(texts: readonly string[]): readonly string[];
  actor(actor: Actor): Actor;
  /** So many starts, each `step` milliseconds after the one before: a chunk of every metric has those of its hours. */
  starts(from: number, step: number, count: number): Float64Array;
}

/** Keeps what it was given as long as it is kept itself. Of lists only those of one text are met again, of actors those with an id. */
export function startShared(): Shared {
  const texts = new Map<string, string>();
  const lists = new Map<string, readonly string[]>();
  const actors = new Map<string, Actor>();
  const starts = new Map<string, Float64Array>();
  return {
    text: (text) => firstOf(texts, text, text),
    list: (given) => (given[0] === undefined || given.length > 1 ? given : firstOf(lists, given[0], given)),
    actor: (given) => {
      if (given.id === undefined) return given;
      const first = firstOf(actors, given.id, given);
      return first.kind === given.kind && first.name === given.name ? first : given;
    },
    starts: (from, step, count) => {
      const key = `${from}/${step}/${count}`;
      const known = starts.get(key) ?? regularStarts(from, step, count);
      starts.set(key, known);
      return known;
    },
  };
}

function regularStarts(from: number, step: number, count: number): Float64Array {
  const startsMs = new Float64Array(count);
  for (let at = 0; at < count; at += 1) startsMs[at] = from + at * step;
  return startsMs;
}

function firstOf<Value>(known: Map<string, Value>, key: string, value: Value): Value {
  const first = known.get(key);
  if (first === undefined) known.set(key, value);
  return first ?? value;
}

/** A fact in which the names of a person are those that were met first: nearly every record of a pager says some. */
export function sharedFact(fact: FactSeed, shared: Shared): FactSeed {
  return fact.kind === 'person' ? { ...fact, key: shared.text(fact.key), names: shared.list(fact.names) } : fact;
}
