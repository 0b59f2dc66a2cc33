import type { EventId } from './events.ts';
import type { EvidenceId } from './evidence.ts';
/** What a sentence rests on. Absence is cited too: "no status update was posted" rests on what was read. */
export type Citation =
  | { readonly event: EventId }
  | { readonly evidence: EvidenceId; readonly pointer?: string }
  /** `source/stream`, a line of the coverage table. */
  | { readonly coverage: string };

/** What a sentence rests on: at least one citation. */
export type Citations = readonly [Citation, ...Citation[]];
