import type { Case } from '../case.ts';
import type { Citation } from '../citation.ts';
import type { EventOf, RecordedEvent } from '../events.ts';
import { between, durationMs, type Instant, instantAt, type Moment, type Span } from '../time.ts';
import { compare } from '../timeline/order.ts';
import type { Finding } from './analyze.ts';
import { ownAlerts } from './apart.ts';
import type { Change } from './changes.ts';
import type { Departed } from './derived-events.ts';
import { eventsOf, type Firing, incidentEventsOf, isOfIncident, isRelay } from './joined.ts';
import type { Milestone, Milestones } from './metrics.ts';
import { isDeparting } from './onset.ts';
import type { ImpactReturn } from './returns.ts';
import type { Suspect } from './suspects.ts';
import { startOf } from './track.ts';

/** What the findings about the response are drawn from. */
export interface Responded {
  readonly theCase: Case;
  readonly firings: readonly Firing[];
  readonly milestones: Milestones;
  readonly changes: readonly Change[];
  readonly suspects: readonly Suspect[];
  readonly departed: readonly Departed[];
  readonly returns: readonly ImpactReturn[];
}

type Known = Extract<Milestone, { readonly known: true }>;

/** A reversal that began so long after it was spoken of waited. */
const WAITED_MS = 600_000;
/** A record that was closed so long after the recovery says nothing of the impact any more. */
const LINGERED_MS = 3_600_000;

/**
 * What the order and the distance of the record's own times say of the response, each with its bounds. Where the bounds leave
 * open which came first, or whether a limit was passed, there is no finding.
 */
export function responseFindings(from: Responded): readonly Finding[] {
  return [
    ...pageDelayed(from),
    ...unansweredAtFirst(from),
    ...reversalLate(from),
    ...knownBeforeAlarm(from),
    ...recordAgainstImpact(from),
    ...firedAgain(from),
  ];
}

function cite(first: Citation, ...rest: readonly Citation[]): Finding['cites'] {
  return [first, ...rest];
}

function citeOf({ cites: [first, ...rest] }: Known): Finding['cites'] {
  return [{ event: first }, ...rest.map((event) => ({ event }))];
}

/** From the first alarm of the case to its page, over the target that the policy sets for it. */
function pageDelayed({ theCase, firings, milestones: { paged } }: Responded): readonly Finding[] {
  const target = theCase.policy.targets.time_to_page;
  const [alarm] = ownAlerts(theCase, firings);
  if (!alarm || !paged.known || target === undefined) return [];
  const span = between(alarm.time, paged.time);
  if (span.minMs <= durationMs(target)) return [];
  const cites = cite({ event: alarm.id }, ...citeOf(paged));
  return [{ code: 'page_delayed', subject: alarm.attributes['alert.rule'], span, cites }];
}

/** Moved on, given up or lapsed before a person took it; what a person handed on had been answered. */
function unansweredAtFirst({ theCase, milestones: { paged, acknowledged } }: Responded): readonly Finding[] {
  if (!paged.known || (!acknowledged.known && acknowledged.why === 'not_covered')) return [];
  const moved: readonly RecordedEvent[] = [
    ...incidentEventsOf(theCase, 'incident.escalated').filter(({ attributes }) => attributes['escalation.cause'] === 'timeout'),
    ...incidentEventsOf(theCase, 'incident.unanswered'),
    ...incidentEventsOf(theCase, 'incident.unacknowledged'),
  ];
  const before = moved.filter(({ time }) => !acknowledged.known || between(time, acknowledged.time).minMs >= 0);
  if (before.length === 0) return [];
  const seen = before.toSorted((a, b) => compare(a.time.at, b.time.at) || compare(a.id, b.id)).map(({ id }) => ({ event: id }));
  const cites = cite(...citeOf(paged), ...seen, ...(acknowledged.known ? citeOf(acknowledged) : []));
  const span = acknowledged.known ? { span: between(paged.time, acknowledged.time) } : {};
  return [{ code: 'unanswered_at_first', subject: theCase.incidents[0], ...span, cites }];
}

interface Said {
  readonly time: Moment;
  readonly subject: string;
  readonly cite: Citation;
}

/**
 * A reversal that came long after the record first spoke of one: words of the incident that name a rollback, or the suspect by
 * its ref or pull request, after detection; a person's confirmation; a revert that was merged.
 */
