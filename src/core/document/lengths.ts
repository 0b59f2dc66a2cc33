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
}

const MINUTE_MS = 60_000;
const UNITS: readonly (readonly [pattern: RegExp, ms: number])[] = [
  [/^(?:s|secs?|seconds?)$/i, 1_000],
  [/^(?:m|mins?|minutes?)$/i, MINUTE_MS],
  [/^(?:h|hrs?|hours?)$/i, 60 * MINUTE_MS],
  [/^(?:d|days?)$/i, 24 * 60 * MINUTE_MS],
  [/^(?:w|weeks?)$/i, 7 * 24 * 60 * MINUTE_MS],
];
const WORDS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  forty: 40,
  'forty-five': 45,
  sixty: 60,
  ninety: 90,
};
const UNIT = '(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|[smhdw])';
const NUMBER = `(?:\\d{1,3}(?:,\\d{3})+|\\d+(?:\\.\\d+)?|(?<![a-z])(?:${Object.keys(WORDS).join('|')}))`;
const ONE = `${NUMBER}[\\s-]?${UNIT}(?![a-z0-9])`;
const LENGTHS = new RegExp(
  `(?<![\\w.:/-])(?:(half an hour|(?:an|one) hour and a half)(?![a-z])|(${ONE})(?:[\\s,]*(?:and\\s+)?(${ONE}))?(?:[\\s,]*(?:and\\s+)?(${ONE}))?)`,
  'gi',
);

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
    if (!read) return [];
    const before = text.slice(Math.max(0, match.index - 24), match.index);
    return [
      {
        from: match.index,
        to: match.index + whole.length,
        ...read,
        bound: boundOf(before, text.slice(match.index + whole.length)),
        isCadence: EVERY.test(before),
      },
    ];
  });
}

function boundOf(before: string, after: string): StatedLength['bound'] {
  const found = BEFORE.find(([pattern]) => pattern.test(before)) ?? AFTER.find(([pattern]) => pattern.test(after));
  return found?.[1] ?? 'equal';
}

function fixedLength(text: string): Pick<StatedLength, 'ms' | 'halfStepMs'> {
  const isHalf = /^half/i.test(text);
  return { ms: (isHalf ? 30 : 90) * MINUTE_MS, halfStepMs: 5 * MINUTE_MS };
}

/** "4h 9m": units that fall; "5 minutes 2 hours" is two things. */
function sumOf(parts: readonly string[]): Pick<StatedLength, 'ms' | 'halfStepMs'> | undefined {
  let ms = 0;
  let least = Number.POSITIVE_INFINITY;
  let fraction = 1;
  for (const part of parts) {
    const [, number = '', unit = ''] = /^(.*?)[\s-]?([a-z]+)$/i.exec(part) ?? [];
    const unitMs = UNITS.find(([pattern]) => pattern.test(unit))?.[1];
    const count = WORDS[number.toLowerCase()] ?? Number(number.replaceAll(',', ''));
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
export function isStated({ ms, halfStepMs, bound }: StatedLength, trueMs: number, giveMs = 0): boolean {
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
