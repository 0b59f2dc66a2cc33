import { describe, expect, it } from 'vitest';
import { type Change, changesOf } from '../../../src/core/analysis/changes.ts';
import { takenBackBy } from '../../../src/core/analysis/reversals.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import type { Fact } from '../../../src/core/facts.ts';
import { caseOf, eventOf, evidenceIdOf, factOf, instant } from '../../support/events.ts';
import { deploymentEvents, GOOD, LEAK, pullOf, SAMPLE_EVENTS, SAMPLE_FACTS, sampleCase } from '../../support/sample-case.ts';

function changes(events: readonly RecordedEvent[], facts: readonly Fact[] = []): readonly Change[] {
  return changesOf(caseOf({ events, facts }));
}

/** Deployments of one repository, an hour apart, by revision. */
function deploys(...revisions: readonly string[]): readonly RecordedEvent[] {
  return revisions.flatMap((sha, index) => {
    const hour = `${index + 1}`.padStart(2, '0');
    return deploymentEvents({ id: 100 + index, sha, ref: sha, created: `${hour}:00`, started: `${hour}:01`, done: `${hour}:05` });
  });
}

function compared(base: string, head: string, status: 'ahead' | 'behind' | 'diverged', commits: readonly string[], page = 1): Fact {
  const key = `github/compare:acme/api#${base}...${head}`;
  const files = [{ path: `src/page-${page}.ts` }, { path: 'src/shared.ts' }];
  return factOf({ kind: 'comparison' as const, key, base, head, status, commits, files, filesCut: false }, evidenceIdOf(`${key} ${page}`));
}

const byKey = (all: readonly Change[], id: number) => all.find(({ key }) => key === `github/deployment:DE_${id}`);

describe('a rollout', () => {
  it('of the sample is one change with its start, end, revisions, pull requests, files and reversal', () => {
    const all = changesOf(sampleCase());
    expect(all.map(({ key, outcome }) => [key, outcome])).toEqual(
      [1302210232, 1303330233, 1305550230, 1305550234, 1305550301, 1305550299].map((id) => [`github/deployment:DE_${id}`, 'succeeded']),
    );
    expect(byKey(all, 1305550234)).toMatchObject({
      kind: 'deployment',
      belongs: { service: 'api' },
      began: { at: instant('14:12:04') },
      ended: { at: instant('14:15') },
      environment: 'production',
      revision: { from: GOOD, to: LEAK },
      ref: 'v2.3.4',
      pullRequests: [{ number: 1231 }, { number: 1234 }],
      files: ['docs/api-guide.md', 'src/cache.ts', 'src/routes/user-profile.ts'],
    });
    expect(byKey(all, 1305550299)).toMatchObject({
      reverses: 'github/deployment:DE_1305550234',
      pullRequests: [],
      revision: { from: LEAK, to: GOOD },
    });
    expect(byKey(all, 1305550301)?.belongs).toEqual({ service: 'other', why: 'belongs to checkout' });
  });

  it('is the pager’s change event too, which cites it and moves none of its times', () => {
    const change = byKey(changesOf(sampleCase()), 1305550234);
    expect(change?.cites).toContainEqual({ event: 'pagerduty/change_events/01HM6Z8K4Q2V3W5X7Y9ZAPIREL#deployment.succeeded' });
    expect(change?.ended?.at).toBe(instant('14:15'));
    const bySha = eventOf('config.changed', '01:04', { source: 'pagerduty', stream: 'change_events', correlationKeys: ['sha:one'] });
    const [deployed, ...rest] = changes([...deploys('one'), bySha]);
    expect(rest).toEqual([]);
    expect(deployed?.cites).toContainEqual({ event: bySha.id });
  });

  it('takes its end from the pager where the statuses could not be read', () => {
    const events = SAMPLE_EVENTS.filter(({ provenance }) => provenance.stream !== 'deployment_statuses');
    expect(byKey(changesOf(sampleCase({ events })), 1305550234)).toMatchObject({
      outcome: 'succeeded',
      ended: { at: instant('14:15:03') },
    });
  });

  it.each([
    ['succeeded', { started: '01:01', done: '01:05' }],
    ['failed', { started: '01:01', done: '01:05', failed: true }],
    ['running', { started: '01:01' }],
    ['not_reported', {}],
  ] as const)('%s', (outcome, steps) => {
    const [change] = changes(deploymentEvents({ id: 1, sha: 'one', ref: 'v1', created: '01:00', ...steps }));
    expect(change).toMatchObject({ outcome, began: { at: instant('started' in steps ? '01:01' : '01:00') } });
    expect(change?.ended?.at).toBe('done' in steps ? instant('01:05') : undefined);
  });

  it('counts from the last success of its place: a failure and another environment are passed over', () => {
    const failed = deploymentEvents({ id: 7, sha: 'bad', ref: 'bad', created: '01:30', started: '01:31', done: '01:35', failed: true });
    const staging = deploymentEvents({
      id: 8,
      sha: 'two',
      ref: 'two',
      created: '01:40',
      started: '01:41',
      done: '01:45',
      environment: 'staging',
    });
    const all = changes([...deploys('one', 'two'), ...failed, ...staging]);
    expect(byKey(all, 101)?.revision).toEqual({ from: 'one', to: 'two' });
    expect(byKey(all, 8)?.revision).toEqual({ to: 'two' });
  });

  it('joins all pages of its comparison, and cites them', () => {
    const facts = [
      compared('one', 'two', 'ahead', ['a', 'b'], 2),
      compared('one', 'two', 'ahead', ['b', 'two'], 1),
      pullOf(5, 'Five', 'a'),
      pullOf(6, 'Six', 'x'),
    ];
    const change = byKey(changes(deploys('one', 'two'), facts), 101);
    expect(change?.files).toEqual(['src/page-1.ts', 'src/page-2.ts', 'src/shared.ts']);
    expect(change?.pullRequests.map(({ number }) => number)).toEqual([5]);
    expect(change?.cites).toContainEqual({ evidence: evidenceIdOf('github/compare:acme/api#one...two 2') });
  });
});

