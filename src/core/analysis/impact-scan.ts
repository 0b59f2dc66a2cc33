import type { Case } from '../case.ts';
import { claimKeyOf } from '../metric-keys.ts';
import { ownerNameOf } from '../ownership.ts';
import type { Series } from '../series.ts';
import { addMs, durationMs, epochMs, type Instant } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { ruleAt } from './alarm-rules.ts';
import { findDepartures, type ScanQuestion, type SeenDeparture } from './departures.ts';
import { incidentEventsOf, incidentSpan, quietWindow } from './joined.ts';
import type { AlarmFact, Departure, Refusal } from './onset.ts';
import { findRecovery } from './recovery.ts';
import { chooseResolution } from './resolutions.ts';
import { findServiceDepartures, type ServiceDeparture } from './service-departures.ts';
import { isCount, LATE_MS, startOf } from './track.ts';
import { worseSideOf } from './worse-side.ts';

/** What a series of the service says where nothing that fired names one. */
export interface Scanned {
  readonly key: string;
  readonly series: Series;
  readonly onset: Departure | Refusal;
  /** The service that it was asked for. */
  readonly service: string;
  /** The alarm that watches it and did not fire, where there is one. */
  readonly watchedBy?: AlarmFact;
  /** What the series belongs to: its metric, and the alarm that watches it. */
  readonly belongsTo: readonly string[];
}

/** A person opens an incident on what they see: a departure that was over so long before is not what they saw. */
const LEAD_MS = 3_600_000;
/**
 * A person saw that something was wrong, so a departure at that time needs to be only so strong. On PetShop's quiet days so few are
 * found by chance (`test/accuracy/invented-impacts.ts`), and half of its faults in place of one of eight.
 */
const REPORTED = 0.5;

/**
 * All series of the case's services, read with no firing given: those that left their normal together and so show the impact, and why
 * each other does not. It is the departure that had begun when the incident was opened and was not over an hour before, the last one;
 * of a window that nobody was called in, the first that touches it. Beside the departure's own series nothing counts: of many series
 * one is always odd, which is what `findServiceDepartures` is held to.
 */
export function scanServices(theCase: Case): readonly Scanned[] {
  return scanOf(questionsOf(theCase), theCase, quietWindow(theCase) ? 1 : REPORTED);
}

/** The same of the metrics that the services claim, but for those that are asked by an alarm or by the policy: here an alarm said when, and nobody that these are odd. */
export function scanClaimed(theCase: Case, asked: ReadonlySet<string>): readonly Scanned[] {
  const { services, subject, series } = theCase;
  const claimed = new Set(series.map(({ key }) => key).filter((key) => subject.includes(ownerNameOf([claimKeyOf(key)], services) ?? '')));
  if ([...claimed].every((key) => asked.has(key))) return [];
  const questions = questionsOf(theCase).filter(({ key }) => claimed.has(key) && !asked.has(key));
  return scanOf(questions, theCase, 1);
}

function scanOf(questions: readonly Asked[], theCase: Case, least: number): readonly Scanned[] {
  return [...Map.groupBy(questions, ({ owner }) => owner)].flatMap(([service, own]) => {
    const { departures, refused } = findServiceDepartures(
      own.map(({ question }) => question),
      least,
    );
    const departure = chosenOf(departures, service, theCase);
    return own.map(({ key, question, watchedBy, belongsTo }): Scanned => {
      const refusal = refused.find((one) => one.key === key)?.refusal;
      const onset = (departure && memberOf(departure, key)) ?? refusal ?? apartFrom(departure, question, theCase);
      const series = onset.found ? onset.series : question.series;
      return { key, series, onset, service, belongsTo, ...(watchedBy && { watchedBy }) };
    });
  });
}

interface Asked {
  readonly key: string;
  readonly owner: string;
  readonly question: ScanQuestion;
  readonly watchedBy?: AlarmFact;
  readonly belongsTo: readonly string[];
}

