import Type from 'typebox';
import {
  epochMs,
  type Instant,
  type Json,
  type PullItem,
  parseInstant,
  reader,
  SourceError,
  type Window,
} from '../../src/contract/index.ts';
import { type Asking, gapItem, isList, PAGE_SIZE, SPENT } from './asking.ts';
import type { Answer, Query } from './client.ts';
import { pathOf } from './repository.ts';
import { attemptId, MAX_RUNS, type Run, workflowRun } from './run-shape.ts';
import { memberOf } from './schema.ts';

const Page = Type.Object({ total_count: Type.Integer(), workflow_runs: Type.Array(Type.Unknown()) });
const page = reader(Page);

/** Runs asked for before a window: the last that succeeded is most often among them, and what ended inside it. */
const BEFORE = 20;
/** A window as short as this is read as far as it goes; a longer one is halved. */
const SHORT_MS = 60_000;
/** Attempts of one run, besides its last, that are asked for. */
const MAX_ATTEMPTS = 10;

/** The runs of one workflow of one repository, deploying to the environment that the scope names, where it names one. */
export interface Deploying {
  readonly repository: string;
  readonly workflow: string;
  readonly environment: string | undefined;
}

/** The runs that were created in the window, those before that ended in it, and the last success before it. Tells how many there were. */
export async function* listRuns(asking: Asking, window: Window, deploying: Deploying): AsyncGenerator<PullItem, number> {
  let found = 0;
  for (let number = 1, isMore = true; isMore; number += 1) {
    const query = { created: `${secondsOf(window.from)}..${secondsOf(window.to)}`, page: number };
    const answer = await ask(asking, deploying, query);
    if (!answer) {
      yield gapItem(window, 'budget', `${SPENT}: not all runs of ${deploying.workflow} in ${deploying.repository} are read`);
      return found;
    }
    if (number === 1 && answer.total > MAX_RUNS) {
      const many = `${answer.total} runs of ${deploying.workflow} in ${deploying.repository}: GitHub lists ${MAX_RUNS} of them at most`;
      yield gapItem(window, 'result_limit', many);
      if (epochMs(window.to) - epochMs(window.from) > SHORT_MS) return answer.total;
    }
    for (const body of answer.runs.filter((run) => isIn(run, window))) {
      found += 1;
      yield* attemptsOf(asking, window, deploying, body);
    }
    isMore = answer.isMore;
  }
  return found + (yield* listBefore(asking, window, deploying));
}

async function* listBefore(asking: Asking, window: Window, deploying: Deploying): AsyncGenerator<PullItem, number> {
  const created = `<${secondsOf(window.from)}`;
  const newest = await ask(asking, deploying, { created, page: 1, per_page: BEFORE });
  const earlier = { from: parseInstant('1970-01-01T00:00:00Z') ?? window.from, to: window.from };
  const unknown = `${SPENT}: the last success of ${deploying.workflow} in ${deploying.repository} before the window is not known`;
  if (!newest) {
    yield gapItem(earlier, 'budget', unknown);
    return 0;
  }
  const last = newest.runs.find(isSuccess);
  const wanted = newest.runs.filter((body) => body === last || endsAfter(body, window.from));
  for (const body of wanted) yield* attemptsOf(asking, window, deploying, body);
  if (last !== undefined || newest.runs.length < BEFORE) return newest.runs.length;
  const success = await ask(asking, deploying, { created, status: 'success', page: 1, per_page: 1 });
  if (!success) yield gapItem(earlier, 'budget', unknown);
  for (const body of success?.runs ?? []) yield { kind: 'record', record: recordOf(deploying, body) };
  return newest.runs.length;
}

interface Listed {
  readonly total: number;
  readonly runs: readonly Json[];
  readonly isMore: boolean;
}

async function ask(asking: Asking, { repository, workflow }: Deploying, query: Query): Promise<Listed | undefined> {
  const path = pathOf(repository, 'actions', 'workflows', workflow, 'runs');
  const answer: Answer | undefined = await asking.get(path, { per_page: PAGE_SIZE, ...query });
  if (!answer) return undefined;
  const read = page.read(answer.body);
  const runs = memberOf(answer.body, 'workflow_runs');
  if (!read) throw new SourceError('unexpected_response', `the answer to ${path} is not a list of runs`);
  return { total: read.total_count, runs: isJsonList(runs) ? runs : [], isMore: answer.next !== undefined };
}

function isJsonList(value: unknown): value is readonly Json[] {
  return Array.isArray(value) && isList(value);
}

/** A run with the attempts before its last: each began and ended on its own. What cannot be read is handed over too. */
async function* attemptsOf(asking: Asking, window: Window, deploying: Deploying, body: Json): AsyncGenerator<PullItem> {
  yield { kind: 'record', record: recordOf(deploying, body) };
  const { run_attempt: attempt, id } = workflowRun.read(body) ?? { run_attempt: 1, id: '' };
  const earlier = Array.from({ length: (attempt ?? 1) - 1 }, (_, index) => index + 1);
  for (const number of earlier.slice(-MAX_ATTEMPTS)) {
    const answer = await asking.get(pathOf(deploying.repository, 'actions', 'runs', String(id), 'attempts', number));
    if (answer) yield { kind: 'record', record: recordOf(deploying, answer.body) };
  }
  const left = asking.isSpent() ? earlier.length : Math.max(0, earlier.length - MAX_ATTEMPTS);
  if (left > 0)
    yield gapItem(window, 'budget', `of run ${String(id)} in ${deploying.repository} not all ${earlier.length} earlier attempts are read`);
}

function recordOf({ repository, environment }: Deploying, body: Json): Extract<PullItem, { readonly kind: 'record' }>['record'] {
  const read = workflowRun.read(body);
  const request = pathOf(repository, 'actions', 'runs');
  if (!read) return { nativeId: JSON.stringify(body), body, request };
  const attempt = read.run_attempt ?? 1;
  return { nativeId: attemptId(read.node_id, attempt, environment), body, request: `${request}/${read.id}/attempts/${attempt}` };
}

function isIn(body: Json, { from, to }: Window): boolean {
  const at = parseInstant(workflowRun.read(body)?.created_at ?? '');
  return at === undefined || (at >= from && at < to);
}

function isSuccess(body: Json): boolean {
  return workflowRun.read(body)?.conclusion === 'success';
}

function endsAfter(body: Json, at: Instant): boolean {
  const read: Run | undefined = workflowRun.read(body);
  return read !== undefined && (read.status !== 'completed' || (parseInstant(read.updated_at) ?? at) >= at);
}

/** GitHub's search takes whole seconds. */
function secondsOf(at: Instant): string {
  return `${at.slice(0, 19)}Z`;
}
