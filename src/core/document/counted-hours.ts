import { findStamps } from './stamps.ts';

/** The hours of a day that alone are counted: "during support hours 10:00-17:00 M-F". */
export interface CountedHours {
  /** Minutes after midnight, in the clock of the document's times. */
  readonly from: number;
  readonly to: number;
  readonly weekdaysOnly: boolean;
  /** As the document writes it. */
  readonly shown: string;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WEEKDAYS = /\bM(?:on)?(?:day)?\s?(?:-|–|to)\s?F(?:ri)?(?:day)?\b|\bweekdays?\b|\bworking days?\b/i;

/** The window that a text states beside a length; nothing where it names no hours. */
export function countedHours(text: string): CountedHours | undefined {
  const stamps = findStamps(text).filter(({ minute }) => minute !== undefined);
  for (const [index, first] of stamps.entries()) {
    const second = stamps[index + 1];
    if (!second || !/^\W*(?:-|–|—|to|until|and)\W*$/i.test(text.slice(first.to, second.from))) continue;
    const [from, to] = [first.minute ?? 0, second.minute ?? 0];
    if (to > from) return { from, to, weekdaysOnly: WEEKDAYS.test(text), shown: text.slice(first.from, second.to).trim() };
  }
  return undefined;
}

/** How much of a stretch of time lies within the counted hours, in milliseconds. Days are those of UTC. */
export function countedMs(fromMs: number, toMs: number, { from, to, weekdaysOnly }: CountedHours): number {
  let counted = 0;
  for (let dayMs = Math.floor(fromMs / DAY_MS) * DAY_MS; dayMs < toMs; dayMs += DAY_MS) {
    const weekday = new Date(dayMs).getUTCDay();
    if (weekdaysOnly && (weekday === 0 || weekday === 6)) continue;
    counted += Math.max(0, Math.min(toMs, dayMs + to * MINUTE_MS) - Math.max(fromMs, dayMs + from * MINUTE_MS));
  }
  return counted;
}
