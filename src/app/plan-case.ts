import type { Policy } from '../core/analysis/policy.ts';
import { closedBy, factsBy, isKnownBy } from '../core/as-of.ts';
import type { Service, Windows } from '../core/case.ts';
import type { RecordedEvent } from '../core/events.ts';
import type { Json } from '../core/evidence.ts';
import type { Fact } from '../core/facts.ts';
import { apartFromClosed, isMergedInto } from '../core/merges.ts';
import { ownerNameOf } from '../core/ownership.ts';
import { addMs, durationMs, type Instant, instantAt, type Window } from '../core/time.ts';
import type { Ask } from './ports.ts';

/** A source as the plan sees it: its name and the ids of its streams. What it is a source *of* stays unknown here. */
export interface PlanSource {
  readonly name: string;
  readonly streams: readonly string[];
}

/** A service with what it owns, by source: as that connector's own scope, and as claims. */
export interface PlanService extends Service {
  readonly scopes: Readonly<Record<string, Json>>;
}

/** What was read, without the bodies. */
export interface PlanRead {
  readonly source: string;
  readonly stream: string;
  readonly events: readonly RecordedEvent[];
  readonly facts: readonly Fact[];
}

/** The case that is asked for, by the keys of its incidents or as a window that never paged. */
export type PlanSelect =
  | { readonly kind: 'incident'; readonly keys: readonly [string, ...string[]] }
  | { readonly kind: 'window'; readonly window: Window; readonly service?: string };

/** All that the plan may know. Nothing in it depends on the order in which answers came. */
export interface PlanState {
  readonly select: PlanSelect;
  /** `asOf`, else the time of the pull: no window reaches beyond it. */
  readonly until: Instant;
  /** `until` was given: a draft as of then. */
  readonly isLookBack?: boolean;
  /** In place of the incident window that the record and the policy give. */
  readonly window?: Window;
  /** False: neither past nor related incidents are asked for. */
  readonly related: boolean;
  readonly policy: Policy;
  readonly services: readonly PlanService[];
  readonly sources: readonly PlanSource[];
  /** By alarm ARN, the source that covers its account and region. */
  readonly alarmSources: Readonly<Record<string, string>>;
  readonly asked: readonly Ask[];
  readonly read: readonly PlanRead[];
}

/** An incident, as its record tells it. */
export type IncidentFact = Extract<Fact, { readonly kind: 'incident' }>;

/** What the plan knows of the case once the incidents' own records are read. */
export interface PlanCase {
  /** Keys of the incidents, first the one asked for; empty for a window with none inside. */
  readonly incidents: readonly string[];
  /** The first trigger, or the start of the window that was asked for. */
  readonly began: Instant;
  readonly windows: Windows;
  readonly subject: readonly string[];
  /** No incident of the case was open at `until`. */
  readonly closed: boolean;
}

/**
 * What the plan may go by: what was so at `until`, so that a look back asks what would have been asked then. An incident that
 * is asked for by its key and began later keeps its fact, since that is what the caller is told; an alarm that was edited later
 * keeps its rule, since that is what its history is asked for by.
 */
export function readBy(read: readonly PlanRead[], { until, select }: Pick<PlanState, 'until' | 'select'>): readonly PlanRead[] {
  const isFuture = (fact: Fact) =>
    select.kind === 'incident' && fact.kind === 'incident' && fact.triggeredAt !== undefined && fact.triggeredAt >= until;
  const isEdited = (fact: Fact) => fact.kind === 'alarm' && fact.heldFrom !== undefined && fact.heldFrom > until;
  const closed = closedBy(
    read.flatMap(({ events }) => events),
    until,
  );
  const factsOf = (one: PlanRead) => factsBy(one, until).map((fact) => (fact.kind === 'incident' ? closed(fact) : fact));
  return read.map((one) => ({
    ...one,
    events: one.events.filter((event) => isKnownBy(event, until)),
    facts: [...one.facts.filter((fact) => isFuture(fact) || isEdited(fact)), ...factsOf(one)],
  }));
}

/** All the time that sources know: for a question that names its records by keys, so that it is the same question tomorrow. */
export const ALL_TIME: Window = { from: instantAt(0), to: instantAt(253_402_300_799_999) };

