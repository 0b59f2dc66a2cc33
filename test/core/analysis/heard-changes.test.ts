import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../src/core/analysis/changes.ts';
import { takenBackBy } from '../../../src/core/analysis/reversals.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { caseOf, eventOf } from '../../support/events.ts';
import { deploymentEvents } from '../../support/sample-case.ts';

const [OLD, BAD] = [`41b7c2d${'0'.repeat(33)}`, `9f2c1ab${'0'.repeat(33)}`];

interface Told {
  readonly revision?: string;
  readonly ref?: string;
  readonly environment?: string;
  readonly service?: string;
  readonly keys?: readonly string[];
  readonly failed?: boolean;
  /** It only began, by its words. */
  readonly begun?: boolean;
}

/** A change event of the pager's that is a rollout. */
function heard(at: string, description: string, told: Told = {}): RecordedEvent {
  const { revision, ref, environment = '', service = 'PAPI001', keys = [], failed = false, begun = false } = told;
  const event = eventOf(begun ? 'deployment.started' : failed ? 'deployment.failed' : 'deployment.succeeded', at, {
    ...(begun && { timeMeaning: 'started' as const }),
    key: `CE-${at}`,
    source: 'pagerduty',
    stream: 'change_events',
    belongsTo: [`pagerduty/service:${service}`],
    correlationKeys: keys,
  });
  const attributes = {
    'deployment.id': `CE-${at}`,
    'deployment.environment.name': environment,
    'deployment.description': description,
    ...(revision && { 'vcs.ref.head.revision': revision }),
    ...(ref && { 'vcs.ref.head.name': ref }),
  };
  return { ...event, attributes };
}

/** A change event of the pager's that is text alone. */
function text(at: string, value: string, service = 'PAPI001'): RecordedEvent {
  return eventOf('config.changed', at, {
    key: `CE-${at}`,
    source: 'pagerduty',
    stream: 'change_events',
    belongsTo: [`pagerduty/service:${service}`],
    correlationKeys: [],
    attributes: { key: 'Pipeline', value },
  });
}

const DEPLOYS = [
  ...deploymentEvents({ id: 1, sha: OLD, ref: 'v1', created: '01:00', started: '01:01', done: '01:05' }),
  ...deploymentEvents({ id: 2, sha: BAD, ref: 'v2', created: '02:00', started: '02:01', done: '02:05' }),
];

function lastOf(...events: readonly RecordedEvent[]) {
  const all = changesOf(caseOf({ events }));
  const last = all.at(-1);
  if (!last) throw new Error('there is a change');
  return { last, all };
}

describe('a rollback that only the pager heard of', () => {
  it.each([
    ['the revision that ran before, cut short', heard('03:00', 'Rollback of api to 41b7c2d', { revision: '41b7c2d' })],
    ['that revision, and no word of a rollback', heard('03:00', 'Deployed api', { revision: OLD, environment: 'production' })],
    ['its version', heard('03:00', 'api is on v1', { ref: 'v1' })],
    ['what is taken back', heard('03:00', 'Rolled back 9f2c1ab', { revision: '9f2c1ab' })],
    ['a revision that is not known, with its words', heard('03:00', 'Rollback to 77777aa', { revision: '77777aa' })],
    ['the repository', heard('03:00', 'Rolled back to v1', { ref: 'v1', service: 'PXXX', keys: ['repo:acme/api'] })],
    ['its own service, in words', text('03:00', 'Rolled back api')],
    ['the deployment of its service, in words', text('03:00', 'Reverted the deployment of api')],
    ['its own repository, in words', text('03:00', 'Automatic rollback of acme/api after failed health checks')],
    ['the deployment behind its name', text('03:00', 'Rolled back api deployment to the version before')],
    ['where it went back to, in words', text('03:00', 'Rolled back api in production')],
  ])('takes back the rollout of its service: it names %s', (_, event) => {
    const { last, all } = lastOf(...DEPLOYS, event);
    expect(last.reverses).toBe('github/deployment:DE_2');
    expect(takenBackBy(last, all)).toEqual(['github/deployment:DE_2']);
    expect(last.cites).toEqual([{ event: event.id }]);
    expect(last).toMatchObject({ pullRequests: [], files: [] });
  });

  it.each([
    ['a new revision', heard('03:00', 'Deployed api', { revision: 'aaaaaa1' })],
    ['the same again', heard('03:00', 'Deployed api', { revision: '9f2c1ab' })],
    ['another service', heard('03:00', 'Rollback to 41b7c2d', { revision: '41b7c2d', service: 'PCHK001' })],
    ['another environment', heard('03:00', 'Rollback to 41b7c2d', { revision: '41b7c2d', environment: 'staging' })],
    ['another repository', heard('03:00', 'Rollback to 41b7c2d', { revision: '41b7c2d', keys: ['repo:acme/web'] })],
    [
      'to go back to what ran last by the record, so that what it takes back is not in it',
      heard('03:00', 'Rollback to 9f2c1ab', { revision: BAD }),
    ],
    ['what may come', heard('03:00', 'Deployed v3 (rollback: v2)', { ref: 'v3' })],
    ['a setting of its service that went back', text('03:00', 'Revert pool settings of api')],
    ['a part of its service that went back', text('03:00', 'Rolled back api rate limit to 100')],
    ['a rollback that failed, in words', text('03:00', 'Rollback of api failed')],
    ['a rollback that was asked for, in words', text('03:00', 'Rollback of api in production requested')],
    ['another thing that went back', text('03:00', 'Rolled back the schema migration')],
    ['its service, and no rollback', text('03:00', 'Scaled api, rolled back nothing')],
    ['its service in words, from another one', text('03:00', 'Rolled back api', 'PCHK001')],
  ])('takes back nothing: it names %s', (_, event) => {
    expect(lastOf(...DEPLOYS, event).last.reverses).toBeUndefined();
  });

  it('that failed took nothing back, by its outcome', () => {
    const event = heard('03:00', 'Rollback to 41b7c2d failed', { revision: '41b7c2d', failed: true });
    expect(lastOf(...DEPLOYS, event).last).toMatchObject({ outcome: 'failed', kind: 'deployment' });
  });

  it('told half an hour after the rollback that the repository’s own record holds takes nothing back once more', () => {
    const own = deploymentEvents({ id: 3, sha: OLD, ref: 'v1', created: '03:00', started: '03:01', done: '03:05', task: 'rollback' });
    const { last } = lastOf(...DEPLOYS, ...own, heard('03:40', 'Rollback of api to 41b7c2d', { revision: '41b7c2d' }));
    expect(last.key).toBe('pagerduty/deployment:CE-03:40');
    expect(last.reverses).toBeUndefined();
  });

  it('of a service that is rolled out from two places takes back nothing by its words alone', () => {
    const told = deploymentEvents({ id: 3, sha: BAD, ref: 'v2', created: '02:30', done: '02:35', repository: 'acme/web' });
    const elsewhere = told.map((event): RecordedEvent => ({ ...event, belongsTo: ['pagerduty/service:PAPI001', ...event.belongsTo] }));
    const { last } = lastOf(...DEPLOYS, ...elsewhere, text('03:00', 'Rolled back api'));
    expect(last.reverses).toBeUndefined();
  });
});

