import type { Series } from '../series.ts';

/** How long something takes, and how much of it goes wrong or waits. */
const HIGH_IS_WORSE =
  /latency|duration|response_?time|elapsed|error|(?<!de)fault|fail|5xx|4xx|reject|throttl|time_?out|unhealthy|unavailab|unsuccess|backlog|queue_?(?:depth|length)/i;
/** `ApproximateAgeOfOldestMessage`, and no `PercentageOf…` or `AverageOf…`. */
const AGE_IS_WORSE = /(?<![A-Z])Age_?Of|(?<![A-Za-z])age_of/;
const LOW_IS_WORSE = /availab|success|healthy/i;
/** What is left of an allowance turns the word before it around, so the name says nothing. */
const ALLOWANCE = /budget|remaining|left|free/i;

/**
 * Which way a metric gets worse, where its own name says so: fewer errors and shorter waits hurt nobody, and a scan that no alarm guides
 * would else take the end of a busy spell for an impact. Of any other metric either way may be bad.
 */
export function worseSideOf({ metric }: Pick<Series, 'metric'>): 'above' | 'below' | undefined {
  if (ALLOWANCE.test(metric)) return undefined;
  if (HIGH_IS_WORSE.test(metric) || AGE_IS_WORSE.test(metric)) return 'above';
  return LOW_IS_WORSE.test(metric) ? 'below' : undefined;
}
