/** A length of time as a text states it. */
export interface StatedLength {
  /** Where in the text it begins and ends. */
  readonly from: number;
  readonly to: number;
  readonly ms: number;
  /** Half of the smallest unit that is written: "22 hours" may be 21 h 30 min to 22 h 30 min, "4h 9m" half a minute either way. */
  readonly halfStepMs: number;
  /** `under` and `over` are strict: two minutes are not under two minutes. */
  readonly bound: 'equal' | 'about' | 'at_most' | 'under' | 'at_least' | 'over';
  /** "every 5 minutes": how often, not how long. */
  readonly isCadence: boolean;
  /** "16 min (11–19 min)": what it may be as well. */
  readonly range?: { readonly leastMs: number; readonly mostMs: number };
}

const MINUTE_MS = 60_000;
const UNITS: readonly (readonly [pattern: RegExp, ms: number])[] = [
  [/^(?:s|secs?|seconds?)$/i, 1_000],
  [/^(?:m|mins?|minutes?)$/i, MINUTE_MS],
  [/^(?:h|hrs?|hours?)$/i, 60 * MINUTE_MS],
  [/^(?:d|days?)$/i, 24 * 60 * MINUTE_MS],
  [/^(?:w|weeks?)$/i, 7 * 24 * 60 * MINUTE_MS],
];
const ONES = 'one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen';
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety';
const WORDS: ReadonlyMap<string, number> = new Map([
  ['a', 1],
  ['an', 1],
  ...ONES.split(' ').map((word, index) => [word, index + 1] as const),
  ...TENS.split(' ').flatMap((ten, index) => [
    [ten, 20 + 10 * index] as const,
    ...ONES.split(' ')
      .slice(0, 9)
      .map((one, at) => [`${ten}-${one}`, 21 + 10 * index + at] as const),
  ]),
]);
/** The longest first, since `six` begins `sixty`. */
const NAMES = [...WORDS.keys()].toSorted((a, b) => b.length - a.length).join('|');
const UNIT = '(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|[smhdw])';
const NUMBER = `(?:\\d{1,3}(?:,\\d{3})+|\\d+(?:\\.\\d+)?|(?<![a-z])(?:${NAMES}))`;
const ONE = `${NUMBER}[\\s-]?${UNIT}(?![a-z0-9])`;
/** Halves and quarters in words, and hours with their minutes behind: "an hour and a half", "2 and a half hours", `1h30`, `1:30 h`. */
const FIXED = `half an hour|(?:a |three )?quarters? of an hour|(?:an|one) hour and a half|${NUMBER} and a half ${UNIT}(?![a-z0-9])|\\d{1,3}h[0-5]?\\d(?:m(?:ins?)?)?(?![\\dhms:])|\\d{1,3}m[0-5]?\\ds(?:ecs?)?|\\d{1,3}:[0-5]\\d\\s?(?:h|hrs?|hours?)(?![a-z0-9])`;
const LENGTHS = new RegExp(
  `(?<![\\w.:/+-])(?:(${FIXED})(?![a-z])|(${ONE})(?:[\\s,]*(?:and\\s+)?(${ONE}))?(?:[\\s,]*(?:and\\s+)?(${ONE}))?)`,
  'gi',
);
/** `14h30` is a time where it says from when, to when or at what time; at the start of a line, too, and before another one. */
const CLOCK_BEFORE = /(?:\b(?:at|from|to|until|till|since|between|and|by)|[-–—])\s*$/i;

