import { describe, expect, it } from 'vitest';
import { casesOf } from '../../src/app/backfill-list.ts';
import type { IncidentFact } from '../../src/app/plan-case.ts';
import { instant } from '../support/events.ts';

const at = (clock: string) => instant(`2024-01-15T${clock}:00Z`);

function fact(id: string, from: string, to: string | undefined, more: Partial<IncidentFact> = {}): IncidentFact {
  return {
    kind: 'incident',
    key: `pagerduty/incident:${id}`,
    title: id,
    status: to === undefined ? 'open' : 'resolved',
    triggeredAt: at(from),
    ...(to !== undefined && { resolvedAt: at(to) }),
    belongsTo: ['api'],
    ...more,
  } as IncidentFact;
}

const merged = (id: string, from: string, into: string) =>
  fact(id, from, undefined, { status: 'merged', mergedInto: `pagerduty/incident:${into}` });
const drafts = (facts: readonly IncidentFact[], join: 'merged' | 'overlapping' | 'none') =>
  casesOf(facts, join, ({ belongsTo }) => belongsTo[0]).map(({ keys }) =>
    keys.map((key) => key.replace('pagerduty/incident:', '')).join('+'),
  );

describe('which incidents become one draft', () => {
  const storm = [fact('A', '10:00', '11:00'), merged('B', '10:05', 'A'), merged('C', '10:06', 'B'), fact('D', '10:30', '12:00')];

  it('merged: those merged into one another, however far, under the one that lives on; the newest case first', () => {
    expect(drafts(storm, 'merged')).toEqual(['D', 'A+B+C']);
    expect(drafts(storm.toReversed(), 'merged')).toEqual(['D', 'A+B+C']);
  });

  it('merged into one that the window does not hold: under that one', () => {
    expect(drafts([merged('B', '10:05', 'OLD')], 'merged')).toEqual(['OLD+B']);
  });

  it('overlapping: those of one service that were open at one time too, under the earliest', () => {
    expect(drafts(storm, 'overlapping')).toEqual(['A+B+C+D']);
    expect(drafts([fact('A', '10:00', '11:00'), fact('B', '11:30', '12:00')], 'overlapping')).toEqual(['B', 'A']);
    expect(drafts([fact('A', '10:00', '11:00'), fact('B', '10:30', '12:00', { belongsTo: ['checkout'] })], 'overlapping')).toEqual([
      'B',
      'A',
    ]);
    expect(drafts([fact('A', '10:00', undefined), fact('B', '15:00', '16:00')], 'overlapping')).toEqual(['A+B']);
  });

  it('none: each its own', () => {
    expect(drafts(storm, 'none')).toEqual(['D', 'C', 'B', 'A']);
  });

  it('a ring of merges is one case too, whatever leads into it', () => {
    const ring = [merged('C', '10:00', 'B'), merged('B', '10:01', 'A'), merged('A', '10:02', 'C'), merged('Z', '10:03', 'B')];
    for (const facts of [ring, ring.toReversed()]) expect(drafts(facts, 'merged')).toEqual(['A+B+C+Z']);
    expect(drafts([merged('A', '10:00', 'A')], 'merged')).toEqual(['A']);
  });
});
