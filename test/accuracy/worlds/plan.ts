import type { Dice } from './dice.ts';
import { drawFiles, drawIdleFiles, type Place, type Stage } from './stage.ts';

export type Kind = 'rollout' | 'flag' | 'config' | 'scaling';

/** One change as it truly went. Times are milliseconds since 1970. */
export interface Planned {
  readonly id: string;
  readonly kind: Kind;
  readonly place: Place;
  readonly environment: string;
  readonly beganMs: number;
  readonly endedMs: number;
  /** What share of the traffic it had from when on, by steps that its record tells; empty where it tells none. */
  readonly steps: readonly (readonly [number, number])[];
  readonly outcome: 'succeeded' | 'failed';
  readonly files: readonly string[];
  /** The part of the service that a flag or a configuration names. */
  readonly part: string;
  readonly revision: string;
  readonly isGuilty: boolean;
  /** What it takes back, by id, where it is an answer. */
  readonly answers?: string;
  readonly isForward?: boolean;
}

/** How the guilty change came to hurt. */
export type Mechanism = 'by_steps' | 'at_once' | 'soon' | 'leak' | 'trigger';

export interface Guilt {
  readonly change: Planned;
  readonly mechanism: Mechanism;
  readonly onsetMs: number;
}

const MINUTE = 60_000;
const HOUR = 3_600_000;

/**
 * The guilty change, and when it began to hurt: mostly while it went out or in the minutes after, else hours later by a leak, a
 * cron run, an expired cache or the day's peak.
 */
export function drawGuilt(stage: Stage, onsetMs: number, dice: Dice): Guilt {
  const isElsewhere = stage.dependencies.length > 0 && dice.chance(0.2);
  const [dependency = stage.subject] = stage.dependencies;
  const place = isElsewhere ? dependency : stage.subject;
  const kind = dice.weighted<Kind>({ rollout: 72, flag: 13, config: 13, scaling: 2 });
  const shape = drawShape(kind, place, dice);
  const mechanism =
    shape.steps.length > 0 && dice.chance(0.7) ? 'by_steps' : dice.weighted({ at_once: 31, soon: 27, leak: 16, trigger: 26 });
  const lagMs = lagOf(mechanism, shape, dice);
  const beganMs = onsetMs - lagMs;
  const change: Planned = {
    ...common('guilty', kind, place, dice),
    environment: 'production',
    beganMs,
    endedMs: beganMs + shape.lengthMs,
    steps: shape.steps.map(([at, share]) => [beganMs + at, share]),
    files: kind === 'rollout' ? drawFiles(place, dice, true, isElsewhere ? undefined : stage.watch) : [],
    part: (!isElsewhere && dice.chance(0.6) && stage.watch.part) || dice.pick(place.parts),
    isGuilty: true,
  };
  return { change, mechanism, onsetMs };
}

function common(id: string, kind: Kind, place: Place, dice: Dice) {
  return { id, kind, place, outcome: 'succeeded', revision: dice.hex(40) } as const;
}

interface Shape {
  readonly lengthMs: number;
  readonly steps: readonly (readonly [number, number])[];
}

/** Offsets from its begin. Canary steps as the SRE Workbook and the rollout tools have them: few, growing, minutes to an hour each. */
function drawShape(kind: Kind, place: Place, dice: Dice): Shape {
  const isStepped = (kind === 'rollout' && place.hasCanary) || (kind === 'flag' && dice.chance(0.3));
  if (!isStepped) return { lengthMs: kind === 'rollout' ? dice.logBetween(0.7 * MINUTE, 15 * MINUTE) : 0, steps: [] };
  const shares = dice.pick([
    [0.1, 0.5, 1],
    [0.05, 0.25, 1],
    [0.1, 1],
    [0.01, 0.1, 0.5, 1],
    [0.25, 0.5, 0.75, 1],
  ]);
  const bakeMs = dice.logBetween(4 * MINUTE, 30 * MINUTE);
  const steps = shares.map((share, at) => [at * bakeMs * dice.between(0.9, 1.1) + (at === 0 ? 0 : MINUTE), share] as const);
  const last = steps.at(-1)?.[0] ?? 0;
  return { steps, lengthMs: kind === 'flag' ? last : last + dice.between(1, 4) * MINUTE };
}

