import { inWords } from './durations.ts';
import type { DocumentFinding } from './finding.ts';
import { listsOf } from './lists.ts';
import type { Part } from './reader.ts';
import { findStamps, type Stamp } from './stamps.ts';
import { ZONE } from './zones.ts';

const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;
/** Zones lie quarters of an hour apart. */
const STEP_MINUTES = 15;
/** So many entries must lie equally far apart before another one is wrong, and they must be so large a share of all. */
const LEAST_EQUAL = 3;
const LEAST_SHARE = 0.75;
/** What may stand in a cell beside its time: "(next day)". */
const BESIDE_LENGTH = 24;
const ZONES = new RegExp(`(?<![A-Za-z])(${ZONE}|local)(?![A-Za-z])`, 'i');

/** One moment as an entry tells it twice. */
interface Told {
  readonly line: number;
  readonly shown: string;
  /** Of which list, in which two zones. */
  readonly group: string;
  /** By how many minutes the second clock is ahead of the first, from 0 to a day: which day either means is not looked at. */
  readonly ahead: number;
}

/**
 * Entries that tell their moment in two zones, in two columns or side by side ("14:32 UTC / 10:32 EDT"), and whose two clocks do not
 * lie as far apart as those of nearly all others of their list: one of the two times is wrong. How far apart is not asked of the
 * zones' names: many write EST in summer.
 */
export function twoClockFindings(parts: readonly Part[]): readonly DocumentFinding[] {
  const lists = listsOf(parts);
  const told = parts.flatMap((part) => (part.kind === 'row' ? rowTold(part) : linesTold(part)).map((one) => inList(one, lists.get(part))));
  return [...Map.groupBy(told, ({ group }) => group).values()].flatMap((entries) => {
    const [[usual, equal] = [0, []]] = [...Map.groupBy(entries, ({ ahead }) => ahead)].toSorted(([, a], [, b]) => b.length - a.length);
    if (equal.length < LEAST_EQUAL || equal.length < entries.length * LEAST_SHARE || usual % STEP_MINUTES !== 0) return [];
    return entries.filter(({ ahead }) => ahead !== usual).map((entry) => findingOf(entry, usual, equal.length));
  });
}

function inList(told: Told, list = ''): Told {
  return { ...told, group: `${list} / ${told.group}` };
}

/** Two columns whose heads or cells name a zone each, another one. */
function rowTold({ cells = [], heads = [], line, isHead }: Part): readonly Told[] {
  if (isHead) return [];
  const clocks = cells.flatMap((cell, index) => {
    const [stamp, second] = findStamps(cell);
    const zone = zoneIn(heads[index] ?? '') ?? zoneIn(cell);
    const isTime = stamp !== undefined && second === undefined && cell.length - (stamp.to - stamp.from) <= BESIDE_LENGTH;
    return isTime && zone !== undefined ? [{ stamp, zone, cell }] : [];
  });
  const [one, other] = clocks;
  return one && other && clocks.length === 2
    ? toldBy([one.stamp, other.stamp], [one.zone, other.zone], `${one.cell} | ${other.cell}`, line)
    : [];
}

/** A line that begins with two times, each with its zone and nothing but a mark between them. */
function linesTold({ kind, text, line }: Part): readonly Told[] {
  if (kind !== 'item' && kind !== 'paragraph' && kind !== 'heading') return [];
  return text.split('\n').flatMap((one, index) => {
    const [first, second] = findStamps(one);
    if (!first || !second || !/^\W{0,4}$/.test(one.slice(0, first.from)) || !/^\s?[/(|,=]?\s?$/.test(one.slice(first.to, second.from)))
      return [];
    const zones = [first, second].map(({ from, to }) => zoneIn(one.slice(from, to)));
    return toldBy([first, second], zones, one.slice(first.from, second.to), line + index);
  });
}

function toldBy(stamps: readonly [Stamp, Stamp], zones: readonly (string | undefined)[], shown: string, line: number): readonly Told[] {
  const isExact = stamps.every(
    ({ minute, isOffset, isRough, stepMinutes = 1 }) => minute !== undefined && !isOffset && !isRough && stepMinutes <= 1,
  );
  const [zone, other] = zones;
  if (!isExact || zone === undefined || other === undefined || zone === other) return [];
  const [first, second] = stamps.map(({ minute = 0 }) => Math.floor(minute + 1e-6));
  return [{ line, shown, group: `${zone} ${other}`, ahead: ((second ?? 0) - (first ?? 0) + DAY_MINUTES) % DAY_MINUTES }];
}

function zoneIn(text: string): string | undefined {
  return ZONES.exec(text)?.[1]?.toUpperCase().replaceAll(/\s/g, '');
}

function findingOf({ line, shown, ahead }: Told, usual: number, count: number): DocumentFinding {
  const [here, there] = [apart(ahead), apart(usual)];
  const isTurned = here === there;
  return {
    line,
    kind: 'clocks_disagree',
    stated: shown,
    follows: `In ${count} entries of the list the two times lie ${inWords(there * MINUTE_MS)} apart, here ${isTurned ? 'the other way round' : inWords(here * MINUTE_MS)}.`,
    sure: 'likely',
    verdict: 'wrong',
  };
}

/** The shorter way round the face of the clock. */
function apart(ahead: number): number {
  return Math.min(ahead, DAY_MINUTES - ahead);
}
