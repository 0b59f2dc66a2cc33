import type { Analysis } from '../analysis/analyze.ts';
import type { Change } from '../analysis/changes.ts';
import { quietWindow } from '../analysis/joined.ts';
import { steadyRefs } from '../analysis/refs.ts';
import type { Case } from '../case.ts';
import type { EventId, EventOf, TimelineEvent } from '../events.ts';
import type { Fact } from '../facts.ts';
import type { Instant, Window } from '../time.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import type { Draft, IncidentHeader } from './model.ts';
import { cutOf, listOf } from './words.ts';

/** The facts of one kind. */
export type FactOf<Kind extends Fact['kind']> = Extract<Fact, { readonly kind: Kind }>;

/** A step of a deployment. */
export type DeploymentEvent = EventOf<'deployment.started' | 'deployment.succeeded' | 'deployment.failed'>;

/** What every section is made of: the case and its analysis, with the look-ups that they share. */
export interface Material {
  readonly theCase: Case;
  readonly analysis: Analysis;
  /** The record of the incident that was asked for; absent for a window that never paged. */
  readonly incident?: FactOf<'incident'>;
  /** The window that was asked for, where no incident is in it. */
  readonly quiet?: Window;
  /** The services that the incident is about, as a sentence names them. */
  readonly service: string;
  /** The day of the incident, `YYYY-MM-DD`: times of this day are printed without it. */
  readonly day: string;
  /** Entries of the incident's own services inside the window of changes, in the timeline's order. */
  readonly ours: readonly TimelineEntry[];
  readonly facts: readonly Fact[];
  readonly events: ReadonlyMap<EventId, TimelineEvent>;
  readonly changes: ReadonlyMap<string, Change>;
  readonly changeOf: (event: TimelineEvent) => Change | undefined;
  /** The events that name an incident, by its key. */
  readonly courseOf: (incident: string) => readonly TimelineEvent[];
  /** The first row that tells of an incident's trigger, by the incident's own id. */
  readonly firstTriggerOf: (id: string) => TimelineEvent | undefined;
  /** Whether an alarm, by its key, is known to have fired before that time. */
  readonly hadFired: (alarm: string, before: Instant) => boolean;
  /** The role, or by policy the name, of a person's id; nothing where no event carries one. */
  readonly whoIs: (id: string | undefined) => string | undefined;
  /** How people call a revision: its tag, else its first seven digits. */
  readonly revisionName: (revision: string) => string;
}

/** What the sentence of one event is made of: what the whole draft rests on, or what a finished draft still holds. */
export type Voice = Pick<
  Material,
  'analysis' | 'facts' | 'day' | 'events' | 'changeOf' | 'courseOf' | 'firstTriggerOf' | 'hadFired' | 'whoIs' | 'revisionName'
> & {
  readonly theCase: Pick<Case, 'incidents' | 'subject'>;
  /** How a time inside a sentence is printed, where not in UTC: a table in another zone must not mix the two. */
  readonly stamp?: (at: Instant) => string;
};

/** The voice for entries that a finished draft gave no row: it holds no facts, so an incident of others is called by its id. */
export function voiceOf({ analysis, case: header }: Pick<Draft, 'analysis' | 'case'>): Voice {
  const events = new Map(analysis.timeline.flatMap(eventsOf).map((event) => [event.id, event]));
  const keys = [...events.values()].flatMap(({ correlationKeys }) => correlationKeys);
  const keyOf = ({ id }: IncidentHeader) => keys.find((key) => key.endsWith(`/incident:${id}`)) ?? id;
  const [first, ...others] = header.incidents;
  return {
    analysis,
    facts: [],
    events,
    theCase: { incidents: [keyOf(first), ...others.map(keyOf)], subject: header.services },
    day: dayOfIncident(header, analysis, undefined),
    changeOf: changesByEvent(analysis.changes, events),
    courseOf: coursesIn(events),
    firstTriggerOf: triggersIn(analysis),
    hadFired: firingsIn(events),
    whoIs: people([...events.values()]),
    revisionName: revisions([...events.values()]),
  };
}

