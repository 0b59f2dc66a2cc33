import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { DEPLOYMENTS_QUERY } from '../../../connectors/github/deployment-graph.ts';
import { deploymentStatuses } from '../../../connectors/github/streams/deployment-statuses.ts';
import { deployments } from '../../../connectors/github/streams/deployments.ts';
import type { World } from '../../../demo/world.ts';
import { atMost } from '../../../src/contract/index.ts';
import type { Stamped } from '../../../src/core/timeline/normalize.ts';
import { instant, windowOf } from '../../support/events.ts';
import { type GitHubSource, openSource, readWith, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { deploymentAt, sampleWorld, shaOf, stampAt, worldWith } from '../../support/github-world.ts';
import { fieldsOf } from '../../support/graphql-fields.ts';
import { sharedFile } from '../../support/shared.ts';
import { pullAll, type Yielded } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function open(options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource(options);
  opened.push(source);
  return source;
}

const NODE_FAULT = {
  status: 200,
  body: { data: { repository: null }, errors: [{ type: 'FORBIDDEN', path: ['repository'], message: 'not this one' }] },
};
const PRODUCTION = { repositories: ['acme/api'], environments: ['production'] };

/** All that the records say, without which bytes said it. */
function saidBy({ records }: Yielded): readonly unknown[] {
  const stamped = records.map((record): Stamped => readWith(record.stream === undefined ? deployments : deploymentStatuses, record));
  const events = stamped.flatMap(({ events, issues }) => [...events, ...issues]);
  const bare = events.map((event) => JSON.stringify({ ...event, provenance: undefined }));
  // A deployment that is handed over twice is one record.
  return [...new Set(bare)].toSorted();
}

describe('U3.3 both of GitHub’s APIs give the same events', () => {
  const states = (...list: readonly string[]) => list.map((state, index) => ({ at: stampAt(800 + (index >> 1)), state }));
  const failed = (id: number, minutes: number) => deploymentAt(id, minutes, { statuses: [{ at: stampAt(minutes), state: 'failure' }] });
  const worlds: readonly (readonly [string, World])[] = [
    ['on the sample day', sampleWorld()],
    [
      'where a list has many pages',
      worldWith([{ deployments: Array.from({ length: 250 }, (_, index) => deploymentAt(1000 + index, index * 3)) }]),
    ],
    ['where none was ever made', worldWith([{ deployments: [], releases: [] }])],
    [
      'where only failures came before',
      worldWith([{ deployments: [...[1, 2, 3, 4, 5, 6, 7].map((id) => failed(id, -9_000 + id)), deploymentAt(9, 800)] }]),
    ],
    [
      'where the creator reports nothing',
      worldWith([{ deployments: [1, 2, 3].map((id) => deploymentAt(id, id * 300, { statuses: [] })) }]),
    ],
    [
      'where states follow each other in a second',
      worldWith([
        { deployments: [deploymentAt(1, 800, { statuses: states('queued', 'in_progress', 'waiting', 'success', 'success', 'inactive') })] },
      ]),
    ],
    [
      // Where a service names its environments, they are its own: nobody is asked whether users meet them.
      'where users are said to meet what is called production',
      worldWith([
        { deployments: [deploymentAt(1, 800, { production: true }), deploymentAt(2, 700, { environment: 'qa', production: true })] },
      ]),
    ],
    [
      'where a bot deploys a commit',
      worldWith([{ deployments: [deploymentAt(1, 800, { creator: 'github-actions[bot]', ref: shaOf('1') })] }]),
    ],
    [
      'where one has more statuses than a page',
      worldWith([
        {
          deployments: [
            deploymentAt(1, 800, {
              statuses: Array.from({ length: 120 }, (_, index) => ({
                at: stampAt(800 + index),
                state: index === 119 ? 'success' : 'in_progress',
              })),
            }),
          ],
        },
      ]),
    ],
  ];

  it.each(worlds)('%s', async (_, world) => {
    for (const window of [windowOf('2024-01-14T14:33:00Z', '16:00'), windowOf('12:00', '16:00')]) {
      const graph = await open({ world });
      const rest = await open({ world, answer: ({ method }) => (method === 'POST' ? { status: 404, body: {} } : undefined) });
      const request = requestOf({ scope: PRODUCTION, window });
      const byGraph = await pullAll(deployments, graph.client, request);
      const listed = await pullAll(deployments, rest.client, request);
      const keys = listed.records
        .filter(({ stream }) => stream === undefined)
        .flatMap((record) => readWith(deployments, record).events)
        .flatMap(({ correlationKeys }) => correlationKeys.filter((key) => key.startsWith('deployment:')));
      const statuses = await pullAll(deploymentStatuses, rest.client, requestOf({ scope: PRODUCTION, keys, calls: atMost(1000) }));
      const byRest = {
        ...listed,
        records: [...listed.records, ...statuses.records.map((record) => ({ ...record, stream: 'deployment_statuses' }))],
      };
      expect(saidBy(byGraph)).toEqual(saidBy(byRest));
      expect([byGraph.gaps, byGraph.hints, byGraph.checkpoints]).toEqual([listed.gaps, listed.hints, listed.checkpoints]);
      expect(graph.standIn.requests.length).toBeLessThanOrEqual(rest.standIn.requests.length);
      expect(graph.standIn.requests.some(({ method }) => method === 'POST')).toBe(true);
    }
  });
});

it('the sample day costs one call, where REST costs one for the list and one for each deployment', async () => {
  const { client, standIn } = await open();
  const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
  expect(standIn.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /graphql']);
  expect(records.filter(({ stream }) => stream === 'deployment_statuses')).toHaveLength(9);
});

it('a deployment is kept without its statuses, each of which is a record of its own, and says that it nests them all', async () => {
  const { client } = await open();
  const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
  const [first] = records;
  expect(first?.body).toMatchObject({ commitOid: expect.any(String), statuses: { pageInfo: { hasNextPage: false } } });
  expect(first?.body).not.toHaveProperty(['statuses', 'nodes']);
  expect(readWith(deployments, first ?? { nativeId: '', body: null }).facts).toMatchObject([
    { kind: 'nested', key: 'deployment:acme/api#1305550299', stream: 'deployment_statuses' },
  ]);
});

it('U3.1 `inactive` of a deployment that was superseded is told and is no end', async () => {
  const { client } = await open();
  const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
  const own = records.filter(({ body }) => Object(body).deployment?.databaseId === 1305550234);
  expect(own.map(({ body }) => Object(body).state)).toEqual(['QUEUED', 'IN_PROGRESS', 'SUCCESS', 'INACTIVE']);
  expect(own.flatMap((record) => readWith(deploymentStatuses, record).events).map(({ type, time }) => [type, time.at])).toEqual([
    ['deployment.started', '2024-01-15T14:12:04.000Z'],
    ['deployment.succeeded', '2024-01-15T14:15:00.000Z'],
  ]);
});

describe('where GraphQL cannot be asked REST is, and the log says so', () => {
  it.each([
    ['an old server', 404],
    ['a token that may not', 403],
    ['an outage of it', 502],
  ])('%s', async (_, mode) => {
    const { client, standIn, kit } = await open();
    standIn.fail({ path: /POST/, mode });
    const scope = { repositories: ['acme/api', 'acme/checkout'], environments: ['production'] };
    const { records, gaps } = await pullAll(deployments, client, requestOf({ scope }));
    expect(gaps).toEqual([]);
    expect(records.some(({ body }) => Object(body).id === 1305550234)).toBe(true);
    // Once it failed, it is not asked again.
    expect(standIn.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    expect(kit.lines).toEqual([expect.stringContaining('GraphQL gave no deployments: REST is asked')]);
  });

  it('a token that is refused is refused both ways: REST is not asked with it', async () => {
    const { client, standIn } = await open();
    standIn.fail({ path: /./, mode: 401 });
    await expect(pullAll(deployments, client, requestOf({ scope: PRODUCTION }))).rejects.toMatchObject({ reason: 'unauthorized' });
    expect(standIn.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /graphql']);
  });

  const answers: readonly (readonly [string, unknown])[] = [
    [
      'an error beside data',
      {
        data: { repository: { deployments: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] } } },
        errors: [{ message: 'timeout' }],
      },
    ],
    [
      'nodes that are null',
      { data: { repository: { deployments: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [null] } } } },
    ],
    ['no data', {}],
    ['a list', []],
  ];
  it.each(answers)('%s is no half answer', async (_, body) => {
    const { client } = await open({ answer: ({ method }) => (method === 'POST' ? { status: 200, body } : undefined) });
    const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
    expect(records.some(({ body: sent }) => Object(sent).id === 1305550234)).toBe(true);
  });

  it('a cursor that loops', async () => {
    const world = worldWith([{ deployments: Array.from({ length: 120 }, (_, index) => deploymentAt(1000 + index, index)) }]);
    const { client, standIn, kit } = await open({ world });
    standIn.fail({ path: /POST/, mode: 'repeat_page', after: 1 });
    const { records, gaps } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
    expect(gaps).toEqual([]);
    expect(new Set(records.filter(({ stream }) => stream === undefined).map(({ nativeId }) => nativeId)).size).toBe(120);
    expect(kit.lines[0]).toContain('leads back to a page that was read');
  });

  it('but a limit is no reason to ask the other way', async () => {
    const { client, standIn } = await open();
    standIn.fail({ path: /POST/, mode: 429, headers: { 'retry-after': '7' } });
    await expect(pullAll(deployments, client, requestOf({ scope: PRODUCTION }))).rejects.toMatchObject({
      reason: 'rate_limited',
      retryAfterMs: 7_000,
    });
    expect(standIn.requests).toHaveLength(1);
  });
});

describe('a repository of its own part', () => {
  const BOTH = ['acme/api', 'acme/checkout'];
  const ask = (repository: string) => requestOf({ scope: { ...PRODUCTION, repositories: [repository] } });
  const asked = ({ standIn }: GitHubSource) => standIn.requests.filter(({ path }) => path === '/graphql').length;

  it.each([
    ['a token that may not ask it', { mode: 403 }, 1],
    ['a server without it', { mode: 404 }, 1],
    [
      'a query that it does not understand',
      { mode: 'rewrite', rewrite: () => ({ status: 200, body: { errors: [{ message: 'no such field' }] } }) },
      1,
    ],
    ['a fault of the moment', { mode: 502 }, 2],
  ] as const)('%s, and the other way is asked for each', async (_, fault, calls) => {
    const source = await open();
    source.standIn.fail({ path: /graphql/, ...fault });
    for (const repository of BOTH) {
      const { gaps } = await pullAll(deployments, source.client, ask(repository));
      expect(gaps).toEqual([]);
    }
    expect(asked(source)).toBe(calls);
    // Another run begins anew: somebody may have put it right.
    await pullAll(deployments, source.client, { ...ask('acme/api'), now: instant('16:01') });
    expect(asked(source)).toBe(calls + 1);
  });

  it('a fault of one repository says nothing of the other', async () => {
    const source = await open({
      answer: ({ url, body }) => (url.pathname === '/graphql' && /"name":"api"/.test(body) ? NODE_FAULT : undefined),
    });
    for (const repository of BOTH) await pullAll(deployments, source.client, ask(repository));
    expect(asked(source)).toBe(2);
    expect(source.standIn.requests.filter(({ path }) => path === '/repos/acme/checkout/deployments')).toEqual([]);
  });
});

it('a repository that the token cannot see is a gap, the other is read', async () => {
  const { client } = await open();
  const scope = { repositories: ['acme/secret', 'acme/api'], environments: ['production'] };
  const { gaps, records } = await pullAll(deployments, client, requestOf({ scope }));
  expect(gaps).toMatchObject([{ reason: 'forbidden', detail: expect.stringContaining('acme/secret') }]);
  expect(records.length).toBeGreaterThan(3);
});

it('without environments REST is asked: only there stands which of them do not last', async () => {
  const { client, standIn } = await open();
  await pullAll(deployments, client, requestOf());
  expect(standIn.requests.some(({ method }) => method === 'POST')).toBe(false);
});

it('U3.5 an Enterprise Server has GraphQL beside REST', async () => {
  const { standIn, kit } = await open();
  const { openGitHub } = await import('../../../connectors/github/client.ts');
  const client = openGitHub({ connector: 'github', token_env: 'GITHUB_TOKEN', base_url: `${standIn.url}/api/v3` }, kit);
  const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
  expect(records.length).toBeGreaterThan(3);
  expect(standIn.requests.map(({ path }) => path)).toEqual(['/api/graphql']);
});

const schema = sharedFile('specs/github-graphql-schema.graphql');
it.skipIf(!schema)('U3.3 the question names only fields and arguments of GitHub’s schema (needs the shared reference folder)', () => {
  const sdl = readFileSync(schema ?? '', 'utf8');
  expect(fieldsOf(sdl, DEPLOYMENTS_QUERY)).toMatchObject({ unknown: [] });
  expect(fieldsOf(sdl, DEPLOYMENTS_QUERY).known).toBeGreaterThan(30);
  expect(fieldsOf(sdl, DEPLOYMENTS_QUERY.replace('commitOid', 'sha')).unknown).toEqual(['Deployment.sha']);
  expect(fieldsOf(sdl, DEPLOYMENTS_QUERY.replace(', environments:', ', envs:')).unknown).toEqual(['Repository.deployments(envs)']);
});
