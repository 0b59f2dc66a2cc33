import type { Citations } from '../citation.ts';
import { addMs, between, epochMs, type Moment } from '../time.ts';
import type { Change } from './changes.ts';
import { type Departure, isDeparting } from './onset.ts';
import { boundOf, type Ground, type Weighing } from './weighing.ts';

/** Each doubling of the time between a change and the onset, counted from here, takes the same off. */
const NEAR_MS = 300_000;
/** At this distance nothing is left. */
const FAR_MS = 86_400_000;
/**
 * An onset may be seen early and the record of a change written late: what began just after the impact is nearly ruled out, and wholly from
 * so much later on.
 */
const LATE_MS = 900_000;
const LATE_SHARE = 0.3;
/** A change that did nothing for so long is less likely to begin now. */
const QUIET_MS = 7_200_000;

/**
 * When the change went out against when the impact began. Before and after are said only where the bounds of both times allow it. A rollout that
 * began before the impact and ended after it was under way: a part of the traffic had it, as with a canary.
 */
export function timeReasons(change: Change, { impact }: Weighing): readonly Ground[] {
  const bound = boundOf(impact);
  const anchor = impact.started ?? impact.known;
  if (!bound || !anchor) return [];
  const cites: Citations = [...change.cites, ...impact.cites];
  const { began, ended } = change;
  if (addMs(began.at, -began.minusMs) >= bound) {
    const lateMs = epochMs(began.at) - began.minusMs - epochMs(bound);
    return [{ code: 'finished_after_impact', share: Math.min(1, LATE_SHARE + lateMs / LATE_MS), cites }];
  }
  const isBefore = ended !== undefined && impact.started !== undefined && between(ended, impact.started).minMs >= 0;
  const isFailed = change.outcome === 'failed';
  const isUnderWay = impact.started !== undefined && isDuring(change, impact.started);
  const age = isUnderWay ? 0 : ageOf(change, anchor);
  const near = Math.max(0, 1 - Math.log1p(age / NEAR_MS) / Math.log1p(FAR_MS / NEAR_MS));
  return [
    ...(isBefore ? [{ code: isFailed ? 'failed_before_impact' : 'finished_before_impact', share: 1, cites } as const] : []),
    ...(isUnderWay ? [{ code: 'under_way_at_impact', share: 1, cites } as const] : []),
    { code: 'within_look_back', share: near, cites },
    ...(isBefore && age >= QUIET_MS && wasQuiet(ended, impact.departures)
      ? [{ code: 'quiet_after_rollout', share: 1, cites } as const]
      : []),
  ];
}

/** Whether what was read of every metric of the impact lay in its normal from the change on, but for single points. */
function wasQuiet(ended: Moment, departures: readonly Departure[]): boolean {
  return departures.length > 0 && departures.every((departure) => isQuietFrom(departure, epochMs(ended.at)));
}

function isQuietFrom(departure: Departure, fromMs: number): boolean {
  const { track, index } = departure;
  const from = Math.floor((fromMs - track.firstMs) / track.periodMs);
  if (track.values.findIndex((value) => !Number.isNaN(value)) > from) return false;
  const known = track.values.subarray(from, index).filter((value) => !Number.isNaN(value)).length;
  if (known < LEAST_KNOWN * (index - from)) return false;
  const isOut = Array.from({ length: Math.max(0, index - from) }, (_, at) => isDeparting(departure, from + at));
  return isOut.every((out, at) => !out || isOut[at + 1] !== true);
}

/** Of hours with fewer values than this share nothing is said. */
const LEAST_KNOWN = 0.5;

/** Certainly begun before the impact, and certainly not over by then. */
function isDuring({ began, ended, outcome }: Change, started: Moment): boolean {
  const isBegun = between(began, started).minMs >= 0;
  return isBegun && (ended ? between(started, ended).minMs >= 0 : outcome === 'running');
}

/** How long before the anchor the last thing happened that is known of the change: its end, a step, or its begin. */
function ageOf({ began, ended, steps = [] }: Change, { at, plusMs }: Moment): number {
  const latest = epochMs(at) + plusMs;
  const times = [began, ...steps.map((step) => step.at), ...(ended ? [ended] : [])].map((one) => epochMs(one.at));
  const last = Math.max(...times.filter((ms) => ms <= latest), epochMs(began.at));
  return Math.max(0, epochMs(at) - last);
}