/** Gathers it once. Facts are sorted by key, so that the order in which evidence came cannot matter. */
export function gather(theCase: Case, analysis: Analysis): Material {
  const facts = theCase.facts.toSorted((a, b) => compare(a.key, b.key) || compare(a.kind, b.kind) || compare(a.evidence, b.evidence));
  const incident = facts.find((fact): fact is FactOf<'incident'> => fact.kind === 'incident' && fact.key === theCase.incidents[0]);
  const events = new Map(analysis.timeline.flatMap(eventsOf).map((event) => [event.id, event]));
  const { from, to } = theCase.windows.changes;
  const quiet = quietWindow(theCase);
  const isTold = quiet ? toldInQuiet(quiet, analysis) : () => true;
  return {
    theCase,
    analysis,
    ...(incident && { incident }),
    ...(quiet && { quiet }),
    service: listOf(theCase.subject.map(nameOf)) || 'the service',
    day: dayOfIncident(theCase, analysis, incident),
    ours: analysis.timeline.filter(({ event, belongs }) => {
      return theCase.subject.includes(belongs.service) && event.time.at >= from && event.time.at < to && isTold(event);
    }),
    facts,
    events,
    changes: new Map(analysis.changes.map((change) => [change.key, change])),
    changeOf: changesByEvent(analysis.changes, events),
    courseOf: coursesIn(events),
    firstTriggerOf: triggersIn(analysis),
    hadFired: firingsIn(events),
    whoIs: people([...events.values()]),
    revisionName: revisions([...events.values()]),
  };
}

/** The events that name each incident. Read once, when first asked: every incident of a busy account is asked for. */
export function coursesIn(events: ReadonlyMap<EventId, TimelineEvent>): Material['courseOf'] {
  let courses: Map<string, TimelineEvent[]> | undefined;
  const read = () => {
    const found = new Map<string, TimelineEvent[]>();
    for (const event of events.values()) {
      for (const key of new Set(event.correlationKeys)) {
        const course = found.get(key);
        if (course) course.push(event);
        else if (key.includes('/incident:')) found.set(key, [event]);
      }
    }
    return found;
  };
  return (incident) => {
    courses ??= read();
    return courses.get(incident) ?? [];
  };
}

function triggersIn({ timeline }: Pick<Analysis, 'timeline'>): Material['firstTriggerOf'] {
  let triggers: Map<string, TimelineEvent> | undefined;
  const read = () => {
    const found = new Map<string, TimelineEvent>();
    for (const { event } of timeline) {
      if (event.type !== 'incident.triggered') continue;
      const id = event.attributes['incident.id'];
      if (!found.has(id)) found.set(id, event);
    }
    return found;
  };
  return (id) => {
    triggers ??= read();
    return triggers.get(id);
  };
}

function firingsIn(events: ReadonlyMap<EventId, TimelineEvent>): Material['hadFired'] {
  let firsts: Map<string, Instant> | undefined;
  const read = () => {
    const found = new Map<string, Instant>();
    for (const { type, time, correlationKeys } of events.values()) {
      if (type !== 'alert.fired') continue;
      for (const key of correlationKeys) if (time.at < (found.get(key) ?? '~')) found.set(key, time.at);
    }
    return found;
  };
  return (alarm, before) => {
    firsts ??= read();
    const first = firsts.get(alarm);
    return first !== undefined && first < before;
  };
}

/** All events of one entry, its own first. */
export function eventsOf(entry: TimelineEntry): readonly TimelineEvent[] {
  return [entry.event, ...(entry.kind === 'span' ? entry.members : []), ...entry.corroboratedBy];
}

/** The facts of one kind, in their order. */
export function factsOf<Kind extends Fact['kind']>({ facts }: Pick<Material, 'facts'>, kind: Kind): readonly FactOf<Kind>[] {
  return facts.filter((fact): fact is FactOf<Kind> => fact.kind === kind);
}

/** A vendor's name for something (an alarm, an environment), on one line and never endless. */
export function nameOf(text: string): string {
  return cutOf(text.replaceAll(/\s+/g, ' ').trim(), 120);
}

/** Whether an event is a step of a deployment. */
export function isDeployment(event: TimelineEvent): event is DeploymentEvent {
  return event.type === 'deployment.started' || event.type === 'deployment.succeeded' || event.type === 'deployment.failed';
}

