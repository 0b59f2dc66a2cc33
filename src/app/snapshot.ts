import type { Snapshot } from '../core/case.ts';
import { canonical, digest } from '../core/digest.ts';
import type { EvidenceId, Json } from '../core/evidence.ts';
import { epochMs, type Instant, instantAt } from '../core/time.ts';
import type { Pulled } from '../core/timeline/coverage.ts';
import type { Gathered } from './gather.ts';
import { ALL_TIME, askedIncidents, caseOf, type PlanCase } from './plan-case.ts';
import type { Ask, Settings, Sources } from './ports.ts';
import type { Answered } from './pull.ts';
import { windowId } from './select.ts';

/** What a snapshot is made of besides what was gathered. */
export interface SnapshotInput {
  readonly settings: Settings;
  readonly authors: readonly string[] | undefined;
  readonly asOf: Instant | undefined;
  readonly takenAt: Instant;
  readonly engine: string;
  readonly lastEdit: number;
}

/**
 * The identity of a draft: a digest of what it was made from and of what it was made by. `takenAt` and the times of reading
 * stay out. What tells two cases with the same evidence apart (several incidents, a window's service, a bundle) is in it
 * only where it is there, so that the draft of one incident has the id that the design states.
 */
export function draftIdOf(snapshot: Snapshot): string {
  const { evidence, coverage, lastEdit, asOf, engine, policy, services, people, draft, normalizers, incidents, asked, subject, origin } =
    snapshot;
  return digest(
    toJson({
      evidence: digest([...evidence].sort()),
      coverage,
      lastEdit,
      asOf,
      engine,
      policy,
      services,
      people,
      draft,
      normalizers,
      ...(incidents.length > 1 && { incidents }),
      asked,
      subject,
      origin,
    }),
  );
}

/** What drafts have in common that differ in nothing but their edits and authors: all that is generated of them is the same. */
export function readingOf(snapshot: Snapshot): string {
  return draftIdOf({ ...snapshot, lastEdit: 0, draft: { ...snapshot.draft, authors: [] } });
}

/** The value as JSON says it: members that are undefined are not there. */
export function toJson(value: object): Json {
  const json: Json = JSON.parse(JSON.stringify(value));
  return json;
}

/** Pins what was gathered. Throws RangeError where the plan knows no case: the caller has refused that before. */
export function takeSnapshot(gathered: Gathered, sources: Sources, input: SnapshotInput): Snapshot {
  const theCase = caseOf(gathered.state);
  if (!theCase) throw new RangeError('a snapshot needs a case');
  const { settings, takenAt, engine, lastEdit, authors } = input;
  const asOf = input.asOf ?? (theCase.closed ? undefined : openAsOf(takenAt, theCase));
  const { select } = gathered.state;
  const asked = askedIncidents(gathered.state);
  const joined = theCase.incidents.filter((key) => !asked.includes(key));
  return {
    incidents: incidentsOf(gathered, theCase),
    ...(joined.length > 0 && { joined }),
    windows: theCase.windows,
    ...(select.kind === 'window' && { asked: select.window }),
    ...(select.kind === 'window' && select.service !== undefined && { subject: [select.service] }),
    evidence: newestVersions(gathered.answers),
    coverage: coverageLines(gathered, theCase, sources),
    lastEdit,
    ...(asOf !== undefined && { asOf }),
    takenAt,
    engine,
    policy: settings.policy,
    services: gathered.services,
    people: settings.people,
    draft: authors ? { ...settings.draft, authors } : settings.draft,
    normalizers: normalizersOf(gathered.answers, sources),
  };
}

/** The minute in which an open incident is drafted, so that two drafts of one minute are one; never before it began. */
function openAsOf(takenAt: Instant, { began }: PlanCase): Instant {
  const minute = instantAt(Math.floor(epochMs(takenAt) / 60_000) * 60_000);
  return minute > began ? minute : takenAt;
}

function incidentsOf({ state }: Gathered, { incidents }: PlanCase): Snapshot['incidents'] {
  const [first, ...others] = incidents;
  if (first !== undefined) return [first, ...others];
  const { select } = state;
  return [select.kind === 'window' ? windowId(select.window, select.service) : select.keys[0]];
}

/** Of each object the version that was read last, sorted by id. */
function newestVersions(answers: readonly Answered[]): readonly EvidenceId[] {
  const newest = new Map(answers.flatMap(({ evidence }) => evidence).map(({ object, id }) => [object, id]));
  return [...newest.values()].toSorted();
}