/** The incidents' facts by key. Of two readings of one record the later wins. */
export function incidentFacts(read: readonly PlanRead[]): ReadonlyMap<string, IncidentFact> {
  const facts = apartFromClosed(read.flatMap(({ facts }) => facts)).filter((fact) => fact.kind === 'incident');
  return new Map(facts.map((fact) => [fact.key, fact]));
}

/**
 * The keys of the incidents that make the case: those asked for, each followed by what it was merged into, and what was merged
 * into those; in a window those that were open at some time of it as it was given, the earliest first. A number stands for the
 * record that carries it.
 */
export function wantedIncidents(state: PlanState): readonly string[] {
  const facts = incidentFacts(state.read);
  if (state.select.kind === 'window') return incidentsInside(state, state.select, [...facts.values()]);
  const asked = followedFrom(state.select.keys, facts);
  return [...asked, ...mergedInto(asked, state, facts).joined];
}

/**
 * The incidents of the case that were asked for, by the keys of their records. The others joined it by merges, and so did those that
 * were named beside the first though a merge would have brought them, as a backfill names them: before the merge they were not of it.
 */
export function askedIncidents(state: PlanState): readonly string[] {
  if (state.select.kind === 'window') return wantedIncidents(state);
  const facts = incidentFacts(state.read);
  const [first, ...others] = state.select.keys;
  const byMerges = wantedIncidents({ ...state, select: { kind: 'incident', keys: [first] } });
  const named = others.map((key) => resolveKey(key, facts)).filter((key) => !byMerges.includes(key));
  return [...new Set([resolveKey(first, facts), ...named])];
}

/** The incidents that are in the case because they were merged into it, and those that are more than one draft reads: the latest. */
export function mergedIncidents(state: PlanState): { readonly joined: readonly string[]; readonly left: readonly string[] } {
  if (state.select.kind === 'window') return { joined: [], left: [] };
  const facts = incidentFacts(state.read);
  return mergedInto(followedFrom(state.select.keys, facts), state, facts);
}

/** Incidents that join a case because they were merged into it: a storm's first ones say when it began and who was called. */
export const MAX_MERGED = 25;

function followedFrom(asked: readonly string[], facts: ReadonlyMap<string, IncidentFact>): readonly string[] {
  const keys = new Set<string>();
  const follow = (key: string | undefined) => {
    for (let next = key; next !== undefined && !keys.has(next); next = facts.get(next)?.mergedInto) keys.add(next);
  };
  for (const key of asked) follow(resolveKey(key, facts));
  return [...keys];
}

/** Those whose chain of merges ends among `asked`, the earliest first; none where the policy joins none. */
function mergedInto(
  asked: readonly string[],
  { policy, until }: PlanState,
  facts: ReadonlyMap<string, IncidentFact>,
): { readonly joined: readonly string[]; readonly left: readonly string[] } {
  if (policy.join === 'none') return { joined: [], left: [] };
  const targets = new Map([...facts].map(([key, fact]) => [key, fact.mergedInto]));
  const order = ({ triggeredAt, key }: IncidentFact) => `${triggeredAt} ${key}`;
  const merged = [...facts.values()]
    .filter(({ key, triggeredAt, mergedInto: target }) => {
      const began = triggeredAt !== undefined && triggeredAt < until;
      return began && !asked.includes(key) && isMergedInto(asked, target, targets);
    })
    .toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
    .map(({ key }) => key);
  return { joined: merged.slice(0, MAX_MERGED), left: merged.slice(MAX_MERGED) };
}

/** `SOURCE/incident:4821` as the key of the record with that number, where it was read. */
export function resolveKey(key: string, facts: ReadonlyMap<string, IncidentFact>): string {
  if (facts.has(key)) return key;
  const [, prefix, number] = /^(.*\/incident:)(\d+)$/.exec(key) ?? [];
  const found = [...facts.values()].find(
    (fact) => number !== undefined && fact.number === Number(number) && fact.key.startsWith(prefix ?? ''),
  );
  return found?.key ?? key;
}

