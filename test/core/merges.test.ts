import { describe, expect, it } from 'vitest';
import type { Fact } from '../../src/core/facts.ts';
import { apartFromClosed } from '../../src/core/merges.ts';
import { incidentFactOf, instant } from '../support/events.ts';

const [OLD, NEW] = ['pagerduty/incident:POLD', 'pagerduty/incident:PNEW'];
const old = (closed: string) =>
  incidentFactOf({ key: OLD, status: 'resolved', triggeredAt: instant('10:00'), resolvedAt: instant(closed) });
const merged = (opened: string) =>
  incidentFactOf({ key: NEW, status: 'merged', mergedInto: OLD, triggeredAt: instant(opened), resolvedAt: instant('16:00') });
const apart = (facts: readonly Fact[]) => apartFromClosed(facts).find((fact) => fact.kind === 'incident' && fact.key === NEW);

describe('an incident that was merged into another', () => {
  it('lives on in it where that was open, or had closed not long before', () => {
    expect(apart([old('11:00'), merged('10:30')])).toMatchObject({ status: 'merged', mergedInto: OLD });
    expect(apart([old('11:00'), merged('12:59')])).toMatchObject({ status: 'merged', mergedInto: OLD });
    expect(apart([merged('14:00')])).toMatchObject({ status: 'merged', mergedInto: OLD });
  });

  it('stands by itself where that had closed long before it began, in whatever order the two were read', () => {
    for (const facts of [
      [old('11:00'), merged('13:00')],
      [merged('13:00'), old('11:00')],
    ]) {
      const fact = apart(facts);
      expect(fact).toMatchObject({ status: 'resolved', mergedLateInto: OLD, resolvedAt: instant('16:00') });
      expect(fact).not.toHaveProperty('mergedInto');
    }
  });

  it('is joined still where the older one was opened again and is open', () => {
    const { resolvedAt: _, ...reopened } = old('11:00');
    expect(apart([{ ...reopened, status: 'open' }, merged('13:00')])).toMatchObject({ mergedInto: OLD });
  });
});
