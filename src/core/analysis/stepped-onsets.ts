import type { Case } from '../case.ts';
import { ownerNameOf } from '../ownership.ts';
import { epochMs, instantAt, likelyTime, type Window } from '../time.ts';
import { gapsOf } from './blind-spots.ts';
import type { Change, Step } from './changes.ts';
import { isBeforeUsers } from './environments.ts';
import type { ImpactReading } from './impact-series.ts';
import { median } from './normal.ts';
import { type Departure, excessAt, reachedBack } from './onset.ts';
import { startOf } from './track.ts';

/** What was normal before a step is the middle of so many periods before it; of fewer than the least nothing is learned. */
const BEFORE_PERIODS = 60;
const LEAST_BEFORE = 8;
/** Twice the log-likelihood from which on the points speak against a step: three standard errors. */
const DOUBT = 9;
/** Variance of a median against that of a mean of as many normal values. */
const MEDIAN_VARIANCE = 1.57;

/**
 * The readings, each with its onset as early as a rollout that was under way allows: where an earlier step of it can have begun the
 * impact without showing, the interval reaches back to that step. A canary may raise a metric by no more than its noise, and no
 * look at the metric alone tells then when: the record of its steps does. Where a part of that record could not be read a step may
 * have been anywhere in it, and lengths are counted from bounds that allow for one.
 *
 * What counts as begun is a mean of one standard deviation of the noise above normal: less is not told from normal by anybody. A step
 * is a possible start unless its points speak against so much from it on.
 */
export function reachToSteps(readings: readonly ImpactReading[], changes: readonly Change[], theCase: Reach): readonly ImpactReading[] {
  const stepped = changes.filter(
    (change) => (change.steps?.length ?? 0) > 1 && !isBeforeUsers(change, changes) && reaches(change, theCase),
  );
  const gaps = gapsOf(theCase, 'change');
  return readings.map((reading) => reachToGap(reachToStep(reading, stepped), gaps));
}

function reachToStep(reading: ImpactReading, stepped: readonly Change[]): ImpactReading {
  const { onset } = reading;
  if (!onset.found || onset.isSilence) return reading;
  const starts = stepped.flatMap((change) => earliestStart(change, onset) ?? []).toSorted((a, b) => fromMs(a.step) - fromMs(b.step));
  const [earliest] = starts;
  if (!earliest) return reading;
  const { step, change } = earliest;
  const backMs = epochMs(onset.time.at) - fromMs(step);
  return {
    ...reading,
    onset: reachedBack(onset, (boundsOf) => Math.max(boundsOf(onset).minusMs, backMs)),
    mayBeginWith: { at: step.at, change: change.key, cites: change.cites },
  };
}

/** Which came first, the impact or a change that is on record, no change that is not says: only the wider bounds reach back. */
function reachToGap(reading: ImpactReading, gaps: ReturnType<typeof gapsOf>): ImpactReading {
  const { onset } = reading;
  if (!onset.found || onset.isSilence) return reading;
  const starts = gaps.flatMap((gap) => unseenStart(gap.window, onset).map((ms) => ({ ms, gap }))).toSorted((a, b) => a.ms - b.ms);
  const [earliest] = starts;
  if (!earliest) return reading;
  const time = { ...onset.time, minusMs: epochMs(onset.time.at) - earliest.ms };
  return { ...reading, onset: { ...onset, time, likely: likelyTime(onset) }, mayBeginIn: earliest.gap };
}

/** The first instant of a gap at which a step can have begun the impact unseen, where that is before its own bounds. */
function unseenStart({ from, to }: Window, onset: Departure): readonly number[] {
  const { track, index, time } = onset;
  const [fromGap, toGap, earliestMs] = [epochMs(from), epochMs(to), epochMs(time.at) - time.minusMs];
  const periods = Array.from({ length: Math.min(index, BEFORE_PERIODS) }, (_, back) => startOf(track, index - 1 - back));
  const instants = periods.map((startMs) => Math.max(startMs, fromGap)).filter((ms) => ms < Math.min(toGap, earliestMs));
  const possible = instants.filter((ms) => canHide([{ at: { at: instantAt(ms), minusMs: 0, plusMs: 0 } }], onset));
  return possible.slice(-1);
}

type Reach = Pick<Case, 'events' | 'services' | 'subject' | 'coverage'>;

/** Whether a change is of a service of the case or of one that these depend on; nobody's may be. */
function reaches({ cites }: Change, { events, services, subject }: Reach): boolean {
  const cited = new Set(cites.flatMap((cite) => ('event' in cite ? [cite.event] : [])));
  const owner = ownerNameOf(
    events.flatMap(({ id, belongsTo }) => (cited.has(id) ? belongsTo : [])),
    services,
  );
  const direct = services.filter(({ name }) => subject.includes(name)).flatMap(({ dependsOn }) => dependsOn);
  return owner === undefined || subject.includes(owner) || direct.includes(owner);
}

/** The first step that can have begun the impact, and before its own bounds: none, where the rollout was not under way then. */
function earliestStart(change: Change, onset: Departure): { readonly step: Step; readonly change: Change } | undefined {
  const { steps = [], ended } = change;
  const { at, minusMs, plusMs } = likelyTime(onset);
  const earliestMs = epochMs(at) - minusMs;
  const last = ended ?? steps.at(-1)?.at;
  if (last === undefined || epochMs(last.at) + last.plusMs + onset.track.periodMs < earliestMs) return undefined;
  const before = steps.filter((step) => fromMs(step) < epochMs(at) + plusMs);
  const step = before.find((one, index) => fromMs(one) < earliestMs && canHide(before.slice(index), onset));
  return step && { step, change };
}

function fromMs({ at: { at, minusMs } }: Step): number {
  return epochMs(at) - minusMs;
}

/**
 * Whether each stretch from a step to the next may lie a standard deviation above what lay before the first: twice the log-likelihood
 * against it. The level of the onset itself may have learned from the canary already.
 */
function canHide(steps: readonly Step[], onset: Departure): boolean {
  const [first] = steps;
  if (!first) return false;
  const beganMs = fromMs(first);
  const before = sizesBetween(onset, beganMs - BEFORE_PERIODS * onset.track.periodMs, beganMs);
  const base =
    before.length < LEAST_BEFORE ? { size: 0, variance: 0 } : { size: median(before), variance: MEDIAN_VARIANCE / before.length };
  const misfits = steps.map((step, index) => {
    const next = steps[index + 1];
    const sizes = sizesBetween(onset, fromMs(step), next ? fromMs(next) : epochMs(onset.time.at));
    if (sizes.length === 0) return 0;
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    return Math.min(0, mean - base.size - 1) ** 2 / (1 / sizes.length + base.variance);
  });
  return misfits.reduce((sum, misfit) => sum + misfit, 0) <= DOUBT;
}

/** How far the whole periods of a stretch before the onset lie from normal, in standard deviations of the noise. */
function sizesBetween(onset: Departure, sinceMs: number, untilMs: number): readonly number[] {
  const { track, index, normal } = onset;
  const first = Math.max(0, Math.ceil((sinceMs - track.firstMs) / track.periodMs));
  const sizes: number[] = [];
  for (let at = first; at < index && startOf(track, at) + track.periodMs <= untilMs; at += 1) {
    const size = excessAt(onset, at) / normal.spread;
    if (!Number.isNaN(size)) sizes.push(size);
  }
  return sizes;
}