describe('what takes back what', () => {
  it('an earlier revision deployed again takes back all that came since it last ran', () => {
    const all = changes(deploys('one', 'two', 'three', 'one'));
    expect(byKey(all, 103)?.reverses).toBe('github/deployment:DE_102');
    expect(takenBackBy(all[3] as Change, all)).toEqual(['github/deployment:DE_102', 'github/deployment:DE_101']);
    expect(all.slice(0, 3).map(({ reverses }) => reverses)).toEqual([undefined, undefined, undefined]);
  });

  it('deploying it once more, ahead of what it replaces, is no reversal', () => {
    const facts = [compared('one', 'two', 'ahead', ['two'])];
    expect(byKey(changes(deploys('one', 'two', 'one', 'two'), facts), 103)?.reverses).toBeUndefined();
  });

  it('the same revision again is a restart', () => {
    expect(byKey(changes(deploys('one', 'two', 'two')), 102)?.reverses).toBeUndefined();
  });

  it('an ancestor that never ran here is one, and so is what calls itself a rollback', () => {
    expect(byKey(changes(deploys('two', 'one'), [compared('two', 'one', 'behind', [])]), 101)?.reverses).toBe('github/deployment:DE_100');
    expect(byKey(changes(deploys('two', 'one')), 101)?.reverses).toBeUndefined();
    const named = deploymentEvents({
      id: 9,
      sha: 'zero',
      ref: 'zero',
      created: '03:00',
      started: '03:01',
      done: '03:05',
      task: 'rollback',
    });
    expect(byKey(changes([...deploys('one', 'two'), ...named]), 9)?.reverses).toBe('github/deployment:DE_101');
  });

  it('a failed deployment is taken back by the revision that ran before it', () => {
    const failed = deploymentEvents({ id: 7, sha: 'bad', ref: 'bad', created: '01:30', started: '01:31', done: '01:35', failed: true });
    const [, , again] = changes([...deploys('one', 'one'), ...failed]);
    expect(again).toMatchObject({ key: 'github/deployment:DE_101', reverses: 'github/deployment:DE_7' });
  });

  it.each(['bad', '#12', 'acme/api#12', 'github/pull:acme/api#12', '12'])('a deployed revert names what it reverts as %s', (name) => {
    const facts = [
      compared('one', 'bad', 'ahead', ['bad']),
      compared('bad', 'fix', 'ahead', ['revert', 'fix']),
      pullOf(12, 'Add a cache', 'bad'),
      pullOf(13, 'Revert "Add a cache"', 'revert', name),
    ];
    const all = changes(deploys('one', 'bad', 'fix'), facts);
    expect(byKey(all, 102)).toMatchObject({ reverses: 'github/deployment:DE_101', pullRequests: [{ number: 13 }] });
    expect(takenBackBy(all[2] as Change, all)).toEqual(['github/deployment:DE_101']);
  });
});

