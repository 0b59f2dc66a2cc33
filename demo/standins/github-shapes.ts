import { createHash } from 'node:crypto';
import type { World, WorldDeployment, WorldRepository } from '../world.ts';

/** Bodies name the vendor's own hosts, so that what is drafted from them does not depend on a stand-in's port. */
export const API = 'https://api.github.com';
export const WEB = 'https://github.com';

/** What every shape needs to know: who the people are and which moment it is. */
export interface Setting {
  readonly world: World;
  readonly repository: WorldRepository;
}

export function isPast(at: string, { now }: Pick<World, 'now'>): boolean {
  return Date.parse(at) <= Date.parse(now);
}

export function apiUrl({ full_name }: Pick<WorldRepository, 'full_name'>, path = ''): string {
  return `${API}/repos/${full_name}${path}`;
}

export function webUrl({ full_name }: Pick<WorldRepository, 'full_name'>, path = ''): string {
  return `${WEB}/${full_name}${path}`;
}

/** An opaque id in GitHub's form, a function of what it names. */
export function nodeId(prefix: string, ...parts: readonly (string | number)[]): string {
  return `${prefix}_${Buffer.from(parts.join(':')).toString('base64url')}`;
}

/** Forty hex digits for objects that the world does not spell out: trees, blobs, heads of merged branches. */
export function hashOf(...parts: readonly (string | number)[]): string {
  return createHash('sha1').update(parts.join('\n')).digest('hex');
}

/** A person of the world by id, or an account by its login: `github-actions[bot]`. */
export function userOf(world: World, who: string): object {
  const index = world.people.findIndex(({ id }) => id === who);
  const login = world.people[index]?.github ?? who;
  const isBot = login.endsWith('[bot]');
  const url = `${API}/users/${encodeURIComponent(login)}`;
  const id = index >= 0 ? 7_100_001 + index : 7_200_000 + Number.parseInt(hashOf(login).slice(0, 4), 16);
  return {
    login,
    id,
    node_id: nodeId(isBot ? 'BOT' : 'U', id),
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${WEB}/${login.replace('[bot]', '')}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: isBot ? 'Bot' : 'User',
    user_view_type: 'public',
    site_admin: false,
  };
}

/** Names of the addresses that a repository's object lists, with what follows its own. */
const ADDRESSES: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
};

/** As `GET /repos/{owner}/{repo}` shows it; where it is nested in another object GitHub leaves the last two counts out. */
export function repositoryOf({ world, repository }: Setting): object {
  const [owner = '', name = ''] = repository.full_name.split('/');
  const commits = repository.commits.filter(({ at }) => isPast(at, world));
  const pushed = commits.at(-1)?.at ?? world.now;
  return {
    id: repository.id,
    node_id: nodeId('R', repository.id),
    name,
    full_name: repository.full_name,
    owner: { ...userOf(world, owner), type: 'Organization' },
    private: repository.private,
    html_url: webUrl(repository),
    description: null,
    fork: false,
    url: apiUrl(repository),
    ...Object.fromEntries(Object.entries(ADDRESSES).map(([key, path]) => [key, apiUrl(repository, path)])),
    git_url: `git://github.com/${repository.full_name}.git`,
    ssh_url: `git@github.com:${repository.full_name}.git`,
    clone_url: `${webUrl(repository)}.git`,
    svn_url: webUrl(repository),
    mirror_url: null,
    homepage: null,
    language: 'TypeScript',
    license: null,
    default_branch: repository.default_branch,
    visibility: repository.private ? 'private' : 'public',
    ...{ created_at: commits[0]?.at ?? world.now, updated_at: pushed, pushed_at: pushed },
    ...{ archived: false, disabled: false, is_template: false, allow_forking: false, web_commit_signoff_required: false },
    ...{ has_issues: true, has_projects: false, has_downloads: true, has_wiki: false, has_pages: false, has_discussions: false },
    ...{ size: 412, forks: 0, forks_count: 0, stargazers_count: 0, watchers: 0, watchers_count: 0, open_issues: 0, open_issues_count: 0 },
    topics: [],
    ...{ network_count: 0, subscribers_count: 4 },
  };
}

