import type { Case } from '../case.ts';
import type { EventOf } from '../events.ts';
import type { Fact } from '../facts.ts';
import { ownerNameOf } from '../ownership.ts';
import { addMs } from '../time.ts';
import { alertsOf, type Firing, isOfIncident } from './joined.ts';

type IncidentFact = Extract<Fact, { readonly kind: 'incident' }>;

/** An alarm fires before it opens an incident: its evaluations and the pager's ways take minutes. */
const LEAD_MS = 900_000;

/**
 * The alerts that made the case known. One that an incident of another service names, and none of the case's, made that incident known, where it is left
 * apart: whoever was called for it was called for another thing, whoever owns the alarm.
 */
export function ownAlerts(theCase: Case, firings: readonly Firing[]): readonly EventOf<'alert.fired'>[] {
  const alerts = alertsOf(theCase, firings);
  const others = apartIncidents(theCase);
  if (others.length === 0) return alerts;
  const named = alarmsByKey(theCase);
  const ours = new Set(theCase.incidents.flatMap((key) => [...named(key)]));
  const isApart = ({ time, correlationKeys, attributes }: EventOf<'alert.fired'>) =>
    others.some(({ key, title, triggeredAt, resolvedAt }) => {
      const isThen = triggeredAt !== undefined && time.at >= addMs(triggeredAt, -LEAD_MS) && time.at <= (resolvedAt ?? time.at);
      return isThen && (isNamedIn(title, attributes['alert.rule']) || correlationKeys.some((one) => one === key || named(key).has(one)));
    });
  const isOurs = (event: EventOf<'alert.fired'>) => isOfIncident(event, theCase) || event.correlationKeys.some((key) => ours.has(key));
  return alerts.filter((event) => isOurs(event) || !isApart(event));
}

/** The records of an incident that is left apart are not read, so that its title may be all that names the alarm: `ALARM: "api-5xx" in …`. */
function isNamedIn(title: string, alarm: string): boolean {
  return title.includes(`"${alarm}"`);
}

/** Incidents that the record holds and the case does not, of services that it is not about. */
function apartIncidents({ facts, incidents, services, subject }: Case): readonly IncidentFact[] {
  return facts.filter((fact): fact is IncidentFact => {
    if (fact.kind !== 'incident' || incidents.includes(fact.key)) return false;
    const owner = ownerNameOf(fact.belongsTo, services);
    return owner === undefined || !subject.includes(owner);
  });
}

/** The alarms that the records of an incident name, found in one pass: an account may have hundreds of incidents at a time. */
export function alarmsByKey({ events }: Pick<Case, 'events'>): (incident: string) => ReadonlySet<string> {
  const named = new Map<string, Set<string>>();
  for (const { correlationKeys } of events) {
    const alarms = correlationKeys.filter((key) => key.startsWith('alarm:'));
    if (alarms.length === 0) continue;
    for (const key of correlationKeys) {
      const known = named.get(key) ?? new Set();
      for (const alarm of alarms) known.add(alarm);
      named.set(key, known);
    }
  }
  return (incident) => named.get(incident) ?? NONE;
}

const NONE: ReadonlySet<string> = new Set();
