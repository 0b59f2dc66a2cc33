import type { WorldCommit, WorldRepository } from '../world.ts';
import { apiUrl, hashOf, isPast, nodeId, repositoryOf, type Setting, userOf, webUrl } from './github-shapes.ts';

/** GitHub never gives more, and has no second page of them. */
const MAX_FILES = 300;
/** What a comparison carries where no page is asked for: the newest, oldest first. */
const MAX_COMMITS = 250;

type WorldFile = WorldRepository['files'][string][number];
type WorldPull = WorldRepository['pulls'][number];

function pastCommits({ world, repository }: Setting): readonly WorldCommit[] {
  return repository.commits.filter(({ at }) => isPast(at, world));
}

/** The commit that a tag, the default branch or a sha (of at least seven digits) names. */
export function resolveRef(setting: Setting, ref: string): WorldCommit | undefined {
  const commits = pastCommits(setting);
  const { tags, default_branch } = setting.repository;
  if (ref === default_branch) return commits.findLast(({ parent }) => parent === undefined);
  const sha = tags.find(({ name }) => name === ref)?.sha ?? ref;
  return commits.find((commit) => commit.sha === sha || (sha.length >= 7 && commit.sha.startsWith(sha)));
}

function parentOf({ repository }: Setting, { sha, parent }: WorldCommit): string | undefined {
  const index = repository.commits.findIndex((commit) => commit.sha === sha);
  return parent ?? repository.commits[index - 1]?.sha;
}

/** The commit and all before it, by sha. */
function ancestry(setting: Setting, from: WorldCommit): ReadonlySet<string> {
  const bySha = new Map(setting.repository.commits.map((commit) => [commit.sha, commit]));
  const found = new Set<string>();
  for (let here: WorldCommit | undefined = from; here && !found.has(here.sha); here = bySha.get(parentOf(setting, here) ?? '')) {
    found.add(here.sha);
  }
  return found;
}

export function commitOf(setting: Setting, commit: WorldCommit): object {
  const { world, repository } = setting;
  const person = world.people.find(({ id }) => id === commit.author);
  const author = {
    name: person?.name ?? commit.author,
    email: person?.email ?? `${commit.author}@users.noreply.github.com`,
    date: commit.at,
  };
  const parent = parentOf(setting, commit);
  const url = apiUrl(repository, `/commits/${commit.sha}`);
  const tree = hashOf('tree', commit.sha);
  return {
    sha: commit.sha,
    node_id: nodeId('C', repository.id, commit.sha),
    commit: {
      author,
      committer: { name: 'GitHub', email: 'noreply@github.com', date: commit.at },
      message: commit.message,
      tree: { sha: tree, url: apiUrl(repository, `/git/trees/${tree}`) },
      url: apiUrl(repository, `/git/commits/${commit.sha}`),
      comment_count: 0,
      verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
    },
    url,
    html_url: webUrl(repository, `/commit/${commit.sha}`),
    comments_url: `${url}/comments`,
    author: userOf(world, commit.author),
    committer: userOf(world, 'web-flow'),
    parents: parent
      ? [{ sha: parent, url: apiUrl(repository, `/commits/${parent}`), html_url: webUrl(repository, `/commit/${parent}`) }]
      : [],
  };
}

export function filesOf({ repository }: Setting, shas: readonly string[], head: string): readonly object[] {
  const changed = shas.flatMap((sha) => repository.files[sha] ?? []);
  const byPath = [...Map.groupBy(changed, ({ path }) => path)].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return byPath.slice(0, MAX_FILES).map(([path, versions]) => fileOf(repository, path, versions, head));
}

function fileOf(repository: WorldRepository, path: string, versions: readonly WorldFile[], head: string): object {
  const patch = versions.map((version) => version.patch).join('\n');
  const lines = patch.split('\n');
  const additions = lines.filter((line) => line.startsWith('+')).length;
  const deletions = lines.filter((line) => line.startsWith('-')).length;
  const encoded = encodeURIComponent(path);
  return {
    sha: hashOf('blob', head, path),
    filename: path,
    status: versions[0]?.status ?? 'modified',
    additions,
    deletions,
    changes: additions + deletions,
    blob_url: webUrl(repository, `/blob/${head}/${encoded}`),
    raw_url: webUrl(repository, `/raw/${head}/${encoded}`),
    contents_url: apiUrl(repository, `/contents/${encoded}?ref=${head}`),
    patch,
  };
}

/** One commit with what it changed. */
export function fullCommitOf(setting: Setting, commit: WorldCommit): object {
  const files = filesOf(setting, [commit.sha], commit.sha);
  const additions = sumOf(files, 'additions');
  const deletions = sumOf(files, 'deletions');
  return { ...commitOf(setting, commit), stats: { total: additions + deletions, additions, deletions }, files };
}

function sumOf(files: readonly object[], key: string): number {
  return files.map((file) => Number(new Map(Object.entries(file)).get(key))).reduce((sum, value) => sum + value, 0);
}