export function deploymentOf({ world, repository }: Setting, deployment: WorldDeployment): object {
  const url = apiUrl(repository, `/deployments/${deployment.id}`);
  const last = deployment.statuses.findLast(({ at }) => isPast(at, world));
  return {
    url,
    id: deployment.id,
    node_id: nodeId('DE', repository.id, deployment.id),
    task: deployment.task ?? 'deploy',
    original_environment: deployment.environment,
    environment: deployment.environment,
    description: deployment.description ?? null,
    created_at: deployment.created_at,
    updated_at: last?.at ?? deployment.created_at,
    statuses_url: `${url}/statuses`,
    repository_url: apiUrl(repository),
    creator: userOf(world, deployment.creator),
    sha: deployment.sha,
    ref: deployment.ref,
    payload: {},
    transient_environment: deployment.transient ?? false,
    production_environment: deployment.production ?? deployment.environment === 'production',
    performed_via_github_app: null,
  };
}

/** Newest first, as GitHub sends them. */
export function statusesOf({ world, repository }: Setting, deployment: WorldDeployment): readonly object[] {
  const url = apiUrl(repository, `/deployments/${deployment.id}`);
  const log = webUrl(repository, `/actions/runs/${deployment.id}`);
  const shapes = deployment.statuses.map(({ at, state, description = '' }, index) => ({
    url: `${url}/statuses/${deployment.id * 10 + index}`,
    id: deployment.id * 10 + index,
    node_id: nodeId('DES', repository.id, deployment.id, index),
    state,
    creator: userOf(world, deployment.creator),
    description,
    environment: deployment.environment,
    target_url: log,
    created_at: at,
    updated_at: at,
    deployment_url: url,
    repository_url: apiUrl(repository),
    environment_url: `https://${deployment.environment}.acme.example`,
    log_url: log,
    performed_via_github_app: null,
  }));
  return shapes.filter(({ created_at }) => isPast(created_at, world)).toReversed();
}

/** Newest first. `created_at` is the date of the tagged commit, which is what GitHub sends. */
export function releasesOf({ world, repository }: Setting): readonly object[] {
  const shapes = repository.releases.map((release) => {
    const url = apiUrl(repository, `/releases/${release.id}`);
    const sha = repository.tags.find(({ name }) => name === release.tag)?.sha;
    return {
      url,
      assets_url: `${url}/assets`,
      upload_url: `https://uploads.github.com/repos/${repository.full_name}/releases/${release.id}/assets{?name,label}`,
      html_url: webUrl(repository, `/releases/tag/${encodeURIComponent(release.tag)}`),
      id: release.id,
      author: userOf(world, release.author),
      node_id: nodeId('RE', repository.id, release.id),
      tag_name: release.tag,
      target_commitish: repository.default_branch,
      name: release.name,
      draft: false,
      immutable: false,
      prerelease: false,
      created_at: repository.commits.find((commit) => commit.sha === sha)?.at ?? release.published_at,
      updated_at: release.published_at,
      published_at: release.published_at,
      assets: [],
      tarball_url: apiUrl(repository, `/tarball/${release.tag}`),
      zipball_url: apiUrl(repository, `/zipball/${release.tag}`),
      body: release.body,
    };
  });
  return shapes.filter(({ published_at }) => isPast(published_at, world)).toReversed();
}

export function tagsOf({ world, repository }: Setting): readonly object[] {
  const past = new Set(repository.commits.filter(({ at }) => isPast(at, world)).map(({ sha }) => sha));
  const tags = repository.tags.filter(({ sha }) => past.has(sha));
  return tags.toReversed().map(({ name, sha }) => ({
    name,
    zipball_url: apiUrl(repository, `/zipball/refs/tags/${name}`),
    tarball_url: apiUrl(repository, `/tarball/refs/tags/${name}`),
    commit: { sha, url: apiUrl(repository, `/commits/${sha}`) },
    node_id: nodeId('REF', repository.id, name),
  }));
}

export function environmentsOf({ world, repository }: Setting): object {
  const past = repository.deployments.filter(({ created_at }) => isPast(created_at, world));
  const byName = [...Map.groupBy(past, ({ environment }) => environment)];
  const environments = byName.map(([name, own], index) => ({
    id: repository.id + index,
    node_id: nodeId('EN', repository.id, name),
    name,
    url: apiUrl(repository, `/environments/${encodeURIComponent(name)}`),
    html_url: webUrl(repository, `/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`),
    created_at: own[0]?.created_at ?? world.now,
    updated_at: own[0]?.created_at ?? world.now,
    protection_rules: [],
    deployment_branch_policy: null,
  }));
  return { total_count: environments.length, environments };
}
