import type { RecordedEvent } from '../../../src/core/events.ts';
import { eventOf } from '../../support/events.ts';
import { type Gap, toCase, toSeries, type Watched } from './case.ts';
import { type Dice, diceOf } from './dice.ts';
import {
  crossing,
  drawGrid,
  drawLevel,
  endingAt,
  type Grid,
  type Intensity,
  intensityOf,
  type Level,
  outerIntensity,
  passing,
  valuesOf,
} from './impact.ts';
import { drawGuilt, drawInnocent, type Guilt, type Planned, withoutOverlaps } from './plan.ts';
import { type Told, tellChanges } from './record.ts';
import { drawResponse, type Response } from './response.ts';
import { drawStage, type Stage } from './stage.ts';
import type { Truth, World } from './truth.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/**
 * An incident that never was, as the connectors would have told it, and what was so. It shares no code with the analysis: its
 * times are plain numbers, and of the core it uses the types of what it tells.
 *
 * What varies, and from where:
 * - what began it: binary pushes 37 %, configuration pushes 31 % and the rest by traffic, pipelines, vendors, decay, capacity
 *   and hardware: Google, The Site Reliability Workbook, appendix C, "Results of Postmortem Analysis", table C-1. The issue asks
 *   for a quarter with innocent changes only, so a quarter has none of ours;
 * - steps of a rollout, their share and their bake time, and that errors follow the share: the same book, chapter 16, "Canarying
 *   Releases"; a watched rollout that is stopped half way;
 * - from change to impact: seconds (a step), minutes (a pool that fills), hours (a leak, a cron run, an expired cache, the peak
 *   of the day): public post-mortems, such as those collected at github.com/danluu/post-mortems;
 * - how it ends: taken back, fixed forward, by something that no record tells, after taking back the wrong change, or in spite of
 *   taking back the right one: the VOID reports (thevoid.community) on how rarely one change and one answer are the whole story;
 *   share of failed changes and how often teams deploy: DORA, "Accelerate State of DevOps" (dora.dev);
 * - what else went out in that day: other services, staging, words only, flags, configuration, automatic scaling; 0 to 5 of them,
 *   two in five near the onset and some between it and the alarm, since teams share their working hours;
 * - the alarm: five kinds of metric and one that falls, of the whole service or of one part, at 60 s or 5 min, with rules of M of
 *   N, its lag of 25 to 100 s behind its last period; noise, the shape of a day, slow rises, small steps that hide in noise;
 * - what the record lacks: comparisons, `in_progress` statuses, the dependency in the configuration, a gap over the very change, every metric.
 */
export function drawWorld(seed: number): World {
  const dice = diceOf(seed);
  const stage = drawStage(dice);
  const day = 19_700 * DAY + dice.whole(0, 300) * DAY;
  // Four in five incidents fall into working hours.
  const onsetMs = Math.round(day + (dice.chance(0.8) ? dice.between(8, 19) : dice.between(0, 24)) * HOUR);
  const cause = dice.weighted({ change: 71, hidden_change: 4, no_change: 25 });
  const guilt = cause === 'no_change' ? undefined : drawGuilt(stage, onsetMs, dice);
  const intensity = guilt ? intensityOf(guilt, dice) : outerIntensity(onsetMs, dice);
  const scene = drawAlarm(stage, onsetMs, intensity, dice);
  const changes = drawChanges(stage, guilt, onsetMs, scene.alarmMs, dice);
  const response = drawResponse({ changes, guilty: changes.find(({ isGuilty }) => isGuilty), alarmMs: scene.alarmMs, dice });
  const all = [...response.changes, ...response.answers].toSorted((a, b) => a.beganMs - b.beganMs);
  const records = tellChanges(all, onsetMs, dice);
  const gap = cause === 'hidden_change' && guilt ? gapOver(guilt.change, dice) : undefined;
  const shown = gap ? withoutHidden(records, gap) : records;
  const isBlind = dice.chance(0.08);
  const seen = watchedOf(stage, scene, intensity, response);
  const watched = isBlind ? { ...seen, series: [] } : seen;
  const judged = cause === 'change' && dice.chance(0.05) ? judgments(shown, response, dice) : [];
  const facts = shown.flatMap((told) => told.facts);
  const events = [...shown.flatMap((told) => told.events), ...judged];
  return {
    seed,
    theCase: toCase(stage, watched, response, { events, facts }, gap, dice),
    truth: truthOf({ stage, cause, guilt, intensity, scene, response, shown, onsetMs }),
  };
}

