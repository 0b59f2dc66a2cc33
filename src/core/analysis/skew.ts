import type { Case } from '../case.ts';
import type { Citations } from '../citation.ts';
import { clockOf, isHandedOn } from '../clocks.ts';
import type { EventId, RecordedEvent } from '../events.ts';
import { epochMs, type Instant } from '../time.ts';
import { compare } from '../timeline/order.ts';
import type { Finding } from './analyze.ts';

/** One happening that two clocks stamped, and the offsets of the one against the other that it alone allows, in milliseconds. */
export interface Twin {
  readonly clock: string;
  readonly against: string;
  readonly minMs: number;
  readonly maxMs: number;
  /** The first clock's record was made because of the other's, so it can only be later: no other twin can overrule `maxMs`. */
  readonly isRelay: boolean;
  readonly events: readonly [EventId, EventId];
}

/**
 * How far one clock is ahead of another, in milliseconds (behind where negative): between `minMs` and `maxMs`. Not measurable
 * from fewer than three twins, nor where the twins allow no common offset: a clock was set, or relays took longer than supposed.
 */
export type Skew = { readonly clock: string; readonly against: string; readonly twins: number } & (
  | { readonly measurable: true; readonly minMs: number; readonly maxMs: number; readonly cites: Citations }
  | { readonly measurable: false; readonly why: 'too_few' | 'contradictory' }
);

const LEAST_TWINS = 3;
/** A relay takes no less than nothing and, all but one in ten of them (and one at least), no more than this. */
const RELAY_MS = 90_000;
/** A pipeline reports a deployment before or after the deployment's own record of its end. */
const REPORT_MS = 300_000;
/** A time that was handed on is the same but for rounding. */
const SAME_MS = 2_000;
/** An alert with no time but its own is of the only firing of its alarm in so long, before or after. */
const ALONE_MS = 600_000;
/** A difference that is smaller explains nothing: two stamps so near are one happening. */
const TOLERANCE_MS = 2_000;

/**
 * The offset of each pair of clocks, from the happenings that both of them stamped. Method, for a reader: a relay's stamp minus
 * the stamp of what it relays is the offset plus the time that it took. That time is never negative, so the offset is at most
 * the smallest such difference; it is at most 90 seconds, so the offset is at least the largest difference less that, leaving out
 * the slowest tenth (NTP bounds an offset in the same way by the two halves of a round trip: RFC 5905, section 8). Nothing
 * narrower can be known: that all relays took equally long looks like an offset.
 */
export function skewsOf(theCase: Pick<Case, 'events'>): readonly Skew[] {
  const groups = Map.groupBy(twinsOf(theCase.events), ({ clock, against }) => `${clock} ${against}`);
  return [...groups].toSorted(([a], [b]) => compare(a, b)).flatMap(([, twins]) => measureSkew(twins) ?? []);
}

/** The offset that the twins of one pair of clocks allow together; nothing where there is no twin. Their order does not matter. */
export function measureSkew(twins: readonly Twin[]): Skew | undefined {
  const [first] = twins;
  if (!first) return undefined;
  const common = { clock: first.clock, against: first.against, twins: twins.length };
  if (twins.length < LEAST_TWINS) return { ...common, measurable: false, why: 'too_few' };
  const spared = Math.max(1, Math.floor(twins.length / 10));
  const lowest = twins.toSorted((a, b) => b.minMs - a.minMs || compare(a.events[0], b.events[0]))[spared] ?? first;
  const highest = highestOf(twins, spared) ?? first;
  if (lowest.minMs > highest.maxMs) return { ...common, measurable: false, why: 'contradictory' };
  const [one, ...more] = [...new Set([...highest.events, ...lowest.events])].map((event) => ({ event }));
  const cites: Citations = [one ?? { event: first.events[0] }, ...more];
  return { ...common, measurable: true, minMs: lowest.minMs, maxMs: highest.maxMs, cites };
}

function highestOf(twins: readonly Twin[], spared: number): Twin | undefined {
  const upward = twins.toSorted((a, b) => a.maxMs - b.maxMs || compare(a.events[0], b.events[0]));
  const bounds = [upward.find(({ isRelay }) => isRelay), upward.filter(({ isRelay }) => !isRelay)[spared]];
  return bounds.filter((twin) => twin !== undefined).toSorted((a, b) => a.maxMs - b.maxMs)[0];
}

/** A finding for each pair of clocks that certainly differ by more than the tolerance. */
export function skewFindings(skews: readonly Skew[]): readonly Finding[] {
  return skews.flatMap((skew): readonly Finding[] => {
    if (!skew.measurable || (skew.minMs <= TOLERANCE_MS && skew.maxMs >= -TOLERANCE_MS)) return [];
    const [least, most] = skew.minMs > 0 ? [skew.minMs, skew.maxMs] : [-skew.maxMs, -skew.minMs];
    const range = `${secondsOf(least, Math.floor)} to ${secondsOf(most, Math.ceil)}`;
    const subject = `${skew.clock} is ${range} ${skew.minMs > 0 ? 'ahead of' : 'behind'} ${skew.against}, by ${skew.twins} happenings that both stamped`;
    return [{ code: 'clock_offset', subject, cites: skew.cites }];
  });
}

