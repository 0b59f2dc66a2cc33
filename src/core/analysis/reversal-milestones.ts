import type { Case } from '../case.ts';
import type { EventId } from '../events.ts';
import { compare } from '../timeline/order.ts';
import type { Change } from './changes.ts';
import { incidentSpan } from './joined.ts';
import type { Milestones } from './metrics.ts';
import type { Findable, Known } from './milestones.ts';
import { takenBackBy } from './reversals.ts';

/** What is wanted of a suspect whose end the record does not hold. */
export const END_OF_SUSPECT = 'the end of the first suspect: the record holds only its start';

/** The end of the first-ranked change, if its score passes the policy and the record holds an end of it. */
export function findSuspectDeployed({ theCase, suspects, changes }: Findable): readonly Known[] {
  const [first] = suspects;
  if (!first || first.score < theCase.policy.suspect_score) return [];
  const change = changes.find(({ key }) => key === first.change);
  const cited = change && (endEventOf(change, theCase.events) ?? beginEventOf(change));
  if (!change?.ended || !cited) return [];
  return [{ known: true, time: change.ended, basis: 'inferred', rule: 'end_of_the_first_suspect', cites: [cited] }];
}

/** The start of the reversal of this incident. */
export function findReversal(from: Findable, found: Partial<Milestones>): readonly Known[] {
  return reversalsOf(from, found).flatMap((change): readonly Known[] => {
    const cited = beginEventOf(change);
    return cited ? [{ known: true, time: change.began, basis: 'observed', rule: 'start_of_a_reversal', cites: [cited] }] : [];
  });
}

/** Its success. */
export function findReversed(from: Findable, found: Partial<Milestones>): readonly Known[] {
  return reversalsOf(from, found).flatMap((change): readonly Known[] => {
    const cited = endEventOf(change, from.theCase.events);
    if (!change.ended || !cited || change.outcome !== 'succeeded') return [];
    return [{ known: true, time: change.ended, basis: 'observed', rule: 'end_of_a_reversal', cites: [cited] }];
  });
}

/**
 * The reversal that both milestones speak of: begun between the impact (or the page) and the end of the incident or of the
 * impact, whichever is later, in a service of ours or of the first suspect. One that takes back the first suspect comes before others, a success before a failure.
 */
function reversalsOf({ theCase, changes, suspects }: Findable, found: Partial<Milestones>): readonly Change[] {
  const span = incidentSpan(theCase);
  const started = found.impact_started?.known ? found.impact_started.time.at : span.from;
  const from = started < span.from ? started : span.from;
  const ended = found.recovered?.known ? found.recovered.time.at : span.to;
  const to = ended > span.to ? ended : span.to;
  const suspect = suspects[0];
  const takesBack = (change: Change) => suspect !== undefined && takenBackBy(change, changes).includes(suspect.change);
  return changes
    .filter((change) => (change.reverses !== undefined || takesBack(change)) && change.began.at >= from && change.began.at <= to)
    .filter((change) => !('why' in change.belongs) || takesBack(change))
    .toSorted(
      (a, b) =>
        Number(takesBack(b)) - Number(takesBack(a)) ||
        Number(b.outcome === 'succeeded') - Number(a.outcome === 'succeeded') ||
        compare(a.began.at, b.began.at) ||
        compare(a.key, b.key),
    )
    .slice(0, 1);
}

/** The event that began a change: the first that it cites. */
function beginEventOf({ cites }: Change): EventId | undefined {
  return 'event' in cites[0] ? cites[0].event : undefined;
}

/** The event that ended a change, by its time, among those that it cites. */
export function endEventOf({ cites, ended }: Change, events: Case['events']): EventId | undefined {
  const cited = new Set(cites.flatMap((cite) => ('event' in cite ? [cite.event] : [])));
  const ends = events.filter((event) => cited.has(event.id) && event.type !== 'deployment.started' && event.time.at === ended?.at);
  return ends.map(({ id }) => id).toSorted(compare)[0];
}
