import type { TimelineEvent } from '../events.ts';
import { epochMs } from '../time.ts';
import type { Sighting } from './join.ts';

/** One row of the timeline before it has an owner: a happening, or many of one kind that are told as one. */
export interface Row extends Sighting {
  /** Empty where the row is one happening; else all that it stands for, the first being `event`. */
  readonly members: readonly TimelineEvent[];
}

/** An alarm flaps where it fires this often, each time and each pause being short. */
const FLAPS = 3;
const FLAP_MS = 20 * 60_000;

/**
 * Collapses what would drown the table: an alarm that flapped, and notifications that follow one another with nothing of
 * the same incident between them. Takes the happenings in the timeline's order and keeps it.
 */
export function collapseSpans(sightings: readonly Sighting[]): readonly Row[] {
  const runs = [...flaps(sightings), ...notifications(sightings)];
  const heads = new Map(runs.map((run) => [run[0], run]));
  const inside = new Set(runs.flatMap((run) => run.slice(1)));
  return sightings
    .filter((sighting) => !inside.has(sighting))
    .map((sighting) => {
      const run = heads.get(sighting);
      if (!run) return { ...sighting, members: [] };
      return {
        event: sighting.event,
        corroboratedBy: run.flatMap(({ corroboratedBy }) => corroboratedBy),
        members: run.map(({ event }) => event),
      };
    });
}

type Run = readonly Sighting[];

function flaps(sightings: readonly Sighting[]): readonly Run[] {
  const alarms = Map.groupBy(
    sightings.filter(({ event }) => event.type.startsWith('alert.')),
    ({ event }) => alarmOf(event),
  );
  return [...alarms.values()].flatMap((own) => {
    const runs: Sighting[][] = [[]];
    for (const pair of pairsOf(own)) {
      const before = runs.at(-1)?.at(-1);
      if (before && apartMs(before, pair[0]) > FLAP_MS) runs.push([]);
      runs.at(-1)?.push(...pair);
    }
    return runs.filter((run) => run.length >= 2 * FLAPS);
  });
}

/** An alarm's own key, else its name at its source. */
function alarmOf({ attributes, correlationKeys, belongsTo }: TimelineEvent): string {
  const rule = 'alert.rule' in attributes ? attributes['alert.rule'] : '';
  return correlationKeys.find((key) => key.startsWith('alarm:')) ?? `${rule} ${belongsTo.join(' ')}`;
}

/** Each firing with the end that directly follows it; one that lasted is an event of its own, and so is one without end. */
function pairsOf(own: readonly Sighting[]): readonly (readonly [Sighting, Sighting])[] {
  return own.flatMap((fired, at) => {
    const ended = own[at + 1];
    const isPair = fired.event.type === 'alert.fired' && ended?.event.type === 'alert.resolved';
    return isPair && apartMs(fired, ended) <= FLAP_MS ? [[fired, ended] as const] : [];
  });
}

function apartMs(a: Sighting, b: Sighting): number {
  return epochMs(b.event.time.at) - epochMs(a.event.time.at);
}

function notifications(sightings: readonly Sighting[]): readonly Run[] {
  const incidents = Map.groupBy(sightings, ({ event }) => event.correlationKeys.find((key) => key.includes('/incident:')));
  incidents.delete(undefined);
  return [...incidents.values()].flatMap((own) => {
    const runs: Sighting[][] = [[]];
    for (const sighting of own) {
      if (sighting.event.type === 'responder.notified') runs.at(-1)?.push(sighting);
      else if (runs.at(-1)?.length) runs.push([]);
    }
    return runs.filter((run) => run.length >= 2);
  });
}
