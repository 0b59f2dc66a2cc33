import type { RecordedEvent } from './events.ts';
import type { Fact } from './facts.ts';
import { addMs, type Instant, type Moment } from './time.ts';
import type { Stamped } from './timeline/normalize.ts';

/** How far a clock is ahead (`+30s`, `30s`) of the true time, or behind it (`-45s`), as the policy writes it. */
export type ClockOffset = string;

/** By clock: a source, or `source/stream` where each sender stamps its own. */
export type ClockOffsets = Readonly<Record<string, ClockOffset>>;

/** What `readOffset` takes: at most 999,999 of a unit. */
export const OFFSET_PATTERN = '^[+-]?[0-9]{1,6}(?:ms|s|m|h)$';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/**
 * The offset in milliseconds, and how far the truth may lie to either side by the way it is written: `-45s` is known to half
 * a second, `2m` to half a minute. Throws RangeError on any other form: the configuration refuses it before.
 */
export function readOffset(text: ClockOffset): { readonly ms: number; readonly withinMs: number } {
  const [, sign, count, unit] = /^([+-]?)(\d{1,6})(ms|s|m|h)$/.exec(text) ?? [];
  if (!count || !unit) throw new RangeError(`${JSON.stringify(text)} is not an offset of a clock: write -45s, 30s, 1500ms or 2m`);
  const unitMs = UNITS[unit as keyof typeof UNITS];
  return { ms: (sign === '-' ? -1 : 1) * Number(count) * unitMs, withinMs: Math.ceil(unitMs / 2) };
}

/** Streams whose records bear their sender's stamp, not that of the source that keeps them: a pipeline sends a change event with a time. */
const SENT: ReadonlySet<string> = new Set(['change_events']);

/** The clock that a record bears: its source, or `source/stream` where each sender stamps its own. */
export function clockOf({ source, stream }: { readonly source: string; readonly stream: string }): string {
  return SENT.has(stream) ? `${source}/${stream}` : source;
}

/**
 * Whether the event's time was handed on from another clock, as the alarm's in a pager's alert: that one belongs to an incident.
 * The clock of its own source says `knowableAt`.
 */
export function isHandedOn({ type, timeMeaning, correlationKeys }: RecordedEvent): boolean {
  return timeMeaning === 'occurred' && type.startsWith('alert.') && correlationKeys.some((key) => key.includes('/incident:'));
}

/** Every record as `correctClock` gives it; with no offset stated, as they are. */
export function correctClocks(records: readonly Stamped[], offsets: ClockOffsets | undefined): readonly Stamped[] {
  return offsets === undefined ? records : records.map((stamped) => correctClock(stamped, offsets));
}

/**
 * What a record says, with the times of its clock set right by the offset that the policy states for it, their bounds widened by
 * how exactly that is written. The evidence and the time as found stay. A time that was handed on from another clock, or that a
 * person stated, is not of this clock and stays too. Series are left as they are: their periods are aligned.
 */
function correctClock(stamped: Stamped, offsets: ClockOffsets): Stamped {
  const name = clockOf(stamped.record);
  const text = Object.hasOwn(offsets, name) ? offsets[name] : undefined;
  if (text === undefined) return stamped;
  const { ms, withinMs } = readOffset(text);
  const instant = (at: Instant) => addMs(at, -ms);
  const moment = ({ at, minusMs, plusMs }: Moment): Moment => ({ at: instant(at), minusMs: minusMs + withinMs, plusMs: plusMs + withinMs });
  return {
    ...stamped,
    events: stamped.events.map((event) => {
      if (event.timeMeaning === 'asserted') return event;
      return { ...event, time: isHandedOn(event) ? event.time : moment(event.time), knowableAt: instant(event.knowableAt) };
    }),
    facts: stamped.facts.map((fact) => correctFact(fact, instant)),
  };
}

function correctFact(fact: Fact, instant: (at: Instant) => Instant): Fact {
  if (fact.kind !== 'incident') return fact;
  const { triggeredAt, resolvedAt } = fact;
  return {
    ...fact,
    ...(triggeredAt !== undefined && { triggeredAt: instant(triggeredAt) }),
    ...(resolvedAt !== undefined && { resolvedAt: instant(resolvedAt) }),
  };
}
