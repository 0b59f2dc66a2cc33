import type { World, WorldRepository } from '../world.ts';
import { accessToken, INSTALLATION_TOKEN, type InstalledApp, repositoriesOf } from './github-account.ts';
import { activityAnswer } from './github-activity.ts';
import { comparisonOf, filesOf, fullCommitOf, fullPullOf, isMerged, pullOf, resolveRef } from './github-commits.ts';
import { graphAnswer } from './github-graphql.ts';
import { linksOf, paged, pagingOf } from './github-paging.ts';
import { listRuns, runBy, runOf } from './github-runs.ts';
import {
  deploymentOf,
  environmentsOf,
  hashOf,
  isPast,
  releasesOf,
  repositoryOf,
  type Setting,
  statusesOf,
  tagsOf,
  userOf,
} from './github-shapes.ts';
import { type Answer, type Asked, type StandIn, startStandIn, type Vendor } from './server.ts';

const HOURLY_CALLS = 5_000;

/** Starts GitHub's REST API (version 2022-11-28) as the world would have it answer at its `now`. */
export function startGitHub(world: World, options: { readonly port?: number } = {}): Promise<StandIn> {
  return startStandIn(gitHubVendor(world), options.port ?? 0);
}

/** The vendor alone, for a test that lets it answer one path differently. */
export function gitHubVendor(world: World, app?: InstalledApp): Vendor {
  let used = 0;
  const reset = Math.floor(Date.parse(world.now) / 1000) + 3_600;
  const limits = () => ({
    'x-ratelimit-limit': `${HOURLY_CALLS}`,
    'x-ratelimit-remaining': `${Math.max(0, HOURLY_CALLS - used)}`,
    'x-ratelimit-used': `${used}`,
    'x-ratelimit-reset': `${reset}`,
    'x-ratelimit-resource': 'core',
    'x-github-api-version-selected': '2022-11-28',
    'x-github-media-type': 'github.v3; format=json',
  });
  let points = 0;
  const graphLimits = () => {
    points += 1;
    return { 'x-ratelimit-remaining': `${HOURLY_CALLS - points}`, 'x-ratelimit-used': `${points}` };
  };
  return {
    now: world.now,
    contentType: 'application/json; charset=utf-8',
    refuse: (status, asked) => ({
      ...refusal(status, asked.url.pathname),
      headers: { ...limits(), ...acceptedPermissions(status, asked) },
    }),
    answer: (asked, base) => {
      const answer = accessToken(world, asked, app) ?? answerTo(world, asked, base, { used, reset }, app);
      // GraphQL counts points of its own, and its answers have no ETag.
      if (GRAPH.test(asked.url.pathname))
        return { ...answer, headers: { ...limits(), 'x-ratelimit-resource': 'graphql', ...graphLimits() } };
      const etag = `W/"${hashOf(JSON.stringify(answer.body))}"`;
      const isKnown = answer.status === 200 && asked.headers['if-none-match'] === etag;
      // An answer that is already known is free, and so is asking how many are left.
      if (!isKnown && asked.url.pathname !== '/rate_limit') used += 1;
      const headers = { ...limits(), ...(answer.status === 200 && { etag }), ...answer.headers };
      return isKnown ? { status: 304, headers, body: undefined } : { ...answer, headers };
    },
  };
}

const MESSAGES: Readonly<Record<number, string>> = {
  401: 'Bad credentials',
  403: 'Resource not accessible by personal access token',
  404: 'Not Found',
  409: 'Git Repository is empty.',
  422: 'Validation Failed',
  429: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.',
};

function refusal(status: number, path: string): Answer {
  const body = { message: MESSAGES[status] ?? 'Server Error', documentation_url: 'https://docs.github.com/rest', status: `${status}` };
  return {
    status,
    body: status === 422 && path.includes('/commits/') ? { ...body, message: `No commit found for SHA: ${path.split('/')[5]}` } : body,
  };
}

/** Which fine-grained permission a refused path would have needed, as GitHub's header says it. */
const PERMISSIONS: readonly (readonly [RegExp, string])[] = [
  [/\/deployments/, 'deployments=read'],
  [/\/pulls/, 'pull_requests=read'],
  [/\/actions|\/environments/, 'actions=read'],
  [/\/(?:compare|releases|commits|tags|activity)/, 'contents=read'],
];

function acceptedPermissions(status: number, { url }: Asked): Readonly<Record<string, string>> {
  const needed = PERMISSIONS.find(([path]) => path.test(url.pathname))?.[1] ?? 'metadata=read';
  return status === 403 ? { 'x-accepted-github-permissions': needed } : {};
}

/** On a GitHub Enterprise Server it stands beside REST's `/api/v3`. */
const GRAPH = /^(?:\/api)?\/graphql$/;

type Access = 'granted' | 'anonymous' | 'refused';

