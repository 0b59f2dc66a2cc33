import type { World, WorldAlarm, WorldIncident } from '../world.ts';
import { incidentReference, integrationReference, serviceReference, triggerReference, webUrl } from './pagerduty-references.ts';
import { inZone } from './pagerduty-time.ts';

type WorldAlert = NonNullable<WorldIncident['alerts']>[number];

/** The alerts of one incident that exist by the world's now: a merge moves them to the incident that lives on, under their own service. */
export function alertsOf(world: World, incident: WorldIncident): readonly object[] {
  const now = Date.parse(world.now);
  const moved = world.pagerduty.incidents.filter((one) => one.merged_into === incident.id && isMerged(world, one));
  return (isMerged(world, incident) ? moved : [incident, ...moved]).flatMap(({ service, alerts = [] }) =>
    alerts.filter(({ at }) => Date.parse(at) <= now).map((alert) => alertOf(world, { ...incident, service }, alert)),
  );
}

function isMerged({ now }: World, { merged_into, log }: WorldIncident): boolean {
  return merged_into !== undefined && log.some(({ type, at }) => type === 'resolve' && Date.parse(at) <= Date.parse(now));
}

export function isResolved({ resolved_at }: WorldAlert, { now }: World): boolean {
  return resolved_at !== undefined && Date.parse(resolved_at) <= Date.parse(now);
}

function alertOf(world: World, incident: WorldIncident, alert: WorldAlert): object {
  const payload = alarmDetails(world, alert);
  const resolved = isResolved(alert, world);
  return {
    id: alert.id,
    type: 'alert',
    summary: subjectOf(world, alert),
    self: `https://api.pagerduty.com/incidents/${incident.id}/alerts/${alert.id}`,
    html_url: webUrl(world, `/alerts/${alert.id}`),
    created_at: inZone(alert.at, 'UTC'),
    status: resolved ? 'resolved' : 'triggered',
    resolved_at: resolved && alert.resolved_at ? inZone(alert.resolved_at, 'UTC') : null,
    alert_key: payload.details.AlarmArn,
    service: serviceReference(world, incident.service),
    body: { type: 'alert_body', contexts: [], ...payload },
    incident: incidentReference(world, incident),
    first_trigger_log_entry: triggerReference(world, incident),
    suppressed: false,
    severity: 'critical',
    integration: integrationReference(world, alert.integration, 'aws_cloudwatch_inbound_integration_reference'),
  };
}

/** What CloudWatch sends through SNS, as the integration keeps it: the time of the change in the `+0000` form, the region's long name. */
export function alarmDetails(world: World, alert: WorldAlert) {
  const { account, region, region_name, alarms } = world.cloudwatch;
  const alarm = alarms.find(({ name }) => name === alert.alarm);
  const change = alarm?.history.find(({ at }) => Date.parse(at) === Date.parse(alert.state_change_at));
  const details = {
    AlarmName: alert.alarm,
    AlarmDescription: alarm?.description ?? null,
    AWSAccountId: account,
    NewStateValue: 'ALARM',
    NewStateReason: 'Threshold Crossed',
    StateChangeTime: new Date(alert.state_change_at).toISOString().replace('Z', '+0000'),
    Region: region_name,
    AlarmArn: `arn:aws:cloudwatch:${region}:${account}:alarm:${alert.alarm}`,
    OldStateValue: change?.from ?? 'OK',
    Trigger: alarm ? triggerOf(world, alarm) : null,
  };
  const cef = {
    client: 'AWS Console',
    client_url: `https://console.aws.amazon.com/cloudwatch/home?region=${region}#alarm:alarmFilter=ANY;name=${encodeURIComponent(alert.alarm)}`,
    contexts: [],
    creation_time: null,
    dedup_key: details.AlarmArn,
    severity: 'critical',
    source_origin: null,
    event_class: null,
    details,
  };
  return { details, cef_details: cef };
}

function subjectOf({ cloudwatch }: World, { alarm }: WorldAlert): string {
  return `ALARM: "${alarm}" in ${cloudwatch.region_name}`;
}

function triggerOf({ cloudwatch }: World, alarm: WorldAlarm): object {
  const metric = cloudwatch.metrics.find(({ id }) => id === alarm.metric);
  return {
    MetricName: metric?.name ?? null,
    Namespace: metric?.namespace ?? null,
    StatisticType: 'Statistic',
    Statistic: (alarm.statistic ?? '').toUpperCase(),
    Unit: null,
    Dimensions: Object.entries(metric?.dimensions ?? {}).map(([name, value]) => ({ value, name })),
    Period: alarm.period,
    EvaluationPeriods: alarm.evaluation_periods,
    DatapointsToAlarm: alarm.datapoints_to_alarm,
    ComparisonOperator: alarm.comparison,
    Threshold: alarm.threshold,
    TreatMissingData: alarm.missing,
  };
}
