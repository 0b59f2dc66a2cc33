import type { Octokit } from '@octokit/rest';
import Type from 'typebox';
import { epochMs, type Instant, type Json, type Kit, reader, SourceError } from '../../src/contract/index.ts';
import { asSent } from './as-sent.ts';
import { DEFAULT_BASE_URL, type GitHubConfig } from './config.ts';
import { toSourceError } from './errors.ts';
import { memberOf } from './schema.ts';

/** One answer, as sent, and the number of the page that follows it. */
export interface Answer {
  readonly body: Json;
  readonly next?: number;
}

export type Query = Readonly<Record<string, string | number>>;

/** GitHub's REST API by one token. Throws SourceError; never returns part of an answer as if it were all of it. */
export interface GitHub {
  /** One page of `path`, a path below the API's root whose parts are encoded. */
  get(path: string, query: Query, signal: AbortSignal): Promise<Answer>;
  /** Their clock minus ours, as the last answer showed it; nothing where the kit has no clock. */
  clockOffsetMs(): number | undefined;
}

export interface ClientOptions {
  /** How long one call may take, its body included. */
  readonly deadlineMs?: number;
}

const DEADLINE_MS = 30_000;
const API_VERSION = '2022-11-28';

const silent = () => undefined;
/** Octokit would print every failed call, and its request layer by itself every deprecation, to the console. */
const QUIET = { debug: silent, info: silent, warn: silent, error: silent };

/** What is kept of an answer, so that asking for it again is free where nothing changed. */
const kept = reader(Type.Object({ etag: Type.String(), body: Type.Unknown(), next: Type.Optional(Type.Integer()) }));
interface Kept extends Answer {
  readonly etag: string;
}

interface Received {
  readonly status: number;
  readonly headers: { readonly [name: string]: string | number | undefined };
  readonly data: unknown;
}

/** What one call needs to know besides its question. */
interface Wire {
  readonly baseUrl: string;
  readonly token: string;
  readonly tokenEnv: string;
  readonly deadlineMs: number;
  readonly octokit: () => Promise<Octokit>;
  /** Told of every answer, with when it was asked for by our clock. */
  readonly heard: (received: Received, asked: Instant | undefined) => void;
}

/** Makes the client and asks nothing; Octokit is loaded by the first call. Throws where the variable of the secret is missing. */
export function openGitHub(config: GitHubConfig, kit: Kit, { deadlineMs = kit.deadlineMs ?? DEADLINE_MS }: ClientOptions = {}): GitHub {
  const baseUrl = (config.base_url ?? DEFAULT_BASE_URL).replace(/\/+$/, '');
  const token = kit.secret(config.token_env);
  let opened: Promise<Octokit> | undefined;
  let offsetMs: number | undefined;
  const wire: Wire = {
    baseUrl,
    token,
    tokenEnv: config.token_env,
    deadlineMs,
    octokit: () => (opened ??= loadOctokit(baseUrl, token)),
    heard: (received, asked) => (offsetMs = offsetOf(received, asked, kit.now?.()) ?? offsetMs),
  };
  return {
    clockOffsetMs: () => offsetMs,
    get: async (path, query, signal) => {
      const key = keyOf(path, query);
      const before = readKept(await kit.cache.get(key));
      const received = await call(wire, kit, { path, query, etag: before?.etag }, signal);
      if (received.status === 304 && before) return answerOf(before);
      const answer = readAnswer(received, path, query);
      const etag = received.headers['etag'];
      if (typeof etag === 'string') await kit.cache.set(key, { ...answer, etag });
      return answer;
    },
  };
}

async function loadOctokit(baseUrl: string, auth: string): Promise<Octokit> {
  const sdk = await import('@octokit/rest');
  return new sdk.Octokit({ auth, baseUrl, log: QUIET, userAgent: 'hindcast' });
}

interface Question {
  readonly path: string;
  readonly query: Query;
  readonly etag: string | undefined;
}

