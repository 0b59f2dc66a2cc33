import { findDepartures } from '../../src/core/analysis/departures.ts';
import { findServiceDepartures, type ServiceDeparture } from '../../src/core/analysis/service-departures.ts';
import type { Series } from '../../src/core/series.ts';
import { epochMs, type Instant, instantAt } from '../../src/core/time.ts';
import { NEZHA, NEZHA_PERIOD_MS, type NezhaDay, type NezhaFault, readDays } from './nezha-data.ts';
import { isBeyondNoise, leavesNormal } from './nezha-noise.ts';
import { minutesFigure, type Scored, shareFigure } from './onset-score.ts';
import type { Figure, Part } from './part.ts';

const TASK = 'onset, 60 s';
const NEAR_MS = 180_000;
/** Onsets at several pods within so long are one outage as people count them. */
const OUTAGE_MS = 240_000;
/** How long a fault and its end can still be seen: an onset outside all such spans has no fault in the list. */
const FAULT_MS = 600_000;

/**
 * Whole days, no window and no firing: each pod is a service, all its own series (not its node's) are scanned together, and a
 * fault of the pod is found where an onset of the pod lies within three minutes of it. A day whose front end is broken (its
 * success rate is refused) is refused as a day; what its pods say is printed beside. Which faults exceed the noise is defined
 * in `nezha-noise.ts`: fixed before the thresholds were, but after first prototypes had been seen on these days.
 */
export const onsetNezha: Part = {
  name: 'onset-nezha',
  needs: NEZHA,
  run: async (seed) => {
    const days = readDays().map((day) => answerOf(day));
    const whole = days.filter(({ refusal }) => refusal === undefined);
    return [
      ...figuresOf(whole, `${NEZHA}, days not refused`, seed, true),
      ...halvesOf(whole, seed),
      ...days.flatMap((day) => [...refusalOf(day), ...figuresOf([day], `${NEZHA}, ${day.day}`, seed, false)]),
    ];
  },
};

/** The last changes were prompted by the even faults; those before them had seen all, so that the odd ones are half held out. */
function halvesOf(days: readonly Answered[], seed: number): readonly Figure[] {
  return ['even', 'odd'].flatMap((name, rest) => {
    const half = days.map((day) => ({ ...day, faults: day.faults.filter((_fault, at) => at % 2 === rest) }));
    return figuresOf(half, `${NEZHA}, the ${name} faults of those days`, seed, false).filter(({ figure }) => HALVED.has(figure));
  });
}

const HALVED: ReadonlySet<string> = new Set(['of those, an onset within 3 min', 'holds the truth', 'median width']);

interface Answered {
  readonly day: string;
  readonly refusal: string | undefined;
  readonly faults: readonly (NezhaFault & { readonly isBeyond: boolean; readonly isLeaving: boolean })[];
  readonly onsets: readonly (ServiceDeparture & { readonly pod: string })[];
}

function answerOf({ day, faults, front, pods }: NezhaDay): Answered {
  const onsets = [...pods].flatMap(([pod, series]) => {
    const { departures } = findServiceDepartures(series.filter(hasPoints).map((one) => ({ series: one, ...windowOf(one) })));
    return departures.map((departure) => ({ ...departure, pod }));
  });
  const judged = faults.map((fault) => {
    const series = pods.get(fault.pod) ?? [];
    return { ...fault, isBeyond: isBeyondNoise(fault, series, faults), isLeaving: leavesNormal(fault, series, faults) };
  });
  return { day, refusal: frontRefusal(front), faults: judged, onsets };
}

const hasPoints = ({ startsMs }: Series) => startsMs.length > 0;

function windowOf({ startsMs, periodMs }: Series): { readonly from: Instant; readonly until: Instant } {
  return { from: instantAt(startsMs[0] ?? 0), until: instantAt((startsMs.at(-1) ?? 0) + periodMs) };
}

/** The front end's success rate is what impact would be read from: where it is refused, the day has no impact metric. */
function frontRefusal(front: readonly Series[]): string | undefined {
  const rate = front.find(({ metric }) => metric.startsWith('SuccessRate'));
  if (!rate || !hasPoints(rate)) return 'it has no front end';
  const answer = findDepartures({ series: rate, ...windowOf(rate), alarm: { comparison: 'below', periodMs: NEZHA_PERIOD_MS } });
  return 'found' in answer && answer.reason === 'all_zero' ? `${answer.reason}: ${answer.detail}` : undefined;
}

function refusalOf({ day, refusal, faults }: Answered): readonly Figure[] {
  if (refusal === undefined) return [];
  return [
    {
      task: TASK,
      data: `${NEZHA}, ${day}`,
      figure: 'refused, front-end success rate',
      value: refusal,
      n: faults.length,
      reach: 'refused with the reason',
      held: true,
    },
  ];
}

