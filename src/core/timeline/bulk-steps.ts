import type { EventType } from '../events.ts';
import type { Sighting } from './join.ts';
import { runsOf, STORM } from './storms.ts';

/** What happens to many incidents at once in a storm: each was opened, then somebody takes, merges and closes them together. */
const BULK: ReadonlySet<EventType> = new Set(['incident.triggered', 'incident.acknowledged', 'incident.merged', 'incident.resolved']);

/** Whether a type of event is a step that may be done to many incidents at once. */
export function isBulkStep(type: EventType): boolean {
  return BULK.has(type);
}

/**
 * One step that many merged incidents of one service took within minutes, by the same hand where one is known: one row. Incidents that
 * were not merged are of several matters, as far as anybody said, and each keeps its rows. Takes such steps in the timeline's order, and
 * whose a happening is.
 */
export function findBulkSteps(steps: readonly Sighting[], ownerOf: (sighting: Sighting) => string): readonly (readonly Sighting[])[] {
  const merged = new Set(steps.flatMap(({ event }) => (event.type === 'incident.merged' ? [event.attributes['incident.id']] : [])));
  const opened = new Set<string>();
  const firsts = steps.filter(({ event }) => {
    const id = 'incident.id' in event.attributes ? event.attributes['incident.id'] : '';
    if (event.type !== 'incident.triggered' || !merged.has(id)) return merged.has(id);
    const isFirst = !opened.has(id);
    opened.add(id);
    return isFirst;
  });
  const alike = Map.groupBy(firsts, (sighting) => `${sighting.event.type} ${sighting.event.actor?.id ?? ''} ${ownerOf(sighting)}`);
  return [...alike.values()].flatMap((own) => runsOf(own, STORM));
}
