import type { PersonConfig } from './analysis/policy.ts';
import { type Cast, castOf } from './cast.ts';
import type { RecordedEvent } from './events.ts';
import type { Fact } from './facts.ts';
import { fold, wordsOf } from './names.ts';
import { compare } from './timeline/order.ts';

/** One human, whatever ids the sources gave them. */
export interface Person {
  /** `pagerduty:user:PXPGF42`, `github:user:jsmith`; sorted. */
  readonly ids: readonly string[];
  /** Full names, handles and e-mail addresses, as the sources write them; sorted. */
  readonly names: readonly string[];
  /** The role that the configuration gives. */
  readonly role?: string;
  /** The escalation level that the source states: 1 is called first. */
  readonly level?: number;
  /** What the configuration says: whether the account is a program's. */
  readonly automation?: boolean;
}

/** What one record or one block of the configuration says of somebody. */
interface Claim {
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly role?: string;
  readonly level?: number;
  readonly automation?: boolean;
}

/**
 * Joins what configuration, person facts and actors say into people. Ids of two vendors are one person where the
 * configuration says so, or where they share an e-mail address or a full name that no second account of either vendor
 * has. The result does not depend on the order of what it is given.
 */
export function peopleOf(config: readonly PersonConfig[], facts: readonly Fact[], events: readonly RecordedEvent[]): readonly Person[] {
  return peopleIn(config, facts, castOf(events, []));
}

/** The same, where the cast of the events was read already. */
export function peopleIn(config: readonly PersonConfig[], facts: readonly Fact[], { named }: Pick<Cast, 'named'>): readonly Person[] {
  const claims = distinct([...config.map(fromConfig), ...facts.flatMap(fromFact), ...fromEvents(named)]);
  const groups = startGroups();
  for (const { ids } of claims) groups.join(ids);
  for (const ids of idsByName(claims).values()) if (isOneEach(ids)) groups.join(ids);
  const byRoot = Map.groupBy(claims, ({ ids }) => groups.rootOf(ids[0] ?? ''));
  return [...byRoot.values()].map(toPerson).toSorted((a, b) => compare(a.ids[0] ?? '', b.ids[0] ?? ''));
}

function distinct(claims: readonly Claim[]): readonly Claim[] {
  return [
    ...new Map(
      claims.map((claim) => [JSON.stringify([claim.ids, claim.names, claim.role, claim.level, claim.automation]), claim]),
    ).values(),
  ];
}

/** One spelling of an id: GitHub reads logins in any case. */
export function personId(id: string): string {
  return id.startsWith('github:user:') ? id.toLowerCase() : id;
}

function fromConfig({ role, pagerduty, github, names, automation }: PersonConfig, index: number): Claim {
  const ids = [...(pagerduty ? [`pagerduty:user:${pagerduty}`] : []), ...(github ? [personId(`github:user:${github}`)] : [])];
  return { ids: ids.length > 0 ? ids : [`people:${index}:${role}`], names, role, ...(automation !== undefined && { automation }) };
}

function fromFact(fact: Fact): readonly Claim[] {
  if (fact.kind !== 'person') return [];
  return [{ ids: [personId(fact.key)], names: fact.names, ...(fact.level !== undefined && { level: fact.level }) }];
}

/** Whoever acts or is called, with every name they act under. */
function fromEvents(named: Cast['named']): readonly Claim[] {
  return [...named].flatMap(([id, names]) => [
    { ids: [personId(id)], names: [] },
    ...[...names].filter(Boolean).map((name) => ({ ids: [personId(id)], names: [name] })),
  ]);
}

/** The ids that share an e-mail address or a full name. A handle or a first name alone joins nobody. */
function idsByName(claims: readonly Claim[]): ReadonlyMap<string, ReadonlySet<string>> {
  const shared = new Map<string, Set<string>>();
  for (const { ids, names } of claims) {
    for (const name of names.filter((text) => text.includes('@') || wordsOf(text).length > 1)) {
      const key = name.includes('@') ? fold(name) : wordsOf(name).join(' ');
      const known = shared.get(key) ?? new Set();
      shared.set(key, new Set([...known, ...ids]));
    }
  }
  return shared;
}

/** Whether no vendor has two accounts among these: else the name is two people's. */
function isOneEach(ids: ReadonlySet<string>): boolean {
  const vendors = [...ids].map((id) => id.split(':')[0]);
  return new Set(vendors).size === vendors.length;
}

function toPerson(claims: readonly Claim[]): Person {
  const ids = [...new Set(claims.flatMap((claim) => claim.ids))].toSorted(compare);
  const handles = ids.filter((id) => id.startsWith('github:user:')).map((id) => id.slice('github:user:'.length));
  const names = [...new Set([...claims.flatMap((claim) => claim.names), ...handles])].toSorted(compare);
  const role = claims.find((claim) => claim.role !== undefined)?.role;
  const levels = claims.flatMap(({ level }) => (level === undefined ? [] : [level]));
  const automation = claims.find((claim) => claim.automation !== undefined)?.automation;
  return {
    ids,
    names,
    ...(role !== undefined && { role }),
    ...(levels.length > 0 && { level: Math.min(...levels) }),
    ...(automation !== undefined && { automation }),
  };
}

interface Groups {
  rootOf(id: string): string;
  join(ids: Iterable<string>): void;
}

/** Union-find over ids; the smallest id of a group is its root, so that the order of joining cannot matter. */
function startGroups(): Groups {
  const parents = new Map<string, string>();
  const rootOf = (id: string): string => {
    let root = id;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  };
  const join = (ids: Iterable<string>): void => {
    const [first, ...others] = [...new Set(Array.from(ids, rootOf))].toSorted(compare);
    for (const root of others) parents.set(root, first ?? root);
  };
  return { rootOf, join };
}

/** Words that stand in names of programs' accounts and seldom in people's: `deploy-bot`, `Rundeck Automation`, `svc-rundeck`. */
const PROGRAM = /(?:^|[\s._+-])(?:bot|robot|automations?|svc|service[\s._-]?account|daemon|cron|no-?reply)(?:$|[\s._+-])/i;

/** Whether a name of the account reads like a program's; of an address only what stands before the @. */
export function readsLikeProgram({ names }: Pick<Person, 'names'>): boolean {
  return names.some((name) => PROGRAM.test(name.split('@')[0] ?? ''));
}
