import type { TimelineEvent } from '../events.ts';
import { epochMs } from '../time.ts';
import type { Sighting } from './join.ts';
import { laneOf } from './order.ts';

/** So many alerts that one incident took in within so long are one row: a reader wants their number and their names. */
const STORM = 5;
const STORM_MS = 5 * 60_000;

type Run = readonly Sighting[];

/**
 * The storms among alerts in the timeline's order: the firings that one incident took in within minutes of the first, and what
 * ended in like manner of the alarms in them, by each source that tells it. `alarmOf` names an alert's alarm.
 */
export function findStorms(alerts: readonly Sighting[], alarmOf: (event: TimelineEvent) => string): readonly Run[] {
  const fired = Map.groupBy(
    alerts.filter(({ event }) => event.type === 'alert.fired'),
    incidentOf,
  );
  fired.delete(undefined);
  const storms = [...fired.values()].flatMap(runsOf);
  // The first storm that an alarm was in; what ends is told with those that began with it.
  const stormOf = new Map(storms.flatMap((storm, at) => storm.map(({ event }) => [alarmOf(event), at] as const)).toReversed());
  const ended = Map.groupBy(
    alerts.filter(({ event }) => event.type === 'alert.resolved' && stormOf.has(alarmOf(event))),
    ({ event }) => `${stormOf.get(alarmOf(event))} ${laneOf(event)}`,
  );
  return [...storms, ...[...ended.values()].flatMap(runsOf)];
}

function runsOf(own: Run): readonly Run[] {
  const runs: Sighting[][] = [];
  for (const sighting of own) {
    const run = runs.at(-1);
    const [first] = run ?? [];
    if (run && first && epochMs(sighting.event.time.at) - epochMs(first.event.time.at) <= STORM_MS) run.push(sighting);
    else runs.push([sighting]);
  }
  return runs.filter(({ length }) => length >= STORM);
}

/** The incident that took the alert in, by whichever source says so. */
function incidentOf({ event, corroboratedBy }: Sighting): string | undefined {
  return [event, ...corroboratedBy].flatMap(({ correlationKeys }) => correlationKeys).find((key) => key.includes('/incident:'));
}
