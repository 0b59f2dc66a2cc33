import type { Octokit } from '@octokit/rest';
import Type from 'typebox';
import { type Instant, type Json, type Kit, reader, SourceError } from '../../src/contract/index.ts';
import { asSent } from './as-sent.ts';
import { DEFAULT_BASE_URL, type GitHubConfig } from './config.ts';
import { toSourceError } from './errors.ts';
import { type GraphRefusal, watchGraph } from './graph-refusal.ts';
import { observeFailure, observeLimits, offsetOf, type Received, theirTime } from './headers.ts';
import { graphAddress, keyOf, nextOf, type Query, readData, wholeAnswer } from './reading.ts';
import { memberOf } from './schema.ts';

export type { Query } from './reading.ts';

/** One answer, as sent, and the number or the cursor of the page that follows it. */
export interface Answer {
  readonly body: Json;
  readonly next?: number;
  readonly after?: string;
}

export type Variables = Readonly<Record<string, Json>>;

/** GitHub's two APIs by one token or app. Throws SourceError; never returns part of an answer as if it were all of it. */
export interface GitHub {
  /** One page of `path`, a path below the API's root whose parts are encoded. */
  get(path: string, query: Query, signal: AbortSignal): Promise<Answer>;
  /**
   * The `data` of a GraphQL answer. An answer with any error in it is none: it may lack what it should have. Where it was refused as a
   * whole in the same run, which is known by its time, it is not asked again.
   */
  graph(query: string, variables: Variables, asked: { readonly run: Instant; readonly signal: AbortSignal }): Promise<Json>;
  /** Their clock minus ours, as the last answer showed it; nothing where the kit has no clock. */
  clockOffsetMs(): number | undefined;
  /** GitHub's own time, as the last answer stamped it. */
  theirNow(): Instant | undefined;
  /** Whether it signs in as an installed app, and so may ask which repositories that app was given. */
  readonly isApp: boolean;
  readonly log: Kit['log'];
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
const kept = reader(
  Type.Object({ etag: Type.String(), body: Type.Unknown(), next: Type.Optional(Type.Integer()), after: Type.Optional(Type.String()) }),
);
interface Kept extends Answer {
  readonly etag: string;
}

/** What one call needs to know besides its question. */
interface Wire {
  readonly baseUrl: string;
  /** The token, or the app's private key. */
  readonly secret: string;
  /** The variable that holds it. */
  readonly variable: string;
  readonly app: GitHubConfig['app'];
  readonly deadlineMs: number;
  readonly octokit: () => Promise<Octokit>;
  /** Told of every answer, with when it was asked for by our clock. */
  readonly heard: (received: Received, asked: Instant | undefined) => void;
}

/** Makes the client and asks nothing; Octokit is loaded by the first call. Throws where the variable of the secret is missing. */
export function openGitHub(config: GitHubConfig, kit: Kit, { deadlineMs = kit.deadlineMs ?? DEADLINE_MS }: ClientOptions = {}): GitHub {
  const baseUrl = (config.base_url ?? DEFAULT_BASE_URL).replace(/\/+$/, '');
  const variable = config.token_env ?? config.app?.private_key_env ?? '';
  const secret = kit.secret(variable);
  let opened: Promise<Octokit> | undefined;
  let offsetMs: number | undefined;
  let lastStamp: Instant | undefined;
  const refusal = watchGraph();
  const wire: Wire = {
    ...{ baseUrl, secret, variable, app: config.app, deadlineMs },
    octokit: () => (opened ??= loadOctokit(wire)),
    heard: (received, asked) => {
      lastStamp = theirTime(received) ?? lastStamp;
      offsetMs = offsetOf(received, asked, kit.now?.()) ?? offsetMs;
      observeLimits(kit, received);
    },
  };
  return {
    isApp: config.app !== undefined,
    log: kit.log,
    clockOffsetMs: () => offsetMs,
    theirNow: () => lastStamp,
    get: (path, query, signal) => getKept(wire, kit, path, query, signal),
    graph: (query, variables, { run, signal }) => askGraph(wire, kit, refusal, { query, variables, run, signal }),
  };
}

interface GraphQuestion {
  readonly query: string;
  readonly variables: Variables;
  readonly run: Instant;
  readonly signal: AbortSignal;
}

async function askGraph(wire: Wire, kit: Kit, refusal: GraphRefusal, { query, variables, run, signal }: GraphQuestion): Promise<Json> {
  refusal.throwIfRefused(run);
  const address = graphAddress(wire.baseUrl);
  const send: Send = (octokit, options) => {
    // Another question may have met it while this one waited for the budget.
    refusal.throwIfRefused(run);
    return octokit.request({ method: 'POST', url: address, query, variables, ...options });
  };
  return readData(await refusal.watch(run, signal, async () => wholeAnswer(await call(wire, kit, { path: '/graphql', send }, signal))));
}

async function getKept(wire: Wire, kit: Kit, path: string, query: Query, signal: AbortSignal): Promise<Answer> {
  const key = keyOf(path, query);
  const known = readKept(await kit.cache.get(key));
  const send: Send = (octokit, { headers, request }) => {
    const conditional = { ...headers, ...(known && { 'if-none-match': known.etag }) };
    return octokit.request({ method: 'GET', url: path, ...query, headers: conditional, request });
  };
  const received = await call(wire, kit, { path, send }, signal);
  if (received.status === 304 && known) return answerOf(known);
  const answer = readAnswer(received, path, query);
  const etag = received.headers['etag'];
  if (typeof etag === 'string') await kit.cache.set(key, { ...answer, etag });
  return answer;
}

async function loadOctokit({ baseUrl, app, secret, variable }: Wire): Promise<Octokit> {
  const { Octokit } = await import('@octokit/rest');
  const shared = { baseUrl, log: QUIET, userAgent: 'hindcast' };
  if (!app) return new Octokit({ ...shared, auth: secret });
  const { createAppAuth } = await import('@octokit/auth-app');
  // A variable often holds the key on one line, with its line ends spelt out.
  const auth = { appId: app.app_id, installationId: Number(app.installation_id), privateKey: secret.replaceAll('\\n', '\n') };
  const octokit = new Octokit({ ...shared, authStrategy: createAppAuth, auth, request: { redirect: 'manual' } });
  try {
    // Signs, and asks nothing.
    await octokit.auth({ type: 'app' });
  } catch {
    throw new SourceError(
      'unauthorized',
      `the private key in ${variable} cannot be read: it has to be the PEM text that GitHub gave for the app`,
    );
  }
  return octokit;
}

/** What goes with every question. */
interface Options {
  readonly headers: Readonly<Record<string, string>>;
  readonly request: { readonly signal: AbortSignal; readonly redirect: 'manual'; readonly log: typeof QUIET };
}
type Send = (octokit: Octokit, options: Options) => Promise<Received>;

/** One call: within the budget, before its deadline, to this host only, and with every failure as a SourceError. */
async function call(
  wire: Wire,
  kit: Kit,
  { path, send }: { readonly path: string; readonly send: Send },
  signal: AbortSignal,
): Promise<Received> {
  let deadline: AbortSignal | undefined;
  const ask = async (): Promise<Received> => {
    deadline = AbortSignal.timeout(wire.deadlineMs);
    const octokit = await wire.octokit();
    const request = { signal: AbortSignal.any([signal, deadline]), redirect: 'manual' as const, log: QUIET };
    const asked = kit.now?.();
    // The call that gets an app's token is made inside another, and knows no signal.
    if (wire.app) requireToken(await before(request.signal, octokit.auth({ type: 'installation' })), path);
    const received = await answered(send(octokit, { headers: { 'x-github-api-version': API_VERSION }, request }));
    // Octokit gives what it had read when the signal fires in the middle of a body.
    request.signal.throwIfAborted();
    wire.heard(received, asked);
    return received;
  };
  try {
    return await kit.limited(ask, signal);
  } catch (error) {
    const host = URL.parse(wire.baseUrl)?.host ?? wire.baseUrl;
    const failure = toSourceError(error, { ...wire, path, host, cancelled: signal.aborted, late: deadline?.aborted === true });
    observeFailure(kit, error, failure);
    throw failure;
  }
}

/** A sign-in that was sent elsewhere is followed nowhere; Octokit would go on with no token. */
function requireToken(signedIn: unknown, path: string): void {
  const token = typeof signedIn === 'object' && signedIn !== null && 'token' in signedIn ? signedIn.token : undefined;
  if (typeof token === 'string' && token !== '') return;
  throw new SourceError('unexpected_response', `GitHub signed the app in for ${path} with no token, or sent it elsewhere: check base_url`);
}

/** What is asked, unless the signal fires first. */
async function before<T>(signal: AbortSignal, asked: Promise<T>): Promise<T> {
  // Whoever gave up does not wait for how it ends.
  asked.catch(() => undefined);
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const leave = () => reject(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** "Nothing changed" and "this repository is empty" are answers, though Octokit throws them. */
async function answered(asking: Promise<Received>): Promise<Received> {
  try {
    return await asking;
  } catch (error) {
    const headers = Object.fromEntries(
      Object.entries(Object(memberOf(memberOf(error, 'response'), 'headers'))).map(([k, v]) => [k, `${v}`]),
    );
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
  return { body: asSent(data), ...nextOf(headers['link'], path, query) };
}

function readKept(value: Json | undefined): Kept | undefined {
  const read = kept.read(value);
  return read && { etag: read.etag, ...answerOf({ ...read, body: asSent(read.body) }) };
}

function answerOf({ body, next, after }: { readonly [Member in keyof Answer]: Answer[Member] | undefined } & Pick<Answer, 'body'>): Answer {
  return { body, ...(next !== undefined && { next }), ...(after !== undefined && { after }) };
}
