import type { Dice } from './dice.ts';
import type { Planned } from './plan.ts';

/** What people did and when it ended, as it truly went. */
export interface Response {
  readonly pagedMs: number;
  readonly acknowledgedMs?: number;
  readonly communicatedMs?: number;
  readonly resolvedMs: number;
  /** The changes that answer: reversals and fixes. */
  readonly answers: readonly Planned[];
  /** The changes as the answers left them: a stopped rollout ended early. */
  readonly changes: readonly Planned[];
  /** When the impact began to fall, and how long that took. */
  readonly endMs: number;
  readonly fallMs: number;
  /** The answer that ended it. */
  readonly endedBy?: string;
}

interface Scene {
  readonly changes: readonly Planned[];
  readonly guilty: Planned | undefined;
  readonly alarmMs: number;
  readonly dice: Dice;
}

const MINUTE = 60_000;

interface Ending {
  readonly answers: readonly Planned[];
  readonly changes: readonly Planned[];
  readonly endMs: number;
  readonly fallMs: number;
  readonly endedBy?: string;
}

export function drawResponse(scene: Scene): Response {
  const { alarmMs, dice } = scene;
  const pagedMs = alarmMs + dice.between(2, 90) * 1000;
  const isAnswered = dice.chance(0.93);
  const answeredMs = pagedMs + dice.logBetween(0.3, 20) * MINUTE;
  const ending = drawEnding(scene, answeredMs);
  const overMs = Math.max(ending.endMs + ending.fallMs, ...ending.answers.map(({ endedMs }) => endedMs));
  return {
    pagedMs,
    ...(isAnswered && answeredMs < overMs && { acknowledgedMs: answeredMs }),
    ...(dice.chance(0.4) && { communicatedMs: answeredMs + dice.between(1, 15) * MINUTE }),
    resolvedMs: overMs + dice.logBetween(6, 50) * MINUTE,
    ...ending,
  };
}

function drawEnding(scene: Scene, answeredMs: number): Ending {
  const { guilty, alarmMs, dice } = scene;
  if (!guilty) return endingWithoutCause(scene, answeredMs);
  if (guilty.steps.length > 0 && guilty.kind === 'rollout' && alarmMs < guilty.endedMs && dice.chance(0.6)) return stopped(scene, guilty);
  const how = dice.weighted({ back: 46, forward: 16, wrong_first: 9, in_vain: 4, elsewhere: 25 });
  const canBack = guilty.kind !== 'scaling' && !(guilty.kind === 'rollout' && guilty.place.way === 'releases');
  if (how === 'forward' && guilty.kind === 'rollout') return forward(scene, guilty, answeredMs);
  if (how === 'elsewhere' || !canBack) return elsewhere(scene, answeredMs);
  // A reversal comes after the rollout that it takes back.
  const backMs = Math.max(guilty.endedMs + MINUTE, answeredMs + dice.logBetween(2, 30) * MINUTE);
  if (how === 'wrong_first') return wrongFirst(scene, guilty, backMs);
  const back = reversalOf(guilty, 'back', backMs, dice);
  if (how !== 'in_vain') return { ...endedBy(back, dice), answers: [back], changes: scene.changes };
  const { endMs, fallMs } = elsewhere(scene, back.endedMs + 30 * MINUTE);
  return { answers: [back], changes: scene.changes, endMs, fallMs };
}

function endedBy(answer: Planned, dice: Dice): Pick<Ending, 'endMs' | 'fallMs' | 'endedBy'> {
  // The fleet takes the old version back one after the other, and queues drain.
  const isSlow = dice.chance(0.12);
  const endMs = answer.endedMs - (answer.endedMs - answer.beganMs) * dice.between(0, 0.6);
  return {
    endMs,
    fallMs: Math.max(1000, answer.endedMs - endMs) + (isSlow ? dice.between(5, 25) : dice.between(0, 2)) * MINUTE,
    endedBy: answer.id,
  };
}

