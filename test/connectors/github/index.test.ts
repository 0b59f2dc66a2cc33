import Value from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { github } from '../../../connectors/github/index.ts';
import { instant } from '../../support/events.ts';
import { type GitHubSource, openSource, type SourceOptions } from '../../support/github-source.ts';
import { plainKit } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function open(options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource(options);
  opened.push(source);
  return source;
}

const signal = new AbortController().signal;

describe('the configuration', () => {
  const config = { connector: 'github', token_env: 'GITHUB_TOKEN' };

  it.each([
    ['the plainest', config, true],
    ['an Enterprise Server', { ...config, base_url: 'https://github.acme.example/api/v3' }, true],
    ['a stand-in on this machine', { ...config, base_url: 'http://127.0.0.1:5050' }, true],
    ['plain http elsewhere', { ...config, base_url: 'http://github.acme.example' }, false],
    ['an address with a password', { ...config, base_url: 'https://u:p@github.acme.example' }, false],
    ['an unknown key', { ...config, tokenEnv: 'X' }, false],
    ['no token', { connector: 'github' }, false],
    ['a token in place of its variable', { ...config, token_env: 'ghp_abc-def' }, false],
    ['an app, which is not offered yet', { connector: 'github', app: { app_id: 1 } }, false],
  ])('%s', (_, value, allowed) => {
    expect(Value.Check(github.config, value)).toBe(allowed);
  });

  it.each([
    ['a repository', { repositories: ['acme/api'] }, true],
    ['all there is', { repositories: ['acme/api.js'], environments: ['production'], deploys: 'releases' }, true],
    ['none, as a question by keys has it', { repositories: [] }, true],
    ['an address', { repositories: ['https://github.com/acme/api'] }, false],
    ['a name without its owner', { repositories: ['api'] }, false],
    ['another way to deploy', { repositories: ['acme/api'], deploys: 'tags' }, false],
  ])('a scope with %s', (_, value, allowed) => {
    expect(Value.Check(github.scope, value)).toBe(allowed);
  });
});

describe('ownership', () => {
  it('claims the repository for merges and releases, and its environments for deployments', () => {
    expect(github.claims('github', { repositories: ['acme/api'], environments: ['production', 'eu'] })).toEqual([
      'github/repo:acme/api',
      'github/repo:acme/api@production',
      'github/repo:acme/api@eu',
    ]);
    const all = ['gh/repo:acme/api', 'gh/repo:acme/api@*'];
    expect(github.claims('gh', { repositories: ['acme/api'] })).toEqual(all);
    expect(github.claims('gh', { repositories: ['acme/api'], environments: [] })).toEqual(all);
  });

  it('finds the smallest scope that claims given keys', () => {
    const scopeOf = (...keys: readonly string[]) => github.scopeFor?.('github', keys);
    expect(scopeOf('github/repo:acme/api@production', 'pagerduty/service:P1')).toEqual({
      repositories: ['acme/api'],
      environments: ['production'],
    });
    expect(scopeOf('github/repo:acme/api')).toEqual({ repositories: ['acme/api'] });
    expect(scopeOf('github/repo:acme/api@*')).toEqual({ repositories: ['acme/api'] });
    expect(scopeOf('other/repo:acme/api')).toBeUndefined();
  });
});