/** A comparison, whole or one page of its commits; nothing where a side names no commit. */
export function comparisonOf(
  setting: Setting,
  [baseRef, headRef]: readonly [string, string],
  paging: { readonly page: number; readonly perPage: number } | undefined,
): { readonly body: object; readonly total: number } | undefined {
  const { repository } = setting;
  const base = resolveRef(setting, baseRef);
  const head = resolveRef(setting, headRef);
  if (!base || !head) return undefined;
  const before = ancestry(setting, base);
  const after = ancestry(setting, head);
  const ahead = pastCommits(setting).filter(({ sha }) => after.has(sha) && !before.has(sha));
  const behind = [...before].filter((sha) => !after.has(sha)).length;
  const common = pastCommits(setting).findLast(({ sha }) => before.has(sha) && after.has(sha)) ?? base;
  const shown = paging ? ahead.slice((paging.page - 1) * paging.perPage, paging.page * paging.perPage) : ahead.slice(-MAX_COMMITS);
  const shas = ahead.map(({ sha }) => sha);
  const spec = `${baseRef}...${headRef}`;
  const [owner = ''] = repository.full_name.split('/');
  const body = {
    url: apiUrl(repository, `/compare/${spec}`),
    html_url: webUrl(repository, `/compare/${spec}`),
    permalink_url: webUrl(repository, `/compare/${owner}:${base.sha.slice(0, 7)}...${owner}:${head.sha.slice(0, 7)}`),
    diff_url: webUrl(repository, `/compare/${spec}.diff`),
    patch_url: webUrl(repository, `/compare/${spec}.patch`),
    base_commit: commitOf(setting, base),
    merge_base_commit: commitOf(setting, common),
    status: ahead.length > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical',
    ahead_by: ahead.length,
    behind_by: behind,
    total_commits: ahead.length,
    commits: shown.map((commit) => commitOf(setting, commit)),
    ...((paging?.page ?? 1) === 1 && { files: filesOf(setting, shas, head.sha) }),
  };
  return { body, total: ahead.length };
}

/** As the list shows it: open until its merge lies in the past. */
export function pullOf(setting: Setting, pull: WorldPull): object {
  const { world, repository } = setting;
  const [owner = ''] = repository.full_name.split('/');
  const url = apiUrl(repository, `/pulls/${pull.number}`);
  const issue = apiUrl(repository, `/issues/${pull.number}`);
  const html = webUrl(repository, `/pull/${pull.number}`);
  const head = hashOf('head', repository.full_name, pull.number);
  const statuses = apiUrl(repository, `/statuses/${head}`);
  const mergedAt = isMerged(setting, pull) ? (pull.merged_at ?? null) : null;
  const side = (ref: string, sha: string) => ({
    label: `${owner}:${ref}`,
    ref,
    sha,
    user: { ...userOf(world, owner), type: 'Organization' },
    repo: repositoryOf(setting),
  });
  const commit = repository.commits.find(({ sha }) => sha === pull.sha);
  return {
    ...{ url, id: repository.id * 4 + pull.number, node_id: nodeId('PR', repository.id, pull.number) },
    ...{ html_url: html, diff_url: `${html}.diff`, patch_url: `${html}.patch`, issue_url: issue },
    number: pull.number,
    state: mergedAt ? 'closed' : 'open',
    locked: false,
    title: pull.title,
    user: userOf(world, pull.author),
    body: pull.body === '' ? null : pull.body,
    ...{ created_at: pull.created_at, updated_at: mergedAt ?? pull.created_at, closed_at: mergedAt, merged_at: mergedAt },
    merge_commit_sha: mergedAt ? pull.sha : null,
    ...{ assignee: null, assignees: [], requested_reviewers: [], requested_teams: [], labels: [], milestone: null, draft: false },
    ...{ commits_url: `${url}/commits`, review_comments_url: `${url}/comments`, comments_url: `${issue}/comments` },
    ...{ review_comment_url: apiUrl(repository, '/pulls/comments{/number}'), statuses_url: statuses },
    head: side(pull.branch, head),
    base: side(repository.default_branch, (commit && parentOf(setting, commit)) ?? hashOf('base', pull.number)),
    _links: {
      ...{ self: { href: url }, html: { href: html }, issue: { href: issue }, comments: { href: `${issue}/comments` } },
      ...{ review_comments: { href: `${url}/comments` }, review_comment: { href: apiUrl(repository, '/pulls/comments{/number}') } },
      ...{ commits: { href: `${url}/commits` }, statuses: { href: statuses } },
    },
    ...{ author_association: 'MEMBER', auto_merge: null, active_lock_reason: null },
  };
}

/** As `GET /pulls/{number}` shows it: the list's object and what only one at a time tells. */
export function fullPullOf(setting: Setting, pull: WorldPull): object {
  const merged = isMerged(setting, pull);
  const files = filesOf(setting, [pull.sha], pull.sha);
  return {
    ...pullOf(setting, pull),
    ...{ merged, mergeable: merged ? null : true, rebaseable: merged ? null : true, mergeable_state: merged ? 'unknown' : 'clean' },
    merged_by: merged ? userOf(setting.world, pull.author) : null,
    ...{ comments: 0, review_comments: 0, maintainer_can_modify: false, commits: 1, changed_files: files.length },
    ...{ additions: sumOf(files, 'additions'), deletions: sumOf(files, 'deletions') },
  };
}

export function isMerged({ world }: Pick<Setting, 'world'>, { merged_at }: WorldPull): boolean {
  return merged_at !== undefined && isPast(merged_at, world);
}
