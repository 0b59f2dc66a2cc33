import { inWords } from './durations.ts';
import type { DocumentFinding } from './finding.ts';
import { type Happening, WHOLE_DAY_MS } from './happenings.ts';
import { alikeness, wordsOf } from './matching.ts';
import { isDayShift } from './slips.ts';

/** Two entries share this much of their words, or they tell of two things. */
const LEAST_ALIKE = 0.6;
const HALF_HOUR_MS = 30 * 60_000;
/** So many entries at most are held against those of other lists. */
const MOST_COMPARED = 400;

/**
 * Entries that a document tells twice, in two lists, with times that lie whole or half hours apart: one list is in another zone, or of
 * another day. At least two entries must say so with one voice, and none may say otherwise.
 */
export function retoldFindings(happenings: readonly Happening[]): readonly DocumentFinding[] {
  const timed = happenings.filter(({ isRough, stepMs }) => !isRough && stepMs < WHOLE_DAY_MS).slice(0, MOST_COMPARED);
  const lists = [...Map.groupBy(timed, ({ list }) => list).values()];
  return lists.flatMap((later, index) =>
    lists.slice(0, index).flatMap((earlier) => {
      const pairs = pairsOf(earlier, later);
      const [first] = pairs;
      const ms = first ? first.later.atMs - first.earlier.atMs : 0;
      const isOne = pairs.every((pair) => pair.later.atMs - pair.earlier.atMs === ms);
      if (!first || pairs.length < 2 || ms === 0 || ms % HALF_HOUR_MS !== 0 || !isOne) return [];
      return [findingOf(first, ms, pairs.length)];
    }),
  );
}

interface Pair {
  readonly earlier: Happening;
  readonly later: Happening;
}

function pairsOf(earlier: readonly Happening[], later: readonly Happening[]): readonly Pair[] {
  const words = new Map(earlier.map((one) => [one, wordsOf(one.text)]));
  return later.flatMap((one) => {
    const own = wordsOf(one.text);
    if (own.size < 2) return [];
    const alike = [...words].filter(([, theirs]) => alikeness(own, theirs) >= LEAST_ALIKE);
    const [found] = alike;
    return found && alike.length === 1 ? [{ earlier: found[0], later: one }] : [];
  });
}

function findingOf({ earlier, later }: Pair, ms: number, count: number): DocumentFinding {
  return {
    line: later.line,
    kind: isDayShift(ms) ? 'midnight_slip' : 'zone_slip',
    stated: `${later.stamp} ${later.text}`,
    follows: `Line ${earlier.line} tells of it at ${earlier.stamp}; ${count} entries are told twice, all ${inWords(Math.abs(ms))} apart.`,
    sure: 'likely',
    verdict: 'wrong',
  };
}
