import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import Value from 'typebox/value';
import { afterEach, describe, expect, it } from 'vitest';
import { github } from '../../../connectors/github/index.ts';
import { deployments } from '../../../connectors/github/streams/deployments.ts';
import { INSTALLATION_TOKEN } from '../../../demo/standins/github-account.ts';
import { SourceError } from '../../../src/contract/index.ts';
import { type GitHubSource, openSource, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { pullAll } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const PEM = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
const APP = { appId: 12_345, installationId: 678, publicKey, privateKey: PEM };

async function open(options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource({ app: APP, ...options });
  opened.push(source);
  return source;
}

const signal = new AbortController().signal;
const LIST = '/repos/acme/api/deployments';
const SIGN_IN = 'POST /app/installations/678/access_tokens';

async function failureOf({ client }: GitHubSource, given = signal): Promise<SourceError> {
  const failure = await client.get(LIST, {}, given).catch((error: unknown) => error);
  if (!(failure instanceof SourceError)) throw new Error(`expected a SourceError, got ${inspect(failure)}`);
  return failure;
}

describe('U3.5 signing in as an installed app', () => {
  it('asks for a token once, and reads by it', async () => {
    const { client, standIn } = await open();
    const request = requestOf({ scope: { repositories: ['acme/api'], environments: ['production'] } });
    expect((await pullAll(deployments, client, request)).records.length).toBeGreaterThan(3);
    await client.get('/repos/acme/api/releases', {}, signal);
    const calls = standIn.requests.map(({ method, path }) => `${method} ${path}`);
    expect(calls).toEqual([SIGN_IN, 'POST /graphql', 'GET /repos/acme/api/releases']);
  });

  it('asks for nothing before the first question', async () => {
    const { standIn } = await open();
    expect(standIn.requests).toEqual([]);
  });

  it.each([
    ['as GitHub gives it', PEM],
    ['in PKCS#8', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()],
    ['on one line, as a variable often holds it', PEM.replaceAll('\n', '\\n')],
  ])('takes the key %s', async (_, key) => {
    const { client } = await open({ app: { ...APP, privateKey: key } });
    expect((await client.get('/rate_limit', {}, signal)).body).toHaveProperty('resources');
  });

  it('a key that is none is named by its variable, and nothing is asked', async () => {
    const source = await open({ app: { ...APP, privateKey: 'not a key at all' } });
    expect(await failureOf(source)).toMatchObject({ reason: 'unauthorized', message: expect.stringContaining('GITHUB_APP_KEY') });
    expect(source.standIn.requests).toEqual([]);
  });

  it('another app’s key, or another installation, is refused with both numbers', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
    const wrongKey = await failureOf(await open({ app: { ...APP, privateKey: other } }));
    expect(wrongKey).toMatchObject({ reason: 'unauthorized', message: expect.stringContaining('installation 678 of the app 12345') });
    const source = await open();
    source.standIn.fail({ path: /access_tokens/, mode: 404 });
    expect(await failureOf(source)).toMatchObject({ reason: 'unauthorized', message: expect.stringContaining('HTTP 404') });
  });

  it.each([301, 307, 308])('U3.5 a sign-in that is sent elsewhere (%i) takes the signed token nowhere', async (status) => {
    const source = await open();
    const stranger = await open();
    const location = `${stranger.standIn.url}/app/installations/678/access_tokens`;
    source.standIn.fail({
      path: /access_tokens/,
      mode: 'rewrite',
      rewrite: (answer) => ({ ...answer, status, headers: { ...answer.headers, location }, body: {} }),
    });
    expect(await failureOf(source)).toBeInstanceOf(SourceError);
    expect([stranger.standIn.requests, source.standIn.requests.length]).toEqual([[], 1]);
  });

  it('a sign-in that hangs ends at the deadline, and at once where the caller gives up', async () => {
    const late = await open({ deadlineMs: 100 });
    late.standIn.fail({ path: /access_tokens/, mode: 'hang' });
    expect(await failureOf(late)).toMatchObject({ reason: 'unavailable', message: expect.stringContaining('within 0.1 s') });
    const source = await open();
    source.standIn.fail({ path: /access_tokens/, mode: 'hang' });
    const controller = new AbortController();
    const waiting = failureOf(source, controller.signal);
    controller.abort();
    expect(await waiting).toMatchObject({ reason: 'unavailable', message: expect.stringContaining('cancelled') });
  });

  it.each([401, 403, 404, 500, 'truncate'] as const)('no key and no token stands in what a failure by %s says', async (mode) => {
    const source = await open();
    source.standIn.fail({ path: /deployments/, mode });
    const said = inspect(await failureOf(source), { depth: 10, showHidden: true }) + source.kit.lines.join();
    expect(said).not.toContain(INSTALLATION_TOKEN);
    expect(said).not.toContain(PEM.split('\n')[1]);
  });

  it('not even where the other side repeats the token that it gave', async () => {
    const source = await open({
      answer: ({ url, headers }) =>
        url.pathname === LIST ? { status: 400, body: { message: `bad header: ${headers.authorization}` } } : undefined,
    });
    const failure = await failureOf(source);
    expect(failure.message).toContain('[redacted: token]');
    expect(inspect(failure, { depth: 10 })).not.toContain(INSTALLATION_TOKEN);
  });
});

describe('the configuration', () => {
  const app = { app_id: 12_345, installation_id: '678', private_key_env: 'GITHUB_APP_KEY' };
  it.each([
    ['an app', { connector: 'github', app }, true],
    ['an app and a token', { connector: 'github', app, token_env: 'GITHUB_TOKEN' }, false],
    ['neither', { connector: 'github' }, false],
    ['the key itself in place of its variable', { connector: 'github', app: { ...app, private_key_env: PEM } }, false],
    ['a name in place of a number', { connector: 'github', app: { ...app, app_id: 'my-app' } }, false],
    ['an unknown key', { connector: 'github', app: { ...app, private_key: PEM } }, false],
  ])('%s', (_, value, allowed) => {
    expect(Value.Check(github.config, value)).toBe(allowed);
  });
});
