import type { RecordedEvent } from '../../../src/core/events.ts';
import type { Fact } from '../../../src/core/facts.ts';
import type { Dice } from './dice.ts';
import type { Planned } from './plan.ts';
import type { Place } from './stage.ts';
import { advance, type Lane, laneOf, tellConfig, tellContents, tellDeployment, tellFlag, tellRelease, tellRun } from './telling.ts';

/** What was told of one change; of a rollout long before the day only that it ran. */
export interface Told {
  readonly place: Place;
  readonly change?: Planned;
  readonly events: readonly [RecordedEvent, ...RecordedEvent[]];
  readonly facts: readonly Fact[];
  /** What was out, and since when, once it had succeeded. */
  readonly running?: { readonly revision: string; readonly sinceMs: number };
}

const DAY = 86_400_000;

/** All changes in their order, each rollout on top of what ran in its place, with the last one before the day. */
export function tellChanges(changes: readonly Planned[], onsetMs: number, dice: Dice): readonly Told[] {
  const lanes = new Map<string, Lane>();
  let id = dice.whole(1_000_000, 9_000_000);
  return changes.flatMap((change): readonly Told[] => {
    if (change.kind !== 'rollout')
      return [{ place: change.place, ...(change.kind === 'flag' ? tellFlag(change) : tellConfig(change, dice)) }];
    const name = `${change.place.name}@${change.environment}`;
    const known = lanes.get(name);
    const lane = known ?? laneOf(onsetMs - dice.between(1.5, 20) * DAY, dice);
    lanes.set(name, lane);
    const first = known ? [] : [tellFirst(change, lane, id++, dice)];
    const going = { ...advance(lane, change), change, id: id++, isBack: change.answers !== undefined && change.isForward !== true };
    const told = tellRollout(going, dice);
    const out =
      change.outcome === 'succeeded' && change.environment === 'production'
        ? { running: { revision: going.to, sinceMs: outSince(change) } }
        : {};
    return [...first, { place: change.place, ...told, facts: tellContents(going, dice), ...out }];
  });
}

/** A release is out when it is published, as far as its record goes. */
function outSince({ place, beganMs, endedMs }: Planned): number {
  return place.way === 'releases' ? beganMs : endedMs;
}

type Going = Parameters<typeof tellDeployment>[0];

function tellRollout(going: Going, dice: Dice) {
  const TELLERS = { deployments: tellDeployment, workflow_runs: tellRun, releases: tellRelease } as const satisfies {
    [Way in Place['way']]: unknown;
  };
  return TELLERS[going.change.place.way](going, dice);
}

/** The last success before the day, however old: connectors always bring it. */
function tellFirst({ place, environment }: Planned, { revision, sinceMs }: Lane, id: number, dice: Dice): Told {
  const old: Planned = {
    id: `old-${id}`,
    kind: 'rollout',
    place,
    environment,
    beganMs: sinceMs - 120_000,
    endedMs: sinceMs,
    steps: [],
    outcome: 'succeeded',
    files: [],
    part: '',
    revision,
    isGuilty: false,
  };
  const told = tellRollout({ change: old, id, from: revision, to: revision, tag: 'v1.0.0', isBack: false }, dice);
  return { place, events: told.events, facts: [], ...(environment === 'production' && { running: { revision, sinceMs: outSince(old) } }) };
}
