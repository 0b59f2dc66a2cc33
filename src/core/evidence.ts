import type { Instant } from './time.ts';

declare const brand: unique symbol;
export type EvidenceId = string & { readonly [brand]: 'EvidenceId' };
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