describe('what is no rollout', () => {
  const release = eventOf('release.published', '01:00', {
    belongsTo: ['github/repo:acme/api'],
    correlationKeys: ['sha:one'],
    attributes: { 'release.tag': 'v1' },
  });
  const merge = eventOf('change.merged', '00:30', {
    belongsTo: ['github/repo:acme/api'],
    attributes: { 'vcs.change.id': '12', 'vcs.ref.head.revision': 'one' },
  });

  it('a release and a merge are changes only where nothing says that they were rolled out', () => {
    expect(changes([merge, release, ...deploys('one')]).map(({ kind }) => kind)).toEqual(['deployment']);
    expect(changes([merge, release])).toMatchObject([
      { kind: 'release', key: 'github/release:acme/api@v1', ref: 'v1', revision: { to: 'one' } },
    ]);
    expect(changes([merge])).toMatchObject([{ kind: 'merge', key: 'github/pull:acme/api#12', revision: { to: 'one' } }]);
    const elsewhere = { ...release, belongsTo: ['github/repo:acme/checkout'] };
    expect(changes([elsewhere, ...deploys('one')]).map(({ kind }) => kind)).toEqual(['release', 'deployment']);
  });

  it('flags, configuration and a pager’s lone change event are changes of their own', () => {
    const flag = eventOf('flag.changed', '01:00', {
      key: '3',
      source: 'flags',
      stream: 'flags',
      attributes: { key: 'new-cache', value: 'on' },
    });
    const lone = eventOf('deployment.succeeded', '02:00', {
      key: 'X1',
      source: 'pagerduty',
      stream: 'change_events',
      belongsTo: ['pagerduty/service:PAPI001'],
      correlationKeys: [],
    });
    expect(changes([flag, lone])).toMatchObject([
      { key: 'flags/flag:new-cache@3', kind: 'flag', outcome: 'succeeded', ended: { at: instant('01:00') } },
      { key: 'pagerduty/deployment:X1', kind: 'deployment', belongs: { service: 'api' }, cites: [{ event: lone.id }] },
    ]);
  });
});

it('keys are unique and the order of events and facts changes nothing', () => {
  const all = changesOf(sampleCase());
  expect(new Set(all.map(({ key }) => key)).size).toBe(all.length);
  const shuffled = sampleCase({ events: SAMPLE_EVENTS.toReversed(), facts: SAMPLE_FACTS.toReversed() });
  expect(changesOf(shuffled)).toEqual(all);
});

describe('the share of the traffic that a status of a deployment names', () => {
  const started = (at: string, description: string) =>
    eventOf('deployment.started', at, {
      key: `DES_${at}`,
      stream: 'deployment_statuses',
      timeMeaning: 'started',
      belongsTo: ['github/repo:acme/api@production'],
      correlationKeys: ['deployment:acme/api#1'],
      attributes: { 'deployment.id': '1', 'deployment.environment.name': 'production', 'deployment.status.description': description },
    });
  const asked = deploymentEvents({ id: 1, sha: 'one', ref: 'v1', created: '01:00', done: '01:30' });

  it('is a step of its rollout', () => {
    const [change] = changes([...asked, started('01:02', 'Canary: 5%'), started('01:12', 'now at 25 % of the traffic')]);
    expect(change?.steps).toMatchObject([
      { at: { at: instant('01:02') }, share: 0.05 },
      { at: { at: instant('01:12') }, share: 0.25 },
    ]);
    expect(change?.outcome).toBe('succeeded');
  });

  it('is told though it is the only one, and words of a rollback in it make the rollout none', () => {
    const [change] = changes([...asked, started('01:02', '10 %, rolling back if errors rise')]);
    expect(change?.steps).toMatchObject([{ share: 0.1 }]);
    expect(change).not.toHaveProperty('reverses');
    const [plain] = changes([...asked, started('01:02', 'building')]);
    expect(plain).not.toHaveProperty('steps');
  });
});
