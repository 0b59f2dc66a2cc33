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
  /** `T+12m`: `minute` counts from the start that the document calls T or T0, and may be below zero. */
  readonly isOffset?: true;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?';
const ORDINAL = '(?:st|nd|rd|th)?';
const DAYS: readonly { readonly pattern: RegExp; readonly read: (found: readonly string[]) => WrittenDay | undefined }[] = [
  { pattern: /(?<!\d)(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?!\d)/gi, read: ([, year, month, day]) => dayOf(year, Number(month), day) },
  {
    pattern: /(?<!\d)(\d{1,2})\/(\d{1,2})\/(\d{4})(?!\d)/gi,
    read: ([, first, second, year]) => slashDay(Number(first), Number(second), year),
  },
  // With dots the day is first wherever it is written so.
  { pattern: /(?<![\w.])(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(?!\d)/gi, read: ([, day, month, year]) => dayOf(year, Number(month), day) },
  {
    pattern: new RegExp(
      `(?<![A-Za-z\\d])(\\d{1,2})${ORDINAL}(?:\\s+of)?[\\s-]+(${MONTH})(?![A-Za-z])(?:,?[\\s-]+(\\d{4})(?!\\d|:\\d))?`,
      'gi',
    ),
    read: ([, day, month, year]) => dayOf(year, monthOf(month), day),
  },
  {
    pattern: new RegExp(
      `(?<![A-Za-z])(${MONTH})(?![A-Za-z])[\\s-]+(\\d{1,2})${ORDINAL}(?![\\d:.]\\d)(?!\\d)(?:,?[\\s-]+(\\d{4})(?!\\d|:\\d))?`,
      'gi',
    ),
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

/** `2.25pm` and `14.02 Uhr` are times anywhere. */
const DOTTED_HALF = new RegExp(`(?<![\\d.:/])(\\d{1,2})\\.(\\d{2})\\s?(?:([ap])\\.?m\\b\\.?|Uhr\\b)(?:\\s*\\(?\\s?(${ZONE}))?`, 'gi');

/** `14h30` after a word that says when, where a line begins, or before another one. */
const FRENCH =
  /(?:(?<=(?:\b(?:at|from|to|until|till|since|between|and|by)|[-–—])\s?|^\W{0,4}(?=\d\d))(\d{1,2})h(\d{2})(?![\dhms]|:\d)|(?<![\w.:])(\d{1,2})h(\d{2})(?=\s?(?:-|–|—|to|until|till|à)\s?\d{1,2}h\d\d))/gi;

/** `T+12m`, `T-5`, `T+1h10m`, `T+00:45`: so long after a start that is named elsewhere. */
const OFFSETS =
  /(?<![A-Za-z\d])T\s?([-+–−])\s?(?:(\d{1,2}):(\d{2})|(?:(\d{1,3})\s?h(?:(?:ou)?rs?)?\s?)?(?:(\d{1,4})\s?(?:m(?:in(?:ute)?s?)?)?)?)(?![\w:])/g;

/** Every day and time of day that a text states, in its order; a time that follows its day directly is one with it. */
export function findStamps(text: string): readonly Stamp[] {
  const days = findDays(text);
  const offsets = findOffsets(text);
  const clocks = findClocks(text, [...days, ...offsets]);
  const taken = new Set<Stamp>();
  const near = nearest(days);
  const joined = clocks.map((clock) => {
    const day = near(clock).find((one) => !taken.has(one) && isBeside(one, clock, text));
    if (!day?.day) return clock;
    taken.add(day);
    return { ...clock, isRough: isRough(clock, text), day: day.day, from: Math.min(day.from, clock.from), to: Math.max(day.to, clock.to) };
  });
  return [...joined, ...offsets, ...days.filter((day) => !taken.has(day))]
    .map((stamp) => ({ ...stamp, isRough: stamp.isRough || isRough(stamp, text) }))
    .toSorted((a, b) => a.from - b.from);
}

function findOffsets(text: string): readonly Stamp[] {
  return [...text.matchAll(OFFSETS)].flatMap((match) => {
    const [whole, sign, hours, minutes, long, short] = match;
    const length = Number(hours ?? long ?? 0) * 60 + Number(minutes ?? short ?? 0);
    if ((hours ?? long ?? short) === undefined) return [];
    const minute = sign === '+' ? length : -length;
    return [{ from: match.index, to: match.index + whole.length, minute, stepMinutes: 1, isRough: false, isOffset: true as const }];
  });
}

function findDays(text: string): readonly Stamp[] {
  const found: Stamp[] = [];
  const isFree = openPlaces(text);
  for (const { pattern, read } of DAYS) {
    for (const match of text.matchAll(pattern)) {
      const day = read(match);
      const stamp = { from: match.index, to: match.index + match[0].length, isRough: false };
      if (day && isFree(stamp)) found.push({ ...stamp, day });
    }
  }
  return found.toSorted((a, b) => a.from - b.from);
}

/** Takes a place of the text where nothing was taken before, and says whether it could. */
function openPlaces(text: string, taken: readonly Stamp[] = []): (place: Pick<Stamp, 'from' | 'to'>) => boolean {
  const places = new Uint8Array(text.length);
  for (const { from, to } of taken) places.fill(1, from, to);
  return ({ from, to }) => {
    if (places.subarray(from, to).includes(1)) return false;
    places.fill(1, from, to);
    return true;
  };
}

/** The days around a time, of days that stand in order, asked with times in any order. */
function nearest(days: readonly Stamp[]): (clock: Stamp) => readonly Stamp[] {
  return (clock) => {
    let low = 0;
    for (let high = days.length; low < high; ) {
      const middle = (low + high) >> 1;
      if ((days[middle]?.to ?? 0) < clock.from - BESIDE) low = middle + 1;
      else high = middle;
    }
    const around: Stamp[] = [];
    for (let day = days[low]; day && day.from <= clock.to + BESIDE; day = days[++low]) around.push(day);
    return around;
  };
}

/** A day stands at most so many characters from its time. */
const BESIDE = 14;

/** "2022-02-02 1625:", "2024-04-15 14.43": forms that are times only where a day stands before them. */
const AFTER_DAY = new RegExp(`^[ T,]{1,2}(\\d{2})[.]?(\\d{2})(?!\\d|[:.%]\\d)(?:\\s*(${ZONE}))?`);

function findClocks(text: string, others: readonly Stamp[]): readonly Stamp[] {
  const found: Stamp[] = [];
  const isFree = openPlaces(text, others);
  const take = (stamps: readonly Stamp[]) => found.push(...stamps.filter(isFree));
  for (const match of text.matchAll(DOTTED_HALF)) take(toClock(match, [match[1], match[2], undefined, match[3], match[4]]));
  const dotted = DOTTED.exec(text);
  if (dotted) take(toClock(dotted, [dotted[1], dotted[2], undefined, dotted[3], dotted[4]]));
  for (const { to } of others.filter(({ day }) => day !== undefined)) {
    const match = AFTER_DAY.exec(text.slice(to, to + 24));
    const clocks = match ? toClock(match, [match[1], match[2], undefined, undefined, match[3]]) : [];
    take(clocks.map((clock) => ({ ...clock, from: to + 1, to: to + clock.to })));
  }
  for (const match of text.matchAll(FRENCH)) take(toClock(match, [match[1] ?? match[3], match[2] ?? match[4]]));
  for (const match of text.matchAll(CLOCKS)) {
    const isHour = match[2] === undefined && match[4] === undefined && !/\dh/i.test(match[0]);
    if (!isHour) take(toClock(match, match.slice(1)));
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

/** Between a day and its time stands at most `T`, "at", a comma, the cells' bar, a dash or a zone's bracket. */
function isBeside(day: Stamp, clock: Stamp, text: string): boolean {
  const between = day.to <= clock.from ? text.slice(day.to, clock.from) : text.slice(clock.to, day.from);
  return (
    /^(?:\s|T|,|:|\||-|–|\(|\)|at|on|of|the|~|around|about|morning|evening|\w{3,9}day){0,4}$/i.test(between) && between.length <= BESIDE
  );
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