/** The commits that an event names, by its correlation keys and its own revision. */
export function shasOf(event: TimelineEvent): readonly string[] {
  const keys = event.correlationKeys.filter((key) => key.startsWith('sha:')).map((key) => key.slice('sha:'.length));
  const own = isDeployment(event) ? event.attributes['vcs.ref.head.revision'] : undefined;
  return [...new Set([...(own === undefined ? [] : [own]), ...keys])];
}

/** Orders texts by their code units: the same on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function dayOfIncident(
  { asked, windows }: Pick<Case, 'asked' | 'windows'>,
  { milestones }: Analysis,
  incident: FactOf<'incident'> | undefined,
): string {
  const { impact_started: impact, detected, paged } = milestones;
  const first = [impact, detected, paged].find((milestone) => milestone.known);
  return (first?.known ? first.time.at : (incident?.triggeredAt ?? (asked ?? windows.incident).from)).slice(0, 10);
}

/** Of a window with no incident: what lies in it, to the end of an impact that outlasts it, and what changes and milestones rest on. */
function toldInQuiet({ from, to }: Window, { milestones, changes }: Analysis): (event: TimelineEvent) => boolean {
  const known = Object.values(milestones).filter((milestone) => milestone.known);
  const rested = new Set<string>([
    ...known.flatMap(({ cites }) => cites),
    ...changes.flatMap(({ cites }) => cites.flatMap((cite) => ('event' in cite ? [cite.event] : []))),
  ]);
  const last = milestones.recovered.known && milestones.recovered.time.at > to ? milestones.recovered.time.at : to;
  return ({ id, time }) => (time.at >= from && time.at < last) || (rested.has(id) && time.at < last);
}

/** A change is found by an event that it cites, or by another event of the same deployment. */
function changesByEvent(changes: readonly Change[], events: ReadonlyMap<EventId, TimelineEvent>): Material['changeOf'] {
  const byEvent = new Map<string, Change>();
  const byDeployment = new Map<string, Change>();
  for (const change of changes) {
    for (const cite of change.cites) {
      if (!('event' in cite)) continue;
      byEvent.set(cite.event, change);
      const event = events.get(cite.event);
      if (event && isDeployment(event)) byDeployment.set(deploymentKey(event), change);
    }
  }
  return (event) => byEvent.get(event.id) ?? (isDeployment(event) ? byDeployment.get(deploymentKey(event)) : undefined);
}

function deploymentKey({ attributes, provenance }: DeploymentEvent): string {
  return `${provenance.source} ${attributes['deployment.id']}`;
}

function people(events: readonly TimelineEvent[]): Material['whoIs'] {
  const names = new Map(events.flatMap(({ actor }) => (actor?.id && actor.name ? [[actor.id, nameOf(actor.name)]] : [])));
  return (id) => (id === undefined ? undefined : names.get(id));
}

const SHA = /^[0-9a-f]{40}$/;

/** A release's tag before the ref of a deployment; of a ref that moves, as a branch does, the commit with the ref beside it. */
function revisions(events: readonly TimelineEvent[]): Material['revisionName'] {
  const releases = events.filter((event) => event.type === 'release.published');
  const tags = releases.flatMap((event) => shasOf(event).map((revision) => ({ name: event.attributes['release.tag'], revision })));
  const refs = events.filter(isDeployment).flatMap((event) => {
    const name = event.attributes['vcs.ref.head.name'];
    return name === undefined || SHA.test(name) ? [] : shasOf(event).map((revision) => ({ name, revision }));
  });
  const steady = steadyRefs(refs);
  const names = new Map<string, string>();
  for (const { name, revision } of [...tags, ...refs.filter((ref) => steady.has(ref.name)), ...refs]) {
    if (names.has(revision) || SHA.test(name)) continue;
    const isSteady = steady.has(name) || tags.some((tag) => tag.name === name);
    names.set(revision, isSteady || !SHA.test(revision) ? nameOf(name) : `${revision.slice(0, 7)} (${nameOf(name)})`);
  }
  return (revision) => names.get(revision) ?? (SHA.test(revision) ? revision.slice(0, 7) : nameOf(revision));
}
