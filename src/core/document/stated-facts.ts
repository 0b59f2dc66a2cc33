import { findLengths, isStated, type StatedLength } from './lengths.ts';
import { findStamps, type WrittenDay } from './stamps.ts';

/** A fact as a text states it, in a form that two wordings share: `2:32 pm` and `14:32`, `two minutes` and `2 min`. */
export type StatedFact = { readonly shown: string } & (
  | { readonly kind: 'time'; readonly minute: number }
  | { readonly kind: 'day'; readonly day: WrittenDay }
  | { readonly kind: 'length'; readonly length: StatedLength }
  /** A count, a share, a version, the number of an issue. */
  | { readonly kind: 'number'; readonly value: string }
  /** A word that names a thing of a machine. */
  | { readonly kind: 'name'; readonly value: string }
);

const COUNTS: Readonly<Record<string, string>> = {
  two: '2',
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  twelve: '12',
};
const NUMBER = new RegExp(`(?<![\\p{L}\\d])(?:[#v]?\\d+(?:[.,:]\\d+)*(?:k\\b)?|(?:${Object.keys(COUNTS).join('|')})(?![\\p{L}-]))`, 'giu');
const WORD = /[\p{L}\p{N}][\p{L}\p{N}_./@-]*[\p{L}\p{N}]/gu;
const NAME = /\p{Ll}\p{Lu}|_|\/|@|\p{L}\d|\d\p{L}|\p{L}-\p{L}.*[-\d]|^[a-z]+-[A-Z]/u;

/** Every fact of a text that can be held against another's, in its order within a kind: lengths, times, days, numbers, names. */
export function factsIn(text: string): readonly StatedFact[] {
  const plain = text.replaceAll(/https?:\/\/\S+/g, (link) => ' '.repeat(link.length));
  // "A bad hour", "a quarter of an hour": a figure of speech.
  const lengths = findLengths(plain).filter(({ from, to }) => !/^(?:an?|half an|(?:three )?quarters?)\b/i.test(plain.slice(from, to)));
  const timed = blank(plain, lengths);
  const stamps = findStamps(timed);
  const rest = blank(timed, stamps);
  return [
    ...lengths.map((length): StatedFact => ({ kind: 'length', shown: plain.slice(length.from, length.to), length })),
    ...stamps.flatMap((stamp): readonly StatedFact[] => {
      const shown = timed.slice(stamp.from, stamp.to).trim();
      return [
        ...(stamp.minute === undefined ? [] : [{ kind: 'time' as const, shown, minute: stamp.minute - (stamp.zone ?? 0) }]),
        ...(stamp.day === undefined ? [] : [{ kind: 'day' as const, shown, day: stamp.day }]),
      ];
    }),
    ...[...rest.matchAll(NUMBER)].map(([shown]): StatedFact => ({ kind: 'number', shown, value: numberOf(shown) })),
    ...(plain.match(WORD) ?? [])
      .filter((word) => NAME.test(word) && !/^\d+[a-z]{1,3}$/.test(word) && !/^v?\d[\d.]*$/.test(word))
      .map((shown): StatedFact => ({ kind: 'name', shown, value: shown.toLowerCase() })),
  ];
}

function blank(text: string, places: readonly { readonly from: number; readonly to: number }[]): string {
  return places.reduce((left, { from, to }) => left.slice(0, from) + ' '.repeat(to - from) + left.slice(to), text);
}

function numberOf(shown: string): string {
  const plain = COUNTS[shown.toLowerCase()] ?? shown.replaceAll(/,(?=\d{3}\b)/g, '');
  return /^\d+(?:\.\d+)?k$/i.test(plain) ? `${Number(plain.slice(0, -1)) * 1000}` : plain;
}

/** Whether the second is what the first states; a length may be stated more roughly than it is. */
export function isSameFact(stated: StatedFact, ours: StatedFact): boolean {
  if (stated.kind === 'time') return ours.kind === 'time' && Math.floor(stated.minute) === Math.floor(ours.minute);
  if (stated.kind === 'day') return ours.kind === 'day' && isSameDay(stated.day, ours.day);
  if (stated.kind === 'length') return ours.kind === 'length' && isSameLength(stated.length, ours.length.ms);
  return stated.kind === ours.kind && 'value' in ours && stated.value === ours.value;
}

/** "Under 25 minutes" tells of 21, and not of one: a bound says something only near to what it bounds. */
function isSameLength(stated: StatedLength, ms: number): boolean {
  const isBound = stated.bound !== 'equal' && stated.bound !== 'about';
  return isStated(isBound ? { ...stated, bound: 'equal' } : stated, ms) || (isBound && isStated(stated, ms) && near(stated.ms, ms));
}

function near(a: number, b: number): boolean {
  return Math.max(a, b) <= 1.5 * Math.min(a, b);
}

function isSameDay(a: WrittenDay, b: WrittenDay): boolean {
  return a.month === b.month && a.day === b.day && (a.year === undefined || b.year === undefined || a.year === b.year);
}