/** One call: within the budget, before its deadline, to this host only, and with every failure as a SourceError. */
async function call(wire: Wire, kit: Kit, { path, query, etag }: Question, signal: AbortSignal): Promise<Received> {
  let deadline: AbortSignal | undefined;
  const send = async (): Promise<Received> => {
    deadline = AbortSignal.timeout(wire.deadlineMs);
    const octokit = await wire.octokit();
    const headers = { 'x-github-api-version': API_VERSION, ...(etag !== undefined && { 'if-none-match': etag }) };
    const request = { signal: AbortSignal.any([signal, deadline]), redirect: 'manual' as const, log: QUIET };
    const asked = kit.now?.();
    const received = await answered(octokit.request({ method: 'GET', url: path, ...query, headers, request }));
    // Octokit gives what it had read when the signal fires in the middle of a body.
    request.signal.throwIfAborted();
    wire.heard(received, asked);
    return received;
  };
  try {
    return await kit.limited(send, signal);
  } catch (error) {
    const host = URL.parse(wire.baseUrl)?.host ?? wire.baseUrl;
    throw toSourceError(error, { ...wire, path, host, cancelled: signal.aborted, late: deadline?.aborted === true });
  }
}

/** The Date header is cut to the second: its middle is held against the middle of the call. */
function offsetOf({ headers }: Received, asked: Instant | undefined, now: Instant | undefined): number | undefined {
  const theirs = Date.parse(String(headers['date'] ?? ''));
  if (asked === undefined || now === undefined || Number.isNaN(theirs)) return undefined;
  return Math.round(theirs + 500 - (epochMs(asked) + epochMs(now)) / 2);
}

/** "Nothing changed" and "this repository is empty" are answers, though Octokit throws them. */
async function answered(asking: Promise<Received>): Promise<Received> {
  try {
    return await asking;
  } catch (error) {
    const headers = { date: String(memberOf(memberOf(memberOf(error, 'response'), 'headers'), 'date') ?? '') };
    const status = memberOf(error, 'status');
    if (status === 304) return { status, headers, data: null };
    if (status === 409) return { status: 200, headers, data: [] };
    throw error;
  }
}

function readAnswer({ status, headers, data }: Received, path: string, query: Query): Answer {
  if (status >= 300) {
    const text = `GitHub sends ${path} elsewhere (HTTP ${status}): the repository was renamed or moved; write its new name in \`repositories\``;
    throw new SourceError('forbidden', text);
  }
  // What Octokit could not parse it hands over as text; a body that broke off in the middle as no text at all.
  if (data === '') throw new SourceError('unavailable', `the answer to ${path} broke off`);
  if (data === null || typeof data !== 'object' || data instanceof ArrayBuffer) {
    throw new SourceError('unexpected_response', `the answer to ${path} is not GitHub's JSON: check \`base_url\`, or a proxy in between`);
  }
  const next = nextPage(headers['link'], path, query);
  return { body: asSent(data), ...(next !== undefined && { next }) };
}

/** Only the number of the next page is read from a Link header: where it points to is never asked. */
function nextPage(link: string | number | undefined, path: string, query: Query): number | undefined {
  const [, target] = /<([^>]*)>\s*;\s*rel="next"/.exec(String(link ?? '')) ?? [];
  if (target === undefined) return undefined;
  const page = Number(URL.parse(target)?.searchParams.get('page') ?? Number.NaN);
  if (Number.isInteger(page) && page > Number(query['page'] ?? 1)) return page;
  throw new SourceError('unexpected_response', `the answer to ${path} says that more follows, and not on which page`);
}

function keyOf(path: string, query: Query): string {
  const pairs = Object.entries(query).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return `${path}?${pairs.toSorted().join('&')}`;
}

function readKept(value: Json | undefined): Kept | undefined {
  const read = kept.read(value);
  return read && { etag: read.etag, body: asSent(read.body), ...(read.next !== undefined && { next: read.next }) };
}

function answerOf({ body, next }: Kept): Answer {
  return { body, ...(next !== undefined && { next }) };
}