function lagOf(mechanism: Mechanism, { lengthMs, steps }: Shape, dice: Dice): number {
  const LAGS = {
    // The first step whose share is worth noticing carries the onset.
    by_steps: () => (steps.find(([, share]) => share >= 0.05)?.[0] ?? 0) + dice.between(1, 40) * 1000,
    at_once: () => lengthMs * dice.between(0.2, 1) + dice.between(1, 30) * 1000,
    soon: () => lengthMs + dice.logBetween(20_000, 12 * MINUTE),
    leak: () => lengthMs + dice.logBetween(15 * MINUTE, 5 * HOUR),
    trigger: () => lengthMs + dice.logBetween(15 * MINUTE, 10 * HOUR),
  } as const satisfies Record<Mechanism, () => number>;
  return LAGS[mechanism]();
}

/** Changes that did nothing: of ours, of others, to staging, of words only; two thirds of them anywhere in the day before. */
export function drawInnocent(id: string, stage: Stage, onsetMs: number, alarmMs: number, dice: Dice): Planned {
  const what = dice.weighted({ own: 26, dependency: 9, other: 25, staging: 10, idle: 4, flag: 8, config: 8, scaling: 10 });
  const [dependency, ...moreDependencies] = stage.dependencies;
  const [other, ...moreOthers] = stage.others;
  const place =
    (what === 'other' || ((what === 'flag' || what === 'config') && dice.chance(0.6))) && other
      ? dice.pick([other, ...moreOthers])
      : what === 'dependency' && dependency
        ? dice.pick([dependency, ...moreDependencies])
        : stage.subject;
  const kind: Kind = what === 'flag' || what === 'config' || what === 'scaling' ? what : 'rollout';
  const shape = drawShape(kind, place, dice);
  const isStaging = what === 'staging' && place.hasStaging;
  const endMs = drawInnocentEnd(isStaging || place !== stage.subject || kind === 'scaling', onsetMs, alarmMs, dice);
  const beganMs = endMs - shape.lengthMs;
  return {
    ...common(id, kind, place, dice),
    environment: isStaging ? 'staging' : 'production',
    beganMs,
    endedMs: endMs,
    steps: isStaging ? [] : shape.steps.map(([at, share]) => [beganMs + at, share]),
    files: kind !== 'rollout' ? [] : what === 'idle' ? drawIdleFiles(dice) : drawFiles(place, dice),
    part: dice.pick(place.parts),
    isGuilty: false,
    ...(kind === 'rollout' && place.way !== 'releases' && dice.chance(0.06) && { outcome: 'failed' as const }),
  };
}

/** Many teams roll out in the same hours, so another's change lies near the onset more often than one of ours; and machines scale with the day's load. */
function drawInnocentEnd(isOthers: boolean, onsetMs: number, alarmMs: number, dice: Dice): number {
  const when = dice.weighted(isOthers ? { day: 36, hours: 38, minutes: 26 } : { day: 90, hours: 8, minutes: 2 });
  if (when === 'day') return onsetMs - dice.between(0, 22) * HOUR;
  if (when === 'hours') return onsetMs - dice.logBetween(3 * MINUTE, 3 * HOUR);
  return alarmMs - dice.between(0, 15) * MINUTE;
}

/** Two rollouts of one place follow each other: the later one of two that overlap is left out, the guilty one never. */
export function withoutOverlaps(changes: readonly Planned[]): readonly Planned[] {
  const kept: Planned[] = [];
  for (const change of changes.toSorted((a, b) => Number(b.isGuilty) - Number(a.isGuilty))) {
    const isClash = (other: Planned) =>
      change.kind === 'rollout' &&
      other.kind === 'rollout' &&
      other.place === change.place &&
      other.environment === change.environment &&
      change.beganMs - 2 * MINUTE < other.endedMs &&
      other.beganMs - 2 * MINUTE < change.endedMs;
    if (!kept.some(isClash)) kept.push(change);
  }
  return kept.toSorted((a, b) => a.beganMs - b.beganMs);
}
