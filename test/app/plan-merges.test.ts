import { describe, expect, it } from 'vitest';
import { MAX_ROUNDS, nextAsks, planGaps } from '../../src/app/plan.ts';
import { askedIncidents, MAX_MERGED, type PlanState, wantedIncidents } from '../../src/app/plan-case.ts';
import type { Ask } from '../../src/app/ports.ts';
import { DEFAULT_POLICY } from '../../src/core/analysis/policy.ts';
import { incidentFactOf, instant } from '../support/events.ts';

type IncidentFact = ReturnType<typeof incidentFactOf>;

const STREAMS = ['incidents', 'log_entries', 'alerts', 'notes', 'change_events', 'past_incidents', 'related_incidents', 'analytics'];
const keyOf = (id: string) => `pagerduty/incident:${id}`;
const opened = (id: string, at: string, into?: string): IncidentFact =>
  incidentFactOf({
    key: keyOf(id),
    triggeredAt: instant(at),
    resolvedAt: instant(into ? '14:50' : '15:00'),
    status: into ? 'merged' : 'resolved',
    ...(into && { mergedInto: keyOf(into) }),
  });

/** Asks a pager that knows these incidents, round after round, until nothing is left to ask. */
function planOf(known: readonly IncidentFact[], more: Partial<PlanState> = {}, asked = ['PABC']) {
  const [first = '', ...others] = asked.map(keyOf);
  const start: PlanState = {
    select: { kind: 'incident', keys: [first, ...others] },
    until: instant('2024-01-18T16:00:00Z'),
    related: true,
    policy: DEFAULT_POLICY,
    services: [{ name: 'api', dependsOn: [], owns: ['pagerduty/service:PAPI001'], scopes: { pagerduty: { service_ids: ['PAPI001'] } } }],
    sources: [{ name: 'pagerduty', streams: STREAMS }],
    alarmSources: {},
    asked: [],
    read: [],
    ...more,
  };
  const rounds: (readonly Ask[])[] = [];
  let state = start;
  for (let asks = nextAsks(state); asks.length > 0 && rounds.length < 2 * MAX_ROUNDS; asks = nextAsks(state)) {
    rounds.push(asks);
    const facts = asks.flatMap(({ stream, keys, window }) => (stream === 'incidents' ? known.filter(isAnswerTo(keys, window)) : []));
    const read = { source: 'pagerduty', stream: 'incidents', events: [], facts };
    state = { ...state, asked: [...state.asked, ...asks], read: [...state.read, read] };
  }
  return { rounds, state };
}

function isAnswerTo(keys: readonly string[], { from, to }: Ask['window']) {
  return ({ key, triggeredAt }: IncidentFact) =>
    keys.length > 0 ? keys.includes(key) : triggeredAt !== undefined && triggeredAt >= from && triggeredAt < to;
}

const asksOf = (rounds: readonly (readonly Ask[])[], stream: string) => rounds.flat().filter((ask) => ask.stream === stream);

