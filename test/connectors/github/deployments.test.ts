import { afterEach, describe, expect, it } from 'vitest';
import { deploymentStatuses } from '../../../connectors/github/streams/deployment-statuses.ts';
import { deployments } from '../../../connectors/github/streams/deployments.ts';
import type { World } from '../../../demo/world.ts';
import { atMost } from '../../../src/contract/index.ts';
import { instant, windowOf } from '../../support/events.ts';
import { type GitHubSource, openSource, readWith, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { deploymentAt, sampleWorld, stampAt, worldWith } from '../../support/github-world.ts';
import { pullAll, type Yielded } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

/** A server without GraphQL, so that REST is read; what both tell alike stands in deployment-graph.test.ts. */
async function open(options: SourceOptions = {}): Promise<GitHubSource> {
  const answer: SourceOptions['answer'] = (asked) => (asked.method === 'POST' ? { status: 404, body: {} } : options.answer?.(asked));
  const source = await openSource({ ...options, answer });
  opened.push(source);
  return source;
}

function askedOf({ requests }: GitHubSource['standIn']): GitHubSource['standIn']['requests'] {
  return requests.filter(({ method }) => method === 'GET');
}

/** Ids of the deployments that were handed over, in that order, and how many statuses came with them. */
function idsOf({ records }: Yielded): readonly string[] {
  const own = records.filter(({ stream }) => stream === undefined);
  return own.flatMap((record) => readWith(deployments, record).events.map(({ attributes }) => String(Object(attributes)['deployment.id'])));
}

const PRODUCTION = { repositories: ['acme/api'], environments: ['production'] };

it('U3.7-2 a deployment tells no end by itself, however late its record was updated', async () => {
  const { client, standIn } = await open({ world: worldWith([{ deployments: [deploymentAt(7, 850, { statuses: [] })] }]) });
  const updated_at = '2024-01-15T15:40:00Z';
  standIn.fail({
    path: /\/deployments\?/,
    mode: 'rewrite',
    rewrite: (answer) => ({ ...answer, body: Object(answer.body).map((one: object) => ({ ...one, updated_at })) }),
  });
  const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
  expect(records.map(({ body }) => Object(body).updated_at)).toEqual([updated_at]);
  const events = records.flatMap((record) => readWith(deployments, record).events);
  expect(events.map(({ type, time }) => [type, time.at])).toEqual([['deployment.started', instant(stampAt(850))]]);
});

describe('the sample day', () => {
  it('has both rollouts of the API, and the last success before the window with its statuses', async () => {
    const { client, standIn } = await open();
    const yielded = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
    expect(idsOf(yielded)).toEqual(['1305550299', '1305550234', '1303330233']);
    const statuses = yielded.records.filter(({ stream }) => stream === 'deployment_statuses');
    expect(statuses.map(({ body, sequence }) => [Object(body).state, sequence])).toEqual([
      ['in_progress', 0],
      ['success', 1],
      ['inactive', 2],
    ]);
    expect(yielded).toMatchObject({ gaps: [], hints: [], checkpoints: ['acme/api'] });
    expect(askedOf(standIn)).toHaveLength(2);
  });

  it('every environment where none is named, one before the window for each', async () => {
    const { client } = await open();
    const yielded = await pullAll(deployments, client, requestOf());
    expect(idsOf(yielded)).toEqual(['1305550299', '1305550234', '1305550230', '1303330233']);
  });

  it('U3.1 says whether users meet an environment only where its creator said what the name does not', async () => {
    const said = [
      ['production', true],
      ['production', false],
      ['staging', true],
      ['staging', false],
    ] as const;
    const list = said.map(([environment, production], index) => deploymentAt(index + 1, 800 + index, { environment, production }));
    const { client } = await open({ world: worldWith([{ deployments: list }]) });
    const { records } = await pullAll(deployments, client, requestOf());
    const events = records.filter(({ stream }) => stream === undefined).flatMap((record) => readWith(deployments, record).events);
    const stated = new Map(
      events.map(({ attributes }) => {
        const { 'deployment.id': id, 'deployment.environment.production': production } = Object(attributes);
        return [id, production];
      }),
    );
    expect(['1', '2', '3', '4'].map((id) => stated.get(id))).toEqual([undefined, false, true, undefined]);
  });

  it('a deployment says who asked for what, where and when, and where a person can look', async () => {
    const { client } = await open();
    const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
    const { events, issues } = readWith(deployments, records[0] ?? { nativeId: '', body: null });
    expect(issues).toEqual([]);
    expect(events).toEqual([
      expect.objectContaining({
        type: 'deployment.started',
        time: { at: instant('14:45'), minusMs: 0, plusMs: 1000 },
        timeMeaning: 'recorded',
        actor: { kind: 'person', id: 'github:user:janedoe', name: 'janedoe' },
        url: 'https://github.com/acme/api/deployments/production',
        belongsTo: ['github/repo:acme/api@production'],
        correlationKeys: ['deployment:acme/api#1305550299', 'sha:dac31aa679972c25586112cb48db232900b291a4'],
        attributes: {
          'deployment.id': '1305550299',
          'deployment.environment.name': 'production',
          'vcs.ref.head.revision': 'dac31aa679972c25586112cb48db232900b291a4',
          'vcs.ref.head.name': 'v2.3.3',
          'deployment.task': 'rollback',
          'deployment.description': 'Roll back to v2.3.3',
        },
      }),
    ]);
  });

  it('the record is the object as GitHub sent it', async () => {
    const { client, standIn } = await open();
    const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
    const sent = await fetch(`${standIn.url}${records[0]?.request}`, { headers: { authorization: 'token demo-github-token' } });
    expect(records[0]?.body).toEqual(await sent.json());
  });
});

describe('U3.1 a list without a date filter', () => {
  const busy = worldWith([{ deployments: Array.from({ length: 250 }, (_, index) => deploymentAt(1000 + index, index * 3)) }]);

  it('is read back over its pages, and no further than the margin', async () => {
    const { client, standIn } = await open({ world: busy });
    const yielded = await pullAll(deployments, client, requestOf({ scope: PRODUCTION, window: windowOf('2024-01-14T14:33:00Z', '16:00') }));
    expect(new Set(idsOf(yielded)).size).toBe(250);
    expect(askedOf(standIn).filter(({ path }) => path.endsWith('/deployments'))).toHaveLength(3);
    const world = worldWith([
      { deployments: Array.from({ length: 250 }, (_, index) => deploymentAt(1000 + index, (index - 240) * 120 + 900)) },
    ]);
    const far = await open({ world });
    const recent = await pullAll(deployments, far.client, requestOf({ scope: PRODUCTION, window: windowOf('12:00', '16:00') }));
    expect(askedOf(far.standIn).filter(({ path }) => path.endsWith('/deployments'))).toHaveLength(1);
    expect(recent.gaps).toEqual([]);
  });

  it('a deployment asked for up to a day before the window comes too, since it may finish inside', async () => {
    const ids = [deploymentAt(1, -1000), deploymentAt(2, -100), deploymentAt(3, 100)];
    const { client } = await open({ world: worldWith([{ deployments: ids }]) });
    const yielded = await pullAll(deployments, client, requestOf({ scope: PRODUCTION, window: windowOf('00:00', '16:00') }));
    expect(new Set(idsOf(yielded))).toEqual(new Set(['3', '2', '1']));
  });

  it('a full page of earlier ones does not end the list while the margin is not reached', async () => {
    const list = Array.from({ length: 150 }, (_, index) => deploymentAt(1000 + index, 570 + index));
    const { client } = await open({ world: worldWith([{ deployments: list }]) });
    const yielded = await pullAll(deployments, client, requestOf({ scope: PRODUCTION, window: windowOf('11:50', '16:00') }));
    expect(new Set(idsOf(yielded)).size).toBe(150);
  });

  it('one that is later than the window is left out', async () => {
    const { client } = await open();
    const yielded = await pullAll(deployments, client, requestOf({ scope: PRODUCTION, window: windowOf('14:00', '14:30') }));
    expect(idsOf(yielded)).toEqual(['1305550234', '1303330233']);
  });

  it('what the allowed calls do not reach is a gap that says which part', async () => {
    const { client, standIn } = await open({ world: busy });
    const yielded = await pullAll(deployments, client, requestOf({ scope: PRODUCTION, calls: atMost(2) }));
    expect(askedOf(standIn)).toHaveLength(1);
    const [gap] = yielded.gaps;
    expect(gap).toMatchObject({ reason: 'budget', window: { from: '2024-01-14T14:33:00.000Z', to: instant(stampAt(150 * 3)) } });
    expect(yielded.checkpoints).toEqual([]);
  });
});

describe('the last success before the window', () => {
  const failed = (id: number, minutes: number) => deploymentAt(id, minutes, { statuses: [{ at: stampAt(minutes), state: 'failure' }] });
  const request = requestOf({ scope: PRODUCTION, window: windowOf('12:00', '16:00') });

  it('is found behind failures, however old', async () => {
    const list = [deploymentAt(1, -900_000), deploymentAt(2, -600_000), failed(3, -300_000), failed(4, -200_000), deploymentAt(5, 800)];
    const { client, standIn } = await open({ world: worldWith([{ deployments: list }]) });
    const yielded = await pullAll(deployments, client, request);
    expect(idsOf(yielded)).toEqual(['5', '4', '3', '2']);
    expect(yielded.gaps).toEqual([]);
    expect(askedOf(standIn)).toHaveLength(4);
  });

  it('U3.1 is not looked for behind one that has no status: its creator never reports', async () => {
    const list = [deploymentAt(1, -900), deploymentAt(2, -600, { statuses: [] }), deploymentAt(5, 800)];
    const { client } = await open({ world: worldWith([{ deployments: list }]) });
    const yielded = await pullAll(deployments, client, request);
    expect(new Set(idsOf(yielded))).toEqual(new Set(['5', '2']));
    expect(yielded.gaps).toEqual([]);
    expect(yielded.records.filter(({ stream }) => stream !== undefined)).toEqual([]);
  });

  it('five failures in a row end the search, with a gap that lies before the window', async () => {
    const list = [deploymentAt(1, -900_000), ...[2, 3, 4, 5, 6].map((id) => failed(id, -800_000 + id))];
    const { client, standIn } = await open({ world: worldWith([{ deployments: list }]) });
    const yielded = await pullAll(deployments, client, request);
    expect(yielded.gaps).toMatchObject([{ reason: 'result_limit', window: { to: instant(stampAt(-800_000 + 2)) } }]);
    expect(askedOf(standIn).filter(({ path }) => path.endsWith('/statuses'))).toHaveLength(5);
  });

  describe('where previews fill the first page', () => {
    const previews = (transient: boolean) =>
      Array.from({ length: 120 }, (_, index) =>
        deploymentAt(1000 + index, -5000 + index, { environment: `pr-${index % 3}`, transient, statuses: [] }),
      );
    const listOf = (transient: boolean) =>
      worldWith([{ deployments: [deploymentAt(1, -90_000), ...previews(transient), deploymentAt(2000, 800)] }]);
    const all = requestOf({ window: windowOf('12:00', '16:00') });

    it('is asked by the environment’s own list', async () => {
      const { client, standIn } = await open({ world: listOf(true) });
      const yielded = await pullAll(deployments, client, all);
      expect(idsOf(yielded)).toEqual(['2000', '1']);
      expect(yielded.gaps).toEqual([]);
      expect(askedOf(standIn).map(({ query }) => query)).toEqual([
        '?per_page=100&page=1',
        '?environment=production&per_page=100&page=1',
        '?per_page=100&page=1',
      ]);
    });

    it('is a gap before the window where no call is left for that list', async () => {
      const { client, standIn } = await open({ world: listOf(true) });
      const yielded = await pullAll(deployments, client, { ...all, calls: atMost(1) });
      expect(askedOf(standIn)).toHaveLength(1);
      expect(yielded.gaps).toMatchObject([
        { reason: 'budget', window: { to: all.window.from }, detail: expect.stringContaining('acme/api to production') },
      ]);
      expect(yielded.checkpoints).toEqual([]);
    });

    it('U3.7-6 of an environment that does not last, what ran before means nothing', async () => {
      const { client } = await open({ world: listOf(false) });
      expect(idsOf(await pullAll(deployments, client, all))).toHaveLength(5);
    });
  });
});

describe('what the token or the repository does not give', () => {
  const both = requestOf({ scope: { repositories: ['acme/secret', 'acme/api'], environments: ['production'] } });

  it('one repository out of sight is a gap, and the other is still read', async () => {
    const { client } = await open();
    const yielded = await pullAll(deployments, client, both);
    expect(yielded.gaps).toMatchObject([{ reason: 'forbidden', detail: expect.stringContaining('acme/secret') }]);
    expect(idsOf(yielded)).toContain('1305550234');
  });

  it('one that answers nonsense is a gap too', async () => {
    const { client, standIn } = await open();
    standIn.fail({ path: /acme\/checkout\/deployments/, mode: 'truncate' });
    const yielded = await pullAll(deployments, client, requestOf({ scope: { repositories: ['acme/checkout', 'acme/api'] } }));
    expect(yielded.gaps).toMatchObject([{ reason: 'unreadable' }]);
    expect(yielded.checkpoints).toEqual(['acme/checkout', 'acme/api']);
  });

  it('an outage ends the pull; asked again, it goes on behind the last checkpoint', async () => {
    const { client, standIn } = await open();
    standIn.fail({ path: /acme\/api\/deployments/, mode: 502 });
    const request = requestOf({ scope: { repositories: ['acme/checkout', 'acme/api'], environments: ['production'] } });
    await expect(pullAll(deployments, client, request)).rejects.toMatchObject({ reason: 'unavailable' });
    standIn.reset();
    const rest = await pullAll(deployments, client, { ...request, resumeAfter: 'acme/checkout' });
    expect(askedOf(standIn).every(({ path }) => path.startsWith('/repos/acme/api/'))).toBe(true);
    expect(idsOf(rest)).toContain('1305550234');
  });

  it('an unreadable record is handed over and becomes an issue', async () => {
    const answer: SourceOptions['answer'] = ({ url }) =>
      url.pathname.endsWith('/deployments') ? { status: 200, body: [{ id: 'x' }] } : undefined;
    const { client } = await open({ answer });
    const { records } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
    expect(readWith(deployments, records[0] ?? { nativeId: '', body: null }).issues).toHaveLength(1);
  });
});

describe('an answer with nothing in it explains itself', () => {
  const bare = (overrides: object = {}): World => worldWith([{ deployments: [], ...overrides }]);

  it('releases and workflow runs, where there are some', async () => {
    const answer: SourceOptions['answer'] = ({ url }) =>
      url.pathname.endsWith('/runs')
        ? { status: 200, body: { total_count: 37, workflow_runs: Array(37).fill({ path: 'x/main.yml@main' }) } }
        : undefined;
    const { client } = await open({ world: bare(), answer });
    const { hints, records, gaps } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
    expect([records, gaps]).toEqual([[], []]);
    expect(hints).toEqual([
      'acme/api has no deployments in 90 days; it has 37 runs of main.yml and 2 releases: if that is what rolls out, set `deploys: workflow_runs` and `workflows: [main.yml]`, or `deploys: releases`.',
    ]);
  });

  it('an environment that is spelt otherwise there', async () => {
    const { client } = await open({
      world: bare({ deployments: [deploymentAt(1, 100, { environment: 'Production' }), deploymentAt(2, 200, { environment: 'eu' })] }),
    });
    const { hints } = await pullAll(deployments, client, requestOf({ scope: PRODUCTION }));
    expect(hints).toEqual(['acme/api was never deployed to production, but to Production, eu: correct `environments`.']);
  });

  it('a quiet day needs no explanation, a silent quarter does', async () => {
    const recent = await open({ world: bare({ deployments: [deploymentAt(1, -3000)] }) });
    expect((await pullAll(deployments, recent.client, requestOf({ scope: PRODUCTION }))).hints).toEqual([]);
    const old = await open({ world: bare({ deployments: [deploymentAt(1, -150_000)] }) });
    expect((await pullAll(deployments, old.client, requestOf({ scope: PRODUCTION }))).hints).toEqual([
      'acme/api has no deployments in 90 days; it has 2 releases: set `deploys: releases`.',
    ]);
  });

  it('nothing at all is no hint, and a permission that only the hint wants is no failure', async () => {
    const { client, standIn } = await open({ world: bare({ releases: [] }) });
    standIn.fail({ path: /actions/, mode: 403 });
    expect(await pullAll(deployments, client, requestOf({ scope: PRODUCTION }))).toEqual({
      records: [],
      gaps: [],
      hints: [],
      checkpoints: ['acme/api'],
    });
  });

  it('a repository written in other letters than GitHub’s would own nothing: a gap says so', async () => {
    const { client } = await open();
    const { gaps } = await pullAll(deployments, client, requestOf({ scope: { repositories: ['Acme/API'], environments: ['production'] } }));
    expect(gaps).toMatchObject([{ reason: 'not_mapped', detail: expect.stringContaining('GitHub acme/api') }]);
  });

  it.each(['workflow_runs', 'releases'] as const)('%s have their own stream', async (deploys) => {
    const { client, standIn } = await open();
    const yielded = await pullAll(deployments, client, requestOf({ scope: { ...PRODUCTION, deploys } }));
    expect(yielded).toMatchObject({ gaps: [], records: [], hints: [expect.stringContaining(`of acme/api tell what is rolled out`)] });
    expect(standIn.requests).toEqual([]);
  });
});

it('stops within one call of the signal', async () => {
  const world = worldWith([{ deployments: Array.from({ length: 500 }, (_, index) => deploymentAt(1000 + index, index)) }]);
  const { client, standIn } = await open({ world });
  const controller = new AbortController();
  const items = deployments.pull(client, requestOf({ scope: PRODUCTION, signal: controller.signal }));
  const read = async () => {
    for await (const item of items) if (item.kind === 'record') controller.abort();
  };
  await expect(read()).rejects.toMatchObject({ reason: 'unavailable' });
  expect(askedOf(standIn)).toHaveLength(1);
});

it('estimates what it asks on an ordinary day', async () => {
  const { client, standIn } = await open({ world: sampleWorld() });
  const request = requestOf({ scope: { repositories: ['acme/api', 'acme/checkout'], environments: ['production'] } });
  await pullAll(deployments, client, request);
  expect(askedOf(standIn)).toHaveLength(deployments.estimate(request).requests);
  expect(deploymentStatuses.estimate(requestOf({ keys: ['a', 'b'] })).requests).toBe(2);
});
