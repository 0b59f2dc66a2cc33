import { digest } from './digest.ts';
import { redact, redactText } from './redact.ts';
import type { Instant } from './time.ts';

declare const brand: unique symbol;
/** `sha256:` and 64 hex digits. */
export type EvidenceId = string & { readonly [brand]: 'EvidenceId' };

/** A value that JSON can state, read only. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One object of a source, redacted, as it came. The id is a hash of source, stream, native id and body: anyone can check it. */
export interface EvidenceRecord {
  readonly id: EvidenceId;
  readonly source: string;
  readonly stream: string;
  readonly nativeId: string;
  readonly body: Json;
  readonly sequence?: number;
  /** When this body was first read. */
  readonly observedTime: Instant;
}

/** What stays known of a record whose body was purged. */
export interface Tombstone extends Pick<EvidenceRecord, 'id' | 'source' | 'stream' | 'nativeId'> {
  /** What it told: the types of its events, else `series`, else the kinds of its facts, else `nothing`. */
  readonly kind: string;
  /** When that was: of several happenings the first; of what tells no time, when it was first read. */
  readonly at: Instant;
  readonly purgedAt: Instant;
  /** The rule that it was purged by: `storage.keep_evidence: 400d`. */
  readonly why: string;
}

const EVIDENCE_ID = /^sha256:[0-9a-f]{64}$/;

/** Reads an id as it stands in a file, a URL or a database; nothing where the text is none. */
export function parseEvidenceId(text: string): EvidenceId | undefined {
  return EVIDENCE_ID.test(text) ? (text as EvidenceId) : undefined;
}

/**
 * Makes evidence of what a connector read: redacts by the named rules, then addresses by content. `sequence` and
 * `observedTime` stand beside it, unhashed, so that the same object read twice is one record.
 *
 * A native id that held a secret (a connector falls back to the body's text where it finds no id) is redacted too, one with half
 * a character or U+0000, which no database keeps, loses it; such an id then carries 16 digits of the body's digest, since two
 * objects must never share a native id.
 * Throws TypeError for a body that JSON cannot say.
 */
export function seal(input: Omit<EvidenceRecord, 'id'>): EvidenceRecord {
  const { source, stream, sequence, observedTime } = input;
  const body = redact(input.body);
  const cleaned = redactText(input.nativeId).toWellFormed().replaceAll('\u0000', '');
  const nativeId = cleaned === input.nativeId ? cleaned : `${cleaned}~${digest(body).slice(7, 23)}`;
  const id = addressOf({ source, stream, nativeId, body });
  return { id, source, stream, nativeId, body, ...(sequence !== undefined && { sequence }), observedTime };
}

/** Whether a record is what its id says: a bundle's lines are believed only where this holds. */
export function isAddressedRight(record: EvidenceRecord): boolean {
  return record.id === addressOf(record);
}

function addressOf({ source, stream, nativeId, body }: Omit<EvidenceRecord, 'id' | 'observedTime'>): EvidenceId {
  return digest({ source, stream, nativeId, body }) as EvidenceId;
}