function incidentsInside(
  { services }: PlanState,
  { window, service }: Extract<PlanSelect, { kind: 'window' }>,
  facts: readonly IncidentFact[],
): readonly string[] {
  const inside = facts.filter(({ triggeredAt, resolvedAt, status, belongsTo }) => {
    if (triggeredAt === undefined || triggeredAt >= window.to) return false;
    const lasts = status === 'merged' ? triggeredAt : (resolvedAt ?? window.to);
    if (triggeredAt < window.from && lasts <= window.from) return false;
    return service === undefined || ownerNameOf(belongsTo, services) === service;
  });
  const order = ({ triggeredAt, key }: IncidentFact) => `${triggeredAt} ${key}`;
  return inside.toSorted((a, b) => (order(a) < order(b) ? -1 : 1)).map(({ key }) => key);
}

/** The case, or nothing while the record of the incident asked for is not read, or that of another was not asked for. */
export function caseOf(state: PlanState): PlanCase | undefined {
  const facts = incidentFacts(state.read);
  const incidents = wantedIncidents(state);
  const known = incidents.map((key) => facts.get(key)).filter((fact) => fact !== undefined);
  const asked = state.asked.filter(({ stream }) => stream === 'incidents');
  const isListed =
    state.select.kind === 'window' && (asked.length > 0 || !state.sources.some(({ streams }) => streams.includes('incidents')));
  if (state.select.kind === 'incident' && !facts.has(incidents[0] ?? '')) return undefined;
  if (known.length === 0 && !isListed) return undefined;
  if (incidents.some((key) => !facts.has(key) && !asked.some(({ keys }) => keys.includes(key)))) return undefined;
  const span = spanOf(state, known);
  if (!span) return undefined;
  return { incidents, began: span.from, windows: windowsOf(state, span), subject: subjectOf(state, known), closed: span.closed };
}

interface CaseSpan {
  readonly from: Instant;
  readonly to: Instant;
  readonly closed: boolean;
}

/** From the first trigger to the last resolve; a merged record ends nothing, since its target lives on. */
function spanOf({ select, until }: PlanState, facts: readonly IncidentFact[]): CaseSpan | undefined {
  const given = select.kind === 'window' ? select.window : undefined;
  const starts = [given?.from, ...facts.map(({ triggeredAt }) => triggeredAt)].filter((at) => at !== undefined);
  const living = facts.filter(({ status }) => status !== 'merged');
  const ends = [given?.to, ...living.map(({ resolvedAt }) => resolvedAt)].filter((at) => at !== undefined);
  const [from] = starts.toSorted();
  const last = ends.toSorted().at(-1);
  if (from === undefined) return undefined;
  const closed = last !== undefined && last <= until && living.every(({ resolvedAt }) => resolvedAt !== undefined && resolvedAt <= until);
  return { from, to: closed && last ? last : until, closed };
}

function windowsOf({ policy, until, window }: PlanState, { from, to, closed }: CaseSpan): Windows {
  const before = (length: keyof Policy['windows']) => addMs(from, -durationMs(policy.windows[length]));
  const end = closed ? earlier(addMs(to, durationMs(policy.windows.after)), until) : until;
  const incident = window ? { from: window.from, to: earlier(window.to, until) } : { from: before('alarms_before'), to: end };
  return {
    incident,
    changes: { from: before('changes_before'), to: incident.to },
    baseline: { from: before('baseline_before'), to: before('alarms_before') },
  };
}

function subjectOf({ select, services }: PlanState, facts: readonly IncidentFact[]): readonly string[] {
  const owners = facts.map(({ belongsTo }) => ownerNameOf(belongsTo, services));
  const asked = select.kind === 'window' ? (select.service ?? services.map(({ name }) => name)) : [];
  return [...new Set([asked, owners].flat(2))].filter((name) => name !== undefined).toSorted();
}

/** The services that the case is about, and those they depend on. */
export function nearServices({ services }: PlanState, { subject }: PlanCase): readonly PlanService[] {
  const own = services.filter(({ name }) => subject.includes(name));
  const wanted = new Set([...subject, ...own.flatMap(({ dependsOn }) => dependsOn)]);
  return services.filter(({ name }) => wanted.has(name));
}

function earlier(a: Instant, b: Instant): Instant {
  return a < b ? a : b;
}
