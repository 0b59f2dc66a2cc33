import { type CheckReport, SourceError } from '../../src/contract/index.ts';
import type { GitHub } from './client.ts';
import type { GitHubScope } from './config.ts';
import { pathOf } from './repository.ts';
import { memberOf } from './schema.ts';

type Check = CheckReport['checks'][number];

/**
 * Whether each environment and each workflow that a scope names is known to one of its repositories: a name that is written
 * wrongly is no error anywhere else, and leaves every draft without deployments.
 */
export async function checkScope(client: GitHub, scope: GitHubScope, signal: AbortSignal): Promise<readonly Check[]> {
  const { deploys = 'deployments', environments = [], workflows = [] } = scope;
  const checks: Check[] = [];
  if (deploys === 'deployments') {
    for (const name of environments) {
      const query = { environment: name, per_page: 1 };
      const ask = async (repository: string) => Object(await client.get(pathOf(repository, 'deployments'), query, signal)).body?.length > 0;
      checks.push(await found(scope, `environment ${name}`, 'was never deployed to: correct `environments`', ask));
    }
  }
  if (deploys === 'workflow_runs') {
    const name = `${scope.repositories.join(', ')}: workflows`;
    const detail = 'no workflow is named, so that no run counts as a deploy: name those that roll out, `workflows: [deploy.yml]`';
    if (workflows.length === 0) checks.push({ name, ok: false, detail });
    for (const name of workflows) {
      const path = (repository: string) => pathOf(repository, 'actions', 'workflows', name, 'runs');
      const ask = async (repository: string) => (await client.get(path(repository), { per_page: 1 }, signal)) !== undefined;
      checks.push(await found(scope, `workflow ${name}`, 'is not there: correct `workflows`, by the names of their files', ask));
    }
  }
  return checks;
}

async function found(
  { repositories }: GitHubScope,
  name: string,
  absent: string,
  ask: (repository: string) => Promise<boolean>,
): Promise<Check> {
  const place = repositories.join(', ');
  for (const repository of repositories) {
    try {
      if (await ask(repository)) return { name: `${place}: ${name}`, ok: true, detail: `found in ${repository}` };
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      // What is not there is another repository's, perhaps; any other failure says nothing of the name.
      if (memberOf(error.cause, 'status') !== 404) return { name: `${place}: ${name}`, ok: false, detail: error.message };
    }
  }
  return { name: `${place}: ${name}`, ok: false, detail: `${name} ${absent}` };
}
