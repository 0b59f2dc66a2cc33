import type { DayContext } from './calendar.ts';
import type { Part } from './reader.ts';
import { findStamps, type Stamp, type WrittenDay } from './stamps.ts';
import { statedZone } from './zones.ts';

const COMPACT = /(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)/;

/** The day and the zone that a document as a whole names: in its metadata, its name, its title or its first lines. */
export function contextOf(parts: readonly Part[], name = ''): DayContext {
  const texts = parts.map(({ text }) => text);
  const heads = parts.filter(({ kind }) => kind === 'front' || kind === 'heading').map(({ text }) => text);
  const day = firstDay([...heads.slice(0, 8), spacedDay(name), ...texts.slice(0, 12), ...texts]);
  const zone = statedZone([...parts.flatMap(({ heads: columns = [] }) => columns), ...texts]);
  const zero = startIn(texts);
  return { ...(day && { day }), ...(zone !== undefined && { zone }), ...(zero && { zero }) };
}

/** "T0: 08:00 UTC", "Incident start (T0) 2024-05-07 08:00". */
function startIn(texts: readonly string[]): Stamp | undefined {
  for (const text of texts) {
    const line = text.split('\n').find((one) => /(?<![A-Za-z\d])T\s?=?\s?0(?![\w.]|:\d)/.test(one));
    const stamp = line === undefined ? undefined : findStamps(line).find(({ minute, isOffset }) => minute !== undefined && !isOffset);
    if (stamp) return stamp;
  }
  return undefined;
}

/** `20151118-LVS.txt` names a day too. */
function spacedDay(name: string): string {
  return name.replace(COMPACT, '$1-$2-$3');
}

function firstDay(texts: readonly string[]): WrittenDay | undefined {
  for (const text of texts) {
    const day = findStamps(text).find((stamp) => stamp.day?.year !== undefined)?.day;
    if (day) return day;
  }
  return undefined;
}
