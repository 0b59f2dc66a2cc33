import { isEditedSince, rulesDuring } from '../core/analysis/alarm-rules.ts';
import type { Json } from '../core/evidence.ts';
import type { Fact } from '../core/facts.ts';
import { isMetric } from '../core/metric-keys.ts';
import { ownerNameOf } from '../core/ownership.ts';
import { addMs, durationMs, type Window } from '../core/time.ts';
import type { PlanCase, PlanRead, PlanState } from './plan-case.ts';
import type { Ask } from './ports.ts';
import { emptyScope } from './scope.ts';

/** Normal is learned at five minutes: the finest that two weeks of every metric still have. */
const BASELINE_SECONDS = 300;

/** The finest period that every metric is kept at. */
const MINUTE = 60;

/** Silent alarms whose series one draft reads. */
const MAX_SCANNED = 50;

/** Streams that a page's own record comes in: an alarm that they name is the case's, whoever owns it. */
const PAGING: ReadonlySet<string> = new Set(['incidents', 'log_entries', 'alerts']);

type AlarmFact = Extract<Fact, { readonly kind: 'alarm' }>;

interface KnownAlarm {
  readonly source: string;
  readonly arn: string;
  readonly facts: readonly AlarmFact[];
}

/** ARNs of the alarms that the case's pages name, sorted. */
export function namedAlarms(read: readonly PlanRead[]): readonly string[] {
  const events = read.filter(({ stream }) => PAGING.has(stream)).flatMap(({ events }) => events);
  return [...new Set(events.flatMap(({ correlationKeys }) => correlationKeys).flatMap(arnOf))].toSorted();
}

/** ARNs of the alarms that a named alarm combines, and those that these combine in turn: a page of a composite alarm is about them. */
export function combinedAlarms(read: readonly PlanRead[]): readonly string[] {
  const named = namedAlarms(read);
  const rules = read.flatMap(({ facts }) => facts.filter((fact) => fact.kind === 'alarm'));
  const reached = new Set(named);
  // A set grows while it is walked, so what is combined in turn is followed too, and a circle ends.
  for (const arn of reached) {
    const watched = rules.filter(({ key }) => key === `alarm:${arn}`).flatMap(({ watches = [] }) => watches);
    for (const key of watched) reached.add(key.slice('alarm:'.length));
  }
  return [...reached].filter((arn) => !named.includes(arn)).toSorted();
}

/** The alarm's name in its ARN, `arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME`: a name may hold colons. */
export function alarmName(arn: string): string {
  return arn.split(':').slice(6).join(':');
}

function arnOf(key: string): readonly string[] {
  return key.startsWith('alarm:') ? [key.slice('alarm:'.length)] : [];
}

/** Every alarm that any record told of, with all its rules: today's, and those that its history still holds. */
function knownAlarms(read: readonly PlanRead[]): readonly KnownAlarm[] {
  const told = read.flatMap(({ source, facts }) => facts.flatMap((fact) => (fact.kind === 'alarm' ? [{ source, fact }] : [])));
  return [...Map.groupBy(told, ({ source, fact }) => `${fact.key} ${source}`).values()]
    .flatMap(([first, ...rest]) => {
      if (!first) return [];
      const { source, fact } = first;
      return [{ source, arn: fact.key.slice('alarm:'.length), facts: [fact, ...rest.map((other) => other.fact)] }];
    })
    .toSorted((a, b) => (a.arn < b.arn ? -1 : a.arn > b.arn ? 1 : a.source < b.source ? -1 : 1));
}

/** Alarms that a page names, or that such an alarm combines, and that no listing gave: asked for by name at the source that covers their account and region. */
export function askNamedAlarms(state: PlanState, { windows }: PlanCase, scopeAt: (source: string) => Json): readonly Ask[] {
  const known = new Set(knownAlarms(state.read).map(({ arn }) => arn));
  const missing = [...namedAlarms(state.read), ...combinedAlarms(state.read)].filter((arn) => !known.has(arn)).toSorted();
  const bySource = Map.groupBy(missing, (arn) => state.alarmSources[arn] ?? '');
  return [...bySource]
    .filter(([source]) => source !== '')
    .map(([source, arns]) => ({
      source,
      stream: 'alarms',
      window: windows.incident,
      keys: arns.map((arn) => `alarm:${arn}`),
      scope: emptyScope(scopeAt(source)),
    }));
}

/**
 * The edits of wanted alarms whose record is of a later rule than the one that fired, and of the subject's alarms that moved and were
 * deleted since: the rule that held then stands in their history, and with it the metric.
 */
