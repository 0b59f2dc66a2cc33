import { afterEach, describe, expect, it } from 'vitest';
import { deploymentStatuses } from '../../../connectors/github/streams/deployment-statuses.ts';
import type { Json } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { instant } from '../../support/events.ts';
import { type GitHubSource, openSource, readWith, requestOf, type SourceOptions } from '../../support/github-source.ts';
import { deploymentAt, stampAt, worldWith } from '../../support/github-world.ts';
import { pullAll } from '../../support/streams.ts';

const opened: GitHubSource[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((source) => source.close()));
});

async function open(options: SourceOptions = {}): Promise<GitHubSource> {
  const source = await openSource(options);
  opened.push(source);
  return source;
}

const KEY = 'deployment:acme/api#1305550234';

describe('U3.1 the course of a deployment', () => {
  it('is told by its statuses: began, succeeded, and no word of being superseded', async () => {
    const { client } = await open();
    const { records, gaps, checkpoints } = await pullAll(deploymentStatuses, client, requestOf({ keys: [KEY] }));
    expect([gaps, checkpoints]).toEqual([[], [KEY]]);
    expect(records.map(({ body }) => Object(body).state)).toEqual(['queued', 'in_progress', 'success', 'inactive']);
    const stamped = records.map((record) => readWith(deploymentStatuses, record));
    expect(stamped.flatMap(({ issues }) => issues)).toEqual([]);
    expect(stamped.flatMap(({ events }) => events)).toMatchObject([
      { type: 'deployment.started', time: { at: instant('14:12:04'), minusMs: 0, plusMs: 1000 }, timeMeaning: 'started' },
      { type: 'deployment.succeeded', time: { at: instant('14:15') }, timeMeaning: 'ended', sequence: 2 },
    ]);
  });

  it('finish is a success, never `inactive` nor `waiting`; error and failure are one thing', () => {
    const typesOf = (state: string) =>
      readWith(deploymentStatuses, { nativeId: 'DES_1', body: { ...BODY, state } }).events.map(({ type }) => type);
    expect(['success', 'failure', 'error', 'in_progress'].map(typesOf)).toEqual([
      ['deployment.succeeded'],
      ['deployment.failed'],
      ['deployment.failed'],
      ['deployment.started'],
    ]);
    expect(['inactive', 'waiting', 'queued', 'pending'].map(typesOf)).toEqual([[], [], [], []]);
  });

  it('a state that nobody knows is an issue, not a silence', () => {
    const { events, issues } = readWith(deploymentStatuses, { nativeId: 'DES_1', body: { ...BODY, state: 'paused' } });
    expect([events, issues]).toEqual([[], [{ pointer: '/state', problem: 'a state not seen before: paused' }]]);
  });

  it('keeps what was said of one state, such as the share of the traffic, in REST and in GraphQL', () => {
    const node = {
      id: 'DES_1',
      state: 'IN_PROGRESS',
      createdAt: '2024-01-15T14:12:04Z',
      description: 'canary at 25 %',
      deployment: { databaseId: 42, environment: 'production', repository: { url: 'https://github.com/acme/api' } },
    };
    for (const body of [{ ...BODY, state: 'in_progress', description: 'canary at 25 %' }, node]) {
      const [event] = readWith(deploymentStatuses, { nativeId: 'DES_1', body }).events;
      expect(event).toMatchObject({ type: 'deployment.started', attributes: { 'deployment.status.description': 'canary at 25 %' } });
    }
    const [silent] = readWith(deploymentStatuses, { nativeId: 'DES_1', body: { ...BODY, description: '' } }).events;
    expect(silent?.attributes).not.toHaveProperty(['deployment.status.description']);
  });

  it('names its deployment and environment, and no revision: a status does not know one', () => {
    const [event] = readWith(deploymentStatuses, { nativeId: 'DES_1', body: BODY }).events;
    expect(event).toMatchObject({
      attributes: { 'deployment.id': '42', 'deployment.environment.name': 'production' },
      belongsTo: ['github/repo:acme/api@production'],
      correlationKeys: ['deployment:acme/api#42'],
      url: 'https://ci.acme.example/runs/9',
      actor: { kind: 'automation', name: 'github-actions[bot]' },
    });
    expect(Object(event?.attributes)).not.toHaveProperty('vcs.ref.head.revision');
  });

  it('a log that is no web address is no link: the environment’s page is', () => {
    const body = { ...BODY, log_url: 'javascript:alert(1)', target_url: '' };
    expect(readWith(deploymentStatuses, { nativeId: 'DES_1', body }).events[0]?.url).toBe(
      'https://github.com/acme/api/deployments/production',
    );
  });

  it('an unreadable time is an issue', () => {
    const body = { ...BODY, created_at: '2024-01-15 14:15:00' };
    expect(readWith(deploymentStatuses, { nativeId: 'DES_1', body }).issues).toEqual([
      { pointer: '/created_at', problem: 'not a time with an offset' },
    ]);
  });
});

