import { epochMs, type Instant, instantAt, type Json, type Moment, momentOf } from '../../src/contract/index.ts';
import type { TimeField } from './mapping.ts';

type Told = Moment | { readonly problem: string };

/** `2024-01-15 14:20:00.5`, with or without seconds, with or without an offset; the blank may be a `T`. */
const WRITTEN = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?([.,]\d{1,9})? ?(Z|UTC|[+-]\d\d:?\d\d)?$/;

/** The time that a record tells, as precise as it is written. A time with no offset needs a stated zone: none is guessed. */
export function readTime(value: Json, field: TimeField): Told {
  const { format = 'rfc3339', zone } = typeof field === 'string' ? {} : field;
  if (format !== 'rfc3339') return readEpoch(value, format);
  const [, day, minute, seconds = '', fraction = '', offset] = WRITTEN.exec(typeof value === 'string' ? value.trim() : '') ?? [];
  const shown = JSON.stringify(value).slice(0, 60);
  if (day === undefined) return { problem: `${shown} is not a time such as 2024-01-15T14:20:00Z${epochHint(value)}` };
  const local = `${day}T${minute}${seconds}${fraction.replace(',', '.')}`;
  if (offset === undefined && zone === undefined) {
    return {
      problem: `${shown} has no offset from UTC: state the zone in the mapping (\`zone: Europe/Berlin\`), since a guessed one is a wrong timeline`,
    };
  }
  if (offset === undefined && zone !== undefined) return inZone(local, zone);
  return momentOf(`${local}${offset === 'UTC' ? 'Z' : offset}`) ?? { problem: `${shown} is not a time` };
}

/** A number is never taken for a time unasked: which of the two it is the mapping says. */
function epochHint(value: Json): string {
  const format = (['epoch_seconds', 'epoch_ms'] as const).find((one) => 'at' in readEpoch(value, one));
  return format === undefined ? '' : `: if it is one since 1970, say \`format: ${format}\` in a mapping`;
}

/** Seconds or milliseconds since 1970, as a number or its text; what a fraction tells is kept to the millisecond. */
function readEpoch(value: Json, format: 'epoch_seconds' | 'epoch_ms'): Told {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value).trim() : '';
  const isSeconds = format === 'epoch_seconds';
  const [whole = '', fraction = ''] = text.split('.');
  const ms = isSeconds ? Number(whole) * 1_000 + Number(fraction.padEnd(3, '0').slice(0, 3)) : Number(whole);
  // 2001 to 2286: seconds that are read as milliseconds, and the other way round, fall out of it.
  const isSound = /^\d{1,16}(?:\.\d{1,9})?$/.test(text) && ms >= 1e12 && ms < 1e13;
  if (!isSound)
    return { problem: `${JSON.stringify(value).slice(0, 60)} is no time in ${isSeconds ? 'seconds' : 'milliseconds'} since 1970` };
  return { at: instantAt(ms), minusMs: 0, plusMs: isSeconds && !text.includes('.') ? 1_000 : 1 };
}

/** A wall clock's time in a zone: refused where that clock never showed it, or showed it twice. */
function inZone(local: string, zone: string): Told {
  const asUtc = momentOf(`${local}Z`);
  if (!asUtc) return { problem: `${JSON.stringify(local)} is not a time` };
  const offsetAt = offsetsOf(zone);
  if (!offsetAt) return { problem: `${JSON.stringify(zone)} is no time zone: write Europe/Berlin or UTC` };
  const ms = epochMs(asUtc.at);
  const day = 86_400_000;
  const meant = new Set([ms - offsetAt(ms - day), ms - offsetAt(ms + day)].filter((instant) => instant + offsetAt(instant) === ms));
  const [only, another] = meant;
  if (only === undefined) return { problem: `${local} never was in ${zone}: the clocks went forward over it` };
  if (another !== undefined) return { problem: `${local} was twice in ${zone}: the clocks went back over it; write it with an offset` };
  return { ...asUtc, at: instantAt(only) };
}

/** How far a zone's clock is ahead of UTC at an instant, in milliseconds. */
function offsetsOf(zone: string): ((ms: number) => number) | undefined {
  try {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...parts });
    return (ms) => {
      const shown = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
      const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(ms / 1_000) * 1_000;
    };
  } catch {
    return undefined;
  }
}

/** The end of a moment's bounds, which its window must hold. */
export function endOf({ at, plusMs }: Moment): Instant {
  return instantAt(epochMs(at) + Math.max(plusMs, 1));
}
