import { afterEach, describe, expect, it } from 'vitest';
import { startGitHub } from '../../demo/standins/github.ts';
import type { StandIn } from '../../demo/standins/server.ts';
import type { World } from '../../demo/world.ts';
import { githubAnswerChecker, githubSpecFile } from '../support/github-spec.ts';
import { commitsOf, deploymentAt, sampleWorld, shaOf, worldWith } from '../support/github-world.ts';

const started: StandIn[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((standIn) => standIn.close()));
});

interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ReturnType<typeof JSON.parse>;
}

async function open(world: World): Promise<(path: string, headers?: Record<string, string>) => Promise<Got>> {
  const standIn = await startGitHub(world);
  started.push(standIn);
  return async (path, headers = { authorization: `token ${world.github.token}` }) => {
    const response = await fetch(path.startsWith('http') ? path : `${standIn.url}${path}`, { headers });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
}

const R = '/repos/{owner}/{repo}';
const V234 = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
const V233 = 'dac31aa679972c25586112cb48db232900b291a4';

describe.skipIf(!githubSpecFile)('by GitHub’s own model (needs the shared reference folder)', () => {
  it.each([
    [R, '/repos/acme/api'],
    [`${R}/deployments`, '/repos/acme/api/deployments'],
    [`${R}/deployments/{deployment_id}`, '/repos/acme/api/deployments/1305550234'],
    [`${R}/deployments/{deployment_id}/statuses`, '/repos/acme/api/deployments/1305550234/statuses'],
    [`${R}/releases`, '/repos/acme/api/releases'],
    [`${R}/tags`, '/repos/acme/api/tags'],
    [`${R}/environments`, '/repos/acme/api/environments'],
    [`${R}/actions/runs`, '/repos/acme/api/actions/runs'],
    [`${R}/compare/{basehead}`, '/repos/acme/api/compare/v2.3.3...v2.3.4'],
    [`${R}/compare/{basehead}`, `/repos/acme/api/compare/${V234}...${V233}?per_page=100&page=2`],
    [`${R}/pulls`, '/repos/acme/api/pulls?state=all'],
    [`${R}/pulls/{pull_number}`, '/repos/acme/api/pulls/1234'],
    [`${R}/pulls/{pull_number}/files`, '/repos/acme/api/pulls/1234/files'],
    [`${R}/commits/{ref}`, '/repos/acme/api/commits/v2.3.4'],
    [`${R}/commits/{commit_sha}/pulls`, `/repos/acme/api/commits/${V234}/pulls`],
    [`${R}/activity`, '/repos/acme/api/activity'],
    ['/rate_limit', '/rate_limit'],
  ])('%s holds', async (model, path) => {
    const get = await open(sampleWorld());
    const check = githubAnswerChecker()(model);
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(check(body), JSON.stringify(check.errors)).toBe(true);
  });

  it('a wrong answer would be seen', async () => {
    const get = await open(sampleWorld());
    const check = githubAnswerChecker()(`${R}/deployments`);
    const { body } = await get('/repos/acme/api/deployments');
    expect(check([{ ...body[0], sha: undefined }])).toBe(false);
    expect(check([{ ...body[0], created_at: 'yesterday' }])).toBe(false);
  });
});

describe('lists', () => {
  it('come newest first, in pages with links to the stand-in itself', async () => {
    const get = await open(worldWith([{ deployments: Array.from({ length: 205 }, (_, index) => deploymentAt(1000 + index, index)) }]));
    const first = await get('/repos/acme/api/deployments?per_page=100');
    expect(first.body.map(({ id }: { id: number }) => id).slice(0, 3)).toEqual([1204, 1203, 1202]);
    const link = first.headers.get('link') ?? '';
    expect(link).toContain('rel="last"');
    const next = /<([^>]+)>; rel="next"/.exec(link)?.[1] ?? '';
    const second = await get(next);
    const last = await get('/repos/acme/api/deployments?per_page=100&page=3');
    expect([second.body.length, last.body.length]).toEqual([100, 5]);
    expect(last.headers.get('link')).not.toContain('rel="next"');
  });

  it('never give more than 100 a page, and 30 where nothing is asked', async () => {
    const get = await open(worldWith([{ deployments: Array.from({ length: 120 }, (_, index) => deploymentAt(1000 + index, index)) }]));
    expect((await get('/repos/acme/api/deployments?per_page=500')).body).toHaveLength(100);
    expect((await get('/repos/acme/api/deployments')).body).toHaveLength(30);
  });

  it('filter deployments exactly', async () => {
    const get = await open(sampleWorld());
    const ids = async (query: string) => (await get(`/repos/acme/api/deployments?${query}`)).body.map(({ id }: { id: number }) => id);
    expect(await ids('environment=staging')).toEqual([1305550230]);
    expect(await ids('environment=Staging')).toEqual([]);
    expect(await ids('task=rollback')).toEqual([1305550299]);
    expect(await ids(`sha=${V234}&environment=production`)).toEqual([1305550234]);
  });
});

describe('the world’s now', () => {
  it('hides what has not happened yet', async () => {
    const get = await open(sampleWorld('2024-01-15T14:13:00Z'));
    expect((await get('/repos/acme/api/deployments')).body[0].id).toBe(1305550234);
    expect((await get('/repos/acme/api/deployments/1305550234/statuses')).body.map(({ state }: { state: string }) => state)).toEqual([
      'in_progress',
      'queued',
    ]);
    expect((await get('/repos/acme/api/deployments/1305550299')).status).toBe(404);
    expect((await get('/repos/acme/api/pulls/1235')).status).toBe(404);
    expect((await get('/repos/acme/api/commits/a10c94a3e3978fa575d85fa39929a916ca2418c8')).status).toBe(422);
  });

  it('shows a pull request open until it is merged, and a release once it is published', async () => {
    const before = await open(sampleWorld('2024-01-15T15:00:00Z'));
    expect((await before('/repos/acme/api/pulls/1235')).body).toMatchObject({ state: 'open', merged_at: null, merge_commit_sha: null });
    const early = await open(sampleWorld('2024-01-15T14:00:00Z'));
    expect((await early('/repos/acme/api/releases')).body.map(({ tag_name }: { tag_name: string }) => tag_name)).toEqual(['v2.3.3']);
  });

  it('stamps the Date header, in the past', async () => {
    const get = await open(sampleWorld());
    expect((await get('/rate_limit')).headers.get('date')).toBe('Mon, 15 Jan 2024 16:00:00 GMT');
  });
});

describe('comparisons', () => {
  it.each([
    ['v2.3.3', 'v2.3.4', 'ahead', 2, 0],
    [V234, V233, 'behind', 0, 2],
    ['v2.3.4', V234.slice(0, 8), 'identical', 0, 0],
    ['v2.3.4', 'main', 'ahead', 1, 0],
  ])('%s...%s is %s', async (base, head, status, ahead, behind) => {
    const get = await open(sampleWorld());
    const { body } = await get(`/repos/acme/api/compare/${base}...${head}`);
    expect(body).toMatchObject({ status, ahead_by: ahead, behind_by: behind, total_commits: ahead });
    expect(body.commits).toHaveLength(ahead);
    expect(body.files.length > 0).toBe(ahead > 0);
  });

  it('U3.2 one that left by a branch has diverged from the commit that both share', async () => {
    const commits = commitsOf(4);
    const branch = { sha: shaOf('branch'), at: '2024-01-15T01:00:00Z', author: 'sam', message: 'Aside', parent: commits[1]?.sha ?? '' };
    const get = await open(worldWith([{ commits: [...commits, branch], files: {} }]));
    const { body } = await get(`/repos/acme/api/compare/${commits[3]?.sha}...${branch.sha}`);
    expect(body).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 2, merge_base_commit: { sha: commits[1]?.sha } });
  });

  it('U3.2 without pages give 250 commits; with pages files come on the first alone, and never more than 300', async () => {
    const commits = commitsOf(261);
    const files = { [commits[260]?.sha ?? '']: Array.from({ length: 320 }, (_, index) => ({ path: `f/${index}.ts`, patch: '+a' })) };
    const get = await open(worldWith([{ commits, files }]));
    const path = `/repos/acme/api/compare/${commits[0]?.sha}...${commits[260]?.sha}`;
    const whole = await get(path);
    expect([whole.body.commits.length, whole.body.total_commits, whole.body.files.length]).toEqual([250, 260, 300]);
    expect(whole.body.commits.at(-1).sha).toBe(commits[260]?.sha);
    const pages = await Promise.all([1, 2, 3].map((page) => get(`${path}?per_page=100&page=${page}`)));
    expect(pages.map(({ body }) => body.commits.length)).toEqual([100, 100, 60]);
    expect(pages.map(({ body }) => body.files?.length)).toEqual([300, undefined, undefined]);
  });
});

