import { describe, expect, it } from 'vitest';
import { changesOf } from '../../../src/core/analysis/changes.ts';
import type { RecordedEvent } from '../../../src/core/events.ts';
import { mergeTimeline } from '../../../src/core/timeline/merge.ts';
import { API_SERVICE, CHECKOUT_SERVICE, caseOf, eventOf } from '../../support/events.ts';

const SHA = '4e09993b9c9d4cc83d4ebe684ce423562dcc6e04';
const OTHER = '9f2c1ab77c9d4cc83d4ebe684ce423562dcc6e04';
const owners = { services: [API_SERVICE, CHECKOUT_SERVICE], subject: ['api'] };

interface Ran {
  readonly id?: number;
  readonly attempt?: number;
  readonly sha?: string;
  readonly environment?: string;
  readonly from?: string;
  readonly to?: string;
}

/** A workflow run that rolled out, as GitHub tells it. */
function run({
  id = 55,
  attempt = 1,
  sha = SHA,
  environment = 'production',
  from = '14:12',
  to = '14:15',
}: Ran = {}): readonly RecordedEvent[] {
  const common = {
    stream: 'workflow_runs',
    key: `WFR_${id}.${attempt}`,
    belongsTo: [`github/repo:acme/api${environment === '' ? '' : `@${environment}`}`],
    correlationKeys: [`deployment:acme/api#${id}.${attempt}`, `run:acme/api#${id}`, `sha:${sha}`],
    attributes: {
      'deployment.id': `${id}.${attempt}`,
      'deployment.environment.name': environment,
      'vcs.ref.head.revision': sha,
    },
  } as const;
  return [
    eventOf('deployment.started', from, { ...common, timeMeaning: 'started' }),
    eventOf('deployment.succeeded', to, { ...common, timeMeaning: 'ended' }),
  ];
}

interface Heard {
  readonly at?: string;
  readonly keys?: readonly string[];
  readonly revision?: string;
  readonly environment?: string;
  readonly key?: string;
}

/** The same in the pager's words. */
function heard({ at = '14:15:03', keys = [], revision, environment = 'production', key = '01HM' }: Heard = {}): RecordedEvent {
  const event = eventOf('deployment.succeeded', at, {
    key,
    source: 'pagerduty',
    stream: 'change_events',
    belongsTo: ['pagerduty/service:PAPI001'],
    correlationKeys: keys,
    attributes: { 'deployment.id': key, 'deployment.environment.name': environment },
  });
  const { 'vcs.ref.head.revision': _, 'vcs.ref.head.name': __, ...attributes } = event.attributes;
  return { ...event, attributes: { ...attributes, ...(revision && { 'vcs.ref.head.revision': revision }) } };
}

function told(events: readonly RecordedEvent[]) {
  const ends = mergeTimeline(events, owners).filter(({ event }) => event.type !== 'deployment.started');
  return { rows: ends.length, changes: changesOf(caseOf({ events })).length };
}

describe('a workflow run and the change event of the same rollout are one row and one change', () => {
  it.each([
    ['a deployment’s number and the commit', run(), { keys: ['deployment:acme/api#1305550234', `sha:${SHA}`, 'repo:acme/api'] }],
    ['a deployment’s number alone', run(), { keys: ['deployment:acme/api#1305550234', 'repo:acme/api'], environment: '' }],
    ['the run', run(), { keys: ['run:acme/api#55', 'repo:acme/api'], environment: '' }],
    ['the commit', run(), { keys: [`sha:${SHA}`] }],
    ['the commit, of a run of no known environment', run({ environment: '' }), { keys: [`sha:${SHA}`] }],
    ['a short commit', run(), { revision: SHA.slice(0, 7), environment: '' }],
    ['the repository and the environment', run(), { keys: ['repo:acme/api'] }],
  ])('where it names %s', (_, events, said) => {
    const event = heard(said);
    expect(told([...events, event])).toEqual({ rows: 1, changes: 1 });
    const [change] = changesOf(caseOf({ events: [...events, event] }));
    expect(change?.cites).toContainEqual({ event: event.id });
    expect(change?.key).toBe('github/deployment:55.1');
    const [entry] = mergeTimeline([...events, event], owners).filter(({ event: one }) => one.type === 'deployment.succeeded');
    expect(entry).toMatchObject({ event: events[1], corroboratedBy: [event] });
  });

  it('whichever of the two clocks is ahead, and in whatever order they are read', () => {
    const early = heard({ at: '14:14:40', keys: ['deployment:acme/api#7', `sha:${SHA}`, 'repo:acme/api'] });
    expect(told([early, ...run()])).toEqual({ rows: 1, changes: 1 });
    expect(told([...run(), early].toReversed())).toEqual({ rows: 1, changes: 1 });
  });
});

describe('they are two', () => {
  it.each([
    ['of another commit', { keys: [`sha:${OTHER}`, 'repo:acme/api'] }],
    ['of another short commit', { keys: ['repo:acme/api'], revision: OTHER.slice(0, 8) }],
    ['of another environment', { keys: [`sha:${SHA}`, 'repo:acme/api'], environment: 'staging' }],
    ['of another run', { keys: ['run:acme/api#56', `sha:${SHA}`, 'repo:acme/api'] }],
    ['of another repository', { keys: ['repo:acme/web'] }],
    ['of a fork that has the same commit', { keys: [`sha:${SHA}`, 'repo:acme/web'] }],
    ['of nothing that ties them but the minute', {}],
    ['an hour later', { at: '15:15', keys: ['repo:acme/api'] }],
  ])('%s', (_, said) => {
    expect(told([...run(), heard(said)])).toEqual({ rows: 2, changes: 2 });
  });

  it('and of two that came out in one minute each goes with its own', () => {
    const events = [...run(), ...run({ id: 56, sha: OTHER, from: '14:13', to: '14:15:30' })];
    const both = [heard({ keys: [`sha:${SHA}`] }), heard({ key: '01HN', at: '14:15:34', keys: [`sha:${OTHER}`] })];
    expect(told([...events, ...both])).toEqual({ rows: 2, changes: 2 });
    const cites = changesOf(caseOf({ events: [...events, ...both] })).map((change) =>
      change.cites.map((cite) => ('event' in cite ? cite.event : '')),
    );
    expect(cites.map((all, at) => [all.includes(both[at]?.id ?? ('' as never)), all.includes(both[1 - at]?.id ?? ('' as never))])).toEqual([
      [true, false],
      [true, false],
    ]);
  });

  it('two deployments that the pager numbers, though both fit one run', () => {
    const one = heard({ keys: ['deployment:acme/api#7', 'repo:acme/api'] });
    const other = heard({ key: '01HN', at: '14:16', keys: ['deployment:acme/api#8', 'repo:acme/api'] });
    expect(told([...run(), one, other]).rows).toBe(2);
  });

  it('two attempts of one run, of which the later is told by the run’s number', () => {
    const again = run({ attempt: 2, from: '14:16', to: '14:18' });
    const event = heard({ at: '14:18:02', keys: ['run:acme/api#55'] });
    const ends = mergeTimeline([...run(), ...again, event], owners).filter(({ event: one }) => one.type === 'deployment.succeeded');
    expect(ends.map(({ event: one, corroboratedBy }) => [one.provenance, corroboratedBy.length])).toMatchObject([
      [{ nativeId: 'WFR_55.1' }, 0],
      [{ nativeId: 'WFR_55.2' }, 1],
    ]);
  });
});
