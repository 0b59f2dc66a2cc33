import type { World, WorldRun } from '../world.ts';
import { apiUrl, isPast, nodeId, repositoryOf, type Setting, userOf, webUrl } from './github-shapes.ts';

/** Of a filtered list GitHub gives no more, whatever it says to have. */
const MAX_RUNS = 1_000;

/** The runs that a list shows, newest first, and how many there are. */
export function listRuns(setting: Setting, url: URL, workflow?: string): { readonly total: number; readonly shown: readonly object[] } {
  const created = url.searchParams.get('created');
  const status = url.searchParams.get('status');
  const all = (setting.repository.runs ?? [])
    .filter((run) => workflow === undefined || run.workflow === workflow)
    .filter((run) => isPast(run.created_at, setting.world) && isCreated(run, created))
    .map((run) => runOf(setting, run, attemptsPast(run, setting.world)))
    .filter((run) => status === null || [Object(run).status, Object(run).conclusion].includes(status))
    .toSorted((a, b) => Object(b).id - Object(a).id);
  return { total: all.length, shown: created === null && status === null ? all : all.slice(0, MAX_RUNS) };
}

/** GitHub's search ranges: `A..B`, both included, `<A` and `>=A`. */
function isCreated({ created_at }: WorldRun, created: string | null): boolean {
  const at = Date.parse(created_at);
  const [from, to] = (created ?? '').split('..').map((text) => Date.parse(text.replace(/^[<>]=?/, '')));
  if (created === null || from === undefined) return true;
  if (created.startsWith('<')) return at < from;
  if (created.startsWith('>')) return at >= from;
  return at >= from && at <= (to ?? from);
}

function attemptsPast({ attempts }: WorldRun, world: World): number {
  return Math.max(1, attempts.filter(({ started_at }) => isPast(started_at, world)).length);
}

export function runBy({ repository, world }: Setting, id: string | undefined): WorldRun | undefined {
  return repository.runs?.find((run) => `${run.id}` === id && isPast(run.created_at, world));
}

/** One attempt of a run: `run_started_at` is its own, `created_at` the first one's. */
export function runOf(setting: Setting, run: WorldRun, attempt: number): object {
  const { world, repository } = setting;
  const { started_at, ended_at, conclusion } = run.attempts[attempt - 1] ?? { started_at: run.created_at };
  const isOver = ended_at !== undefined && isPast(ended_at, world);
  const url = apiUrl(repository, `/actions/runs/${run.id}`);
  const html = webUrl(repository, `/actions/runs/${run.id}`);
  const actor = userOf(world, run.actor);
  const workflowId = repository.id + run.workflow.length;
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('WFR', repository.id, run.id),
    ...{ head_branch: run.branch, head_sha: run.sha, path: `.github/workflows/${run.workflow}`, display_title: run.title ?? run.name },
    ...{
      run_number: run.id % 1_000,
      event: run.event,
      status: isOver ? 'completed' : 'in_progress',
      conclusion: isOver ? conclusion : null,
    },
    ...{ workflow_id: workflowId, check_suite_id: run.id + 1, check_suite_node_id: nodeId('CS', repository.id, run.id) },
    ...{ url, html_url: html, pull_requests: [], created_at: run.created_at, updated_at: isOver ? ended_at : started_at },
    ...{ actor, run_attempt: attempt, referenced_workflows: [], run_started_at: started_at, triggering_actor: actor },
    ...{ jobs_url: `${url}/jobs`, logs_url: `${url}/logs`, check_suite_url: apiUrl(repository, `/check-suites/${run.id + 1}`) },
    ...{ artifacts_url: `${url}/artifacts`, cancel_url: `${url}/cancel`, rerun_url: `${url}/rerun` },
    previous_attempt_url: attempt > 1 ? `${url}/attempts/${attempt - 1}` : null,
    workflow_url: apiUrl(repository, `/actions/workflows/${workflowId}`),
    head_commit: null,
    repository: repositoryOf(setting),
    head_repository: repositoryOf(setting),
  };
}
