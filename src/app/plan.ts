import { canonical } from '../core/digest.ts';
import type { Json } from '../core/evidence.ts';
import { addMs, durationMs } from '../core/time.ts';
import type { Gap, GapReason } from '../core/timeline/coverage.ts';
import { askAlarmRules, askNamedAlarms, askSeries, lostAlarms } from './plan-alarms.ts';
import {
  ALL_TIME,
  caseOf,
  incidentFacts,
  MAX_MERGED,
  mergedIncidents,
  nearServices,
  type PlanCase,
  type PlanState,
  wantedIncidents,
} from './plan-case.ts';
import { askCommitChanges, askComparisons, askDeployedChanges, askStatuses, type Wanted } from './plan-changes.ts';
import { askMetrics, type Lookout, leftUnread, lookoutOf } from './plan-metrics.ts';
import { alertedServices, having, leftServices, listedServices, MAX_REPOSITORIES, scopesAt } from './plan-services.ts';
import type { Ask } from './ports.ts';
import { emptyScope } from './scope.ts';

/** After so many rounds nothing more is asked: what is still wanted is a gap. */
export const MAX_ROUNDS = 4;

/** Streams that a case's incident names by its key. */
const BY_INCIDENT = ['log_entries', 'alerts', 'notes', 'past_incidents', 'related_incidents', 'analytics'] as const;

/** What a source computes a day after an incident has closed: asked for of a closed one, and never for a look back. */
export const LATE_FIGURES: ReadonlySet<string> = new Set(['analytics']);

/** Streams that name incidents like ours: asked for unless the user wants none. */
const RELATED: ReadonlySet<string> = new Set(['past_incidents', 'related_incidents']);

/** Streams that are listed once, by window and scope, and the window of the case that each is listed in. */
const BY_WINDOW = {
  change_events: 'changes',
  alarm_history: 'incident',
  alarms: 'incident',
  deployments: 'changes',
  workflow_runs: 'changes',
  releases: 'changes',
  changes: 'changes',
  pushes: 'incident',
} as const satisfies Record<string, keyof PlanCase['windows']>;

/** Streams that a source lists for the whole account: what services own does not narrow the question. */
const BY_ACCOUNT: ReadonlySet<string> = new Set(['change_events', 'alarm_history']);

/** Streams that are listed for the subject and what it depends on alone: what befell other services' branches is no part of a case. */
const BY_NEARNESS: ReadonlySet<string> = new Set(['pushes']);

/** Streams that are asked only for scopes whose `deploys` names them: of the rest they would be noise. */
export const BY_CHOICE: ReadonlySet<string> = new Set(['workflow_runs']);

/** Streams whose answers name nothing that is asked for next: a round need not wait for them. */
const LEAVES: ReadonlySet<string> = new Set(['notes', 'past_incidents', 'related_incidents', 'analytics', 'pushes', 'series']);

/** A gap that no source has to tell: the plan itself left something out. */
export interface PlannedGap {
  readonly source: string;
  readonly stream: string;
  readonly gap: Gap;
}

/**
 * What to ask next, from what was read: the same for the same reads in any order. A run asks, reads the answers and comes
 * back, at most MAX_ROUNDS times; an empty list means that all is asked. No question depends on the analysis.
 *
 * 1. the incident's record, which gives windows and service (a merged one is followed first, which is no round of its own);
 * 2. what is listed by incident or by window, and once more where an incident that was merged into this one began before it;
 * 3. what those name: alarms, series, metrics of the policy that no alarm watches, statuses, comparisons, pull requests of deployed revisions;
 * 4. what round 3 named in turn.
 */
export function nextAsks(state: PlanState): readonly Ask[] {
  const theCase = caseOf(state);
  return openAsks(state, theCase, theCase ? detailAsks(state, theCase, lookoutOf(state, theCase)).asks : []);
}

function openAsks(state: PlanState, theCase: PlanCase | undefined, details: readonly Ask[]): readonly Ask[] {
  const records = unasked(state, recordAsks(state));
  if (records.length > 0 || !theCase) return records;
  // What a detail needs is read a round before it, so lists that a later round adds do not hold the details up.
  return unasked(state, [...listAsks(state, theCase), ...details]);
}

/** Whether the plan asks nothing on account of a question's answer, whatever that is. */
export function isLeaf({ stream }: Ask): boolean {
  return LEAVES.has(stream);
}

