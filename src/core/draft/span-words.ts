import { between, type Instant, type Moment } from '../time.ts';
import { isText, shapeOfText } from '../timeline/chatter.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { alarmOf } from '../timeline/spans.ts';
import { formatLength } from './durations.ts';
import { nameOf } from './material.ts';
import { countOf, listOf, numberOf, oneLine, quoteOf, timesOf } from './words.ts';

type SpanEntry = Extract<TimelineEntry, { readonly kind: 'span' }>;

/** Names that a row of many alarms carries; the JSON has all. */
const NAMED = 4;

/** Longest last words of a row of many texts: its first stand there whole. */
const LAST_QUOTED = 200;

/** The words of a row that stands for many; `sentence` is that of its first, and `stamp` prints a time in it. */
export function wordSpan(entry: SpanEntry, sentence: string, stamp: (at: Instant) => string): string {
  const storm = stormOf(entry);
  if (storm !== undefined) return storm;
  const said = chatterOf(entry, stamp);
  if (said !== undefined) return `${sentence} ${said}`;
  const times = entry.members.filter(({ type }) => type === entry.event.type).length;
  return `${sentence} This happened ${timesOf(times)} until ${stamp(lastOf(entry).at)}.`;
}

/** Many texts in one row: how many more, until when, and the last. Nothing where all say the same, or the row is of no texts. */
function chatterOf({ members, until }: SpanEntry, stamp: (at: Instant) => string): string | undefined {
  const texts = members.filter(isText);
  const last = texts.at(-1)?.attributes.text;
  if (last === undefined || texts.every(({ attributes }) => oneLine(attributes.text) === oneLine(last))) return undefined;
  const isAlike = new Set(texts.map(({ attributes }) => shapeOfText(attributes.text))).size === 1;
  const what = isAlike ? 'like it' : texts[0]?.actor === undefined ? 'of the same source' : 'by the same author';
  return `${numberOf(texts.length - 1)} more ${what} came until ${stamp(until.at)}, the last: ${quoteOf(last, LAST_QUOTED)}`;
}

/** When the last of a row was over: by the monitor where it saw an alarm end, since a pager closes its copy later. */
function lastOf({ members, until }: SpanEntry): Moment {
  const seen = members.filter(({ type, timeMeaning }) => type !== 'alert.resolved' || timeMeaning !== 'recorded');
  return seen.some(({ type }) => type === 'alert.resolved') ? (seen.at(-1)?.time ?? until) : until;
}

/** Many alarms in one row: how many, how quickly, and the first by name. Nothing where the row is of one alarm. */
function stormOf({ event, until, members }: SpanEntry): string | undefined {
  const own = members.filter((member) => member.type === event.type);
  const alarms = new Set(own.map(alarmOf)).size;
  if ((event.type !== 'alert.fired' && event.type !== 'alert.resolved') || alarms < 2) return undefined;
  const names = [...new Set(own.flatMap(({ attributes }) => ('alert.rule' in attributes ? [nameOf(attributes['alert.rule'])] : [])))];
  const more = alarms - Math.min(NAMED, names.length);
  const list = listOf([...names.slice(0, NAMED), ...(more > 0 ? [`${numberOf(more)} more`] : [])]);
  const lastMs = between(event.time, until).ms;
  const within = lastMs < 1_000 ? 'at once' : `within ${formatLength(lastMs)}`;
  const verb = event.type === 'alert.fired' ? 'fired' : 'were OK again';
  return `${countOf(alarms, 'alarm')} ${verb}${own.length > alarms ? ` ${timesOf(own.length)} in all` : ''} ${within}: ${list}.`;
}
