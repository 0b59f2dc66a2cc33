import {
  eachKey,
  type Gap,
  type Instant,
  type Json,
  type Part,
  type PullItem,
  type PullRequest,
  SourceError,
  type Window,
} from '../../src/contract/index.ts';
import type { Answer, GitHub, Query, Variables } from './client.ts';
import type { GitHubScope } from './config.ts';

/** The most that GitHub puts on a page. */
export const PAGE_SIZE = 100;

export type Request = PullRequest<GitHubScope>;

/** The calls that one pull may make, counted. */
export interface Asking {
  /** One answer, or nothing once the pull has made all the calls it may. */
  get(path: string, query?: Query): Promise<Answer | undefined>;
  /** The data of one GraphQL answer, or nothing once the pull has made all the calls it may. */
  graph(query: string, variables: Variables): Promise<Json | undefined>;
  /** Whether an answer was refused for want of calls: what was asked for is not all there. */
  isSpent(): boolean;
}

export function askWith(client: GitHub, { calls, now, signal }: Pick<Request, 'calls' | 'now' | 'signal'>): Asking {
  let spent = false;
  const isLeft = () => {
    spent ||= !calls.take();
    return !spent;
  };
  return {
    isSpent: () => spent,
    get: async (path, query = {}) => (isLeft() ? client.get(path, query, signal) : undefined),
    graph: async (query, variables) => (isLeft() ? client.graph(query, variables, { run: now, signal }) : undefined),
  };
}

/** The items of an answer that is a list. Throws SourceError for any other: "none" and "unreadable" must not look alike. */
export function itemsOf({ body }: Answer, path: string): readonly Json[] {
  if (isList(body)) return body;
  throw new SourceError('unexpected_response', `the answer to ${path} is not a list`);
}

export function isList(body: Json): body is readonly Json[] {
  return Array.isArray(body);
}

/** Every page of a list, as far as the calls go. The reader that stops early asks for no more. */
export async function* pagesOf(asking: Asking, path: string, query: Query = {}): AsyncGenerator<readonly Json[]> {
  for (let page: number | undefined = 1; page !== undefined; ) {
    const answer: Answer | undefined = await asking.get(path, { ...query, per_page: PAGE_SIZE, page });
    if (!answer) return;
    yield itemsOf(answer, path);
    page = answer.next;
  }
}

/** The whole list, or nothing where the calls did not reach to its end. */
export async function allOf(asking: Asking, path: string): Promise<readonly Json[] | undefined> {
  const items: Json[] = [];
  for await (const page of pagesOf(asking, path)) items.push(...page);
  return asking.isSpent() ? undefined : items;
}

/** How a gap of reason `budget` begins. */
export const SPENT = 'the calls allowed for one question are used up';

/** What a failure that concerns one repository or one key becomes; every other failure ends the pull. */
const GAPS = { forbidden: 'forbidden', unexpected_response: 'unreadable' } as const;

/**
 * Reads one thing after the other (repositories, keys), each with a checkpoint behind it. What the token cannot see, or what
 * cannot be read, is a gap of that thing alone; where the calls end, the rest is one gap.
 */
export async function* eachOf(
  things: readonly string[],
  { window, resumeAfter }: Request,
  asking: Asking,
  read: (thing: string) => AsyncIterable<PullItem>,
): AsyncGenerator<PullItem> {
  const rest = things.slice(things.indexOf(resumeAfter ?? '') + 1);
  for (const [index, thing] of rest.entries()) {
    yield* orGap(read(thing), window);
    if (asking.isSpent()) {
      const left = rest.slice(index + 1);
      const more = left.length > 5 ? `, and ${left.length - 5} more` : '';
      if (left.length > 0) yield gapItem(window, 'budget', `${SPENT}: not read are ${left.slice(0, 5).join(', ')}${more}`);
      return;
    }
    yield { kind: 'checkpoint', cursor: thing };
  }
}

async function* orGap(items: AsyncIterable<PullItem>, window: Window): AsyncGenerator<PullItem> {
  try {
    yield* items;
  } catch (error) {
    if (!(error instanceof SourceError) || !(error.reason === 'forbidden' || error.reason === 'unexpected_response')) throw error;
    yield gapItem(window, GAPS[error.reason], error.message);
  }
}

export function gapItem(window: Window, reason: Gap['reason'], detail: string): PullItem {
  return { kind: 'gap', gap: { window, reason, detail } };
}

/** The part of a window before `at`: what a list, read from its newest end, did not reach. */
export function before(window: Window, at: Instant | undefined): Window {
  return { from: window.from, to: at !== undefined && at < window.to && at > window.from ? at : window.to };
}

/** A part for each key, else for each repository. */
export function partsOf({ scope, keys }: Part<GitHubScope>): readonly Part<GitHubScope>[] {
  if (keys.length > 0) return eachKey({ scope, keys });
  return scope.repositories.map((repository) => ({ keys, scope: { ...scope, repositories: [repository] } }));
}
