import { METRICS, type Metric, type MetricName } from '../analysis/metrics.ts';
import { takenBackBy } from '../analysis/reversals.ts';
import { isFirm } from '../analysis/suspects.ts';
import { durationMs } from '../time.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { notTaken, type Seen } from './called.ts';
import { citeEntry, joinCites, say } from './cite.ts';
import { postsOf } from './communication-section.ts';
import { formatLength, formatMetric, MILESTONE_WORDS, milestoneWords } from './durations.ts';
import { firstSuspect, reversalOf } from './fixes.ts';
import { citeDuration, isCalm, known } from './known.ts';
import type { Material } from './material.ts';
import type { Block, Cited, Section } from './model.ts';
import { partedEffect } from './parted-effects.ts';
import { citeChange } from './patches.ts';
import { citeReading, holesOf, wasRead } from './reading.ts';
import { type ResponseCode, respondedOf } from './response-words.ts';
import { capitalOf, timesOf, whenOf } from './words.ts';

const NAMES = Object.keys(METRICS) as readonly MetricName[];

/** What came, how long after what: the sentence around a duration. */
const SENTENCES = {
  deployment_to_detection: (length, suspect) => `Detection came ${length} after ${suspect}`,
  time_to_detect: (length) => `Detection came ${length} after the start of the impact`,
  time_to_page: (length) => `The page came ${length} after detection`,
  time_to_acknowledge: (length) => `The acknowledgement came ${length} after the page`,
  time_to_communicate: (length) => `The first status update came ${length} after the start of the impact`,
  time_to_reverse: (length) => `The reversal took ${length}`,
  time_to_mitigate: (length) => `Mitigation came ${length} after the start of the impact`,
  time_to_recover: (length) => `Recovery came ${length} after the start of the impact`,
  detection_to_recovery: (length) => `Recovery came ${length} after detection`,
  time_to_resolve: (length) => `The incident was closed ${length} after the page`,
  failed_deployment_recovery: (length, suspect) => `Recovery came ${length} after ${suspect}`,
} as const satisfies Record<MetricName, (length: string, suspect: string) => string>;

/** A duration held against its target. */
export interface Judged {
  readonly name: MetricName;
  readonly within: boolean;
  readonly what: Cited;
}

/** Each duration that a target of the policy is set for and that clearly keeps or misses it, bounds and all. */
export function judge(material: Material): readonly Judged[] {
  const { durations, milestones, impactReturns } = material.analysis;
  // A flag and a setting are changed at once.
  const kind = firstSuspect(material)?.kind;
  const suspect =
    kind === 'flag' || kind === 'config' ? 'the suspect change' : `the ${milestoneWords('suspect_deployed', milestones.suspect_deployed)}`;
  return NAMES.flatMap((name): readonly Judged[] => {
    const target = material.theCase.policy.targets[name];
    const metric = durations[name];
    const within = target === undefined ? undefined : keeps(metric, durationMs(target));
    if (target === undefined || within === undefined || metric.status === 'unknown') return [];
    // A recovery that did not last is no reason for praise.
    if (within && impactReturns && METRICS[name].to === 'recovered') return [];
    const length = formatMetric(metric, milestones);
    const start =
      metric.status === 'running' ? `There is no ${MILESTONE_WORDS[METRICS[name].to]} yet, ${length}` : SENTENCES[name](length, suspect);
    const text = `${start}, ${within ? 'within' : 'over'} the target of ${formatLength(durationMs(target))}.`;
    return [{ name, within, what: say(text, citeDuration(material, metric.cites)) }];
  });
}

/** True and false where the bounds leave no doubt; a duration that runs can only miss its target. */
function keeps(metric: Metric, targetMs: number): boolean | undefined {
  if (metric.status === 'running') return metric.atLeastMs > targetMs ? false : undefined;
  if (metric.status !== 'measured') return undefined;
  const { minMs, maxMs } = metric.span;
  return maxMs <= targetMs ? true : minMs > targetMs ? false : undefined;
}

/** What kept its target, and what else the record shows to have helped. */
export function wentWellSection(material: Material): Section {
  const kept = judge(material).filter(({ within }) => within);
  return { key: 'went_well', heading: 'What went well', blocks: [...kept.map(toBlock('went_well')), ...reversalHelped(material)] };
}

/** What missed its target, and what else the record shows to have gone wrong; no person is named. */
export function wentWrongSection(material: Material): Section {
  const missed = judge(material).filter(({ within }) => !within);
  const response = [...noAlarm(material), ...notTaken(material), ...noStatus(material), ...handedOn(material)];
  const seen = [...response, ...failedRollbacks(material), ...reopened(material)];
  const told = [...seen, ...courseOf(material, missed, seen)];
  const blocks = [...missed.map(toBlock('went_wrong')), ...told.map(({ key, what }) => prose(`went_wrong.${key}`, what))];
  return { key: 'went_wrong', heading: 'What went wrong', blocks };
}

/** What the findings say of the response, without what a missed target or an escalation has said already. */
function courseOf(material: Material, missed: readonly Judged[], seen: readonly Seen[]) {
  const isTold = (code: ResponseCode) => {
    if (code === 'page_delayed') return missed.some(({ name }) => name === 'time_to_page');
    return code === 'unanswered_at_first' && seen.some(({ key }) => key === 'handed_on' || key === 'not_taken' || key === 'not_called');
  };
  const findings = respondedOf(material).filter(({ code }) => !isTold(code) && !isUnalarmed(code));
  const alike = Map.groupBy(findings, ({ code }) => code);
  // Two alarms that were slow are two sentences, each with its own key.
  return [...alike.values()].flatMap((own) => own.map(({ code, what }, at) => ({ key: at === 0 ? code : `${code}.${at + 1}`, what })));
}

