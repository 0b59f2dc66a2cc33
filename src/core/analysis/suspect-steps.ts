import type { Citations } from '../citation.ts';
import { between, epochMs, type Moment } from '../time.ts';
import type { Change, Step } from './changes.ts';
import { type Departure, excessAt } from './onset.ts';
import { indexAt, startOf } from './track.ts';
import type { Ground, Weighing } from './weighing.ts';

/** What a step is compared with: the last periods before it, since a rise between two steps is of neither. */
const BEFORE_PERIODS = 3;
/** What follows the last step is looked at for so long, at most. */
const LAST_MS = 1_200_000;
/** A rise is a step of the errors by this share of what normal allows, and by this share of what they were. */
const LEAST_OF_REACH = 0.5;
const LEAST_OF_BEFORE = 0.25;
/** One rise alone may be chance. */
const ONE_SHARE = 0.4;

/**
 * Whether the metric rose where the rollout took its steps. Errors that grow with the share of the traffic that has the change, step
 * by step, are what a canary is watched for (The Site Reliability Workbook, chapter 16); errors that do not care about the share speak against it.
 */
export function stepReasons(change: Change, { impact }: Weighing): readonly Ground[] {
  const { steps = [] } = change;
  const { started, departures } = impact;
  if (steps.length < 2 || !started || change.began.at >= started.at) return [];
  const cites: Citations = [...change.cites, ...impact.cites];
  const seen = departures.map((departure) => risesOf(steps, departure));
  const rises = Math.max(0, ...seen.map((one) => one.rises));
  if (rises > 0 && steps.some(({ at }) => isJustAfter(at, impact))) {
    return [{ code: 'rollout_step_matched', share: rises > 1 ? 1 : ONE_SHARE, cites }];
  }
  const isSeen = seen.length > 0 && seen.every((one) => one.rises === 0 && one.seen === steps.length);
  return isSeen ? [{ code: 'steps_without_rise', share: 1, cites }] : [];
}

/** The impact began in the first two periods after a step. */
function isJustAfter(step: Moment, { started, departures }: Weighing['impact']): boolean {
  if (!started) return false;
  const periodMs = Math.max(60_000, ...departures.map(({ track }) => track.periodMs));
  const { minMs, maxMs } = between(step, started);
  return maxMs >= 0 && minMs <= periodMs;
}

/** At how many of the steps the metric can be read on both sides, and at how many it rose. */
function risesOf(steps: readonly Step[], departure: Departure): { readonly seen: number; readonly rises: number } {
  const { track, normal } = departure;
  const times = steps.map(({ at }) => epochMs(at.at));
  const told = times.flatMap((ms, at) => {
    const from = Math.max(times[at - 1] ?? 0, ms - BEFORE_PERIODS * track.periodMs);
    const until = Math.min(times[at + 1] ?? Number.POSITIVE_INFINITY, ms + LAST_MS);
    const before = meanOf(departure, from, ms);
    const after = meanOf(departure, ms, until);
    if (before === undefined || after === undefined) return [];
    return [after - before > Math.max(LEAST_OF_REACH * normal.reach, LEAST_OF_BEFORE * Math.max(0, before))];
  });
  return { seen: told.length, rises: told.filter((isRise) => isRise).length };
}

/** Over the whole periods of a stretch. */
function meanOf(departure: Departure, fromMs: number, untilMs: number): number | undefined {
  const { track } = departure;
  const first = Math.ceil((fromMs - track.firstMs) / track.periodMs);
  const values: number[] = [];
  for (let index = Math.max(0, first); index < Math.min(indexAt(track, untilMs), track.values.length); index += 1) {
    const excess = excessAt(departure, index);
    if (startOf(track, index) >= fromMs && !Number.isNaN(excess)) values.push(excess);
  }
  return values.length > 0 ? values.reduce((sum, value) => sum + value, 0) / values.length : undefined;
}
