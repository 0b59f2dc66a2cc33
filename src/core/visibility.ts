import { isKnownBy, isStatedOfIncident } from './as-of.ts';
import type { Windows } from './case.ts';
import type { EventType, RecordedEvent } from './events.ts';
import { epochMs, type Instant, type Window } from './time.ts';
import { compare } from './timeline/order.ts';

const CHANGES: ReadonlySet<EventType> = new Set([
  'change.merged',
  'release.published',
  'deployment.started',
  'deployment.succeeded',
  'deployment.failed',
  'flag.changed',
  'config.changed',
]);

/**
 * The events that a case may know: changes of the window for changes, all others of the incident's own, and of the
 * deployments before the window the last success of each place (however old: it is what ran), with its start. Nothing
 * that was not knowable at `asOf`. In no order; the very list that was given, where it may know all of it.
 */
export function visibleEvents(events: readonly RecordedEvent[], windows: Windows, asOf: Instant | undefined): readonly RecordedEvent[] {
  const isSeen = (event: RecordedEvent) =>
    contains(CHANGES.has(event.type) ? windows.changes : windows.incident, event.time.at) || isStatedOfIncident(event);
  if (events.every((event) => (asOf === undefined || isKnownBy(event, asOf)) && isSeen(event))) return events;
  const visible: RecordedEvent[] = [];
  const outside: RecordedEvent[] = [];
  for (const event of events) {
    if (asOf !== undefined && !isKnownBy(event, asOf)) continue;
    if (isSeen(event)) visible.push(event);
    else if (CHANGES.has(event.type)) outside.push(event);
  }
  const before = lastSuccesses(outside.filter(({ time }) => time.at < windows.changes.from));
  for (const event of outside) if (isOf(event, before)) visible.push(event);
  return visible;
}

function contains({ from, to }: Window, at: Instant): boolean {
  return from <= at && at < to;
}

/** The `deployment:` keys of the last success of each place, such as a repository's environment. */
function lastSuccesses(earlier: readonly RecordedEvent[]): ReadonlySet<string> {
  const last = new Map<string, RecordedEvent>();
  for (const event of earlier.filter(({ type }) => type === 'deployment.succeeded')) {
    const place = event.belongsTo.toSorted(compare).join(' ');
    const other = last.get(place);
    if (!other || compare(other.time.at, event.time.at) < 0 || (other.time.at === event.time.at && other.id < event.id))
      last.set(place, event);
  }
  return new Set([...last.values()].flatMap(rolloutKeys));
}

function isOf(event: RecordedEvent, rollouts: ReadonlySet<string>): boolean {
  return event.type.startsWith('deployment.') && rolloutKeys(event).some((key) => rollouts.has(key));
}

function rolloutKeys({ id, correlationKeys }: RecordedEvent): readonly string[] {
  return [id, ...correlationKeys.filter((key) => key.startsWith('deployment:'))];
}

/** The windows as drafting at `asOf` would have had them: none reaches past it. */
export function windowsAt(windows: Windows, asOf: Instant | undefined): Windows {
  if (asOf === undefined) return windows;
  const cut = ({ from, to }: Window): Window => ({ from, to: to <= asOf ? to : from <= asOf ? asOf : from });
  return { incident: cut(windows.incident), changes: cut(windows.changes), baseline: cut(windows.baseline) };
}

/** Which points of a series the case may see: those that its windows touch and that were whole by `asOf`. */
export function pointFilter(windows: Windows, asOf: Instant | undefined): (startMs: number, periodMs: number) => boolean {
  const all = Object.values(windows).flatMap(({ from, to }: Window) => [epochMs(from), epochMs(to)]);
  const fromMs = Math.min(...all);
  const toMs = Math.max(...all);
  const knownMs = asOf === undefined ? Number.POSITIVE_INFINITY : epochMs(asOf);
  return (startMs, periodMs) => startMs + periodMs > fromMs && startMs < toMs && startMs + periodMs <= knownMs;
}