describe('the door', () => {
  it('refuses a wrong token, hides what the token may not see, and knows no other path', async () => {
    const get = await open(sampleWorld());
    expect(await get('/repos/acme/api', { authorization: 'token wrong' })).toMatchObject({
      status: 401,
      body: { message: 'Bad credentials', documentation_url: 'https://docs.github.com/rest' },
    });
    expect((await get('/repos/acme/api', {})).status).toBe(404);
    expect(await get('/repos/acme/secret')).toMatchObject({ status: 404, body: { message: 'Not Found', status: '404' } });
    expect((await get('/repos/acme/api/compare/%E0%A4%A...x')).status).toBe(404);
  });

  it('counts calls, but not those that bring nothing new', async () => {
    const get = await open(sampleWorld());
    const first = await get('/repos/acme/api/deployments');
    const etag = first.headers.get('etag') ?? '';
    const again = await get('/repos/acme/api/deployments', { authorization: 'token demo-github-token', 'if-none-match': etag });
    expect([again.status, again.body]).toEqual([304, undefined]);
    expect([first, again].map(({ headers }) => headers.get('x-ratelimit-remaining'))).toEqual(['4999', '4999']);
    expect((await get('/repos/acme/api/tags')).headers.get('x-ratelimit-remaining')).toBe('4998');
  });
});