function accessOf({ github }: World, { headers }: Asked, app: InstalledApp | undefined): Access {
  const token = headers.authorization?.replace(/^(?:token|bearer) /i, '');
  return token === undefined ? 'anonymous' : token === github.token || (app && token === INSTALLATION_TOKEN) ? 'granted' : 'refused';
}

function answerTo(
  world: World,
  asked: Asked,
  base: string,
  calls: { readonly used: number; readonly reset: number },
  app: InstalledApp | undefined,
): Answer {
  // GitHub Enterprise Server has the same routes below /api/v3.
  const path = asked.url.pathname.replace(/^\/api\/v3(?=\/)/, '');
  const access = accessOf(world, asked, app);
  if (access === 'refused') return refusal(401, path);
  if (GRAPH.test(path)) return asked.method === 'POST' && access === 'granted' ? graphAnswer(world, asked) : refusal(401, path);
  if (asked.method !== 'GET') return refusal(404, path);
  if (path === '/rate_limit') return { status: 200, body: rateLimits(calls) };
  if (path === '/user') return access === 'granted' ? { status: 200, body: userOf(world, 'acme-hindcast') } : refusal(401, path);
  if (path === '/user/repos') return access === 'granted' ? paged(repositoriesOf(world), asked.url, base) : refusal(401, path);
  if (path === '/installation/repositories') {
    if (!app || access !== 'granted') return refusal(403, path);
    const listed = paged(repositoriesOf(world), asked.url, base);
    return { ...listed, body: { total_count: world.github.repositories.length, repositories: listed.body } };
  }
  const [, owner = '', name = '', rest = ''] = /^\/repos\/([^/]+)\/([^/]+)(\/.*)?$/.exec(path) ?? [];
  const wanted = `${owner}/${name}`.toLowerCase();
  const repository = world.github.repositories.find(({ full_name }) => full_name.toLowerCase() === wanted);
  // A private repository does not exist for those who may not see it.
  if (!repository || (repository.private && access !== 'granted')) return refusal(404, path);
  return answerFor({ world, repository }, rest, asked.url, base);
}

function rateLimits({ used, reset }: { readonly used: number; readonly reset: number }): object {
  const core = { limit: HOURLY_CALLS, used, remaining: Math.max(0, HOURLY_CALLS - used), reset };
  const search = { limit: 30, used: 0, remaining: 30, reset };
  return { resources: { core, search, graphql: { ...core, used: 0, remaining: HOURLY_CALLS } }, rate: core };
}

interface Route {
  readonly path: RegExp;
  answer(setting: Setting, captured: readonly string[], url: URL, base: string): Answer;
}

const found = (body: object | undefined, path: string): Answer => (body ? { status: 200, body } : refusal(404, path));

const ROUTES: readonly Route[] = [
  { path: /^$/, answer: (setting) => ({ status: 200, body: repositoryOf(setting) }) },
  {
    path: /^\/deployments$/,
    answer: (setting, _, url, base) =>
      paged(
        deployments(setting, url).map((one) => deploymentOf(setting, one)),
        url,
        base,
      ),
  },
  {
    path: /^\/deployments\/(\d+)$/,
    answer: (setting, [id], url) => {
      const deployment = deploymentBy(setting, id);
      return found(deployment && deploymentOf(setting, deployment), url.pathname);
    },
  },
  {
    path: /^\/deployments\/(\d+)\/statuses$/,
    answer: (setting, [id], url, base) => {
      const deployment = deploymentBy(setting, id);
      return deployment ? paged(statusesOf(setting, deployment), url, base) : refusal(404, url.pathname);
    },
  },
  { path: /^\/releases$/, answer: (setting, _, url, base) => paged(releasesOf(setting), url, base) },
  { path: /^\/activity$/, answer: (setting, _, url, base) => activityAnswer(setting, url, base) },
  { path: /^\/tags$/, answer: (setting, _, url, base) => paged(tagsOf(setting), url, base) },
  { path: /^\/environments$/, answer: (setting) => ({ status: 200, body: environmentsOf(setting) }) },
  { path: /^\/actions\/runs$/, answer: (setting, _, url, base) => runs(setting, url, base) },
  {
    path: /^\/actions\/workflows\/([^/]+)\/runs$/,
    answer: (setting, [workflow], url, base) =>
      setting.repository.runs?.some((run) => run.workflow === workflow) ? runs(setting, url, base, workflow) : refusal(404, url.pathname),
  },
  {
    path: /^\/actions\/runs\/(\d+)\/attempts\/(\d+)$/,
    answer: (setting, [id, attempt], url) => {
      const run = runBy(setting, id);
      const isThere = run !== undefined && Number(attempt) <= run.attempts.length;
      return isThere ? { status: 200, body: runOf(setting, run, Number(attempt)) } : refusal(404, url.pathname);
    },
  },
  { path: /^\/compare\/(.+)\.\.\.(.+)$/, answer: (setting, refs, url, base) => compare(setting, refs, url, base) },
  { path: /^\/pulls$/, answer: (setting, _, url, base) => paged(pulls(setting, url), url, base) },
  {
    path: /^\/pulls\/(\d+)$/,
    answer: (setting, [number], url) => {
      const pull = pullBy(setting, number);
      return found(pull && fullPullOf(setting, pull), url.pathname);
    },
  },
  {
    path: /^\/pulls\/(\d+)\/files$/,
    answer: (setting, [number], url, base) => {
      const pull = pullBy(setting, number);
      return pull ? paged(filesOf(setting, [pull.sha], pull.sha), url, base) : refusal(404, url.pathname);
    },
  },
  {
    path: /^\/commits\/([^/]+)$/,
    answer: (setting, [ref = ''], url) => {
      const commit = resolveRef(setting, ref);
      return commit ? { status: 200, body: fullCommitOf(setting, commit) } : refusal(422, url.pathname);
    },
  },
  {
    path: /^\/commits\/([^/]+)\/pulls$/,
    answer: (setting, [ref = ''], url, base) => {
      const commit = resolveRef(setting, ref);
      if (!commit) return refusal(422, url.pathname);
      const own = setting.repository.pulls.filter((pull) => pull.sha === commit.sha && isMerged(setting, pull));
      return paged(
        own.map((pull) => pullOf(setting, pull)),
        url,
        base,
      );
    },
  },
];

