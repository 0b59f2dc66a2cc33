declare const brand: unique symbol;

/** UTC, always 24 characters: 2026-03-04T09:41:00.000Z. Compares as text; same in JSON, SQL, Markdown. */
export type Instant = string & { readonly [brand]: 'Instant' };

/** Half-open: from ≤ t < to. */
export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/**
 * The best single answer and how far it may be off: the truth lies in [at - minusMs, at + plusMs).
 * A stamp cut to seconds is 0/1000, a five-minute bucket 0/300000, "about 14:52" 300000/300000.
 */
export interface Moment {
  readonly at: Instant;
  readonly minusMs: number;
  readonly plusMs: number;
}

/** A time that is estimated, with the two kinds of bounds that it is asked for. */
export interface Dated {
  /** Its bounds hold the truth: lengths, tables and intervals rest on them. */
  readonly time: Moment;
  /** Narrower ones, in which it most likely lies, where there are such: by these it is held against another time, to say which came first. */
  readonly likely?: Moment;
}

/** When something most likely was: to be held against another time, and never to count a length from. */
export function likelyTime({ time, likely }: Dated): Moment {
  return likely ?? time;
}

/** A distance with the bounds that its two ends allow. */
export interface Span {
  readonly ms: number;
  readonly minMs: number;
  readonly maxMs: number;
}

const RFC3339 = /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)$/;

/**
 * What nearly all sources write: UTC to the second or the millisecond, of a day that every such month has. It says its instant as it
 * stands, which spares a hundred thousand records the calendar. Years before 1000 and 29 February go the long way.
 */
const PLAIN =
  /^[1-9]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{3})?Z$/;

/** Refuses text without an offset (a guessed zone is a wrong timeline) and days that V8 would roll over. */
export function parseInstant(text: string): Instant | undefined {
  if (PLAIN.test(text)) return (text.length === 24 ? text : [text.slice(0, 19), '.000Z'].join('')) as Instant;
  const [, year, month, day] = RFC3339.exec(text) ?? [];
  if (!day || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return undefined;
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const instant = new Date(ms).toISOString();
  return instant.length === 24 ? (instant as Instant) : undefined;
}

/**
 * A time as a person or a file writes it, with the bounds that its own precision gives: 14:20Z is some moment of that minute
 * (0/60000), 14:20:00Z of that second (0/1000), 14:20:00.000Z of that millisecond (0/1). Nothing where it has no offset.
 */
export function momentOf(text: string): Moment | undefined {
  const [, minute, seconds, fraction, offset] = /^(.*T\d\d:\d\d)(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.exec(text) ?? [];
  const at = parseInstant(seconds === undefined ? `${minute}:00${offset}` : text);
  if (!at || (seconds === undefined && fraction !== undefined)) return undefined;
  const plusMs = seconds === undefined ? 60_000 : fraction === undefined ? 1_000 : Math.max(1, 1_000 / 10 ** (fraction.length - 1));
  return { at, minusMs: 0, plusMs };
}

/** From one moment to another, in milliseconds: the plain length, and the least and most that the bounds allow; below 0 backwards. */
export function between(from: Moment, to: Moment): Span {
  const ms = epochMs(to.at) - epochMs(from.at);
  return { ms, minMs: ms - from.plusMs - to.minusMs, maxMs: ms + from.minusMs + to.plusMs };
}

/** Milliseconds since 1970: for arithmetic inside one expression, never stored or printed. An instant says each part in the same place. */
export function epochMs(instant: Instant): number {
  const year = twoDigits(instant, 0) * 100 + twoDigits(instant, 2);
  const days = daysTo(year, twoDigits(instant, 5), twoDigits(instant, 8));
  const seconds = ((days * 24 + twoDigits(instant, 11)) * 60 + twoDigits(instant, 14)) * 60 + twoDigits(instant, 17);
  return seconds * 1_000 + twoDigits(instant, 20) * 10 + instant.charCodeAt(22) - ZERO;
}

const ZERO = 48;

function twoDigits(instant: Instant, at: number): number {
  return instant.charCodeAt(at) * 10 + instant.charCodeAt(at + 1) - 11 * ZERO;
}

/**
 * Days since 1970 by the calendar of Gregory, in years that begin with March, so that a leap day ends one (Howard Hinnant,
 * "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`): of a hundred thousand records a clock is read three times each.
 */
function daysTo(year: number, month: number, day: number): number {
  const years = month > 2 ? year : year - 1;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  return years * 365 + Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400) + dayOfYear - 719_468;
}

/** The instant at so many milliseconds since 1970. Throws RangeError outside the years 0000 to 9999. */
export function instantAt(ms: number): Instant {
  const text = new Date(ms).toISOString();
  if (text.length !== 24) throw new RangeError(`${ms} ms lies outside the years that an Instant can say`);
  return text as Instant;
}

/** The instant `ms` milliseconds later, or earlier where negative. */
export function addMs(instant: Instant, ms: number): Instant {
  return instantAt(epochMs(instant) + ms);
}

/** `30s`, `30m`, `24h`, `7d`, as the configuration writes a length of time. */
export type Duration = string;

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The length in milliseconds. Throws RangeError on any other form: the configuration refuses it before. */
export function durationMs(text: Duration): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (!count || !unit) throw new RangeError(`${JSON.stringify(text)} is not a duration: write 30s, 15m, 24h or 7d`);
  return Number(count) * UNITS[unit as keyof typeof UNITS];
}
