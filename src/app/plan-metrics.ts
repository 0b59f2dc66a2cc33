import type { Json } from '../core/evidence.ts';
import { claimKeyOf, isMetric, plainKey, plainPlace } from '../core/metric-keys.ts';
import { ownerNameOf } from '../core/ownership.ts';
import { alarmName, isUnalarmed, leftSilent, seriesOfAlarms, seriesWindows } from './plan-alarms.ts';
import type { PlanCase, PlanState } from './plan-case.ts';
import type { Ask } from './ports.ts';
import { emptyScope } from './scope.ts';

/** Sets of dimensions of one metric that one draft reads where no alarm says which of them matter. */
const MAX_SETS = 10;

/** Metrics that one draft reads of a claim that ends in `*`. */
const MAX_NAMES = 20;

/** An alarm's period is not known here: the finest that every metric has, and the one that normal is learned at. */
const PERIODS = { around: 60, baseline: 300 } as const;

/** A metric that the policy calls impact, or a service its own, and whose values no alarm of the case leads to, at one source. */
interface Unwatched {
  readonly source: string;
  /** `NAMESPACE NAME`; where a service claims all that begin alike, with `*` at its end. */
  readonly metric: string;
}

/** What of a listed metric is read: keys of series, and how many sets of dimensions were left. */
interface Chosen extends Unwatched {
  readonly keys: readonly string[];
  readonly left: number;
}

/** What the plan makes of a case's alarms, worked out once for each time that it is asked. */
export interface Lookout {
  /** No alarm says where to look, so the metrics that the services claim are listed. */
  readonly isUnalarmed: boolean;
  /** And none of the policy's metrics is there: the services' own series are read and scanned. */
  readonly isScanned: boolean;
  /** The metrics that alarms of the case watch, as plain `SOURCE/metric:NAMESPACE/NAME`: their series are read for the alarms. */
  readonly watched: ReadonlySet<string>;
}

/** Where the impact of a case is looked for. Whether the policy's metrics are there is known once they were listed. */
export function lookoutOf(state: PlanState, theCase: PlanCase): Lookout {
  const watchedIf = (isScanned: boolean) => new Set([...seriesOfAlarms(state, theCase, isScanned)].map((key) => plainKey(claimKeyOf(key))));
  if (!isUnalarmed(state, theCase)) return { isUnalarmed: false, isScanned: false, watched: watchedIf(false) };
  const named = policyMetrics(state, theCase, new Set());
  const isListed = named.every(({ source, metric }) =>
    state.asked.some((ask) => ask.source === source && ask.stream === 'metrics' && ask.keys.includes(`metric:${metric}`)),
  );
  const isScanned = isListed && named.every((one) => listedOf(state, one).length === 0);
  return { isUnalarmed: true, isScanned, watched: watchedIf(isScanned) };
}

/**
 * The metrics of `policy.impact_metrics`, and, where that names none or no alarm fired, of the services themselves, that no alarm of the case watches:
 * asked for by name once the alarms are listed, and then the series of those that were found: at a minute around the incident, at five minutes
 * over the baseline. Of the services' own only where none of the policy's is there; they are listed beside it, since there is no later round. Beside
 * alarms that lead to a metric only those that are claimed by their whole name: each is one call, where a beginning is as many as the account has pages.
 */
export function askMetrics(state: PlanState, theCase: PlanCase, lookout: Lookout, scopeAt: (source: string) => Json): readonly Ask[] {
  const { around, baseline } = seriesWindows(state, theCase);
  const wanted = wantedMetrics(state, theCase, lookout);
  const chosen = chosenMetrics(state, theCase, lookout);
  return [...Map.groupBy([...wanted.named, ...wanted.owned], ({ source }) => source)].flatMap(([source, own]) => {
    const scope = emptyScope(scopeAt(source));
    const found = [...new Set(chosen.flatMap((one) => (one.source === source ? one.keys : [])))].toSorted();
    const names = [...new Set(own.map(({ metric }) => `metric:${metric}`))].toSorted();
    const series = { source, stream: 'series', scope };
    const asks: readonly Ask[] = [
      { source, stream: 'metrics', window: theCase.windows.incident, keys: names, scope },
      { ...series, window: around, keys: found.map((key) => `${key}@${PERIODS.around}`) },
      { ...series, window: baseline, keys: found.map((key) => `${key}@${PERIODS.baseline}`) },
    ];
    return asks.filter(({ keys }) => keys.length > 0);
  });
}

