import { describe, expect, it } from 'vitest';
import { nextAsks } from '../../src/app/plan.ts';
import type { PlanRead, PlanService, PlanState } from '../../src/app/plan-case.ts';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import type { EventSeed } from '../../src/core/events.ts';
import { eventOf, factOf, instant, windowOf } from '../support/events.ts';
import { shaOf } from '../support/github-world.ts';

const [OLD, NEW] = [shaOf('old'), shaOf('new')];
const STREAMS = ['deployments', 'deployment_statuses', 'workflow_runs', 'comparisons', 'changes', 'releases'];

function serviceWith(scope: object): PlanService {
  const github = { repositories: ['acme/api'], environments: ['production'], ...scope };
  return { name: 'api', dependsOn: [], owns: ['github/repo:acme/api', 'github/repo:acme/api@production'], scopes: { github } };
}

function stateOf(read: readonly PlanRead[], scope: object = {}): PlanState {
  return {
    select: { kind: 'window', window: windowOf('12:00', '16:00'), service: 'api' },
    until: instant('16:00'),
    related: true,
    policy: DEFAULT_POLICY,
    services: [serviceWith(scope)],
    sources: [{ name: 'github', streams: STREAMS }],
    alarmSources: {},
    asked: [],
    read,
  };
}

type Told = Pick<EventSeed, 'belongsTo' | 'correlationKeys'>;

function rolledOut(stream: string, type: 'deployment.started' | 'deployment.failed', at: string, id: string, revision: string): PlanRead {
  const told: Told = { belongsTo: ['github/repo:acme/api@production'], correlationKeys: [`deployment:acme/api#${id}`, `sha:${revision}`] };
  const attributes = { 'deployment.id': id, 'deployment.environment.name': 'production', 'vcs.ref.head.revision': revision };
  return { source: 'github', stream, events: [eventOf(type, at, { key: id, stream, ...told, attributes })], facts: [] };
}

function released(at: string, tag: string): PlanRead {
  const told: Told = { belongsTo: ['github/repo:acme/api'], correlationKeys: [`tag:acme/api@${tag}`] };
  const event = eventOf('release.published', at, { key: tag, stream: 'releases', ...told, attributes: { 'release.tag': tag } });
  return { source: 'github', stream: 'releases', events: [event], facts: [] };
}

function keysOf(state: PlanState, stream: string): readonly string[] {
  return nextAsks(state)
    .filter((ask) => ask.stream === stream)
    .flatMap(({ keys }) => keys);
}

describe('statuses that came with their deployment', () => {
  const both = [
    rolledOut('deployments', 'deployment.started', '13:00', '1', OLD),
    rolledOut('deployments', 'deployment.started', '14:00', '2', NEW),
  ];

  it('are asked for where nothing told them', () => {
    expect(keysOf(stateOf(both), 'deployment_statuses')).toEqual(['deployment:acme/api#1', 'deployment:acme/api#2']);
  });

  it('are not asked for again, be it that one came as an event, or that the record says it nests all there are', () => {
    const status = eventOf('deployment.started', '13:00', {
      key: 's',
      stream: 'deployment_statuses',
      belongsTo: ['github/repo:acme/api@production'],
      correlationKeys: ['deployment:acme/api#1'],
      attributes: { 'deployment.id': '1', 'deployment.environment.name': 'production' },
    });
    const told: PlanRead = { source: 'github', stream: 'deployment_statuses', events: [status], facts: [] };
    expect(keysOf(stateOf([...both, told]), 'deployment_statuses')).toEqual(['deployment:acme/api#2']);
    const fact = factOf({ kind: 'nested', key: 'deployment:acme/api#2', stream: 'deployment_statuses' });
    const nested: PlanRead = { source: 'github', stream: 'deployments', events: [], facts: [fact] };
    expect(keysOf(stateOf([...both, told, nested]), 'deployment_statuses')).toEqual([]);
    const elsewhere: PlanRead = { ...nested, source: 'other' };
    expect(keysOf(stateOf([...both, told, elsewhere]), 'deployment_statuses')).toEqual(['deployment:acme/api#2']);
  });
});

describe('what a service names as its deploys', () => {
  const asksFor = (deploys?: string) => nextAsks(stateOf([], deploys === undefined ? {} : { deploys })).map(({ stream }) => stream);

  it('workflow runs are listed only where they are', () => {
    expect(asksFor()).not.toContain('workflow_runs');
    expect(asksFor('releases')).not.toContain('workflow_runs');
    expect(asksFor('workflow_runs')).toContain('workflow_runs');
  });

  it('a run says itself how it ended, and neighbors are compared', () => {
    const runs = [
      rolledOut('workflow_runs', 'deployment.started', '13:00', '7.1', OLD),
      rolledOut('workflow_runs', 'deployment.started', '14:00', '8.1', NEW),
    ];
    const state = stateOf(runs, { deploys: 'workflow_runs' });
    expect(keysOf(state, 'deployment_statuses')).toEqual([]);
    expect(keysOf(state, 'comparisons')).toEqual([`compare:acme/api#${OLD}...${NEW}`]);
    expect(keysOf(state, 'changes')).toEqual([`sha:${NEW}@acme/api`]);
  });

  it('releases are compared by their tags, unless deployments tell what runs', () => {
    const tags = [released('11:00', 'v1'), released('13:00', 'v2'), released('14:00', 'v3')];
    expect(keysOf(stateOf(tags, { deploys: 'releases' }), 'comparisons')).toEqual(['compare:acme/api#v1...v2', 'compare:acme/api#v2...v3']);
    // A tag is no commit: its pull requests are asked for by the commits of the comparison.
    expect(keysOf(stateOf(tags, { deploys: 'releases' }), 'changes')).toEqual([]);
    expect(keysOf(stateOf([...tags, rolledOut('deployments', 'deployment.started', '13:00', '1', OLD)]), 'comparisons')).toEqual([]);
  });
});
