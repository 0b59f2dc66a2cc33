import { type Claim, ENDS } from './claims.ts';
import { countedHours, countedMs } from './counted-hours.ts';
import type { DocumentFinding } from './finding.ts';
import { type Happening, WHOLE_DAY_MS } from './happenings.ts';
import { isStated, type StatedLength } from './lengths.ts';
import { isLabel, type Role, rolesOf } from './roles.ts';
import type { StatedSpan } from './stated-spans.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Two entries of the timeline and what lies between them. */
interface Distance {
  readonly from: Happening;
  readonly to: Happening;
  readonly ms: number;
  /** What the two times' own steps leave open. */
  readonly giveMs: number;
  /** Where one of them is itself from a time to another: the least and the most that may lie between. */
  readonly leastMs: number;
  readonly mostMs: number;
}

/** What a check of one claim came to; `unchecked` where the document has no times that it could be held against. */
export type ClaimVerdict =
  | { readonly verdict: 'consistent' | 'unchecked' }
  | { readonly verdict: 'wrong' | 'explained'; readonly follows: string; readonly sure: DocumentFinding['sure'] };

/** "About" a length is stated roughly: by more than this share off is worth a word, though no error. */
const ROUGHLY = 0.1;

/**
 * Whether the document's own times allow what it claims. A claim with two times beside it is held against those; one of a named
 * quantity against the entries that can be its ends, and where a document does not label them against any two of its entries:
 * what no two entries allow is wrong by every reading. What counts only some hours of the day is held against those hours.
 */
export function checkClaim(claim: Claim, happenings: readonly Happening[]): ClaimVerdict {
  if (claim.span?.how === 'around') {
    const around = spanDistance(claim.span);
    const isLonger = claim.length.ms - claim.length.halfStepMs > around.ms + around.giveMs;
    if (isLonger) return { verdict: 'wrong', follows: followsFrom(around), sure: 'likely' };
  }
  const { distances, isLabelled } =
    claim.span && claim.span.how !== 'around'
      ? { distances: [spanDistance(claim.span)], isLabelled: true }
      : distancesFor(claim, happenings);
  const nearest = nearestTo(claim.length.ms, distances);
  if (!nearest) return { verdict: 'unchecked' };
  const partly = claim.isPartial ? partlyCounted(claim, distances) : undefined;
  if (partly) return partly;
  const fitting = distances.filter((apart) => fits(claim.length, apart));
  const best = nearestTo(claim.length.ms, fitting);
  const off = best ? Math.abs(reachedBy(claim.length, best) - claim.length.ms) - best.giveMs : 0;
  const isRough = claim.length.bound === 'about' && off > Math.max(claim.length.halfStepMs, claim.length.ms * ROUGHLY);
  if (best && isRough) return { verdict: 'explained', follows: `${followsFrom(best)} It says about.`, sure: 'likely' };
  if (best) return { verdict: 'consistent' };
  const few = isLabelled || distances.length <= FEW;
  const sure = claim.span?.how === 'beside' ? 'certain' : few ? 'likely' : 'possible';
  return { verdict: claim.isPartial && claim.length.ms < nearest.ms ? 'explained' : 'wrong', follows: followsFrom(nearest), sure };
}

function fits(length: StatedLength, apart: Apart): boolean {
  return isStated(length, reachedBy(length, apart), apart.giveMs);
}

/** Of what may lie between two entries that which speaks most for the stated length. */
function reachedBy({ ms, bound }: StatedLength, apart: Apart): number {
  if (!('from' in apart)) return apart.ms;
  if (bound === 'under' || bound === 'at_most') return apart.leastMs;
  if (bound === 'over' || bound === 'at_least') return apart.mostMs;
  return Math.min(Math.max(ms, apart.leastMs), apart.mostMs);
}

/** So many readings of the two ends at most, and it is plain which are meant. */
const FEW = 6;

function nearestTo<T extends { readonly ms: number }>(ms: number, distances: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const one of distances) if (!best || Math.abs(one.ms - ms) < Math.abs(best.ms - ms)) best = one;
  return best;
}

/** Explained where the stated hours do give the stated length, wrong where they do not; nothing where no hours are stated. */
function partlyCounted({ text, length }: Claim, distances: readonly Apart[]): ClaimVerdict | undefined {
  const hours = countedHours(text.slice(length.to));
  if (!hours) return undefined;
  const counted = distances.flatMap((apart) =>
    'from' in apart ? [{ ...apart, ms: countedMs(apart.from.atMs, apart.to.atMs, hours) }] : [],
  );
  const nearest = nearestTo(length.ms, counted);
  if (!nearest) return undefined;
  const { from, to, ms, giveMs } = nearest;
  const follows = `Of the hours ${hours.shown} there are ${inWords(ms)} between lines ${from.line} and ${to.line}: ${from.stamp} and ${to.stamp}.`;
  return { verdict: isStated(length, ms, giveMs) ? 'explained' : 'wrong', follows, sure: 'likely' };
}

/** The claims that the document's own times contradict, or that differ for a reason which it states. */
export function durationFindings(claims: readonly Claim[], happenings: readonly Happening[]): readonly DocumentFinding[] {
  return claims.flatMap((claim) => {
    if (claim.quantity === 'cadence') return cadenceFinding(claim, happenings);
    const checked = checkClaim(claim, happenings);
    if (!('follows' in checked)) return [];
    const { verdict, follows, sure } = checked;
    return [{ line: claim.line, kind: 'duration_contradicted', stated: claim.text, follows, sure, verdict }];
  });
}

