import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { epochMs, type Json, type Kit, SourceError } from '../../src/contract/index.ts';
import type { PagerDutyConfig } from './config.ts';
import { type Answer, limitsOf, type SignedBy, toSourceError, unreachable } from './errors.ts';

/** Names as PagerDuty writes them; a list repeats its name: `include[]`. */
export type Query = Readonly<Record<string, string | readonly string[]>>;

/** One page of a list, as sent. */
export interface Page {
  readonly items: readonly Json[];
  readonly more: boolean;
  /** What to add to the offset for the next one: a server may give fewer than it was asked for, and says so. */
  readonly step: number;
  /** How many there are in all, where that was asked for. */
  readonly total?: number;
}

/** PagerDuty's REST API. Every method asks once, throws SourceError, and never returns part of an answer as the whole. */
export interface PagerDuty {
  /** `list` is the member that holds the items: `log_entries`. */
  page(path: string, list: string, query: Query, signal: AbortSignal): Promise<Page>;
  /** One object or an unpaged list: the member of that name. */
  read(path: string, member: string, query: Query, signal: AbortSignal): Promise<Json>;
  /** An answer that has no member of its own: the whole of it. */
  whole(path: string, query: Query, signal: AbortSignal): Promise<Json>;
  /** Writes one object and gives it back, once: no redirect is followed. `from` is the user whose name it stands under. */
  create(path: string, member: string, body: object, from: string | undefined, signal: AbortSignal): Promise<Json>;
  /** Their clock minus ours by the last answer's Date header, which is cut to seconds. Undefined before any, or where we have no clock. */
  clockOffsetMs(): number | undefined;
}

export interface ClientOptions {
  /** How long one call may take, its body included. */
  readonly deadlineMs?: number;
}

const BASE_URL = 'https://api.pagerduty.com';
const DEADLINE_MS = 30_000;
const MAX_REDIRECTS = 3;

/** PagerDuty's library, and the agents that its calls go out by. */
interface Sdk {
  readonly call: ReturnType<typeof import('@pagerduty/pdjs').api>;
  readonly agents: { readonly 'http:': Agent; readonly 'https:': Agent };
}

interface Link {
  readonly kit: Kit;
  readonly base: string;
  readonly signedBy: SignedBy;
  readonly deadlineMs: number;
  readonly sdk: () => Promise<Sdk>;
  readonly heard: (answer: Answer, asked: number | undefined) => void;
}

/** Makes the client and asks nothing; the SDK is loaded by the first call. */
export function openPagerDuty(
  config: PagerDutyConfig,
  kit: Kit,
  { deadlineMs = kit.deadlineMs ?? DEADLINE_MS }: ClientOptions = {},
): PagerDuty {
  const token = kit.secret(config.token_env);
  const signedBy = { token, variable: config.token_env, tokenType: config.token_type ?? 'token' };
  let sdk: Promise<Sdk> | undefined;
  let offsetMs: number | undefined;
  const link: Link = {
    kit,
    base: (config.base_url ?? BASE_URL).replace(/\/+$/, ''),
    signedBy,
    deadlineMs,
    sdk: () => (sdk ??= loadSdk(signedBy)),
    heard: (answer, asked) => {
      offsetMs = offsetOf(answer, asked, kit) ?? offsetMs;
      kit.observe?.(limitsOf(answer));
    },
  };
  return {
    page: async (path, list, query, signal) => toPage(await ask(link, path, query, signal), `GET ${path}`, list, query),
    read: async (path, member, query, signal) => memberOf(await ask(link, path, query, signal), `GET ${path}`, member),
    whole: (path, query, signal) => ask(link, path, query, signal),
    create: async (path, member, body, from, signal) => {
      const call = `POST ${path}`;
      const answer = await send(link, `${link.base}${path}`, { call, query: {}, body, ...(from !== undefined && { from }) }, signal);
      if (answer.status > 201 || answer.body === undefined) throw toSourceError(answer, call, link.signedBy);
      return memberOf(answer.body, call, member);
    },
    clockOffsetMs: () => offsetMs,
  };
}

/** One call as it is sent; with a body it writes. */
interface Call {
  /** `GET /incidents`, for whoever reads of it. */
  readonly call: string;
  readonly query: Query;
  readonly body?: object;
  readonly from?: string;
}

/** One answer's body. A redirect is followed inside the configured origin alone: a token must not travel. */
async function ask(link: Link, path: string, query: Query, signal: AbortSignal): Promise<Json> {
  const { base, signedBy } = link;
  const call = `GET ${path}`;
  let url = `${base}${path}`;
  for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
    const answer = await send(link, url, { call, query: hop === 0 ? query : {} }, signal);
    if (answer.status === 200 && answer.body !== undefined) return answer.body;
    const next = answer.status >= 300 && answer.status < 400 ? answer.header('location') : undefined;
    if (next === undefined) throw toSourceError(answer, call, signedBy);
    const target = URL.parse(next, url);
    if (target?.origin !== new URL(base).origin) {
      const where = target?.origin ?? 'nowhere';
      throw new SourceError('unexpected_response', `${call} was redirected to another host (${where}): check base_url`);
    }
    url = target.href;
  }
  throw new SourceError('unexpected_response', `${call} was redirected more than ${MAX_REDIRECTS} times`);
}