/** What the plan left out for want of a service, a round or a budget, as gaps for the coverage table. */
export function planGaps(state: PlanState): readonly PlannedGap[] {
  const theCase = caseOf(state);
  if (!theCase) return [];
  const lookout = lookoutOf(state, theCase);
  const details = detailAsks(state, theCase, lookout);
  const gap = (reason: GapReason, window: keyof PlanCase['windows'], detail: string): Gap => ({
    window: theCase.windows[window],
    reason,
    detail,
  });
  return [
    ...unreadTargets(state).map((key) => ({
      source: key.split('/')[0] ?? '',
      stream: 'incidents',
      gap: gap('unreadable', 'incident', `${key} could not be read, though another incident was merged into it`),
    })),
    ...leftMerges(state).map(({ source, keys }) => ({
      source,
      stream: 'incidents',
      gap: gap(
        'budget',
        'incident',
        `${keys.length} more were merged into this one: a draft reads the first ${MAX_MERGED} of those (left: ${keys.join(', ')})`,
      ),
    })),
    ...unmapped(state).map(({ source, stream }) => ({
      source,
      stream,
      gap: gap('not_mapped', BY_WINDOW[stream], `no service owns anything at ${source}: add it under \`services[].owns.${source}\``),
    })),
    ...leftServices(state, theCase).map(({ source, names }) => ({
      source,
      stream: 'deployments',
      gap: gap('budget', 'changes', `a draft lists ${MAX_REPOSITORIES} repositories: those of ${names.join(', ')} were not asked for`),
    })),
    ...details.left.map(({ source, stream, detail }) => ({ source, stream, gap: gap('budget', 'changes', detail) })),
    ...lostAlarms(state, theCase).map(({ source, name }) => ({
      source,
      stream: 'series',
      gap: gap('not_offered', 'incident', `the alarm ${name} moved and no longer exists, so its metric is not known`),
    })),
    ...leftUnread(state, theCase, lookout).map(({ source, detail }) => ({
      source,
      stream: 'metrics',
      gap: gap('result_limit', 'incident', detail),
    })),
    ...openAsks(state, theCase, details.asks).map(({ source, stream, window, keys }) => ({
      source,
      stream,
      gap: { window, reason: 'budget' as const, detail: `not asked after ${MAX_ROUNDS} rounds: ${keys.join(', ') || 'its list'}` },
    })),
  ];
}

function recordAsks(state: PlanState): readonly Ask[] {
  const sources = having(state, 'incidents');
  if (state.select.kind === 'window') {
    const { window: given, service } = state.select;
    // What was open when the window began had begun before it.
    const window = { from: addMs(given.from, -durationMs(state.policy.windows.alarms_before)), to: given.to };
    const services = state.services.filter(({ name }) => service === undefined || name === service);
    return sources.flatMap(({ name }) =>
      scopesAt(name, services).map((scope) => ({ source: name, stream: 'incidents', window, keys: [], scope })),
    );
  }
  const missing = unreadTargets(state);
  return sources.flatMap(({ name }) => {
    const keys = missing.filter((key) => key.startsWith(`${name}/`));
    return keys.length > 0 ? [{ source: name, stream: 'incidents', window: ALL_TIME, keys, scope: emptyScope(anyScope(state, name)) }] : [];
  });
}

function unreadTargets(state: PlanState): readonly string[] {
  const facts = incidentFacts(state.read);
  return wantedIncidents(state).filter((key) => !facts.has(key));
}

function leftMerges(state: PlanState): readonly { readonly source: string; readonly keys: readonly string[] }[] {
  const bySource = Map.groupBy(mergedIncidents(state).left, (key) => key.split('/')[0] ?? '');
  return [...bySource].map(([source, keys]) => ({ source, keys }));
}

function listAsks(state: PlanState, theCase: PlanCase): readonly Ask[] {
  const hasFigures = theCase.closed && !state.isLookBack;
  const streams = BY_INCIDENT.filter((stream) => (state.related || !RELATED.has(stream)) && (hasFigures || !LATE_FIGURES.has(stream)));
  const { joined } = mergedIncidents(state);
  const isBeside = (stream: string) => RELATED.has(stream) || LATE_FIGURES.has(stream);
  const named = streams.flatMap((stream) =>
    having(state, stream).map(({ name }) => ({
      source: name,
      stream,
      window: theCase.windows.incident,
      keys: theCase.incidents.filter((key) => key.startsWith(`${name}/`) && !(isBeside(stream) && joined.includes(key))),
      scope: emptyScope(anyScope(state, name)),
    })),
  );
  // In a window, what happened to incidents that began before it stands in the account's own list alone, which holds all the rest too.
  const isList = ({ stream }: Ask) => state.select.kind === 'window' && stream === 'log_entries';
  const byIncident = named.map((ask) => (isList(ask) ? { ...ask, keys: [] } : ask)).filter((ask) => ask.keys.length > 0 || isList(ask));
  const byWindow = windowStreams().flatMap((stream) =>
    having(state, stream).flatMap(({ name }) =>
      scopesFor(state, theCase, name, stream).map((scope) => ({
        source: name,
        stream,
        window: theCase.windows[BY_WINDOW[stream]],
        keys: [],
        scope,
      })),
    ),
  );
  return [...byIncident, ...byWindow, ...overlapAsks(state, theCase)];
}

