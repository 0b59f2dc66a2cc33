import type { Case } from '../case.ts';
import type { Citations } from '../citation.ts';
import { addMs, durationMs, type Instant } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { blindSpots, isWatched, unreadRecords } from './blind-spots.ts';
import type { Change } from './changes.ts';
import { eventsOf } from './joined.ts';
import { isSameContent, takenBackBy } from './reversals.ts';
import { answerReasons } from './suspect-answers.ts';
import { contentReasons } from './suspect-contents.ts';
import { placeReasons } from './suspect-places.ts';
import { stepReasons } from './suspect-steps.ts';
import { timeReasons } from './suspect-times.ts';
import { PRIOR, type ReasonCode, WEIGHTS } from './suspect-weights.ts';
import { boundOf, type Ground, type Impact, latestOf, type Weighing } from './weighing.ts';

export type { ReasonCode } from './suspect-weights.ts';
export type { Impact } from './weighing.ts';

/** Never a bare score: each point has a reason, and each reason cites. `change` is a Change's key. */
export interface Suspect {
  readonly change: string;
  readonly score: number;
  readonly reasons: readonly { readonly code: ReasonCode; readonly weight: number; readonly cites: Citations }[];
}

/** 'unknown' where a needed change stream has a gap in the look-back, or a record that could not be read, and nothing passed the threshold. */
export type SuspectVerdict = 'suspect' | 'none' | 'unknown';

/** Odds of all others together from which on they are told: under these they move no score by three in a hundred. */
const LEAST_RIVALS = 0.1;

/**
 * The changes of the look-back, the likeliest first, each with its reasons for and against. A reversal that began after the
 * impact is an answer to it and not listed. What lies before the look-back is listed only where a person judged it.
 */
export function rankSuspects(changes: readonly Change[], theCase: Case, impact: Impact): readonly Suspect[] {
  if (!impact.started && !impact.known) return [];
  const judgments = new Map(eventsOf(theCase.events, 'suspect.judged').map((event) => [event.attributes.change, event]));
  const events = new Map(theCase.events.map((event) => [event.id, event]));
  const weighed = changes.filter(
    (change) =>
      judgments.has(change.key) ||
      (isInLookBack(change, theCase, impactFor(change, impact)) && !isAnswer(change, impactFor(change, impact))),
  );
  const weighing = { changes, theCase, judgments, events, weighed };
  const own = weighed.map((change): Own => {
    const reasons = groundsOf(change, { ...weighing, impact: impactFor(change, impact) }).flatMap(toReason);
    return { change, reasons, odds: Math.exp(PRIOR + weightOf(reasons)) };
  });
  return own
    .map((one): Suspect => {
      const reasons = [...one.reasons, ...rivalReasons(one, own, changes).flatMap(toReason)];
      return { change: one.change.key, score: rounded(1 / (1 + Math.exp(-PRIOR - weightOf(reasons)))), reasons };
    })
    .toSorted((a, b) => b.score - a.score || weightOf(b.reasons) - weightOf(a.reasons) || compare(a.change, b.change));
}

/** A change with what its own reasons say, before it is held against the others. */
interface Own {
  readonly change: Change;
  readonly reasons: Suspect['reasons'];
  readonly odds: number;
}

/**
 * What the others take from it. An incident is mostly set off by one thing, so what speaks for another change speaks against this one: its odds
 * are those against "none of them" and all others together, as in a choice among alternatives one of which is none (McFadden 1974,
 * "Conditional logit analysis of qualitative choice behavior"). What a person confirmed, no other takes away.
 */
function rivalReasons(own: Own, all: readonly Own[], changes: readonly Change[]): readonly Ground[] {
  const { change, reasons } = own;
  // What takes it back was done because of it; and what brought the same revision to the same place is the same thing, twice.
  const isRival = (other: Own) => other !== own && !isTwin(own, other) && !takenBackBy(other.change, changes).includes(change.key);
  const rivals = all.filter(isRival).toSorted((a, b) => b.odds - a.odds);
  const [likeliest] = rivals;
  const together = rivals.reduce((sum, { odds }) => sum + odds, 0);
  if (!likeliest || together < LEAST_RIVALS || reasons.some(({ code }) => code === 'confirmed_by_person')) return [];
  const share = Math.min(1, Math.log1p(together) / -WEIGHTS.rivaled);
  return [{ code: 'rivaled', share, cites: [...change.cites, ...likeliest.change.cites] }];
}

