import { describe, expect, it } from 'vitest';
import { changeEvents } from '../../../connectors/pagerduty/streams/change-events.ts';
import type { Json } from '../../../src/contract/index.ts';
import { atMost } from '../../../src/contract/index.ts';
import { instant, windowOf } from '../../support/events.ts';
import { pullAll } from '../../support/streams.ts';
import { openSource, requestOf, SERVICE, sampleWorld, say, sayBody } from './support.ts';

const SCOPE = { scope: {}, keys: [] };
const SHA = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';

function changeOf(more: { readonly [name: string]: Json } = {}): { readonly [name: string]: Json } {
  return {
    id: '01HM',
    summary: 'Something changed',
    timestamp: '2024-01-15T14:15:03Z',
    source: 'pipeline',
    services: [{ id: 'PAPI001', type: 'service_reference' }],
    integration: { id: 'PI', type: 'inbound_integration_reference' },
    links: [],
    custom_details: null,
    ...more,
  };
}

function saidOf(more: { readonly [name: string]: Json }) {
  const { events, issues } = sayBody(changeEvents, changeOf(more));
  expect(issues).toEqual([]);
  return events[0];
}

describe('the change events of a window', () => {
  it("U1.2 are the account's, asked for in UTC, and name their services", async () => {
    await using source = await openSource();
    const window = windowOf('2024-01-14T14:33:00Z', '16:00');
    const { records, gaps } = await pullAll(changeEvents, source.client, requestOf({ ...SCOPE, window }));
    expect(source.standIn.requests[0]).toMatchObject({ status: 200, query: expect.stringContaining('since=2024-01-14T14%3A32%3A59Z') });
    const said = records.map((record) => say(changeEvents, record));
    expect([gaps, said.flatMap(({ issues }) => issues)]).toEqual([[], []]);
    expect(said.flatMap(({ events }) => events).map(({ belongsTo }) => belongsTo)).toEqual([['pagerduty/service:PCHK001'], [SERVICE]]);
    expect(said[1]?.events).toMatchObject([
      {
        type: 'deployment.succeeded',
        time: { at: instant('14:15:03') },
        timeMeaning: 'recorded',
        correlationKeys: ['deployment:acme/api#1305550234', `sha:${SHA}`, 'repo:acme/api'],
        url: `https://github.com/acme/api/commit/${SHA}`,
        attributes: {
          'deployment.id': '1305550234',
          'deployment.environment.name': 'production',
          'vcs.ref.head.revision': SHA,
          'deployment.description': 'Deployed v2.3.4 to production',
        },
      },
    ]);
  });

  it('U1.2 are all read though PagerDuty tells neither limit nor offset back', async () => {
    const world = sampleWorld();
    const [first] = world.pagerduty.change_events;
    if (!first) throw new Error('the world has a change event');
    const many = Array.from({ length: 230 }, (_, index) => ({ ...first, id: `01HM${index}` }));
    await using source = await openSource({ world: { ...world, pagerduty: { ...world.pagerduty, change_events: many } } });
    const all = await pullAll(changeEvents, source.client, requestOf(SCOPE));
    expect(new Set(all.records.map(({ nativeId }) => nativeId)).size).toBe(230);
    const cut = await pullAll(changeEvents, source.client, requestOf({ ...SCOPE, calls: atMost(2) }));
    expect(cut.gaps).toMatchObject([{ reason: 'budget', detail: 'change events: not read from number 201 on' }]);
  });

  it('that may not be read fail the pull by the name of the permission', async () => {
    await using source = await openSource();
    source.standIn.fail({ path: /change_events/, mode: 403 });
    await expect(pullAll(changeEvents, source.client, requestOf(SCOPE))).rejects.toMatchObject({
      reason: 'forbidden',
      message: expect.stringContaining('change_events.read'),
    });
  });
});