/** Metrics with more sets of dimensions, claims with more metrics, and silent alarms, beyond those that one draft reads. */
export function leftUnread(
  state: PlanState,
  theCase: PlanCase,
  lookout: Lookout,
): readonly { readonly source: string; readonly detail: string }[] {
  const sets = chosenMetrics(state, theCase, lookout)
    .filter(({ left }) => left > 0)
    .map(({ source, metric, keys, left }) => ({
      source,
      detail: `${metric} has ${keys.length + left} sets of dimensions and no alarm watches it: the first ${keys.length} were read`,
    }));
  const owned = claimedMetrics(state, theCase, lookout);
  const names = owned
    .map((one) => ({ ...one, count: namesOf(state, theCase, one, lookout).length }))
    .filter(({ count }) => count > MAX_NAMES)
    .map(({ source, metric, count }) => ({
      source,
      detail: `${metric} stands for ${count} metrics that no alarm watches: the first ${MAX_NAMES} were read`,
    }));
  return [...(lookout.isScanned ? leftSilent(state, theCase) : []), ...sets, ...names];
}

/** The metrics to list: the policy's, and the claims of the case's services. */
function wantedMetrics(state: PlanState, theCase: PlanCase, { isUnalarmed, watched }: Lookout) {
  const named = policyMetrics(state, theCase, watched);
  const isAsked = isUnalarmed || state.policy.impact_metrics.length === 0;
  const all = isAsked ? ownedMetrics(state, theCase, watched) : [];
  const owned = isUnalarmed || watched.size === 0 ? all : all.filter(({ metric }) => !metric.endsWith('*'));
  return { named, owned: owned.filter((one) => !named.some(({ source, metric }) => source === one.source && metric === one.metric)) };
}

/** Those claims whose series are read: where no alarm fired only once none of the policy's metrics is there. */
function claimedMetrics(state: PlanState, theCase: PlanCase, lookout: Lookout): readonly Unwatched[] {
  return lookout.isScanned || !lookout.isUnalarmed ? wantedMetrics(state, theCase, lookout).owned : [];
}

function chosenMetrics(state: PlanState, theCase: PlanCase, lookout: Lookout): readonly Chosen[] {
  const { named } = wantedMetrics(state, theCase, lookout);
  const claimed = claimedMetrics(state, theCase, lookout);
  const names = claimed.flatMap((one) => namesOf(state, theCase, one, lookout).slice(0, MAX_NAMES));
  const unique = new Map([...named, ...names].map((one) => [plainPlace(one.source, one.metric), one]));
  return [...unique.values()].map((one) => choose(state, theCase, one));
}

/** The sources that can be asked for metrics by name, once their alarms were. */
function listingSources({ sources, asked }: PlanState): readonly string[] {
  const listed = new Set(asked.filter(({ stream }) => stream === 'alarms').map(({ source }) => source));
  return sources.filter(({ name, streams }) => streams.includes('metrics') && listed.has(name)).map(({ name }) => name);
}

function policyMetrics(state: PlanState, { subject }: PlanCase, watched: ReadonlySet<string>): readonly Unwatched[] {
  const sources = listingSources(state);
  return [...new Set(state.policy.impact_metrics.map(({ metric }) => metric))]
    .filter((metric) => !sources.some((source) => watched.has(plainPlace(source, metric))))
    .flatMap((metric) => sources.map((source) => ({ source, metric })))
    .filter(({ source, metric }) => {
      const owner = ownerNameOf([plainPlace(source, metric)], state.services);
      return owner === undefined || subject.includes(owner);
    });
}