describe('where a pager alone tells of rollouts', () => {
  it('what ran before, and what takes it back, is known all the same', () => {
    const events = [
      heard('01:00', 'Deployed api', { revision: OLD }),
      heard('02:00', 'Deployed api', { revision: BAD }),
      heard('02:10', 'Deployed checkout', { revision: 'aaaaaa1', service: 'PCHK001' }),
      heard('03:00', 'Rollback of api to 41b7c2d', { revision: '41b7c2d' }),
    ];
    const { last, all } = lastOf(...events);
    expect(all[1]?.revision).toEqual({ from: OLD, to: BAD });
    expect(all[2]?.revision).toEqual({ to: 'aaaaaa1' });
    expect(last.reverses).toBe(all[1]?.key);
    expect(takenBackBy(last, all)).toEqual([all[1]?.key]);
  });
});

describe('a rollout whose start and end a pager tells apart', () => {
  const start = heard('02:00', 'Deployment of v2 started', { ref: 'v2', environment: 'production', begun: true });

  it('is one change from the one to the other', () => {
    const end = heard('02:09', 'Deployed v2', { ref: 'v2', environment: 'production' });
    expect(changesOf(caseOf({ events: [end, start] }))).toMatchObject([
      {
        key: 'pagerduty/deployment:CE-02:00',
        began: { at: start.time.at },
        ended: { at: end.time.at },
        outcome: 'succeeded',
        cites: [{ event: start.id }, { event: end.id }],
      },
    ]);
  });

  it('is still running where no end of it was told, and where an end is of something else or comes hours later', () => {
    const others = [
      heard('02:09', 'Deployed v3', { ref: 'v3', environment: 'production' }),
      heard('02:09', 'Deployed v2', { ref: 'v2', environment: 'staging' }),
      heard('02:09', 'Deployed v2', { ref: 'v2', service: 'PCHK001' }),
      heard('09:30', 'Deployed v2', { ref: 'v2', environment: 'production' }),
      heard('01:50', 'Deployed v2', { ref: 'v2', environment: 'production' }),
    ];
    for (const other of [undefined, ...others]) {
      const changes = changesOf(caseOf({ events: [start, ...(other ? [other] : [])] }));
      expect(changes).toHaveLength(other ? 2 : 1);
      const running = changes.find(({ outcome }) => outcome === 'running');
      expect(running?.began.at).toBe(start.time.at);
      expect(running?.ended).toBeUndefined();
    }
  });

  it('is the second of two that began where the end names its commit in short', () => {
    const [one, two] = [OLD, BAD].map((revision, at) => heard(`02:0${at}`, 'Deployment started', { revision, begun: true }));
    const end = heard('02:09', 'Deployed', { revision: BAD.slice(0, 7) });
    const outcomes = changesOf(caseOf({ events: [one, two, end].filter((event) => event !== undefined) })).map(({ began, outcome }) => [
      began.at.slice(11, 16),
      outcome,
    ]);
    expect(outcomes).toEqual([
      ['02:00', 'running'],
      ['02:01', 'succeeded'],
    ]);
  });
});
