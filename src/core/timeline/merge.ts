import type { Case } from '../case.ts';
import type { TimelineEvent } from '../events.ts';
import { ownerOf } from '../ownership.ts';
import { entryKey, type TimelineEntry } from './entry.ts';
import { orderEvents } from './order.ts';

/** The merged, owned timeline: one entry for one happening, however many sources saw it. */
export function mergeTimeline(
  events: readonly TimelineEvent[],
  { services, subject }: Pick<Case, 'services' | 'subject'>,
): readonly TimelineEntry[] {
  return orderEvents(events).map((event) => ({
    kind: 'single',
    key: entryKey(event.id),
    event,
    corroboratedBy: [],
    belongs: ownerOf(event.belongsTo, services, subject),
  }));
}