/** One call: within the budget, before its deadline. pdjs would wait for ever, and throws what is not an Error. */
async function send(link: Link, url: string, call: Call, signal: AbortSignal): Promise<Answer> {
  const { kit, base, deadlineMs, heard } = link;
  const context = { call: call.call, origin: new URL(base).origin, deadlineMs };
  const task = async (): Promise<Answer> => {
    const deadline = AbortSignal.timeout(deadlineMs);
    const asked = clockOf(kit);
    const either = AbortSignal.any([signal, deadline]);
    try {
      const answer = await request(await link.sdk(), url, call, either);
      heard(answer, asked);
      if (answer.body === undefined && either.aborted) throw either.reason;
      return answer;
    } catch (error) {
      throw unreachable(error, { ...context, cancelled: signal.aborted, late: deadline.aborted });
    }
  };
  try {
    return await kit.limited(task, signal);
  } catch (error) {
    // The wait for the budget ends with the signal's own reason.
    throw error instanceof SourceError ? error : unreachable(error, { ...context, cancelled: signal.aborted, late: false });
  }
}

async function loadSdk({ token, tokenType }: SignedBy): Promise<Sdk> {
  const [{ api }, http, https] = await Promise.all([import('@pagerduty/pdjs'), import('node:http'), import('node:https')]);
  return { call: api({ token, tokenType }), agents: { 'http:': new http.Agent(), 'https:': new https.Agent() } };
}

/**
 * One request, never more: pdjs repeats a 429 three times whatever it is told. It asks for an agent before each request, so the
 * second time it is given an error in place of one, and the first answer's head is what the agent heard.
 */
async function request({ call: sdk, agents }: Sdk, url: string, { query, body, from }: Call, signal: AbortSignal): Promise<Answer> {
  const queryParameters = Object.fromEntries(
    Object.entries(query).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
  const done = new AbortController();
  const heads: IncomingMessage[] = [];
  let asked = 0;
  const agent = ({ protocol }: URL): Agent => {
    asked += 1;
    if (asked > 1) throw new Error('asked once already');
    return listening(protocol === 'http:' ? agents['http:'] : agents['https:'], (head) => heads.push(head));
  };
  // pdjs's own timer aborts nothing and keeps the process alive, so it is off; 0 is how long it waits before it repeats a 429.
  const either = AbortSignal.any([signal, done.signal]);
  const options = { url, queryParameters, agent, signal: either, requestTimeout: 0, retryTimeout: 0, redirect: 'manual' as const };
  try {
    const headers = from === undefined ? {} : { headers: { From: from } };
    const response = await (body ? sdk.post('', { ...options, ...headers, data: body }) : sdk.get('', options));
    return toAnswer(response, response.data);
  } catch (error) {
    const [head] = heads;
    if (asked > 1 && head) return toRefusal(head);
    // A body that is not JSON: pdjs rejects with the response itself.
    if (isResponse(error)) return toAnswer(error, undefined);
    throw error;
  } finally {
    done.abort();
  }
}

/** The agent, telling of each answer's head. `addRequest` is where Node hands an agent a request; those of proxies hang on it too. */
function listening(agent: Agent, heard: (head: IncomingMessage) => void): Agent {
  return new Proxy(agent, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name);
      if (name !== 'addRequest' || typeof member !== 'function') return member;
      return (request: ClientRequest, ...rest: readonly unknown[]): unknown => {
        request.once('response', heard);
        return Reflect.apply(member, target, [request, ...rest]);
      };
    },
  });
}

/** A 429 by its head alone: what its body would say is known. */
function toRefusal({ statusCode = 429, headers }: IncomingMessage): Answer {
  const header = (name: string) => {
    const value = headers[name];
    return typeof value === 'string' ? value : value?.[0];
  };
  return { status: statusCode, body: undefined, header };
}

function toAnswer({ status, headers }: Pick<Response, 'status' | 'headers'>, body: Json | undefined): Answer {
  return { status, body, header: (name) => headers.get(name) ?? undefined };
}

function isResponse(error: unknown): error is Response {
  return typeof error === 'object' && error !== null && !(error instanceof Error) && 'status' in error && 'headers' in error;
}

function toPage(body: Json, call: string, list: string, query: Query): Page {
  const items = memberOf(body, call, list);
  if (!isList(items)) throw new SourceError('unexpected_response', `${call} gave no list of ${list}`);
  const asked = Number(query['limit']);
  const said = fieldOf(body, 'limit');
  const step = typeof said === 'number' && said > 0 ? said : asked;
  const told = fieldOf(body, 'more');
  const more = typeof told === 'boolean' ? told : items.length >= step;
  if (more && items.length === 0) throw new SourceError('unexpected_response', `${call} gave an empty page and says that more follows`);
  const total = fieldOf(body, 'total');
  return { items, more, step, ...(typeof total === 'number' && { total }) };
}

function memberOf(body: Json, call: string, member: string): Json {
  const found = fieldOf(body, member);
  if (found === undefined || found === null) throw new SourceError('unexpected_response', `${call} gave an answer without ${member}`);
  return found;
}

function fieldOf(body: Json, name: string): Json | undefined {
  if (body === null || typeof body !== 'object' || isList(body)) return undefined;
  return Object.hasOwn(body, name) ? body[name] : undefined;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function clockOf({ now }: Kit): number | undefined {
  return now ? epochMs(now()) : undefined;
}

/** Against the middle of the call; the header's second is taken at its middle too. */
function offsetOf({ header }: Answer, asked: number | undefined, kit: Kit): number | undefined {
  const answered = clockOf(kit);
  const theirs = Date.parse(header('date') ?? '');
  if (asked === undefined || answered === undefined || Number.isNaN(theirs)) return undefined;
  return Math.round(theirs + 500 - (asked + answered) / 2);
}
