import type { EventOf } from '../events.ts';
import { otherOwner } from '../ownership.ts';
import { between } from '../time.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { compare } from '../timeline/order.ts';
import { citeEntry, citeMilestone, joinCites, say } from './cite.ts';
import { formatSpan } from './durations.ts';
import { known } from './known.ts';
import { eventsOf, type Material, nameOf } from './material.ts';
import type { Block } from './model.ts';
import { listOf } from './words.ts';

/** An alarm of a service that ours depends on, which was on when the impact started: since which entry, and which one ended it. */
export interface DependencyAlarm {
  readonly owner: string;
  readonly event: EventOf<'alert.fired'>;
  readonly fired: TimelineEntry;
  readonly ended?: TimelineEntry;
}

/** So many are told by a sentence. */
const MOST_TOLD = 3;

interface Change {
  readonly event: EventOf<'alert.fired' | 'alert.resolved' | 'alert.data_lost'>;
  readonly entry: TimelineEntry;
}

/** Those that had fired before the impact started and were not over, nor had lost their data: where a dependency fails first a reader looks there first. */
export function dependencyAlarms(material: Material): readonly DependencyAlarm[] {
  const start = known(material, 'impact_started');
  const { subject, services } = material.theCase;
  const direct = new Set(services.filter(({ name }) => subject.includes(name)).flatMap(({ dependsOn }) => dependsOn));
  if (!start || direct.size === 0) return [];
  const changes = material.analysis.timeline.flatMap((entry) => (direct.has(otherOwner(entry.belongs) ?? '') ? changesIn(entry) : []));
  return [...Map.groupBy(changes, alarmOf).values()].flatMap((own): readonly DependencyAlarm[] => {
    const sorted = own.toSorted((a, b) => compare(a.event.time.at, b.event.time.at));
    const last = sorted.findLast(({ event }) => event.time.at < start.time.at);
    if (last?.event.type !== 'alert.fired') return [];
    const { event, entry } = last;
    const end = sorted.find(({ event }) => event.type === 'alert.resolved' && event.time.at >= start.time.at);
    return [{ owner: otherOwner(entry.belongs) ?? '', event, fired: entry, ...(end && { ended: end.entry }) }];
  });
}

function changesIn(entry: TimelineEntry): readonly Change[] {
  return eventsOf(entry).flatMap((event) =>
    event.type === 'alert.fired' || event.type === 'alert.resolved' || event.type === 'alert.data_lost' ? [{ event, entry }] : [],
  );
}

function alarmOf({ event }: Change): string {
  return event.correlationKeys.find((key) => key.startsWith('alarm:')) ?? event.attributes['alert.rule'];
}

/** The first of them, in a sentence each. */
export function dependenciesAtStart(material: Material): readonly Block[] {
  const start = known(material, 'impact_started');
  const { subject, services } = material.theCase;
  const told = dependencyAlarms(material)
    .slice(0, MOST_TOLD)
    .flatMap(({ owner, event, fired }) => {
      const users = services
        .filter(({ name, dependsOn }) => subject.includes(name) && dependsOn.includes(owner))
        .map(({ name }) => nameOf(name));
      const whose = `${nameOf(owner)}, which ${listOf(users)} ${users.length === 1 ? 'depends' : 'depend'} on`;
      const before = start ? formatSpan(between(event.time, start.time)) : '';
      const text = `Alarm ${nameOf(event.attributes['alert.rule'])} of ${whose}, had fired ${before} before, and was on still.`;
      return start ? [say(text, joinCites(citeEntry(fired), citeMilestone(start)))] : [];
    });
  const [first, ...rest] = told;
  return first ? [{ kind: 'prose', key: 'root_cause.dependencies', sentences: [first, ...rest] }] : [];
}
