import type { EvidenceId } from './evidence.ts';
import type { Instant } from './time.ts';
/** What a record says that is neither a happening nor numbers: the third thing that normalize returns. */
export type FactSeed =
  | {
      readonly kind: 'incident';
      readonly key: string;
      readonly number?: number;
      readonly title: string;
      readonly url?: string;
      readonly severity?: string;
      readonly status: 'open' | 'resolved' | 'merged';
      /** The fact key of the incident that this one was merged into. */
      readonly mergedInto?: string;
      /** The same of one that had been closed for long when this one began, in place of `mergedInto`: no connector sets it. */
      readonly mergedLateInto?: string;
      /** When the record was opened: the windows of a case count from here. */
      readonly triggeredAt?: Instant;
      /** When it was last closed; absent while it is open. */
      readonly resolvedAt?: Instant;
      /** The vendor's own name of the service it is filed under: printed where the configuration names none. */
      readonly serviceName?: string;
      readonly belongsTo: readonly string[];
    }
  | {
      readonly kind: 'alarm';
      readonly key: string;
      readonly heldFrom?: Instant;
      readonly comparison: 'above' | 'below' | 'outside' | 'rule';
      readonly threshold?: number;
      readonly periodMs: number;
      readonly breaching: number;
      readonly outOf: number;
      readonly missing: 'breaching' | 'notBreaching' | 'ignore' | 'missing';
      readonly seriesKeys: readonly string[];
      /** Of an expression, the series of counts that it is computed from: what a share is of. They show no impact of their own. */
      readonly operandKeys?: readonly string[];
      /** Why it names no series, in words that follow its name: "combines other alarms". */
      readonly noSeries?: string;
      /** The fact keys of the alarms that it combines. */
      readonly watches?: readonly string[];
    }
  | {
      readonly kind: 'comparison';
      readonly key: string;
      readonly base: string;
      readonly head: string;
      readonly status: 'ahead' | 'behind' | 'diverged' | 'identical';
      readonly commits: readonly string[];
      readonly files: readonly { readonly path: string; readonly patch?: string }[];
      readonly filesCut: boolean;
      /** Which page of the answer this is, from 1; the pages of one key follow each other, and only the first carries files. */
      readonly page?: number;
    }
  | {
      readonly kind: 'change';
      readonly key: string;
      readonly number: number;
      readonly title: string;
      readonly url: string;
      readonly revisions: readonly string[];
      readonly reverts?: string;
      /** The commit that its text says it takes back, where it says one. */
      readonly revertsRevision?: string;
      /** When it was merged; absent while it is open. */
      readonly mergedAt?: Instant;
      /** Numbers of the pull requests of the same repository that its title or text names. */
      readonly mentions?: readonly number[];
      /** What it changed, where its record says so; else the comparison whose head is its revision does. */
      readonly files?: readonly { readonly path: string; readonly patch?: string }[];
    }
  /** A metric that the source has: the key of its series, dimensions and statistic included. */
  | { readonly kind: 'metric'; readonly key: string }
  | { readonly kind: 'person'; readonly key: string; readonly names: readonly string[]; readonly level?: number }
  | {
      readonly kind: 'related';
      readonly key: string;
      readonly of: string;
      readonly why: string;
      /** What the source says of the other incident beside its id; its own incident fact, where one was read, says more. */
      readonly title?: string;
      readonly number?: number;
      readonly url?: string;
      readonly startedAt?: Instant;
    }
  /** The answer that gave this record held all that another stream has under the key: that stream need not be asked for it. */
  | { readonly kind: 'nested'; readonly key: string; readonly stream: string }
  /** A duration that the source computed itself; printed beside ours, never in its place. */
  | {
      readonly kind: 'reference';
      readonly key: string;
      readonly metric: string;
      readonly seconds: number;
      /** When the source computed it: a draft as of an earlier time does not know it. */
      readonly computedAt?: Instant;
    };

/** A standing thing that a record tells, with the record. */
export type Fact = FactSeed & { readonly evidence: EvidenceId };
