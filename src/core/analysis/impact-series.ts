import type { Case } from '../case.ts';
import type { Citations } from '../citation.ts';
import { claimKeyOf, isMetric } from '../metric-keys.ts';
import { ownerOf } from '../ownership.ts';
import type { Series } from '../series.ts';
import { addMs, durationMs, epochMs, type Moment, type Window } from '../time.ts';
import { compare } from '../timeline/order.ts';
import { ruleAt, ruleOf } from './alarm-rules.ts';
import { breachSeen, sightsOf } from './alarm-sight.ts';
import { type Scanned, scanClaimed, scanServices } from './impact-scan.ts';
import { type Firing, firedAt, incidentSpan } from './joined.ts';
import { type AlarmFact, type Departure, findOnset, type Refusal } from './onset.ts';
import { chooseResolution } from './resolutions.ts';

/** A series that shows the impact, why it was taken, and what it says. */
export interface ImpactReading {
  readonly key: string;
  /** `observed`: the policy names the metric as impact; `inferred`: an alarm on it fired for the incident, or a scan found it. */
  readonly basis: 'observed' | 'inferred';
  readonly series: Series;
  readonly alarm?: AlarmFact;
  readonly firing?: Firing;
  /** Nothing that fired names it: it was found by a scan of the service's series, which is weaker evidence. */
  readonly scan?: Pick<Scanned, 'service' | 'watchedBy' | 'belongsTo'>;
  /** Of the service's own metrics, beside those of its alarms, which tell the impact: it dates nothing. */
  readonly isBeside?: boolean;
  readonly onset: Departure | Refusal;
  /** The how manieth time it left its normal, from the second on. */
  readonly again?: number;
  /** A step of a rollout that can have begun the impact unseen, where the onset's interval reaches back to one. */
  readonly mayBeginWith?: { readonly at: Moment; readonly change: string; readonly cites: Citations };
  /** A part of the record of changes that could not be read, where a step in it can have begun the impact unseen and before all other bounds. */
  readonly mayBeginIn?: { readonly window: Window; readonly cites: Citations };
}

/** The stream that numbers come in, whatever the source. */
const SERIES_STREAM = 'series';

/**
 * The series of the impact, by key: those of `policy.impact_metrics` where any of these was read, else those of the alarms that
 * fired for the incident; where none fired, or none of those shows a start, whatever the scan of the service's own series says. Of one metric read at several resolutions
 * the finest that holds the firing is read, and the one that reaches furthest back teaches it the shape of a day.
 */
export function readImpact(theCase: Case, firings: readonly Firing[]): readonly ImpactReading[] {
  // A name of which nothing was read (a typo, a metric that is gone) must not cost the incident its start; a finding tells it.
  const named = namedByPolicy(theCase, firings);
  const wanted = named.length > 0 ? named : watchedByAlarms(theCase, firings);
  if (wanted.length === 0 && firings.length === 0) return scanServices(theCase).map(toReading);
  const asked = wanted.toSorted((a, b) => compare(a.key, b.key)).flatMap((one) => readOne(one, theCase));
  if (firings.length === 0 || policyNames(theCase)) return asked;
  const claimed = scanClaimed(theCase, new Set(wanted.map(({ key }) => key))).map(toReading);
  // Where no alarm's metric shows a start, and the alarm itself did not see one, the service's own are what is left.
  const isTold = asked.some(({ onset }) => onset.found) || firings.some((firing) => sightsOf(firing, theCase).some(breachSeen));
  return [...asked, ...(isTold ? claimed.map((reading) => ({ ...reading, isBeside: true })) : claimed)];
}

/** Whoever names the impact leaves nothing else to be it. */
function policyNames({ policy }: Case): boolean {
  return policy.impact_metrics.length > 0;
}

function toReading({ key, series, onset, service, watchedBy, belongsTo }: Scanned): ImpactReading {
  return { key, basis: 'inferred', series, onset, scan: { service, belongsTo, ...(watchedBy && { watchedBy }) } };
}

/** The readings whose series left its normal, in the order of their onsets. */
export function departuresOf(readings: readonly ImpactReading[]): readonly (ImpactReading & { readonly onset: Departure })[] {
  return readings
    .filter((reading): reading is ImpactReading & { readonly onset: Departure } => reading.onset.found && !reading.isBeside)
    .toSorted((a, b) => compare(a.onset.time.at, b.onset.time.at) || a.onset.time.plusMs - b.onset.time.plusMs || compare(a.key, b.key));
}

type Wanted = Pick<ImpactReading, 'key' | 'basis' | 'alarm' | 'firing'>;