function runs(setting: Setting, url: URL, base: string, workflow?: string): Answer {
  const { total, shown } = listRuns(setting, url, workflow);
  const listed = paged(shown, url, base);
  return { ...listed, body: { total_count: total, workflow_runs: listed.body } };
}

function answerFor(setting: Setting, rest: string, url: URL, base: string): Answer {
  for (const { path, answer } of ROUTES) {
    const match = path.exec(rest);
    const captured = match?.slice(1).map(decode);
    if (captured?.every((part) => part !== undefined)) return answer(setting, captured, url, base);
  }
  return refusal(404, url.pathname);
}

/** A path's part in plain text, or nothing where its escapes are broken. */
function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** Newest first by id; every filter matches exactly. */
function deployments({ world, repository }: Setting, { searchParams }: URL): WorldRepository['deployments'] {
  const matches = (name: 'sha' | 'ref' | 'task' | 'environment', value: string) =>
    [null, '', 'none', value].includes(searchParams.get(name));
  return repository.deployments
    .filter(({ created_at }) => isPast(created_at, world))
    .filter(
      ({ sha, ref, task = 'deploy', environment }) =>
        matches('sha', sha) && matches('ref', ref) && matches('task', task) && matches('environment', environment),
    )
    .toSorted((a, b) => b.id - a.id);
}

function deploymentBy({ world, repository }: Setting, id: string | undefined): WorldRepository['deployments'][number] | undefined {
  return repository.deployments.find((deployment) => `${deployment.id}` === id && isPast(deployment.created_at, world));
}

function pullBy({ world, repository }: Setting, number: string | undefined): WorldRepository['pulls'][number] | undefined {
  return repository.pulls.find((pull) => `${pull.number}` === number && isPast(pull.created_at, world));
}

function pulls(setting: Setting, { searchParams }: URL): readonly object[] {
  const state = searchParams.get('state') ?? 'open';
  const base = searchParams.get('base') ?? setting.repository.default_branch;
  const sort = searchParams.get('sort') === 'updated' ? 'updated' : 'created';
  const direction = searchParams.get('direction') ?? 'desc';
  const keyOf = (pull: WorldRepository['pulls'][number]) =>
    Date.parse(sort === 'updated' && isMerged(setting, pull) ? (pull.merged_at ?? pull.created_at) : pull.created_at);
  const shown = setting.repository.pulls
    .filter(({ created_at }) => isPast(created_at, setting.world) && base === setting.repository.default_branch)
    .filter((pull) => state === 'all' || (state === 'closed') === isMerged(setting, pull))
    .toSorted((a, b) => keyOf(b) - keyOf(a) || b.number - a.number);
  return (direction === 'asc' ? shown.toReversed() : shown).map((pull) => pullOf(setting, pull));
}

function compare(setting: Setting, [base = '', head = '']: readonly string[], url: URL, host: string): Answer {
  const isPaged = url.searchParams.has('page') || url.searchParams.has('per_page');
  const paging = isPaged ? pagingOf(url) : undefined;
  const comparison = comparisonOf(setting, [base, head], paging);
  if (!comparison) return refusal(404, url.pathname);
  return { status: 200, body: comparison.body, ...(paging && { headers: linksOf(comparison.total, url, host) }) };
}
