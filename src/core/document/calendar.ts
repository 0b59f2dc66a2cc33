import type { Stamp, WrittenDay } from './stamps.ts';

/** What a document says about its days and its zone as a whole. */
export interface DayContext {
  /** The day that it is about, from its metadata, its title or its name. */
  readonly day?: WrittenDay;
  /** Minutes ahead of UTC; absent where no zone is named: then its times are taken as UTC and only distances mean something. */
  readonly zone?: number;
  /** The moment that it calls T0, as it writes it: what `T+12m` counts from. */
  readonly zero?: Stamp;
}

/** Places stated times on one line, in the order in which they are handed over. */
export interface Calendar {
  /** A day stands alone: what follows is of that day. */
  turnTo(day: WrittenDay): void;
  /** Milliseconds since 1970. A time that lies far before the one before it, and names no day, is of the next day. */
  place(stamp: Stamp): { readonly ms: number };
}

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
/** A step back by more than this is midnight; by less it is an entry out of order. */
const MIDNIGHT_MINUTES = 8 * 60;

/** A document without any day is placed on 1 January 1970. */
export function openCalendar({ day, zone, zero }: DayContext): Calendar {
  let dayMs = day ? msOf(day, day.year ?? 1970) : 0;
  let year = day?.year ?? 1970;
  let lastMinute: number | undefined;
  let wasDated = false;
  const ownDayMs = day ? msOf(day, day.year ?? 1970) : undefined;
  const turnTo = (to: WrittenDay) => {
    // Without a year it is the one nearest to what was told before: a timeline may cross New Year.
    const years = to.year !== undefined ? [to.year] : [year, year + 1, year - 1];
    const candidates = years.map((one) => msOf(to, one));
    dayMs = candidates.toSorted((a, b) => Math.abs(a - dayMs) - Math.abs(b - dayMs))[0] ?? dayMs;
    year = new Date(dayMs).getUTCFullYear();
    lastMinute = undefined;
  };
  const zeroDay = zero?.day ?? day;
  const zeroMs = (zeroDay ? msOf(zeroDay, zeroDay.year ?? year) : 0) + ((zero?.minute ?? 0) - (zero?.zone ?? zone ?? 0)) * MINUTE_MS;
  return {
    turnTo,
    place: (stamp) => {
      if (stamp.isOffset) return { ms: zeroMs + (stamp.minute ?? 0) * MINUTE_MS };
      const minute = stamp.minute ?? 0;
      if (stamp.day) turnTo(stamp.day);
      // Only what is of another day names it: behind it an earlier face of the clock is of the document's own.
      else if (wasDated && lastMinute !== undefined && minute < lastMinute && ownDayMs !== undefined && ownDayMs > dayMs) dayMs = ownDayMs;
      else if (lastMinute !== undefined && minute < lastMinute - MIDNIGHT_MINUTES) dayMs += DAY_MS;
      lastMinute = minute;
      wasDated = stamp.day !== undefined;
      return { ms: Math.round(dayMs + (minute - (stamp.zone ?? zone ?? 0)) * MINUTE_MS) };
    },
  };
}

function msOf({ month, day }: WrittenDay, year: number): number {
  return Date.UTC(year, month - 1, day);
}