type Apart = Pick<Distance, 'ms' | 'giveMs'> | Distance;

function spanDistance({ from: first, to: second }: StatedSpan): Apart {
  const minutes = (second.minute ?? 0) - (first.minute ?? 0);
  // A span that ends on an earlier face of the clock has crossed midnight.
  const ms = minutes * MINUTE_MS + (minutes < 0 ? DAY_MS : 0);
  return { ms, giveMs: (((first.stepMinutes ?? 1) + (second.stepMinutes ?? 1)) / 2) * MINUTE_MS };
}

interface Distances {
  readonly distances: readonly Distance[];
  /** The document labels the two ends, or says itself which are meant. */
  readonly isLabelled: boolean;
}

function distancesFor(claim: Claim, happenings: readonly Happening[]): Distances {
  if (claim.quantity === 'between') return { distances: betweenDistances(claim, happenings), isLabelled: false };
  const ends = claim.quantity === 'since' ? { from: [], to: claim.end ?? [] } : ENDS[claim.quantity];
  if (ends && claim.start) return sinceDistances(claim, claim.start, ends.to, happenings);
  if (!ends) return { distances: [], isLabelled: false };
  const labels = happenings.filter(({ text }) => isLabel(text));
  // A list of key events has one entry for each: the usual end is the end.
  const end = ends.to.find((role) => labels.some(({ roles }) => roles.has(role)));
  const labelled = end === undefined ? [] : pairsOf(labels, ends.from, [end]);
  if (labelled.length > 0) return { distances: labelled, isLabelled: true };
  const byWords = pairsOf(happenings, ends.from, ends.to);
  // "Under" and "within" are true of some two entries in every timeline: there the words must say which.
  if (claim.length.bound !== 'equal' && claim.length.bound !== 'about') return { distances: byWords, isLabelled: false };
  return { distances: [...byWords, ...pairsOf(happenings)], isLabelled: false };
}

/** "Within 10 minutes of the alarm": from an entry that is one. A bound is true of some two entries in every timeline: of those both ends are named. */
function sinceDistances({ length }: Claim, from: readonly Role[], to: readonly Role[], happenings: readonly Happening[]): Distances {
  const named = pairsOf(happenings, from, to);
  const isExact = length.bound === 'equal' || length.bound === 'about';
  return { distances: isExact && named.length > 0 ? [...named, ...pairsOf(happenings, from)] : named, isLabelled: false };
}

/** "17 minutes between deploy and alert": the entries that say what stands on either side of "and". */
function betweenDistances({ text, length }: Claim, happenings: readonly Happening[]): readonly Distance[] {
  const [, first = '', second = ''] = /between\b(.+?)\band\b(.+)$/i.exec(text.slice(length.to)) ?? [];
  return pairsOf(happenings, [...rolesOf(first)], [...rolesOf(second)]);
}

/** Of a longer timeline only so many starts, the first, and ends, the last, are paired: any length would fit some two of thousands. */
const MOST_PAIRED = 100;

function pairsOf(all: readonly Happening[], from?: readonly Role[], to?: readonly Role[]): readonly Distance[] {
  const timed = all.filter(({ stepMs }) => stepMs < WHOLE_DAY_MS);
  const is = ({ roles }: Happening, wanted: readonly Role[] | undefined) => !wanted || wanted.some((role) => roles.has(role));
  const starts = timed.filter((one) => is(one, from)).slice(0, MOST_PAIRED);
  const ends = timed.filter((one) => is(one, to)).slice(-MOST_PAIRED);
  return starts.flatMap((start) =>
    ends
      .filter((end) => end !== start && end.atMs >= start.atMs)
      .map((end) => ({
        from: start,
        to: end,
        ms: end.atMs - start.atMs,
        giveMs: (start.stepMs + end.stepMs) / 2,
        leastMs: Math.max(0, end.atMs - (start.untilMs ?? start.atMs)),
        mostMs: (end.untilMs ?? end.atMs) - start.atMs,
      })),
  );
}

function followsFrom(apart: Apart): string {
  if (!('from' in apart)) return `The two times beside it are ${inWords(apart.ms)} apart.`;
  const { from, to, ms } = apart;
  return `Lines ${from.line} and ${to.line} are ${inWords(ms)} apart: ${from.stamp} and ${to.stamp}.`;
}

/** "Updated every five minutes" needs updates: at least two, and none further apart than that and half of it again. */
function cadenceFinding({ line, text, length }: Claim, happenings: readonly Happening[]): readonly DocumentFinding[] {
  const updates = happenings.filter(({ roles }) => roles.has('status'));
  const gaps = updates.slice(1).map((update, index) => update.atMs - (updates[index]?.atMs ?? update.atMs));
  if (updates.length >= 2 && Math.max(...gaps) <= length.ms * 1.5 + length.halfStepMs) return [];
  const follows =
    updates.length < 2
      ? `The timeline has ${updates.length === 0 ? 'no update' : 'one update'} that could show it.`
      : `Two updates of the timeline are ${inWords(Math.max(...gaps))} apart.`;
  return [{ line, kind: 'claim_unsupported', stated: text, follows, sure: 'likely', verdict: 'wrong' }];
}

/** `1 h 5 min`, as the finding prints a length. */
export function inWords(ms: number): string {
  const minutes = Math.round(ms / MINUTE_MS);
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor((minutes % 1440) / 60), 'h'],
    [minutes % 60, 'min'],
  ] as const;
  const words = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return words.length === 0 ? (ms === 0 ? '0 min' : `${Math.round(ms / 1000)} s`) : words.join(' ');
}
