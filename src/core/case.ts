import type { DraftOptions, PersonConfig, Policy } from './analysis/policy.ts';
import { countedBy, type LostRule, lostRules, recordsBy, wasThere } from './as-of.ts';
import { castOf } from './cast.ts';
import { correctClocks } from './clocks.ts';
import { type Disguise, disguiseOf, namesKept } from './disguise.ts';
import type { EventId, RecordedEvent } from './events.ts';
import type { EvidenceId, Json } from './evidence.ts';
import type { Fact } from './facts.ts';
import { type Gathered, orderFacts, startGathering } from './gathered.ts';
import { apartFromClosed } from './merges.ts';
import { inheritOwners, subjectOf } from './ownership.ts';
import { peopleIn } from './people.ts';
import { assignRolesIn } from './roles.ts';
import { joinSeries, type Series } from './series.ts';
import type { Instant, Window } from './time.ts';
import type { Coverage, Pulled } from './timeline/coverage.ts';
import type { Stamped } from './timeline/normalize.ts';
import { compare, orderEvents } from './timeline/order.ts';
import { type NameSearch, startNameSearch, type UnplacedName } from './unplaced-names.ts';
import { pointFilter, visibleEvents, windowsAt } from './visibility.ts';

/** Which records are ours: `pagerduty/service:PAPI001`, `aws-prod/alarm:api-*`, `github/repo:acme/api@production`. */
export interface Service {
  readonly name: string;
  readonly owns: readonly string[];
  readonly dependsOn: readonly string[];
}

/** The `services` block as the configuration states it: `owns` by the source's name, read by that source's connector. */
export interface ServiceConfig {
  readonly name: string;
  readonly owns: Readonly<Record<string, Json>>;
  readonly depends_on: readonly string[];
}

/** The three windows of a case: the incident's own, where changes are looked for, and where normal is learned. */
export interface Windows {
  readonly incident: Window;
  readonly changes: Window;
  readonly baseline: Window;
}

/**
 * What one draft was made from, pinned. `evidence` holds the newest version of each object, sorted by id;
 * the four configuration blocks stand in full. `takenAt` is metadata: printed in the header, never hashed.
 */
export interface Snapshot {
  /** The incidents of the case, first the one asked for, by the key of their fact: `pagerduty/incident:PABC`. */
  readonly incidents: readonly [string, ...string[]];
  /** Those of them that nobody asked for: they were merged with the others. Absent where there are none. */
  readonly joined?: readonly string[];
  readonly windows: Windows;
  /** The window that was asked for in place of an incident, as it was given: what is read around it is wider. */
  readonly asked?: Window;
  /** The service that a window without an incident was asked for; an incident's own records say theirs. */
  readonly subject?: readonly string[];
  readonly evidence: readonly EvidenceId[];
  readonly coverage: readonly Pulled[];
  readonly lastEdit: number;
  readonly asOf?: Instant;
  readonly takenAt: Instant;
  readonly engine: string;
  readonly policy: Policy;
  readonly services: readonly ServiceConfig[];
  readonly people: readonly PersonConfig[];
  readonly draft: DraftOptions;
  /** By source: `{ "aws-prod": "cloudwatch/1" }`. */
  readonly normalizers: Readonly<Record<string, string>>;
  /** The run whose order of records counts: of two runs over the same evidence each numbers them its own way. Never hashed. */
  readonly run?: number;
  /**
   * `bundle:<root>` for what was imported: it is filed under this key in place of its first incident's, so that it
   * never joins a live incident, and its header says "from a bundle".
   */
  readonly origin?: string;
}

/** Everything that one draft may know. Built once from a snapshot; analyze and compose take nothing else. */
export interface Case {
  /** The first is the one asked for. */
  readonly incidents: readonly [string, ...string[]];
  readonly windows: Windows;
  /** The window that was asked for in place of an incident, as it was given. */
  readonly asked?: Window;
  /** The draft's only now: `asOf`, else the end of a closed incident's last window; never a wall clock. `takenAt` is for the header. */
  readonly now: Instant;
  readonly takenAt: Instant;
  readonly asOf?: Instant;
  /** `bundle:<root>` where it was made from an imported bundle. */
  readonly origin?: string;
  readonly services: readonly Service[];
  readonly policy: Policy;
  readonly draft: DraftOptions;
  /** The services that the incident is about; what belongs to any other is set apart. */
  readonly subject: readonly string[];
  /** Each once, in the timeline's order. */
  readonly events: readonly RecordedEvent[];
  readonly series: readonly Series[];
  readonly facts: readonly Fact[];
  readonly coverage: readonly Coverage[];
  /** Of alarms whose rule at `asOf` no record tells the next one, which stands for it. */
  readonly lostRules?: readonly LostRule[];
  /** Bare names that no role could be found for, with where they stand: each becomes a finding. */
  readonly unplacedNames: readonly UnplacedName[];
}

/**
 * Builds the case of a snapshot: its events inside its windows, its series joined, who owns it, what was covered. People
 * become roles here, and no later stage sees a name unless `policy.actors` says so. `records` are what the normalizers say of
 * the snapshot's evidence, in any order; others are left out. Equal input gives an equal case.
 */
export function assemble(snapshot: Snapshot, records: readonly Stamped[], services: readonly Service[]): Case {
  const { asOf, policy } = snapshot;
  const read = correctClocks(reportRepeats(inSnapshot(snapshot, records)), policy.clock_offsets);
  const gathering = startGathering();
  for (const stamped of recordsBy(read, asOf)) gathering.add(stamped, wasThere(stamped, asOf), countedBy(stamped, asOf));
  return assembleGathered(snapshot, gathering.gathered(), services, lostRules(read, asOf));
}

