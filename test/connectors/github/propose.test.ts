import { generateKeyPairSync } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { proposeGitHub } from '../../../connectors/github/propose.ts';
import type { WorldRepository, WorldRun } from '../../../demo/world.ts';
import { type GitHubSource, openSource, type SourceOptions } from '../../support/github-source.ts';
import { commitsOf, deploymentAt, shaOf, stampAt, worldWith } from '../../support/github-world.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function proposed(options: SourceOptions = {}, told: string[] = []) {
  const source = await openSource(options);
  opened.push(source);
  return proposeGitHub(source.client, new AbortController().signal, (left) => told.push(left));
}

function repository(full_name: string, id: number, given: Partial<WorldRepository>): Partial<WorldRepository> {
  return { full_name, id, commits: commitsOf(1), deployments: [], releases: [], tags: [], pulls: [], files: {}, ...given };
}

function runOf(id: number, workflow: string): WorldRun {
  const attempts = [{ started_at: stampAt(id), ended_at: stampAt(id + 1), conclusion: 'success' }];
  return {
    id,
    workflow,
    name: workflow,
    sha: shaOf(`${id}`),
    branch: 'main',
    event: 'push',
    actor: 'sam',
    created_at: stampAt(id),
    attempts,
  };
}

describe('what a service could own', () => {
  it('is each repository that was deployed, with the environments where its users are', async () => {
    expect(await proposed()).toEqual([
      { name: 'api', scope: { repositories: ['acme/api'], environments: ['production'] } },
      { name: 'checkout', scope: { repositories: ['acme/checkout'], environments: ['production'] } },
    ]);
  });

  it('says what tells the deploys of the others, and leaves out what rolls nothing out', async () => {
    const old = deploymentAt(1, -200_000);
    const world = worldWith([
      repository('acme/web', 1, {
        deployments: [deploymentAt(2, 100, { environment: 'eu' }), deploymentAt(3, 200, { environment: 'us' })],
      }),
      repository('acme/worker', 2, { deployments: [old], runs: [runOf(1, 'deploy.yml'), runOf(2, 'ci.yml'), runOf(3, 'ci.yml')] }),
      repository('acme/library', 3, {
        runs: [runOf(4, 'ci.yml')],
        releases: [{ id: 1, tag: 'v1', name: 'v1', published_at: stampAt(10), author: 'sam', body: '' }],
      }),
      repository('acme/docs', 4, { runs: [runOf(5, 'ci.yml')] }),
      repository('beta/web', 5, { deployments: [deploymentAt(9, 10, { environment: 'pr-1', transient: true }), deploymentAt(8, 10)] }),
    ]);
    const found = await proposed({ world });
    expect(new Map(found.map(({ name, scope }) => [name, scope]))).toEqual(
      new Map<string, object>([
        ['acme/web', { repositories: ['acme/web'], environments: ['eu', 'us'] }],
        ['worker', { repositories: ['acme/worker'], deploys: 'workflow_runs', workflows: ['deploy.yml'] }],
        ['library', { repositories: ['acme/library'], deploys: 'releases' }],
        ['beta/web', { repositories: ['beta/web'], environments: ['production'] }],
      ]),
    );
  });

  it('of an app is what its installation was given', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const app = { appId: 1, installationId: 2, publicKey, privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    expect((await proposed({ app })).map(({ name }) => name)).toEqual(['api', 'checkout']);
  });

  it('of an account with more than a hundred repositories is told of those that were pushed to last, and that there are others', async () => {
    const many = Array.from({ length: 130 }, (_, index) =>
      repository(`acme/r${index}`, index + 1, { deployments: [deploymentAt(index + 1, 10)] }),
    );
    const told: string[] = [];
    expect(await proposed({ world: worldWith(many) }, told)).toHaveLength(100);
    expect(told).toEqual(['repositories beyond the 100 that were pushed to last']);
  });

  it('one that the token may not read is left out and told of, an outage is not', async () => {
    const answer: SourceOptions['answer'] = ({ url }) =>
      url.pathname === '/repos/acme/api/deployments' ? { status: 403, body: {} } : undefined;
    const told: string[] = [];
    expect((await proposed({ answer }, told)).map(({ name }) => name)).toEqual(['checkout']);
    expect(told).toEqual([expect.stringContaining('Deployments (read)')]);
    await expect(
      proposed({ answer: ({ url }) => (url.pathname.includes('acme/api') ? { status: 502, body: {} } : undefined) }),
    ).rejects.toMatchObject({
      reason: 'unavailable',
    });
  });
});
