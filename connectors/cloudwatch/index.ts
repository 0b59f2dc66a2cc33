import { defineConnector } from '../../src/contract/index.ts';
import { check } from './check.ts';
import { openCloudWatch } from './client.ts';
import { CloudWatchConfig, CloudWatchScope } from './config.ts';
import { propose } from './propose.ts';
import { placeOf } from './series-key.ts';
import { alarmHistory } from './streams/alarm-history.ts';
import { alarms } from './streams/alarms.ts';
import { metrics } from './streams/metrics.ts';
import { series } from './streams/series.ts';

/** The vendor's default quotas, by operation. GetMetricData allows 50, which four calls at once do not reach. */
const PER_SECOND = { DescribeAlarmHistory: 3, DescribeAlarms: 9, ListMetrics: 25 } as const;

/** Amazon CloudWatch in one account and region: alarms, their history, and the values of their metrics. */
export const cloudwatch = defineConnector({
  id: 'cloudwatch',
  normalizer: 'cloudwatch/6',
  config: CloudWatchConfig,
  scope: CloudWatchScope,
  // The vendor has no quota of all calls: together they stay below what DescribeAlarms alone is allowed.
  limits: { requestsPerMinute: 540, concurrency: 4, pageSize: 100, perSecond: PER_SECOND },
  adds: {
    vendor: 'CloudWatch',
    what: 'when each alarm fired, and from its metrics when the impact began, how large it was and when it ended',
  },
  streams: [alarms, alarmHistory, series, metrics],
  open: (config, kit) => openCloudWatch(config, kit),
  claims: (source, scope) => [
    ...(scope.alarm_prefixes ?? []).map((prefix) => `${source}/alarm:${prefix}*`),
    ...(scope.metrics ?? []).map((metric) => `${source}/metric:${claimedPlace(metric)}`),
  ],
  scopeFor,
  propose,
  check,
});

/**
 * Written with a space, a metric's name may hold slashes, which a key escapes, and further spaces; where all is slashes the last one is
 * taken for it.
 */
function claimedPlace(metric: string): string {
  const end = metric.indexOf(' ');
  return end < 0 ? metric : placeOf(metric.slice(0, end), metric.slice(end + 1));
}

/** As a claim is written: a name with spaces stands behind a space itself, since the first one ends the namespace. */
function withSpace(place: string): string {
  const end = place.lastIndexOf('/');
  return place.includes(' ') && end > 0 ? `${place.slice(0, end)} ${place.slice(end + 1)}` : place;
}

/** The alarms and metrics that keys such as `aws-prod/alarm:api-5xx` name. */
function scopeFor(source: string, keys: readonly string[]): CloudWatchScope | undefined {
  const named = (kind: string) => {
    const start = `${source}/${kind}:`;
    return [...new Set(keys.filter((key) => key.startsWith(start)).map((key) => key.slice(start.length)))].filter((name) => name !== '');
  };
  const alarm_prefixes = named('alarm').map((name) => name.replace(/\*$/, ''));
  const metrics = named('metric').map(withSpace);
  if (alarm_prefixes.length + metrics.length === 0) return undefined;
  return { ...(alarm_prefixes.length > 0 && { alarm_prefixes }), ...(metrics.length > 0 && { metrics }) };
}