export function askAlarmRules(state: PlanState, theCase: PlanCase, scopeAt: (source: string) => Json): readonly Ask[] {
  const { from } = theCase.windows.incident;
  const edited = wantedAlarms(state, theCase).filter(({ arn, facts }) => isEditedSince(facts, `alarm:${arn}`, from));
  const wanted = [...edited, ...lostAlarms(state, theCase)].filter(({ source }) =>
    state.sources.some(({ name, streams }) => name === source && streams.includes('alarm_history')),
  );
  return [...Map.groupBy(wanted, ({ source }) => source)].map(([source, alarms]) => ({
    source,
    stream: 'alarm_history',
    window: theCase.windows.incident,
    keys: [...new Set(alarms.map(({ arn }) => `alarm:${arn}`))].toSorted(),
    scope: emptyScope(scopeAt(source)),
  }));
}

/**
 * The series of the alarms that a page names, of the subject's alarms that moved in the incident's window, and of the
 * metrics that the policy calls impact: each at its alarm's period around the incident, and at five minutes over the baseline. Where that period
 * is longer than a minute, also at a minute as far as it is kept so: what the alarm could see is told by its own, and when it began by the finer.
 * Of an alarm that was edited those of each rule that held in the window. Where nothing fired, those of the subject's alarms that stayed
 * silent: the impact is looked for in them.
 */
export function askSeries(state: PlanState, theCase: PlanCase, isScanned: boolean, scopeAt: (source: string) => Json): readonly Ask[] {
  const wanted = alarmsRead(state, theCase, isScanned).flatMap(({ source, arn, facts }) =>
    rulesDuring(facts, `alarm:${arn}`, theCase.windows.incident).map((fact) => ({ source, fact })),
  );
  const { around, baseline } = seriesWindows(state, theCase);
  return [...Map.groupBy(wanted, ({ source }) => source)].flatMap(([source, alarms]) => {
    const at = (seconds: (fact: AlarmFact) => number) =>
      [...new Set(alarms.flatMap(({ fact }) => fact.seriesKeys.map((key) => `${key}@${seconds(fact)}`)))].toSorted();
    // What a share is of sizes the impact, and needs no normal of its own.
    const counts = alarms.flatMap(({ fact }) => (fact.operandKeys ?? []).map((key) => `${key}@${fact.periodMs / 1000}`));
    const own = new Set([...at(({ periodMs }) => periodMs / 1000), ...counts]);
    const finer = isScanned ? [] : alarms.flatMap(({ fact }) => finerKeys(fact)).filter((key) => !own.has(key.slice(0, -IF_KEPT.length)));
    const ask = { source, stream: 'series', scope: emptyScope(scopeAt(source)) };
    return [
      { ...ask, window: around, keys: [...new Set([...own, ...finer])].toSorted() },
      { ...ask, window: baseline, keys: at(() => BASELINE_SECONDS) },
    ].filter(({ keys }) => keys.length > 0);
  });
}

/** Behind a wanted period: no gap where it is not kept. */
const IF_KEPT = '?';

/** The metrics of an alarm of longer periods, by the minute. What an expression of sums comes to in other periods is another number. */
function finerKeys({ periodMs, seriesKeys }: AlarmFact): readonly string[] {
  if (periodMs <= MINUTE * 1000) return [];
  return seriesKeys.filter((key) => !key.includes('/math:')).map((key) => `${key}@${MINUTE}${IF_KEPT}`);
}

/** Over what a metric is read: around the incident, and what its normal is learned from. */
export function seriesWindows({ policy }: PlanState, { windows, began }: PlanCase): { readonly around: Window; readonly baseline: Window } {
  return { around: { from: addMs(began, -durationMs(policy.windows.series_before)), to: windows.incident.to }, baseline: windows.baseline };
}

/**
 * Whether no alarm says where to look: none is named by a page, none of the subject's moved or watches a metric of the policy. Not
 * before the alarms and their history were asked for, wherever there are any.
 */
export function isUnalarmed(state: PlanState, theCase: PlanCase): boolean {
  const { sources, asked, read } = state;
  const isAsked = sources
    .filter(({ streams }) => streams.includes('alarm_history'))
    .every(({ name }) => ['alarms', 'alarm_history'].every((stream) => asked.some((ask) => ask.source === name && ask.stream === stream)));
  if (!isAsked || namedAlarms(read).length > 0) return false;
  return wantedAlarms(state, theCase).length === 0 && lostAlarms(state, theCase).length === 0;
}

