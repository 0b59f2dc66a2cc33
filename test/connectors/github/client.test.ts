import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { inspect, promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openGitHub } from '../../../connectors/github/client.ts';
import type { Fault } from '../../../demo/standins/server.ts';
import { SourceError } from '../../../src/contract/index.ts';
import { type GitHubSource, openSource, type SourceOptions } from '../../support/github-source.ts';
import { deploymentAt, worldWith } from '../../support/github-world.ts';
import { plainKit } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
  vi.restoreAllMocks();
});

async function open(options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource(options);
  opened.push(source);
  return source;
}

const signal = new AbortController().signal;
const LIST = '/repos/acme/api/deployments';

async function failureOf({ client }: Pick<GitHubSource, 'client'>, path = LIST, abort = signal): Promise<SourceError> {
  const failure = await client.get(path, {}, abort).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof SourceError)) throw new Error(`expected a SourceError, got ${inspect(failure)}`);
  return failure;
}

async function failWith(fault: Omit<Fault, 'path'>, options: SourceOptions = {}): Promise<SourceError> {
  const source = await open(options);
  source.standIn.fail({ path: /deployments/, ...fault });
  return failureOf(source);
}

describe('a failed call is named by what can be done about it', () => {
  it('a wrong token: the variable to look at', async () => {
    const failure = await failureOf(await open({ token: 'expired-token-0123456789' }));
    expect(failure.reason).toBe('unauthorized');
    expect(failure.message).toContain('GITHUB_TOKEN');
  });

  it('a permission that is missing: its name, from the answer or from the path', async () => {
    const named = await failWith({ mode: 403 });
    expect([named.reason, named.message]).toEqual(['forbidden', expect.stringContaining('deployments=read on acme/api')]);
    const unnamed = await failWith({ mode: 403, headers: { 'x-accepted-github-permissions': '' } });
    expect(unnamed.message).toContain('Resource not accessible by personal access token');
  });

  it('something that is not there, or not for this token: both are said', async () => {
    const source = await open();
    expect((await failureOf(source, '/repos/acme/secret')).message).toBe(
      'the token cannot see acme/secret, or it does not exist (HTTP 404)',
    );
    const deployment = await failureOf(source, '/repos/acme/api/deployments/7');
    expect([deployment.reason, deployment.message]).toEqual(['forbidden', expect.stringContaining('acme/api, or deployments/7 in it')]);
  });

  it.each([
    ['403 with retry-after', 403, { 'retry-after': '17' }, 17_000],
    ['429 with retry-after', 429, { 'retry-after': '3' }, 3_000],
    ['429 without headers: GitHub advises a minute', 429, {}, 60_000],
    // The world's clock reads 16:00:00; ours does not matter.
    ['403 with nothing left until 16:10', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1705335000' }, 600_000],
    ['403 with a reset that has passed', 403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1705330000' }, 1_000],
  ])('U3.4 %s', async (_, mode, headers, waitMs) => {
    const failure = await failWith({ mode, headers });
    expect([failure.reason, failure.retryAfterMs]).toEqual(['rate_limited', waitMs]);
  });

  it('U3.4 a 403 whose words alone say "secondary rate limit"', async () => {
    const body = { message: 'You have exceeded a secondary rate limit.', documentation_url: 'https://docs.github.com' };
    const source = await open({ answer: ({ url }) => (url.pathname === LIST ? { status: 403, body } : undefined) });
    const failure = await failureOf(source);
    expect([failure.reason, failure.retryAfterMs]).toEqual(['rate_limited', 60_000]);
  });

  it.each([500, 502, 503])('HTTP %s is to be tried again', async (mode) => {
    expect((await failWith({ mode })).reason).toBe('unavailable');
  });

  it('U3.6 an answer that never comes ends at the deadline, and Octokit’s 500 for it is not believed', async () => {
    const failure = await failWith({ mode: 'hang' }, { deadlineMs: 80 });
    expect([failure.reason, failure.message]).toEqual(['unavailable', `GitHub gave no answer to ${LIST} within 0.08 s`]);
  });

  it('a caller that gives up is not told that GitHub was late', async () => {
    const source = await open();
    source.standIn.fail({ path: /deployments/, mode: 'hang' });
    const controller = new AbortController();
    const waiting = failureOf(source, LIST, controller.signal);
    controller.abort();
    expect(await waiting).toMatchObject({ reason: 'unavailable', message: expect.stringContaining('cancelled') });
  });

  it('a torn connection and a dead host', async () => {
    expect((await failWith({ mode: 'reset' })).reason).toBe('unavailable');
    const source = await open();
    await source.standIn.close();
    expect((await failureOf(source)).message).toMatch(/^GitHub at 127\.0\.0\.1:\d+ could not be reached/);
  });

  it('U3.6 half a JSON and a proxy’s page are not taken for answers, though Octokit hands them over as text', async () => {
    for (const mode of ['truncate', 'wrong_type'] as const) {
      expect(await failWith({ mode })).toMatchObject({ reason: 'unexpected_response', message: expect.stringContaining('base_url') });
    }
  });

  it('a repository that moved: the way it points to is not followed', async () => {
    const answer: SourceOptions['answer'] = ({ url }) =>
      url.pathname === LIST
        ? { status: 301, headers: { location: 'http://127.0.0.1:1/repositories/7' }, body: { message: 'Moved Permanently' } }
        : undefined;
    const failure = await failureOf(await open({ answer }));
    expect([failure.reason, failure.message]).toEqual(['forbidden', expect.stringContaining('renamed or moved')]);
  });
});

it('U3.6 an empty repository (409) is an empty answer', async () => {
  const source = await open();
  source.standIn.fail({ path: /deployments/, mode: 409 });
  expect(await source.client.get(LIST, {}, signal)).toEqual({ body: [] });
});

describe('pages', () => {
  const many = { deployments: Array.from({ length: 150 }, (_, index) => deploymentAt(1000 + index, index)) };

  it('are told by number, and the last by none', async () => {
    const { client } = await open({ world: worldWith([many]) });
    expect((await client.get(LIST, { per_page: 100, page: 1 }, signal)).next).toBe(2);
    expect((await client.get(LIST, { per_page: 100, page: 2 }, signal)).next).toBeUndefined();
  });

  it('U3.6 a next link that points to another host is read for its number and never followed', async () => {
    const answer: SourceOptions['answer'] = ({ url }) =>
      url.pathname === LIST && url.searchParams.get('page') === '1'
        ? { status: 200, headers: { link: '<https://evil.example/steal?page=2>; rel="next"' }, body: [] }
        : undefined;
    const { client, standIn } = await open({ answer });
    const first = await client.get(LIST, { page: 1 }, signal);
    expect(first.next).toBe(2);
    await client.get(LIST, { page: first.next ?? 0 }, signal);
    expect(standIn.requests.map(({ path, query }) => `${path}${query}`)).toEqual([`${LIST}?page=1`, `${LIST}?page=2`]);
  });

  it('a next link that leads nowhere, or back, is refused: half a list would look whole', async () => {
    for (const target of ['https://api.github.com/x?after=abc', 'https://api.github.com/x?page=1', 'not a link']) {
      const answer: SourceOptions['answer'] = () => ({ status: 200, headers: { link: `<${target}>; rel="next"` }, body: [] });
      expect((await failureOf(await open({ answer }))).reason).toBe('unexpected_response');
    }
  });
});

describe('asking again', () => {
  it('U3.4 costs nothing where nothing changed, and gives the same answer', async () => {
    const { client, standIn } = await open();
    const first = await client.get(LIST, { per_page: 2 }, signal);
    const again = await client.get(LIST, { per_page: 2 }, signal);
    expect(again).toEqual(first);
    expect(again.next).toBe(2);
    expect(standIn.requests.map(({ status }) => status)).toEqual([200, 304]);
    await client.get(LIST, { per_page: 3 }, signal);
    expect(standIn.requests.at(-1)?.status).toBe(200);
  });
});

describe('what goes over the wire', () => {
  it('is one version of the API, by the token, and nothing before the first question', async () => {
    const seen: (string | undefined)[] = [];
    const { client, standIn } = await open({
      answer: ({ headers }) => {
        seen.push(headers.authorization, String(headers['x-github-api-version']));
        return undefined;
      },
    });
    expect(standIn.requests).toEqual([]);
    await client.get('/rate_limit', {}, signal);
    expect(seen).toEqual(['token demo-github-token', '2022-11-28']);
  });

  it('every call waits for the budget, with the caller’s signal', async () => {
    const { standIn } = await open();
    const waited: (AbortSignal | undefined)[] = [];
    const kit = plainKit({ T: 'demo-github-token' });
    const limited: typeof kit.limited = (task, given) => {
      waited.push(given);
      return task();
    };
    const client = openGitHub({ connector: 'github', token_env: 'T', base_url: `${standIn.url}/api/v3/` }, { ...kit, limited });
    await client.get(LIST, {}, signal);
    await client.get(LIST, {}, signal);
    expect(waited).toEqual([signal, signal]);
    // A GitHub Enterprise Server has the API below a path of its host.
    expect(standIn.requests.map(({ path }) => path)).toEqual([`/api/v3${LIST}`, `/api/v3${LIST}`]);
  });

  it('U3.6 a number above 2^53 comes as its decimal text', async () => {
    // The stand-in writes JSON by JSON.stringify, which cannot say such a number.
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"id": 9007199254740993, "small": 7}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const kit = plainKit({ T: 'x' });
    const huge = openGitHub({ connector: 'github', token_env: 'T', base_url: `http://127.0.0.1:${port}` }, kit);
    expect((await huge.get('/x', {}, signal)).body).toEqual({ id: '9007199254740993', small: 7 });
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('secrets', () => {
  const token = 'ghp_plantedSecretPlantedSecret0123456789';

  it.each([401, 403, 404, 429, 500, 'reset', 'truncate'] as const)(
    'stand in no error of a failure by %s, nor in its cause',
    async (mode) => {
      const source = await open({ token });
      source.standIn.fail({ path: /deployments/, mode });
      const failure = await failureOf(source);
      expect(inspect(failure, { depth: 10, showHidden: true })).not.toContain(token);
    },
  );

  it('not even where the other side repeats one', async () => {
    const source = await open({ token, answer: () => ({ status: 400, body: { message: `bad header: token ${token}` } }) });
    const failure = await failureOf(source);
    expect(failure.message).toContain('[redacted: token]');
    expect(inspect(failure, { depth: 10 })).not.toContain(token);
  });

  it('Octokit’s request layer prints no deprecation', async () => {
    const printed = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) => vi.spyOn(console, name));
    const headers = { deprecation: 'Sat, 01 Jan 2028 00:00:00 GMT', sunset: 'Sun, 01 Jan 2029 00:00:00 GMT' };
    const { client, kit } = await open({ answer: ({ url }) => (url.pathname === '/old' ? { status: 200, headers, body: {} } : undefined) });
    await client.get('/old', {}, signal);
    expect(printed.flatMap((spy) => spy.mock.calls)).toEqual([]);
    expect(kit.lines).toEqual([]);
  });

  it('Octokit prints no failed call: it holds the console from its loading on, so a program of its own shows it', async () => {
    const { standIn } = await open();
    standIn.fail({ path: /deployments/, mode: 500 });
    const program = `
      import { openGitHub } from ${JSON.stringify(new URL('../../../connectors/github/client.ts', import.meta.url).href)};
      const cache = { get: async () => undefined, set: async () => {} };
      const kit = { limited: (task) => task(), cache, secret: () => 'x', log: { debug() {}, warn() {} } };
      const client = openGitHub({ connector: 'github', token_env: 'T', base_url: ${JSON.stringify(standIn.url)} }, kit);
      await client.get(${JSON.stringify(LIST)}, {}, new AbortController().signal).catch(({ reason }) => console.log(reason));
    `;
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
    expect([stdout.trim(), stderr]).toEqual(['unavailable', '']);
  });
});
