import type { EventSeed, RecordedEvent } from '../events.ts';
import type { EvidenceRecord } from '../evidence.ts';
import type { Fact, FactSeed } from '../facts.ts';
import type { Series, SeriesSeed } from '../series.ts';

/** What one record says: happenings, numbers, and things that are neither. All four empty: it says nothing we use. */
export interface Normalized {
  readonly events: readonly EventSeed[];
  readonly series?: readonly SeriesSeed[];
  readonly facts?: readonly FactSeed[];
  readonly issues: readonly { readonly pointer: string; readonly problem: string }[];
}

/** A record with what it says, stamped by us: identity, order and provenance cannot be forged by a connector. */
export interface Stamped {
  readonly record: EvidenceRecord;
  readonly events: readonly RecordedEvent[];
  readonly series: readonly Series[];
  readonly facts: readonly Fact[];
  readonly issues: readonly { readonly pointer: string; readonly problem: string }[];
}
