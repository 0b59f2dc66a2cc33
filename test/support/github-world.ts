import { createHash } from 'node:crypto';
import { type GitHubWorld, readWorld, type World, type WorldDeployment, type WorldRepository } from '../../demo/world.ts';

/** The sample world; `now` moves its clock. */
export function sampleWorld(now?: string): World {
  return readWorld(new URL('../../demo/worlds/connection-pool.yaml', import.meta.url), now);
}

/** Forty hex digits that are a function of a name. */
export function shaOf(name: string): string {
  return createHash('sha1').update(name).digest('hex');
}

/** The sample world with other repositories in it, made from the sample's API by what is given. */
export function worldWith(repositories: readonly Partial<WorldRepository>[], github: Partial<GitHubWorld> = {}): World {
  const world = sampleWorld();
  const [api] = world.github.repositories;
  if (!api) throw new Error('the sample world has a repository');
  return { ...world, github: { ...world.github, ...github, repositories: repositories.map((given) => ({ ...api, ...given })) } };
}

/** So many minutes after 2024-01-15T00:00Z, as GitHub stamps it. */
export function stampAt(minutes: number): string {
  return new Date(Date.UTC(2024, 0, 15, 0, minutes)).toISOString().replace('.000Z', 'Z');
}

/** A production deployment that succeeded two minutes after it began. */
export function deploymentAt(id: number, minutes: number, overrides: Partial<WorldDeployment> = {}): WorldDeployment {
  return {
    id,
    sha: shaOf(`${id}`),
    ref: 'main',
    environment: 'production',
    creator: 'maria',
    created_at: stampAt(minutes),
    statuses: [
      { at: stampAt(minutes), state: 'in_progress' },
      { at: stampAt(minutes + 2), state: 'success' },
    ],
    ...overrides,
  };
}

/** A line of commits, a minute apart, each with the files given. */
export function commitsOf(count: number, prefix = 'commit'): WorldRepository['commits'] {
  return Array.from({ length: count }, (_, index) => ({
    sha: shaOf(`${prefix} ${index}`),
    at: stampAt(index),
    author: 'maria',
    message: `Change ${index} (#${index})`,
  }));
}
