import { SourceError, type SourceErrorReason } from '../../src/contract/index.ts';

/** What a call was when it failed. */
export interface CallContext {
  readonly operation: string;
  readonly region: string;
  readonly deadlineMs: number;
  readonly cancelled: boolean;
  readonly late: boolean;
}

/** What the SDK's errors carry, as far as we read it: they come from several packages and share no class. */
interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly retryAfter: string | undefined;
}

const CODES: Readonly<Record<string, SourceErrorReason>> = Object.fromEntries([
  ...['UnrecognizedClientException', 'InvalidClientTokenId', 'ExpiredToken', 'ExpiredTokenException', 'SignatureDoesNotMatch'].map(
    unauthorized,
  ),
  ...['InvalidSignatureException', 'IncompleteSignature', 'MissingAuthenticationToken', 'AuthFailure', 'InvalidAccessKeyId'].map(
    unauthorized,
  ),
  ...['MissingAuthenticationTokenException', 'CredentialsProviderError', 'TokenProviderError', 'InvalidIdentityToken'].map(unauthorized),
  ...['AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation', 'OptInRequired', 'SubscriptionRequiredException'].map(forbidden),
  ...['Throttling', 'ThrottlingException', 'ThrottledException', 'TooManyRequestsException', 'RequestLimitExceeded'].map(limited),
  ...['RequestThrottled', 'RequestThrottledException', 'SlowDown', 'PriorRequestNotComplete'].map(limited),
]);

function unauthorized(code: string): readonly [string, SourceErrorReason] {
  return [code, 'unauthorized'];
}
function forbidden(code: string): readonly [string, SourceErrorReason] {
  return [code, 'forbidden'];
}
function limited(code: string): readonly [string, SourceErrorReason] {
  return [code, 'rate_limited'];
}

/** An operation or a whole protocol that the endpoint does not have. */
const UNKNOWN_OPERATION = /^(?:UnknownOperation(?:Exception)?|InvalidAction|NotImplemented|UnsupportedOperation)/;
/** A clock that is minutes off: the SDK has corrected itself by then, so the next try is signed well. */
const SKEWED = /RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|Signature (?:expired|not yet current)/;
const SERVER_FAULT = 500;

/** The one way from an error of the SDK to ours. Texts about credentials are never repeated: a refused signature quotes the request. */
export function toSourceError(error: unknown, context: CallContext): SourceError {
  if (error instanceof SourceError) return error;
  const thrown = readThrown(error);
  const call = `${context.operation} in ${context.region}`;
  const cause = causeOf(thrown);
  if (context.cancelled) return new SourceError('unavailable', `${call} was cancelled`, { cause });
  if (context.late)
    return new SourceError('unavailable', `CloudWatch gave no answer to ${call} within ${context.deadlineMs / 1_000} s`, {
      cause,
      isSilent: true,
    });
  if (SKEWED.test(`${thrown.name} ${thrown.message}`)) {
    return new SourceError('unavailable', `${call}: this machine's clock and AWS's are more than five minutes apart`, { cause });
  }
  const reason = CODES[thrown.name];
  if (reason === 'unauthorized') return new SourceError(reason, wordCredentials(thrown, context), { cause });
  if (reason === 'forbidden') return new SourceError(reason, wordPermission(thrown, context), { cause });
  if (reason === 'rate_limited' || thrown.status === 429) {
    return new SourceError('rate_limited', `CloudWatch throttles ${call} (${thrown.name})`, { cause, retryAfterMs: retryAfterMs(thrown) });
  }
  return wordFailure(thrown, call, cause);
}

/** Whether an error says that the endpoint cannot answer this operation at all, now or later. */
export function lacksOperation(error: unknown): boolean {
  if (!(error instanceof SourceError) || error.reason !== 'unexpected_response' || !(error.cause instanceof Error)) return false;
  const { name, status } = readThrown(error.cause);
  return UNKNOWN_OPERATION.test(name) || (name === 'SyntaxError' && status !== undefined && [404, 405, 500, 501].includes(status));
}

