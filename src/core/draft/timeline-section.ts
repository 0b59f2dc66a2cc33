import type { EventOf, EventType, TimelineEvent } from '../events.ts';
import { rowKeyOf, type TimelineEntry } from '../timeline/entry.ts';
import { citeEntry, joinCites, say } from './cite.ts';
import { foreignEntries, foreignLine, withOwner } from './foreign-rows.ts';
import { isDeployment, type Material } from './material.ts';
import type { Block, Section } from './model.ts';
import { holesOf } from './reading.ts';
import { chooseEntries, leftLine } from './row-choice.ts';
import { sentenceOf } from './sentences.ts';
import { countOf, listOf, rowTimeOf } from './words.ts';

/** What is left out of the table but counted under it, as one and as many. Types that are not here have a row. */
const COUNTED: Readonly<Partial<Record<EventType, readonly [one: string, many: string]>>> = {
  'incident.reassigned': ['assignment', 'assignments'],
  'responder.requested': ['request for a responder', 'requests for responders'],
  'responder.notified': ['notification', 'notifications'],
  'responder.joined': ['responder who joined', 'responders who joined'],
  'alert.suppressed': ['suppressed alarm', 'suppressed alarms'],
  'suspect.judged': ['judgment of a suspect', 'judgments of suspects'],
  'change.merged': ['merged pull request', 'merged pull requests'],
  'release.published': ['release', 'releases'],
};

/** Kinds of what is left out that one sentence names: more of them are too long to read in one breath. */
const TOLD = 4;

/** What a pager says of an alarm that was over already. */
const REPEATED = ['repeated end of an alarm', 'repeated ends of alarms'] as const;

/** Rows that a reader gets through. Real timelines have a dozen or two; of more the JSON holds the rest. */
const MOST_ROWS = 100;

/**
 * The table: the incident's own services, in time order, one row for one happening. Of very many those that matter most, and every row
 * that people `touched`.
 */
export function timelineSection(material: Material, touched: ReadonlySet<string>): Section {
  const foreign = new Set(foreignEntries(material).filter((entry) => hasRow(entry, material)));
  const own = new Set(material.ours.filter((entry) => hasRow(entry, material)));
  const rows = foreign.size === 0 ? [...own] : material.analysis.timeline.filter((entry) => own.has(entry) || foreign.has(entry));
  const choice = chooseEntries(rows, material, MOST_ROWS, (entry) => touched.has(rowKeyOf(entry)));
  return {
    key: 'timeline',
    heading: 'Timeline',
    blocks: [
      ...leftLine('timeline.shortened', choice, { place: 'This table', one: 'row' }),
      ...choice.shown.map((entry) => toRow(entry, material)),
      ...foreignLine([...foreign], material),
      ...leftOut(material, rows),
      ...holes(material),
    ],
  };
}

/** Whether an entry is a row of the table. A deployment has one, at its end, unless it is a reversal or never ended. */
export function hasRow({ event }: TimelineEntry, material: Material): boolean {
  if (event.type === 'alert.resolved') return !isRepeated(event, material);
  if (event.type !== 'deployment.started') return COUNTED[event.type] === undefined;
  const change = material.changeOf(event);
  if (!change) return !hasEnd(event.attributes['deployment.id'], material);
  return change.reverses !== undefined || change.ended === undefined;
}

/** A pager closes its copy of an alarm with the incident: of an alarm that was over already that is no news. */
function isRepeated(event: EventOf<'alert.resolved'>, { ours }: Material): boolean {
  const keys = new Set(event.correlationKeys.filter((key) => key.startsWith('alarm:')));
  const isSame = (other: TimelineEvent) =>
    (other.type === 'alert.fired' || other.type === 'alert.resolved') &&
    (other.correlationKeys.some((key) => keys.has(key)) ||
      (keys.size === 0 && other.attributes['alert.rule'] === event.attributes['alert.rule']));
  const place = ours.findIndex((entry) => entry.event.id === event.id);
  for (const entry of ours.slice(0, place).toReversed()) {
    const last = entry.kind === 'span' ? entry.members.findLast(isSame) : [entry.event].find(isSame);
    // A pager that closes its copy too early tells nothing of the alarm: that its monitor saw it end is the first word of it.
    if (last) return last.type === 'alert.resolved' && (event.timeMeaning === 'recorded' || last.timeMeaning !== 'recorded');
  }
  return false;
}

