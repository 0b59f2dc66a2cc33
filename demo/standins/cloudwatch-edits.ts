import type { WorldAlarm, WorldLogAlarm } from '../world.ts';

/** The edits of an alarm that had been made by then, oldest first. */
export function editsUntil({ edits = [] }: WorldAlarm, atMs: number): NonNullable<WorldAlarm['edits']> {
  return edits.filter(({ at }) => Date.parse(at) <= atMs);
}

/** The alarm as it was configured at a time. */
export function alarmAt(created: WorldAlarm, atMs: number): WorldAlarm {
  let alarm = created;
  for (const { rule } of editsUntil(created, atMs)) alarm = { ...alarm, ...rule };
  return alarm;
}

export function isPast(at: string | undefined, nowMs: number): boolean {
  return at !== undefined && Date.parse(at) <= nowMs;
}

/** A log alarm as DescribeAlarms shows it, beside what all alarms have. */
export function logConfiguration(alarm: WorldLogAlarm): Readonly<Record<string, unknown>> {
  return {
    ScheduledQueryConfiguration: {
      QueryString: alarm.query,
      LogGroupIdentifiers: ['/acme/api'],
      AggregationExpression: 'count(*)',
      ScheduledQueryRoleARN: 'arn:aws:iam::123456789012:role/scheduled-queries',
      ScheduleConfiguration: { ScheduleExpression: 'rate(1 minute)', StartTimeOffset: 300 },
    },
    QueryResultsToEvaluate: alarm.results_to_evaluate,
    QueryResultsToAlarm: alarm.results_to_alarm,
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparison,
    TreatMissingData: alarm.missing,
  };
}

/** Names of members as a history item's data spells them: in camel case, all the way down. */
export function toCamel(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toCamel);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.charAt(0).toLowerCase() + key.slice(1), toCamel(member)]));
}
