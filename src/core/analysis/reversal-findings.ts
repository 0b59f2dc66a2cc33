import { between, durationMs, epochMs } from '../time.ts';
import type { Finding } from './analyze.ts';
import { breachedId } from './derived-events.ts';
import { median } from './normal.ts';
import { excessAt } from './onset.ts';
import type { Responded } from './response-findings.ts';
import { indexAt } from './track.ts';

/** So many times as far from normal as before, by the middles of the values before and after. */
const GREW_TIMES = 1.5;
/** What grew by so much on its own, from one half of the values before to the other, was growing anyway. */
const GROWING_TIMES = 1.2;
/** Fewer values before or after say nothing. */
const LEAST_VALUES = 3;

/**
 * Of each metric of the impact that went further from its normal once the reversal had ended, and had not been on its way there: a rollback can
 * make it worse, since what ran before may not know what was written meanwhile. That it did is not said.
 */
export function reversalFindings({
  theCase,
  milestones,
  departed,
}: Pick<Responded, 'theCase' | 'milestones' | 'departed'>): readonly Finding[] {
  const { reversal_started: began, reversed, recovered } = milestones;
  if (!began.known || !reversed.known) return [];
  if (recovered.known && between(reversed.time, recovered.time).maxMs <= 0) return [];
  const withinMs = durationMs(theCase.policy.mitigation_within);
  return departed.flatMap((reading): readonly Finding[] => {
    const { track, index } = reading.onset;
    const [start, stop] = [indexAt(track, epochMs(began.time.at)), indexAt(track, epochMs(reversed.time.at) + reversed.time.plusMs) + 1];
    const over = recovered.known ? indexAt(track, epochMs(recovered.time.at)) : track.values.length;
    const within = Math.ceil(withinMs / track.periodMs);
    const excesses = (from: number, to: number) =>
      Array.from({ length: Math.max(0, to - from) }, (_, at) => excessAt(reading.onset, from + at)).filter(
        (excess) => !Number.isNaN(excess),
      );
    const before = excesses(Math.max(index, start - within), start);
    const after = excesses(stop, Math.min(over, stop + within));
    if (before.length < 2 * LEAST_VALUES || after.length < LEAST_VALUES) return [];
    // What lay in its normal before or after went nowhere: it had come back already, and its noise has no size to grow.
    if (Math.min(median(before), median(after)) <= reading.onset.normal.reach) return [];
    const half = Math.floor(before.length / 2);
    const wasGrowing = median(before.slice(half)) > GROWING_TIMES * median(before.slice(0, half));
    if (wasGrowing || median(after) < GREW_TIMES * median(before)) return [];
    const [first, ...rest] = reversed.cites;
    const cites = [{ event: first }, ...rest.map((event) => ({ event })), { event: breachedId(reading) }] as const;
    return [{ code: 'grew_after_reversal', subject: reading.series.metric, cites }];
  });
}
