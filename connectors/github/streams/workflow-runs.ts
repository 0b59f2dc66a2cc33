import {
  type EventSeed,
  type EvidenceRecord,
  type Normalized,
  type PullItem,
  parseInstant,
  SourceError,
  type Stream,
} from '../../../src/contract/index.ts';
import { type Asking, askWith, eachOf, gapItem, partsOf, type Request } from '../asking.ts';
import type { GitHub } from '../client.ts';
import type { GitHubScope } from '../config.ts';
import { runsByWorkflow, wordCounts } from '../empty.ts';
import { actorOf, personFacts } from '../people.ts';
import { deploymentKey, repositoryKey, repositoryOf, runKey } from '../repository.ts';
import { listRuns } from '../run-list.ts';
import { attemptId, environmentIn, MAX_RUNS, type Run, workflowRun } from '../run-shape.ts';
import { memberOf } from '../schema.ts';

/** How an attempt ended. A cancelled one may have rolled out a part: it did not do what it was to do. */
const ENDS = {
  success: 'deployment.succeeded',
  failure: 'deployment.failed',
  timed_out: 'deployment.failed',
  startup_failure: 'deployment.failed',
  cancelled: 'deployment.failed',
} as const satisfies Record<string, EventSeed['type']>;
const isEnd = (conclusion: string): conclusion is keyof typeof ENDS => Object.hasOwn(ENDS, conclusion);
/** Nothing was rolled out, or not yet: evidence, and no happening. */
const IDLE: ReadonlySet<string> = new Set(['skipped', 'neutral', 'action_required', 'stale']);
const WAITING: ReadonlySet<string> = new Set(['queued', 'requested', 'waiting', 'pending']);

export const workflowRuns: Stream<GitHub, GitHubScope> = {
  spec: {
    id: 'workflow_runs',
    emits: ['deployment.started', 'deployment.succeeded', 'deployment.failed'],
    // It is asked only where a service says that these are its deploys.
    need: 'needed',
    windowField: 'created',
    mutability: 'mutable',
    settleSeconds: 60,
    retentionDays: 400,
    maxResults: MAX_RUNS,
  },
  estimate: ({ scope }) => ({ requests: scope.repositories.length * (scope.workflows?.length ?? 1) * 2 }),
  pull,
  parts: partsOf,
  normalize,
};

async function* pull(client: GitHub, request: Request): AsyncGenerator<PullItem> {
  if (request.scope.deploys !== 'workflow_runs') return;
  const asking = askWith(client, request);
  yield* eachOf(request.scope.repositories, request, asking, (repository) => pullRepository(asking, request, repository));
}

async function* pullRepository(asking: Asking, { scope, window }: Request, repository: string): AsyncGenerator<PullItem> {
  const workflows = scope.workflows ?? [];
  const [environment, ...others] = scope.environments ?? [];
  const missing: string[] = [];
  let found = 0;
  for (const workflow of workflows) {
    try {
      const environmentOf = others.length === 0 ? environment : undefined;
      found += yield* listRuns(asking, window, { repository, workflow, environment: environmentOf });
    } catch (error) {
      // Services share one question: a workflow of another repository is not there, and need not be.
      if (!(error instanceof SourceError) || memberOf(error.cause, 'status') !== 404) throw error;
      missing.push(workflow);
    }
  }
  if (asking.isSpent() || (found > 0 && missing.length < workflows.length)) return;
  const seen = wordCounts(await runsByWorkflow(asking, repository, window));
  const has = seen === undefined ? 'it has no runs in this window' : `in this window it has ${seen}`;
  if (workflows.length === 0)
    yield gapItem(window, 'not_mapped', `which workflow of ${repository} rolls out? ${has}: name it, \`workflows: [deploy.yml]\``);
  else if (missing.length === workflows.length)
    yield gapItem(
      window,
      'not_mapped',
      `${repository} has no ${missing.join(' or ')} that the token can see; ${has}: correct \`workflows\``,
    );
  else yield { kind: 'hint', hint: `${repository} has no run of ${workflows.join(' or ')} up to the end of this window; ${has}.` };
}

