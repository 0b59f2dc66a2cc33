import { takenBackBy } from '../analysis/reversals.ts';
import type { EventId } from '../events.ts';
import { otherOwner } from '../ownership.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { citeEntry, joinCites, say } from './cite.ts';
import { dependencyAlarms } from './dependency-alarms.ts';
import { firstSuspect } from './fixes.ts';
import { eventsOf, type Material, nameOf } from './material.ts';
import type { Block } from './model.ts';
import { countOf, listOf } from './words.ts';

/**
 * Entries of other services that the document speaks of all the same: a milestone rests on them, or they tell of the first suspect or of
 * what took it back, or of an alarm of a dependency that was on when the impact started. All else of other services is set apart and counted.
 */
export function foreignEntries(material: Material): readonly TimelineEntry[] {
  const { analysis, ours, theCase } = material;
  const known = Object.values(analysis.milestones).flatMap((milestone) => (milestone.known ? milestone.cites : []));
  const told = new Set<EventId>([...known, ...suspectEvents(material)]);
  const alarms = alarmEntries(material);
  const own = new Set(ours);
  const { from, to } = theCase.windows.changes;
  return analysis.timeline.filter(
    (entry) =>
      !own.has(entry) &&
      !theCase.subject.includes(entry.belongs.service) &&
      entry.event.time.at >= from &&
      entry.event.time.at < to &&
      (alarms.has(entry) || eventsOf(entry).some(({ id }) => told.has(id))),
  );
}

function alarmEntries(material: Material): ReadonlySet<TimelineEntry> {
  return new Set(dependencyAlarms(material).flatMap(({ fired, ended }) => (ended ? [fired, ended] : [fired])));
}

function suspectEvents(material: Material): readonly EventId[] {
  const { changes, suspectVerdict } = material.analysis;
  const suspect = suspectVerdict === 'suspect' ? firstSuspect(material) : undefined;
  if (!suspect) return [];
  const reversals = changes.filter((change) => takenBackBy(change, changes).includes(suspect.key));
  return [suspect, ...reversals].flatMap(({ cites }) => cites.flatMap((cite) => ('event' in cite ? [cite.event] : [])));
}

/** Whose the row is, where its own sentence does not say it. */
export function withOwner(sentence: string, { belongs }: TimelineEntry): string {
  if (!('why' in belongs)) return sentence;
  const owner = otherOwner(belongs);
  if (owner !== undefined && sentence.includes(` of ${nameOf(owner)} `)) return sentence;
  const why = owner === undefined ? 'no service claims it' : `belongs to ${nameOf(owner)}`;
  return `${sentence.replace(/\.$/, '')} (${why}).`;
}

/** Why rows of other services stand among those of the incident's own. */
export function foreignLine(rows: readonly TimelineEntry[], material: Material): readonly Block[] {
  const [first, ...rest] = rows;
  if (!first) return [];
  const owners = [...new Set(rows.map(({ belongs }) => otherOwner(belongs)))];
  const names = owners.map((owner) => (owner === undefined ? 'no service that is configured' : nameOf(owner)));
  const alarms = alarmEntries(material);
  const [isAlarm, isOther] = [rows.some((row) => alarms.has(row)), rows.some((row) => !alarms.has(row))];
  const reasons = [
    ...(isOther ? ['the first suspect, its reversal or a milestone is told there'] : []),
    ...(isAlarm ? ['an alarm was on when the impact started'] : []),
  ];
  const text = `The table holds ${countOf(rows.length, 'row')} of ${listOf(names)}: ${reasons.join('; ')}.`;
  return [{ kind: 'caveat', key: 'timeline.foreign', what: say(text, joinCites(citeEntry(first), ...rest.map(citeEntry))) }];
}