/** The first that stands directly before the length. */
const BEFORE: readonly (readonly [pattern: RegExp, bound: StatedLength['bound']])[] = [
  [/(?:≤|\b(?:within|at most|up to|no more than|max(?:imum)?(?: of)?))\s*$/i, 'at_most'],
  [/(?:<|\b(?:under|less than|fewer than))\s*$/i, 'under'],
  [/(?:≥|\b(?:at least|no less than|min(?:imum)?(?: of)?))\s*$/i, 'at_least'],
  [/(?:>|\b(?:over|more than|longer than))\s*$/i, 'over'],
  [/(?:~|≈|±|\b(?:about|around|approx(?:\.|imately)?|roughly|nearly|almost|circa|ca\.|some))\s*$/i, 'about'],
];
const AFTER: readonly (readonly [pattern: RegExp, bound: StatedLength['bound']])[] = [
  [/^\s*or less\b/i, 'at_most'],
  [/^(?:\+|\s*or more\b)/i, 'at_least'],
  [/^\s*\(?(?:approx|or so|ish)\b/i, 'about'],
];
const EVERY = /\b(?:every|each|once (?:every|per)|per)\s*$/i;

/** Every length of time that a text states, in its order. */
export function findLengths(text: string): readonly StatedLength[] {
  return [...text.matchAll(LENGTHS)].flatMap((match) => {
    const [whole, fixed, ...parts] = match;
    const read = fixed !== undefined ? fixedLength(fixed) : sumOf(parts.filter((part) => part !== undefined));
    const before = text.slice(Math.max(0, match.index - 24), match.index);
    const isClock = /^\d{1,2}h\d\d$/i.test(whole) && isFrenchClock(whole, before, text.slice(match.index + whole.length));
    if (!read || isClock) return [];
    return [
      {
        from: match.index,
        to: match.index + whole.length,
        ...read,
        bound: boundOf(before, text.slice(match.index + whole.length)),
        isCadence: EVERY.test(before),
        ...rangeIn(text.slice(match.index + whole.length)),
      },
    ];
  });
}

function isFrenchClock(hours: string, before: string, after: string): boolean {
  const isFirst = /^\d\dh/i.test(hours) && before.trim() === '';
  return isFirst || CLOCK_BEFORE.test(before) || /^\s?(?:-|–|—|to|until|till|à)\s?\d{1,2}h\d\d/i.test(after);
}

const RANGE = new RegExp(`^\\s*\\((\\d+(?:\\.\\d+)?)\\s?(${UNIT})?\\s?(?:-|–|to)\\s?(\\d+(?:\\.\\d+)?)\\s?(${UNIT})(?![a-z0-9])`, 'i');

function rangeIn(after: string): Pick<StatedLength, 'range'> {
  const [, low, unit, high, last = ''] = RANGE.exec(after.slice(0, 60)) ?? [];
  const [least, most] = [sumOf([`${low} ${unit ?? last}`]), sumOf([`${high} ${last}`])];
  return low === undefined || !least || !most ? {} : { range: { leastMs: least.ms - least.halfStepMs, mostMs: most.ms + most.halfStepMs } };
}

function boundOf(before: string, after: string): StatedLength['bound'] {
  const found = BEFORE.find(([pattern]) => pattern.test(before)) ?? AFTER.find(([pattern]) => pattern.test(after));
  return found?.[1] ?? 'equal';
}

function fixedLength(text: string): Pick<StatedLength, 'ms' | 'halfStepMs'> | undefined {
  const [, hours, minutes] = /^(\d{1,3})[h:](\d{1,2})/i.exec(text) ?? [];
  if (hours !== undefined) return { ms: (Number(hours) * 60 + Number(minutes)) * MINUTE_MS, halfStepMs: MINUTE_MS / 2 };
  const [, whole, seconds] = /^(\d{1,3})m(\d{1,2})s/i.exec(text) ?? [];
  if (whole !== undefined) return { ms: (Number(whole) * 60 + Number(seconds)) * 1_000, halfStepMs: 500 };
  const half = /^(.+?) and a half (\w+)$/i.exec(text);
  const read = half && sumOf([`${half[1]} ${half[2]}`]);
  // Half of a unit on top, known to a sixth of it.
  if (half && read) return { ms: read.ms + read.halfStepMs, halfStepMs: read.halfStepMs / 6 };
  const quarters = /^half/i.test(text) ? 2 : /^three/i.test(text) ? 3 : /quarter/i.test(text) ? 1 : 6;
  return { ms: quarters * 15 * MINUTE_MS, halfStepMs: 5 * MINUTE_MS };
}

/** "4h 9m": units that fall; "5 minutes 2 hours" is two things. */
function sumOf(parts: readonly string[]): Pick<StatedLength, 'ms' | 'halfStepMs'> | undefined {
  let ms = 0;
  let least = Number.POSITIVE_INFINITY;
  let fraction = 1;
  for (const part of parts) {
    const [, number = '', unit = ''] = /^(.*?)[\s-]?([a-z]+)$/i.exec(part) ?? [];
    const unitMs = UNITS.find(([pattern]) => pattern.test(unit))?.[1];
    const count = WORDS.get(number.toLowerCase()) ?? Number(number.replaceAll(',', ''));
    if (unitMs === undefined || Number.isNaN(count)) return undefined;
    if (unitMs >= least) break;
    ms += count * unitMs;
    least = unitMs;
    fraction = number.includes('.') ? 10 : 1;
  }
  return { ms, halfStepMs: least / fraction / 2 };
}

/**
 * Whether a true length of `trueMs`, give or take `giveMs`, is what the text states, given how roughly it states it: a length
 * may be off by half of its smallest unit, "about" by a fifth.
 */
export function isStated({ ms, halfStepMs, bound, range }: StatedLength, trueMs: number, giveMs = 0): boolean {
  if (range && trueMs >= range.leastMs - giveMs && trueMs <= range.mostMs + giveMs) return true;
  const slackMs = giveMs + (bound === 'about' ? Math.max(halfStepMs, ms / 5) : halfStepMs);
  const holds = {
    equal: Math.abs(trueMs - ms) <= slackMs,
    about: Math.abs(trueMs - ms) <= slackMs,
    at_most: trueMs <= ms + slackMs,
    under: trueMs < ms,
    at_least: trueMs >= ms - slackMs,
    over: trueMs > ms,
  } as const satisfies Record<StatedLength['bound'], boolean>;
  return holds[bound];
}
