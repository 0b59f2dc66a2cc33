import type { RecordedEvent } from './events.ts';
import type { Fact } from './facts.ts';
import type { Series } from './series.ts';
import { startTallies, type Tallies } from './timeline/coverage.ts';
import type { Stamped } from './timeline/normalize.ts';
import { compare } from './timeline/order.ts';

/** What the records of a snapshot say, put together while they are read: of each only what a case is made from is kept. */
export interface Gathering {
  /** Takes a record in. It counts for the coverage unless `isThere` says that its source did not have it yet. */
  add(stamped: Stamped, isThere?: boolean): void;
  /** Whether two records tell one event. Then they are weighed against each other, and adding them up will not do. */
  hasRepeats(): boolean;
  gathered(): Gathered;
}

export interface Gathered {
  /** In the order of arrival. */
  readonly events: readonly RecordedEvent[];
  /** Nobody else holds the events: who makes a case of them may write in them. */
  readonly isOwn: boolean;
  /** By kind, key and evidence; what two records say in equal words stands once. */
  readonly facts: readonly Fact[];
  /** Chunks as their records have them, in the order of the evidence. */
  readonly series: readonly Series[];
  readonly tallies: Tallies;
}

/** `isOwn`: whoever adds records keeps nothing of them. */
export function startGathering(isOwn = false): Gathering {
  const events: RecordedEvent[] = [];
  const marks: number[] = [];
  const series: Series[] = [];
  const facts = startFacts();
  const tallies = startTallies();
  return {
    add: (stamped, isThere = true) => {
      for (const event of stamped.events) {
        events.push(event);
        marks.push(markOf(event.id));
      }
      for (const fact of stamped.facts) facts.add(fact);
      for (const one of stamped.series) series.push(one);
      if (isThere) tallies.count(stamped);
    },
    hasRepeats: () => isAnyTwice(marks) && new Set(events.map(({ id }) => id)).size < events.length,
    // Of one record's series the first comes first, since sorting keeps what is equal in its place.
    gathered: () => ({
      events,
      isOwn,
      facts: facts.ordered(),
      series: series.toSorted((a, b) => compare(a.evidence[0], b.evidence[0])),
      tallies,
    }),
  };
}

/**
 * A number of 53 bits for a text, by the method of FNV-1a (Fowler, Noll, Vo) twice: of a hundred thousand different texts two share one
 * once in about two million times. A set of the texts themselves costs five times as much.
 */
function markOf(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}

function isAnyTwice(marks: readonly number[]): boolean {
  const sorted = Float64Array.from(marks).sort();
  return sorted.some((mark, at) => at > 0 && mark === sorted[at - 1]);
}

/** By kind, key and evidence; what two records say in equal words stands once, under the first of their evidence. */
export function orderFacts(facts: readonly Fact[]): readonly Fact[] {
  const said = startFacts();
  for (const fact of facts) said.add(fact);
  return said.ordered();
}

interface Facts {
  add(fact: Fact): void;
  ordered(): readonly Fact[];
}

function startFacts(): Facts {
  const said = new Map<string, Fact>();
  return {
    add: (fact) => {
      const words = wordsOf(fact);
      const other = said.get(words);
      if (other && compare(other.evidence, fact.evidence) <= 0) return;
      // Set anew, so that of one record's facts the first comes first.
      said.delete(words);
      said.set(words, fact);
    },
    ordered: () =>
      [...said.values()].toSorted((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key) || compare(a.evidence, b.evidence)),
  };
}

/** All that a fact says, without who said it. A hundred thousand records name the same few people, so of them little is written. */
function wordsOf(fact: Fact): string {
  if (fact.kind === 'person' && fact.level === undefined && fact.names.length === 1)
    return `${fact.key.length} ${fact.key} ${fact.names[0]}`;
  const { evidence, ...words } = fact;
  return JSON.stringify(words);
}
