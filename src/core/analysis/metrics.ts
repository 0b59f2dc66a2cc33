import type { EventId } from '../events.ts';
import { between, type Dated, type Instant, type Moment, type Span } from '../time.ts';

/** The moments that durations are counted between (house.md, the table of milestones). */
export type MilestoneName =
  | 'suspect_deployed'
  | 'impact_started'
  | 'detected'
  | 'paged'
  | 'acknowledged'
  | 'communicated'
  | 'reversal_started'
  | 'reversed'
  | 'mitigated'
  | 'recovered'
  | 'resolved';

/** A moment with the rule that gave it and what it rests on; or why it is not known, and what would tell it. */
export type Milestone =
  | (Dated & {
      readonly known: true;
      readonly basis: 'asserted' | 'observed' | 'inferred';
      readonly rule: string;
      readonly cites: readonly [EventId, ...EventId[]];
      /** What later rules found, in their order: kept, so that a reader may see what was not taken. */
      readonly others?: readonly Extract<Milestone, { readonly known: true }>[];
    })
  | {
      readonly known: false;
      readonly why: 'not_yet' | 'not_seen' | 'not_covered';
      readonly wanted: string;
      /** Of one that may have come already and is only not certain: it had not come before then. */
      readonly notBefore?: Moment;
    };

/** All of them: each is known, or says why not. */
export type Milestones = Readonly<Record<MilestoneName, Milestone>>;

interface Definition {
  readonly label: string;
  readonly from: MilestoneName;
  readonly to: MilestoneName;
  readonly source: string;
}

/** Every duration this product prints. A renderer that subtracts is a bug. */
export const METRICS = {
  deployment_to_detection: { label: 'Deployment to detection', from: 'suspect_deployed', to: 'detected', source: 'common in post-mortems' },
  time_to_detect: { label: 'Time to detect (TTD)', from: 'impact_started', to: 'detected', source: 'GitLab; Datadog' },
  time_to_page: { label: 'Time to page', from: 'detected', to: 'paged', source: 'PagerDuty template, time 2' },
  time_to_acknowledge: { label: 'Time to acknowledge (TTA)', from: 'paged', to: 'acknowledged', source: 'PagerDuty seconds_to_first_ack' },
  time_to_communicate: { label: 'Time to communicate', from: 'impact_started', to: 'communicated', source: 'PagerDuty template, time 3' },
  time_to_reverse: { label: 'Time to reverse', from: 'reversal_started', to: 'reversed', source: 'length of the rollback' },
  time_to_mitigate: { label: 'Time to mitigate (TTM)', from: 'impact_started', to: 'mitigated', source: 'Seeking SRE; Google SRE' },
  time_to_recover: { label: 'Time to recover', from: 'impact_started', to: 'recovered', source: 'GitLab; Google SRE' },
  detection_to_recovery: { label: 'Detection to recovery', from: 'detected', to: 'recovered', source: 'Datadog Time to Repair' },
  time_to_resolve: { label: 'Time to resolve', from: 'paged', to: 'resolved', source: 'PagerDuty seconds_to_resolve' },
  failed_deployment_recovery: { label: 'Failed deployment recovery time', from: 'suspect_deployed', to: 'recovered', source: 'DORA 2023' },
} as const satisfies Record<string, Definition>;

/** The name of a duration. */
export type MetricName = keyof typeof METRICS;

/** A duration as it was measured, or why it was not. */
export type Metric =
  | { readonly status: 'measured'; readonly span: Span; readonly cites: readonly EventId[] }
  /** The clocks cannot tell which came first: "within 30 s of each other", never "-30 s". */
  | { readonly status: 'indistinct'; readonly span: Span; readonly cites: readonly EventId[] }
  | { readonly status: 'inverted'; readonly span: Span; readonly cites: readonly EventId[] }
  /** Started and not over: "43 min so far". */
  | { readonly status: 'running'; readonly atLeastMs: number; readonly cites: readonly EventId[] }
  | { readonly status: 'unknown'; readonly missing: readonly MilestoneName[] };

/**
 * The distance between a metric's two milestones. `indistinct` where the bounds of the two ends overlap, `inverted` where the
 * end certainly lies before the start, `running` where the start is known and the end may still come.
 */
export function measure(name: MetricName, milestones: Milestones, now: Instant): Metric {
  const { from, to } = METRICS[name];
  const start = milestones[from];
  const end = milestones[to];
  if (start.known && !end.known && end.why === 'not_yet') {
    const { minMs } = between(start.time, end.notBefore ?? { at: now, minusMs: 0, plusMs: 0 });
    return { status: 'running', atLeastMs: Math.max(0, minMs), cites: start.cites };
  }
  if (!start.known || !end.known) return { status: 'unknown', missing: [from, to].filter((milestone) => !milestones[milestone].known) };
  const span = between(start.time, end.time);
  const status = span.minMs >= 0 ? 'measured' : span.maxMs <= 0 ? 'inverted' : 'indistinct';
  return { status, span, cites: [...start.cites, ...end.cites] };
}
