import type { Series } from '../series.ts';
import { epochMs, type Instant } from '../time.ts';
import { leastReachOf, sideOf } from './alarm-reach.ts';
import { learnShape } from './normal.ts';
import { type AlarmFact, brokenBy, type Departure, departureOf, type Refusal } from './onset.ts';
import { ofCounted } from './resets.ts';
import { type Episode, scan } from './scan.ts';
import { layOut } from './track.ts';

/** What is asked of a series that nothing has fired on: when did it leave its normal? */
export interface ScanQuestion {
  readonly series: Series;
  /** The same metric over the weeks before, at any period: it gives the shape of a day or week. */
  readonly weeks?: Series;
  /** The alarm that watches it, where there is one: which way a departure goes. */
  readonly alarm?: Pick<AlarmFact, 'comparison' | 'threshold' | 'periodMs'>;
  readonly from: Instant;
  readonly until: Instant;
}

/** What begins does not show at once: calls under way end first, and clocks differ. So much of a period it may be before its first sign. */
const LAG_SHARE = 0.125;

/** A departure that no alarm vouches for. */
export interface SeenDeparture extends Departure {
  /** 1 is just beyond the noise, 2 twice as far. */
  readonly strength: number;
  /** It never came back: its level became the new normal. */
  readonly hasSettled: boolean;
}

/**
 * Every departure of a series from its normal, in order, with no window or firing given.
 *
 * Method, for a reader: "Normal is the median of the points just before, half an hour or twelve of them, without those that
 * were departing, moved by the usual shape of the day or week where the weeks before show one. A metric that lies still and then
 * steps, as memory does, is held against its last three points. Where only one side is bad, two points on the good side make a new
 * normal. A point is abnormal when it lies further from normal than the metric's own noise over the day around reaches: three robust
 * standard deviations, and nearly three times as far as the furthest fiftieth of its points. It takes two neighboring points, on
 * one side, whose harmonic mean is abnormal, so that one stray point is no departure. What swings back past normal after a stronger
 * departure is part of that one. What goes no further than the metric goes four times in the day around anyway is no departure.
 * A departure begins inside the period of its first point, or an eighth of a period before."
 *
 * A running median with a robust scale is Hampel's filter (Davies & Gather 1993, J. Am. Stat. Assoc. 88(423), "The identification
 * of multiple outliers"); a level that is frozen while the points are out, and taken as new when they stay, is how a control chart
 * is kept. For points that depend on those before, the center line moves with what foretells the next one best (Montgomery &
 * Mastrangelo 1991, J. Qual. Technol. 23(3), "Some statistical process control methods for autocorrelated data"). Two points in a
 * row stand for the runs rules of the Western Electric handbook (1956).
 */
export function findDepartures(question: ScanQuestion, least = 1): readonly SeenDeparture[] | Refusal {
  const { series, alarm, weeks, from, until } = ofCounted(question);
  const track = layOut(series, epochMs(from), epochMs(until));
  const broken = brokenBy(track, series);
  if (broken) return broken;
  const shape = weeks ? learnShape(weeks, series.periodMs, epochMs(until)) : [];
  const leastReach = (level: number) => leastReachOf(level, series, alarm);
  const last = track.values.length - 1;
  return scan(track, series, { shape, side: sideOf(alarm), until: track.values.length, leastReach })
    .filter(({ strength }) => strength >= least)
    .map((episode) => ({
      ...departureOf(series, track, shape, episode, { last, use: 'scan', lagMs: LAG_SHARE * series.periodMs }),
      ...told(episode),
    }));
}

function told({ strength, hasSettled }: Episode): Pick<SeenDeparture, 'strength' | 'hasSettled'> {
  return { strength, hasSettled };
}
