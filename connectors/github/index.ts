import { defineConnector } from '../../src/contract/index.ts';
import { checkGitHub } from './check.ts';
import { openGitHub } from './client.ts';
import { GitHubConfig, GitHubScope } from './config.ts';
import { proposeGitHub } from './propose.ts';
import { repositoryKey } from './repository.ts';
import { changes } from './streams/changes.ts';
import { comparisons } from './streams/comparisons.ts';
import { deploymentStatuses } from './streams/deployment-statuses.ts';
import { deployments } from './streams/deployments.ts';
import { pushes } from './streams/pushes.ts';
import { releases } from './streams/releases.ts';
import { workflowRuns } from './streams/workflow-runs.ts';

export const github = defineConnector({
  id: 'github',
  normalizer: 'github/4',
  config: GitHubConfig,
  scope: GitHubScope,
  // GitHub's secondary limits are 900 points a minute and 100 calls at once; the hour's 5,000 calls it counts itself.
  limits: { requestsPerMinute: 600, concurrency: 8, pageSize: 100 },
  adds: {
    vendor: 'GitHub',
    what: 'what was rolled out when and whether it succeeded, its pull requests and its diff, and so every suspect',
  },
  streams: [deployments, deploymentStatuses, workflowRuns, releases, changes, comparisons, pushes],
  open: (config, kit) => openGitHub(config, kit),
  claims: (source, { repositories, environments = ['*'] }) =>
    repositories.flatMap((repository) => [
      repositoryKey(source, repository),
      ...(environments.length > 0 ? environments : ['*']).map((environment) => repositoryKey(source, repository, environment)),
    ]),
  scopeFor,
  propose: proposeGitHub,
  check: checkGitHub,
});

/** The repositories, and the environments of them, that keys such as `github/repo:acme/api@production` name. */
function scopeFor(source: string, keys: readonly string[]): GitHubScope | undefined {
  const start = `${source}/repo:`;
  const named = keys.filter((key) => key.startsWith(start)).map((key) => /^([^@]+)(?:@(.+))?$/.exec(key.slice(start.length)));
  const repositories = [...new Set(named.flatMap((parts) => parts?.[1] ?? []))].toSorted();
  const environments = [...new Set(named.flatMap((parts) => parts?.[2] ?? []))].toSorted();
  if (repositories.length === 0) return undefined;
  return environments.length === 0 || environments.includes('*') ? { repositories } : { repositories, environments };
}