const ENDED_BY: ReadonlySet<ReasonCode> = new Set(['reversed_then_recovered', 'stopped_then_recovered', 'reversed_then_cleared']);

/**
 * Whether two brought the same revision to the same place, and nothing tells them apart: of two environments the one where it was taken back, and the
 * impact ended, tells against the one where it stayed.
 */
function isTwin({ change, reasons }: Own, other: Own): boolean {
  if (!isSameContent(other.change, change)) return false;
  const isParted = other.change.environment !== change.environment && reasons.some(({ code }) => code === 'recovered_while_out');
  return !(isParted && other.reasons.some(({ code }) => ENDED_BY.has(code)));
}

function groundsOf(change: Change, weighing: Weighing): readonly Ground[] {
  return [
    ...timeReasons(change, weighing),
    ...placeReasons(change, weighing),
    ...contentReasons(change, weighing),
    ...stepReasons(change, weighing),
    ...answerReasons(change, weighing),
    ...judgmentReasons(change, weighing),
  ];
}

function toReason({ code, share, cites }: Ground): Suspect['reasons'] {
  const weight = rounded(WEIGHTS[code] * share);
  return weight === 0 ? [] : [{ code, weight, cites }];
}

function judgmentReasons({ key }: Change, { judgments }: Weighing): readonly Ground[] {
  const judgment = judgments.get(key);
  if (!judgment) return [];
  const code = judgment.attributes.verdict === 'confirmed' ? 'confirmed_by_person' : 'rejected_by_person';
  return [{ code, share: 1, cites: [{ event: judgment.id }] }];
}

/** What a change is weighed against: the impact of its own service, else the first of the case. */
function impactFor({ belongs }: Change, impact: Impact): Impact {
  const own = impact.byService?.get(belongs.service);
  return own ? { ...own, ...(impact.byService && { byService: impact.byService }) } : impact;
}

/** Whether a reason counts in full: one that the bounds of its times only allow counts in part. */
export function isFirm({ code, weight }: Pick<Suspect['reasons'][number], 'code' | 'weight'>): boolean {
  return Math.abs(weight) >= Math.abs(WEIGHTS[code]);
}

/** Whether the first suspect is one by the policy; and where none is, whether that is an answer or a blind spot. */
export function suspectVerdict(suspects: readonly Suspect[], theCase: Case, impact: Impact): SuspectVerdict {
  if ((suspects[0]?.score ?? 0) >= theCase.policy.suspect_score) return 'suspect';
  const anchor = impact.started ?? impact.known;
  if (!anchor || !isWatched(theCase, 'change')) return 'unknown';
  const lookBack = { from: lookBackFrom(theCase, impact), to: latestOf(anchor) };
  const isCut = blindSpots(theCase, 'change', lookBack).length > 0 || unreadRecords(theCase, 'change') > 0;
  return isCut || isAskedLate(theCase, impact) ? 'unknown' : 'none';
}

function weightOf(reasons: Suspect['reasons']): number {
  return reasons.reduce((sum, { weight }) => sum + weight, 0);
}

/** Three decimals: enough to rank by, and the same on every machine. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** Changes are asked for back from the page: where the impact began days before it, less than half of its look-back was. */
function isAskedLate({ windows, policy }: Case, { started }: Impact): boolean {
  return started !== undefined && addMs(started.at, -durationMs(policy.windows.changes_before) / 2) < windows.changes.from;
}

function isInLookBack({ began, ended }: Change, theCase: Case, impact: Impact): boolean {
  return (ended ?? began).at >= lookBackFrom(theCase, impact);
}

/** The window of changes counts back from the page; where the impact began earlier, from its start. */
function lookBackFrom({ windows, policy }: Case, { started }: Impact): Instant {
  const fromStart = started && addMs(started.at, -started.minusMs - durationMs(policy.windows.changes_before));
  return fromStart !== undefined && fromStart < windows.changes.from ? fromStart : windows.changes.from;
}

function isAnswer({ reverses, began }: Change, impact: Impact): boolean {
  const bound = boundOf(impact);
  return reverses !== undefined && bound !== undefined && began.at >= bound;
}