function namedByPolicy(theCase: Case, firings: readonly Firing[]): readonly Wanted[] {
  const { policy, series, services, subject, facts } = theCase;
  const keys = [
    ...new Set(series.filter((one) => policy.impact_metrics.some(({ metric }) => isMetric(one, metric))).map(({ key }) => key)),
  ];
  const ours = keys.filter((key) => {
    const owner = ownerOf([claimKeyOf(key)], services, subject);
    return !('why' in owner) || owner.service === 'unmapped';
  });
  return ours.map((key) => {
    const watching = facts.filter(isAlarm).filter(({ seriesKeys }) => seriesKeys.includes(key));
    const firing = firings.find(({ alarm }) => watching.some((fact) => fact.key === alarm));
    const [first] = watching;
    const alarm = firing ? ruleOf(firing, theCase) : first && ruleAt(facts, first.key, incidentSpan(theCase).from);
    return { key, basis: 'observed', ...(alarm && { alarm }), ...(firing && { firing }) };
  });
}

function watchedByAlarms(theCase: Case, firings: readonly Firing[]): readonly Wanted[] {
  const found = firings.flatMap((firing) => {
    const alarm = ruleOf(firing, theCase);
    return (alarm?.seriesKeys ?? []).map((key): [string, Wanted] => [key, { key, basis: 'inferred', ...(alarm && { alarm }), firing }]);
  });
  // Two alarms on one metric: the one that fired first is asked.
  const byFirst = found.toSorted(
    ([, a], [, b]) => compare(firstAt(b), firstAt(a)) || compare(b.firing?.alarm ?? '', a.firing?.alarm ?? ''),
  );
  return [...new Map(byFirst).values()];
}

function firstAt({ firing }: Wanted): string {
  return firing?.events[0].time.at ?? '';
}

function isAlarm(fact: Case['facts'][number]): fact is AlarmFact {
  return fact.kind === 'alarm';
}

function readOne(wanted: Wanted, theCase: Case): readonly ImpactReading[] {
  const fired: Moment = wanted.firing ? firedAt(wanted.firing, theCase) : { at: incidentSpan(theCase).from, minusMs: 0, plusMs: 1000 };
  return readAt(fired, wanted, theCase);
}

/**
 * What the series of a reading says of a firing at that time; nothing where it was not read. What was read at shorter periods than the alarm's own tells
 * the onset more closely, where the two tell the same one; else the alarm's own has the word, since it is what fired.
 */
export function readAt(fired: Moment, wanted: Wanted, theCase: Case): readonly ImpactReading[] {
  const { one, weeks, own } = chooseResolution(theCase.series, wanted.key, epochMs(fired.at), wanted.alarm?.periodMs);
  if (!one) return [];
  const told = readOf(one, { fired, wanted, theCase, weeks });
  if (!own) return [told];
  const atOwn = readOf(own, { fired, wanted, theCase, weeks });
  return [isCloser(told.onset, atOwn.onset) ? told : atOwn];
}

function isCloser(finer: ImpactReading['onset'], own: ImpactReading['onset']): boolean {
  if (!finer.found || !own.found) return finer.found && !own.found && own.reason === 'too_short';
  const [a, b] = [finer.time, own.time];
  const isOne = addMs(a.at, -a.minusMs) < addMs(b.at, b.plusMs) && addMs(b.at, -b.minusMs) < addMs(a.at, a.plusMs);
  return isOne && finer.side === own.side;
}

/** What a reading of a series is asked with. */
interface Asked {
  readonly fired: Moment;
  readonly wanted: Wanted;
  readonly theCase: Case;
  readonly weeks: Series | undefined;
}

function readOf(series: Series, { fired, wanted, theCase, weeks }: Asked): ImpactReading {
  const read = linesOf(series.source, theCase);
  const until = theCase.now < theCase.windows.incident.to ? theCase.now : theCase.windows.incident.to;
  const onset = findOnset({
    series,
    ...(weeks && { weeks }),
    ...(wanted.alarm && { alarm: wanted.alarm }),
    fired,
    mayFollow: wanted.firing?.events[0].type !== 'alert.fired',
    until,
    recentMs: durationMs(theCase.policy.windows.series_before),
    ...(read && { read }),
  });
  // Of a running total that is what it counts, and the alarm without the threshold of the total.
  if (onset.found && onset.series !== series) return { ...wanted, series: onset.series, ...(onset.alarm && { alarm: onset.alarm }), onset };
  return { ...wanted, series, onset };
}

function linesOf(source: string, { coverage }: Case): { readonly from: Window['from']; readonly blind: readonly Window[] } | undefined {
  const line = coverage.find((one) => one.source === source && one.stream === SERIES_STREAM);
  return line && { from: line.window.from, blind: line.gaps.map(({ window }) => window) };
}
