import { type CheckReport, instantAt, SourceError } from '../../src/contract/index.ts';
import type { CloudWatch } from './client.ts';
import type { CloudWatchScope } from './config.ts';
import { lacksOperation } from './errors.ts';
import { reachOf } from './retention.ts';

type Check = CheckReport['checks'][number];

/** An hour that every account may be asked for: the permission is what is checked, not the values. */
const PROBE = { from: instantAt(Date.UTC(2024, 0, 1)), to: instantAt(Date.UTC(2024, 0, 1, 1)) } as const;
const PROBE_METRIC = { Namespace: 'AWS/Usage', MetricName: 'CallCount', Dimensions: [] } as const;

/** What goes without the call, where that is less than a whole draft. */
const USED_BY: Readonly<Record<string, string>> = {
  'cloudwatch:ListMetrics': '; only metrics of policy.impact_metrics that no alarm watches need it',
};

/** Makes each call that a pull makes, once and small. After refused credentials, or no answer at all, nothing else is asked. */
export async function check(client: CloudWatch, scopes: readonly CloudWatchScope[], signal: AbortSignal): Promise<CheckReport> {
  const checks: Check[] = [];
  for (const [action, ask] of Object.entries(callsOf(client, signal))) {
    const { made, isOver } = await tryCall(action, ask);
    const used = USED_BY[action];
    checks.push(made.ok || used === undefined ? made : { ...made, detail: `${made.detail}${used}`, extra: true });
    if (isOver) return { checks };
  }
  for (const prefix of new Set(scopes.flatMap(({ alarm_prefixes = [] }) => alarm_prefixes))) {
    checks.push(await findAlarms(client, prefix, signal));
  }
  const now = client.now();
  if (now) checks.push({ name: 'retention', ok: true, detail: reachOf(now) });
  const clockOffsetMs = client.clockOffsetMs();
  return { checks, ...(clockOffsetMs !== undefined && { clockOffsetMs }) };
}

/** By the IAM action that each call needs. */
function callsOf(client: CloudWatch, signal: AbortSignal): Readonly<Record<string, () => Promise<unknown>>> {
  return {
    'cloudwatch:DescribeAlarms': () => client.describeAlarms({ limit: 1 }, signal),
    'cloudwatch:DescribeAlarmHistory': () => client.alarmHistory({ limit: 1 }, signal),
    'cloudwatch:GetMetricData': () => {
      const MetricStat = { Metric: PROBE_METRIC, Period: 3_600, Stat: 'Sum' };
      return client.metricData({ queries: [{ Id: 'probe', MetricStat, ReturnData: true }], ...PROBE }, signal);
    },
    'cloudwatch:ListMetrics': () => client.listMetrics({ namespace: PROBE_METRIC.Namespace, name: PROBE_METRIC.MetricName }, signal),
  };
}

async function tryCall(name: string, ask: () => Promise<unknown>): Promise<{ readonly made: Check; readonly isOver: boolean }> {
  try {
    await ask();
    return { made: { name, ok: true, detail: 'permitted' }, isOver: false };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const detail = lacksOperation(error) ? `${error.message}: its part of a draft will be a gap` : error.message;
    return { made: { name, ok: false, detail }, isOver: error.reason === 'unauthorized' || error.isSilent };
  }
}

async function findAlarms(client: CloudWatch, prefix: string, signal: AbortSignal): Promise<Check> {
  const name = `alarms ${prefix}*`;
  try {
    const { items } = await client.describeAlarms({ prefix, limit: 1 }, signal);
    const detail = items.length > 0 ? 'found' : `no alarm in ${client.region} begins with ${prefix}: see alarm_prefixes`;
    return { name, ok: items.length > 0, detail };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return { name, ok: false, detail: error.message };
  }
}