/** What the case's services claim at each source, as `NAMESPACE NAME`: the last slash of a claim stands between the two. */
function ownedMetrics(state: PlanState, { subject }: PlanCase, watched: ReadonlySet<string>): readonly Unwatched[] {
  const sources = listingSources(state);
  return state.services
    .filter(({ name }) => subject.includes(name))
    .flatMap(({ owns }) => owns)
    .flatMap((claim) => {
      const [, source, namespace, name] = /^([^/]+)\/metric:(.+)\/([^/]+)$/.exec(claim) ?? [];
      if (source === undefined || namespace === undefined || name === undefined || !sources.includes(source)) return [];
      return [{ source, metric: `${plainKey(namespace)} ${plainKey(name)}` }];
    })
    .filter(({ source, metric }) => !watched.has(plainPlace(source, metric)))
    .toSorted((a, b) => (plainPlace(a.source, a.metric) < plainPlace(b.source, b.metric) ? -1 : 1));
}

/** The metrics that a claim stands for: itself, or of one that ends in `*` the listed ones that no alarm watches and no other service claims closer. */
function namesOf(state: PlanState, { subject }: PlanCase, one: Unwatched, { watched }: Lookout): readonly Unwatched[] {
  if (!one.metric.endsWith('*')) return [one];
  const places = new Set(listedOf(state, one).map(claimKeyOf));
  return [...places]
    .filter((place) => !watched.has(plainKey(place)) && subject.includes(ownerNameOf([place], state.services) ?? ''))
    .toSorted()
    .map((place) => {
      const name = place.slice(`${one.source}/metric:`.length);
      const cut = name.lastIndexOf('/');
      return { source: one.source, metric: `${plainKey(name.slice(0, cut))} ${plainKey(name.slice(cut + 1))}` };
    });
}

/** The keys of the series that were listed for a metric, or for all that begin like it. */
function listedOf({ read }: PlanState, { source, metric }: Unwatched): readonly string[] {
  const place = plainPlace(source, metric);
  const isOf = place.endsWith('*')
    ? (key: string) => plainKey(claimKeyOf(key)).startsWith(place.slice(0, -1))
    : (key: string) => isMetric({ key, source }, metric);
  const found = read.flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'metric' && isOf(fact.key) ? [fact.key] : [])));
  return [...new Set(found)].toSorted();
}

/** The sets that an alarm of the subject uses for another metric; else those that share a dimension with such a one; else all that no other service's alarm uses. */
function choose(state: PlanState, { subject }: PlanCase, one: Unwatched): Chosen {
  const setsOf = (isWanted: (owner: string | undefined) => boolean) => {
    const facts = state.read.filter(({ source }) => source === one.source).flatMap(({ facts }) => facts);
    const alarms = facts.filter((fact) => fact.kind === 'alarm' && isWanted(ownerOfAlarm(fact.key, one.source, state)));
    const keys = alarms.flatMap((fact) => (fact.kind === 'alarm' ? fact.seriesKeys : []));
    return new Set(keys.map(dimensionsOf).filter((set) => set !== ''));
  };
  const all = listedOf(state, one);
  const sets = setsOf((owner) => owner !== undefined && subject.includes(owner));
  const others = setsOf((owner) => owner !== undefined && !subject.includes(owner));
  const pairs = new Set([...sets].flatMap((set) => set.split('&')));
  const equal = all.filter((key) => sets.has(dimensionsOf(key)));
  const near = all.filter((key) =>
    dimensionsOf(key)
      .split('&')
      .some((pair) => pairs.has(pair)),
  );
  const rest = all.filter((key) => !others.has(dimensionsOf(key)));
  const wanted = [equal, near, rest].find(({ length }) => length > 0) ?? [];
  return { ...one, keys: wanted.slice(0, MAX_SETS), left: Math.max(0, wanted.length - MAX_SETS) };
}

function ownerOfAlarm(key: string, source: string, { services }: PlanState): string | undefined {
  return ownerNameOf([`${source}/alarm:${alarmName(key.slice('alarm:'.length))}`], services);
}

/** `LoadBalancer=app%2Fapi`; empty where it has none. */
function dimensionsOf(seriesKey: string): string {
  return /\?([^#]*)#/.exec(seriesKey)?.[1] ?? '';
}