function reversalLate(from: Responded): readonly Finding[] {
  const { reversal_started: reversal, detected } = from.milestones;
  if (!reversal.known || !detected.known) return [];
  const said = [...wordsOf(from), ...confirmations(from), ...mergedReverts(from)]
    .filter(({ time }) => between(detected.time, time).minMs >= 0 && between(time, reversal.time).minMs > WAITED_MS)
    .toSorted((a, b) => compare(a.time.at, b.time.at) || compare(JSON.stringify(a.cite), JSON.stringify(b.cite)));
  const [first] = said;
  if (!first) return [];
  const cites = cite(first.cite, ...citeOf(reversal));
  return [{ code: 'reversal_late', subject: first.subject, span: between(first.time, reversal.time), cites }];
}

const ROLLBACK = /\b(?:roll(?:ed|ing|s)?[ -]?back|revert(?:ed|ing|s)?)\b/i;
/** Words about a rollback that is not meant, or was over. */
const DENIED =
  /\b(?:no|not|never|cannot|can't|don't|won't|without|instead of|already|after|complete|completed|done|finished|last (?:week|time))\b/i;

/** What people wrote on the incident that names a rollback, or the suspect. */
function wordsOf({ theCase, changes, suspects }: Responded): readonly Said[] {
  const names = namesOf(changes.find(({ key }) => key === suspects[0]?.change));
  const written = (['note.added', 'message.posted', 'status.published'] as const).flatMap((type) => eventsOf(theCase.events, type));
  return written
    .filter((event) => isOfIncident(event, theCase))
    .filter(({ attributes: { text } }) => (ROLLBACK.test(text) && !DENIED.test(text)) || names.some((name) => isNamed(name, text)))
    .map(({ id, time, attributes: { text } }) => ({ time, subject: text, cite: { event: id } }));
}

/** The names that are only its own: a tag with a digit, a commit's first digits, its pull requests. */
function namesOf(change: Change | undefined): readonly string[] {
  if (!change) return [];
  const { ref, revision, pullRequests } = change;
  const tag = ref !== undefined && /\d/.test(ref) && ref.length >= 4 && !/^[0-9a-f]{40}$/.test(ref) ? [ref] : [];
  const commit = revision && /^[0-9a-f]{40}$/.test(revision.to) ? [revision.to.slice(0, 7)] : [];
  return [...tag, ...commit, ...pullRequests.map(({ number }) => `#${number}`)];
}

/** Whole: `v2.3.4` is not in `v2.3.41`, nor `#12` in `#123`. */
function isNamed(name: string, text: string): boolean {
  const at = text.indexOf(name);
  if (at < 0) return false;
  const [before, after] = [text.slice(0, at), text.slice(at + name.length)];
  return (name.startsWith('#') || !/[\w.]$/.test(before)) && !/^(?:\w|\.\w)/.test(after);
}

function confirmations({ theCase, suspects }: Responded): readonly Said[] {
  return eventsOf(theCase.events, 'suspect.judged')
    .filter(({ attributes: { change, verdict } }) => verdict === 'confirmed' && change === suspects[0]?.change)
    .map(({ id, knowableAt, attributes: { reason } }) => ({
      time: { at: knowableAt, minusMs: 0, plusMs: 1_000 },
      subject: reason,
      cite: { event: id },
    }));
}

function mergedReverts({ theCase, changes, suspects }: Responded): readonly Said[] {
  const suspect = changes.find(({ key }) => key === suspects[0]?.change);
  const numbers = new Set(suspect?.pullRequests.map(({ number }) => `${number}`));
  return theCase.facts.flatMap((fact): readonly Said[] => {
    if (fact.kind !== 'change' || fact.mergedAt === undefined) return [];
    const isOfSuspect =
      numbers.has(/#?(\d{1,9})$/.exec(fact.reverts ?? '')?.[1] ?? '') ||
      (fact.revertsRevision !== undefined && fact.revertsRevision === suspect?.revision?.to);
    if (!isOfSuspect) return [];
    const subject = `#${fact.number} ${fact.title}`;
    return [{ time: { at: fact.mergedAt, minusMs: 0, plusMs: 1_000 }, subject, cite: { evidence: fact.evidence } }];
  });
}

/** Whom a statement names as the one who noticed. */
const NOTICED = /\b(?:customers?|clients?|users?|support|reported|reports?|complain(?:ed|ts?|s)?|noticed|rang|called)\b/i;

/** A person opened the incident, wrote on it, or was told of it by a customer, before any alarm of the case fired. */
function knownBeforeAlarm({ theCase, firings }: Responded): readonly Finding[] {
  const [alarm] = ownAlerts(theCase, firings);
  if (!alarm) return [];
  const written = (['note.added', 'message.posted', 'status.published'] as const)
    .flatMap((type): readonly RecordedEvent[] => eventsOf(theCase.events, type))
    .filter((event) => isOfIncident(event, theCase) && isSurelyPerson(event));
  const opened = incidentEventsOf(theCase, 'incident.triggered').filter(isSurelyPerson);
  const first = [...written, ...opened, ...statements(theCase)]
    .filter(({ time }) => between(time, alarm.time).minMs > 0)
    .toSorted((a, b) => compare(a.time.at, b.time.at) || compare(a.id, b.id))[0];
  if (!first) return [];
  const span = between(first.time, alarm.time);
  return [{ code: 'known_before_alarm', subject: alarm.attributes['alert.rule'], span, cites: [{ event: first.id }, { event: alarm.id }] }];
}

/** What a program writes or opens is no sign that people knew: an account that reads like one is not taken for theirs. */
function isSurelyPerson({ actor }: RecordedEvent): boolean {
  return actor?.kind === 'person' && !actor.mayBeAutomation;
}

function statements({ events }: Case): readonly (EventOf<'milestone.asserted'> | EventOf<'event.asserted'>)[] {
  return [
    ...eventsOf(events, 'milestone.asserted').filter(({ attributes: { milestone } }) => milestone === 'detected'),
    ...eventsOf(events, 'event.asserted').filter(({ attributes: { text } }) => NOTICED.test(text)),
  ];
}

/** The record was closed before the service was normal for the last time, or long after. What came back later is no part of what was closed. */
function recordAgainstImpact(from: Responded): readonly Finding[] {
  const { theCase, returns } = from;
  const { recovered, resolved } = from.milestones;
  if (!resolved.known) return [];
  const closed = resolved.time.at;
  const last = returns.findLast(({ time }) => time.at <= closed);
  const over = last ? last.until : recovered.known ? recovered.time : undefined;
  if (!over) return closedInImpact(from, resolved);
  const span = between(over, resolved.time);
  const cites = cite(...citeOf(resolved), ...(last ? last.cites : recovered.known ? citeOf(recovered) : []));
  const subject = theCase.incidents[0];
  if (span.maxMs < 0) return [{ code: 'impact_outlasted_record', subject, span: reversed(span), cites }];
  return span.minMs > LINGERED_MS ? [{ code: 'record_outlasted_impact', subject, span, cites }] : [];
}

/** No end of the impact was seen, and its metric was out for a while after the record was closed. */
function closedInImpact({ departed, milestones: { impact_started } }: Responded, resolved: Known): readonly Finding[] {
  if (!impact_started.known || impact_started.basis === 'asserted') return [];
  const spans = departed.flatMap(({ series, onset }) => {
    const until = lastOut(onset);
    return [{ metric: series.metric, span: between(resolved.time, { at: until, minusMs: onset.track.periodMs, plusMs: 0 }) }];
  });
  const [longest] = spans.toSorted((a, b) => b.span.ms - a.span.ms || compare(a.metric, b.metric));
  if (!longest || longest.span.minMs <= 0) return [];
  const cites = cite(...citeOf(resolved), ...citeOf(impact_started));
  return [{ code: 'closed_in_impact', subject: longest.metric, span: longest.span, cites }];
}

/** An alarm of the case fired anew, for the first time after the record was closed: what was closed was not over, or came back. */
function firedAgain({ theCase, firings, milestones: { resolved, recovered } }: Responded): readonly Finding[] {
  if (!resolved.known || !recovered.known) return [];
  const ours = new Set(firings.map(({ alarm }) => alarm));
  const fired = eventsOf(theCase.events, 'alert.fired').filter(({ correlationKeys }) => correlationKeys.some((key) => ours.has(key)));
  // A pager may tell of the same firing late; where it alone tells, it is what there is.
  const isTold = fired.some((event) => !isRelay(event));
  const again = fired
    .filter((event) => between(resolved.time, event.time).minMs > 0 && !(isTold && isRelay(event)))
    .toSorted((a, b) => compare(a.time.at, b.time.at) || compare(a.id, b.id))[0];
  if (!again) return [];
  const cites = cite(...citeOf(resolved), { event: again.id });
  return [{ code: 'alarm_fired_again', subject: again.attributes['alert.rule'], span: between(resolved.time, again.time), cites }];
}

/** The end of the last period that lay outside normal. */
function lastOut(onset: Departed['onset']): Instant {
  const { track } = onset;
  const last = track.values.findLastIndex((_value, index) => index >= onset.index && isDeparting(onset, index));
  return instantAt(startOf(track, last + 1));
}

function reversed({ ms, minMs, maxMs }: Span): Span {
  return { ms: -ms, minMs: -maxMs, maxMs: -minMs };
}
