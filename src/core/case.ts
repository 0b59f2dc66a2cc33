import type { DraftOptions, PersonConfig, Policy } from './analysis/policy.ts';
import type { RecordedEvent } from './events.ts';
import type { EvidenceId, Json } from './evidence.ts';
import type { Fact } from './facts.ts';
import type { Series } from './series.ts';
import type { Instant, Window } from './time.ts';
import type { Coverage, Pulled } from './timeline/coverage.ts';

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
  readonly windows: Windows;
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
  readonly events: readonly RecordedEvent[];
  readonly series: readonly Series[];
  readonly facts: readonly Fact[];
  readonly coverage: readonly Coverage[];
  /** Bare names that no role could be found for, with where they stand: each becomes a finding. */
  readonly unplacedNames: readonly { readonly name: string; readonly evidence: EvidenceId; readonly pointer: string }[];
}