/** The alarms whose series the case reads: of a scan those of its services that stayed silent, as far as one draft reads them. */
function alarmsRead(state: PlanState, theCase: PlanCase, isScanned: boolean): readonly KnownAlarm[] {
  return isScanned ? ownAlarms(state, theCase).slice(0, MAX_SCANNED) : wantedAlarms(state, theCase);
}

/** The keys of the series that the alarms of the case watch and that are read for them. */
export function seriesOfAlarms(state: PlanState, theCase: PlanCase, isScanned: boolean): ReadonlySet<string> {
  return new Set(alarmsRead(state, theCase, isScanned).flatMap(({ facts }) => facts.flatMap(({ seriesKeys }) => seriesKeys)));
}

/** The alarms of the case's services, whether or not they moved. */
function ownAlarms(state: PlanState, { subject }: PlanCase): readonly KnownAlarm[] {
  return knownAlarms(state.read).filter(({ source, arn }) =>
    subject.includes(ownerNameOf([`${source}/alarm:${alarmName(arn)}`], state.services) ?? ''),
  );
}

/** The known alarms that the case is about: named by a page, combined by such a one and moved, or the subject's and moved or its impact. */
function wantedAlarms(state: PlanState, { subject, windows }: PlanCase): readonly KnownAlarm[] {
  const named = new Set(namedAlarms(state.read));
  const combined = new Set(combinedAlarms(state.read));
  const moved = movedAlarms(state.read, windows.incident);
  return knownAlarms(state.read).filter(({ source, arn, facts }) => {
    if (named.has(arn) || (combined.has(arn) && moved.has(arn))) return true;
    const owner = ownerNameOf([`${source}/alarm:${alarmName(arn)}`], state.services);
    if (owner === undefined || !subject.includes(owner)) return false;
    return moved.has(arn) || facts.some(({ seriesKeys }) => seriesKeys.some((key) => isImpact(key, source, state)));
  });
}

/** An alarm moved when its history, or its own last change of state, lies in the window. */
function movedAlarms(read: readonly PlanRead[], window: Window): ReadonlySet<string> {
  const inside = read
    .filter(({ stream }) => !PAGING.has(stream))
    .flatMap(({ events }) => events)
    .filter(({ type, time }) => type.startsWith('alert.') && time.at >= window.from && time.at < window.to);
  return new Set(inside.flatMap(({ correlationKeys }) => correlationKeys).flatMap(arnOf));
}

function isImpact(key: string, source: string, { policy }: PlanState): boolean {
  return policy.impact_metrics.some(({ metric }) => isMetric({ key, source }, metric));
}

/** Of a scan: silent alarms beyond those that one draft reads the series of, by source. */
export function leftSilent(state: PlanState, theCase: PlanCase): readonly { readonly source: string; readonly detail: string }[] {
  const own = ownAlarms(state, theCase);
  return [...Map.groupBy(own.slice(MAX_SCANNED), ({ source }) => source)].map(([source, left]) => ({
    source,
    detail: `no alarm fired, and the series of ${left.length} of ${own.length} silent ones were not read`,
  }));
}

/**
 * Moved alarms of the subject, and moved ones that a page names, that neither a listing nor a question by name gave: they were deleted
 * since, so only what is left of their history can say which metric they watched.
 */
export function lostAlarms(
  state: PlanState,
  { subject, windows }: PlanCase,
): readonly { readonly source: string; readonly arn: string; readonly name: string }[] {
  const known = new Set(knownAlarms(state.read).map(({ arn }) => arn));
  const moved = movedAlarms(state.read, windows.incident);
  const byName = new Set(state.asked.filter(({ stream }) => stream === 'alarms').flatMap(({ keys }) => keys));
  const named = new Set(namedAlarms(state.read).filter((arn) => byName.has(`alarm:${arn}`)));
  const events = state.read
    .filter(({ stream }) => !PAGING.has(stream))
    .flatMap(({ source, events }) => events.map((event) => ({ source, event })));
  const lost = events.flatMap(({ source, event }) =>
    event.correlationKeys
      .flatMap(arnOf)
      .filter((arn) => moved.has(arn) && !known.has(arn))
      .filter((arn) => named.has(arn) || subject.includes(ownerNameOf(event.belongsTo, state.services) ?? ''))
      .map((arn) => ({ source, arn, name: alarmName(arn) })),
  );
  return [...new Map(lost.map((alarm) => [`${alarm.source}/${alarm.name}`, alarm])).values()].toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
}