function hasEnd(deployment: string, { ours }: Material): boolean {
  return ours.some(
    ({ event }) => isDeployment(event) && event.type !== 'deployment.started' && event.attributes['deployment.id'] === deployment,
  );
}

function toRow(entry: TimelineEntry, material: Material): Block {
  const { event, corroboratedBy } = entry;
  const url = [event, ...corroboratedBy].find((told) => told.url !== undefined)?.url ?? urlBeside(entry, material);
  return {
    kind: 'row',
    key: rowKeyOf(entry),
    time: rowTimeOf(event.time, material.day),
    what: say(withOwner(sentenceOf(entry, material), entry), citeEntry(entry)),
    ...(url !== undefined && { url }),
  };
}

/** PagerDuty links no log entry and a metric has no page: the incident it stands in has one, or an alarm that shares its key. */
function urlBeside({ event }: TimelineEntry, { facts, analysis }: Material): string | undefined {
  const keys = new Set(event.correlationKeys);
  const fact = facts.find(({ kind, key }) => kind === 'incident' && keys.has(key));
  if (fact?.kind === 'incident' && fact.url !== undefined) return fact.url;
  const alarms = analysis.timeline.filter(({ event: other }) => other.type === 'alert.fired' && other.url !== undefined);
  return alarms.find(({ event: other }) => other.correlationKeys.some((key) => key.startsWith('alarm:') && keys.has(key)))?.event.url;
}

/** One line says what the table leaves out, so that no reader takes it for all. */
function leftOut({ ours, analysis, theCase }: Material, rows: readonly TimelineEntry[]): readonly Block[] {
  const shown = new Set(rows.map(({ event }) => event.id));
  // A release whose tag was rolled out is told by its deployment's row.
  const deployed = new Set(analysis.changes.flatMap(({ kind, ref }) => (kind === 'deployment' && ref !== undefined ? [ref] : [])));
  const isTold = ({ event }: TimelineEntry) => event.type === 'release.published' && deployed.has(event.attributes['release.tag']);
  const minor = ours.filter(({ event }) => !shown.has(event.id) && (COUNTED[event.type] ?? event.type === 'alert.resolved'));
  const counted = minor.filter((entry) => !isTold(entry));
  const { from, to } = theCase.windows.changes;
  const others = analysis.timeline.filter(({ event, belongs }) => {
    return !theCase.subject.includes(belongs.service) && !shown.has(event.id) && event.time.at >= from && event.time.at < to;
  });
  const [first, ...rest] = [...counted, ...others];
  if (!first) return [];
  const parts = Object.entries({ ...COUNTED, 'alert.resolved': REPEATED }).flatMap(([type, [one, many]]) => {
    const count = counted.filter(({ event }) => event.type === type).reduce((sum, entry) => sum + happenings(entry), 0);
    return count === 0 ? [] : [countOf(count, one, many)];
  });
  const foreign = others.length > 0 ? [`${countOf(others.length, 'entry', 'entries')} of other services`] : [];
  const all = parts.length > 0 ? [parts.slice(0, TOLD), [...parts.slice(TOLD), ...foreign]] : [foreign];
  const texts = all
    .filter((some) => some.length > 0)
    .map((some, at) => `${at === 0 ? 'The JSON also holds' : 'It holds'} ${listOf(some)}.`);
  const cites = joinCites(citeEntry(first), ...[...rest.slice(0, 1), ...others.slice(0, 1)].map(citeEntry));
  return [{ kind: 'caveat', key: 'timeline.left_out', what: say(texts.join(' '), cites) }];
}

function happenings(entry: TimelineEntry): number {
  return entry.kind === 'span' ? entry.members.length : 1;
}

/** A needed stream with a gap may hold rows that nobody could read. */
function holes(material: Material): readonly Block[] {
  const lines = [...holesOf(material, 'response'), ...holesOf(material, 'alarms'), ...holesOf(material, 'changes')];
  const [first, ...rest] = lines.map(({ source, stream }) => `${source}/${stream}`);
  if (first === undefined) return [];
  const cites = joinCites(
    [{ coverage: first }],
    rest.map((coverage) => ({ coverage })),
  );
  const names = listOf([...new Set([first, ...rest])]);
  return [
    { kind: 'caveat', key: 'timeline.gaps', what: say(`Rows may be missing: ${names} could not be read in full (see Coverage).`, cites) },
  ];
}