function toBlock(section: 'went_well' | 'went_wrong') {
  return ({ name, what }: Judged): Block => prose(`${section}.${name}`, what);
}

function prose(key: string, what: Cited): Block {
  return { kind: 'prose', key, sentences: [what] };
}

function reversalHelped(material: Material): readonly Block[] {
  const { analysis } = material;
  const [suspect] = analysis.suspects;
  const reason = suspect?.reasons.find(({ code }) => code === 'reversed_then_recovered');
  const parted = suspect && partedEffect(suspect, material);
  if (!reason || (!isFirm(reason) && !parted) || analysis.suspectVerdict !== 'suspect') return [];
  if (parted)
    return [prose('went_well.reversal', say(`${capitalOf(parted.fell)} fell soon after the reversal of the first suspect.`, reason.cites))];
  const what = known(material, 'recovered')
    ? 'Recovery followed the reversal of the first suspect.'
    : 'The impact fell after the reversal of the first suspect.';
  return [prose('went_well.reversal', say(what, reason.cites))];
}

/** An incident that no alarm of the service announced, where the alarms were read in whole; of several services each that left its normal. */
export function noAlarm(material: Material): readonly Seen[] {
  const fired = material.ours.some(({ event }) => event.type === 'alert.fired');
  if (fired || isCalm(material) || !wasRead(material, 'alarms') || holesOf(material, 'alarms').length > 0) return [];
  const [first, ...others] = respondedOf(material).filter(({ code }) => isUnalarmed(code));
  if (!first) return [{ key: 'no_alarm', what: say('No alarm of the service fired.', citeReading(material, 'alarms')) }];
  return [{ ...first, key: 'no_alarm' }, ...others.map((one, at) => ({ ...one, key: `no_alarm.${at + 2}` as const }))];
}

/** That no alarm fired, and which metric one could have fired on: told in the place of the first. */
function isUnalarmed(code: ResponseCode): boolean {
  return code === 'alarm_missing' || code === 'alarm_silent';
}

/** Nobody posted; while it goes on that is only missed once it is later than the policy's target. */
export function noStatus(material: Material): readonly Seen[] {
  const { durations } = material.analysis;
  if (durations.time_to_communicate.status === 'running') return [];
  if (postsOf(material).length > 0 || isCalm(material) || !wasRead(material, 'response') || holesOf(material, 'response').length > 0)
    return [];
  return [{ key: 'no_status', what: say('No status update was posted.', citeReading(material, 'response')) }];
}

/** Escalations before anyone had taken the incident, and acknowledgements that did not hold. */
export function handedOn(material: Material): readonly Seen[] {
  const { escalated, lapsed } = handings(material);
  const [first, ...rest] = [...escalated, ...lapsed];
  if (!first) return [];
  const before = known(material, 'acknowledged') ? ' before anyone took it' : '';
  const parts = [
    ...(escalated.length > 0 ? [`the page was escalated ${timesOf(escalated.length)}${before}`] : []),
    ...(lapsed.length > 0 ? [`an acknowledgement ended ${timesOf(lapsed.length)} with the incident still open`] : []),
  ];
  return [{ key: 'handed_on', what: say(`${capitalOf(parts.join(', and '))}.`, joinCites(citeEntry(first), ...rest.map(citeEntry))) }];
}

/** What made a page move on, apart: each of the two is another thing to look into. */
export function handings({ ours, analysis }: Material): {
  readonly escalated: readonly TimelineEntry[];
  readonly lapsed: readonly TimelineEntry[];
} {
  const { acknowledged } = analysis.milestones;
  const isUntaken = ({ event }: TimelineEntry) => !acknowledged.known || event.time.at < acknowledged.time.at;
  return {
    escalated: ours.filter((entry) => entry.event.type === 'incident.escalated' && isUntaken(entry)),
    lapsed: ours.filter(({ event }) => event.type === 'incident.ack_lapsed' || event.type === 'incident.unacknowledged'),
  };
}

/** Rollbacks of the first suspect that failed: the reversal that is measured is the one that held, and may have been the second. */
function failedRollbacks(material: Material): readonly Seen[] {
  const { analysis, day } = material;
  const suspect = firstSuspect(material);
  const held = suspect && reversalOf(suspect, material);
  if (!suspect || held?.kind !== 'deployment') return [];
  const failed = analysis.changes.filter(
    (change) => change.outcome === 'failed' && takenBackBy(change, analysis.changes).includes(suspect.key),
  );
  const [first, ...rest] = failed.filter(({ began }) => began.at <= held.began.at);
  if (!first?.ended) return [];
  const what =
    rest.length === 0
      ? `A rollback of the first suspect failed ${whenOf(first.ended, day)}`
      : `${rest.length + 1} rollbacks of the first suspect failed`;
  const tail = held.outcome === 'succeeded' && held.ended ? `, before the one that finished ${whenOf(held.ended, day)}` : '';
  const cites = [...rest, ...(tail === '' ? [] : [held])].map((change) => citeChange(change, material));
  return [{ key: 'failed_rollback', what: say(`${what}${tail}.`, joinCites(citeChange(first, material), ...cites)) }];
}

function reopened(material: Material): readonly Seen[] {
  const [first, ...rest] = material.ours.filter(({ event }) => event.type === 'incident.reopened');
  if (!first) return [];
  const text = `The incident was reopened ${timesOf(rest.length + 1)} after it had been closed.`;
  return [{ key: 'reopened', what: say(text, joinCites(citeEntry(first), ...rest.map(citeEntry))) }];
}
