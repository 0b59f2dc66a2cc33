import { DateTime, IANAZone } from 'luxon';
import { voiceOf } from '../core/draft/material.ts';
import type { Draft } from '../core/draft/model.ts';
import { sentenceOf } from '../core/draft/sentences.ts';
import type { Instant, Moment } from '../core/time.ts';
import { rowKeyOf, type TimelineEntry } from '../core/timeline/entry.ts';
import { toCsv } from './csv.ts';
import { safeUrl, toLine } from './escape.ts';

export type TimelineFormat = 'table' | 'json' | 'csv';

/** Whether a name such as `Europe/Berlin` or `UTC` is one that times can be printed in. */
export function isZone(zone: string): boolean {
  return IANAZone.isValidZone(zone);
}

/**
 * Every entry of the merged timeline, those of other services and the minor ones too, in its order.
 * Times are printed in `zone`, which must be one that `isZone` accepts; in JSON they stay in UTC, with the local time beside them.
 */
export function renderTimeline(draft: Draft, format: TimelineFormat, zone: string): string {
  const { timeline } = draft.analysis;
  if (format === 'json') {
    const entries = timeline.map((entry) => {
      const keyed = { key: rowKeyOf(entry), ...entry };
      return zone === 'UTC' ? keyed : { ...keyed, localTime: localOf(entry.event.time, zone) };
    });
    return `${JSON.stringify({ incident: draft.case.incidents[0].id, draft: draft.id, tz: zone, timeline: entries }, null, 2)}\n`;
  }
  const words = wordsOf(draft);
  const voice = voiceOf(draft);
  const rows = timeline.map((entry) => {
    const own = sentenceOf(entry, voice);
    // A sentence that holds a time says it in the zone of the table; all others are the draft's.
    const local = zone === 'UTC' ? own : sentenceOf(entry, { ...voice, stamp: stampBeside(entry.event.time, zone) });
    return rowOf(entry, zone, local === own ? (words.get(rowKeyOf(entry)) ?? own) : local);
  });
  const header = ['time', 'plus or minus', 'type', 'what', 'service', 'link'];
  return format === 'csv' ? toCsv([header, ...rows]) : toTable(['time', 'service', 'what'], timeline, rows);
}

/** An entry in the words of the draft: it tells a span's number, and people by their roles. */
function rowOf({ event, belongs }: TimelineEntry, zone: string, what: string): readonly string[] {
  const service = 'why' in belongs ? `${belongs.service} (${belongs.why})` : belongs.service;
  return [localOf(event.time, zone), boundsOf(event.time), event.type, toLine(what), service, safeUrl(event.url ?? '') ?? ''];
}

/** Where the draft has a row for the entry, its words are the draft's. */
function wordsOf({ sections }: Draft): ReadonlyMap<string, string> {
  const rows = sections.flatMap(({ blocks }) => blocks.filter((block) => block.kind === 'row'));
  return new Map(rows.map(({ key, what }) => [key, what.text]));
}

function localOf({ at }: Moment, zone: string): string {
  return DateTime.fromISO(at, { zone }).toFormat('yyyy-MM-dd HH:mm:ss ZZ').replace('+00:00', 'UTC');
}

/** `14:32` on the day that the row's own time has in the zone, `14 January 2024, 09:10` on any other. */
function stampBeside(row: Moment, zone: string): (at: Instant) => string {
  const day = DateTime.fromISO(row.at, { zone }).toISODate();
  return (at) => {
    const local = DateTime.fromISO(at, { zone, locale: 'en' });
    return local.toFormat(local.toISODate() === day ? 'HH:mm' : 'd MMMM yyyy, HH:mm');
  };
}

function boundsOf({ minusMs, plusMs }: Moment): string {
  return `-${minusMs / 1000} s +${plusMs / 1000} s`;
}

function toTable(header: readonly string[], timeline: Draft['analysis']['timeline'], rows: readonly (readonly string[])[]): string {
  const lines = rows.map(([time = '', , , what = ''], index) => [time, timeline[index]?.belongs.service ?? '', what]);
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column]?.length ?? 0)));
  return [header, ...lines]
    .map((line) => `${line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell)).join('  ')}\n`)
    .join('');
}