interface Alarmed {
  readonly grid: Grid;
  readonly weeks: Grid;
  readonly level: Level;
  readonly alarmMs: number;
}

/** The worst grows until the alarm sees it: an incident that nobody was paged for is no case. */
function drawAlarm({ watch }: Stage, onsetMs: number, intensity: Intensity, dice: Dice): Alarmed {
  const periodMs = watch.periodMs;
  const aligned = (ms: number) => Math.floor(ms / periodMs) * periodMs;
  const grid = drawGrid(aligned(onsetMs - 25 * HOUR), onsetMs + 20 * HOUR, periodMs, dice);
  const weeks = drawGrid(Math.floor((onsetMs - 14 * DAY) / (5 * MINUTE)) * 5 * MINUTE, onsetMs - 2 * HOUR, 5 * MINUTE, dice);
  const lagMs = dice.between(25, 100) * 1000;
  let level = drawLevel(watch, dice);
  for (let round = 0; round < 12; round += 1) {
    const fired = crossing(grid, valuesOf(grid, level, watch, intensity), watch, level.threshold, 'in', onsetMs);
    if (fired !== undefined && fired < onsetMs + 5 * HOUR) return { grid, weeks, level, alarmMs: fired + lagMs };
    level = { ...level, worst: watch.comparison === 'below' ? -level.base : level.worst * 1.6 };
  }
  return { grid, weeks, level, alarmMs: aligned(onsetMs) + 3 * HOUR };
}

function drawChanges(stage: Stage, guilt: Guilt | undefined, onsetMs: number, alarmMs: number, dice: Dice): readonly Planned[] {
  const count = dice.whole(1, 6) - (guilt ? 1 : 0);
  const innocent = Array.from({ length: count }, (_, at) => drawInnocent(`c${at}`, stage, onsetMs, alarmMs, dice));
  return withoutOverlaps([...(guilt ? [guilt.change] : []), ...innocent]);
}

function watchedOf({ watch }: Stage, { grid, weeks, level, alarmMs }: Alarmed, intensity: Intensity, response: Response): Watched {
  const ended = endingAt(intensity, response.endMs, response.fallMs);
  const untilMs = response.resolvedMs + 2 * HOUR;
  const seen = { ...grid, noise: grid.noise.slice(0, Math.max(0, Math.floor((untilMs - grid.firstMs) / grid.periodMs))) };
  const values = valuesOf(seen, level, watch, ended);
  const calm = crossing(seen, values, watch, level.threshold, 'out', Math.max(alarmMs, response.endMs));
  const before = valuesOf(weeks, level, watch, () => 0);
  return {
    alarmMs,
    ...(calm !== undefined && { calmMs: calm + 30_000 }),
    threshold: level.threshold,
    series: [
      toSeries(watch, grid.periodMs, grid.firstMs, values),
      ...(grid.periodMs === weeks.periodMs ? [] : [toSeries(watch, weeks.periodMs, weeks.firstMs, before)]),
    ],
  };
}

function gapOver({ beganMs, endedMs }: Planned, dice: Dice): Gap {
  return { fromMs: beganMs - dice.between(5, 90) * MINUTE, toMs: endedMs + dice.between(2, 20) * MINUTE };
}

/** What began inside the gap was not read. */
function withoutHidden(records: readonly Told[], { fromMs, toMs }: Gap): readonly Told[] {
  return records.filter(({ change }) => !change || (!change.isGuilty && (change.beganMs < fromMs || change.beganMs > toMs)));
}

