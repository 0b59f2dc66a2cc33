import { parseInstant } from '../../src/core/time.ts';

/** A time as PagerDuty writes it: whole seconds, `Z` in UTC, else the zone's offset at that moment. */
export function inZone(at: string, zone: string): string {
  const ms = Math.floor(Date.parse(at) / 1000) * 1000;
  const offset = offsetMs(ms, zone);
  const local = new Date(ms + offset).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.abs(offset) / 60_000;
  const two = (value: number) => String(value).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Milliseconds since 1970 of a query's time; one without an offset is read in the account's zone, as PagerDuty does. Undefined where it is none. */
export function readTime(text: string, zone: string): number | undefined {
  const known = parseInstant(text);
  if (known) return Date.parse(known);
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text;
  const naive = parseInstant(`${day}Z`);
  if (!naive) return undefined;
  const asUtc = Date.parse(naive);
  return asUtc - offsetMs(asUtc, zone);
}

export function isZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

function offsetMs(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(ms);
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(value('year'), value('month') - 1, value('day'), value('hour'), value('minute'), value('second')) - ms;
}