/**
 * The incidents of our services, of what those depend on and of those whose alerts a merge may have moved here, around this one:
 * merged into it or offered beside it. A window has listed its own.
 */
function overlapAsks(state: PlanState, theCase: PlanCase): readonly Ask[] {
  if (state.select.kind === 'window' || !state.related) return [];
  const near = new Set([...nearServices(state, theCase), ...alertedServices(state, theCase)]);
  const services = state.services.filter((service) => near.has(service));
  return having(state, 'incidents').flatMap(({ name }) =>
    scopesAt(name, services).map((scope) => ({
      source: name,
      stream: 'incidents',
      window: theCase.windows.incident,
      keys: [],
      scope,
    })),
  );
}

function detailAsks(state: PlanState, theCase: PlanCase, lookout: Lookout): Wanted {
  const scopeAt = (source: string) => anyScope(state, source);
  const wanted = [askStatuses, askComparisons, askDeployedChanges, askCommitChanges].map((ask) => ask(state, theCase, scopeAt));
  return {
    asks: [
      ...askNamedAlarms(state, theCase, scopeAt),
      ...askAlarmRules(state, theCase, scopeAt),
      ...askSeries(state, theCase, lookout.isScanned, scopeAt),
      ...askMetrics(state, theCase, lookout, scopeAt),
      ...wanted.flatMap(({ asks }) => asks),
    ],
    left: wanted.flatMap(({ left }) => left),
  };
}

/** What was not asked yet: of a question by keys the new keys, of a list that was listed from as early on nothing. Sorted. */
function unasked(state: PlanState, asks: readonly Ask[]): readonly Ask[] {
  const place = ({ source, stream, window, keys, scope }: Ask) =>
    keys.length > 0 ? `${source} ${stream} ${stream === 'series' ? window.from : ''}` : `${source} ${stream} ${canonical(scope)}`;
  const keysOf = Map.groupBy(
    state.asked.filter(({ keys }) => keys.length > 0),
    place,
  );
  const listed = Map.groupBy(
    state.asked.filter(({ keys }) => keys.length === 0),
    place,
  );
  const left = asks.flatMap((ask) => {
    if (ask.keys.length === 0) return listed.get(place(ask))?.some(({ window }) => window.from <= ask.window.from) ? [] : [ask];
    const before = new Set(keysOf.get(place(ask))?.flatMap(({ keys }) => keys));
    const keys = ask.keys.filter((key) => !before.has(key));
    return keys.length > 0 ? [{ ...ask, keys }] : [];
  });
  const name = (ask: Ask) => `${ask.source} ${ask.stream} ${ask.window.from} ${ask.keys.join()} ${canonical(ask.scope)}`;
  return left.toSorted((a, b) => (name(a) < name(b) ? -1 : 1));
}

/** The scopes to list a stream by; a list of the whole account is asked for once, whatever services own. */
function scopesFor(state: PlanState, theCase: PlanCase, source: string, stream: string): readonly Json[] {
  const services = BY_NEARNESS.has(stream) ? nearServices(state, theCase) : listedServices(state, theCase, source);
  const scopes = scopesAt(source, services);
  if (BY_CHOICE.has(stream)) return scopes.filter((scope) => choiceOf(scope) === stream);
  return BY_ACCOUNT.has(stream) ? scopes.slice(0, 1).map(emptyScope) : scopes;
}

/** The stream that a scope names as its deploys. */
export function choiceOf(scope: Json): Json | undefined {
  return scope !== null && typeof scope === 'object' && 'deploys' in scope ? scope['deploys'] : undefined;
}

/** Any scope of the source, for the members that are no lists; `{}` where no service owns anything there. */
function anyScope(state: PlanState, source: string): Json {
  return scopesAt(source, state.services)[0] ?? {};
}

function unmapped(state: PlanState): readonly { readonly source: string; readonly stream: keyof typeof BY_WINDOW }[] {
  const streams = windowStreams().filter((stream) => !BY_CHOICE.has(stream));
  return streams.flatMap((stream) =>
    having(state, stream)
      .filter(({ name }) => scopesAt(name, state.services).length === 0)
      .map(({ name }) => ({ source: name, stream })),
  );
}

function windowStreams(): readonly (keyof typeof BY_WINDOW)[] {
  return ['change_events', 'alarm_history', 'alarms', 'deployments', 'workflow_runs', 'releases', 'changes', 'pushes'];
}
