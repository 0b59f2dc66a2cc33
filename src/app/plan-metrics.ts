import type { Json } from '../core/evidence.ts';
import { ownerNameOf } from '../core/ownership.ts';
import { addMs, durationMs } from '../core/time.ts';
import { isUnalarmed } from './plan-alarms.ts';
import type { PlanCase, PlanState } from './plan-case.ts';
import type { Ask } from './ports.ts';
import { emptyScope } from './scope.ts';

/** Sets of dimensions of one metric that one draft reads where no alarm says which of them matter. */
const MAX_SETS = 10;

/** An alarm's period is not known here: the finest that every metric has, and the one that normal is learned at. */
const PERIODS = { around: 60, baseline: 300 } as const;

/** A metric that the policy calls impact, or a service its own, and whose values no alarm of the case leads to, at one source. */
interface Unwatched {
  readonly source: string;
  /** `NAMESPACE NAME`. */
  readonly metric: string;
}

/** What of a listed metric is read: keys of series, and how many sets of dimensions were left. */
interface Chosen extends Unwatched {
  readonly keys: readonly string[];
  readonly left: number;
}

/**
 * The metrics of `policy.impact_metrics`, or, where no alarm fired, of the services themselves, that no known alarm watches: asked for by
 * name once the alarms are listed, and then the series of those that were found: at a minute around the incident, at five minutes over
 * the baseline. Nothing where nobody names any, or alarms watch them all.
 */
export function askMetrics(state: PlanState, theCase: PlanCase, scopeAt: (source: string) => Json): readonly Ask[] {
  const { windows, began } = theCase;
  const unwatched = unwatchedMetrics(state, theCase);
  const around = { from: addMs(began, -durationMs(state.policy.windows.series_before)), to: windows.incident.to };
  return [...Map.groupBy(unwatched, ({ source }) => source)].flatMap(([source, own]) => {
    const scope = emptyScope(scopeAt(source));
    const found = own.flatMap((one) => choose(state, theCase, one).keys).toSorted();
    const series = { source, stream: 'series', scope };
    const asks: readonly Ask[] = [
      { source, stream: 'metrics', window: windows.incident, keys: own.map(({ metric }) => `metric:${metric}`).toSorted(), scope },
      { ...series, window: around, keys: found.map((key) => `${key}@${PERIODS.around}`) },
      { ...series, window: windows.baseline, keys: found.map((key) => `${key}@${PERIODS.baseline}`) },
    ];
    return asks.filter(({ keys }) => keys.length > 0);
  });
}

/** Metrics with more sets of dimensions than one draft reads. */
export function leftMetrics(state: PlanState, theCase: PlanCase): readonly { readonly source: string; readonly detail: string }[] {
  return unwatchedMetrics(state, theCase)
    .map((one) => choose(state, theCase, one))
    .filter(({ left }) => left > 0)
    .map(({ source, metric, keys, left }) => ({
      source,
      detail: `${metric} has ${keys.length + left} sets of dimensions and no alarm watches it: the first ${keys.length} were read`,
    }));
}

function unwatchedMetrics(state: PlanState, theCase: PlanCase): readonly Unwatched[] {
  const owned = isUnalarmed(state, theCase) ? ownedMetrics(state, theCase) : [];
  const names = [...new Set([...state.policy.impact_metrics.map(({ metric }) => metric), ...owned])];
  const listed = new Set(state.asked.filter(({ stream }) => stream === 'alarms').map(({ source }) => source));
  const sources = state.sources.filter(({ name, streams }) => streams.includes('metrics') && listed.has(name));
  const watched = seriesOfAlarms(state);
  return names
    .filter((metric) => !sources.some(({ name: source }) => watched.some((key) => isOf(key, { source, metric }))))
    .flatMap((metric) => sources.map(({ name: source }) => ({ source, metric })))
    .filter(({ source, metric }) => {
      const owner = ownerNameOf([placeOf({ source, metric })], state.services);
      return owner === undefined || theCase.subject.includes(owner);
    });
}

/** The metrics that the case's services claim by name, as `NAMESPACE NAME`: a namespace may hold slashes, and a name seldom does. */
function ownedMetrics({ services }: PlanState, { subject }: PlanCase): readonly string[] {
  return services
    .filter(({ name }) => subject.includes(name))
    .flatMap(({ owns }) => owns)
    .flatMap((claim) => {
      const [, namespace, name] = /^[^/]+\/metric:(.+)\/([^/*]+)$/.exec(claim) ?? [];
      return name === undefined ? [] : [`${namespace} ${name}`];
    })
    .toSorted();
}

/** The series that alarms watch, of whichever service: which of them are the case's is for the alarms' own question. */
function seriesOfAlarms({ read }: PlanState): readonly string[] {
  return read.flatMap(({ facts }) => facts.flatMap((fact) => (fact.kind === 'alarm' ? fact.seriesKeys : [])));
}

/** The sets that an alarm of the subject uses for another metric; else those that share a dimension with such a one; else all. */
function choose(state: PlanState, { subject }: PlanCase, one: Unwatched): Chosen {
  const found = state.read.flatMap(({ facts }) =>
    facts.flatMap((fact) => (fact.kind === 'metric' && isOf(fact.key, one) ? [fact.key] : [])),
  );
  const all = [...new Set(found)].toSorted();
  const own = state.read
    .filter(({ source }) => source === one.source)
    .flatMap(({ facts }) => facts)
    .flatMap((fact) => (fact.kind === 'alarm' && isOwn(fact.key, one.source, subject, state) ? fact.seriesKeys : []));
  const sets = new Set(own.map(dimensionsOf).filter((set) => set !== ''));
  const pairs = new Set([...sets].flatMap((set) => set.split('&')));
  const equal = all.filter((key) => sets.has(dimensionsOf(key)));
  const near = all.filter((key) =>
    dimensionsOf(key)
      .split('&')
      .some((pair) => pairs.has(pair)),
  );
  const wanted = [equal, near, all].find(({ length }) => length > 0) ?? [];
  return { ...one, keys: wanted.slice(0, MAX_SETS), left: Math.max(0, wanted.length - MAX_SETS) };
}

function isOwn(alarm: string, source: string, subject: readonly string[], { services }: PlanState): boolean {
  // `alarm:arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`, and a name may hold colons.
  const owner = ownerNameOf([`${source}/alarm:${alarm.split(':').slice(7).join(':')}`], services);
  return owner !== undefined && subject.includes(owner);
}

function placeOf({ source, metric }: Unwatched): string {
  return `${source}/metric:${metric.replace(' ', '/')}`;
}

function isOf(seriesKey: string, one: Unwatched): boolean {
  return seriesKey.split(/[?#]/)[0] === placeOf(one);
}

/** `LoadBalancer=app%2Fapi`; empty where it has none. */
function dimensionsOf(seriesKey: string): string {
  return /\?([^#]*)#/.exec(seriesKey)?.[1] ?? '';
}