/** Of each series that is a case's service's by its metric or by an alarm on it: the resolution that reaches the incident. */
function questionsOf(theCase: Case): readonly Asked[] {
  const { series, services, subject, facts, policy, now, windows } = theCase;
  const began = incidentSpan(theCase).from;
  const from = addMs(began, -durationMs(policy.windows.series_before));
  const until = now < windows.incident.to ? now : windows.incident.to;
  const alarms = [...new Set(facts.flatMap((fact) => (fact.kind === 'alarm' ? [fact.key] : [])))].toSorted(compare);
  const rules = alarms.flatMap((key) => ruleAt(facts, key, began) ?? []);
  return [...new Set(series.map(({ key }) => key))].toSorted(compare).flatMap((key): readonly Asked[] => {
    const { one, weeks } = chooseResolution(series, key, epochMs(began));
    if (!one) return [];
    const watching = rules.filter(({ seriesKeys }) => seriesKeys.includes(key));
    const watchedBy = watching.find((rule) => subject.includes(ownerNameOf([claimOf(rule, one)], services) ?? ''));
    const belongsTo = [key.split(/[?#]/)[0] ?? key, ...(watchedBy ? [claimOf(watchedBy, one)] : [])];
    const owner = ownerNameOf(belongsTo, services);
    if (owner === undefined || !subject.includes(owner)) return [];
    const alarm = watchedBy ? sideOnly(watchedBy) : sideByName(one);
    const question = { series: one, from, until, ...(weeks && { weeks }), ...(alarm && { alarm }) };
    return [{ key, owner, question, belongsTo, ...(watchedBy && { watchedBy }) }];
  });
}

/** It says which way is bad. Its threshold was not reached by what people noticed, so it says nothing of how far. */
function sideOnly({ comparison, periodMs }: AlarmFact): Pick<AlarmFact, 'comparison' | 'periodMs'> {
  return { comparison, periodMs };
}

function sideByName(series: Series): Pick<AlarmFact, 'comparison' | 'periodMs'> | undefined {
  const comparison = worseSideOf(series);
  return comparison && { comparison, periodMs: series.periodMs };
}

function claimOf({ key }: AlarmFact, { source }: Series): string {
  return `${source}/alarm:${alarmNameOf(key)}`;
}

/** `alarm:arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`, and a name may hold colons. */
export function alarmNameOf(key: string): string {
  return key.replace(/^alarm:(?:arn:.*?:alarm:)?/, '');
}

function chosenOf(departures: readonly ServiceDeparture[], service: string, theCase: Case): ServiceDeparture | undefined {
  const plain = departures.filter(({ first }) => !isStillCounted(first, theCase.now));
  const quiet = quietWindow(theCase);
  if (quiet) return plain.find((one) => one.time.at < quiet.to && overMs(one, theCase) > epochMs(quiet.from));
  const opened = openedAt(service, theCase);
  return plain.findLast((one) => one.time.at <= opened && overMs(one, theCase) > epochMs(opened) - LEAD_MS);
}

/** When the first incident of the service itself was opened; of a service that is in the case for another's, when that was. */
function openedAt(service: string, theCase: Case): Instant {
  const own = incidentEventsOf(theCase, 'incident.triggered').find(({ belongsTo }) => ownerNameOf(belongsTo, theCase.services) === service);
  return own?.time.at ?? incidentSpan(theCase).from;
}

/** A count that fell only in the last minutes may not have been counted whole yet. */
export function isStillCounted({ side, series, time }: Pick<Departure, 'side' | 'series' | 'time'>, now: Instant): boolean {
  return side < 0 && isCount(series) && epochMs(time.at) > epochMs(now) - LATE_MS;
}

/** When the last of its series was normal again. */
function overMs({ members }: ServiceDeparture, theCase: Case): number {
  return Math.max(...members.map((member) => overAt(member, theCase)));
}

/**
 * A level that stayed so long that it became the new normal is over where the old one comes back, if it began shortly before the
 * incident was opened: one of hours before is how the service is.
 */
function overAt(member: SeenDeparture, theCase: Case): number {
  const { policy } = theCase;
  const recent = epochMs(incidentSpan(theCase).from) - durationMs(policy.windows.alarms_before);
  if (!member.hasSettled || epochMs(member.time.at) < recent) return startOf(member.track, member.end + 1);
  const recovery = findRecovery([member], durationMs(policy.stable_for));
  return recovery.found ? epochMs(recovery.time.at) : Number.POSITIVE_INFINITY;
}

/** The first of them has the bounds of all; a sign before it that is too weak to count by itself dates nothing. */
function memberOf({ first, members, time }: ServiceDeparture, key: string): Departure | undefined {
  const member = members.find(({ series }) => series.key === key);
  if (!member || member.time.at < first.time.at) return undefined;
  return member === first ? { ...member, time } : member;
}

function apartFrom(departure: ServiceDeparture | undefined, question: ScanQuestion, theCase: Case): Refusal {
  const own = departure ? findDepartures(question) : [];
  const later = 'found' in own ? undefined : own.find(({ time }) => departure !== undefined && isWithin(time.at, departure, theCase));
  return later
    ? { found: false, reason: 'apart', detail: `it left its normal at ${later.time.at.slice(11, 16)} UTC, apart from the first` }
    : { found: false, reason: 'no_departure', detail: 'it did not leave its normal near the incident' };
}

function isWithin(at: Instant, departure: ServiceDeparture, theCase: Case): boolean {
  return at > departure.time.at && epochMs(at) <= overMs(departure, theCase);
}