function normalizersOf(answers: readonly Answered[], sources: Sources): Readonly<Record<string, string>> {
  const names = [...new Set(answers.map(({ ask }) => ask.source))].toSorted();
  return Object.fromEntries(
    names.flatMap((name) => {
      const connector = sources.connectorOf(name);
      return connector ? [[name, connector.normalizer]] : [];
    }),
  );
}

/** One line for each question, the plan's own gaps, and what a vendor without a source would add; sorted, without repeats. */
function coverageLines(gathered: Gathered, theCase: PlanCase, sources: Sources): readonly Pulled[] {
  const window = theCase.windows.incident;
  const asked = widest(gathered.answers).map(({ pulled }) => (pulled.window.from === ALL_TIME.from ? { ...pulled, window } : pulled));
  const planned = gathered.gaps.map(({ source, stream, gap }): Pulled => {
    const need = sources.connectorOf(source)?.streams.find(({ spec }) => spec.id === stream)?.spec.need ?? 'extra';
    return { source, stream, need, window: gap.window, status: 'partial', gaps: [gap] };
  });
  const lines = [...asked, ...nestedLines(gathered, theCase, sources), ...planned, ...notAsked(gathered, theCase, sources)];
  const distinct = new Map(lines.map((line) => [canonical(toJson(line)), line]));
  return [...distinct].toSorted(([a], [b]) => (lineKey(a, distinct) < lineKey(b, distinct) ? -1 : 1)).map(([, line]) => line);
}

/** Without the lists that were asked for once more from an earlier time on: what the wider one gave says how far it was read. */
function widest(answers: readonly Answered[]): readonly Answered[] {
  const place = ({ source, stream, scope }: Ask) => `${source} ${stream} ${canonical(scope)}`;
  const lists = Map.groupBy(
    answers.filter(({ ask }) => ask.keys.length === 0),
    ({ ask }) => place(ask),
  );
  return answers.filter(
    ({ ask }) => ask.keys.length > 0 || !lists.get(place(ask))?.some((other) => other.ask.window.from < ask.window.from),
  );
}

/** A line for each stream that was not asked by itself, since another's answer held its records: as needed as if it had been. */
function nestedLines({ answers }: Gathered, { windows }: PlanCase, sources: Sources): readonly Pulled[] {
  const lineOf = (source: string, stream: string) => `${source}/${stream}`;
  const asked = new Set(answers.map(({ ask }) => lineOf(ask.source, ask.stream)));
  const nested = answers.flatMap(({ read }) => read).filter(({ source, stream }) => !asked.has(lineOf(source, stream)));
  const lines = new Map(nested.map(({ source, stream }) => [lineOf(source, stream), { source, stream }]));
  return [...lines.values()].map(({ source, stream }): Pulled => {
    const need = sources.connectorOf(source)?.streams.find(({ spec }) => spec.id === stream)?.spec.need ?? 'extra';
    return { source, stream, need, window: windows.changes, status: 'complete', gaps: [] };
  });
}

function lineKey(text: string, lines: ReadonlyMap<string, Pulled>): string {
  const line = lines.get(text);
  return `${line?.source}/${line?.stream} ${text}`;
}

function notAsked({ unfollowed }: Gathered, { windows }: PlanCase, sources: Sources): readonly Pulled[] {
  const used = new Set(sources.names.map((name) => sources.connectorOf(name)?.id));
  const why = unfollowed[0] && `; the alarm that the page names could not be followed: ${unfollowed[0].why}`;
  return sources.connectors.flatMap(({ id, adds, streams }): readonly Pulled[] => {
    const stream = streams[0]?.spec.id;
    if (used.has(id) || !adds || stream === undefined) return [];
    const named = why !== undefined && streams.some(({ spec }) => spec.id === 'alarms') ? why : '';
    const hint = `no ${adds.vendor} source is configured: ${adds.what} would come from it${named}`;
    return [{ source: id, stream, need: 'extra', window: windows.incident, status: 'not_asked', gaps: [], hint }];
  });
}

/** A needed stream has a gap: the draft is partial, and says where. */
export function isPartial({ coverage }: Pick<Snapshot, 'coverage'>): boolean {
  return coverage.some(({ need, gaps }) => need === 'needed' && gaps.length > 0);
}

/** Whether two lists of services, as pinned and as configured, say the same. */
export function sameConfig(a: unknown, b: unknown): boolean {
  return canonical(toJson({ value: a })) === canonical(toJson({ value: b }));
}
