import { afterEach, describe, expect, it } from 'vitest';
import { openGitHub } from '../../../connectors/github/client.ts';
import { changes } from '../../../connectors/github/streams/changes.ts';
import { deployments } from '../../../connectors/github/streams/deployments.ts';
import { releases } from '../../../connectors/github/streams/releases.ts';
import type { ObservedLimits } from '../../../src/contract/connector.ts';
import { type GitHubSource, openSource, requestOf } from '../../support/github-source.ts';
import { pullAll } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function open(): Promise<GitHubSource> {
  const source = await openSource();
  opened.push(source);
  return source;
}

const signal = new AbortController().signal;
const request = requestOf({ scope: { repositories: ['acme/api'], environments: ['production'] } });

it('U3.4 a second pull spends none of the hour’s calls: the stand-in counts', async () => {
  const { client, standIn } = await open();
  const left = async () => {
    const response = await fetch(`${standIn.url}/rate_limit`, { headers: { authorization: 'token demo-github-token' } });
    return Object(await response.json()).resources.core.remaining;
  };
  const pullEach = async () => [
    await pullAll(releases, client, request),
    await pullAll(changes, client, request),
    // Without environments deployments come by REST.
    await pullAll(deployments, client, requestOf()),
  ];
  const before = await left();
  const first = await pullEach();
  const between = await left();
  expect(between).toBeLessThan(before);
  expect(await pullEach()).toEqual(first);
  expect(await left()).toBe(between);
  const again = standIn.requests.slice(standIn.requests.length / 2).filter(({ path }) => path !== '/rate_limit');
  expect(again.every(({ status }) => status === 304)).toBe(true);
});

describe('what GitHub’s headers say is told to the budget', () => {
  async function observed(): Promise<{
    readonly source: GitHubSource;
    readonly told: ObservedLimits[];
    readonly client: GitHubSource['client'];
  }> {
    const source = await open();
    const told: ObservedLimits[] = [];
    const kit = { ...source.kit, observe: (limits: ObservedLimits) => void told.push(limits) };
    const client = openGitHub({ connector: 'github', token_env: 'GITHUB_TOKEN', base_url: source.standIn.url }, kit);
    return { source, told, client };
  }

  it('of each answer how many calls are left, and until when by its own clock', async () => {
    const { client, told } = await observed();
    await client.get('/repos/acme/api/releases', {}, signal);
    await client.get('/repos/acme/api/releases', {}, signal);
    expect(told).toEqual([
      { remaining: 4_999, limit: 5_000, resetMs: 3_600_000 },
      { remaining: 4_999, limit: 5_000, resetMs: 3_600_000 },
    ]);
  });

  it('GraphQL’s points are another budget, and no word on this one', async () => {
    const { client, told } = await observed();
    await pullAll(deployments, client, request);
    expect(told).toEqual([]);
  });

  it.each([
    ['that names a time', { 'retry-after': '17' }, 17_000],
    ['that names none', {}, 60_000],
  ])('U3.4 a refusal for asking too much %s stops all', async (_, headers, resetMs) => {
    const { client, told, source } = await observed();
    source.standIn.fail({ path: /releases/, mode: 429, headers });
    await expect(client.get('/repos/acme/api/releases', {}, signal)).rejects.toMatchObject({ reason: 'rate_limited' });
    expect(told).toEqual([{ throttled: true, resetMs }]);
  });

  it('a refusal of another kind counts too', async () => {
    const { client, told } = await observed();
    await expect(client.get('/repos/acme/secret', {}, signal)).rejects.toMatchObject({ reason: 'forbidden' });
    expect(told).toMatchObject([{ remaining: 4_999 }]);
  });
});
