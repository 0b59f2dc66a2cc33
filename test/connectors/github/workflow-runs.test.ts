import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { deployments } from '../../../connectors/github/streams/deployments.ts';
import { workflowRuns } from '../../../connectors/github/streams/workflow-runs.ts';
import type { WorldRun } from '../../../demo/world.ts';
import type { Json } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { changesOf } from '../../../src/core/analysis/changes.ts';
import { windowOf } from '../../support/events.ts';
import { type GitHubSource, openSource, readWith, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { shaOf, stampAt, worldWith } from '../../support/github-world.ts';
import { sharedFile } from '../../support/shared.ts';
import { pullAll, type Yielded } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function open(runs: readonly WorldRun[], options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource({ world: worldWith([{ runs, deployments: [], releases: [] }]), ...options });
  opened.push(source);
  return source;
}

type Attempt = WorldRun['attempts'][number];

/** A run of deploy.yml that succeeded two minutes after it began. */
function runAt(id: number, minutes: number, overrides: Partial<WorldRun> = {}): WorldRun {
  return {
    id,
    workflow: 'deploy.yml',
    name: 'Deploy',
    sha: shaOf(`${id}`),
    branch: 'main',
    event: 'push',
    actor: 'maria',
    created_at: stampAt(minutes),
    attempts: [attemptAt(minutes, 'success')],
    ...overrides,
  };
}

function attemptAt(minutes: number, conclusion: string): Attempt {
  return { started_at: stampAt(minutes), ended_at: stampAt(minutes + 2), conclusion };
}

const SCOPE = { repositories: ['acme/api'], environments: ['production'], deploys: 'workflow_runs' as const, workflows: ['deploy.yml'] };
const request = requestOf({ scope: SCOPE, window: windowOf('12:00', '16:00') });

function toldBy({ records }: Yielded): readonly string[] {
  const events = records.flatMap((record) => readWith(workflowRuns, record).events);
  return events.map(
    ({ type, time, attributes }) => `${Object(attributes)['deployment.id']} ${type.split('.')[1]} ${time.at.slice(11, 16)}`,
  );
}

it('a run is a deployment: began, ended, of which commit, to the environment that the scope names', async () => {
  const { client, standIn } = await open([runAt(7, 800)]);
  const yielded = await pullAll(workflowRuns, client, request);
  expect(yielded).toMatchObject({ gaps: [], hints: [], checkpoints: ['acme/api'] });
  const { events, issues } = readWith(workflowRuns, yielded.records[0] ?? { nativeId: '', body: null });
  expect(issues).toEqual([]);
  const said = {
    actor: { kind: 'person', id: 'github:user:mgarcia', name: 'mgarcia' },
    url: 'https://github.com/acme/api/actions/runs/7',
    belongsTo: ['github/repo:acme/api@production'],
    correlationKeys: ['deployment:acme/api#7.1', 'run:acme/api#7', `sha:${shaOf('7')}`],
    attributes: {
      'deployment.id': '7.1',
      'deployment.environment.name': 'production',
      'vcs.ref.head.revision': shaOf('7'),
      'deployment.task': 'Deploy',
    },
  };
  expect(events).toMatchObject([
    { ...said, type: 'deployment.started', timeMeaning: 'started', time: { at: '2024-01-15T13:20:00.000Z' } },
    { ...said, type: 'deployment.succeeded', timeMeaning: 'ended', time: { at: '2024-01-15T13:22:00.000Z' } },
  ]);
  expect(standIn.requests).toHaveLength(2);
  expect(workflowRuns.estimate(request).requests).toBe(2);
});

it('in a draft it is a change like any deployment: what it replaced, how it ended, and a workflow called so is a rollback', async () => {
  const rollback = runAt(9, 900, { sha: shaOf('7'), workflow: 'rollback.yml', name: 'Rollback', event: 'workflow_dispatch' });
  const { client } = await open([
    runAt(7, 780),
    runAt(8, 840, { attempts: [attemptAt(840, 'failure'), attemptAt(850, 'success')] }),
    rollback,
  ]);
  const { records } = await pullAll(workflowRuns, client, { ...request, scope: { ...SCOPE, workflows: ['deploy.yml', 'rollback.yml'] } });
  const events = records.flatMap((record) => readWith(workflowRuns, record).events);
  const services = [{ name: 'api', owns: ['github/repo:acme/api', 'github/repo:acme/api@production'], dependsOn: [] }];
  const found = changesOf({ events, facts: [], services, subject: ['api'] });
  expect(found.map(({ key, outcome, environment, reverses }) => [key, outcome, environment, reverses])).toEqual([
    ['github/deployment:7.1', 'succeeded', 'production', undefined],
    ['github/deployment:8.1', 'failed', 'production', undefined],
    ['github/deployment:8.2', 'succeeded', 'production', undefined],
    ['github/deployment:9.1', 'succeeded', 'production', 'github/deployment:8.2'],
  ]);
  expect(found[2]).toMatchObject({ belongs: { service: 'api' }, revision: { from: shaOf('7'), to: shaOf('8') } });
});

it('U3.2 a re-run begins anew: each attempt is a deployment of its own, and `created_at` is none of its times', async () => {
  const { client } = await open([runAt(7, 800, { attempts: [attemptAt(800, 'failure'), attemptAt(830, 'success')] })]);
  const yielded = await pullAll(workflowRuns, client, request);
  expect(toldBy(yielded)).toEqual(['7.2 started 13:50', '7.2 succeeded 13:52', '7.1 started 13:20', '7.1 failed 13:22']);
  expect(new Set(yielded.records.map(({ nativeId }) => nativeId)).size).toBe(2);
});

it.each([
  ['failure', 'failed'],
  ['timed_out', 'failed'],
  ['startup_failure', 'failed'],
  ['cancelled', 'failed'],
  ['success', 'succeeded'],
])('%s: %s', async (conclusion, end) => {
  const { client } = await open([runAt(7, 800, { attempts: [attemptAt(800, conclusion)] })]);
  expect(toldBy(await pullAll(workflowRuns, client, request)).at(-1)).toBe(`7.1 ${end} 13:22`);
});

it.each(['skipped', 'neutral', 'action_required', 'stale'])('%s: nothing was rolled out', async (conclusion) => {
  const { client } = await open([runAt(7, 800, { attempts: [attemptAt(800, conclusion)] })]);
  const yielded = await pullAll(workflowRuns, client, request);
  expect([yielded.records.length, toldBy(yielded)]).toEqual([1, []]);
});

it('one that is under way has begun; of a state not seen before there is an issue', async () => {
  const { client } = await open([runAt(7, 800, { attempts: [{ started_at: stampAt(800) }] })]);
  const yielded = await pullAll(workflowRuns, client, request);
  expect(toldBy(yielded)).toEqual(['7.1 started 13:20']);
  const [record] = yielded.records;
  const body = Object(record?.body);
  const changed = (members: object) => readWith(workflowRuns, { nativeId: record?.nativeId ?? '', body: { ...body, ...members } });
  expect(changed({ status: 'queued' })).toMatchObject({ events: [], issues: [] });
  expect(changed({ status: 'dreaming' }).issues).toMatchObject([{ pointer: '/status' }]);
  expect(changed({ status: 'completed', conclusion: 'odd' }).issues).toMatchObject([{ pointer: '/conclusion' }]);
  expect(changed({ run_started_at: 'soon' }).issues).toMatchObject([{ pointer: '/run_started_at' }]);
});

it('the last success before the window comes too, and what ended inside it', async () => {
  const slow = runAt(4, 700, { attempts: [{ started_at: stampAt(700), ended_at: stampAt(730), conclusion: 'failure' }] });
  const { client } = await open([
    runAt(1, -9000),
    runAt(2, -5000),
    runAt(3, 100, { attempts: [attemptAt(100, 'failure')] }),
    slow,
    runAt(5, 800),
  ]);
  expect(new Set(toldBy(await pullAll(workflowRuns, client, request)).map((told) => told.split(' ')[0]))).toEqual(
    new Set(['5.1', '4.1', '2.1']),
  );
});

it('behind twenty failures the last success is asked for by its name', async () => {
  const failures = Array.from({ length: 30 }, (_, index) =>
    runAt(100 + index, -100 - index, { attempts: [attemptAt(-100 - index, 'failure')] }),
  );
  const { client, standIn } = await open([runAt(1, -9000), ...failures, runAt(500, 800)]);
  expect(toldBy(await pullAll(workflowRuns, client, request)).filter((told) => told.includes('succeeded'))).toHaveLength(2);
  expect(standIn.requests.at(-1)?.query).toContain('status=success');
});

describe('U3.7-12 a thousand runs are all that a list gives', () => {
  const many = Array.from({ length: 1_200 }, (_, index) => runAt(10_000 + index, 730 + index / 10));

  it('more is a limit that the runner halves at, and nothing is read in vain', async () => {
    const { client, standIn } = await open(many);
    const yielded = await pullAll(workflowRuns, client, request);
    expect(yielded.gaps).toMatchObject([{ reason: 'result_limit', detail: expect.stringContaining('1200 runs of deploy.yml') }]);
    expect([yielded.records, standIn.requests.length]).toEqual([[], 1]);
    expect(workflowRuns.spec).toMatchObject({ maxResults: 1_000, windowField: 'created' });
  });

  it('the halves hold every run', async () => {
    const { client } = await open(many);
    const halves = await Promise.all(
      [windowOf('12:00', '13:00'), windowOf('13:00', '16:00')].map((window) => pullAll(workflowRuns, client, { ...request, window })),
    );
    expect(halves.flatMap(({ gaps }) => gaps)).toEqual([]);
    expect(new Set(halves.flatMap(({ records }) => records).map(({ nativeId }) => nativeId)).size).toBe(1_200);
  });
});

describe('which workflow rolls out is said, never guessed', () => {
  const runs = [runAt(1, 800), runAt(2, 810, { workflow: 'ci.yml' }), runAt(3, 820, { workflow: 'ci.yml' })];

  it('without one nothing is read, and a gap tells which there are', async () => {
    const { client } = await open(runs);
    const { workflows: _, ...scope } = SCOPE;
    const { gaps, records } = await pullAll(workflowRuns, client, { ...request, scope });
    expect(records).toEqual([]);
    expect(gaps).toMatchObject([{ reason: 'not_mapped', detail: expect.stringContaining('1 run of deploy.yml, 2 runs of ci.yml') }]);
  });

  it('one that is not there is a gap that tells which are; beside one that is, it is another repository’s', async () => {
    const { client } = await open(runs);
    const alone = await pullAll(workflowRuns, client, { ...request, scope: { ...SCOPE, workflows: ['ship.yml'] } });
    expect(alone.gaps).toMatchObject([{ reason: 'not_mapped', detail: expect.stringContaining('no ship.yml') }]);
    const both = await pullAll(workflowRuns, client, { ...request, scope: { ...SCOPE, workflows: ['ship.yml', 'deploy.yml'] } });
    expect([both.gaps, toldBy(both).length]).toEqual([[], 2]);
  });

  it('of several environments a run does not say to which it went', async () => {
    const { client } = await open(runs);
    const { records } = await pullAll(workflowRuns, client, { ...request, scope: { ...SCOPE, environments: ['eu', 'us'] } });
    const [event] = readWith(workflowRuns, records[0] ?? { nativeId: '', body: null }).events;
    expect(event).toMatchObject({
      belongsTo: ['github/repo:acme/api'],
      attributes: { 'deployment.environment.name': '' },
    });
  });

  it('where a service says otherwise nothing is asked', async () => {
    const { client, standIn } = await open(runs);
    const { deploys: _, ...scope } = SCOPE;
    expect((await pullAll(workflowRuns, client, { ...request, scope })).records).toEqual([]);
    expect(standIn.requests).toEqual([]);
  });
});

it('a repository without deployments says what to set, with GitHub’s own counts', async () => {
  const runs = [
    ...Array.from({ length: 37 }, (_, index) => runAt(index + 1, -1000 * index)),
    ...Array.from({ length: 90 }, (_, index) => runAt(500 + index, -index, { workflow: 'ci.yml' })),
  ];
  const { client } = await open(runs);
  const { hints } = await pullAll(deployments, client, requestOf({ scope: { repositories: ['acme/api'], environments: ['production'] } }));
  expect(hints).toEqual([
    'acme/api has no deployments in 90 days; it has 37 runs of deploy.yml: set `deploys: workflow_runs` and `workflows: [deploy.yml]`.',
  ]);
});

const recorded = sharedFile('data/github/devlake/_raw_github_api_runs.json');
it.skipIf(!recorded)('recorded runs of api.github.com are read (needs the shared reference folder)', () => {
  const rows: readonly Json[] = JSON.parse(readFileSync(recorded ?? '', 'utf8'));
  const bodies = rows.map((row): Json => (typeof Object(row).data === 'string' ? JSON.parse(Object(row).data) : row));
  const read = bodies.map((body) => readWith(workflowRuns, { nativeId: 'x', body }));
  expect(read.filter(({ events }) => events.length === 2).length).toBeGreaterThan(0);
  // Some of them have been changed by hand to states that GitHub does not have.
  expect(new Set(read.flatMap(({ issues }) => issues.map(({ pointer }) => pointer)))).toEqual(new Set(['/status']));
});

it('one that the allowed calls do not reach is a gap', async () => {
  const { client } = await open([runAt(7, 800, { attempts: [attemptAt(800, 'failure'), attemptAt(830, 'success')] })]);
  for (const maxRequests of [0, 1, 2]) {
    const { gaps } = await pullAll(workflowRuns, client, { ...request, calls: atMost(maxRequests) });
    expect(gaps.map(({ reason }) => reason)).toContain('budget');
  }
});
