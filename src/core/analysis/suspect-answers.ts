import type { Citations } from '../citation.ts';
import { addMs, between, durationMs, type Instant, likelyTime, type Moment } from '../time.ts';
import type { Change } from './changes.ts';
import { incidentSpan } from './joined.ts';
import { ceasedAfter, type Effect, effectBetween, effectsBetween } from './mitigation.ts';
import type { Departure } from './onset.ts';
import { isSameContent, outAgain, takenBackBy } from './reversals.ts';
import { boundOf, type Ground, type Weighing } from './weighing.ts';

/** That a recovery may have followed, where periods are too long to tell, is half as much as that it did; so is one that took its time. */
const MAYBE_SHARE = 0.5;
/** So is one that was whole before the reversal had ended, though a fleet goes back machine by machine. */
const DURING_SHARE = 0.7;
/** What a reversal ends, it mostly ends by the time it is done: traffic turns at once, and only queues and caches take longer. */
const PROMPT_MS = 240_000;
/** Where another change of the same service went out meanwhile, that may be what ended the impact. */
const OTHER_ANSWER_SHARE = 0.4;

/** What happened to the impact when the change was taken back, mended or stopped; or that it ended while nothing was done to it. */
export function answerReasons(change: Change, weighing: Weighing): readonly Ground[] {
  const gone = goneReasons(change, weighing);
  if (gone.length > 0) return gone;
  const reversal = reversalReasons(change, weighing);
  if (reversal.length > 0) return reversal;
  const stopped = stoppedReasons(change, weighing);
  if (stopped.length > 0) return stopped;
  const fixed = fixedReasons(change, weighing);
  return fixed.length > 0 ? fixed : untouchedReasons(change, weighing);
}

/** What had been taken back when the impact began was not out then: nothing that was done later tells of it. */
function goneReasons(change: Change, { changes, impact: { started, cites } }: Weighing): readonly Ground[] {
  const reversal = changes.find(
    (other) =>
      started !== undefined &&
      other.outcome === 'succeeded' &&
      other.ended !== undefined &&
      takenBackBy(other, changes).includes(change.key) &&
      between(other.ended, started).minMs >= 0,
  );
  return reversal ? [{ code: 'reversed_before_impact', share: 1, cites: [...reversal.cites, ...cites] }] : [];
}

/** The best that any reversal of it tells. */
function reversalReasons(change: Change, weighing: Weighing): readonly Ground[] {
  const told = reversalsOf(change, weighing)
    .map((reversal): readonly Ground[] => {
      const cites: Citations = [...reversal.cites, ...weighing.impact.cites];
      const until = outAgain(change, reversal, weighing.changes)?.began.at;
      const effect = effectOfAnswer(reversal, weighing, { until });
      if (effect === 'fell') return [{ code: 'reversed_then_recovered', share: closenessOf(reversal, weighing, until), cites }];
      if (effect === 'stayed') return outlivedReasons(change, reversal, 'reversed_then_recovered', weighing, until);
      const isFollowed = isRecoveredAfter(reversal.ended, weighing);
      if (isFollowed) return [{ code: 'reversed_then_recovered', share: MAYBE_SHARE, cites }];
      return isInAnswer(reversal, weighing) ? [inAnswer(reversal, weighing)] : [];
    })
    .filter(({ length }) => length > 0)
    .toSorted((a, b) => rankOf(b) - rankOf(a));
  return told[0] ?? [];
}

function rankOf(grounds: readonly Ground[]): number {
  return grounds.reduce((sum, { code, share }) => {
    const isOutlived = code === 'impact_outlived_reversal' || code === 'alarm_outlived_reversal';
    return sum + (isOutlived ? -share : code === 'reversed_in_answer' ? 0 : share);
  }, 0);
}

/**
 * What outlived an answer. Where some of the series fell at it and others went on, each speaks for itself: errors end with the traffic, and a queue or a
 * cache only later. What had departed before the change went out is no witness for it.
 */
