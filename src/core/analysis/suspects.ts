import type { Case } from '../case.ts';
import type { Citation, Citations } from '../citation.ts';
import type { EventId, EventOf } from '../events.ts';
import { ownerOf } from '../ownership.ts';
import { addMs, between, durationMs, type Moment } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { blindSpots, isWatched } from './blind-spots.ts';
import type { Change } from './changes.ts';
import { isBeforeUsers } from './environments.ts';
import { eventsOf } from './joined.ts';
import { type Effect, effectOf } from './mitigation.ts';
import type { Departure } from './onset.ts';
import { takenBackBy } from './reversals.ts';

export type ReasonCode =
  | 'finished_before_impact'
  | 'same_service'
  | 'dependency'
  | 'same_environment'
  | 'within_look_back'
  | 'reversed_then_recovered'
  | 'confirmed_by_person'
  | 'finished_after_impact'
  | 'other_service'
  | 'other_environment'
  | 'impact_outlived_reversal'
  | 'rejected_by_person';

/** Never a bare score: each point has a reason, and each reason cites. `change` is a Change's key. */
export interface Suspect {
  readonly change: string;
  readonly score: number;
  readonly reasons: readonly { readonly code: ReasonCode; readonly weight: number; readonly cites: Citations }[];
}

/** 'unknown' where a needed change stream has a gap in the look-back and nothing passed the threshold. */
export type SuspectVerdict = 'suspect' | 'none' | 'unknown';

/** What is known of the impact when its suspects are looked for. */
export interface Impact {
  /** Its start; absent where nothing shows it. */
  readonly started?: Moment;
  /** When it was known at the latest: it had begun by then. */
  readonly known?: Moment;
  /** What says so. */
  readonly cites: readonly Citation[];
  readonly departures: readonly Departure[];
  readonly recovery?: Moment;
  /** Of a case of several services, the impact of each whose metric departed: a change is weighed against its own service's. */
  readonly byService?: ReadonlyMap<string, Impact>;
}

type Reason = Suspect['reasons'][number];

/** All that a change is weighed against. */
interface Context {
  readonly changes: readonly Change[];
  readonly theCase: Case;
  readonly impact: Impact;
  readonly judgments: ReadonlyMap<string, EventOf<'suspect.judged'>>;
  /** What each event belongs to, since a change set apart no longer says whose it is. */
  readonly keysOf: ReadonlyMap<EventId, readonly string[]>;
}

/**
 * What each reason adds to the log-odds of a change. The score is the logistic of their sum and of `PRIOR`: the odds that a
 * change picked blindly from the look-back is what the incident is about. So an own deployment minutes before scores about
 * 0.8, the same taken back with the errors ending 0.98, one of six hours before 0.4, another service's at any time under 0.1.
 * Set by hand from these cases, not fitted.
 */
const WEIGHT = {
  finished_before_impact: 1,
  same_service: 1.5,
  dependency: 0.5,
  same_environment: 0.5,
  within_look_back: 2,
  reversed_then_recovered: 2.5,
  confirmed_by_person: 8,
  finished_after_impact: -8,
  other_service: -2.5,
  other_environment: -2.5,
  impact_outlived_reversal: -2.5,
  rejected_by_person: -8,
} as const satisfies Record<ReasonCode, number>;
const PRIOR = -3.5;

/** Nearness halves with each such time between a change's end and the onset. */
const HALF_LIFE_MS = 7_200_000;

/**
 * The changes of the look-back, the likeliest first, each with its reasons for and against. A reversal that began after the
 * impact is an answer to it and not listed. What lies before the look-back is listed only where a person judged it.
 */
export function rankSuspects(changes: readonly Change[], theCase: Case, impact: Impact): readonly Suspect[] {
  if (!impact.started && !impact.known) return [];
  const judgments = new Map(eventsOf(theCase.events, 'suspect.judged').map((event) => [event.attributes.change, event]));
  const keysOf = new Map(theCase.events.map(({ id, belongsTo }) => [id, belongsTo]));
  const context = { changes, theCase, impact, judgments, keysOf };
  return changes
    .filter((change) => judgments.has(change.key) || (isInLookBack(change, theCase) && !isAnswer(change, impactFor(change, impact))))
    .map((change) => {
      const reasons = reasonsOf(change, { ...context, impact: impactFor(change, impact) });
      const score = rounded(1 / (1 + Math.exp(-PRIOR - weightOf(reasons))));
      return { change: change.key, score, reasons };
    })
    .toSorted((a, b) => b.score - a.score || weightOf(b.reasons) - weightOf(a.reasons) || compare(a.change, b.change));
}

/** What a change is weighed against: the impact of its own service, else the first of the case. */
function impactFor({ belongs }: Change, impact: Impact): Impact {
  const own = impact.byService?.get(belongs.service);
  return own ? { ...own, ...(impact.byService && { byService: impact.byService }) } : impact;
}

/** Whether a reason counts in full: one that the bounds of its times only allow counts in part. */
export function isFirm({ code, weight }: Pick<Reason, 'code' | 'weight'>): boolean {
  return Math.abs(weight) >= Math.abs(WEIGHT[code]);
}

/** Whether the first suspect is one by the policy; and where none is, whether that is an answer or a blind spot. */
export function suspectVerdict(suspects: readonly Suspect[], theCase: Case, impact: Impact): SuspectVerdict {
  if ((suspects[0]?.score ?? 0) >= theCase.policy.suspect_score) return 'suspect';
  const anchor = impact.started ?? impact.known;
  if (!anchor || !isWatched(theCase, 'change')) return 'unknown';
  const lookBack = { from: theCase.windows.changes.from, to: latestOf(anchor) };
  return blindSpots(theCase, 'change', lookBack).length > 0 ? 'unknown' : 'none';
}