describe('check', () => {
  it('a good token: each permission by its name', async () => {
    const { client } = await open();
    const { checks } = await github.check(
      client,
      [{ repositories: ['acme/api'] }, { repositories: ['acme/api', 'acme/checkout'] }],
      signal,
    );
    expect(checks.every(({ ok }) => ok)).toBe(true);
    expect(checks.map(({ name }) => name)).toEqual([
      'token',
      ...['acme/api', 'acme/checkout'].flatMap((repository) =>
        ['Metadata', 'Deployments', 'Contents', 'Pull requests'].map((permission) => `${repository}: ${permission} (read)`),
      ),
    ]);
    expect(checks[0]?.detail).toBe('valid: 5000 of 5000 calls left this hour');
  });

  it.each([
    ['deployments', ['Deployments']],
    ['releases', []],
    ['workflow_runs', ['Actions']],
  ] as const)('where `deploys: %s` says so no other permission is asked for', async (deploys, own) => {
    const { client, standIn } = await open();
    const { checks } = await github.check(client, [{ repositories: ['acme/api'], deploys }], signal);
    const asked = checks.flatMap(({ name }) => /^acme\/api: (.*) \(read\)$/.exec(name)?.[1] ?? []);
    expect(asked.toSorted()).toEqual(['Metadata', 'Contents', 'Pull requests', ...own].toSorted());
    expect(standIn.requests.some(({ path }) => path.endsWith('/deployments'))).toBe(deploys === 'deployments');
  });

  it('an environment or a workflow that no repository of the service has, each by its name', async () => {
    const { client } = await open();
    const failed = async (scope: object) =>
      (await github.check(client, [{ repositories: ['acme/api'], ...scope }], signal)).checks.filter(({ ok }) => !ok);
    expect(await failed({ environments: ['production'] })).toEqual([]);
    expect(await failed({ environments: ['production', 'prodution'] })).toEqual([
      expect.objectContaining({ name: 'acme/api: environment prodution', detail: expect.stringContaining('was never deployed to') }),
    ]);
    expect(await failed({ deploys: 'workflow_runs' })).toEqual([
      { name: 'acme/api: workflows', ok: false, detail: expect.stringContaining('name those that roll out') },
    ]);
    expect(await failed({ deploys: 'workflow_runs', workflows: ['nope.yml'] })).toEqual([
      expect.objectContaining({ name: 'acme/api: workflow nope.yml', detail: expect.stringContaining('correct `workflows`') }),
    ]);
  });

  it('a wrong token, and nothing else is asked', async () => {
    const { client, standIn } = await open({ token: 'wrong' });
    const { checks } = await github.check(client, [{ repositories: ['acme/api'] }], signal);
    expect(checks).toMatchObject([{ name: 'token', ok: false, detail: expect.stringContaining('GITHUB_TOKEN') }]);
    expect(standIn.requests).toHaveLength(1);
  });

  it('a permission that is missing, and the others still', async () => {
    const { client, standIn } = await open();
    standIn.fail({ path: /\/deployments/, mode: 403 });
    const { checks } = await github.check(client, [{ repositories: ['acme/api'] }], signal);
    const failed = checks.filter(({ ok }) => !ok);
    expect(failed).toMatchObject([{ name: 'acme/api: Deployments (read)', detail: expect.stringContaining('deployments=read') }]);
    expect(checks).toHaveLength(5);
  });

  it('a repository out of sight, or written otherwise, is one line', async () => {
    const { client } = await open();
    const { checks } = await github.check(client, [{ repositories: ['acme/secret', 'Acme/API'] }], signal);
    expect(checks.slice(1)).toMatchObject([
      { name: 'Acme/API: Metadata (read)', ok: false, detail: expect.stringContaining('acme/api') },
      { name: 'acme/secret: Metadata (read)', ok: false, detail: expect.stringContaining('cannot see acme/secret') },
    ]);
  });

  it('a server without limits, one without repositories, one that is down', async () => {
    const { client, standIn } = await open();
    standIn.fail({ path: /rate_limit/, mode: 404 });
    expect((await github.check(client, [], signal)).checks).toMatchObject([
      { name: 'token', ok: true, detail: 'valid: calls are not limited' },
      { name: 'repositories', ok: false },
    ]);
    standIn.reset();
    standIn.fail({ path: /rate_limit/, mode: 503 });
    expect((await github.check(client, [], signal)).checks).toMatchObject([{ name: 'token', ok: false }]);
  });
});

it('check tells how far GitHub’s clock is from ours, where the kit has one', async () => {
  const { client, standIn, kit } = await open();
  expect(await github.check(client, [], signal)).not.toHaveProperty('clockOffsetMs');
  const config = { connector: 'github' as const, token_env: 'GITHUB_TOKEN', base_url: standIn.url };
  const late = github.open(config, { ...kit, now: () => instant('15:59:30') });
  // The world's Date header reads 16:00:00, cut to the second.
  expect((await github.check(late, [], signal)).clockOffsetMs).toBe(30_500);
});

it('opening it asks nothing, and needs the variable', async () => {
  const kit = plainKit();
  expect(() => github.open({ connector: 'github', token_env: 'GITHUB_TOKEN' }, kit)).toThrow('GITHUB_TOKEN');
});
