import type { Case } from '../case.ts';
import type { Citation, Citations } from '../citation.ts';
import { instantAt } from '../time.ts';
import { isEditedSince, newestRule, ruleOf, thresholdThen } from './alarm-rules.ts';
import { type AlarmSight, sightsOf } from './alarm-sight.ts';
import type { Finding } from './analyze.ts';
import { breachedId } from './derived-events.ts';
import type { ImpactReading } from './impact-series.ts';
import { type Firing, firedAt } from './joined.ts';
import type { AlarmFact } from './onset.ts';

/** Two readings of one value differ where more than this share of it lies between them: less is the rounding of a text. */
const SHARE = 1e-6;

/** What a reader should know of the alarms that fired: which were edited since, and which saw other values than the series has now. */
export function alarmFindings(theCase: Case, firings: readonly Firing[], readings: readonly ImpactReading[]): readonly Finding[] {
  return firings.flatMap((firing) => [...seriesless(firing, theCase), ...edited(firing, theCase), ...sawOther(firing, theCase, readings)]);
}

/** An alarm with nothing to draw says why, so that no reader looks for a graph that cannot be. */
function seriesless(firing: Firing, theCase: Case): readonly Finding[] {
  const rule = ruleOf(firing, theCase);
  if (rule?.noSeries === undefined) return [];
  const cites: Citations = [{ event: firing.events[0].id }, { evidence: rule.evidence }];
  return [{ code: 'alarm_without_series', subject: `${nameOf(firing)} ${rule.noSeries}`, cites }];
}

/** Both rules of an alarm that was edited since; where none is known to have held then, what is known of it. */
function edited(firing: Firing, theCase: Case): readonly Finding[] {
  const { facts } = theCase;
  const fired = firedAt(firing, theCase).at;
  const now = newestRule(facts, firing.alarm);
  const then = ruleOf(firing, theCase);
  if (!now || !then || now.heldFrom === undefined || now.heldFrom <= fired || now.comparison === 'rule') return [];
  const said = isEditedSince(facts, firing.alarm, fired) ? sayThreshold(firing, now) : sayRules(then, now);
  if (said === undefined) return [];
  const subject = `${nameOf(firing)} ${said} since ${stampOf(now.heldFrom)}`;
  return [
    { code: 'alarm_edited', subject, cites: [{ event: firing.events[0].id }, { evidence: then.evidence }, { evidence: now.evidence }] },
  ];
}

function sayRules(then: AlarmFact, now: AlarmFact): string | undefined {
  const isSameMetric = then.seriesKeys.join() === now.seriesKeys.join();
  if (isSameMetric && sayRule(then) === sayRule(now)) return undefined;
  const of = (rule: AlarmFact) => (isSameMetric ? '' : `${metricOf(rule)} `);
  return `compared ${of(then)}${sayRule(then)} when it fired, by which it is judged, and compares ${of(now)}${sayRule(now)}`;
}

/** The rule of then is not kept: of all that it held only the threshold stands in its firing, if that. */
function sayThreshold(firing: Firing, now: AlarmFact): string | undefined {
  const threshold = thresholdThen(firing);
  if (threshold === now.threshold) return undefined;
  if (threshold === undefined) return `fired by a rule that is not kept, so it is judged by today's, ${sayRule(now)}`;
  return `compared with ${threshold} when it fired, by which it is judged, and compares ${sayRule(now)}`;
}

/** `above 100 in 2 of 2 periods of 60 s`. */
function sayRule({ comparison, threshold, breaching, outOf, periodMs }: AlarmFact): string {
  const limit = threshold === undefined ? comparison : `${comparison} ${threshold}`;
  return `${limit} in ${breaching} of ${outOf} periods of ${periodMs / 1_000} s`;
}

function metricOf({ seriesKeys: [key = ''] }: AlarmFact): string {
  return key.startsWith('math:') || key.includes('/math:') ? 'an expression' : (key.split(/[?#]/)[0]?.split('/').at(-1) ?? '');
}

/** Never a contradiction: values that come late change a sum, and both readings were true when they were made. */
function sawOther(firing: Firing, theCase: Case, readings: readonly ImpactReading[]): readonly Finding[] {
  return readings
    .filter((reading) => reading.firing?.alarm === firing.alarm)
    .flatMap((reading) => sightsOf(firing, theCase).flatMap((sight) => compareSight(sight, reading, theCase)));
}

function compareSight({ event, points, periodMs }: AlarmSight, reading: ImpactReading, theCase: Case): readonly Finding[] {
  const series = theCase.series.find((one) => one.key === reading.key && one.periodMs === periodMs);
  if (!series) return [];
  const later = new Map(Array.from(series.startsMs, (startMs, index) => [startMs, series.values[index] ?? Number.NaN]));
  const [firstMs = 0, lastMs = 0] = [series.startsMs.at(0), series.startsMs.at(-1)];
  // Outside what was read an absent value says nothing, nor where the alarm's sliding window began between two periods of the series.
  const isRead = (startMs: number) => startMs >= firstMs && startMs <= lastMs && (startMs - firstMs) % periodMs === 0;
  const shared = points.filter(([startMs]) => isRead(startMs));
  const differing = shared.filter(([startMs, value]) => isOther(value, later.get(startMs)));
  const [first] = differing;
  if (!first) return [];
  const [startMs, saw] = first;
  const says = later.has(startMs) ? `says ${later.get(startMs)}` : 'holds no value';
  const more = differing.length > 1 ? `, and ${differing.length - 1} more of ${shared.length} values differ` : '';
  const subject = `${event.attributes['alert.rule']} saw ${saw} for ${stampOf(instantAt(startMs))} and the series read later ${says}${more}`;
  const [head, ...rest]: Citations = [{ event: event.id }, ...citesOf(reading, series.evidence)];
  return [{ code: 'alarm_saw_other_values', subject, cites: [head, ...rest] }];
}

function isOther(saw: number, later: number | undefined): boolean {
  return later === undefined || Math.abs(saw - later) > SHARE * Math.max(Math.abs(saw), Math.abs(later));
}

/** The departure where there is one: it names all chunks of its series. */
function citesOf(reading: ImpactReading, evidence: ImpactReading['series']['evidence']): readonly Citation[] {
  return reading.onset.found ? [{ event: breachedId(reading) }] : evidence.map((id) => ({ evidence: id }));
}

function nameOf({ events: [event] }: Firing): string {
  return event.attributes['alert.rule'];
}

function stampOf(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;
}