function weightOf(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { weight }) => sum + weight, 0);
}

/** Three decimals: enough to rank by, and the same on every machine. */
function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function isInLookBack({ began, ended }: Change, { windows }: Case): boolean {
  return (ended ?? began).at >= windows.changes.from;
}

/** The latest instant at which the impact can have begun. */
function boundOf({ started, known }: Impact) {
  const bounds = [started, known].flatMap((moment) => (moment ? [latestOf(moment)] : []));
  return bounds.toSorted(compare)[0];
}

function latestOf({ at, plusMs }: Moment) {
  return addMs(at, plusMs);
}

function isAnswer({ reverses, began }: Change, impact: Impact): boolean {
  const bound = boundOf(impact);
  return reverses !== undefined && bound !== undefined && began.at >= bound;
}

function reasonsOf(change: Change, context: Context): readonly Reason[] {
  const judgment = context.judgments.get(change.key);
  const verdict = judgment?.attributes.verdict === 'confirmed' ? 'confirmed_by_person' : 'rejected_by_person';
  return [
    ...timeReasons(change, context.impact),
    ...placeReasons(change, context),
    ...reversalReasons(change, context),
    ...(judgment ? [reason(verdict, [{ event: judgment.id }])] : []),
  ];
}

function reason(code: ReasonCode, cites: Citations, share = 1): Reason {
  return { code, weight: rounded(WEIGHT[code] * share), cites };
}

/** Before and after are said only where the bounds of both times allow it; a change still running is neither. */
function timeReasons(change: Change, impact: Impact): readonly Reason[] {
  const bound = boundOf(impact);
  const anchor = impact.started ?? impact.known;
  if (!bound || !anchor) return [];
  const cites: Citations = [...change.cites, ...impact.cites];
  const done = change.ended ?? change.began;
  if ((change.ended && addMs(done.at, -done.minusMs) >= bound) || change.began.at >= bound) return [reason('finished_after_impact', cites)];
  const isBefore = change.ended !== undefined && impact.started !== undefined && between(change.ended, impact.started).minMs >= 0;
  const age = Math.max(0, between(done, anchor).ms);
  const near = reason('within_look_back', cites, 2 ** (-age / HALF_LIFE_MS));
  return [...(isBefore ? [reason('finished_before_impact', cites)] : []), ...(near.weight > 0 ? [near] : [])];
}

function placeReasons(change: Change, { changes, theCase, impact, keysOf }: Context): readonly Reason[] {
  const { services, subject } = theCase;
  // Of several services only those whose metric departed were hit; another's change is another service's.
  const hit = impact.byService ?? new Map(subject.map((name) => [name, impact]));
  const own = services.filter(({ name }) => subject.includes(name) && hit.has(name));
  const isClaimed = own.some(
    ({ owns }) => change.environment !== undefined && owns.some((claim) => claim.endsWith(`@${change.environment}`)),
  );
  if (!('why' in change.belongs) && hit.has(change.belongs.service)) {
    const isBefore = !isClaimed && isBeforeUsers(change, changes);
    return [
      reason('same_service', change.cites),
      ...(isClaimed ? [reason('same_environment', change.cites)] : []),
      ...(isBefore ? [reason('other_environment', change.cites)] : []),
    ];
  }
  const owner = ownerNameOf(change, theCase, keysOf);
  if (owner === undefined) return [];
  return [reason(own.some(({ dependsOn }) => dependsOn.includes(owner)) ? 'dependency' : 'other_service', change.cites)];
}

/** Which service a change belongs to, of all that the configuration knows. */
function ownerNameOf({ cites }: Change, { services }: Case, keysOf: Context['keysOf']): string | undefined {
  const keys = cites.flatMap((cite) => ('event' in cite ? (keysOf.get(cite.event) ?? []) : []));
  const names = services.map(({ name }) => name);
  const owner = ownerOf([...new Set(keys)], services, names);
  return 'why' in owner ? undefined : owner.service;
}

function reversalReasons(change: Change, { changes, theCase, impact }: Context): readonly Reason[] {
  const { policy } = theCase;
  const withinMs = durationMs(policy.mitigation_within);
  const patience = { withinMs, stableMs: durationMs(policy.stable_for) };
  return changes
    .filter((other) => other.ended && other.outcome === 'succeeded' && takenBackBy(other, changes).includes(change.key))
    .flatMap((reversal) => {
      if (!reversal.ended || isOver(reversal.ended, impact)) return [];
      const effect: Effect = effectOf(reversal.ended, impact.departures, impact.recovery, patience);
      const cites: Citations = [...reversal.cites, ...impact.cites];
      if (effect === 'fell') return [reason('reversed_then_recovered', cites)];
      if (effect === 'stayed') return [reason('impact_outlived_reversal', cites)];
      // Periods too long to tell: that the recovery may have followed is half as much as that it did.
      return isFollowed(reversal.ended, impact.recovery, withinMs) ? [reason('reversed_then_recovered', cites, 0.5)] : [];
    })
    .toSorted((a, b) => b.weight - a.weight)
    .slice(0, 1);
}

/** A reversal that was done before the impact began says nothing about how it ended. */
function isOver(ended: Moment, { started }: Impact): boolean {
  return started !== undefined && between(ended, started).minMs >= 0;
}

function isFollowed(ended: Moment, recovery: Moment | undefined, withinMs: number): boolean {
  if (!recovery) return false;
  const { ms, minMs, maxMs } = between(ended, recovery);
  return ms >= 0 && maxMs >= 0 && minMs <= withinMs;
}
