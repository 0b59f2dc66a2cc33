import type { DocumentFinding } from './finding.ts';
import { type Happening, WHOLE_DAY_MS } from './happenings.ts';
import { longestInOrder } from './rising.ts';

/** A day that is off puts its entry at least so far from where it would stand. */
const SLIP_MS = 20 * 3_600_000;
const HOUR_MS = 3_600_000;

/**
 * The entries that stand out of the order of their list: those outside the longest part of it that is in order, so that one time
 * written wrongly is one finding. A list that as a whole runs backward (newest first) is in order. An entry that lies off by a day
 * or more is a slip of its day.
 */
export function orderFindings(happenings: readonly Happening[]): readonly DocumentFinding[] {
  const lists = Map.groupBy(
    happenings.filter(({ isRough, stepMs }) => !isRough && stepMs < WHOLE_DAY_MS),
    ({ list }) => list,
  );
  return [...lists.values()].flatMap((list) => {
    const kept = inOrder(isBackward(list) ? list.toReversed() : list);
    const runs = runsOutside(list, kept);
    const outside = runs.reduce((count, run) => count + run.length, 0);
    // A list of which much is out of order may be none of one course of time.
    const sure = outside > list.length * MOST_OUTSIDE && outside > 2 ? 'possible' : 'likely';
    return runs.flatMap((run) => {
      const [first] = run;
      const at = first === undefined ? 0 : list.indexOf(first);
      const before = list.slice(0, at).findLast((one) => kept.has(one));
      const after = list.slice(at).find((one) => kept.has(one));
      const hours = run.length > 1 && !isBackward(list) ? hoursOff(run, before, after) : undefined;
      return hours === undefined ? run.map((entry) => findingOf(entry, before, after, sure)) : [slipOf(run, hours)];
    });
  });
}

/** Where more of a list than this stands out of order, it is seldom a mistake of one line. */
const MOST_OUTSIDE = 0.25;

/** Entries outside the order, those that stand side by side together. */
function runsOutside(list: readonly Happening[], kept: ReadonlySet<Happening>): readonly (readonly Happening[])[] {
  const runs: Happening[][] = [];
  for (const [index, entry] of list.entries()) {
    if (kept.has(entry)) continue;
    const previous = list[index - 1];
    if (previous && !kept.has(previous)) runs.at(-1)?.push(entry);
    else runs.push([entry]);
  }
  return runs;
}

/** By how many whole hours a run must be moved to stand in order between its neighbors; a day is a slip of its own. */
function hoursOff(run: readonly Happening[], before: Happening | undefined, after: Happening | undefined): number | undefined {
  const isRising = run.every(({ atMs }, index) => atMs >= (run[index - 1]?.atMs ?? atMs));
  const [low, high] = [run[0]?.atMs ?? 0, run.at(-1)?.atMs ?? 0];
  if (!isRising || !before || !after) return undefined;
  const hours = Array.from({ length: 13 }, (_, index) => index + 1).flatMap((hour) => [hour, -hour]);
  return hours.find((hour) => low + hour * HOUR_MS >= before.atMs && high + hour * HOUR_MS <= after.atMs);
}

function slipOf(run: readonly Happening[], hours: number): DocumentFinding {
  const [first] = run;
  const to = run.at(-1)?.line ?? 0;
  return {
    line: first?.line ?? 1,
    kind: 'zone_slip',
    stated: `${first?.stamp ?? ''} ${first?.text ?? ''}`,
    follows: `Lines ${first?.line ?? 1} to ${to} stand in order when moved ${hours > 0 ? 'on' : 'back'} by ${Math.abs(hours)} h: written in another zone?`,
    sure: 'possible',
    verdict: 'wrong',
  };
}

function isBackward(list: readonly Happening[]): boolean {
  const steps = list.slice(1).map((entry, index) => entry.atMs - (list[index]?.atMs ?? entry.atMs));
  return steps.filter((step) => step < 0).length > steps.filter((step) => step > 0).length;
}

function findingOf(
  entry: Happening,
  before: Happening | undefined,
  after: Happening | undefined,
  sure: DocumentFinding['sure'],
): DocumentFinding {
  const isLate = before !== undefined && entry.atMs < before.atMs;
  const other = isLate ? before : after;
  const isSlip = other !== undefined && Math.abs(entry.atMs - other.atMs) >= SLIP_MS;
  const follows = other
    ? `Line ${other.line} stands ${isLate ? 'before' : 'after'} it and says ${other.stamp}, which is ${isLate ? 'later' : 'earlier'}.`
    : 'It stands out of the order of its list.';
  return {
    line: entry.line,
    kind: isSlip ? 'midnight_slip' : 'order_wrong',
    stated: `${entry.stamp} ${entry.text}`,
    follows,
    sure,
    verdict: 'wrong',
  };
}

/**
 * The entries of the longest part that is in order. Equal times are, and so is what lies within one written step: 14:05 and 14:05:30.
 * "14:28–14:34" may be any moment between.
 */
function inOrder(list: readonly Happening[]): ReadonlySet<Happening> {
  const kept = longestInOrder(
    list,
    (earlier, later) => earlier.atMs <= (later.untilMs ?? later.atMs) + (later.stepMs > earlier.stepMs ? later.stepMs - 1 : 0),
  );
  return new Set(list.filter((_, index) => kept.has(index)));
}