const BODY = {
  id: 7,
  node_id: 'DES_1',
  state: 'success',
  environment: 'production',
  creator: { login: 'github-actions[bot]', type: 'Bot' },
  created_at: '2024-01-15T14:15:00Z',
  deployment_url: 'https://api.github.com/repos/acme/api/deployments/42',
  log_url: 'https://ci.acme.example/runs/9',
};

describe('order and number', () => {
  it('U3.7-5 the order of a page is not trusted: time, then the status’s own number', async () => {
    const shuffled: readonly Json[] = [
      { ...BODY, id: 11, node_id: 'c', state: 'success', created_at: '2024-01-15T14:15:00Z' },
      { ...BODY, id: 9, node_id: 'a', state: 'waiting', created_at: '2024-01-15T14:12:00Z' },
      { ...BODY, id: 100, node_id: 'd', state: 'inactive', created_at: '2024-01-15T14:15:00Z' },
      { ...BODY, id: 10, node_id: 'b', state: 'queued', created_at: '2024-01-15T14:12:00Z' },
    ];
    const { client } = await open({ answer: () => ({ status: 200, body: shuffled }) });
    const { records } = await pullAll(deploymentStatuses, client, requestOf({ keys: [KEY] }));
    expect(records.map(({ nativeId, sequence }) => [nativeId, sequence])).toEqual([
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['d', 3],
    ]);
  });

  it('every page is read before the first is handed over', async () => {
    const statuses = Array.from({ length: 130 }, (_, index) => ({ at: stampAt(index), state: index === 129 ? 'success' : 'in_progress' }));
    const { client } = await open({ world: worldWith([{ deployments: [deploymentAt(42, 0, { statuses })] }]) });
    const { records } = await pullAll(deploymentStatuses, client, requestOf({ keys: ['deployment:acme/api#42'] }));
    expect([records.length, Object(records.at(-1)?.body).state]).toEqual([130, 'success']);
  });

  it('a deployment that is gone is a gap of its own; the next is still read', async () => {
    const { client } = await open();
    const keys = ['deployment:acme/api#7', KEY, 'nonsense'];
    const yielded = await pullAll(deploymentStatuses, client, requestOf({ keys }));
    expect(yielded.records).toHaveLength(4);
    expect(yielded.gaps.map(({ reason }) => reason)).toEqual(['forbidden', 'unsupported']);
    expect(yielded.checkpoints).toEqual(keys);
  });

  it('stays within the allowed calls and names what is left', async () => {
    const { client, standIn } = await open();
    const keys = [KEY, 'deployment:acme/api#1305550299', 'deployment:acme/api#1303330233'];
    const yielded = await pullAll(deploymentStatuses, client, requestOf({ keys, calls: atMost(1) }));
    expect(standIn.requests).toHaveLength(1);
    expect(yielded.gaps).toMatchObject([
      { reason: 'budget', detail: expect.stringContaining('1305550299') },
      { reason: 'budget', detail: expect.stringContaining('1303330233') },
    ]);
    const rest = await pullAll(deploymentStatuses, client, requestOf({ keys, resumeAfter: yielded.checkpoints.at(-1) ?? '' }));
    expect(new Set(rest.records.map(({ request }) => request)).size).toBe(2);
  });
});
