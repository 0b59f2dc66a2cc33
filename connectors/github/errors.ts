import { SourceError } from '../../src/contract/index.ts';
import { memberOf } from './schema.ts';

/** What a call was when it failed. */
export interface CallContext {
  /** Below the API's root: `/repos/acme/api/deployments`. */
  readonly path: string;
  readonly host: string;
  readonly deadlineMs: number;
  readonly cancelled: boolean;
  readonly late: boolean;
  /** Never repeated, whoever says it. */
  readonly secret: string;
  /** The variable that holds it. */
  readonly variable: string;
  /** Where it signs in as an installed app. */
  readonly app?: { readonly app_id: string | number; readonly installation_id: string | number } | undefined;
}

/** What Octokit's RequestError carries, as far as we read it. */
interface Thrown {
  readonly message: string;
  /** Absent where no answer came: Octokit then says 500. */
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** The answer is to the call by which an app gets its token. */
  readonly isSignIn: boolean;
}

/** GitHub's advice where a secondary limit names no time. */
const UNSAID_WAIT_MS = 60_000;

/** The fine-grained permission that a path needs, where the answer does not name it. */
const PERMISSIONS: readonly (readonly [RegExp, string])[] = [
  [/\/pulls\b/, 'Pull requests (read)'],
  [/\/deployments\b/, 'Deployments (read)'],
  [/\/actions\b/, 'Actions (read)'],
  [/\/(?:compare|releases|commits|tags|activity)\b/, 'Contents (read)'],
];

/** The one way from an error of Octokit to ours. */
export function toSourceError(error: unknown, context: CallContext): SourceError {
  if (error instanceof SourceError) return error;
  const thrown = readThrown(error, context);
  const { status } = thrown;
  const cause = Object.assign(new Error(thrown.message), { name: 'HttpError', ...(status !== undefined && { status }) });
  const unavailable = (text: string) => new SourceError('unavailable', text, { cause });
  if (context.cancelled) return unavailable(`the call of ${context.path} was cancelled`);
  if (context.late) {
    const text = `GitHub gave no answer to ${context.path} within ${context.deadlineMs / 1_000} s`;
    return new SourceError('unavailable', text, { cause, isSilent: true });
  }
  if (status === undefined) return unavailable(`GitHub at ${context.host} could not be reached: ${thrown.message}`);
  if (isRateLimit(thrown)) {
    return new SourceError('rate_limited', `GitHub limits the calls of this token (HTTP ${status}): ${thrown.message}`, {
      cause,
      retryAfterMs: retryAfterMs(thrown),
    });
  }
  if (status >= 500 || status === 408) return unavailable(`GitHub failed at ${context.path} (HTTP ${status})`);
  if (status === 401 || thrown.isSignIn) return new SourceError('unauthorized', wordSignIn(status, context), { cause });
  const reason = [403, 404, 410, 451].includes(status) ? 'forbidden' : 'unexpected_response';
  return new SourceError(reason, wordRefusal(thrown, context), { cause });
}

function wordSignIn(status: number, { app, variable }: CallContext): string {
  if (!app) return `GitHub refused the token in ${variable} (HTTP ${status}): it is wrong, expired or revoked`;
  const what = `installation ${app.installation_id} of the app ${app.app_id} by the key in ${variable}`;
  return `GitHub refused ${what} (HTTP ${status}): check both numbers, and that the key is that app's and not revoked`;
}

function wordRefusal({ status, message, headers }: Thrown, { path }: CallContext): string {
  const repository = repositoryIn(path);
  if (status === 404) {
    const what = path === `/repos/${repository}` ? repository : `${repository}, or ${path.split('/').slice(4).join('/')} in it`;
    return `the token cannot see ${what}, or it does not exist (HTTP 404)`;
  }
  if (status === 403 && path.endsWith('graphql')) return `the token may not ask GraphQL. GitHub says: ${message}`;
  if (status === 403) {
    const named = headers['x-accepted-github-permissions'];
    const needed = named ?? PERMISSIONS.find(([form]) => form.test(path))?.[1] ?? 'Metadata (read)';
    return `the token may not read ${path}: it needs the permission ${needed} on ${repository}. GitHub says: ${message}`;
  }
  return `GitHub refused ${path} (HTTP ${status}): ${message}`;
}

/** `acme/api` of `/repos/acme/api/deployments`. */
function repositoryIn(path: string): string {
  return /^\/repos\/([^/]+\/[^/]+)/.exec(path)?.[1] ?? 'the account';
}

/** A 403 may be a limit or a refusal: only the headers, or the words "secondary rate limit", tell. */
function isRateLimit({ status, message, headers }: Thrown): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  return (
    headers['retry-after'] !== undefined ||
    headers['x-ratelimit-remaining'] === '0' ||
    /secondary rate limit|abuse detection/i.test(message)
  );
}

/** Counted on GitHub's clock, from the Date header of the same answer, since ours may be off. */
function retryAfterMs({ headers }: Thrown): number {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  if (Number.isFinite(seconds) && seconds >= 0) return seconds * 1_000;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  const theirNow = Date.parse(headers['date'] ?? '');
  if (headers['x-ratelimit-remaining'] !== '0' || !Number.isFinite(reset) || Number.isNaN(theirNow)) return UNSAID_WAIT_MS;
  return Math.max(1_000, reset * 1_000 - theirNow);
}

function readThrown(error: unknown, { secret }: CallContext): Thrown {
  const response = memberOf(error, 'response');
  const status = memberOf(error, 'status');
  const headers = memberOf(response, 'headers');
  const texts = typeof headers === 'object' && headers !== null ? Object.entries(headers) : [];
  const said = error instanceof Error ? error.message : 'no reason given';
  return {
    message: masked(said, secret).slice(0, 300),
    status: response !== undefined && typeof status === 'number' ? status : undefined,
    headers: Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), String(value)])),
    isSignIn: String(memberOf(memberOf(error, 'request'), 'url')).endsWith('/access_tokens'),
  };
}

/** Tokens in GitHub's own forms, and the signed text by which an app asks for one: what it made we never saw. */
const TOKENS = /\b(?:gh[a-z]_|github_pat_)\w+|\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;

function masked(text: string, secret: string): string {
  const known = secret === '' ? text : text.replaceAll(secret, '[redacted: token]');
  return known.replaceAll(TOKENS, '[redacted: token]');
}
