/** What the caller can do about a failure of a source; `app/pull.ts` holds the one table of consequences. */
export type SourceErrorReason = 'unauthorized' | 'forbidden' | 'rate_limited' | 'unavailable' | 'unexpected_response';

/**
 * The only error a connector throws. The message is for people and never carries a secret;
 * the vendor's own error is the `cause`. `retryAfterMs` is the vendor's word, where it gave one.
 */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly reason: SourceErrorReason;
  readonly retryAfterMs: number | undefined;

  constructor(reason: SourceErrorReason, message: string, options: { cause?: unknown; retryAfterMs?: number | undefined } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.reason = reason;
    this.retryAfterMs = options.retryAfterMs;
  }
}
