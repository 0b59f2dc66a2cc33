import { type DayContext, openCalendar } from './calendar.ts';
import { findLengths } from './lengths.ts';
import { listsOf } from './lists.ts';
import type { Part } from './reader.ts';
import { type Role, rolesOf } from './roles.ts';
import { findStamps, type Stamp } from './stamps.ts';

/** One entry of a document's own timeline. */
export interface Happening {
  readonly line: number;
  /**
   * The stated time in milliseconds since 1970, UTC where the document names a zone; where it names no day, of a day of its own
   * choosing (see `DayContext`): distances hold all the same.
   */
  readonly atMs: number;
  /** How much one written step covers: a minute mostly, a second, an hour, or `WHOLE_DAY_MS` where only a day is named. */
  readonly stepMs: number;
  /** "about 14:30". */
  readonly isRough: boolean;
  /** Whether the entry itself names its day; else it was carried over from those before it. */
  readonly namesDay: boolean;
  /** As the document writes the time. */
  readonly stamp: string;
  /** What happened, without the time. */
  readonly text: string;
  /** What its words make it in the course of the incident. */
  readonly roles: ReadonlySet<Role>;
  /** Entries of one list or table share it: only among those does an order mean something. */
  readonly list: string;
  /** The second time of "14:32 - 14:57: errors". */
  readonly untilMs?: number;
}

/** The step of an entry that names only its day: it is of no use where minutes are counted. */
export const WHOLE_DAY_MS = 86_400_000;
/** Sections whose times are dates to come, or who was there. */
const NOT_TOLD = /\b(?:actions?(?: items?)?|follow[- ]?ups?|next steps|lessons?|attendees?|participants?|references?|related|glossary)\b/i;
const TIME_HEAD = /time|when|date|utc|started|zeit/i;
/** Where a link leads says nothing of what happened. */
const LINK_HEAD = /\b(?:links?|sources?|data|refs?|references?|evidence)\b/i;
/** A line that says when the whole was, not what happened at one moment. */
const WHOLE =
  /^\W*(?:date|dates|time|(?:total )?duration|downtime|M?TT[ADMR]|period|window|all times|published|(?:last )?updated|(?:next )?review(?:ed)?|created|written|windows read|taken)\b/i;
const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?$/i;
const LABEL_WORDS = 7;

/** The entries of a document's timeline, wherever it keeps them: rows, items, lines, headings. In the order of the document. */
export function findHappenings(parts: readonly Part[], context: DayContext): readonly Happening[] {
  const calendar = openCalendar(context);
  const lists = listsOf(parts);
  const told = parts.map((part, index) => ({ part, tellings: isTold(part) ? tellingsOf(part, parts[index + 1]) : [] }));
  const isClocked = told.some(({ tellings }) => tellings.some(({ stamps: [first] }) => first?.minute !== undefined && !first.isOffset));
  return told.flatMap(({ part, tellings }) =>
    tellings.flatMap(({ line, text, stamps }) => {
      const [first, second] = stamps;
      // From where `T+5` counts must be said, or all must count so.
      if (first?.isOffset && !context.zero && isClocked) return [];
      if (first?.minute === undefined) {
        if (first?.day) calendar.turnTo(first.day);
        // A whole day is an entry where a table or list says what came of it: releases, merges, reports of long incidents.
        const isDated =
          first?.day?.year !== undefined && (part.kind === 'row' || part.kind === 'item') && withoutStamp(text, first).length > 8;
        if (!isDated) return [];
      }
      const at = calendar.place(first);
      const isSpan = second?.minute !== undefined && isDash(text, first, second);
      const words = withoutStamp(text, first, isSpan ? second : undefined);
      return [
        {
          line,
          atMs: at.ms,
          stepMs: first.minute === undefined ? WHOLE_DAY_MS : Math.round((first.stepMinutes ?? 1) * 60_000),
          isRough: first.isRough,
          namesDay: first.day !== undefined,
          stamp: text.slice(first.from, first.to).trim(),
          text: words,
          roles: rolesOf(words),
          list: lists.get(part) ?? '',
          ...(isSpan && { untilMs: at.ms + spanMs(first, second) }),
        },
      ];
    }),
  );
}

function isTold({ under }: Part): boolean {
  return !under.some((heading) => NOT_TOLD.test(heading) && !/timeline/i.test(heading));
}