/** Whether the snapshot's records are weighed against each other, or set right one by one, before a case is made of them. */
export function isWeighed({ asOf, policy }: Pick<Snapshot, 'asOf' | 'policy'>): boolean {
  return asOf !== undefined || policy.clock_offsets !== undefined;
}

/**
 * The same of what was gathered while the records were read, so that they need not all be held: exactly the snapshot's, each once, with
 * no repeats in them, and of a snapshot that is not weighed. `lost` are the rules of alarms that no record tells as they were.
 */
export function assembleGathered(
  snapshot: Snapshot,
  { events: told, instants, isOwn, facts: stated, series, tallies }: Gathered,
  services: readonly Service[],
  lost: readonly LostRule[] = [],
): Case {
  const { asOf, asked, policy, origin } = snapshot;
  const windows = windowsAt(snapshot.windows, asOf);
  const visible = visibleEvents(told, windows, asOf);
  const facts = apartFromClosed(stated);
  const events = inheritOwners(orderEvents(visible, visible === told ? instants : undefined), facts);
  const incidents = followMerges(snapshot.incidents, facts);
  const owned = subjectOf(incidents, facts, events, services);
  const names = policy.actors === 'names' ? undefined : startNameSearch();
  const disguise = disguiseFor(snapshot, incidents, facts, events, names);
  const shown = {
    events: events.map(isOwn ? disguise.own : disguise.event),
    facts: orderFacts(facts.map(disguise.fact)),
  };
  return {
    incidents,
    windows,
    ...(asked !== undefined && { asked }),
    now: asOf ?? endOf(windows),
    takenAt: snapshot.takenAt,
    ...(asOf !== undefined && { asOf }),
    ...(origin !== undefined && { origin }),
    services: owned.services,
    policy,
    draft: snapshot.draft,
    subject: snapshot.subject ?? (owned.subject.length > 0 ? owned.subject : services.map(({ name }) => name)),
    ...shown,
    series: joinSeries(series, pointFilter(windows, asOf)),
    coverage: tallies.lines(snapshot.coverage),
    ...(lost.length > 0 && { lostRules: lost }),
    unplacedNames: names?.found(shown.facts) ?? [],
  };
}

/**
 * The snapshot's records, each once. As they came, which is as they lie in memory: events, facts and coverage are put in an order of
 * their own, and what is not (repeats, series) is in that of the evidence, so that arrival cannot matter. Looking back weighs
 * records against each other, so for it all are.
 */
function inSnapshot({ evidence, asOf }: Snapshot, records: readonly Stamped[]): readonly Stamped[] {
  const missing = new Set(evidence);
  const found = records.filter(({ record }) => missing.delete(record.id));
  return asOf === undefined ? found : found.toSorted(byEvidence);
}

/** As a snapshot sorts its evidence. */
function byEvidence(a: Stamped, b: Stamped): number {
  return compare(a.record.id, b.record.id);
}

/** Two records that tell one event: the first by its evidence keeps it, the other gets an issue. */
function reportRepeats(records: readonly Stamped[]): readonly Stamped[] {
  const ids = new Set<EventId>();
  let events = 0;
  for (const stamped of records) {
    for (const { id } of stamped.events) ids.add(id);
    events += stamped.events.length;
  }
  return ids.size === events ? records : withoutRepeats(records.toSorted(byEvidence));
}

function withoutRepeats(records: readonly Stamped[]): readonly Stamped[] {
  const told = new Set<EventId>();
  return records.map((stamped) => {
    if (stamped.events.length === 0) return stamped;
    const repeats = stamped.events.filter(({ id }) => told.has(id));
    for (const { id } of stamped.events) told.add(id);
    if (repeats.length === 0) return stamped;
    const issues = repeats.map(({ id, provenance }) => ({ pointer: provenance.pointer, problem: `another record tells ${id} too` }));
    return { ...stamped, events: stamped.events.filter((event) => !repeats.includes(event)), issues: [...stamped.issues, ...issues] };
  });
}

/** A merged incident lives on in its target: that one joins the case, as far as its record was read. */
function followMerges(incidents: Snapshot['incidents'], facts: readonly Fact[]): Snapshot['incidents'] {
  const known = new Map(facts.flatMap((fact) => (fact.kind === 'incident' ? [[fact.key, fact] as const] : [])));
  const [first, ...others] = incidents;
  const followed = new Set<string>([first, ...others]);
  // A set grows while it is walked, so targets of targets are followed too, and a circle ends.
  for (const incident of followed) {
    const target = known.get(incident)?.mergedInto;
    if (target !== undefined && known.has(target)) followed.add(target);
  }
  return [first, ...[...followed].slice(1)];
}

function disguiseFor(
  { people }: Snapshot,
  incidents: readonly string[],
  facts: readonly Fact[],
  events: readonly RecordedEvent[],
  names: NameSearch | undefined,
): Disguise {
  const cast = castOf(events, incidents);
  const known = peopleIn(people, facts, cast);
  return names ? disguiseOf(known, assignRolesIn(known, cast), names) : namesKept(known);
}

function endOf({ incident, changes }: Windows): Instant {
  return incident.to > changes.to ? incident.to : changes.to;
}
