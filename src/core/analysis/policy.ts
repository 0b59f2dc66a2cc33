import type { ClockOffsets } from '../clocks.ts';
import type { Duration } from '../time.ts';
import type { MetricName } from './metrics.ts';

/** A series that stands for the users' pain; `metric` is `NAMESPACE NAME`, and under `severe` the worst is over. */
export interface ImpactMetric {
  readonly metric: string;
  readonly severe?: number;
}

/**
 * Every threshold that a conclusion rests on, in the very form in which the configuration states it:
 * a draft pins this block in full, so what is printed, hashed and applied is one thing.
 */
export interface Policy {
  /** Lengths around [first trigger, last resolve]. */
  readonly windows: {
    readonly changes_before: Duration;
    readonly alarms_before: Duration;
    readonly series_before: Duration;
    readonly baseline_before: Duration;
    readonly after: Duration;
  };
  readonly settle: Duration;
  readonly stable_for: Duration;
  readonly mitigation_within: Duration;
  readonly impact_metrics: readonly ImpactMetric[];
  readonly actors: 'roles' | 'names';
  readonly join: 'merged' | 'overlapping' | 'none';
  /**
   * A suspect needs at least this score, of 1, to be called one. By default more than an even chance: to blame in vain costs more than to leave
   * the question open.
   */
  readonly suspect_score: number;
  /** How long each part may take before it is listed under what went wrong. */
  readonly targets: Readonly<Partial<Record<MetricName, Duration>>>;
  /**
   * By clock (a source, or `source/change_events`), how far it is ahead: its times are set right by this. Absent, nothing is
   * corrected, and a difference that was measured is only shown.
   */
  readonly clock_offsets?: ClockOffsets;
}

/** What the draft prints and who is named as its author. */
export interface DraftOptions {
  readonly authors: readonly string[];
  readonly code: 'none' | 'files' | 'patch';
  readonly template: string | null;
}

/** Joins a PagerDuty user, a GitHub login and names; the role is what a draft prints. */
export interface PersonConfig {
  readonly role: string;
  readonly pagerduty?: string;
  readonly github?: string;
  readonly names: readonly string[];
  /** The account is a program's: what it does no person did. `false` says that it is a person's, whatever its name reads like. */
  readonly automation?: boolean;
}

/** What applies where the configuration says nothing; `config/policy.yaml` prints the same values with their reasons. */
export const DEFAULT_POLICY: Policy = {
  windows: { changes_before: '24h', alarms_before: '2h', series_before: '24h', baseline_before: '14d', after: '24h' },
  settle: '15m',
  stable_for: '15m',
  mitigation_within: '10m',
  impact_metrics: [],
  actors: 'roles',
  join: 'merged',
  suspect_score: 0.7,
  targets: {
    time_to_detect: '5m',
    time_to_page: '5m',
    time_to_acknowledge: '5m',
    time_to_communicate: '15m',
    time_to_reverse: '10m',
    time_to_mitigate: '30m',
    time_to_recover: '60m',
    deployment_to_detection: '15m',
  },
};

/** No author is named and files, not patches, are printed, unless the configuration says otherwise. */
export const DEFAULT_DRAFT: DraftOptions = { authors: [], code: 'files', template: null };