/** `45 s`, `3 min 5 s`; rounded outward, so that the bounds stay true. */
function secondsOf(ms: number, round: (value: number) => number): string {
  const seconds = round(ms / 1_000);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** Every happening that two clocks stamped: alarms with the alerts they raised, deployments with what pipelines reported. */
export function twinsOf(events: readonly RecordedEvent[]): readonly Twin[] {
  return [...alertTwins(events.filter(({ type }) => type === 'alert.fired')), ...reportTwins(events.filter(isEnd))];
}

function isEnd({ type }: RecordedEvent): boolean {
  return type === 'deployment.succeeded' || type === 'deployment.failed';
}

interface Placed {
  readonly event: RecordedEvent;
  readonly ms: number;
}

function alertTwins(fired: readonly RecordedEvent[]): readonly Twin[] {
  return [...byKey(fired, 'alarm:').values()].flatMap((own) => {
    const placed = own.map((event): Placed => ({ event, ms: epochMs(event.time.at) })).toSorted((a, b) => a.ms - b.ms);
    // An alarm's own record says when it changed; what only recorded that, or was told it, came after.
    const isAlarm = ({ event }: Placed) => event.timeMeaning === 'occurred' && !isHandedOn(event);
    const alarms = onceEach(placed.filter(isAlarm));
    const alerts = placed.filter((one) => !isAlarm(one));
    return alerts.flatMap((alert): readonly Twin[] => {
      const withinMs = isHandedOn(alert.event) ? SAME_MS : ALONE_MS;
      const [alarm, ...others] = near(alarms, alert.ms, withinMs).filter(({ event }) => isOther(event, alert.event));
      if (!alarm || others.length > 0 || (!isHandedOn(alert.event) && !isAlone(alert, alerts))) return [];
      return [twinOf(alert.event, alarm.event, { leastMs: 0, mostMs: RELAY_MS })];
    });
  });
}

/** A firing that goes on stands in the alarm's history and in its present state: with one stamp of one clock it is one. */
function onceEach(sorted: readonly Placed[]): readonly Placed[] {
  return sorted.filter(({ event, ms }, at) => {
    const before = sorted[at - 1];
    return !before || before.ms !== ms || isOther(before.event, event);
  });
}

/** No other alert of this clock near it that could be the one. */
function isAlone(alert: Placed, alerts: readonly Placed[]): boolean {
  return !near(alerts, alert.ms, ALONE_MS).some((other) => other !== alert && !isOther(other.event, alert.event));
}

/** Those of a sorted list that lie no further from a time than so much: an alarm that flapped for a day is looked through once. */
function near(sorted: readonly Placed[], ms: number, withinMs: number): readonly Placed[] {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.ms ?? 0) < ms - withinMs) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while ((sorted[end]?.ms ?? Number.POSITIVE_INFINITY) <= ms + withinMs) end += 1;
  return sorted.slice(low, end);
}

function reportTwins(ends: readonly RecordedEvent[]): readonly Twin[] {
  return [...byKey(ends, 'deployment:').values()].flatMap((own) => {
    const records = own.filter((event) => event.timeMeaning === 'ended');
    const reports = own.filter((event) => event.timeMeaning === 'recorded');
    const [record, report] = [records[0], reports[0]];
    // A deployment that ended twice, or that two pipelines report, says of no pair of stamps that they are of one moment.
    if (!record || !report || own.length !== 2 || record.type !== report.type || !isOther(record, report)) return [];
    return [twinOf(report, record, { leastMs: -REPORT_MS, mostMs: REPORT_MS })];
  });
}

function byKey(events: readonly RecordedEvent[], prefix: string): ReadonlyMap<string, readonly RecordedEvent[]> {
  const keyed = events.flatMap((event) => {
    const key = event.correlationKeys.find((one) => one.startsWith(prefix));
    return key === undefined ? [] : [{ key, event }];
  });
  return new Map([...Map.groupBy(keyed, ({ key }) => key)].map(([key, own]) => [key, own.map(({ event }) => event)]));
}

function isOther(a: RecordedEvent, b: RecordedEvent): boolean {
  return clockOf(a.provenance) !== clockOf(b.provenance);
}

function twinOf(later: RecordedEvent, earlier: RecordedEvent, took: { readonly leastMs: number; readonly mostMs: number }): Twin {
  const record = ownStamp(later);
  const source = ownStamp(earlier);
  return {
    clock: clockOf(later.provenance),
    against: clockOf(earlier.provenance),
    minMs: record.fromMs - source.toMs - took.mostMs,
    maxMs: record.toMs - source.fromMs - took.leastMs,
    isRelay: took.leastMs === 0,
    events: [later.id, earlier.id],
  };
}

/** What the event's own clock said: where its time was handed on, the stamp of the record, which says by itself how it was cut. */
function ownStamp(event: RecordedEvent): { readonly fromMs: number; readonly toMs: number } {
  if (isHandedOn(event)) return { fromMs: epochMs(event.knowableAt), toMs: epochMs(event.knowableAt) + cutMs(event.knowableAt) };
  const { at, minusMs, plusMs } = event.time;
  return { fromMs: epochMs(at) - minusMs, toMs: epochMs(at) + plusMs };
}

function cutMs(at: Instant): number {
  return at.endsWith('.000Z') ? 1_000 : 1;
}
