/** What the caller can do about a failure of a source; `app/pull.ts` holds the one table of consequences. */
export type SourceErrorReason = 'unauthorized' | 'forbidden' | 'rate_limited' | 'unavailable' | 'unexpected_response';

/** What is known beside the reason: the error below it, how long to wait in milliseconds, and whether the vendor said nothing at all. */
export interface SourceErrorOptions {
  readonly cause?: unknown;
  readonly retryAfterMs?: number | undefined;
  readonly isSilent?: boolean;
}

/**
 * The only error a connector throws. The message is for people and never carries a secret;
 * the vendor's own error is the `cause`. `retryAfterMs` is the vendor's word, where it gave one. `isSilent` says that a call met its
 * deadline with no answer at all: a host that is silent is not asked as often as one that fails.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly reason: SourceErrorReason;
  readonly retryAfterMs: number | undefined;
  readonly isSilent: boolean;

  constructor(reason: SourceErrorReason, message: string, options: SourceErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
    this.isSilent = options.isSilent ?? false;
  }
}