describe('incidents that were merged into the one that is asked for', () => {
  it('join its case, the earliest first, however long the chain of merges', () => {
    const { state } = planOf([opened('PABC', '14:33'), opened('PLATE', '14:40', 'PABC'), opened('PTWICE', '14:36', 'PLATE')]);
    expect(wantedIncidents(state)).toEqual(['PABC', 'PTWICE', 'PLATE'].map(keyOf));
    expect(askedIncidents(state)).toEqual([keyOf('PABC')]);
  });

  it('join also where a merged one is asked for: its target, and what else went into that', () => {
    const { state } = planOf([opened('PABC', '14:33', 'PMAIN'), opened('PMAIN', '14:34'), opened('PLATE', '14:40', 'PMAIN')]);
    expect(wantedIncidents(state)).toEqual(['PABC', 'PMAIN', 'PLATE'].map(keyOf));
  });

  it('that ran beside it and were merged elsewhere, or not at all, do not', () => {
    const { state } = planOf([opened('PABC', '14:33'), opened('PBESIDE', '14:34'), opened('PELSE', '14:35', 'PBESIDE')]);
    expect(wantedIncidents(state)).toEqual([keyOf('PABC')]);
  });

  it('give the case its beginning: every list is asked for again from there, and nothing by keys twice', () => {
    const { rounds } = planOf([opened('PABC', '14:33'), opened('PEARLY', '14:03', 'PABC')]);
    expect(asksOf(rounds, 'change_events').map(({ window }) => window.from)).toEqual(
      ['2024-01-14T14:33:00Z', '2024-01-14T14:03:00Z'].map(instant),
    );
    expect(asksOf(rounds, 'log_entries').map(({ keys }) => keys)).toEqual([[keyOf('PABC')], [keyOf('PEARLY')]]);
  });

  it('that began after it cost no list a second call', () => {
    const { rounds } = planOf([opened('PABC', '14:33'), opened('PLATE', '14:40', 'PABC')]);
    expect(asksOf(rounds, 'change_events')).toHaveLength(1);
    expect(asksOf(rounds, 'notes').map(({ keys }) => keys)).toEqual([[keyOf('PABC')], [keyOf('PLATE')]]);
  });

  it('are read for what happened to them, and not for what is like them', () => {
    const { rounds } = planOf([opened('PABC', '14:33'), opened('PEARLY', '14:03', 'PABC')]);
    for (const stream of ['past_incidents', 'related_incidents', 'analytics'])
      expect(asksOf(rounds, stream).map(({ keys }) => keys)).toEqual([[keyOf('PABC')]]);
  });

  it(`are ${MAX_MERGED} at most by themselves: of a larger storm the first ones, and the rest is a gap`, () => {
    const storm = Array.from({ length: MAX_MERGED + 2 }, (_, number) =>
      opened(`PSTORM${String(number).padStart(2, '0')}`, `14:${34 + Math.floor(number / 3)}`, 'PABC'),
    );
    const { state } = planOf([opened('PABC', '14:33'), ...storm]);
    expect(wantedIncidents(state)).toEqual([keyOf('PABC'), ...storm.slice(0, MAX_MERGED).map(({ key }) => key)]);
    const left = storm.slice(MAX_MERGED).map(({ key }) => key);
    expect(planGaps(state)).toMatchObject([
      { stream: 'incidents', gap: { reason: 'budget', detail: expect.stringMatching(`^2 more .*${left.join(', ')}`) } },
    ]);
  });

  it('stay out where the policy joins none, and where a draft looks back to before they began', () => {
    const known = [opened('PABC', '14:33'), opened('PLATE', '14:40', 'PABC')];
    expect(wantedIncidents(planOf(known, { policy: { ...DEFAULT_POLICY, join: 'none' } }).state)).toEqual([keyOf('PABC')]);
    expect(wantedIncidents(planOf(known, { until: instant('14:39') }).state)).toEqual([keyOf('PABC')]);
  });

  it('and are named beside it are in the case once', () => {
    const { state } = planOf([opened('PABC', '14:33'), opened('PEARLY', '14:03', 'PABC')], {}, ['PABC', 'PEARLY']);
    expect(wantedIncidents(state)).toEqual(['PABC', 'PEARLY'].map(keyOf));
    // As a backfill asks for them: before the merge it was not of the case.
    expect(askedIncidents(state)).toEqual([keyOf('PABC')]);
  });

  it('leave in the case what was asked for beside it and is merged with none of it', () => {
    const known = [opened('PABC', '14:33'), opened('PBESIDE', '14:34'), opened('PELSE', '14:35', 'PBESIDE')];
    const { state } = planOf(known, {}, ['PABC', 'PBESIDE']);
    expect(wantedIncidents(state)).toEqual(['PABC', 'PBESIDE', 'PELSE'].map(keyOf));
    expect(askedIncidents(state)).toEqual(['PABC', 'PBESIDE'].map(keyOf));
  });
});
