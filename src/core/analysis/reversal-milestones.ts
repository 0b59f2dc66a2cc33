import type { Case } from '../case.ts';
import type { EventId } from '../events.ts';
import { between, type Moment, type Window } from '../time.ts';
import { compare } from '../timeline/order.ts';
import type { Change } from './changes.ts';
import { incidentSpan } from './joined.ts';
import type { Milestones } from './metrics.ts';
import type { Findable, Known } from './milestones.ts';
import { takenBackBy } from './reversals.ts';
import { type Stop, stopOf } from './stopped.ts';

/** What is wanted of a suspect whose end the record does not hold. */
export const END_OF_SUSPECT = 'the end of the first suspect: the record holds only its start';
/** The rule of a suspect that was never whole: it counts from when the first of the traffic had it. */
export const START_OF_A_FAILED_SUSPECT = 'start_of_the_first_suspect_that_failed';

/** The end of the first-ranked change, if its score passes the policy and the record holds an end of it; of one that failed, its start. */
export function findSuspectDeployed(from: Findable): readonly Known[] {
  const change = firstSuspect(from);
  if (!change?.ended) return [];
  const { events } = from.theCase;
  if (change.outcome === 'failed') return startOfFailed(change, change.ended, events);
  const cited = endEventOf(change, events) ?? beginEventOf(change);
  if (!cited) return [];
  return [{ known: true, time: change.ended, basis: 'inferred', rule: 'end_of_the_first_suspect', cites: [cited] }];
}

/**
 * When the first of the traffic had a rollout that failed: its first step to more than none. Where the record holds only when it was asked for, that
 * may have been at any time until it failed.
 */
function startOfFailed({ began, steps = [], cites }: Change, failed: Moment, events: Case['events']): readonly Known[] {
  const { at } = (began.at === steps[0]?.at.at ? steps.find(({ share }) => share !== 0)?.at : undefined) ?? began;
  const cited = new Set(cites.flatMap((cite) => ('event' in cite ? [cite.event] : [])));
  const starts = events.filter(({ id, type, time }) => cited.has(id) && type === 'deployment.started' && time.at === at);
  const start = starts.find(({ timeMeaning }) => timeMeaning === 'started') ?? starts[0];
  if (!start) return [];
  const isAsked = start.timeMeaning !== 'started';
  const time = isAsked ? { ...start.time, plusMs: Math.max(start.time.plusMs, between(start.time, failed).ms) } : start.time;
  return [{ known: true, time, basis: 'inferred', rule: START_OF_A_FAILED_SUSPECT, cites: [start.id] }];
}

function firstSuspect({ theCase, suspects, changes }: Findable): Change | undefined {
  const [first] = suspects;
  return first && first.score >= theCase.policy.suspect_score ? changes.find(({ key }) => key === first.change) : undefined;
}

/** The start of the reversal of this incident. */
export function findReversal(from: Findable, found: Partial<Milestones>): readonly Known[] {
  const stopped = stoppedSuspect(from, found);
  if (stopped) {
    const { began } = stopped.stop;
    return began
      ? [{ known: true, time: began.time, basis: 'observed', rule: 'start_of_the_stop_of_the_suspect', cites: [began.event] }]
      : [];
  }
  return reversalsOf(from, found).flatMap((change): readonly Known[] => {
    const cited = beginEventOf(change);
    return cited ? [{ known: true, time: change.began, basis: 'observed', rule: 'start_of_a_reversal', cites: [cited] }] : [];
  });
}

/** Its success. */
export function findReversed(from: Findable, found: Partial<Milestones>): readonly Known[] {
  const stopped = stoppedSuspect(from, found);
  if (stopped) {
    const { change, stop, ended } = stopped;
    const end = endEventOf(change, from.theCase.events);
    const [basis, rule] =
      stop.how === 'said'
        ? (['observed', 'end_of_the_stop_of_the_suspect'] as const)
        : (['inferred', 'failure_of_the_suspect_in_part'] as const);
    return end ? [{ known: true, time: ended, basis, rule, cites: [end] }] : [];
  }
  return reversalsOf(from, found).flatMap((change): readonly Known[] => {
    const cited = endEventOf(change, from.theCase.events);
    if (!change.ended || !cited || change.outcome !== 'succeeded') return [];
    return [{ known: true, time: change.ended, basis: 'observed', rule: 'end_of_a_reversal', cites: [cited] }];
  });
}

/** What is wanted of a reversal's start: where the first suspect was stopped, the record may hold its end alone. */
export function wantedOfReversal(from: Findable, found: Partial<Milestones>): string {
  const stopped = stoppedSuspect(from, found);
  if (!stopped) return 'the start of a deployment of an earlier revision, or of a revert';
  return stopped.stop.how === 'said'
    ? 'the start of the stop of the first suspect: the record holds only its end'
    : 'the start of the stop of the first suspect: the record says only when it failed';
}

/**
 * The first suspect whose own record says, or implies, that its rollout was stopped while the incident or its impact went on, where nothing else took
 * it back.
 */
function stoppedSuspect(from: Findable, found: Partial<Milestones>): { change: Change; stop: Stop; ended: Moment } | undefined {
  const change = firstSuspect(from);
  const stop = change && stopOf(change, from.theCase.events);
  if (!stop || !change.ended || reversalsOf(from, found).some((other) => takenBackBy(other, from.changes).includes(change.key)))
    return undefined;
  const { from: since, to } = spanOf(from, found);
  return change.ended.at >= since && change.ended.at <= to ? { change, stop, ended: change.ended } : undefined;
}

/** From the impact (or the page) to the end of the incident or of the impact, whichever is later. */
function spanOf({ theCase }: Findable, { impact_started, recovered }: Partial<Milestones>): Window {
  const span = incidentSpan(theCase);
  const started = impact_started?.known ? impact_started.time.at : span.from;
  const ended = recovered?.known ? recovered.time.at : span.to;
  return { from: started < span.from ? started : span.from, to: ended > span.to ? ended : span.to };
}

/**
 * The reversal that both milestones speak of: begun between the impact (or the page) and the end of the incident or of the
 * impact, whichever is later, in a service of ours or of the first suspect. One that takes back the first suspect comes before others, a success before a failure.
 */
function reversalsOf(findable: Findable, found: Partial<Milestones>): readonly Change[] {
  const { changes, suspects } = findable;
  const { from, to } = spanOf(findable, found);
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
