import type { Service } from './case.ts';
import type { RecordedEvent } from './events.ts';
import type { Fact } from './facts.ts';
import { plainKey } from './metric-keys.ts';
import type { Belonging } from './timeline/entry.ts';
import { compare } from './timeline/order.ts';

const OF_OTHER = 'belongs to ';

/** The service that something belongs to which is none of the case's, where the configuration knows it. */
export function otherOwner(belongs: Belonging): string | undefined {
  return 'why' in belongs && belongs.service === 'other' ? belongs.why.slice(OF_OTHER.length) : undefined;
}

/** `aws-prod/alarm:api-*` owns `aws-prod/alarm:api-5xx`. The longest claim wins; two services that claim alike are refused by the config. */
export function ownerOf(keys: readonly string[], services: readonly Service[], subject: readonly string[]): Belonging {
  const claims = services.flatMap(({ name, owns }) =>
    owns.filter((claim) => keys.some((key) => matches(claim, key))).map((claim) => ({ name, claim })),
  );
  const best = claims.toSorted((a, b) => plainKey(b.claim).length - plainKey(a.claim).length || compare(a.name, b.name))[0];
  if (!best) return { service: 'unmapped', why: `no service owns ${keys.join(', ') || 'a record with no key'}` };
  return subject.includes(best.name) ? { service: best.name } : { service: 'other', why: `${OF_OTHER}${best.name}` };
}

/** A claim ends in `*` where it owns all that begin like it; a `*` inside has no meaning. What a key escapes, a claim need not. */
function matches(claim: string, key: string): boolean {
  const [own, text] = [plainKey(claim), plainKey(key)];
  return own.endsWith('*') ? text.startsWith(own.slice(0, -1)) : text === own;
}

/**
 * The services that the incidents are about, by who owns what their records belong to, in the order of the incidents.
 * Where nobody does (no `services:` is configured), a service is made of the incident's own: it is named by the last part of
 * its key, and owns the alarms that the incident's alerts name. So a first draft needs no configuration.
 */
export function subjectOf(
  incidents: readonly string[],
  facts: readonly Fact[],
  events: readonly RecordedEvent[],
  services: readonly Service[],
): { readonly subject: readonly string[]; readonly services: readonly Service[] } {
  const subject: string[] = [];
  const made: Service[] = [];
  for (const incident of incidents) {
    const keys = belongingsOf(incident, facts, events);
    const owner = ownerNameOf(keys, [...services, ...made]);
    const own = owner === undefined && keys[0] !== undefined ? serviceOf(keys[0], keys, alarmsOf(incident, events)) : undefined;
    if (own) made.push(own);
    const name = owner ?? own?.name;
    if (name !== undefined && !subject.includes(name)) subject.push(name);
  }
  return { subject, services: [...services, ...made] };
}

const NONE: readonly never[] = [];

/** The very list where there is one: a hundred thousand notes are of a few incidents. */
function joined(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = NONE, ...others] = lists.filter(({ length }) => length > 0);
  return others.length === 0 ? first : [first, ...others].flat();
}

/** Gives an event that names no owner what its incident belongs to: a note of PagerDuty's says only whose incident it is of. */
export function inheritOwners(events: readonly RecordedEvent[], facts: readonly Fact[]): readonly RecordedEvent[] {
  const owners = new Map(facts.flatMap((fact) => (fact.kind === 'incident' ? [[fact.key, fact.belongsTo] as const] : [])));
  const isOfOne = (event: RecordedEvent) => event.belongsTo.length === 0 && event.correlationKeys.some((key) => owners.has(key));
  if (!events.some(isOfOne)) return events;
  return events.map((event) => {
    if (!isOfOne(event)) return event;
    const belongsTo = joined(event.correlationKeys.map((key) => owners.get(key) ?? NONE));
    return belongsTo.length > 0 ? { ...event, belongsTo } : event;
  });
}

/** The name of the service whose claim on any of these keys is the longest. */
export function ownerNameOf(keys: readonly string[], services: readonly Service[]): string | undefined {
  const owner = ownerOf(
    keys,
    services,
    services.map(({ name }) => name),
  );
  return 'why' in owner ? undefined : owner.service;
}

function belongingsOf(incident: string, facts: readonly Fact[], events: readonly RecordedEvent[]): readonly string[] {
  const stated = facts.flatMap((fact) => (fact.kind === 'incident' && fact.key === incident ? fact.belongsTo : []));
  if (stated.length > 0) return [...new Set(stated)].toSorted(compare);
  const seen = events.filter(({ correlationKeys }) => correlationKeys.includes(incident)).flatMap(({ belongsTo }) => belongsTo);
  return [...new Set(seen)].toSorted(compare);
}

function serviceOf(first: string, keys: readonly string[], alarms: readonly string[]): Service {
  return { name: first.slice(first.lastIndexOf(':') + 1), owns: [...new Set([...keys, ...alarms])].toSorted(compare), dependsOn: [] };
}

/** What the alarms belong to that the incident's own records name. */
function alarmsOf(incident: string, events: readonly RecordedEvent[]): readonly string[] {
  const named = new Set(
    events
      .filter(({ correlationKeys }) => correlationKeys.includes(incident))
      .flatMap(({ correlationKeys }) => correlationKeys.filter((key) => key.startsWith('alarm:'))),
  );
  if (named.size === 0) return [];
  return events.filter(({ correlationKeys }) => correlationKeys.some((key) => named.has(key))).flatMap(({ belongsTo }) => belongsTo);
}
