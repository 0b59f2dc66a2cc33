import type { TimelineEvent } from '../events.ts';
import { epochMs } from '../time.ts';
import type { Sighting } from './join.ts';
import { laneOf } from './order.ts';

/** So many alerts that one incident took in within so long are one row: a reader wants their number and their names. */
export const STORM = 5;
const STORM_MS = 5 * 60_000;
/** Where no incident tells that they are of one matter, more are asked for: of what is one service's alone. */
const LOOSE_STORM = 20;

type Run = readonly Sighting[];

/** What the storms are told apart by: the alarm of an alert, and whose it is. */
export interface Told {
  readonly alarmOf: (event: TimelineEvent) => string;
  readonly ownerOf: (sighting: Sighting) => string;
}

/**
 * The storms among alerts in the timeline's order: the firings that one incident took in within minutes of the first, or that are one
 * service's and very many, and what ended in like manner of the alarms in them, by each source that tells it.
 */
export function findStorms(alerts: readonly Sighting[], { alarmOf, ownerOf }: Told): readonly Run[] {
  const fired = alerts.filter(({ event }) => event.type === 'alert.fired');
  const ofIncidents = Map.groupBy(fired, incidentOf);
  ofIncidents.delete(undefined);
  const taken = [...ofIncidents.values()].flatMap((own) => runsOf(own, STORM));
  const inside = new Set(taken.flat());
  const loose = Map.groupBy(
    fired.filter((sighting) => !inside.has(sighting)),
    ownerOf,
  );
  const storms = [...taken, ...[...loose.values()].flatMap((own) => runsOf(own, LOOSE_STORM))];
  // The first storm that an alarm was in; what ends is told with those that began with it.
  const stormOf = new Map(storms.flatMap((storm, at) => storm.map(({ event }) => [alarmOf(event), at] as const)).toReversed());
  const ended = Map.groupBy(
    alerts.filter(({ event }) => event.type === 'alert.resolved' && stormOf.has(alarmOf(event))),
    ({ event }) => `${stormOf.get(alarmOf(event))} ${laneOf(event)}`,
  );
  return [...storms, ...[...ended.values()].flatMap((own) => runsOf(own, STORM))];
}

/** The triggers of one incident that only tell of further alerts, many within minutes. Takes triggers in the timeline's order. */
export function findFurtherTriggers(triggers: readonly Sighting[]): readonly Run[] {
  const incidents = Map.groupBy(triggers, incidentOf);
  incidents.delete(undefined);
  // The first opened it.
  return [...incidents.values()].flatMap((own) => runsOf(own.slice(1), STORM));
}

/** Stretches of happenings in order that came within minutes of their first, where there are so many. */
export function runsOf(own: Run, least: number): readonly Run[] {
  const runs: Sighting[][] = [];
  for (const sighting of own) {
    const run = runs.at(-1);
    const [first] = run ?? [];
    if (run && first && epochMs(sighting.event.time.at) - epochMs(first.event.time.at) <= STORM_MS) run.push(sighting);
    else runs.push([sighting]);
  }
  return runs.filter(({ length }) => length >= least);
}

/** The incident that took the alert in, by whichever source says so. */
function incidentOf({ event, corroboratedBy }: Sighting): string | undefined {
  return [event, ...corroboratedBy].flatMap(({ correlationKeys }) => correlationKeys).find((key) => key.includes('/incident:'));
}
