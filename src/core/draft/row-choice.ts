import { epochMs } from '../time.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import { citeEntry, joinCites, say } from './cite.ts';
import type { Edit } from './edits.ts';
import { eventsOf, type Material } from './material.ts';
import type { Block } from './model.ts';
import { countOf, listOf, numberOf } from './words.ts';

/** What a reader is shown of many entries, and what is left to the JSON, both in the timeline's order. */
export interface Choice<Entry extends TimelineEntry> {
  readonly shown: readonly Entry[];
  readonly left: readonly Entry[];
}

/** The blocks that people touched, and those below which they put words: what was edited stays in the document. */
export function touchedBy(edits: readonly Edit[]): ReadonlySet<string> {
  return new Set(edits.flatMap((edit) => (edit.kind === 'insert' ? [edit.block, edit.below] : [edit.block])));
}

/**
 * At most `limit` of the entries, and beyond it only those that a milestone rests on or that `isKept` names. The room is shared out evenly
 * among what each stream tells of each type, so that what comes seldom is shown whole, however much there is of something else. Of what
 * does not fit, the entries nearest to a milestone are shown: there a reader asks what was known and said.
 */
export function chooseEntries<Entry extends TimelineEntry>(
  entries: readonly Entry[],
  material: Material,
  limit: number,
  isKept: (entry: Entry) => boolean,
): Choice<Entry> {
  if (entries.length <= limit) return { shown: entries, left: [] };
  const { cited, times } = milestonesOf(material);
  const chosen = new Set(entries.filter((entry) => isKept(entry) || eventsOf(entry).some(({ id }) => cited.has(id))));
  const kinds = Map.groupBy(
    entries.filter((entry) => !chosen.has(entry)),
    kindOf,
  );
  let room = Math.max(0, limit - chosen.size);
  let waiting = kinds.size;
  for (const kind of [...kinds.values()].toSorted((a, b) => a.length - b.length)) {
    const share = Math.min(kind.length, Math.floor(room / waiting));
    for (const entry of nearestOf(kind, times).slice(0, share)) chosen.add(entry);
    room -= share;
    waiting -= 1;
  }
  return { shown: entries.filter((entry) => chosen.has(entry)), left: entries.filter((entry) => !chosen.has(entry)) };
}

function milestonesOf({ analysis, theCase }: Material): { readonly cited: ReadonlySet<string>; readonly times: readonly number[] } {
  const known = Object.values(analysis.milestones).filter((milestone) => milestone.known);
  const times = known.map(({ time }) => epochMs(time.at));
  return {
    cited: new Set(known.flatMap(({ cites }) => cites)),
    times: times.length > 0 ? times : [epochMs(theCase.windows.incident.from)],
  };
}

function kindOf({ event: { type, provenance } }: TimelineEntry): string {
  return 'rule' in provenance ? type : `${type} ${provenance.source}/${provenance.stream}`;
}

/** By their distance from the nearest of the times; those equally near in their own order. */
function nearestOf<Entry extends TimelineEntry>(entries: readonly Entry[], times: readonly number[]): readonly Entry[] {
  const distances = new Map(entries.map((entry) => [entry, Math.min(...times.map((time) => distanceMs(entry, time)))]));
  return entries.toSorted((a, b) => (distances.get(a) ?? 0) - (distances.get(b) ?? 0));
}

/** None while a span lasts. */
function distanceMs(entry: TimelineEntry, time: number): number {
  const from = epochMs(entry.event.time.at);
  const to = entry.kind === 'span' ? epochMs(entry.until.at) : from;
  return Math.max(0, from - time, time - to);
}

/** What rows are of, by what their type begins with. */
const SUBJECTS: Readonly<Record<string, string>> = {
  alert: 'alarm',
  config: 'setting',
  deployment: 'deployment',
  event: 'statement',
  flag: 'flag',
  message: 'message',
  metric: 'metric',
  note: 'note',
  status: 'status update',
};

const OTHER = 'happening';

/** Kinds that one sentence names. */
const NAMED = 3;

/** Says before what is shown that it is not all, of what more there is, and where that stands. Nothing where nothing is left. */
export function leftLine(
  key: string,
  { shown, left }: Choice<TimelineEntry>,
  { place, one }: { readonly place: string; readonly one: string },
): readonly Block[] {
  const [first] = left;
  const last = left.at(-1);
  if (!first || !last) return [];
  const text = [
    `${place} holds ${numberOf(shown.length)} of ${countOf(shown.length + left.length, one)}; left out are ${listOf(subjectsOf(left))}.`,
    'Of what came most often it holds what lies nearest to a milestone.',
    'The JSON and the command hindcast timeline hold all.',
  ];
  return [{ kind: 'caveat', key, what: say(text.join(' '), joinCites(citeEntry(first), citeEntry(last))) }];
}

/** `4,900 messages`, `17 deployments`: what most is left of first. */
function subjectsOf(left: readonly TimelineEntry[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const entry of left) {
    const subject = SUBJECTS[entry.event.type.split('.')[0] ?? ''] ?? OTHER;
    counts.set(subject, (counts.get(subject) ?? 0) + happeningsIn(entry));
  }
  const sorted = [...counts].filter(([subject]) => subject !== OTHER).toSorted(([, a], [, b]) => b - a);
  const others = sorted.slice(NAMED).reduce((sum, [, count]) => sum + count, counts.get(OTHER) ?? 0);
  const named = sorted.slice(0, NAMED).map(([subject, count]) => countOf(count, subject));
  return others > 0 ? [...named, countOf(others, named.length > 0 ? 'other happening' : OTHER)] : named;
}

/** What a row stands for: an alarm that flapped ended as often as it fired, and is counted by its firings. */
function happeningsIn(entry: TimelineEntry): number {
  return entry.kind === 'span' ? entry.members.filter(({ type }) => type === entry.event.type).length : 1;
}