/** Whether an endpoint refuses an alarm type that it has never heard of. */
export function refusesAlarmType(error: unknown): boolean {
  if (!(error instanceof SourceError) || error.reason !== 'unexpected_response' || !(error.cause instanceof Error)) return false;
  const { name, message } = readThrown(error.cause);
  return /Validation|InvalidParameter/.test(name) && /alarmTypes|LogAlarm/i.test(message);
}

function wordCredentials({ name }: Thrown, { region }: CallContext): string {
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return `no AWS credentials were found for CloudWatch in ${region}: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a role is attached`;
  }
  const what = name.startsWith('Expired')
    ? 'have expired: sign in again or renew them'
    : 'were refused: check which account and keys are in use';
  return `the AWS credentials for CloudWatch in ${region} ${what} (${name})`;
}

function wordPermission({ name, message }: Thrown, { operation, region }: CallContext): string {
  if (/^(?:OptIn|Subscription)/.test(name)) return `this AWS account does not use CloudWatch in ${region}: enable the region (${name})`;
  const action = /not authorized to perform:?\s+([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1] ?? `cloudwatch:${operation}`;
  const on = action === 'sts:AssumeRole' ? 'allow it in the trust policy of role_arn' : 'allow it on resource *';
  return `AWS does not permit ${action} in ${region}: ${on}`;
}

function wordFailure({ name, message, status, code }: Thrown, call: string, cause: Error): SourceError {
  if (name === 'SyntaxError') {
    const isGateway = status !== undefined && [502, 503, 504].includes(status);
    const text = `${call} was answered with something that is not CloudWatch's JSON (HTTP ${status ?? 'unknown'}): check the endpoint`;
    return new SourceError(isGateway ? 'unavailable' : 'unexpected_response', text, { cause });
  }
  if (UNKNOWN_OPERATION.test(name)) return new SourceError('unexpected_response', `this endpoint does not know ${call}`, { cause });
  if (status !== undefined && status >= SERVER_FAULT)
    return new SourceError('unavailable', `CloudWatch failed at ${call} (HTTP ${status})`, { cause });
  if (status === undefined)
    return new SourceError('unavailable', `CloudWatch could not be reached for ${call} (${code ?? name})`, { cause });
  return new SourceError('unexpected_response', `CloudWatch refused ${call}: ${name}: ${message.slice(0, 300)}`, { cause });
}

/** The vendor's error without its response and, where it speaks of credentials, without its words. */
function causeOf({ name, message, status, code }: Thrown): Error {
  const cause = new Error(CODES[name] === 'unauthorized' || SKEWED.test(message) ? 'refused' : message);
  return Object.assign(cause, { name, ...(status !== undefined && { status }), ...(code !== undefined && { code }) });
}

function retryAfterMs({ retryAfter }: Thrown): number | undefined {
  const seconds = Number(retryAfter ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1_000 : undefined;
}

function readThrown(error: unknown): Thrown {
  const name = error instanceof Error ? error.name : 'unknown';
  // A gateway's error may quote the request that it was signed with.
  const message = (error instanceof Error ? error.message : '').replace(/AWS4-HMAC-SHA256[^"']*/g, '[redacted: signature]');
  const status =
    numberAt(error, 'status') ??
    numberAt(memberOf(error, '$metadata'), 'httpStatusCode') ??
    numberAt(memberOf(error, '$response'), 'statusCode');
  const code = memberOf(error, 'code');
  const retryAfter = memberOf(memberOf(memberOf(error, '$response'), 'headers'), 'retry-after');
  return {
    name,
    message,
    status,
    code: typeof code === 'string' ? code : undefined,
    retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
  };
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function numberAt(value: unknown, key: string): number | undefined {
  const member = memberOf(value, key);
  return typeof member === 'number' ? member : undefined;
}
