import { ZONE, zoneMinutes } from './zones.ts';

/** A day as a document writes it: what it leaves out is not guessed here. */
export interface WrittenDay {
  readonly year?: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
}

/** A time of day, or a day, as a text states it. */
export interface Stamp {
  /** Where in the text it begins and ends. */
  readonly from: number;
  readonly to: number;
  readonly day?: WrittenDay;
  /** Minutes after midnight, with a fraction for seconds; absent where only a day is written. */
  readonly minute?: number;
  /** The length of what one written step covers: a minute, or a second, or an hour for "10 am". In minutes. */
  readonly stepMinutes?: number;
  /** Minutes ahead of UTC, where the text itself says. */
  readonly zone?: number;
  /** "about 14:30", "~14:30", "14:30 (approximately)". */
  readonly isRough: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const ORDINAL = '(?:st|nd|rd|th)?';
const DAYS: readonly { readonly pattern: string; readonly read: (found: readonly string[]) => WrittenDay | undefined }[] = [
  { pattern: '(?<!\\d)(\\d{4})[-/](\\d{1,2})[-/](\\d{1,2})(?!\\d)', read: ([, year, month, day]) => dayOf(year, Number(month), day) },
  {
    pattern: '(?<!\\d)(\\d{1,2})[/.](\\d{1,2})[/.](\\d{4})(?!\\d)',
    read: ([, first, second, year]) => slashDay(Number(first), Number(second), year),
  },
  {
    pattern: `(?<![A-Za-z\\d])(\\d{1,2})${ORDINAL}(?:\\s+of)?[\\s-]+(${MONTH})(?![A-Za-z])(?:,?[\\s-]+(\\d{4})(?!\\d|:\\d))?`,
    read: ([, day, month, year]) => dayOf(year, monthOf(month), day),
  },
  {
    pattern: `(?<![A-Za-z])(${MONTH})(?![A-Za-z])[\\s-]+(\\d{1,2})${ORDINAL}(?![\\d:.]\\d)(?!\\d)(?:,?[\\s-]+(\\d{4})(?!\\d|:\\d))?`,
    read: ([, month, day, year]) => dayOf(year, monthOf(month), day),
  },
];

const CLOCK = `(?<![\\d.:/]|(?<!:\\d\\d)-)(\\d{1,2})(?:[:](\\d{2})(?:[:](\\d{2})(?:[.,]\\d+)?)?)?(?:\\s?([ap])\\.?m\\b\\.?)?(?:\\s?h(?=\\s?(?:${ZONE})))?(?!\\d|:\\d|\\s?(?:hours?|hrs?|minutes?|mins?)\\b)`;
const CLOCKS = new RegExp(`${CLOCK}(?:\\s*\\(?\\s?(${ZONE}))?`, 'gi');
/** `11.50` is a time where a line begins with it; elsewhere it is a number. */
const DOTTED = new RegExp(`^\\W{0,4}(\\d{1,2})\\.(\\d{2})(?:\\s?([ap])\\.?m\\b\\.?)?(?![\\d.%])(?:\\s*(${ZONE}))?(?=\\s|:|,|-|–|$)`, 'i');
const ROUGH_BEFORE =
  /(?:~|≈|\b(?:about|around|approx(?:\.|imately)?|roughly|circa|c\.|ca\.|nearly|shortly (?:before|after)|just (?:before|after)|before|after|by)\s*)$/i;
const ROUGH_AFTER = /^\s?(?:~|\(?(?:approx(?:\.|imately)?|about|ish)\b)/i;

/** Every day and time of day that a text states, in its order; a time that follows its day directly is one with it. */
export function findStamps(text: string): readonly Stamp[] {
  const days = findDays(text);
  const clocks = findClocks(text, days);
  const taken = new Set<Stamp>();
  const joined = clocks.map((clock) => {
    const day = days.find((one) => !taken.has(one) && isBeside(one, clock, text));
    if (!day?.day) return clock;
    taken.add(day);
    return { ...clock, isRough: isRough(clock, text), day: day.day, from: Math.min(day.from, clock.from), to: Math.max(day.to, clock.to) };
  });
  return [...joined, ...days.filter((day) => !taken.has(day))]
    .map((stamp) => ({ ...stamp, isRough: stamp.isRough || isRough(stamp, text) }))
    .toSorted((a, b) => a.from - b.from);
}

function findDays(text: string): readonly Stamp[] {
  const found: Stamp[] = [];
  for (const { pattern, read } of DAYS) {
    for (const match of text.matchAll(new RegExp(pattern, 'gi'))) {
      const day = read(match);
      const stamp = { from: match.index, to: match.index + match[0].length, isRough: false };
      if (day && !found.some((other) => overlaps(other, stamp))) found.push({ ...stamp, day });
    }
  }
  return found;
}

/** "2022-02-02 1625:", "2024-04-15 14.43": forms that are times only where a day stands before them. */
const AFTER_DAY = new RegExp(`^[ T,]{1,2}(\\d{2})[.]?(\\d{2})(?!\\d|[:.%]\\d)(?:\\s*(${ZONE}))?`);

function findClocks(text: string, days: readonly Stamp[]): readonly Stamp[] {
  const found: Stamp[] = [];
  const dotted = DOTTED.exec(text);
  if (dotted) found.push(...toClock(dotted, [dotted[1], dotted[2], undefined, dotted[3], dotted[4]]));
  for (const { to } of days) {
    const match = AFTER_DAY.exec(text.slice(to));
    const clocks = match ? toClock(match, [match[1], match[2], undefined, undefined, match[3]]) : [];
    found.push(...clocks.map((clock) => ({ ...clock, from: to + 1, to: to + clock.to })));
  }
  for (const match of text.matchAll(CLOCKS)) {
    const isHour = match[2] === undefined && match[4] === undefined && !/\dh/i.test(match[0]);
    const stamp = isHour ? [] : toClock(match, match.slice(1));
    found.push(...stamp.filter((one) => ![...days, ...found].some((other) => overlaps(other, one))));
  }
  return found;
}

function toClock(
  match: RegExpExecArray | RegExpMatchArray,
  [hours, minutes, seconds, half, zone]: readonly (string | undefined)[],
): readonly Stamp[] {
  const hour = Number(hours);
  const minute = Number(minutes ?? 0);
  // "13:41 PM" is written by tired people and means 13:41.
  const onFace = half === undefined || hour > 12 ? hour : (hour % 12) + (half.toLowerCase() === 'p' ? 12 : 0);
  if (onFace > 24 || minute > 59 || (onFace === 24 && minute > 0) || (half !== undefined && hour === 0 && minutes === undefined)) return [];
  const from = match.index ?? 0;
  const offset = zone === undefined ? undefined : zoneMinutes(zone);
  return [
    {
      from,
      to: from + match[0].length,
      minute: onFace * 60 + minute + Number(seconds ?? 0) / 60,
      stepMinutes: seconds !== undefined ? 1 / 60 : minutes !== undefined ? 1 : 60,
      ...(offset !== undefined && { zone: offset }),
      isRough: false,
    },
  ];
}

function overlaps(a: Pick<Stamp, 'from' | 'to'>, b: Pick<Stamp, 'from' | 'to'>): boolean {
  return a.from < b.to && b.from < a.to;
}

/** Between a day and its time stands at most `T`, "at", a comma, the cells' bar, a dash or a zone's bracket. */
function isBeside(day: Stamp, clock: Stamp, text: string): boolean {
  const between = day.to <= clock.from ? text.slice(day.to, clock.from) : text.slice(clock.to, day.from);
  return /^(?:\s|T|,|:|\||-|–|\(|\)|at|on|of|the|~|around|about|morning|evening|\w{3,9}day){0,4}$/i.test(between) && between.length <= 14;
}

function isRough({ from, to }: Stamp, text: string): boolean {
  return ROUGH_BEFORE.test(text.slice(Math.max(0, from - 24), from)) || ROUGH_AFTER.test(text.slice(to, to + 16));
}

function monthOf(name = ''): number {
  return MONTHS.indexOf(name.slice(0, 3).toLowerCase()) + 1;
}

function dayOf(year: string | undefined, month: number, day: string | undefined): WrittenDay | undefined {
  const number = Number(day);
  const isDay = month >= 1 && month <= 12 && number >= 1 && number <= new Date(Date.UTC(Number(year ?? 2024), month, 0)).getUTCDate();
  return isDay ? { ...(year !== undefined && { year: Number(year) }), month, day: number } : undefined;
}

/** `10/20/2022` is American, `20/10/2022` is not; what can be either is read as American. */
function slashDay(first: number, second: number, year: string | undefined): WrittenDay | undefined {
  return first > 12 ? dayOf(year, second, `${first}`) : dayOf(year, first, `${second}`);
}
