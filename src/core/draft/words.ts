import { addMs, type Instant, type Moment, type Window } from '../time.ts';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];

/** `15 January 2024`. */
export function dayOf(at: Instant): string {
  return `${Number(at.slice(8, 10))} ${MONTHS[Number(at.slice(5, 7)) - 1]} ${at.slice(0, 4)}`;
}

/** `14:32`, in UTC; the seconds are cut, as a clock on a wall shows them. */
export function clockOf(at: Instant): string {
  return at.slice(11, 16);
}

/** `14:32` on the day of the incident (`YYYY-MM-DD`), `14 January 2024, 09:10` on any other. */
export function stampOf(at: Instant, day: string): string {
  return at.startsWith(day) ? clockOf(at) : `${dayOf(at)}, ${clockOf(at)}`;
}

/** `14:35 and 14:45`; `00:02 and 00:12 on 1 February 2024` on one other day; else each with its date where that is another. */
export function pairOf(from: Instant, to: Instant, day: string, word: 'and' | 'to'): string {
  const isOneDay = from.slice(0, 10) === to.slice(0, 10);
  if (isOneDay && !from.startsWith(day)) return `${clockOf(from)} ${word} ${clockOf(to)} on ${dayOf(from)}`;
  return `${stampOf(from, day)} ${word} ${stampOf(to, day)}`;
}

/** How a time is printed: by the day whose times need no date, or by what was printed before. */
export type Stamp = string | ((at: Instant) => string);

/** Prints times of a paragraph: the date stands only where it is another than that of the time before. */
export function stampsFrom(day: string): (at: Instant) => string {
  let last = day;
  return (at) => {
    const isSame = at.startsWith(last);
    last = at.slice(0, 10);
    return isSame ? clockOf(at) : `${clockOf(at)} on ${at.startsWith(day.slice(0, 4)) ? dayOf(at).slice(0, -5) : dayOf(at)}`;
  };
}

function printed(at: Instant, stamp: Stamp): string {
  return typeof stamp === 'string' ? stampOf(at, stamp) : stamp(at);
}

/**
 * A minute, the fiftieth of it that a departure is dated to, and the second by which a stamp may be cut say no more than `14:32`; wider
 * bounds are shown, by every function here alike, so that one moment reads one way.
 */
export const UNSAID_MS = 62_500;

/** `at 14:32`, of another day `on 14 January 2024 at 09:10`; or `between 14:25 and 14:30` where the bounds are wider than a minute. */
export function whenOf({ at, minusMs, plusMs }: Moment, day: Stamp): string {
  if (minusMs + plusMs <= UNSAID_MS) {
    const said = printed(at, day);
    return said.includes(', ') ? `on ${said.replace(', ', ' at ')}` : `at ${said}`;
  }
  return `between ${printed(addMs(at, -minusMs), day)} and ${printed(addMs(at, plusMs), day)}`;
}

/** `12:33 to 16:00`; both with their dates where either lies on another day. */
export function rangeOf({ from, to }: Window, day: string): string {
  const isDay = from.startsWith(day) && to.startsWith(day);
  return isDay ? `${clockOf(from)} to ${clockOf(to)}` : `${dayOf(from)}, ${clockOf(from)} to ${dayOf(to)}, ${clockOf(to)}`;
}

/** `15 January 2024, 14:00 to 15:00 UTC`; with both days where they differ. */
export function periodOf({ from, to }: Window): string {
  const isOneDay = from.slice(0, 10) === to.slice(0, 10);
  return `${dayOf(from)}, ${clockOf(from)}${isOneDay ? '' : ' UTC'} to ${isOneDay ? '' : `${dayOf(to)}, `}${clockOf(to)} UTC`;
}

/** `at 14:50`, or `by 15:00` where the bounds are wider than a minute. */
export function latestOf({ at, minusMs, plusMs }: Moment, day: Stamp): string {
  return minusMs + plusMs <= UNSAID_MS ? `at ${printed(at, day)}` : `by ${printed(addMs(at, plusMs), day)}`;
}

/** Where a span begins, as its row has it: `14:29`, `14:25–14:30`; or `about 14:30` where a person stated the time so. */
export function startOf({ at, minusMs, plusMs }: Moment, isStated = false): string {
  if (isStated && minusMs > 0 && minusMs === plusMs) return `about ${clockOf(at)}`;
  return rowTimeOf({ at, minusMs, plusMs }, at.slice(0, 10));
}

/** Where a span ends, as its row has it: `14:50`, `14:33–14:48`, of another day `23:50–00:05 on 16 January`. */
export function untilOf({ at, minusMs, plusMs }: Moment, stamp: (at: Instant) => string): string {
  return minusMs + plusMs <= UNSAID_MS ? stamp(at) : `${clockOf(addMs(at, -minusMs))}–${stamp(addMs(at, plusMs))}`;
}

/** The time cell of a row: `14:32`, `14:25–14:30` where the bounds are wider than a minute, with the date on another day. */
export function rowTimeOf({ at, minusMs, plusMs }: Moment, day: string): string {
  const date = at.startsWith(day) ? '' : `${at.slice(0, 10)} `;
  if (minusMs + plusMs <= UNSAID_MS) return `${date}${clockOf(at)}`;
  return `${date}${clockOf(addMs(at, -minusMs))}–${clockOf(addMs(at, plusMs))}`;
}

/** `a, b and c`. */
export function listOf(items: readonly string[]): string {
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}

/** `1 page`, `2 pages`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${numberOf(count)} ${count === 1 ? one : many}`;
}

/** `once`, `twice`, `5 times`. */
export function timesOf(count: number): string {
  return count === 1 ? 'once' : count === 2 ? 'twice' : `${numberOf(count)} times`;
}

/** Under this three decimals would leave nothing of a number, or less than a reader can compare. */
const SMALL = 0.1;

/** `125,000`, `0.12`, `0.00045`: at most three decimals, of a small number three figures; thousands set apart. */
export function numberOf(value: number): string {
  const cut = Math.abs(value) < SMALL ? Number(value.toPrecision(3)) : Number(value.toFixed(3));
  const [whole = '', decimals] = (Number.isInteger(value) ? value.toFixed(0) : `${cut}`).split('.');
  const grouped = /e/.test(whole) ? whole : whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return decimals ? `${grouped}.${decimals}` : grouped;
}

/** Three figures that count, rounded by `round`: bounds go outward so that they stay true. */
export function roundedOf(value: number, round: (value: number) => number = Math.round): number {
  if (value === 0) return 0;
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.abs(value))) - 2);
  return round(value / step) * step;
}

/** Longest text of another that a sentence carries whole. */
const QUOTED = 400;

/** Another's words in quotation marks, on one line; what is cut is counted. */
export function quoteOf(text: string, limit = QUOTED): string {
  return `“${cutOf(oneLine(text), limit)}”`;
}

/** The text with every run of white space made one space. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

/** The first `limit` characters, and how many more there were. Never cuts through a character of two code units. */
export function cutOf(text: string, limit: number): string {
  const characters = text.length > limit ? Array.from(text) : [];
  if (characters.length <= limit) return text;
  return `${characters.slice(0, limit).join('').trimEnd()}… (${numberOf(characters.length - limit)} more characters)`;
}

/** Makes the first letter a capital, as at the start of a sentence. */
export function capitalOf(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