function normalize({ source, nativeId, body }: EvidenceRecord): Normalized {
  const read = workflowRun.read(body);
  if (!read) return { events: [], issues: [workflowRun.problem(body)] };
  const repository = repositoryOf(read.url)?.name;
  if (!repository) return { events: [], issues: [{ pointer: '/url', problem: 'names no repository' }] };
  const created = parseInstant(read.created_at);
  const [status = '', conclusion = ''] = [read.status, read.conclusion].map((text) => text?.toLowerCase());
  const isEnded = status === 'completed';
  if (WAITING.has(status) || (isEnded && IDLE.has(conclusion))) return { events: [], issues: [], ...(created && { knowableAt: created }) };
  if (!isEnded && status !== 'in_progress')
    return { events: [], issues: [{ pointer: '/status', problem: `a status not seen before: ${status || 'none'}` }] };
  if (isEnded && !isEnd(conclusion))
    return { events: [], issues: [{ pointer: '/conclusion', problem: `a conclusion not seen before: ${conclusion || 'none'}` }] };
  const pointer = read.run_started_at ? '/run_started_at' : '/created_at';
  const said = seedOf(source, repository, read, environmentIn(nativeId));
  const started = timed(said, 'deployment.started', 'started', pointer, read.run_started_at ?? read.created_at);
  const ended = isEnded && isEnd(conclusion) ? timed(said, ENDS[conclusion], 'ended', '/updated_at', read.updated_at) : undefined;
  const told: readonly (DeploymentSeed | Problem)[] = [started, ...(ended ? [ended] : [])];
  return {
    events: told.flatMap((one) => ('problem' in one ? [] : [one])),
    facts: personFacts(read.triggering_actor ?? read.actor),
    issues: told.flatMap((one) => ('problem' in one ? [one] : [])),
    ...(created && { knowableAt: created }),
  };
}

type Problem = Normalized['issues'][number];
type DeploymentSeed = Extract<EventSeed, { readonly type: 'deployment.started' | 'deployment.succeeded' | 'deployment.failed' }>;
type Untimed = Omit<DeploymentSeed, 'type' | 'time' | 'timeMeaning' | 'knowableAt' | 'pointer' | 'originalTime'>;

function timed(
  said: Untimed,
  type: DeploymentSeed['type'],
  timeMeaning: 'started' | 'ended',
  pointer: string,
  text: string,
): DeploymentSeed | Problem {
  const at = parseInstant(text);
  if (!at) return { pointer, problem: 'not a time with an offset' };
  const time = { at, minusMs: 0, plusMs: 1000 };
  return { ...said, type, time, timeMeaning, knowableAt: at, pointer, originalTime: text };
}

function seedOf(source: string, repository: string, run: Run, environment: string | undefined): Untimed {
  const attempt = run.run_attempt ?? 1;
  const id = `${run.id}.${attempt}`;
  // The title of a push is its commit's, and no word on what the run does.
  const description = run.event.endsWith('dispatch') ? run.display_title : undefined;
  return {
    key: attemptId(run.node_id, attempt, undefined),
    actor: actorOf(run.triggering_actor ?? run.actor),
    url: attempt > 1 ? `${run.html_url}/attempts/${attempt}` : run.html_url,
    belongsTo: [repositoryKey(source, repository, environment)],
    correlationKeys: [deploymentKey(repository, id), runKey(repository, run.id), `sha:${run.head_sha}`],
    attributes: {
      'deployment.id': id,
      'deployment.environment.name': environment ?? '',
      'vcs.ref.head.revision': run.head_sha,
      // A branch is no name of what was rolled out; a tag is.
      ...(/^v?\d+(?:\.\d+)+/.test(run.head_branch ?? '') && { 'vcs.ref.head.name': run.head_branch ?? '' }),
      ...(run.name && { 'deployment.task': run.name }),
      ...(description && { 'deployment.description': description }),
    },
  };
}
