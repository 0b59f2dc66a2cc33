import type { EventId, RecordedEvent } from './events.ts';
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
  /** By kind, key and evidence; what two records say in equal words stands once. */
  readonly facts: readonly Fact[];
  /** Chunks as their records have them, in the order of the evidence. */
  readonly series: readonly Series[];
  readonly tallies: Tallies;
}

export function startGathering(): Gathering {
  const events: RecordedEvent[] = [];
  const series: Series[] = [];
  const facts = startFacts();
  const tallies = startTallies();
  return {
    add: (stamped, isThere = true) => {
      for (const event of stamped.events) events.push(event);
      for (const fact of stamped.facts) facts.add(fact);
      for (const one of stamped.series) series.push(one);
      if (isThere) tallies.count(stamped);
    },
    hasRepeats: () => {
      const ids = new Set<EventId>();
      for (const { id } of events) ids.add(id);
      return ids.size < events.length;
    },
    // Of one record's series the first comes first, since sorting keeps what is equal in its place.
    gathered: () => ({ events, facts: facts.ordered(), series: series.toSorted((a, b) => compare(a.evidence[0], b.evidence[0])), tallies }),
  };
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