function reversalOf(taken: Planned, id: string, atMs: number, dice: Dice): Planned {
  const lengthMs = taken.kind === 'rollout' ? dice.logBetween(0.7 * MINUTE, 10 * MINUTE) : 0;
  return { ...taken, id, beganMs: atMs, endedMs: atMs + lengthMs, steps: [], outcome: 'succeeded', isGuilty: false, answers: taken.id };
}

/** The steps were watched: the rollout is stopped and the traffic goes back. */
function stopped({ changes, alarmMs, dice }: Scene, guilty: Planned): Ending {
  const endedMs = Math.min(guilty.endedMs, alarmMs + dice.between(1, 8) * MINUTE);
  const steps = guilty.steps.filter(([at]) => at < endedMs);
  const cut: Planned = { ...guilty, endedMs, steps, outcome: 'failed' };
  const endMs = endedMs - dice.between(0, 30) * 1000;
  return {
    answers: [],
    changes: changes.map((change) => (change === guilty ? cut : change)),
    endMs,
    fallMs: dice.between(1, 60) * 1000,
    endedBy: 'guilty',
  };
}

/** A fix goes out on top; it touches what the guilty change touched. */
function forward({ changes, dice }: Scene, guilty: Planned, answeredMs: number): Ending {
  const beganMs = Math.max(guilty.endedMs + MINUTE, answeredMs + dice.logBetween(10, 60) * MINUTE);
  const endedMs = beganMs + dice.logBetween(MINUTE, 12 * MINUTE);
  const files = [...dice.some(guilty.files, Math.min(2, guilty.files.length)), ...(dice.chance(0.3) ? ['src/http/server.ts'] : [])];
  const fix: Planned = {
    ...guilty,
    id: 'fix',
    beganMs,
    endedMs,
    steps: [],
    files,
    outcome: 'succeeded',
    isGuilty: false,
    answers: guilty.id,
    isForward: true,
    revision: dice.hex(40),
  };
  return { ...endedBy(fix, dice), answers: [fix], changes };
}

/** The nearest of ours is taken back first, and nothing changes. */
function wrongFirst(scene: Scene, guilty: Planned, backMs: number): Ending {
  const { changes, alarmMs, dice } = scene;
  const wrong = changes.findLast((change) => canTakeBack(change, alarmMs) && change !== guilty && change.place !== guilty.place);
  const laterMs = backMs + dice.between(12, 40) * MINUTE;
  const back = reversalOf(guilty, 'back', wrong ? laterMs : backMs, dice);
  return { ...endedBy(back, dice), answers: [...(wrong ? [reversalOf(wrong, 'wrong', backMs, dice)] : []), back], changes };
}

function canTakeBack({ kind, endedMs, outcome, environment, place }: Planned, alarmMs: number): boolean {
  const isRollout = kind === 'rollout' && place.way !== 'releases';
  return (isRollout || kind === 'flag') && endedMs < alarmMs && outcome === 'succeeded' && environment === 'production';
}

/** A restart, a failover, a call to the vendor: no record that we read tells of it. */
function elsewhere({ changes, dice }: Scene, fromMs: number): Ending {
  return { answers: [], changes, endMs: fromMs + dice.logBetween(3, 60) * MINUTE, fallMs: dice.logBetween(1000, 10 * MINUTE) };
}

/** Nothing of ours began it; still the newest of ours is often taken back, in vain. */
function endingWithoutCause(scene: Scene, answeredMs: number): Ending {
  const { changes, alarmMs, dice } = scene;
  const newest = changes.findLast((change) => canTakeBack(change, alarmMs) && alarmMs - change.endedMs < 6 * 60 * MINUTE);
  const over = { ...elsewhere(scene, answeredMs), endMs: answeredMs + dice.logBetween(4, 180) * MINUTE };
  if (!newest || !dice.chance(0.35)) return over;
  const wrong = reversalOf(newest, 'wrong', answeredMs + dice.logBetween(2, 20) * MINUTE, dice);
  return { ...over, answers: [wrong] };
}