function figuresOf(days: readonly Answered[], data: string, seed: number, isMain: boolean): readonly Figure[] {
  const scored = days.flatMap((day) => day.faults.map((fault) => ({ ...fault, ...scoreOf(day, fault) })));
  const beyond = scored.filter(({ isBeyond }) => isBeyond);
  const hits = scored.filter(({ errorMs }) => errorMs !== undefined);
  const beyondHits = beyond.filter(({ errorMs }) => errorMs !== undefined);
  const leaving = scored.filter(({ isLeaving }) => isLeaving);
  const base = { task: TASK, data };
  const goal = (reach: string) => (isMain ? { reach } : {});
  const sure = <Held>(holds: Held) => (isMain ? holds : undefined);
  return [
    shareFigure({ ...base, figure: 'faults that exceed the noise' }, beyond.length, scored.length),
    shareFigure(
      { ...base, figure: 'of those, an onset within 3 min', ...goal('0.85') },
      beyondHits.length,
      beyond.length,
      sure((value: number) => value >= 0.85),
    ),
    shareFigure(
      { ...base, figure: 'of those whose pod leaves its normal (and not only the fault before it), an onset within 3 min' },
      leaving.filter(({ errorMs }) => errorMs !== undefined).length,
      leaving.length,
    ),
    shareFigure({ ...base, figure: 'of all faults, an onset within 3 min' }, hits.length, scored.length),
    shareFigure({ ...base, figure: 'of those that exceed it, an onset of any pod within 3 min' }, anywhere(days), beyond.length),
    minutesFigure({ ...base, figure: 'median error', ...goal('1 min') }, hits, errorOf, 0.5, seed, sure(1)),
    minutesFigure({ ...base, figure: 'error, 90th percentile', ...goal('2 min') }, hits, errorOf, 0.9, seed, sure(2)),
    ...countsOf(days, base, isMain),
    shareFigure(
      { ...base, task: 'interval', figure: 'holds the truth', ...goal('0.90 to 0.99') },
      hits.filter(({ isHeld }) => isHeld).length,
      hits.length,
      sure((value: number) => value >= 0.9 && value <= 0.99),
    ),
    minutesFigure(
      { ...base, task: 'interval', figure: 'median width', ...goal('2 periods, 2 min') },
      hits,
      ({ widthMs }) => widthMs,
      0.5,
      seed,
      sure(2),
    ),
  ];
}

/** The callers of a pod show what it does not show itself; where faults come every eight minutes, chance finds some too. */
function anywhere(days: readonly Answered[]): number {
  return days.reduce((sum, { faults, onsets }) => {
    const isSeen = (truthMs: number) => onsets.some(({ time }) => Math.abs(epochMs(time.at) - truthMs) <= NEAR_MS);
    return sum + faults.filter(({ isBeyond, truthMs }) => isBeyond && isSeen(truthMs)).length;
  }, 0);
}

const errorOf = ({ errorMs }: Scored) => errorMs && Math.abs(errorMs);

function scoreOf({ day, onsets }: Answered, { pod, truthMs }: NezhaFault): Scored {
  const near = onsets
    .filter((onset) => onset.pod === pod)
    .map(({ time }) => ({ time, errorMs: epochMs(time.at) - truthMs }))
    .filter(({ errorMs }) => Math.abs(errorMs) <= NEAR_MS)
    .toSorted((a, b) => Math.abs(a.errorMs) - Math.abs(b.errorMs))[0];
  const group = `${day} ${truthMs}`;
  if (!near) return { group };
  const { at, minusMs, plusMs } = near.time;
  return {
    group,
    errorMs: near.errorMs,
    isHeld: truthMs >= epochMs(at) - minusMs && truthMs < epochMs(at) + plusMs,
    widthMs: minusMs + plusMs,
  };
}

/** Onsets of the pods for each fault of the day; as outages; and those of which the list knows no fault at all. */
function countsOf(days: readonly Answered[], base: Pick<Figure, 'task' | 'data'>, isMain: boolean): readonly Figure[] {
  const faults = days.reduce((sum, day) => sum + day.faults.length, 0);
  const times = days.flatMap(({ onsets }) => outagesOf(onsets.map(({ first }) => epochMs(first.time.at))));
  const all = days.reduce((sum, { onsets }) => sum + onsets.length, 0);
  const unlisted = days.reduce(
    (sum, day) => sum + day.onsets.filter(({ first }) => !isListed(day.faults, epochMs(first.time.at))).length,
    0,
  );
  const figure = (name: string, count: number, most?: number): Figure => {
    const value = count / faults;
    return {
      ...base,
      figure: name,
      value: value.toFixed(2),
      n: faults,
      ...(most !== undefined && { reach: String(most), held: value <= most }),
    };
  };
  return [
    figure('onsets of pods for each fault', all, isMain ? 1.3 : undefined),
    figure('outages for each fault (onsets within 4 min are one)', times.length),
    figure('onsets of pods with no listed fault in the 10 min before, for each fault', unlisted),
  ];
}

function outagesOf(times: readonly number[]): readonly number[] {
  let last = Number.NEGATIVE_INFINITY;
  return times
    .toSorted((a, b) => a - b)
    .filter((time) => {
      const isNew = time - last > OUTAGE_MS;
      if (isNew) last = time;
      return isNew;
    });
}

function isListed(faults: readonly NezhaFault[], onsetMs: number): boolean {
  return faults.some(({ truthMs }) => onsetMs >= truthMs - NEAR_MS && onsetMs <= truthMs + FAULT_MS);
}
