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
  /** A suspect needs at least this score, of 1, to be called one. */
  readonly suspect_score: number;
  /** How long each part may take before it is listed under what went wrong. */
  readonly targets: Readonly<Partial<Record<MetricName, Duration>>>;
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
}