describe('what a change event says', () => {
  it.each([
    ['a commit', `https://github.com/acme/api/commit/${SHA}`, [`sha:${SHA}`, 'repo:acme/api']],
    ['a comparison', `https://github.com/acme/api/compare/v2.3.3...${SHA}`, [`sha:${SHA}`, 'repo:acme/api']],
    ['a deployment', 'https://api.github.com/repos/acme/api/deployments/1305550234', ['deployment:acme/api#1305550234', 'repo:acme/api']],
    ['a run', 'https://github.com/acme/api/actions/runs/55/job/9', ['run:acme/api#55', 'repo:acme/api']],
    [
      'an attempt',
      'https://github.com/acme/api/actions/runs/55/attempts/2',
      ['deployment:acme/api#55.2', 'run:acme/api#55', 'repo:acme/api'],
    ],
    ['a short commit, which is no key', `https://github.com/acme/api/commit/${SHA.slice(0, 8)}`, ['repo:acme/api']],
  ])('a deployment by its link to %s on GitHub', (_, href, keys) => {
    expect(saidOf({ summary: 'Deployed the API', links: [{ href: 'https://ci.example/7' }, { href, text: 'GitHub' }] })).toMatchObject({
      type: 'deployment.succeeded',
      correlationKeys: keys,
      attributes: { 'deployment.environment.name': '' },
    });
  });

  it.each([
    ['an environment', { summary: 'api 118', custom_details: { environment: 'production', commit: SHA } }],
    ['a deployment', { summary: 'api 118', custom_details: { deployment: 77, sha: SHA } }],
    ['a word', { summary: 'Rolled back the API', custom_details: { git_sha: SHA } }],
    ['a version and a word', { summary: 'Release of api', custom_details: { version: 'v2.3.4' } }],
  ])('a commit is rolled out where %s says so', (_, more) => {
    expect(saidOf(more)?.type).toBe('deployment.succeeded');
  });

  it.each([
    ['a build of a commit', { summary: 'Build Success - longer timeout', custom_details: { commit: SHA, build_state: 'passed' } }],
    ['a rollout of nothing', { summary: 'Deployed something' }],
    ['a flag', { summary: 'new-cache on for 10 %', custom_details: { flag: 'new-cache' } }],
    ['text', { custom_details: 'deployed' }],
    ['a link elsewhere', { summary: 'Deployed', links: [{ href: `https://git.example/acme/api/commit/${SHA}` }] }],
  ])('%s is no deployment', (_, more) => {
    expect(saidOf(more)).toMatchObject({ type: 'config.changed', attributes: { key: 'pipeline' } });
  });

  it('a failed one failed', () => {
    expect(saidOf({ custom_details: { environment: 'production', sha: SHA, status: 'failure' } })?.type).toBe('deployment.failed');
  });

  it.each([
    ['Rollback of checkout to 41b7c2d', { 'vcs.ref.head.revision': '41b7c2d' }],
    ['Rolled back checkout from 9f2c1ab to 41B7C2D', { 'vcs.ref.head.revision': '41b7c2d' }],
    ['Deployed api v2.3.4 (9f2c1ab) to production', { 'vcs.ref.head.revision': '9f2c1ab', 'vcs.ref.head.name': 'v2.3.4' }],
    ['Rolled back from v2.3.4 to version 2.3.3', { 'vcs.ref.head.name': '2.3.3' }],
  ])('its sentence names what went out, where nothing else does: %s', (summary, attributes) => {
    expect(saidOf({ summary })).toMatchObject({ type: 'deployment.succeeded', attributes });
    const told = saidOf({ summary, custom_details: { commit: SHA } });
    expect(told?.attributes).toMatchObject({ 'vcs.ref.head.revision': SHA });
  });

  it.each([
    'Deployed 1234567 rows',
    'Deployed to host a1b2c3d4-77',
    'Deployed to 10.0.0.1',
    'Rolled out the effaced style',
    'Deployed 9f2c1ab after 41b7c2d',
    'Merged 9f2c1ab',
  ])('and nothing where no one commit is meant: %s', (summary) => {
    expect(saidOf({ summary })?.type).toBe('config.changed');
  });

  it.each([
    ['Rollback of checkout to 41b7c2d failed', 'deployment.failed'],
    ['Deployment of 41b7c2d was cancelled, see the log', 'deployment.failed'],
    ['Deployed 41b7c2d: the fix for failed payments', 'deployment.succeeded'],
    ['Rollback to 41b7c2d after failed canary', 'deployment.succeeded'],
  ])('and whether it failed: %s', (summary, type) => {
    expect(saidOf({ summary })?.type).toBe(type);
  });

  it.each([
    'Deployment of 41b7c2d to production started',
    'Deployment of v2.3.4 has begun',
    'Starting the deployment of 41b7c2d',
    'Rollback to 41b7c2d in progress',
    'Release v2.3.4 queued by the pipeline',
    'Deploy started: 41b7c2d',
    'Began rolling out 41b7c2d',
  ])('and whether it only began: %s', (summary) => {
    expect(saidOf({ summary })).toMatchObject({ type: 'deployment.started', timeMeaning: 'started' });
  });

  it.each([
    ['Deployment of 41b7c2d, started at 14:02, is complete', 'deployment.succeeded'],
    ['Deployed 41b7c2d: the fix for queued jobs', 'deployment.succeeded'],
    ['Deployment of v2.3.4 failed', 'deployment.failed'],
    ['Deployment of 41b7c2d started and was aborted', 'deployment.failed'],
  ])('and not where it is over: %s', (summary, type) => {
    expect(saidOf({ summary })).toMatchObject({ type, timeMeaning: 'recorded' });
  });

  it.each(['started', 'in_progress', 'IN PROGRESS', 'queued', 'begun'])(
    "by the sender's state, whatever its sentence says: %s",
    (status) => {
      expect(saidOf({ summary: 'Deployed api', custom_details: { environment: 'production', sha: SHA, status } })?.type).toBe(
        'deployment.started',
      );
      expect(
        saidOf({ summary: 'Deployment started', custom_details: { environment: 'production', sha: SHA, status: 'success' } })?.type,
      ).toBe('deployment.succeeded');
    },
  );

  it('a version is its name, a commit its revision', () => {
    expect(saidOf({ summary: 'Deployed', custom_details: { revision: 'v2.3.4' } })?.attributes).toEqual({
      'deployment.id': '01HM',
      'deployment.environment.name': '',
      'vcs.ref.head.name': 'v2.3.4',
      'deployment.description': 'Deployed',
    });
  });

  it('a change of configuration is named by its integration, and linked where a browser may go', () => {
    const event = saidOf({
      integration: { id: 'PI', type: 'inbound_integration_reference', summary: 'Flags' },
      links: [{ href: 'javascript:alert(1)' }, { href: null }, { href: 'https://flags.example/1' }],
    });
    expect(event).toMatchObject({
      attributes: { key: 'Flags', value: 'Something changed' },
      actor: { kind: 'automation', name: 'Flags' },
      url: 'https://flags.example/1',
    });
  });

  it('what cannot be read is an issue', () => {
    expect(sayBody(changeEvents, changeOf({ timestamp: '2024-01-15 14:15' })).issues).toMatchObject([{ pointer: '/timestamp' }]);
    expect(sayBody(changeEvents, { id: '01HM' }).issues).toHaveLength(1);
  });
});
