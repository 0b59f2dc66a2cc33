import type { Case } from '../case.ts';
import { isMergedInto } from '../merges.ts';
import { isMetric, plainPlace } from '../metric-keys.ts';
import { ownerNameOf } from '../ownership.ts';
import { remembered } from '../remembered.ts';
import { compare } from '../timeline/order.ts';
import type { Finding } from './analyze.ts';
import { alarmsByKey } from './apart.ts';
import { type Firing, incidentSpan } from './joined.ts';
import type { Milestones } from './metrics.ts';
import { inversionsOf } from './phases.ts';

/** What a person should look at before the draft is sent, each with its evidence. */
export function findingsOf(theCase: Case, milestones: Milestones, firings: readonly Firing[]): readonly Finding[] {
  return [
    ...inversionsOf(milestones),
    ...overlaps(theCase, firings),
    ...unknownNames(theCase),
    ...emptySources(theCase),
    ...unreadMetrics(theCase),
  ];
}

/**
 * Other incidents that were merged into this one, or that ran while it did and are of our services, of what those depend on, or
 * with an alarm of ours: perhaps pages of one outage (`--with`). None joins by itself.
 */
function overlaps(theCase: Case, firings: readonly Firing[]): readonly Finding[] {
  const { from, to } = incidentSpan(theCase);
  const near = nearOf(theCase);
  const alarmsOf = alarmsByKey(theCase);
  const alarms = new Set([...theCase.incidents.flatMap((key) => [...alarmsOf(key)]), ...firings.map(({ alarm }) => alarm)]);
  const incidents = theCase.facts.filter((fact) => fact.kind === 'incident');
  // What was merged long after one of the two had closed is apart, and a reader of the pager's own list would look for it.
  const late = new Set(incidents.flatMap((fact) => (theCase.incidents.includes(fact.key) ? (fact.mergedLateInto ?? []) : [])));
  const mergedAway = new Map(incidents.map((fact) => [fact.key, fact.mergedInto]));
  return incidents
    .filter(({ key }) => !theCase.incidents.includes(key))
    .filter(({ key, mergedInto, mergedLateInto, belongsTo, triggeredAt, resolvedAt }) => {
      // Its own record tells what came before the merge: when it was opened, and who was called then.
      if (isMergedInto(theCase.incidents, mergedInto, mergedAway)) return true;
      if (late.has(key) || (mergedLateInto !== undefined && theCase.incidents.includes(mergedLateInto))) return true;
      if (triggeredAt === undefined || triggeredAt > to || (resolvedAt ?? to) < from) return false;
      const owner = ownerNameOf(belongsTo, theCase.services);
      return (owner !== undefined && near.has(owner)) || !alarmsOf(key).isDisjointFrom(alarms);
    })
    .toSorted((a, b) => compare(a.key, b.key))
    .map(({ key, evidence }) => ({ code: 'incident_overlaps', subject: key, cites: [{ evidence }] }));
}

/** The services that the case is about, and those they depend on. */
function nearOf({ services, subject }: Case): ReadonlySet<string> {
  const own = services.filter(({ name }) => subject.includes(name));
  return new Set([...subject, ...own.flatMap(({ dependsOn }) => dependsOn)]);
}

/** Each name once, with every place where it stands. */
function unknownNames({ unplacedNames }: Case): readonly Finding[] {
  const ordered = unplacedNames.toSorted(
    (a, b) => compare(a.name, b.name) || compare(a.evidence, b.evidence) || compare(a.pointer, b.pointer),
  );
  return [...Map.groupBy(ordered, ({ name }) => name)].flatMap(([name, places]): readonly Finding[] => {
    const [first, ...rest] = places.map(({ evidence, pointer }) => ({ evidence, pointer }));
    return first ? [{ code: 'name_unknown', subject: name, cites: [first, ...rest] }] : [];
  });
}

/** A needed stream that answered in full and gave nothing: right for a quiet service, and the sign of a wrong scope. A hint says it all. */
function emptySources({ coverage }: Case): readonly Finding[] {
  return coverage
    .filter(({ need, status, records, hint }) => status === 'complete' && records === 0 && need === 'needed' && hint === undefined)
    .map(({ source, stream }) => `${source}/${stream}`)
    .toSorted(compare)
    .map((line) => ({ code: 'source_empty', subject: line, cites: [{ coverage: line }] }));
}

/**
 * Metrics that the policy calls impact and of which no source gave a series: the impact is then judged without them. One that another
 * service claims was not looked for.
 */
function unreadMetrics({ policy, series, coverage, services, subject }: Case): readonly Finding[] {
  const lines = coverage.filter(({ stream }) => stream === 'series' || stream === 'metrics');
  const [first, ...rest] = (lines.length > 0 ? lines : coverage).map(({ source, stream }) => ({ coverage: `${source}/${stream}` }));
  if (!first) return [];
  const isOthers = remembered((place) => {
    const owner = ownerNameOf([place], services);
    return owner !== undefined && !subject.includes(owner);
  });
  return [...new Set(policy.impact_metrics.map(({ metric }) => metric))]
    .filter((metric) => !series.some((one) => isMetric(one, metric)))
    .filter((metric) => !coverage.some(({ source }) => isOthers(plainPlace(source, metric))))
    .toSorted(compare)
    .map((metric) => ({ code: 'impact_metric_unread', subject: metric, cites: lines.length > 0 ? [first, ...rest] : [first] }));
}
