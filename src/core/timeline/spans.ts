import type { TimelineEvent } from '../events.ts';
import { remembered } from '../remembered.ts';
import { epochMs } from '../time.ts';
import { findBulkSteps, isBulkStep } from './bulk-steps.ts';
import { findChatter, isText } from './chatter.ts';
import type { Joined, Sighting } from './join.ts';
import { laneOf } from './order.ts';
import { findFurtherTriggers, findStorms } from './storms.ts';

/** Several happenings that are one row, in order. */
export type Run = readonly Sighting[];

/** An alarm flaps where it fires this often, each time and each pause being short. */
const FLAPS = 3;
const FLAP_MS = 20 * 60_000;

/** The rows that stand for many happenings of one kind. */
export interface Spans {
  /** Each by the event of its first happening. */
  readonly runs: ReadonlyMap<TimelineEvent, Run>;
  /** The events of those behind the first. */
  readonly inside: ReadonlySet<TimelineEvent>;
}

/**
 * Finds what would drown the table: an alarm that flapped, many alerts within minutes and the triggers that they made, what was done to
 * many incidents at once, what one author
 * wrote again and again or in a rush, and notifications that follow one another with nothing of the same incident between them. Takes the
 * events in the timeline's order, what of them is joined, and whose a happening is. No happening stands in two rows.
 */
export function findSpans(
  ordered: readonly TimelineEvent[],
  { sightings, behind }: Joined,
  ownerOf: (sighting: Sighting) => string,
): Spans {
  const sightingOf = (event: TimelineEvent) => sightings.get(event) ?? { event, corroboratedBy: NONE };
  const alerts: Sighting[] = [];
  const texts: Sighting[] = [];
  const steps: Sighting[] = [];
  const notified = startNotifications();
  for (const event of ordered) {
    if (behind.has(event)) continue;
    if (event.type === 'alert.fired' || event.type === 'alert.resolved') alerts.push(sightingOf(event));
    else if (isText(event)) texts.push(sightingOf(event));
    else if (isBulkStep(event.type)) steps.push(sightingOf(event));
    notified.follow(event, sightingOf);
  }
  const flapped = flaps(alerts);
  const taken = new Set(flapped.flat());
  const storms = findStorms(
    alerts.filter((sighting) => !taken.has(sighting)),
    { alarmOf, ownerOf },
  );
  const triggers = steps.filter(({ event }) => event.type === 'incident.triggered');
  const runs = [
    ...flapped,
    ...storms,
    ...findFurtherTriggers(triggers),
    ...findBulkSteps(steps, ownerOf),
    ...findChatter(texts),
    ...notified.runs(),
  ];
  return {
    runs: new Map(runs.flatMap((run) => (run[0] ? [[run[0].event, run] as const] : []))),
    inside: new Set(runs.flatMap((run) => run.slice(1).map(({ event }) => event))),
  };
}

const NONE: readonly never[] = [];

function flaps(alerts: readonly Sighting[]): readonly Run[] {
  const alarms = Map.groupBy(alerts, ({ event }) => alarmOf(event));
  return [...alarms.values()].flatMap((own) => {
    if (own.length < FLAPS) return [];
    const runs: Sighting[][] = [[]];
    for (const episode of episodesOf(own)) {
      const before = runs.at(-1)?.at(-1);
      const [first] = episode;
      if (before && first && apartMs(before, first) > FLAP_MS) runs.push([]);
      for (const sighting of episode) runs.at(-1)?.push(sighting);
    }
    return runs.filter((run) => firingsOf(run) >= FLAPS);
  });
}

/** An alarm's own key, else its name at its source. */
export function alarmOf({ attributes, correlationKeys, belongsTo }: TimelineEvent): string {
  const rule = 'alert.rule' in attributes ? attributes['alert.rule'] : '';
  return correlationKeys.find((key) => key.startsWith('alarm:')) ?? `${rule} ${belongsTo.join(' ')}`;
}

/**
 * Each firing with the end that directly follows it and what repeats that end, such as a pager's copy; or alone, where it only
 * repeats that it fires. One that lasted is an event of its own, and so is one without an end.
 */
function episodesOf(own: readonly Sighting[]): readonly Run[] {
  const isSoon = (a: Sighting, b: Sighting) => Math.abs(apartMs(a, b)) <= FLAP_MS;
  return own.flatMap((fired, at): readonly Run[] => {
    if (fired.event.type !== 'alert.fired') return [];
    const [before, next] = [own[at - 1], own[at + 1]];
    if (next?.event.type === 'alert.resolved' && isSoon(fired, next)) return [[fired, next, ...copiesOf(own, at + 1)]];
    const isRepeated = [before, next].some((other) => other?.event.type === 'alert.fired' && isSoon(other, fired));
    return isRepeated ? [[fired]] : [];
  });
}

/** What tells the end at a place again, until it fires anew. */
function copiesOf(own: readonly Sighting[], at: number): Run {
  const ended = own[at];
  const copies: Sighting[] = [];
  for (let place = at + 1; ; place += 1) {
    const copy = own[place];
    if (!ended || copy?.event.type !== 'alert.resolved' || apartMs(ended, copy) > FLAP_MS) return copies;
    copies.push(copy);
  }
}

/** How often it fired, by the one source that saw most of it: what two sources saw and nothing joined is no second firing. */
function firingsOf(run: Run): number {
  const lanes = Map.groupBy(
    run.filter(({ event }) => event.type === 'alert.fired'),
    ({ event }) => laneOf(event),
  );
  return Math.max(0, ...[...lanes.values()].map(({ length }) => length));
}

function apartMs(a: Sighting, b: Sighting): number {
  return epochMs(b.event.time.at) - epochMs(a.event.time.at);
}

interface Notifications {
  follow(event: TimelineEvent, sightingOf: (event: TimelineEvent) => Sighting): void;
  runs(): readonly Run[];
}

function startNotifications(): Notifications {
  const runs: Sighting[][] = [];
  /** By incident, the run that nothing has ended yet: most are of one, which is none. */
  const open = new Map<string, Sighting[]>();
  const isIncident = remembered((key) => key.includes('/incident:'));
  return {
    follow: (event, sightingOf) => {
      const incident = event.correlationKeys.find(isIncident);
      if (incident === undefined) return;
      const run = open.get(incident);
      if (event.type !== 'responder.notified') {
        if (run) open.delete(incident);
      } else if (!run) open.set(incident, [sightingOf(event)]);
      else if (run.push(sightingOf(event)) === 2) runs.push(run);
    },
    runs: () => runs,
  };
}
