import type { RecordedEvent } from './events.ts';
import type { EvidenceId, EvidenceRecord, Json } from './evidence.ts';
import type { Fact } from './facts.ts';
import { unplacedNamesIn } from './name-forms.ts';
import { remembered } from './remembered.ts';
import { compare } from './timeline/order.ts';

/** Attributes that identify or measure: everything else is free text, so that a new attribute is safe by default. */
export const IDENTIFIES =
  /(?:^|\.)(?:id|url|state|milestone|change|verdict|revision|tag|key)$|^(?:alert\.rule|metric\.|vcs\.ref\.|deployment\.environment)/;

/** A bare name that no role could be found for, with where it stands in its evidence: `''`, the whole record, until `locateNames` has looked. */
export interface UnplacedName {
  readonly name: string;
  readonly evidence: EvidenceId;
  readonly pointer: string;
}

const NONE: readonly never[] = [];

/** Looks through what the case shows, after people were replaced. */
export interface NameSearch {
  namesIn(attributes: RecordedEvent['attributes']): readonly string[];
  put(names: readonly string[], evidence: EvidenceId): void;
  /** One line for each name and record, sorted, with those of the facts. */
  found(facts: readonly Fact[]): readonly UnplacedName[];
}

/** Starts a search over one case. Each distinct text is looked through once. */
export function startNameSearch(): NameSearch {
  const found = new Map<string, UnplacedName>();
  const identifies = remembered((key) => IDENTIFIES.test(key));
  const namesIn = remembered(unplacedNamesIn);
  const put = (names: readonly string[], evidence: EvidenceId) => {
    for (const name of names) found.set(`${name} ${evidence}`, { name, evidence, pointer: '' });
  };
  return {
    namesIn: (attributes) => {
      let said: readonly string[] = NONE;
      const texts = attributes as Readonly<Record<string, Json | undefined>>;
      for (const key of Object.keys(texts)) {
        const value = texts[key];
        const names = typeof value === 'string' && !identifies(key) ? namesIn(value) : NONE;
        // Mostly there are none.
        if (names.length > 0) said = [...said, ...names];
      }
      return said;
    },
    put,
    found: (facts) => {
      for (const fact of facts) if (fact.kind === 'incident' || fact.kind === 'change') put(namesIn(fact.title), fact.evidence);
      return [...found.entries()].toSorted(([a], [b]) => compare(a, b)).map(([, name]) => name);
    },
  };
}

/** Finds each name in its record. Takes the records that the names are of: a case holds no bodies. */
export function locateNames(names: readonly UnplacedName[], records: readonly EvidenceRecord[]): readonly UnplacedName[] {
  const bodies = new Map(records.map(({ id, body }) => [id, body]));
  return names.map((name) => ({ ...name, pointer: pointerTo(bodies.get(name.evidence) ?? null, name.name) ?? '' }));
}

/** The JSON pointer of the first string that holds a text. */
function pointerTo(value: Json, text: string): string | undefined {
  if (typeof value === 'string') return value.includes(text) ? '' : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  for (const [key, member] of Object.entries(value)) {
    const inside = pointerTo(member, text);
    if (inside !== undefined) return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}${inside}`;
  }
  return undefined;
}