function outlivedReasons(
  change: Change,
  answer: Pick<Change, 'began' | 'ended' | 'cites'>,
  code: 'reversed_then_recovered' | 'stopped_then_recovered',
  weighing: Weighing,
  until?: Instant,
): readonly Ground[] {
  const { departures, told, cites } = weighing.impact;
  const effects = effectsOfAnswer(answer, weighing, { until });
  const prompt = effectsOfAnswer(answer, weighing, { until, atMostMs: PROMPT_MS });
  const stayed = departures.filter((_, at) => effects[at] === 'stayed');
  const fell = departures.filter((one, at) => effects[at] === 'fell' && between(change.began, likelyTime(one)).maxMs >= 0);
  if (fell.length === 0) {
    const isBack = code === 'reversed_then_recovered' && hasCeased(change, answer, weighing);
    return [{ code: isBack ? 'reversed_then_relapsed' : 'impact_outlived_reversal', share: 1, cites: [...answer.cites, ...cites] }];
  }
  const citing = (ones: readonly Departure[]): Citations => [...answer.cites, ...ones.flatMap((one) => told?.get(one) ?? [])];
  const share = (ones: readonly Departure[]) => ones.length / (fell.length + stayed.length);
  const late = fell.filter((one) => prompt[departures.indexOf(one)] !== 'fell');
  return [
    { code, share: share(fell) - share(late) * (1 - MAYBE_SHARE), cites: citing(fell) },
    { code: 'impact_outlived_reversal', share: share(stayed), cites: citing(stayed) },
  ];
}

/** Whether the impact stopped with an answer, though it came back before it was over: callers that return all at once do that. */
function hasCeased(change: Change, { began, ended }: Answer, { impact: { departures } }: Weighing): boolean {
  const own = departures.filter((one) => between(change.began, likelyTime(one)).maxMs >= 0);
  return ended !== undefined && own.length > 0 && own.every((one) => ceasedAfter(began, ended, one, PROMPT_MS));
}

/**
 * Whoever answered took it for what set it off. With no metric to say what that did, the end of its alarms tells: whether they cleared
 * in the time that a recovery has, and theirs to see it. Where they have no end in the record, the choice is what is known.
 */
function inAnswer(reversal: Change, weighing: Weighing): Ground {
  const { impact, theCase } = weighing;
  const { began, ended, cites } = reversal;
  const { cleared } = impact;
  if (!cleared || !ended || between(began, cleared.time).maxMs <= 0) {
    const share = isFollowedByMore(reversal, weighing) ? MAYBE_SHARE : 1;
    return { code: 'reversed_in_answer', share, cites: [...cites, ...impact.cites] };
  }
  const lateMs = between(ended, cleared.time).minMs - durationMs(theCase.policy.mitigation_within) - cleared.lagMs;
  const code = lateMs > 0 ? 'alarm_outlived_reversal' : 'reversed_then_cleared';
  return { code, share: 1, cites: [...cites, ...cleared.cites] };
}

/** Whoever goes on changing the service while the incident is open did not see it end, or not as they wished. */
function isFollowedByMore({ ended, belongs }: Change, { changes, theCase }: Weighing): boolean {
  const { to } = incidentSpan(theCase);
  return changes.some(({ began, ...other }) => other.belongs.service === belongs.service && began.at > (ended?.at ?? to) && began.at <= to);
}

/** While the incident went on, and without any metric that left its normal. */
function isInAnswer({ began }: Change, { impact, theCase }: Weighing): boolean {
  const { from, to } = incidentSpan(theCase);
  const since = boundOf(impact) ?? from;
  return impact.departures.length === 0 && began.at >= since && began.at <= to;
}

function reversalsOf(change: Change, { changes, impact }: Weighing): readonly Change[] {
  return changes.filter(
    (other) => other.outcome === 'succeeded' && takenBackBy(other, changes).includes(change.key) && isAfterOnset(other.ended, impact),
  );
}

/** A reversal that was done before the impact began says nothing about how it ended. */
function isAfterOnset(ended: Moment | undefined, { started }: Weighing['impact']): boolean {
  return ended !== undefined && (started === undefined || between(ended, started).minMs < 0);
}

/** In full where the impact still stood as the reversal ended and fell soon; periods that are too long to tell do not count against it. */
function closenessOf(reversal: Change, weighing: Weighing, until: Instant | undefined): number {
  const { recovery } = weighing.impact;
  if (recovery && reversal.ended && between(reversal.ended, recovery).maxMs <= 0) return DURING_SHARE;
  return effectOfAnswer(reversal, weighing, { until, atMostMs: PROMPT_MS }) === 'stayed' ? MAYBE_SHARE : 1;
}

/** How soon an answer must show, and when it was undone. */
interface Within {
  readonly atMostMs?: number;
  readonly until?: Instant | undefined;
}

type Answer = Pick<Change, 'began' | 'ended'>;

function effectOfAnswer({ began, ended }: Answer, weighing: Weighing, within: Within = {}): Effect {
  const { departures, recovery } = weighing.impact;
  return ended ? effectBetween(began, ended, departures, recovery, patienceOf(weighing, within)) : 'unknown';
}

/** The same for each series by itself. */
function effectsOfAnswer({ began, ended }: Answer, weighing: Weighing, within: Within): readonly Effect[] {
  const { departures, recovery } = weighing.impact;
  return ended ? effectsBetween(began, ended, departures, recovery, patienceOf(weighing, within)) : [];
}

