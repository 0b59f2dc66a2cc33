import type { EventOf, TimelineEvent } from '../events.ts';
import { between, epochMs } from '../time.ts';
import type { Sighting } from './join.ts';
import { laneOf } from './order.ts';

type Run = readonly Sighting[];

/** So many texts that differ in their figures at most, each so soon after the one before, are one row. */
const ALIKE = 5;
const ALIKE_MS = 20 * 60_000;

/** So many texts of one author in a row, each so soon after the one before that nobody typed them, are one row. */
const BURST = 10;
const BURST_MS = 5_000;

/** What somebody wrote, or some machine. */
export function isText(event: TimelineEvent): event is EventOf<'note.added' | 'message.posted'> {
  return event.type === 'note.added' || event.type === 'message.posted';
}

/**
 * The runs among texts in the timeline's order: of one author in one stream, those that say the same but for figures, whatever was said
 * between them; and of the others, those that followed one another within seconds with nothing of the stream between. A scribe's notes
 * stay rows of their own: a time that is written to the minute is never within seconds of another.
 */
export function findChatter(texts: readonly Sighting[]): readonly Run[] {
  const alike = [...Map.groupBy(texts, authorOf).values()].flatMap((own) =>
    own.length < ALIKE ? [] : [...Map.groupBy(own, shapeOf).values()].flatMap(repeatsOf),
  );
  const taken = new Set(alike.flat());
  const streams = Map.groupBy(
    texts.filter((sighting) => !taken.has(sighting)),
    ({ event }) => laneOf(event),
  );
  return [...alike, ...[...streams.values()].flatMap(burstsOf)];
}

function repeatsOf(own: Run): readonly Run[] {
  if (own.length < ALIKE) return [];
  return runsOf(own, (before, next) => epochMs(next.event.time.at) - epochMs(before.event.time.at) <= ALIKE_MS, ALIKE);
}

function burstsOf(stream: Run): readonly Run[] {
  if (stream.length < BURST) return [];
  const isBurst = (before: Sighting, next: Sighting) =>
    between(before.event.time, next.event.time).maxMs <= BURST_MS && authorOf(before) === authorOf(next);
  return runsOf(stream, isBurst, BURST);
}

/** The runs of at least so many of which each goes on from the one before. */
function runsOf(texts: Run, isNext: (before: Sighting, next: Sighting) => boolean, least: number): readonly Run[] {
  const runs: Sighting[][] = [];
  let before: Sighting | undefined;
  for (const sighting of texts) {
    if (before && isNext(before, sighting)) runs.at(-1)?.push(sighting);
    else runs.push([sighting]);
    before = sighting;
  }
  return runs.filter(({ length }) => length >= least);
}

/** Who said it where, of what: two authors, channels, incidents or services never share a row. */
function authorOf({ event }: Sighting): string {
  const { type, actor, belongsTo, correlationKeys } = event;
  return [type, laneOf(event), actor?.id ?? actor?.name ?? '', ...belongsTo, '', ...correlationKeys].join('\n');
}

function shapeOf({ event }: Sighting): string {
  return isText(event) ? shapeOfText(event.attributes.text) : '';
}

/** The words without what has a figure in it: a number, a host, a hash. */
export function shapeOfText(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/\S*\d\S*/g, '#')
    .replaceAll(/\s+/g, ' ');
}
