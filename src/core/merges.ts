import type { Fact } from './facts.ts';
import { addMs } from './time.ts';

/** What had closed so long before another began was another outage: a page of the same one comes sooner. */
const LATE_MS = 7_200_000;

type IncidentFact = Extract<Fact, { readonly kind: 'incident' }>;

/**
 * The facts, where an incident that was merged into one which had closed long before it began stands by itself: such a merge tidies a list, and the hours
 * of the one are not those of the other. It was closed when it was merged, or before.
 */
export function apartFromClosed(facts: readonly Fact[]): readonly Fact[] {
  const known = new Map(facts.filter(isIncident).map((fact) => [fact.key, fact]));
  const isLate = ({ mergedInto, triggeredAt }: IncidentFact) => {
    const target = known.get(mergedInto ?? '');
    const closed = target?.status === 'open' ? undefined : target?.resolvedAt;
    return closed !== undefined && triggeredAt !== undefined && triggeredAt >= addMs(closed, LATE_MS);
  };
  if (![...known.values()].some(isLate)) return facts;
  return facts.map((fact) => {
    if (!isIncident(fact) || !isLate(fact)) return fact;
    const { mergedInto, ...own } = fact;
    return { ...own, status: 'resolved', ...(mergedInto !== undefined && { mergedLateInto: mergedInto }) };
  });
}

function isIncident(fact: Fact): fact is IncidentFact {
  return fact.kind === 'incident';
}

/** Whether the chain of merges that goes on at `next` ends among these incidents. */
export function isMergedInto(
  incidents: readonly string[],
  next: string | undefined,
  mergedAway: ReadonlyMap<string, string | undefined>,
): boolean {
  const seen = new Set<string>();
  for (let at = next; at !== undefined && !seen.has(at); at = mergedAway.get(at)) {
    if (incidents.includes(at)) return true;
    seen.add(at);
  }
  return false;
}