function patienceOf({ theCase }: Weighing, { atMostMs, until }: Within): Parameters<typeof effectBetween>[4] {
  const { mitigation_within, stable_for } = theCase.policy;
  const withinMs = Math.min(durationMs(mitigation_within), atMostMs ?? Number.POSITIVE_INFINITY);
  return { withinMs, stableMs: durationMs(stable_for), ...(until !== undefined && { until }) };
}

function isRecoveredAfter(ended: Moment | undefined, { impact, theCase }: Weighing): boolean {
  if (!ended || !impact.recovery) return false;
  const { ms, minMs, maxMs } = between(ended, impact.recovery);
  return ms >= 0 && maxMs >= 0 && minMs <= durationMs(theCase.policy.mitigation_within);
}

/** A rollout that failed after the impact had begun was stopped: the traffic went back. */
function stoppedReasons(change: Change, weighing: Weighing): readonly Ground[] {
  const { impact } = weighing;
  if (change.outcome !== 'failed' || !change.ended || !isAfterOnset(change.ended, impact)) return [];
  const stop = { ...change, began: change.ended };
  const effect = effectOfAnswer(stop, weighing);
  const cites: Citations = [...change.cites, ...impact.cites];
  if (effect === 'fell') return [{ code: 'stopped_then_recovered', share: 1, cites }];
  if (effect === 'stayed') return outlivedReasons(change, stop, 'stopped_then_recovered', weighing);
  return isRecoveredAfter(change.ended, weighing) ? [{ code: 'stopped_then_recovered', share: MAYBE_SHARE, cites }] : [];
}

/**
 * What followed in the same place, touches the same files, and was followed by recovery mended it: in full where all that it touches is of the change,
 * and by the part that is. A fix is of what broke; a large change has a file in common with almost any.
 */
function fixedReasons(change: Change, weighing: Weighing): readonly Ground[] {
  const touched = new Set(change.files);
  return laterInPlace(change, weighing)
    .flatMap((fix): readonly Ground[] => {
      const common = fix.files.filter((path) => touched.has(path)).length;
      if (common === 0 || effectOfAnswer(fix, weighing) !== 'fell') return [];
      return [{ code: 'fixed_then_recovered', share: common / fix.files.length, cites: [...fix.cites, ...weighing.impact.cites] }];
    })
    .toSorted((a, b) => b.share - a.share)
    .slice(0, 1);
}

function laterInPlace(change: Change, { changes, impact }: Weighing): readonly Change[] {
  return changes.filter(
    (other) =>
      other !== change &&
      // The same revision once more mends nothing of its own.
      !isSameContent(other, change) &&
      other.reverses === undefined &&
      other.outcome === 'succeeded' &&
      other.place !== undefined &&
      other.place === change.place &&
      other.environment === change.environment &&
      impact.started !== undefined &&
      other.began.at > impact.started.at,
  );
}

/**
 * The impact was over, or its alarms had cleared, and the change still out as it was. Where the impact came back while the change was out
 * all the time, the calm between tells nothing of it.
 */
function untouchedReasons(change: Change, weighing: Weighing): readonly Ground[] {
  const { impact, changes } = weighing;
  const over = impact.recovery ?? impact.cleared?.time;
  const bound = boundOf(impact);
  if (!over || !bound || change.outcome === 'failed' || change.began.at >= bound) return [];
  const latest = addMs(over.at, over.plusMs);
  const since = (other: Change) => other.began.at > bound && other.began.at <= latest;
  const takenBack = changes.filter((other) => other.began.at > bound && takenBackBy(other, changes).includes(change.key));
  if (takenBack.some(since)) return [];
  const { returned } = impact;
  if (returned && !takenBack.some(({ began }) => began.at <= returned.at)) return [];
  const last = changes.findLast(
    (other) =>
      since(other) &&
      other.belongs.service === change.belongs.service &&
      other.reverses === undefined &&
      mayHaveEnded(other, over, weighing),
  );
  const cites: Citations = [...change.cites, ...impact.cites, ...(impact.cleared?.cites ?? []), ...(last?.cites ?? [])];
  return [{ code: 'recovered_while_out', share: last ? OTHER_ANSWER_SHARE : 1, cites }];
}

/** Whether the impact was over soon enough after a change that it may be what ended it: in the time that a recovery has. */
function mayHaveEnded({ began, ended }: Change, over: Moment, { theCase }: Weighing): boolean {
  return between(ended ?? began, over).minMs <= durationMs(theCase.policy.mitigation_within);
}
