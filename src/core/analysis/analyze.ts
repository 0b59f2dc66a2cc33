import type { Citations } from '../citation.ts';
import type { Moment } from '../time.ts';
import type { Coverage } from '../timeline/coverage.ts';
import type { TimelineEntry } from '../timeline/entry.ts';
import type { Change } from './changes.ts';
import type { Metric, MetricName, MilestoneName, Milestones } from './metrics.ts';
import type { Suspect, SuspectVerdict } from './suspects.ts';
export interface Phase {
  readonly name: 'latent' | 'undetected' | 'unpaged' | 'unanswered' | 'diagnosis' | 'repair' | 'closing';
  readonly from: MilestoneName;
  readonly to: MilestoneName;
  readonly starts: Moment;
  readonly ends: Moment;
}

/** What a person should look at, and why. */
export interface Finding {
  readonly code: 'milestones_inverted' | 'clock_offset' | 'name_unknown' | 'incident_overlaps' | 'source_empty';
  readonly subject: string;
  readonly cites: Citations;
}

/** What we conclude, and all that a program may read: it is the JSON of a draft, not a copy of it. */
export interface Analysis {
  readonly timeline: readonly TimelineEntry[];
  readonly milestones: Milestones;
  readonly durations: Readonly<Record<MetricName, Metric>>;
  readonly phases: readonly Phase[];
  readonly changes: readonly Change[];
  readonly suspects: readonly Suspect[];
  readonly suspectVerdict: SuspectVerdict;
  /** What ran when the impact began, one a service: "v2.3.4, 14 min old". */
  readonly running: readonly { readonly service: string; readonly revision: string; readonly ageMs: number; readonly cites: Citations }[];
  /** For counts: the excess over the baseline from onset to recovery. */
  readonly impactSize?: {
    readonly metric: string;
    readonly value: number;
    readonly min: number;
    readonly max: number;
    readonly cites: Citations;
  };
  readonly findings: readonly Finding[];
  readonly coverage: readonly Coverage[];
}
