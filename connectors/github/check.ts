import { type CheckReport, SourceError } from '../../src/contract/index.ts';
import { checkScope } from './check-scope.ts';
import type { GitHub, Query } from './client.ts';
import type { GitHubScope } from './config.ts';
import { pathOf, repositoryOf } from './repository.ts';
import { memberOf } from './schema.ts';

type Check = CheckReport['checks'][number];

/** Each permission with the call that pull makes by it. */
const PERMISSIONS: readonly Permission[] = [
  { name: 'Deployments (read)', path: ['deployments'], query: { per_page: 1 }, deploys: 'deployments' },
  { name: 'Contents (read)', path: ['releases'], query: { per_page: 1 } },
  { name: 'Pull requests (read)', path: ['pulls'], query: { state: 'closed', per_page: 1 } },
  { name: 'Actions (read)', path: ['actions', 'runs'], query: { per_page: 1 }, deploys: 'workflow_runs' },
];

interface Permission {
  /** Wanted only where a service says that these are its deploys; by all where absent. */
  readonly deploys?: GitHubScope['deploys'];
  readonly name: string;
  readonly path: readonly string[];
  readonly query: Query;
}

/** Whether the token is valid, sees each repository, and holds each permission there. Writes nothing. */
export async function checkGitHub(client: GitHub, scopes: readonly GitHubScope[], signal: AbortSignal): Promise<CheckReport> {
  const checks = await checkAll(client, scopes, signal);
  const clockOffsetMs = client.clockOffsetMs();
  return { checks, ...(clockOffsetMs !== undefined && { clockOffsetMs }) };
}

async function checkAll(client: GitHub, scopes: readonly GitHubScope[], signal: AbortSignal): Promise<readonly Check[]> {
  const token = await checkToken(client, signal);
  if (!token.ok) return [token];
  const repositories = [...new Set(scopes.flatMap((scope) => scope.repositories))].toSorted();
  if (repositories.length === 0) {
    const detail = 'no service owns a repository of this source: name some under `services[].owns`';
    return [token, { name: 'repositories', ok: false, detail }];
  }
  const checks: Check[] = [];
  for (const repository of repositories) {
    const ways = scopes.filter(({ repositories: owned }) => owned.includes(repository)).map(({ deploys = 'deployments' }) => deploys);
    const wanted = PERMISSIONS.filter(({ deploys }) => deploys === undefined || ways.includes(deploys));
    checks.push(...(await checkRepository(client, repository, wanted, signal)));
  }
  // A permission that is missing says it all: a name is looked for where everything may be read.
  for (const scope of checks.every(({ ok }) => ok) ? scopes : []) checks.push(...(await checkScope(client, scope, signal)));
  return [token, ...checks];
}

async function checkToken(client: GitHub, signal: AbortSignal): Promise<Check> {
  // It asks for nothing that the token must be allowed to read, and costs no call.
  return tried('token', async () => {
    const { body } = await client.get('/rate_limit', {}, signal).catch((error: unknown) => {
      // A GitHub Enterprise Server without limits answers 404, and a wrong token 401 before it.
      if (error instanceof SourceError && error.reason === 'forbidden') return { body: null };
      throw error;
    });
    const core = memberOf(memberOf(body, 'resources'), 'core');
    const [limit, remaining] = [memberOf(core, 'limit'), memberOf(core, 'remaining')];
    return typeof remaining === 'number' ? `valid: ${remaining} of ${String(limit)} calls left this hour` : 'valid: calls are not limited';
  });
}

async function checkRepository(
  client: GitHub,
  repository: string,
  permissions: readonly Permission[],
  signal: AbortSignal,
): Promise<readonly Check[]> {
  const seen = await tried(`${repository}: Metadata (read)`, async () => {
    const { body } = await client.get(pathOf(repository), {}, signal);
    const name = repositoryOf(String(memberOf(body, 'url') ?? ''))?.name;
    if (name === repository) return 'readable';
    throw new SourceError('unexpected_response', `GitHub writes it ${name}: write it so, or no service owns its records`);
  });
  // Without it the others fail for the same reason.
  if (!seen.ok) return [seen];
  const checks: Check[] = [seen];
  for (const { name, path, query } of permissions) {
    const check = await tried(`${repository}: ${name}`, async () => {
      await client.get(pathOf(repository, ...path), query, signal);
      return 'readable';
    });
    checks.push(check);
  }
  return checks;
}

async function tried(name: string, ask: () => Promise<string>): Promise<Check> {
  try {
    return { name, ok: true, detail: await ask() };
  } catch (error) {
    if (error instanceof SourceError) return { name, ok: false, detail: error.message };
    throw error;
  }
}
