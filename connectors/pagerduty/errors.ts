import { type Json, type ObservedLimits, SourceError } from '../../src/contract/index.ts';

/** What came back: `body` is absent where it was not JSON. */
export interface Answer {
  readonly status: number;
  readonly body: Json | undefined;
  readonly header: (name: string) => string | undefined;
}

/** What a call was when no answer came. */
export interface CallContext {
  /** `GET /incidents`. */
  readonly call: string;
  readonly origin: string;
  readonly deadlineMs: number;
  readonly cancelled: boolean;
  readonly late: boolean;
}

/** The OAuth scope that a call needs; an API key has them all, unless its user may not see the object. */
const PERMISSIONS: readonly (readonly [call: RegExp, scope: string])[] = [
  [/^GET \/change_events/, 'change_events.read'],
  [/^GET \/services/, 'services.read'],
  [/^GET \/analytics/, 'analytics.read'],
  [/^GET \/(?:incidents|log_entries)/, 'incidents.read'],
  [/^POST \/incidents/, 'incidents.write'],
];

/** What a call is signed with, and the variable that holds it. */
export interface SignedBy {
  readonly token: string;
  readonly variable: string;
  readonly tokenType: 'token' | 'bearer';
}

/** A token of one kind under the name of the other is refused like a wrong one. */
const OTHER_TYPE = { token: '`token_type: bearer` where it is of OAuth', bearer: '`token_type: token` where it is an API key' } as const;

/** An answer that is no result, by what the caller can do about it. The vendor's words are kept, without the token. */
export function toSourceError(answer: Answer, call: string, { token, variable, tokenType }: SignedBy): SourceError {
  const { status, body } = answer;
  const said = wordsOf(body, token);
  const cause = new Error(`HTTP ${status}${said}`);
  if (status === 401)
    return new SourceError(
      'unauthorized',
      `PagerDuty refuses the token in ${variable}${said}: check it, ${OTHER_TYPE[tokenType]}, and base_url for an EU account`,
      { cause },
    );
  if (status === 402) return new SourceError('forbidden', `PagerDuty does not offer ${call} on this account's plan${said}`, { cause });
  if (status === 403) {
    const scope = PERMISSIONS.find(([pattern]) => pattern.test(call))?.[1] ?? 'read access';
    return new SourceError('forbidden', `PagerDuty does not permit ${call}: the token needs ${scope}${said}`, { cause });
  }
  if (status === 429) {
    return new SourceError('rate_limited', `PagerDuty limits the rate of calls${said}`, { cause, retryAfterMs: retryAfterMs(answer) });
  }
  if (status === 404) return new SourceError('unexpected_response', `PagerDuty knows no ${nameOf(call)}${said}`, { cause });
  if (status === 408 || status >= 500)
    return new SourceError('unavailable', `PagerDuty failed at ${call} (HTTP ${status})${said}`, { cause });
  if (body === undefined && status === 200) return unreadable(answer, call, cause);
  return new SourceError('unexpected_response', `PagerDuty refused ${call} (HTTP ${status})${said}`, { cause });
}

/** Whether PagerDuty said that there is no such object. */
export function isUnknown(error: unknown): error is SourceError {
  return isStatus(error, 404);
}

/** Whether PagerDuty said that the account's plan lacks it; a permission that is missing is another answer. */
export function isNotOffered(error: unknown): error is SourceError {
  return isStatus(error, 402);
}

function isStatus(error: unknown, status: number): error is SourceError {
  return error instanceof SourceError && error.cause instanceof Error && error.cause.message.startsWith(`HTTP ${status}`);
}

/** No answer at all: the network, the deadline, or the caller's own signal. */
export function unreachable(error: unknown, { call, origin, deadlineMs, cancelled, late }: CallContext): SourceError {
  if (error instanceof SourceError) return error;
  const cause = error instanceof Error ? error : new Error('no answer');
  if (cancelled) return new SourceError('unavailable', `${call} was cancelled`, { cause });
  if (late)
    return new SourceError('unavailable', `PagerDuty gave no answer to ${call} within ${deadlineMs / 1_000} s`, { cause, isSilent: true });
  const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
  return new SourceError('unavailable', `PagerDuty could not be reached at ${origin} for ${call} (${code})`, { cause });
}

/** JSON by its type that cannot be read was cut on the way; anything else is not PagerDuty. */
function unreadable({ header }: Answer, call: string, cause: Error): SourceError {
  const type = header('content-type') ?? 'no content type';
  if (type.includes('json')) return new SourceError('unavailable', `the answer to ${call} was cut short`, { cause });
  return new SourceError('unexpected_response', `${call} was answered with ${type} in place of JSON: check base_url`, { cause });
}

function wordsOf(body: Json | undefined, token: string): string {
  const error = memberOf(body, 'error');
  const details = memberOf(error, 'errors');
  const words = [memberOf(error, 'message'), ...(Array.isArray(details) ? details : [])].filter((word) => typeof word === 'string');
  const code = memberOf(error, 'code');
  if (words.length === 0) return '';
  const text = `${words.join(' ')}${typeof code === 'number' ? ` [${code}]` : ''}`.slice(0, 300);
  return `: ${token === '' ? text : text.replaceAll(token, '[token]')}`;
}

function memberOf(value: Json | undefined, name: string): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}

function nameOf(call: string): string {
  const path = call.slice(call.indexOf('/'));
  const [, kind = '', id] = path.split('/');
  return id === undefined ? path : `${kind.replace(/s$/, '')} ${id}`;
}

/** `ratelimit-reset` is a number of seconds to wait; a 429 may come without it. */
function retryAfterMs(answer: Answer): number | undefined {
  const seconds = wholeAt(answer, 'ratelimit-reset') ?? wholeAt(answer, 'retry-after');
  return seconds === undefined ? undefined : seconds * 1_000;
}

/**
 * What an answer's headers say of the account's budget. `ratelimit-reset` counts the seconds to the end of the minute; a proxy's
 * `retry-after` stands in for it.
 */
export function limitsOf(answer: Answer): ObservedLimits {
  const limit = wholeAt(answer, 'ratelimit-limit');
  const remaining = wholeAt(answer, 'ratelimit-remaining');
  const resetMs = retryAfterMs(answer);
  return {
    ...(limit !== undefined && { limit }),
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
    ...(answer.status === 429 && { throttled: true as const }),
  };
}

function wholeAt({ header }: Answer, name: string): number | undefined {
  const text = header(name)?.trim() ?? '';
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