/** Now and then a person said which it was, or which it was not. */
function judgments(records: readonly Told[], { resolvedMs }: Response, dice: Dice): readonly RecordedEvent[] {
  const isConfirmed = dice.chance(0.6);
  const judged = records.find(
    ({ change }) =>
      change &&
      change.isGuilty === isConfirmed &&
      change.answers === undefined &&
      change.place.way === 'deployments' &&
      change.kind === 'rollout',
  );
  const [event] = judged?.events ?? [];
  if (!event) return [];
  const verdict = isConfirmed ? 'confirmed' : 'rejected';
  const change = `github/deployment:${event.provenance.nativeId}`;
  return [
    eventOf('suspect.judged', new Date(resolvedMs + HOUR).toISOString(), {
      stream: 'judgments',
      correlationKeys: [],
      attributes: { change, verdict, reason: 'we looked', author: 'ann' },
    }),
  ];
}

interface Known {
  readonly stage: Stage;
  readonly cause: Truth['cause'];
  readonly guilt: Guilt | undefined;
  readonly intensity: Intensity;
  readonly scene: Alarmed;
  readonly response: Response;
  readonly shown: readonly Told[];
  readonly onsetMs: number;
}

function truthOf({ stage, cause, guilt, intensity, scene, response, shown, onsetMs }: Known): Truth {
  const guilty = shown.find(({ change }) => change?.isGuilty);
  const plain = shown.flatMap(({ change, events }) => (change && change.answers === undefined ? [{ change, event: events[0].id }] : []));
  const answer = response.answers.find(({ id, isForward }) => id === response.endedBy && !isForward);
  const { pagedMs, acknowledgedMs, communicatedMs, resolvedMs, endMs, fallMs } = response;
  return {
    guilty: guilty ? guilty.events.map(({ id }) => id) : [],
    cause,
    ...(guilt && { mechanism: `${guilt.mechanism} ${guilt.change.kind}${guilt.change.place === stage.subject ? '' : ' of a dependency'}` }),
    changes: plain.map(({ change, event }) => ({
      event,
      isRollout: change.kind === 'rollout',
      isGuilty: change.isGuilty,
      beganMs: change.beganMs,
      endedMs: change.endedMs,
    })),
    alarmMs: scene.alarmMs,
    answers: response.answers.length,
    milestones: {
      impact_started: passing(intensity, scene.level, stage.watch, stage.watch.periodMs, onsetMs, 'over'),
      detected: scene.alarmMs,
      paged: pagedMs,
      ...(acknowledgedMs !== undefined && { acknowledged: acknowledgedMs }),
      ...(communicatedMs !== undefined && { communicated: communicatedMs }),
      ...(answer && { reversal_started: answer.beganMs, reversed: answer.endedMs }),
      recovered: passing(endingAt(intensity, endMs, fallMs), scene.level, stage.watch, stage.watch.periodMs, endMs, 'under'),
      resolved: resolvedMs,
      // A release tells when it was published, and nothing of its rollout; one that was stopped was out from its first step on, and never whole.
      ...(guilty?.change &&
        !isReleased(guilty.change) && {
          suspect_deployed: guilty.change.outcome === 'failed' ? guilty.change.beganMs : guilty.change.endedMs,
        }),
    },
    running: runningAt(shown, stage, onsetMs),
  };
}

function isReleased({ kind, place }: Planned): boolean {
  return kind === 'rollout' && place.way === 'releases';
}

function runningAt(shown: readonly Told[], { subject }: Stage, onsetMs: number): Truth['running'] {
  const own = shown.filter(({ place, running }) => place === subject && running !== undefined);
  const out = own
    .flatMap(({ running }) => (running && running.sinceMs <= onsetMs ? [running] : []))
    .toSorted((a, b) => b.sinceMs - a.sinceMs);
  const going = own.flatMap(({ change, running }) =>
    change && running && change.beganMs <= onsetMs && running.sinceMs > onsetMs ? [running] : [],
  );
  return [...out.slice(0, 1), ...going].map(({ revision, sinceMs }) => ({ service: subject.name, revision, sinceMs }));
}
