import type { RecordedEvent } from './events.ts';
import type { Fact } from './facts.ts';
import { isAnyTwice, markOf } from './marks.ts';
import type { Series } from './series.ts';
import { epochMs } from './time.ts';
import { startTallies, type Tallies } from './timeline/coverage.ts';
import type { Stamped } from './timeline/normalize.ts';
import { compare } from './timeline/order.ts';

/** What the records of a snapshot say, put together while they are read: of each only what a case is made from is kept. */
export interface Gathering {
  /** Takes a record in. It counts for the coverage, by `counted`, unless `isThere` says that its source did not have it yet. */
  add(stamped: Stamped, isThere?: boolean, counted?: Stamped): void;
  /** Whether two records tell one event. Then they are weighed against each other, and adding them up will not do. */
  hasRepeats(): boolean;
  gathered(): Gathered;
}

/** What was gathered of the records of a snapshot while they were read, so that none of them needs to be held. */
export interface Gathered {
  /** In the order of arrival. */
  readonly events: readonly RecordedEvent[];
  /** Those of the events, in milliseconds. */
  readonly instants: Float64Array;
  /** Nobody else holds the events: who makes a case of them may write in them. */
  readonly isOwn: boolean;
  /** By kind, key and evidence; what two records say in equal words stands once. */
  readonly facts: readonly Fact[];
  /** Chunks as their records have them, in the order of the evidence. */
  readonly series: readonly Series[];
  readonly tallies: Tallies;
}

/** `isOwn`: whoever adds records keeps nothing of them. `expected` is how many events there will be, about. */
export function startGathering(isOwn = false, expected = 0): Gathering {
  const events: RecordedEvent[] = [];
  const instants = startNumbers(expected);
  const marks = startNumbers(expected);
  const series: Series[] = [];
  const facts = startFacts();
  const tallies = startTallies();
  return {
    add: (stamped, isThere = true, counted = stamped) => {
      for (let at = 0; at < stamped.events.length; at += 1) {
        const event = stamped.events[at] as RecordedEvent;
        events.push(event);
        // While it is at hand: of a hundred thousand that lie about in memory it takes four times as long.
        instants.push(epochMs(event.time.at));
        marks.push(stamped.marks?.[at] ?? markOf(event.id));
      }
      for (const fact of stamped.facts) facts.add(fact);
      for (const one of stamped.series) series.push(one);
      if (isThere) tallies.count(counted);
    },
    hasRepeats: () => isAnyTwice(marks.all()) && new Set(events.map(({ id }) => id)).size < events.length,
    // Of one record's series the first comes first, since sorting keeps what is equal in its place.
    gathered: () => ({
      events,
      instants: instants.all(),
      isOwn,
      facts: facts.ordered(),
      series: series.toSorted((a, b) => compare(a.evidence[0], b.evidence[0])),
      tallies,
    }),
  };
}

interface Numbers {
  push(number: number): void;
  all(): Float64Array;
}

/** A list of numbers that grows leaves three times as much behind: its room is taken at once. */
function startNumbers(expected: number): Numbers {
  let numbers = new Float64Array(Math.max(expected, 16));
  let count = 0;
  return {
    push: (number) => {
      if (count === numbers.length) {
        const more = new Float64Array(2 * count);
        more.set(numbers);
        numbers = more;
      }
      numbers[count] = number;
      count += 1;
    },
    all: () => numbers.subarray(0, count),
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
  /** People who are only named, by key and name: a hundred thousand records name the same few. */
  const named = new Map<string, Map<string, Fact>>();
  const put = (known: Map<string, Fact>, words: string, fact: Fact) => {
    const other = known.get(words);
    if (other && compare(other.evidence, fact.evidence) <= 0) return;
    // Set anew, so that of one record's facts the first comes first.
    known.delete(words);
    known.set(words, fact);
  };
  return {
    add: (fact) => {
      const name = nameIn(fact);
      if (name === undefined) return put(said, wordsOf(fact), fact);
      const names = named.get(fact.key) ?? new Map<string, Fact>();
      named.set(fact.key, names);
      put(names, name, fact);
    },
    ordered: () =>
      [...said.values(), ...[...named.values()].flatMap((names) => [...names.values()])].toSorted(
        (a, b) => compare(a.kind, b.kind) || compare(a.key, b.key) || compare(a.evidence, b.evidence),
      ),
  };
}

/** The one name that a fact gives a person, where it says no more of them. */
function nameIn(fact: Fact): string | undefined {
  return fact.kind === 'person' && fact.level === undefined && fact.names.length === 1 ? fact.names[0] : undefined;
}

/** All that a fact says, without who said it. */
function wordsOf({ evidence, ...words }: Fact): string {
  return JSON.stringify(words);
}