interface Telling {
  readonly line: number;
  readonly text: string;
  readonly stamps: readonly Stamp[];
}

function tellingsOf(part: Part, next: Part | undefined): readonly Telling[] {
  if (part.kind === 'row') return rowTelling(part);
  if (part.kind === 'heading') return headingTelling(part, next);
  if (part.kind === 'code' || part.kind === 'front' || part.kind === 'note') return [];
  return part.text.split('\n').flatMap((text, index) => lineTelling(text, part.line + index));
}

/** A row tells where a cell under a head of times, or one of its first three, is a time and little else. */
function rowTelling({ cells = [], heads = [], line, isHead }: Part): readonly Telling[] {
  if (isHead) return [];
  const timeAt = cells.findIndex((cell, index) => {
    const [stamp] = findStamps(cell);
    const isShort = stamp !== undefined && cell.length - (stamp.to - stamp.from) <= 24;
    const isTimed =
      isShort &&
      (stamp.minute !== undefined ||
        !cells.slice(index + 1).some((other) => findStamps(other)[0]?.minute !== undefined && other.length <= 24));
    return isTimed && (index < 3 || TIME_HEAD.test(heads[index] ?? ''));
  });
  // "Duration | 00:45", "Last updated | …": a row of facts, not of a timeline.
  if (timeAt < 0 || (timeAt > 0 && WHOLE.test(cells[0] ?? ''))) return [];
  // A day may stand in cells of its own before the time: "Thur | Jan 20 | 23:20".
  const time = cells
    .slice(0, timeAt + 1)
    .filter((cell) => !WEEKDAY.test(cell))
    .join(' | ');
  const words = cells.slice(timeAt + 1).filter((cell, index) => cell !== '' && !LINK_HEAD.test(heads[timeAt + 1 + index] ?? ''));
  const text = `${time} ${words.join(' | ')}`;
  return [{ line, text, stamps: findStamps(time) }];
}

/** A heading that is a time tells what stands below it; one that is a day only turns the page. */
function headingTelling({ text, line }: Part, next: Part | undefined): readonly Telling[] {
  const stamps = findStamps(text);
  const [first] = stamps;
  if (!first || (first.minute !== undefined && first.from > 12) || WHOLE.test(text)) return [];
  const rest = withoutStamp(text, first);
  const below = rest.length > 3 || next?.kind === 'heading' ? '' : (next?.text.split('\n')[0] ?? '');
  return [{ line, text: `${text} ${below}`, stamps: first.minute === undefined && rest.length > 24 ? [] : stamps }];
}

/** A line tells where it begins with a time, or is a short label with a time: "First detected 2021-07-12 15:44". */
function lineTelling(text: string, line: number): readonly Telling[] {
  const stamps = findStamps(text);
  const [first] = stamps;
  if (!first || WHOLE.test(text)) return [];
  const before = text
    .slice(0, first.from)
    .replaceAll(/[^\p{L}\p{N}\s]/gu, ' ')
    .trim();
  if (before === '') return [{ line, text, stamps }];
  const after = text.slice(first.to).trim();
  // "An outage of 25 minutes (14:32 - 14:57)" claims a length and tells no moment.
  if (findLengths(before).length > 0) return [];
  const isLabel =
    before.split(/\s+/).length <= LABEL_WORDS && first.minute !== undefined && (after.length <= 40 || /^\W*[-–:]/.test(after));
  return isLabel && !/[.!?]\s/.test(text.slice(0, first.from)) ? [{ line, text, stamps }] : [];
}

/** A span that ends on an earlier face of the clock has crossed midnight. */
function spanMs(first: Stamp, second: Stamp): number {
  const minutes = (second.minute ?? 0) - (first.minute ?? 0);
  return Math.round((minutes < 0 ? minutes + 24 * 60 : minutes) * 60_000);
}

function isDash(text: string, first: Stamp, second: Stamp): boolean {
  return /^\W*(?:-|–|—|to|until|till)\W*$/i.test(text.slice(first.to, second.from));
}

function withoutStamp(text: string, first: Stamp, second?: Stamp): string {
  const rest = `${text.slice(0, first.from)} ${text.slice((second ?? first).to)}`;
  return rest
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/^[\s|:,;\-–—~\])}>*]+|[\s|:\-–—[({]+$/g, '')
    .trim();
}
